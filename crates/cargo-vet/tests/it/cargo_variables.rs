//! Cargo's variables about the terminal are honoured as in cargo.

use crate::project::Fixture;
use crate::run::{Run, run};

type Variables = [(&'static str, &'static str)];

/// A run that has something to note and to inform about.
fn with(fixture: &Fixture, options: &str, variables: &Variables) -> Run {
    let line = format!("vet add-exemption alpha 1.0.0 --dry-run {options}");
    run(fixture.command(".", &line).envs(variables.iter().copied()))
}

#[test]
fn quiet_and_verbose() {
    const QUIET: (&str, &str) = ("CARGO_TERM_QUIET", "true");
    const VERBOSE: (&str, &str) = ("CARGO_TERM_VERBOSE", "true");
    let fixture = Fixture::small();
    fixture.project.store("", "", "");
    // Whether notes and information are shown.
    let cases: &[(&Variables, &str, (bool, bool))] = &[
        (&[], "", (true, false)),
        (&[QUIET], "", (false, false)),
        (&[VERBOSE], "", (true, true)),
        (&[("CARGO_TERM_QUIET", "false"), VERBOSE], "", (true, true)),
        (&[("CARGO_TERM_QUIET", "1")], "", (true, false)),
        (&[QUIET], "--verbose info", (true, true)),
        (&[VERBOSE], "--verbose warn", (true, false)),
        (&[VERBOSE], "--quiet", (false, false)),
    ];
    for (variables, options, expected) in cases {
        let run = with(&fixture, options, variables);
        assert_eq!(run.status, Some(0), "{}", run.stderr);
        let shown = (run.stderr.contains("note: "), run.stderr.contains("info: "));
        assert_eq!(shown, *expected, "{variables:?} {options}: {}", run.stderr);
    }
}

#[test]
fn what_cargo_refuses_is_refused() {
    let fixture = Fixture::small();
    for (variables, message) in [
        (&[("CARGO_TERM_QUIET", "true"), ("CARGO_TERM_VERBOSE", "true")][..], "contradict each other"),
        (&[("CARGO_TERM_COLOR", "red")], "it is auto, always or never"),
    ] {
        let run = with(&fixture, "", variables);
        assert_eq!(run.status, Some(2), "{}", run.stderr);
        assert!(run.stderr.contains(message), "{}", run.stderr);
    }
}
