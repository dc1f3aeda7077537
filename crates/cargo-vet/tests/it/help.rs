//! The help and other texts about the tool.

use crate::run::{binary, run, run_line, transcript};

/// The commands that the help of `vet` and of `regenerate` list.
const COMMANDS: &[&str] = &[
    "check",
    "suggest",
    "init",
    "status",
    "settings",
    "inspect",
    "diff",
    "certify",
    "next",
    "import",
    "trust",
    "regenerate",
    "regenerate exemptions",
    "regenerate imports",
    "regenerate audit-as-crates-io",
    "regenerate unpublished",
    "add-exemption",
    "record-violation",
    "fmt",
    "prune",
    "aggregate",
    "explain-audit",
    "dump-graph",
    "gc",
    "renew",
    "explain",
    "completions",
    "man",
];

#[test]
fn short_help() {
    let mut lines = vec!["vet -h".to_owned()];
    lines.extend(COMMANDS.iter().map(|command| format!("vet {command} -h")));
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let transcript = transcript(&lines);
    insta::assert_snapshot!(transcript);
}

#[test]
fn long_help() {
    let transcript = transcript(&["vet --help", "vet check --help"]);
    insta::assert_snapshot!(transcript);
}

/// A screen has 24 lines of 80 columns, and the prompt needs one of them.
#[test]
fn short_help_fits_on_a_screen() {
    for command in std::iter::once(&"").chain(COMMANDS) {
        let folder = tempfile::tempdir().unwrap();
        let help = run(binary(folder.path(), &format!("vet {command} -h")).env("COLUMNS", "80"));
        let lines = help.stdout.lines().count();
        assert!((3..24).contains(&lines), "{command} has {lines} lines");
        for line in help.stdout.lines() {
            assert!(line.chars().count() <= 80, "{command}: {line}");
        }
    }
}

#[test]
fn examples_fit_on_a_line() {
    for command in std::iter::once(&"").chain(COMMANDS) {
        let help = run_line(&format!("vet {command} --help")).stdout;
        let (_, examples) = help.split_once("\nExamples:\n").unwrap_or_default();
        for line in examples.lines() {
            assert!(line.chars().count() <= 80, "{command}: {line}");
        }
    }
}

/// Whatever the help of a command lists, the command accepts; and the other way round.
#[test]
fn help_lists_no_option_that_the_command_rejects() {
    for (command, arguments) in [
        ("check", ""),
        ("suggest", ""),
        ("inspect", "a 1.0.0"),
        ("import", "acme"),
        ("fmt", ""),
        ("gc", ""),
        ("next", ""),
        ("regenerate imports", ""),
        ("explain", ""),
        ("man", ""),
    ] {
        let help = run_line(&format!("vet {command} --help")).stdout;
        for (option, value) in [("--strict", ""), ("--dry-run", ""), ("--target", " a --locked")] {
            let is_listed = help.lines().any(|line| line.trim_start().starts_with(option));
            let run = run_line(&format!("vet {command} {arguments} {option}{value}"));
            assert_eq!(run.status != Some(2), is_listed, "{command} {option}: {}", run.stderr);
        }
    }
}

#[test]
fn commands_without_a_project_list_no_options_about_projects() {
    for (command, expected) in [("explain", false), ("man", false), ("gc", false), ("check", true)] {
        let help = run_line(&format!("vet {command} --help")).stdout;
        for option in ["--manifest-path", "--features", "--filter-graph"] {
            assert_eq!(help.contains(option), expected, "{command} {option}");
        }
        assert!(help.contains("--output-format"), "{command}");
    }
}

/// The long help of every command is a page of the book.
#[test]
fn markdown() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/src/commands.md");
    let page = std::fs::read_to_string(page).unwrap();
    let help = run_line("vet help-markdown").stdout;
    let mut lines = page.lines().zip(help.lines()).enumerate();
    let differs = lines.find(|(_, (page, help))| page != help);
    assert!(
        page == help,
        "docs/src/commands.md is not the help of today: {differs:?}\nTo write it anew, run\n    \
         cargo run -- vet help-markdown --output-file docs/src/commands.md"
    );
}

#[test]
fn help_is_the_same_by_every_name() {
    for command in COMMANDS {
        let long = run_line(&format!("vet {command} --help"));
        assert_eq!((long.status, long.stderr.as_str()), (Some(0), ""), "{command}");
        let help = match command.split_once(' ') {
            None => vec![format!("vet help {command}")],
            Some((parent, child)) => {
                vec![format!("vet help {command}"), format!("vet {parent} help {child}")]
            }
        };
        for line in help {
            assert_eq!(run_line(&line).stdout, long.stdout, "{line}");
        }
        let short = run_line(&format!("vet {command} -h"));
        assert!(short.stdout.len() < long.stdout.len(), "{command}");
    }
}

#[test]
fn every_command_has_a_manual_page() {
    for command in std::iter::once(&"").chain(COMMANDS) {
        let page = run_line(&format!("vet man {command}"));
        assert_eq!((page.status, page.stderr.as_str()), (Some(0), ""), "{command}");
        let title = match command.replace(' ', "-").as_str() {
            "" => "cargo-vet".to_owned(),
            command => format!("cargo-vet-{command}"),
        };
        assert!(page.stdout.contains(&format!(".TH {title} 1")), "{command}: {}", page.stdout);
    }
}

#[test]
fn completions_exist_for_every_shell() {
    for (shell, expected) in [
        ("bash", "complete -F _cargo_vet cargo-vet"),
        ("zsh", "#compdef cargo-vet"),
        ("fish", "complete -c cargo-vet "),
        ("elvish", "set edit:completion:arg-completer[cargo-vet]"),
        ("powershell", "Register-ArgumentCompleter -Native -CommandName 'cargo-vet'"),
    ] {
        let script = run_line(&format!("vet completions {shell}"));
        assert_eq!((script.status, script.stderr.as_str()), (Some(0), ""), "{shell}");
        assert!(script.stdout.contains(expected), "{shell} has no {expected}");
    }
    for shell in ["elvish", "powershell"] {
        let script = run_line(&format!("vet completions {shell}")).stdout;
        assert!(script.contains("record-violation"), "{shell}");
    }
}

#[test]
fn codes_are_explained() {
    let transcript = transcript(&[
        "vet explain VET0301",
        "vet explain VET0100",
        "vet explain nonsense",
        "vet explain VET0100 --output-format json",
    ]);
    insta::assert_snapshot!(transcript);
    let page = run_line("vet explain VET0101").stdout;
    for spelling in ["vet0101", "0101", "101"] {
        assert_eq!(run_line(&format!("vet explain {spelling}")).stdout, page);
    }
    let list = run_line("vet explain").stdout;
    assert!(list.starts_with("VET0101  a file is not UTF-8\n"), "{list}");
}

/// The page about filters shows the tool's real output.
#[test]
fn the_page_about_filters_is_true() {
    let page = run_line("vet explain VET0307").stdout;
    let (_, example) =
        page.split_once("$ cargo vet check --filter-graph 'exclude(eq(name(serde)))'\n").unwrap();
    let (shown, _) = example.split_once("```").unwrap();
    let run = run_line("vet check --filter-graph exclude(eq(name(serde)))");
    assert!(run.stderr.starts_with(shown), "{}", run.stderr);
}
