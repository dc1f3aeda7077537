//! Where the answer goes, and what happens if it cannot be written.

use std::fs;
use std::process::Stdio;

use crate::run::{Run, binary, run};

/// Runs in a new folder that contains `old.txt`. Also returns the content of `out.txt`, if it
/// exists, and of `old.txt`.
fn run_with_files(line: &str) -> (Run, Option<String>, String) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("old.txt"),
        "what an earlier run wrote, which is longer than an error\n".repeat(9),
    )
    .unwrap();
    let run = run(&mut binary(folder.path(), line));
    let out = fs::read_to_string(folder.path().join("out.txt")).ok();
    (run, out, fs::read_to_string(folder.path().join("old.txt")).unwrap())
}

#[test]
fn the_answer_can_go_to_a_file() {
    let (expected, ..) = run_with_files("vet explain");
    let (run, out, _) = run_with_files("vet explain --output-file out.txt");
    assert_eq!((run.status, run.stdout.as_str(), run.stderr.as_str()), (Some(0), "", ""));
    assert_eq!(out.as_deref(), Some(expected.stdout.as_str()));

    let (_, _, old) = run_with_files("vet explain --output-file old.txt");
    assert_eq!(old, expected.stdout);
}

#[test]
fn a_command_that_fails_leaves_the_file_alone() {
    let (run, out, _) = run_with_files("vet trust a --locked --output-file out.txt");
    assert_eq!((run.status, run.stdout.as_str(), out), (Some(255), "", None));
    assert!(run.stderr.starts_with("error[VET0606]"), "{}", run.stderr);

    let (_, _, old) = run_with_files("vet trust a --locked --output-file old.txt");
    assert!(old.starts_with("what an earlier run wrote"), "{old}");
}

#[test]
fn an_error_in_json_is_the_answer() {
    let (run, ..) = run_with_files("vet trust a --locked --output-format json");
    assert_eq!((run.status, run.stderr.as_str()), (Some(255), ""));
    assert!(run.stdout.starts_with("{\"error\":") && run.stdout.ends_with("}\n"), "{}", run.stdout);

    let (to_file, _, old) = run_with_files("vet trust a --locked --output-format json --output-file old.txt");
    assert_eq!((to_file.status, to_file.stdout.as_str(), to_file.stderr.as_str()), (Some(255), "", ""));
    assert_eq!(old, run.stdout);
}

#[test]
fn notes_can_go_to_a_file() {
    let (run, out, _) = run_with_files("vet trust a --locked --log-file out.txt");
    assert_eq!((run.status, run.stdout.as_str(), run.stderr.as_str()), (Some(255), "", ""));
    assert!(out.unwrap().starts_with("error[VET0606]"));

    // An error on the command line changes no file.
    let (run, out, _) = run_with_files("vet suggest --log-file out.txt --frozen");
    assert_eq!((run.status, out), (Some(2), None));
    assert!(run.stderr.starts_with("error: "), "{}", run.stderr);
}

#[test]
fn files_that_cannot_be_written_are_named() {
    for format in ["human", "json"] {
        for (line, what) in [
            ("vet explain --output-file missing/out.txt", "output file `missing/out.txt`"),
            ("vet explain --output-file .", "output file `.`"),
            ("vet explain --log-file missing/log.txt", "log file `missing/log.txt`"),
            ("vet explain --log-file .", "log file `.`"),
        ] {
            let (run, ..) = run_with_files(&format!("{line} --output-format {format}"));
            assert_eq!((run.status, run.stdout.as_str()), (Some(255), ""), "{line}");
            let expected = format!("error[VET0504]: could not write the {what}: ");
            assert!(run.stderr.starts_with(&expected), "{line}: {}", run.stderr);
        }
    }
}

#[test]
fn verbosity_silences_what_it_says() {
    for (options, silent) in [
        ("", false),
        ("--verbose error", false),
        ("--verbose trace", false),
        ("--quiet", false),
        ("--verbose off", true),
    ] {
        let (run, ..) = run_with_files(&format!("vet trust a --locked {options}"));
        assert_eq!((run.status, run.stderr.is_empty()), (Some(255), silent), "{options}");
    }
    let (run, ..) = run_with_files("vet trust a --locked --verbose off --output-format json");
    assert!(run.stdout.starts_with("{\"error\":"), "{}", run.stdout);
}

/// Long and short answers, errors as answers, and help, with a reader that is gone before the first
/// byte.
#[test]
fn a_closed_pipe_is_no_error() {
    for (line, status) in [
        ("vet explain", 0),
        ("vet help-markdown", 0),
        ("vet completions bash", 0),
        ("vet check --help", 0),
        ("--version", 0),
        ("vet suggest", 255),
        ("vet trust a --locked --output-format json", 255),
        ("vet explain nonsense --output-format json", 255),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let with_stderr = run(binary(folder.path(), line).stdout(writer.try_clone().unwrap()));
        assert_eq!(with_stderr.status, Some(status), "{line}: {}", with_stderr.stderr);
        assert!(!with_stderr.stderr.contains("panic") && !with_stderr.stderr.contains("pipe"), "{line}");

        let child = binary(folder.path(), line).stdout(Stdio::null()).stderr(writer).status().unwrap();
        assert_eq!(child.code(), Some(status), "{line} without stderr");
    }
}

/// `cargo vet … | head -1`: the reader goes away in the middle.
#[test]
fn a_pipe_that_closes_in_the_middle_is_no_error() {
    use std::io::Read;
    let folder = tempfile::tempdir().unwrap();
    let mut child = binary(folder.path(), "vet help-markdown").stdout(Stdio::piped()).spawn().unwrap();
    let mut first = [0];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    for line in ["vet explain", "vet explain --output-file /dev/full"] {
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let run = run(binary(folder.path(), line).stdout(full));
        assert_eq!(run.status, Some(255), "{line}");
        assert!(run.stderr.starts_with("error[VET0504]: "), "{line}: {}", run.stderr);
    }
}
