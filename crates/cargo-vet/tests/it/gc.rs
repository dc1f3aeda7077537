//! `gc`, on caches that commands have filled.

use std::fs::{self, File};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use vet_testing::{Reply, TestServer};

use crate::project::Fixture;

/// The cache, after all files in it were made `days` days old.
fn aged(fixture: &Fixture, days: u32) -> PathBuf {
    let cache = fixture.canonical().join("cache/cargo-vet-rs");
    let time = SystemTime::now() - Duration::from_secs(24 * 60 * 60) * days;
    for folder in [cache.clone(), cache.join("http")] {
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        for file in files.filter(|path| path.is_file()) {
            File::options().write(true).open(file).unwrap().set_modified(time).unwrap();
        }
    }
    cache
}

/// A project whose cache contains its packages and an answer of the server.
fn filled(server: &TestServer) -> Fixture {
    let fixture = Fixture::exempted();
    fixture.project.write("sources.list", server.url("/audits.toml"));
    for line in ["vet --locked", "vet aggregate sources.list"] {
        assert_eq!(fixture.run(line).status, Some(0), "{line}");
    }
    fixture
}

#[test]
fn what_is_old_is_removed() {
    let server = TestServer::start(|asked| match asked.header("if-none-match") {
        Some(_) => Reply::status(304),
        None => Reply::ok("[audits]\n").header("etag", "\"1\""),
    });
    let fixture = filled(&server);
    let mut transcript = fixture.transcript(&["vet gc --verbose info"]);
    aged(&fixture, 31);
    transcript += &fixture.transcript(&[
        "vet gc --max-package-age-days 32",
        "vet gc --max-package-age-days 1e300",
        "vet gc --max-package-age-days inf -q",
        "vet gc --verbose info",
        "vet gc",
        "vet --locked",
    ]);
    // The server confirms the answer, which makes it new.
    fixture.run("vet aggregate sources.list");
    aged(&fixture, 31);
    fixture.run("vet aggregate sources.list");
    transcript += &fixture.transcript(&[
        "vet gc",
        "vet gc --max-package-age-days 0.0 --clean --verbose info",
        "vet gc --clean",
        "vet --locked",
    ]);
    let digest = |line: &str| match line.split_once("/http/") {
        Some((start, _)) => format!("{start}/http/[DIGEST]\n"),
        None => format!("{line}\n"),
    };
    insta::assert_snapshot!(transcript.lines().map(digest).collect::<String>());
}

#[test]
fn only_caches_are_touched() {
    let fixture = Fixture::exempted();
    let transcript = fixture.transcript(&[
        "vet gc --cache-dir .",
        "vet gc --clean --cache-dir .",
        "vet gc --clean --cache-dir Cargo.toml",
        "vet gc --clean --cache-dir . --output-format json",
        "vet gc --cache-dir nowhere",
        "vet gc --clean --cache-dir nowhere",
    ]);
    for file in ["Cargo.toml", "src/lib.rs", "supply-chain/config.toml"] {
        assert!(fixture.project.folder().join(file).exists(), "{file}");
    }
    assert!(!fixture.project.folder().join("nowhere").exists());
    insta::assert_snapshot!(transcript);
}
