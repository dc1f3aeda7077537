//! Colours appear where they are wanted, and nowhere else. No stream is a terminal here.

use std::fs;

use crate::project::Fixture;
use crate::run::{binary, run};

/// Whether stdout, stderr and the file `out.txt` contain escape sequences.
fn colored(line: &str, variables: &[(&str, &str)]) -> (bool, bool, bool) {
    let folder = tempfile::tempdir().unwrap();
    let run = run(binary(folder.path(), line).envs(variables.iter().copied()));
    let file = fs::read_to_string(folder.path().join("out.txt")).unwrap_or_default();
    let colored = |text: &str| text.contains('\u{1b}');
    (colored(&run.stdout), colored(&run.stderr), colored(&file))
}

const NOWHERE: (bool, bool, bool) = (false, false, false);
const STDOUT: (bool, bool, bool) = (true, false, false);
const STDERR: (bool, bool, bool) = (false, true, false);

#[test]
fn variables_and_options() {
    let force = ("CLICOLOR_FORCE", "1");
    let cases: &[(&str, &[(&str, &str)], _)] = &[
        // Errors of commands.
        ("vet suggest", &[], NOWHERE),
        ("vet suggest", &[("TERM", "xterm")], NOWHERE),
        ("vet suggest", &[("CLICOLOR", "1")], NOWHERE),
        ("vet suggest", &[force], STDERR),
        ("vet suggest", &[force, ("NO_COLOR", "1")], STDERR),
        ("vet suggest", &[("CLICOLOR_FORCE", "0")], NOWHERE),
        ("vet suggest --color always", &[], STDERR),
        ("vet suggest --color always", &[("NO_COLOR", "1")], STDERR),
        ("--color always vet suggest", &[], STDERR),
        ("vet --color=always suggest", &[], STDERR),
        ("vet suggest --color never", &[force], NOWHERE),
        ("vet suggest --color auto", &[force], STDERR),
        // Cargo's variable.
        ("vet suggest", &[("CARGO_TERM_COLOR", "always")], STDERR),
        ("vet suggest", &[("CARGO_TERM_COLOR", "always"), ("NO_COLOR", "1")], STDERR),
        ("vet suggest", &[("CARGO_TERM_COLOR", "never"), force], NOWHERE),
        ("vet suggest --color always", &[("CARGO_TERM_COLOR", "never")], STDERR),
        ("vet check -h", &[("CARGO_TERM_COLOR", "always")], STDOUT),
        // Files and JSON.
        ("vet suggest --color always --log-file out.txt", &[], NOWHERE),
        ("vet suggest --color always --output-format json", &[], NOWHERE),
        ("vet explain --color always --output-file out.txt", &[], NOWHERE),
        ("vet suggest --color always --output-format json --output-file out.txt", &[], NOWHERE),
        // Help, and errors on the command line.
        ("vet check -h", &[], NOWHERE),
        ("vet check -h", &[force], STDOUT),
        ("vet check -h --color always", &[], STDOUT),
        ("vet check -h --color never", &[force], NOWHERE),
        ("vet check --frozen", &[], NOWHERE),
        ("vet check --frozen", &[force], STDERR),
        ("vet check --frozen --color=always", &[], STDERR),
        ("vet check --nonsense --color never", &[force], NOWHERE),
    ];
    for (line, variables, expected) in cases {
        assert_eq!(colored(line, variables), *expected, "{line} {variables:?}");
    }
}

#[test]
fn the_verdict_has_a_colour() {
    let (passes, fails) = (Fixture::exempted(), Fixture::small());
    fails.project.store("", "", "");
    for (fixture, expected) in [
        (&passes, "\u{1b}[1m\u{1b}[32mVetting Succeeded\u{1b}[0m (3 exempted)\n"),
        (&fails, "\u{1b}[1m\u{1b}[31mVetting Failed!\u{1b}[0m\n"),
    ] {
        let colored = fixture.run("vet --locked --color always").stdout;
        assert!(colored.starts_with(expected), "{colored:?}");
        assert!(!fixture.run("vet --locked").stdout.contains('\u{1b}'));
    }
}
