//! Which parts of a peer's file are read, which are left out, and which files are refused.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use vet_diagnostics::{Diagnostic, Source};
use vet_store::peer::{Skipped, parse_peer};
use vet_store::write_aggregate;

use crate::hostile::piece;
use crate::peer::{URL, by_publisher, peer};
use crate::rendering::{render, render_all};

/// One paragraph for each file: what was read, what was skipped, and the findings.
fn transcript(cases: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, file) in cases {
        let _ = writeln!(text, "── {name}");
        match parse_peer(&Source::new(URL, *file)) {
            Err(problems) => text += &format!("refused\n{}", render_all(&problems)),
            Ok(peer) => {
                let _ = writeln!(text, "{}", write_aggregate(&peer.audits).trim_start());
                for entry in &peer.skipped.entries {
                    let _ = writeln!(text, "{:?} {}: {}", entry.kind, entry.name, render(&entry.problem));
                }
                text += &render_all(&peer.findings);
                text += &render_all(&peer.skipped.warnings(&peer.name));
            }
        }
        text.push('\n');
    }
    text
}

#[test]
fn refused_is_only_what_is_no_table_of_entries() {
    insta::assert_snapshot!(transcript(&[
        ("nothing", ""),
        ("not TOML", "[audits\n"),
        ("a table twice", "[audits]\n[audits]\n"),
        ("an unfinished merge", "<<<<<<< a\n=======\n>>>>>>> b\n"),
        ("no table", "audits = 1\n"),
        ("a table instead of an array", "[audits.x]\nversion = \"1.0.0\"\n"),
        ("an array of numbers", "[audits]\nx = [1]\n"),
        ("a criterion that is no table", "[criteria]\nx = 1\n"),
        ("an array of criteria", "[[criteria.x]]\ndescription = \"a\"\n"),
        ("trust that is no table", "trusted = true\n"),
    ]));
}

#[test]
fn entries_that_cannot_be_read_are_named() {
    insta::assert_snapshot!(transcript(&[
        (
            "criteria",
            "[criteria.unknown-field]\ndescription = \"a\"\nseverity = 1\n[criteria.wrong-type]\ndescription = 1\n\
             [criteria.good]\ndescription = \"a\"\nimplies = [\"nowhere\", \"wrong-type\", \"safe-to-run\"]\n",
        ),
        (
            "audits",
            "[[audits.bad-version]]\nversion = \"1.0\"\ncriteria = \"safe-to-run\"\n\
             [[audits.unknown-field]]\nversion = \"1.0.0\"\ncritera = \"safe-to-run\"\n\
             [[audits.two-kinds]]\nversion = \"1.0.0\"\nviolation = \"*\"\ncriteria = \"safe-to-run\"\n\
             [[audits.one-of-two]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-run\"\n\
             [[audits.one-of-two]]\nversion = \"1.0.1\"\ncriteria = \"safe-to-run\"\nimportable = \"yes\"\n",
        ),
        (
            "names of criteria",
            "[criteria.mine]\ndescription = 1\n\
             [[audits.some]]\nversion = \"1.0.0\"\ncriteria = [\"mine\", \"safe-to-run\", \"yours\", \"safe-to-run\"]\n\
             [[audits.none]]\nversion = \"1.0.0\"\ncriteria = [\"mine\", \"yours\"]\n\
             [[audits.empty]]\nversion = \"1.0.0\"\ncriteria = []\n\
             [[audits.missing]]\nversion = \"1.0.0\"\n\
             [[audits.not-importable]]\nversion = \"1.0.0\"\ncriteria = \"mine\"\nimportable = false\n",
        ),
        (
            "wildcard audits and trust",
            &[
                by_publisher("wildcard-audits", "fine", "criteria = \"safe-to-run\"\nunknown = 1"),
                by_publisher("wildcard-audits", "none", "criteria = \"mine\""),
                "[[wildcard-audits.day]]\ncriteria = \"safe-to-run\"\nuser-id = 1\nstart = 1\nend = \"2020-01-01\"\n"
                    .to_owned(),
                by_publisher("trusted", "fine", "criteria = [\"safe-to-run\", \"mine\"]\nunknown = 1"),
                by_publisher("trusted", "none", "criteria = \"mine\""),
            ]
            .concat(),
        ),
        ("what the peer keeps to itself", "[[audits.a]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-run\"\nimportable = false\n"),
        ("control characters", "[[audits.\"a\\u001B[31m\\n\"]]\nversion = \"\\u001B[31m\\n\"\ncriteria = \"safe-to-run\"\n"),
    ]));
}

#[test]
fn criteria_without_sense_are_no_reason_to_refuse() {
    insta::assert_snapshot!(transcript(&[
        (
            "built-in criteria",
            "[criteria.safe-to-run]\ndescription = \"a\"\n[criteria.safe-to-deploy]\nimplies = \"safe-to-run\"\n\
             [criteria.mine]\nimplies = \"safe-to-deploy\"\n",
        ),
        ("one of itself", "[criteria.a]\nimplies = \"a\"\n"),
        (
            "circles, and what leads to them",
            "[criteria]\na = { implies = [\"safe-to-run\", \"b\"] }\nb = { implies = \"c\" }\nc = { implies = [\"a\"] }\n\
             d = { implies = \"e\" }\ne = { implies = \"d\" }\nf = { implies = [\"d\", \"a\"] }\ng = {}\n",
        ),
    ]));
}

/// Dates without quotes count as texts, as in the original.
#[test]
fn dates_need_no_quotes() {
    let file = "[[wildcard-audits.x]]\nuser-id = 1\nstart = 2020-01-01\nend = 2020-01-02\ncriteria = \"safe-to-run\"\n\
         [[audits.x]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-run\"\nwho = [2020-01-01T00:00:00Z, 07:32:00]\n\
         notes = 2020-01-01 00:00:00.120\n[criteria.c]\ndescription = 2020-01-01\n";
    insta::assert_snapshot!(transcript(&[("dates", file)]));
}

/// Generous: these take well under a second in a release build.
const LIMIT: Duration = Duration::from_secs(20);

fn numbered(count: usize, entry: impl Fn(usize) -> String) -> String {
    (0..count).map(entry).collect()
}

#[test]
fn large_files_are_read_in_no_time_and_findings_are_few() {
    const N: usize = 20_000;
    let cases = [
        numbered(N, |index| format!("[[audits.a]]\nversion = \"1.0\"\nx{index} = 1\n")),
        numbered(N, |index| {
            format!("[[audits.a{index}]]\nversion = \"1.0.0\"\ncriteria = [\"c{index}\", \"safe-to-run\"]\n")
        }),
        numbered(N, |index| {
            format!("[[audits.a{index}]]\nversion = \"1.0.{index}\"\ncriteria = \"c{index}\"\n")
        }),
        numbered(N, |index| format!("[criteria.c{index}]\nimplies = \"c{}\"\n", index + 1)),
        numbered(N, |index| format!("[criteria.c{index}]\nimplies = \"c{}\"\n", (index + 1) % N)),
        numbered(N, |index| format!("[criteria.c{index}]\nimplies = \"c{index}\"\n")),
        numbered(N, |index| {
            format!("[criteria.c{index:06}]\nimplies = \"c{:06}\"\n", (index + 1).min(N - 1))
        }),
        numbered(N, |index| format!("[criteria.c{index}]\nx = 1\n")),
        format!("[[audits.a]]\n{}", numbered(N, |index| format!("x{index} = 1\n"))),
        format!("[[audits.a]]\nversion = \"1.0.0\"\ncriteria = [{}]\n", numbered(N, |i| format!("\"{i}\","))),
        format!("[audits]\n{}", numbered(N, |index| format!("a{index} = 1\n"))),
        format!("[criteria.\"{}\"]\nimplies = \"{0}\"\n", "x".repeat(1_000_000)),
    ];
    for (index, text) in cases.iter().enumerate() {
        let start = Instant::now();
        let findings: Vec<Diagnostic> = match parse_peer(&Source::new(URL, text.as_str())) {
            Err(problems) => problems,
            Ok(peer) => {
                assert!(peer.skipped.entries.len() <= Skipped::MOST_NAMED);
                let skipped = peer.skipped.entries.iter().map(|entry| entry.problem.clone());
                skipped.chain(peer.findings).chain(peer.skipped.warnings(&peer.name)).collect()
            }
        };
        assert!(start.elapsed() < LIMIT, "case {index}: {:?}", start.elapsed());
        assert!(findings.len() <= 110, "case {index}: {}", findings.len());
        let length: usize = findings.iter().map(own_size).sum();
        assert!(length < 100_000, "case {index}: {length}");
    }
}

/// Returns how much text a finding has of its own, in bytes.
fn own_size(finding: &Diagnostic) -> usize {
    let labels = finding.excerpts.iter().map(|excerpt| excerpt.label.len());
    let notes = finding.notes.iter().map(String::len);
    finding.message.len() + labels.chain(notes).sum::<usize>() + finding.help.as_ref().map_or(0, String::len)
}

#[test]
fn skipped_entries_are_counted() {
    let bad = "[[audits.a]]\nversion = \"1.0\"\ncriteria = \"safe-to-run\"\n";
    let skipped = peer(&bad.repeat(250)).skipped;
    assert_eq!((skipped.criteria, skipped.audits, skipped.trusted), (0, 250, 0));
    assert_eq!(skipped.entries.len(), Skipped::MOST_NAMED);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Pieces of real files in a random order.
    #[test]
    fn pieces_never_panic(pieces in proptest::collection::vec(piece(), 0..40)) {
        let source = Source::new(URL, pieces.concat());
        let findings = match parse_peer(&source) {
            Err(problems) => problems,
            Ok(peer) => {
                write_aggregate(&peer.audits);
                peer.skipped.warnings(&peer.name).into_iter().chain(peer.findings).collect()
            }
        };
        for excerpt in findings.iter().flat_map(|problem| &problem.excerpts) {
            prop_assert!(excerpt.source.text.get(excerpt.span.clone()).is_some(), "{:?}", excerpt.span);
        }
    }
}
