use std::ops::Range;
use std::sync::Arc;

use proptest::prelude::*;
use vet_diagnostics::{Code, Source};

use super::*;

const PLAIN: Look = Look { colored: false, width: 80 };

/// Both formats, one below the other.
fn shown(diagnostics: &[Diagnostic]) -> String {
    format!("{}-----\n{}", human(diagnostics, PLAIN), json(diagnostics))
}

/// The position of a text that occurs once in a source.
fn span(source: &Source, text: &str) -> Range<usize> {
    let start = source.text.find(text).unwrap();
    start..start + text.len()
}

fn config() -> Arc<Source> {
    let text =
        "[cargo-vet]\nversion = \"0.10\"\n\n[[exemptions.itoa]]\nversion = \"1.0.7\"\ncriteria = \"bogus\"\n";
    Source::new("supply-chain/config.toml", text)
}

fn unknown_criterion() -> Diagnostic {
    let config = config();
    Diagnostic::error(Code::UnknownCriterion, "the criterion `bogus` is not defined")
        .at(&config, span(&config, "\"bogus\""), "not a criterion")
        .note("the criteria are `safe-to-run` and `safe-to-deploy`")
        .help("define it in audits.toml, or use another one")
}

#[test]
fn a_finding_in_a_file() {
    insta::assert_snapshot!(shown(&[unknown_criterion()]), @r#"
    error[VET0201]: the criterion `bogus` is not defined
     --> supply-chain/config.toml:6:12
      |
    6 | criteria = "bogus"
      |            ^^^^^^^ not a criterion
      |
      = note: the criteria are `safe-to-run` and `safe-to-deploy`
      = help: define it in audits.toml, or use another one
    -----
    {"error": {"message": "the criterion `bogus` is not defined","severity": "error","causes": ["the criteria are `safe-to-run` and `safe-to-deploy`"],"help": "define it in audits.toml, or use another one","filename": "supply-chain/config.toml","labels": [{"label": "not a criterion","span": {"offset": 79,"length": 7}}],"related": [],"code": "VET0201"}}
    "#);
}

#[test]
fn a_finding_in_several_places() {
    let config = config();
    let audits = Source::new("supply-chain/audits.toml", "[criteria.fast]\nimplies = \"fast\"\n\n[audits]\n");
    let problem = Diagnostic::error(Code::CriteriaCycle, "`fast` implies itself")
        .at(&audits, span(&audits, "\"fast\""), "")
        .at(&audits, span(&audits, "criteria.fast"), "defined here")
        .at(&config, span(&config, "exemptions.itoa"), "used here");
    insta::assert_snapshot!(shown(&[problem]), @r#"
    error[VET0203]: `fast` implies itself
     --> supply-chain/audits.toml:2:11
      |
    2 | implies = "fast"
      |           ^^^^^^
      |
     ::: supply-chain/audits.toml:1:2
      |
    1 | [criteria.fast]
      |  ------------- defined here
      |
     ::: supply-chain/config.toml:4:3
      |
    4 | [[exemptions.itoa]]
      |   --------------- used here
    -----
    {"error": {"message": "`fast` implies itself","severity": "error","causes": [],"filename": "supply-chain/audits.toml","labels": [{"span": {"offset": 26,"length": 6}},{"label": "defined here","span": {"offset": 1,"length": 13}}],"related": [{"message": "used here","severity": "advice","causes": [],"filename": "supply-chain/config.toml","labels": [{"label": "used here","span": {"offset": 32,"length": 15}}],"related": []}],"code": "VET0203"}}
    "#);
}

#[test]
fn a_finding_without_a_place() {
    let problem = Diagnostic::error(
        Code::PolicyUnused,
        "some policies name crates that are not in use\n  ghost\n  semver:9.9.9",
    )
    .note("--- old/config.toml\n+++ new/config.toml\n@@ -3,4 +3,3 @@\n [cargo-vet]\n-bogus-key = 1\n")
    .note("one more")
    .help("remove the entries\nor use the crates");
    insta::assert_snapshot!(shown(&[problem]), @r#"
    error[VET0402]: some policies name crates that are not in use
                      ghost
                      semver:9.9.9
     |
     = note: --- old/config.toml
             +++ new/config.toml
             @@ -3,4 +3,3 @@
              [cargo-vet]
             -bogus-key = 1
     = note: one more
     = help: remove the entries
             or use the crates
    -----
    {"error": {"message": "some policies name crates that are not in use\n  ghost\n  semver:9.9.9","severity": "error","causes": ["--- old/config.toml\n+++ new/config.toml\n@@ -3,4 +3,3 @@\n [cargo-vet]\n-bogus-key = 1\n","one more"],"help": "remove the entries\nor use the crates","labels": [],"related": [],"code": "VET0402"}}
    "#);
}

#[test]
fn places_of_every_extent() {
    let audits = Source::new("audits.toml", "[audits]\n[[audits.a]]\nwho = \"Å\"\nversion = \"1.0.0\"\n");
    let whole_entry = span(&audits, "[[audits.a]]\nwho = \"Å\"\nversion = \"1.0.0\"\n");
    let end = audits.text.len();
    let problems = [
        Diagnostic::error(Code::AuditKindConflict, "several lines").at(&audits, whole_entry, "this entry"),
        Diagnostic::error(Code::TomlSyntax, "the end").at(&audits, end..end, "here"),
        Diagnostic::error(Code::TomlSyntax, "a position").at(&audits, 9..9, ""),
    ];
    insta::assert_snapshot!(shown(&problems), @r#"
    error[VET0108]: several lines
     --> audits.toml:2:1
      |
    2 | / [[audits.a]]
    3 | | who = "Å"
    4 | | version = "1.0.0"
      | |_________________^ this entry

    error[VET0102]: the end
     --> audits.toml:5:1
      |
    5 |
      | ^ here

    error[VET0102]: a position
     --> audits.toml:2:1
      |
    2 | [[audits.a]]
      | ^

    error: the store has 3 problems
    -----
    {"error": {"message": "the store has 3 problems","severity": "error","causes": [],"labels": [],"related": [{"message": "several lines","severity": "error","causes": [],"filename": "audits.toml","labels": [{"label": "this entry","span": {"offset": 9,"length": 42}}],"related": [],"code": "VET0108"},{"message": "the end","severity": "error","causes": [],"filename": "audits.toml","labels": [{"label": "here","span": {"offset": 51,"length": 0}}],"related": [],"code": "VET0102"},{"message": "a position","severity": "error","causes": [],"filename": "audits.toml","labels": [{"span": {"offset": 9,"length": 0}}],"related": [],"code": "VET0102"}]}}
    "#);
}

#[test]
fn nothing_in_a_file_steers_the_terminal() {
    let evil = "\u{1b}[2J\u{1b}]0;title\u{7}\r\u{202e}x";
    let source = Source::new(format!("{evil}.toml"), format!("a = 1\nwho = \"{evil}\" # {evil}\n"));
    let problem = Diagnostic::warning(Code::DroppedText, format!("message {evil}"))
        .at(&source, span(&source, &format!("\"{evil}\"")), format!("label {evil}\nnext"))
        .note(format!("note {evil}"))
        .help(format!("help {evil}"));
    insta::assert_snapshot!(human(std::slice::from_ref(&problem), PLAIN), @r#"
    warning[VET0113]: message \u{1b}[2J\u{1b}]0;title\u{7}\u{d}\u{202e}x
     --> \u{1b}[2J\u{1b}]0;title\u{7}\u{d}\u{202e}x.toml:2:7
      |
    2 | who = "\u{1b}[2J\u{1b}]0;title\u{7}\u{d}\u{202e}x" # \u{1b}[2J\u{1b}]0;ti...
      |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ label \u{1b}[2J\u{1b}]0;title\u{7}\u{d}\u{202e}x\nnext
      |
      = note: note \u{1b}[2J\u{1b}]0;title\u{7}\u{d}\u{202e}x
      = help: help \u{1b}[2J\u{1b}]0;title\u{7}\u{d}\u{202e}x
    "#);
    let line = json(std::slice::from_ref(&problem));
    assert!(!line.trim_end().contains(char::is_control), "{line}");
    let parsed: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(parsed["error"]["message"], problem.message);
}

#[test]
fn several_findings_are_counted() {
    let warning = Diagnostic::warning(Code::DroppedText, "a write drops a comment");
    let graph =
        Diagnostic::error(Code::NoLockFile, "there is no Cargo.lock").help("run `cargo generate-lockfile`");
    insta::assert_snapshot!(shown(&[unknown_criterion(), warning.clone(), unknown_criterion()]), @r#"
    error[VET0201]: the criterion `bogus` is not defined
     --> supply-chain/config.toml:6:12
      |
    6 | criteria = "bogus"
      |            ^^^^^^^ not a criterion
      |
      = note: the criteria are `safe-to-run` and `safe-to-deploy`
      = help: define it in audits.toml, or use another one

    warning[VET0113]: a write drops a comment

    error[VET0201]: the criterion `bogus` is not defined
     --> supply-chain/config.toml:6:12
      |
    6 | criteria = "bogus"
      |            ^^^^^^^ not a criterion
      |
      = note: the criteria are `safe-to-run` and `safe-to-deploy`
      = help: define it in audits.toml, or use another one

    error: the store has 2 problems, 1 warning
    -----
    {"error": {"message": "the store has 2 problems, 1 warning","severity": "error","causes": [],"labels": [],"related": [{"message": "the criterion `bogus` is not defined","severity": "error","causes": ["the criteria are `safe-to-run` and `safe-to-deploy`"],"help": "define it in audits.toml, or use another one","filename": "supply-chain/config.toml","labels": [{"label": "not a criterion","span": {"offset": 79,"length": 7}}],"related": [],"code": "VET0201"},{"message": "a write drops a comment","severity": "warning","causes": [],"labels": [],"related": [],"code": "VET0113"},{"message": "the criterion `bogus` is not defined","severity": "error","causes": ["the criteria are `safe-to-run` and `safe-to-deploy`"],"help": "define it in audits.toml, or use another one","filename": "supply-chain/config.toml","labels": [{"label": "not a criterion","span": {"offset": 79,"length": 7}}],"related": [],"code": "VET0201"}]}}
    "#);
    let last = |diagnostics: &[Diagnostic]| human(diagnostics, PLAIN).lines().last().unwrap().to_owned();
    let store = unknown_criterion();
    let fit = Diagnostic::error(Code::PolicyUnused, "unused");
    let request = Diagnostic::error(Code::NoIdentity, "no identity");
    let of_peer = Source::new("https://example.org/audits.toml", "x");
    let fetched = Diagnostic::error(Code::TomlSyntax, "not TOML").at(&of_peer, 0..1, "");
    for (diagnostics, expected) in [
        (vec![&store, &warning], "error: the store has 1 problem, 1 warning"),
        (vec![&graph, &graph], "error: the dependency graph has 2 problems"),
        (vec![&fit, &fit, &fit], "error: the store does not match the dependency graph: 3 problems"),
        (vec![&request, &request], "error: the command failed: 2 problems"),
        (vec![&store, &graph], "error: the command failed: 2 problems"),
        (vec![&fetched, &fetched], "error: the command failed: 2 problems"),
        (vec![&warning, &warning], "warning: 2 warnings"),
    ] {
        let diagnostics: Vec<Diagnostic> = diagnostics.into_iter().cloned().collect();
        assert_eq!(last(&diagnostics), expected);
    }
    assert_eq!(human(&[], PLAIN), "");
}

#[test]
fn too_many_findings_are_cut() {
    let text = human(&vec![unknown_criterion(); 5000], PLAIN);
    assert_eq!(text.matches("VET0201").count(), MOST);
    assert!(text.ends_with("\nerror: the store has 5000 problems; the first 100 are shown\n"), "{text}");
    assert_eq!(json(&vec![unknown_criterion(); 5000]).matches("VET0201").count(), 5000);
}

#[test]
fn colors_are_used_where_they_are_wanted() {
    let text = human(&[unknown_criterion()], Look { colored: true, width: 80 });
    insta::assert_snapshot!(text.replace('\u{1b}', "^"), @r#"
    ^[1m^[91merror[VET0201]^[0m^[1m: the criterion `bogus` is not defined^[0m
     ^[1m^[94m--> ^[0msupply-chain/config.toml:6:12
      ^[1m^[94m|^[0m
    ^[1m^[94m6^[0m ^[1m^[94m|^[0m criteria = "bogus"
      ^[1m^[94m|^[0m            ^[1m^[91m^^^^^^^^[0m ^[1m^[91mnot a criterion^[0m
      ^[1m^[94m|^[0m
      ^[1m^[94m= ^[0m^[1mnote^[0m: the criteria are `safe-to-run` and `safe-to-deploy`
      ^[1m^[94m= ^[0m^[1mhelp^[0m: define it in audits.toml, or use another one
    "#);
}

#[test]
fn long_lines_are_cut_to_the_terminal() {
    let text = format!("{{ {}bad{} }}\n", "good, ".repeat(40), ", good".repeat(40));
    let source = Source::new("config.toml", text);
    let problem = Diagnostic::error(Code::InvalidValue, "bad").at(&source, span(&source, "bad"), "this");
    insta::assert_snapshot!(human(std::slice::from_ref(&problem), PLAIN), @"
    error[VET0107]: bad
     --> config.toml:1:243
      |
    1 | ... good, good, good, good, good, bad, good, good, good, good, good, good...
      |                                   ^^^ this
    ");
    insta::assert_snapshot!(human(&[problem], Look { colored: false, width: 120 }), @"
    error[VET0107]: bad
     --> config.toml:1:243
      |
    1 | ...d, good, good, good, good, good, good, good, good, bad, good, good, good, good, good, good, good, good, good, ...
      |                                                       ^^^ this
    ");
}

#[test]
fn huge_files_are_shown_in_little_space() {
    const HUGE: usize = 10_000_000;
    let line = Source::new("line", format!("{}bad{}", "x".repeat(HUGE), "y".repeat(HUGE)));
    let lines = Source::new("lines", "x\n".repeat(HUGE));
    let problems = [
        Diagnostic::error(Code::InvalidValue, "in a line").at(&line, span(&line, "bad"), "this"),
        Diagnostic::error(Code::InvalidValue, "a line").at(&line, 0..line.text.len(), "this"),
        Diagnostic::error(Code::InvalidValue, "lines").at(&lines, 2..lines.text.len(), "this"),
    ];
    insta::assert_snapshot!(human(&problems, PLAIN), @"
    error[VET0107]: in a line
     --> line:1:10000001
      |
     ::: 
    1 | ...xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxbadyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy...
      |                                   ^^^ this

    error[VET0107]: a line
     --> line:1:1
      |
    1 | xxxxxxxxxxxxxxxxxxxxxxxxx...xxxxxxxxxxxxxxxxxxxxxxxx…
      | ^^^^^^^^^^^^^^^^^^^^^^^^^...^^^^^^^^^^^^^^^^^^^^^^^^^ this

    error[VET0107]: lines
     --> lines:2:1
      |
    2 | x
      | ^ this

    error: the store has 3 problems
    ");
}

#[test]
fn long_notes_are_cut() {
    let lines = "x\n".repeat(1_000_000);
    let line = "é".repeat(1_000_000);
    let problem = Diagnostic::error(Code::NotFormatted, line.as_str()).note(lines).help(line.as_str());
    let text = human(&[problem], PLAIN);
    assert_eq!(text.lines().count(), 504);
    assert!(text.contains("\n         … and 999500 more lines\n"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() < 2100));
}

proptest! {
    #[test]
    fn any_finding_can_be_shown(
        text in "(\\PC|[\n\r\t\u{1b}\u{0}]){0,200}",
        spans in prop::collection::vec((0..250_usize, 0..250_usize), 0..4),
        words in prop::collection::vec("(\\PC|[\n\r\t\u{1b}\u{0}]){0,40}", 5),
        width in 0..200_usize,
    ) {
        let source = Source::new(words[0].clone(), text);
        let problem = Diagnostic::error(Code::Io, words[1].clone()).note(words[2].clone()).help(words[3].clone());
        let problem = spans.into_iter().fold(problem, |problem, (start, end)| problem.at(&source, start..end, words[4].clone()));
        let problems = [problem.clone(), problem];
        let shown = human(&problems, Look { colored: false, width });
        prop_assert!(!shown.contains(|c: char| c.is_control() && c != '\n' && c != '\t'), "{shown:?}");
        let parsed: serde_json::Value = serde_json::from_str(&json(&problems)).unwrap();
        prop_assert_eq!(parsed["error"]["related"].as_array().unwrap().len(), 2);
    }
}
