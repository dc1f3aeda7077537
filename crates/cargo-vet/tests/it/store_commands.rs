//! Commands that create or change a store, on real files.

use crate::project::Fixture;

/// The output of command lines, and the content of the store after each.
fn changes(fixture: &Fixture, lines: &[&str]) -> String {
    let mut transcript = String::new();
    let mut before = fixture.store();
    for line in lines {
        transcript += fixture.run(line).transcript(line).trim_end();
        let after = fixture.store();
        for ((file, text), (_, old)) in after.iter().zip(&before) {
            if text != old {
                transcript += &format!("\n--- {file}\n{text}");
            }
        }
        transcript += "\n\n";
        before = after;
    }
    transcript
}

#[test]
fn init() {
    let fixture = Fixture::small();
    insta::assert_snapshot!(changes(
        &fixture,
        &["vet --locked", "vet init --locked --frozen", "vet --locked", "vet init --locked --frozen"]
    ));
}

#[test]
fn init_in_a_folder_below_folders_that_do_not_exist() {
    let fixture = Fixture::small();
    assert_eq!(fixture.run("vet init --store-path a/b/c -q --locked --frozen").stderr, "");
    assert_eq!(fixture.run("vet --locked --store-path a/b/c").status, Some(0));
}

/// A store that cannot be created leaves nothing behind.
#[test]
fn an_init_that_fails_leaves_nothing() {
    let fixture = Fixture::small();
    fixture.project.write("Cargo.lock", "version = 99\n");
    assert_eq!(fixture.run("vet init").status, Some(255));
    assert!(!fixture.project.folder().join("supply-chain").exists());
}

#[test]
fn fmt() {
    let fixture = Fixture::small();
    fixture.project.write(
        "supply-chain/config.toml",
        "# Our configuration.\n[cargo-vet]\nversion = '0.9'\n[[unaudited.gamma]]\ncriteria = ['safe-to-run']\n\
         version = '1.0.0'\n[[unaudited.alpha]]\nversion = '1.0.0' # for now\ncriteria = 'safe-to-deploy'\n",
    );
    fixture
        .project
        .write("supply-chain/audits.toml", "[audits]\nbeta = [{ version = '1.2.0', criteria = [] }]\n");
    fixture.project.write("supply-chain/imports.lock", "");
    insta::assert_snapshot!(changes(
        &fixture,
        &["vet fmt --locked", "vet fmt", "vet fmt --locked", "vet fmt", "vet fmt -q"]
    ));
}

#[test]
fn add_exemption() {
    let fixture = Fixture::exempted();
    insta::assert_snapshot!(changes(
        &fixture,
        &[
            "vet add-exemption alpha 2.0.0",
            "vet add-exemption alpha 3.0.0 --criteria safe-to-run --no-suggest --notes because",
            "vet add-exemption alpha 4.0.0 --criteria safe-to-ru",
            "vet add-exemption app 1.0.0",
            "vet add-exemption nowhere 1.0.0",
            "vet add-exemption nowhere 1.0.0 --force --quiet",
        ]
    ));
}

#[test]
fn record_violation() {
    let fixture = Fixture::exempted();
    insta::assert_snapshot!(changes(
        &fixture,
        &[
            "vet record-violation alpha <0.9 --who Alice --who Bob --notes Broken.",
            "vet record-violation alpha 2 --criteria nonsense --criteria safe-to-deploy --who Alice",
            "vet record-violation app 2 --who Alice",
            "vet record-violation app 2",
            "vet --locked",
        ]
    ));
    std::fs::write(
        fixture.canonical().join("gitconfig"),
        "[user]\nname = Alice Auditor\nemail = alice@example.org\n",
    )
    .unwrap();
    assert_eq!(fixture.run("vet record-violation beta =9.0.0").status, Some(0));
    assert!(fixture.store()[1].1.contains("who = \"Alice Auditor <alice@example.org>\""));
}

#[test]
fn regenerate_exemptions() {
    let fixture = Fixture::small();
    fixture.project.store(
        "[[exemptions.alpha]]\nversion = \"0.9.0\"\ncriteria = \"safe-to-deploy\"\n\n\
         [[exemptions.beta]]\nversion = \"1.2.0\"\ncriteria = \"safe-to-run\"\nnotes = \"Kept.\"\n\n\
         [[exemptions.nowhere]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-run\"\n",
        "",
        "",
    );
    insta::assert_snapshot!(changes(
        &fixture,
        &[
            "vet --locked",
            "vet regenerate exemptions --locked",
            "vet --locked",
            "vet regenerate --locked exemptions"
        ]
    ));
}

#[test]
fn prune() {
    let fixture = Fixture::small();
    fixture.project.store(
        "[[exemptions.alpha]]\nversion = \"0.9.0\"\ncriteria = \"safe-to-deploy\"\n\n\
         [[exemptions.alpha]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-deploy\"\n\n\
         [[exemptions.beta]]\nversion = \"1.2.0\"\ncriteria = \"safe-to-deploy\"\n\n\
         [[exemptions.gamma]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-deploy\"\n",
        "[[audits.alpha]]\ncriteria = \"safe-to-deploy\"\nversion = \"1.0.0\"\n\n\
         [[audits.beta]]\ncriteria = \"safe-to-deploy\"\nversion = \"1.1.0\"\nimportable = false\n",
        "",
    );
    insta::assert_snapshot!(changes(
        &fixture,
        &[
            "vet prune --locked --no-exemptions --no-audits",
            "vet prune --locked --no-exemptions",
            "vet prune --locked",
            "vet prune --locked",
            "vet --locked",
        ]
    ));
}

#[test]
fn renew() {
    let fixture = Fixture::exempted();
    let entry = |name: &str, publisher: &str, end: &str| {
        format!(
            "[[wildcard-audits.{name}]]\ncriteria = \"safe-to-run\"\n{publisher}\nstart = \"2020-01-01\"\nend = \"{end}\"\n"
        )
    };
    let entries = [
        entry("alpha", "user-id = 7", "2026-12-01"),
        entry("alpha", "user-id = 8", "2026-12-01") + "renew = false\n",
        entry("alpha", "trusted-publisher = \"github:a/b\"", "2027-06-01"),
        entry("beta", "user-id = 7", "2026-01-01"),
        entry("gamma", "user-id = 7", "2026-01-01") + "renew = false\n",
        entry("late", "user-id = 7", "2027-01-03"),
        entry("later", "user-id = 7", "2027-01-04"),
    ];
    fixture.project.store(crate::project::EXEMPTIONS, &format!("{}\n[audits]\n", entries.join("\n")), "");
    let lines = [
        "vet renew gamma --locked",
        "vet renew nowhere --locked",
        "vet renew later --locked",
        "vet renew --expiring --locked",
        "vet renew --expiring --locked --include-inactive",
        "vet renew --expiring --locked --verbose info",
        "vet renew alpha --locked -q",
    ];
    let lines = lines.map(|line| format!("{line} --current-time 2026-11-23T00:00:00Z"));
    insta::assert_snapshot!(changes(&fixture, &lines.each_ref().map(String::as_str)));
}

#[test]
fn explain_audit() {
    let fixture = Fixture::exempted();
    fixture.project.store(
        "[[exemptions.alpha]]\nversion = \"0.9.0\"\ncriteria = \"safe-to-deploy\"\n",
        "[[audits.alpha]]\nwho = [\"Bob\", \"Alice\"]\ncriteria = \"safe-to-deploy\"\ndelta = \"0.9.0 -> 1.0.0\"\n",
        "",
    );
    insta::assert_snapshot!(fixture.transcript(&[
        "vet explain-audit alpha --locked",
        "vet explain-audit alpha 1.0.0 safe-to-run --locked",
        "vet explain-audit alpha 1.0.1 --locked",
        "vet explain-audit beta --locked",
        "vet explain-audit bteta --locked",
        "vet explain-audit nowhere --locked",
        "vet explain-audit alpha 1.0.0 safe-to-deplo --locked",
    ]));
}

#[test]
fn dump_graph() {
    let fixture = Fixture::small();
    insta::assert_snapshot!(fixture.transcript(&[
        "vet dump-graph",
        "vet dump-graph --depth full",
        "vet dump-graph --depth roots --filter-graph exclude(name(beta))",
        "vet dump-graph --output-format json",
    ]));
}

/// An optional dependency that is not enabled, of a crate that is also a build dependency.
#[test]
fn dump_graph_of_an_optional_dependency_that_builds() {
    let optional = "version = { version = \"1\", optional = true }\n[build-dependencies]\nversion = \"1\"\n";
    for (features, kinds) in [("", "[] [2]"), (", features = [\"version\"]", "[2] [2]")] {
        let fixture = Fixture::new();
        fixture
            .project
            .package(".", "app", &format!("[dependencies]\nencoding = {{ version = \"1\"{features} }}\n"))
            .vendor("encoding 1.0.0", &format!("[dependencies]\n{optional}"), "src/lib.rs")
            .vendor("version 1.0.0", "", "src/lib.rs")
            .lock("app 0.0.7 -> encoding\n+encoding 1.0.0 -> version\n+version 1.0.0");
        // Without cargo, and with it.
        for option in ["", " --no-default-features"] {
            if !option.is_empty() {
                fixture.project.use_vendored();
            }
            let run = fixture.run(&format!(
                "vet dump-graph --depth full --output-format json --locked --verbose info{option}"
            ));
            assert_eq!(run.stderr.contains("asking cargo"), !option.is_empty(), "{}", run.stderr);
            let graph: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
            let encoding =
                graph.as_array().unwrap().iter().find(|package| package["name"] == "encoding").unwrap();
            assert_eq!(format!("{} {}", encoding["normal_deps"], encoding["build_deps"]), kinds, "{option}");
        }
    }
}

/// All files are written or none, even if a later one cannot be written.
#[cfg(unix)]
#[test]
fn nothing_is_written_if_something_cannot_be() {
    let fixture = Fixture::exempted();
    let path = fixture.project.folder().join("supply-chain/config.toml");
    let before = fixture.store();
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    let run = fixture.run("vet add-exemption alpha 9.0.0 --force");
    assert_eq!(run.status, Some(255), "{}", run.stderr);
    std::fs::remove_dir(&path).unwrap();
    std::fs::write(&path, &before[0].1).unwrap();
    assert_eq!(fixture.store(), before);
}

/// A process that has to wait says so, with or without a terminal, and continues afterwards.
#[test]
fn waiting_is_announced() {
    use std::io::{BufRead, BufReader, Read};
    use std::process::Stdio;

    let fixture = Fixture::exempted();
    let path = fixture.project.folder().join("supply-chain/config.toml");
    for (line, ours_is_shared, says) in [
        ("vet add-exemption alpha 8.0.0 --force", true, "note: config.toml changed: 1 exemption added\n"),
        ("vet --locked", false, ""),
    ] {
        let lock = std::fs::File::options().read(true).write(true).open(&path).unwrap();
        if ours_is_shared {
            lock.lock_shared().unwrap()
        } else {
            lock.lock().unwrap()
        }
        let mut child =
            fixture.command(".", line).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut first = String::new();
        stderr.read_line(&mut first).unwrap();
        assert_eq!(first, "note: waiting for another process that uses the store\n", "{line}");
        lock.unlock().unwrap();
        let mut rest = String::new();
        stderr.read_to_string(&mut rest).unwrap();
        assert_eq!((child.wait().unwrap().code(), rest.as_str()), (Some(0), says), "{line}");
    }
}
