//! Checkouts in which a search for files would never end, or in which a file has no end.
//!
//! A watchdog ends a run that hangs, and its test fails.

use std::io::Read as _;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::project::Fixture;
use crate::run::Run;

/// Much longer than any of these runs takes.
const PATIENCE: Duration = Duration::from_secs(120);

/// Runs a command line, and ends it if it hangs.
#[track_caller]
fn run(fixture: &Fixture, line: &str) -> Run {
    let mut command = fixture.command(".", line);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    fixture.redacted(watched(child, line))
}

#[track_caller]
fn watched(mut child: Child, line: &str) -> Run {
    let (mut stdout, mut stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let read = thread::spawn(move || {
        let (mut out, mut err) = (String::new(), String::new());
        stdout.read_to_string(&mut out).unwrap();
        stderr.read_to_string(&mut err).unwrap();
        (out, err)
    });
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if start.elapsed() > PATIENCE {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("`{line}` hangs");
        }
        thread::sleep(Duration::from_millis(20));
    };
    let (stdout, stderr) = read.join().unwrap();
    Run { status: status.code(), stdout, stderr }
}

#[test]
fn a_pattern_for_the_whole_disk() {
    for pattern in ["/**/*", "../../**/*", "/**"] {
        let fixture = Fixture::exempted();
        let manifest = fixture.project.read("Cargo.toml");
        fixture
            .project
            .write("Cargo.toml", format!("{manifest}\n[workspace]\nmembers = [\"{pattern}\"]\n").as_bytes());
        let run = run(&fixture, "vet --locked");
        assert_eq!(run.status, Some(255), "{pattern}: {}", run.stdout);
        assert!(run.stderr.contains("error[VET0510]"), "{pattern}: {}", run.stderr);
    }
}

/// Showing a finding takes time proportional to the size of the file. Showing all of them would
/// take minutes.
#[test]
fn many_findings_about_a_long_file() {
    let fixture = Fixture::exempted();
    let config = format!("[imports.peer]\nurl = \"https://example.org\"\n\n{}", crate::project::EXEMPTIONS);
    let entry = |number: u32| {
        format!(
            "[[audits.peer.audits.d{number}]]\nwho = \"Ann\"\ncriteria = \"c{number}\"\nversion = \"1.0.0\"\n\n"
        )
    };
    fixture.project.store(&config, "", &(0..20_000).map(entry).collect::<String>());
    run(&fixture, "vet fmt");
    let run = run(&fixture, "vet --locked");
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    assert!(run.stderr.contains("19900 more warnings about the store are not shown"), "{}", run.stderr.len());
}

#[test]
fn many_mistakes_in_the_settings() {
    let fixture = Fixture::exempted();
    let names: String = (0..200_000).map(|number| format!("    \"x{number}\",\n")).collect();
    for (more, settings) in [
        (
            "599900 more problems of this file are not shown",
            format!("[graph]\nmembers = [\n{names}]\ntargets = [\n{names}]\nhosts = [\n{names}]\n"),
        ),
        (
            "599901 more problems of this file are not shown",
            format!("new = 1\n[graph]\nmembers = [\n{names}]\ntargets = [\n{names}]\nhosts = [\n{names}]\n"),
        ),
    ] {
        fixture.project.write("supply-chain/vet.toml", settings);
        let run = run(&fixture, "vet --locked");
        assert_eq!(run.status, Some(255), "{}", run.stderr.len());
        assert!(run.stderr.contains(more), "{}", run.stderr);
    }
}

#[cfg(unix)]
mod with_links {
    use std::os::unix::fs::symlink;
    use std::path::Path;

    use super::*;

    /// For cargo, each path through the links is another package. It would not end within a day.
    #[test]
    fn folders_without_end() {
        let fixture = Fixture::exempted();
        let folder = fixture.project.folder();
        symlink(".", folder.join("a")).unwrap();
        symlink(".", folder.join("b")).unwrap();
        let manifest = fixture.project.read("Cargo.toml");
        let more = "x = { path = \"a\", package = \"app\" }\ny = { path = \"b\", package = \"app\" }\n";
        fixture.project.write(
            "Cargo.toml",
            manifest.replacen("[dependencies]\n", &format!("[dependencies]\n{more}"), 1).as_bytes(),
        );
        for manifest in ["", "[workspace]\n", "[workspace]\nmembers = [\"**\"]\n"] {
            let whole = format!("{}\n{manifest}", fixture.project.read("Cargo.toml"));
            let fixture_manifest = fixture.project.read("Cargo.toml");
            fixture.project.write("Cargo.toml", whole.as_bytes());
            let run = run(&fixture, "vet --locked");
            assert_eq!(run.status, Some(255), "{}", run.stdout);
            assert!(run.stderr.contains("error[VET0510]"), "{manifest}: {}", run.stderr);
            fixture.project.write("Cargo.toml", fixture_manifest.as_bytes());
        }
    }

    /// Every file of a checkout and of the store.
    #[test]
    fn files_without_end() {
        for path in [
            "Cargo.toml",
            "Cargo.lock",
            ".cargo/config.toml",
            "vendor/alpha-1.0.0/.cargo-checksum.json",
            "vendor/alpha-1.0.0/Cargo.toml",
            "supply-chain/config.toml",
            "supply-chain/audits.toml",
            "supply-chain/imports.lock",
            "supply-chain/vet.toml",
        ] {
            for target in ["/dev/zero", "pipe"] {
                let fixture = Fixture::exempted();
                fixture.project.use_vendored();
                // The preparation of a run reads the files as they were.
                let mut command = fixture.command(".", "vet --locked");
                let link = fixture.project.folder().join(path);
                std::fs::create_dir_all(link.parent().unwrap()).unwrap();
                let _ = std::fs::remove_file(&link);
                if target == "pipe" {
                    let made = std::process::Command::new("mkfifo").arg(&link).status().unwrap();
                    assert!(made.success());
                } else {
                    symlink(Path::new(target), &link).unwrap();
                }
                // Cargo reads such files to their end, so it must not be asked here.
                command.env("CARGO", "/nowhere/cargo").stdout(Stdio::piped()).stderr(Stdio::piped());
                let run = watched(command.spawn().unwrap(), path);
                assert!(!run.stderr.contains("panic"), "{path} {target}: {}", run.stderr);
                // A configuration that is not a file is ignored, and vendored sources are not
                // needed here.
                let may_pass = path.starts_with("vendor") || path.starts_with(".cargo");
                assert!(may_pass || run.status == Some(255), "{path} {target}: {}{}", run.stdout, run.stderr);
            }
        }
    }
}
