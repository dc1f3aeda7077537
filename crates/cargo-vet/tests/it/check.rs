//! `check` on real files.

use crate::project::{EXEMPTIONS, Fixture};

const AUDITS: &str = "\
[[audits.alpha]]
who = \"Alice <alice@example.org>\"
criteria = \"safe-to-deploy\"
version = \"1.0.0\"

[[audits.beta]]
who = \"Alice <alice@example.org>\"
criteria = \"safe-to-deploy\"
delta = \"1.1.0 -> 1.2.0\"
";

fn audited(fixture: &Fixture) {
    fixture.project.store(
        "[[exemptions.beta]]\nversion = \"1.1.0\"\ncriteria = \"safe-to-deploy\"\n\n\
         [[exemptions.gamma]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-run\"\n",
        AUDITS,
        "",
    );
}

#[test]
fn success() {
    let fixture = Fixture::small();
    audited(&fixture);
    let transcript = fixture.transcript(&[
        "vet --locked",
        "vet check --locked --frozen",
        "vet --locked check",
        "vet --locked --output-format json",
        "vet --locked --verbose info",
        "vet --locked --filter-graph exclude(name(gamma))",
        "vet --locked --filter-graph exclude(is_root(true))",
        "vet --locked --filter-graph exclude(eq(name(gamma)))",
    ]);
    insta::assert_snapshot!(transcript);
}

#[test]
fn failures() {
    let fixture = Fixture::small();
    fixture.project.store("", AUDITS, "");
    let transcript = fixture.transcript(&["vet --locked", "vet --locked --output-format json"]);
    insta::assert_snapshot!(transcript);
}

#[test]
fn violations() {
    let fixture = Fixture::exempted();
    let violation = "[[audits.alpha]]\nwho = \"Bob\"\ncriteria = \"safe-to-run\"\nviolation = \"<2\"\nnotes = \"Broken.\"\n";
    fixture.project.store(EXEMPTIONS, violation, "");
    let transcript = fixture.transcript(&["vet --locked", "vet --locked --output-format json"]);
    insta::assert_snapshot!(transcript);
}

#[test]
fn policies_that_do_not_fit() {
    let fixture = Fixture::small();
    let policies = "[policy.alpha]\ncriteria = []\n\n[policy.\"beta:9.9.9\".dependency-criteria]\nalpha = []\n\n\
                    [policy.ghost]\ncriteria = []\n\n";
    fixture.project.store(&format!("{policies}{EXEMPTIONS}"), "", "");
    // The inline form.
    fixture.run("vet fmt");
    let transcript = fixture.transcript(&["vet --locked", "vet --locked --output-format json"]);
    insta::assert_snapshot!(transcript);
}

#[test]
fn no_third_party_packages() {
    let fixture = Fixture::new();
    fixture.project.package(".", "app", "").lock("app 0.0.7").store("", "", "");
    assert_eq!(
        fixture.run("vet --locked").stdout,
        "Vetting Succeeded (because you have no third-party dependencies)\n"
    );
}

/// Nothing is written, file times stay the same, and a read-only folder is sufficient.
#[test]
fn a_check_writes_nothing() {
    let fixture = Fixture::exempted();
    let folder = fixture.project.folder().join("supply-chain");
    let times = || -> Vec<_> {
        let mut files: Vec<_> = folder.read_dir().unwrap().map(|file| file.unwrap()).collect();
        files.sort_by_key(std::fs::DirEntry::file_name);
        files.iter().map(|file| (file.file_name(), file.metadata().unwrap().modified().unwrap())).collect()
    };
    let before = (times(), fixture.store());
    assert_eq!(fixture.run("vet --locked").status, Some(0));
    assert_eq!((times(), fixture.store()), before);
    let set_writable = |writable: bool| {
        for path in [folder.join("config.toml"), folder.join("audits.toml"), folder.clone()] {
            let mut permissions = path.metadata().unwrap().permissions();
            permissions.set_readonly(!writable);
            #[cfg(unix)]
            if writable {
                std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o755);
            }
            std::fs::set_permissions(&path, permissions).unwrap();
        }
    };
    set_writable(false);
    assert_eq!(fixture.run("vet --locked").status, Some(0));
    set_writable(true);
}

#[test]
fn the_store_is_found_from_anywhere() {
    let fixture = Fixture::exempted();
    let ok = Some(0);
    assert_eq!(fixture.run_in("src", "vet --locked").status, ok);
    assert_eq!(fixture.run_in("vendor", "vet --locked --manifest-path ../Cargo.toml").status, ok);
    assert_eq!(fixture.run_in("src", "vet --locked --store-path ../supply-chain").status, ok);
    assert_eq!(fixture.run("vet --locked --store-path nowhere").status, Some(255));

    // A path in a manifest is relative to the manifest.
    let manifest = fixture.project.read("Cargo.toml");
    let metadata = "[package.metadata.vet]\nstore = { path = \"audits/here\" }\n";
    fixture.project.write("Cargo.toml", format!("{manifest}{metadata}"));
    std::fs::create_dir(fixture.project.folder().join("audits")).unwrap();
    std::fs::rename(
        fixture.project.folder().join("supply-chain"),
        fixture.project.folder().join("audits/here"),
    )
    .unwrap();
    for folder in [".", "src", "vendor/alpha-1.0.0/../.."] {
        assert_eq!(fixture.run_in(folder, "vet --locked").status, ok, "{folder}");
    }
}

/// Cargo is asked when only cargo knows the answer, and the reason is shown.
#[test]
fn cargo_is_asked_where_it_must_be() {
    let fixture = Fixture::exempted();
    let asks = |line: &str, why: &str| {
        let run = fixture.run(line);
        assert!(run.stderr.contains("asking cargo"), "{line}: {}", run.stderr);
        assert!(run.stderr.contains(why), "{line}: {}", run.stderr);
        assert_eq!(run.stdout, "Vetting Succeeded (3 exempted)\n", "{line}: {}", run.stderr);
    };
    let run = fixture.run("vet --locked --verbose info");
    assert!(run.stderr.contains("without cargo"), "{}", run.stderr);
    fixture.project.use_vendored();
    // Nothing on this machine proves that cargo accepts the vendored sources.
    asks("vet --locked --frozen --verbose info", "the vendored sources of `alpha 1.0.0`");
    asks("vet --locked --frozen --verbose info --no-all-features", "`--no-all-features`");
    asks("vet --locked --frozen --verbose info --cargo-arg=--quiet", "`--cargo-arg`");
    fixture.project.write(".cargo/config.toml", "");
    let manifest = fixture.project.read("Cargo.toml");
    fixture.project.write("Cargo.toml", manifest.replace("gamma = \"1\"", "gamma = \"=1\""));
    let run = fixture.run("vet --locked --frozen --verbose info");
    assert!(run.stderr.contains("without cargo"), "{}", run.stderr);
}

/// A lock file that is out of date is not checked: the build would not use it.
#[test]
fn a_lock_file_that_does_not_fit() {
    for (from, to, says) in [
        ("beta = \"1\"", "beta = \"1\"\ndelta = \"1\"", "`app` depends on `delta ^1`, which is not locked"),
        ("beta = \"1\"", "beta = \"1.3\"", "`app` depends on `beta ^1.3`, which is not locked"),
        ("beta = \"1\"\n", "", "`beta` is locked as a dependency of `app`, which does not request it"),
        ("0.0.7", "0.2.0", "the member `app 0.2.0` is not locked"),
        ("edition", "metadata.x = 1\nedition", ""),
        (
            "[dependencies]",
            "[patch.crates-io]\nbeta = { path = \"beta\" }\n[dependencies]",
            "the patch of `beta` is not locked",
        ),
    ] {
        let fixture = Fixture::exempted();
        fixture.project.package("beta", "beta", "").vendor("delta 1.0.0", "", "src/lib.rs");
        let manifest = fixture.project.read("Cargo.toml");
        assert!(manifest.contains(from), "{from}");
        fixture.project.write("Cargo.toml", manifest.replacen(from, to, 1));
        let run = fixture.run("vet --locked --frozen --verbose info");
        if says.is_empty() {
            assert_eq!(run.status, Some(0), "{to}: {}", run.stderr);
            continue;
        }
        assert!(run.stderr.contains(says), "{to}: {}", run.stderr);
        assert!(run.stderr.contains("asking cargo"), "{to}: {}", run.stderr);
    }
}

/// Sources that do not exist anywhere: possible dependencies count as dependencies, and if that
/// suffices, nothing else is asked.
#[test]
fn sources_that_were_never_here() {
    let fixture = Fixture::exempted();
    fixture.without_sources();
    for options in ["--locked", "--locked --frozen"] {
        let run = fixture.run(&format!("vet {options} --verbose info"));
        assert_eq!(run.stdout, "Vetting Succeeded (3 exempted)\n", "{}", run.stderr);
        assert!(run.stderr.contains("for a start they count as libraries"), "{}", run.stderr);
        assert!(!run.stderr.contains("asking cargo"), "{}", run.stderr);
    }
}

/// Before a check fails, cargo is asked. Here it cannot fetch the sources.
#[test]
fn sources_out_of_reach() {
    let fixture = Fixture::exempted();
    fixture.without_sources();
    let config = fixture.project.read("supply-chain/config.toml");
    let (config, _) = config.split_once("\n[[exemptions.").unwrap();
    fixture.project.write("supply-chain/config.toml", config);
    // Without the network, cargo was not expected to answer, so it is asked again.
    for _ in 0..2 {
        let frozen = fixture.run("vet --locked --frozen --verbose info");
        assert!(frozen.stderr.contains("asking cargo"), "{}", frozen.stderr);
    }
    let first = fixture.run("vet --locked --verbose info");
    assert!(first.stdout.starts_with("Vetting Failed!\n\n3 unvetted"), "{} {}", first.stdout, first.stderr);
    assert!(first.stderr.contains("asking cargo"), "{}", first.stderr);
    assert!(first.stderr.contains("cargo could not answer either"), "{}", first.stderr);
    let second = fixture.run("vet --locked --verbose info");
    assert!(!second.stderr.contains("asking cargo"), "{}", second.stderr);
    insta::assert_snapshot!(second.transcript("vet --locked --verbose info"));
}
