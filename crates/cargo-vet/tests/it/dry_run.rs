//! `--dry-run`: changes are shown, and nothing is changed.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::SystemTime;

use vet_testing::{Reply, TestServer};

use crate::project::{EXEMPTIONS, Fixture};
use crate::run::{Run, run, transcript};

/// The content of a folder: paths, modification times and bytes.
fn files(folder: &Path) -> Vec<(String, SystemTime, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inner) = folders.pop() {
        files.push((inner.display().to_string(), inner.metadata().unwrap().modified().unwrap(), Vec::new()));
        for entry in inner.read_dir().unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => {
                    let time = path.metadata().unwrap().modified().unwrap();
                    files.push((path.display().to_string(), time, fs::read(&path).unwrap()));
                }
            }
        }
    }
    files.sort();
    files
}

/// Runs a command line with `--dry-run`, and checks that nothing changes in the project.
fn dry(fixture: &Fixture, line: &str) -> Run {
    let before = files(fixture.project.folder());
    let run = fixture.run(&format!("{line} --dry-run"));
    assert!(files(fixture.project.folder()) == before, "{line} changed something");
    run
}

fn dry_transcript(fixture: &Fixture, lines: &[&str]) -> String {
    lines.iter().map(|line| dry(fixture, line).transcript(&format!("{line} --dry-run"))).collect()
}

/// A project in which every command has something to change.
fn untidy() -> Fixture {
    let fixture = Fixture::small();
    fixture.project.store(
        "[[exemptions.alpha]]\nversion = \"0.9.0\"\ncriteria = \"safe-to-deploy\"\n\n\
         [[exemptions.alpha]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-deploy\"\n\n\
         [[exemptions.beta]]\nversion = \"1.2.0\"\ncriteria = \"safe-to-deploy\"\n\n\
         [[exemptions.gamma]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-deploy\"\n",
        "[[wildcard-audits.gamma]]\ncriteria = \"safe-to-run\"\nuser-id = 7\nstart = \"2020-01-01\"\nend = \"2026-12-01\"\n\n\
         [[audits.alpha]]\nwho = \"Bob\"\ncriteria = \"safe-to-deploy\"\nversion = \"1.0.0\"\n\n\
         [[audits.beta]]\nwho = \"Bob\"\ncriteria = \"safe-to-deploy\"\nversion = \"1.1.0\"\nimportable = false\n",
        "",
    );
    fixture
}

const LINES: &[&str] = &[
    "vet prune --locked",
    "vet regenerate exemptions --locked",
    "vet add-exemption alpha 3.0.0 --criteria safe-to-run",
    "vet add-exemption nowhere 1.0.0 --force",
    "vet record-violation alpha <0.5 --who Alice --notes Broken.",
    "vet renew gamma --locked --current-time 2026-11-23T00:00:00Z",
];

#[test]
fn changes_are_shown() {
    let fixture = untidy();
    let mut transcript = dry_transcript(&fixture, LINES);
    transcript += &dry_transcript(
        &fixture,
        &[
            "vet prune --locked -q",
            "vet prune --locked --output-format json",
            "vet fmt",
            "vet fmt --output-format json",
            "vet check --locked",
            "vet renew gamma --locked -q --current-time 2026-11-23T00:00:00Z",
            "vet add-exemption alpha 4.0.0 --criteria safe-to-ru",
        ],
    );
    insta::assert_snapshot!(transcript);
}

#[test]
fn a_new_store_is_shown() {
    let fixture = Fixture::small();
    insta::assert_snapshot!(dry_transcript(
        &fixture,
        &["vet init --locked --frozen", "vet init --locked --frozen --store-path a/b"]
    ));
    assert_eq!(fixture.run("vet init --locked --frozen").status, Some(0));
    assert_eq!(dry(&fixture, "vet init --locked --frozen").status, Some(255));
}

/// The patch is exact about carriage returns and a missing final line feed.
#[test]
fn an_untidy_file_is_shown() {
    let fixture = Fixture::exempted();
    let config = fixture.project.read("supply-chain/config.toml").replace('\n', "\r\n");
    fixture.project.write("supply-chain/config.toml", config.trim_end());
    assert_patch(&fixture, ".", "vet fmt");
}

/// The patch changes the store in the same way as the command.
#[test]
fn a_patch_can_be_applied() {
    for line in LINES.iter().copied().filter(|line| !line.contains("renew")) {
        assert_patch(&untidy(), ".", line);
    }
    let fixture = untidy();
    fixture.project.write("src/folder/x", "");
    // The store is not below this folder, so the paths start at the workspace.
    assert_patch(&fixture, "src/folder", "vet prune --locked");
    assert_patch(&Fixture::small(), ".", "vet init --locked --frozen");
    assert_patch(&Fixture::small(), ".", "vet init --locked --frozen --store-path ./b/c");
    assert_patch(&Fixture::small(), "src", "vet init --locked --frozen --store-path here");
}

/// Applies the patch of a command, and compares the result with that of the command.
fn assert_patch(fixture: &Fixture, folder: &str, line: &str) {
    let shown = run(&mut fixture.command(folder, &format!("{line} --dry-run --output-file ../patch")));
    // The file is outside the project, so that it is not part of it.
    let patch = fixture.project.folder().join(folder).join("../patch");
    assert_eq!(shown.status, Some(0), "{line}: {}", shown.stderr);
    let text = fs::read_to_string(&patch).unwrap();
    assert!(text.starts_with("--- "), "{line}: {text}");
    fs::remove_file(&patch).unwrap();
    let start = if text.contains(" b/here/") { folder } else { "." };
    for program in [&["git", "apply"][..], &["patch", "-p1", "-s"]] {
        let copy = tempfile::tempdir().unwrap();
        copy_folder(fixture.project.folder(), copy.path());
        let file = copy.path().join("the.patch");
        fs::write(&file, &text).unwrap();
        let mut command = Command::new(program[0]);
        command
            .args(&program[1..])
            .current_dir(copy.path().join(start))
            .env("GIT_CEILING_DIRECTORIES", copy.path().parent().unwrap())
            .env("GIT_CONFIG_GLOBAL", copy.path().join("no-such-file"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .stdin(Stdio::from(fs::File::open(&file).unwrap()));
        let Ok(output) = command.output() else { continue };
        assert!(output.status.success(), "{program:?} {line}: {output:?}\n{text}");
        fs::remove_file(file).unwrap();

        let written = tempfile::tempdir().unwrap();
        copy_folder(fixture.project.folder(), written.path());
        let done = run(fixture.command(".", line).current_dir(written.path().join(folder)));
        assert_eq!(done.status, Some(0), "{line}: {}", done.stderr);
        let contents = |folder: &Path| -> Vec<(String, Vec<u8>)> {
            let root = folder.display().to_string();
            let files = files(folder).into_iter();
            files.map(|(path, _, bytes)| (path.replacen(&root, "", 1), bytes)).collect()
        };
        assert!(contents(copy.path()) == contents(written.path()), "{program:?} {line}\n{text}");
    }
}

fn copy_folder(from: &Path, to: &Path) {
    for entry in from.read_dir().unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        match path.is_dir() {
            true => {
                fs::create_dir(&to).unwrap();
                copy_folder(&path, &to);
            }
            false => drop(fs::copy(&path, &to).unwrap()),
        }
    }
}

/// Commands that use the network do so, and write nothing either.
#[test]
fn with_the_network() {
    let server = TestServer::start(|asked| match asked.path.as_str() {
        "/audits.toml" => Reply::ok(
            "[[audits.alpha]]\nwho = \"Eve \u{202e}\"\ncriteria = \"safe-to-deploy\"\nversion = \"1.0.0\"\n",
        ),
        "/index/config.json" => {
            let host = asked.header("host").unwrap_or_default();
            Reply::ok(format!("{{\"dl\": \"x\", \"api\": \"http://{host}\"}}"))
        }
        "/api/v1/crates/alpha" => Reply::ok(
            "{\"versions\": [{\"num\": \"1.0.0\", \"created_at\": \"2020-05-01T00:00:00Z\", \
             \"published_by\": {\"id\": 1, \"login\": \"ann\"}}]}",
        ),
        // A package of the project that crates.io has, too.
        "/index/3/a/app" => Reply::ok("{\"vers\": \"0.0.5\"}\n"),
        "/api/v1/crates/app" => Reply::ok(
            "{\"crate\": {\"description\": \"Ours.\"}, \"versions\": [{\"num\": \"0.0.5\", \
             \"created_at\": \"2020-05-01T00:00:00Z\"}]}",
        ),
        "/index/al/ph/alpha" => Reply::ok("{\"vers\": \"1.0.0\"}\n"),
        _ => Reply::status(404),
    });
    let audits = server.url("/audits.toml");
    let mut fixture = Fixture::exempted();
    let mirror = format!(
        "[source.crates-io]\nreplace-with = \"mirror\"\n[registries.mirror]\nindex = \"sparse+{}\"\n",
        server.url("/index/")
    );
    fixture.write_of_user("cargo-home/config.toml", &mirror);
    fixture.project.write(".cargo/config.toml", "");
    fixture.index = format!("sparse+{}", server.url("/index/"));
    let shown = |line: &str| {
        let run = dry(&fixture, line);
        run.transcript(&format!("{line} --dry-run")).replace(&server.url("/"), "[SERVER]/")
    };
    let mut transcript = shown(&format!("vet import acme {audits}"));
    fixture.project.store(&format!("[imports.acme]\nurl = \"{audits}\"\n\n{EXEMPTIONS}"), "", "");
    for line in ["vet prune", "vet check", "vet check --output-format json", "vet regenerate imports"] {
        transcript += &shown(line);
    }
    fixture.project.store("[policy.app]\naudit-as-crates-io = true\n", "", "");
    for line in [
        "vet regenerate unpublished",
        "vet regenerate audit-as-crates-io",
        "vet trust alpha ann --criteria safe-to-deploy --current-time 2026-11-23T00:00:00Z",
        "vet trust alpha bob --criteria safe-to-deploy",
    ] {
        transcript += &shown(line);
    }
    insta::assert_snapshot!(transcript);
}

#[test]
fn commands_that_change_nothing_refuse_it() {
    insta::assert_snapshot!(transcript(&[
        "vet suggest --dry-run",
        "vet --dry-run dump-graph",
        "vet aggregate x --dry-run",
        "vet explain-audit a --dry-run",
        "vet explain --dry-run",
        "vet completions bash --dry-run",
        "vet inspect a 1.0.0 --dry-run",
        "vet next --dry-run",
    ]));
}

#[test]
fn the_cache_is_looked_at() {
    let fixture = Fixture::exempted();
    assert_eq!(fixture.run("vet --locked").status, Some(0));
    let cache = fixture.canonical().join("cache");
    let before = files(&cache);
    let mut transcript = String::new();
    for line in
        ["vet gc --dry-run", "vet gc --clean --dry-run", "vet gc --clean --dry-run --output-format json"]
    {
        transcript += &fixture.run(line).transcript(line);
    }
    assert!(files(&cache) == before);
    insta::assert_snapshot!(transcript);
}
