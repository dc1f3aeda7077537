//! Several files merged into one.

use std::fmt::Write as _;

use vet_diagnostics::Diagnostic;
use vet_store::peer::merge;
use vet_store::write_aggregate;

use crate::peer::{by_publisher, peer};
use crate::rendering::render_all;

/// Returns the texts of the files, merged, or why they cannot be merged.
fn merged(texts: &[&str]) -> Result<String, Vec<Diagnostic>> {
    let file = |(index, text): (usize, &&str)| (format!("https://{index}.example"), peer(text).audits);
    merge(texts.iter().enumerate().map(file).collect()).map(|file| write_aggregate(&file))
}

fn transcript(cases: &[(&str, &[&str])]) -> String {
    let mut text = String::new();
    for (name, texts) in cases {
        let result = merged(texts).unwrap_or_else(|problems| render_all(&problems));
        let _ = writeln!(text, "── {name}\n{result}");
    }
    text
}

#[test]
fn everything_is_kept_with_its_origin() {
    let wildcard = by_publisher("wildcard-audits", "w", "criteria = \"safe-to-run\"");
    let trusted =
        by_publisher("trusted", "t", "criteria = \"safe-to-run\"\naggregated-from = \"https://old.example\"");
    let audit = "[[audits.a]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-run\"\nnotes = \"same\"\n";
    insta::assert_snapshot!(transcript(&[
        ("nothing", &[]),
        ("of nothing", &["", ""]),
        ("equal entries", &[&format!("{audit}{wildcard}{trusted}"), &format!("{audit}{wildcard}{trusted}")]),
        (
            "equal criteria",
            &[
                "[criteria.c]\ndescription = \"x\"\nimplies = [\"safe-to-run\"]\naggregated-from = \"https://old.example\"\n",
                "[criteria.c]\ndescription = \"x\"\nimplies = \"safe-to-run\"\naggregated-from = \"https://lost.example\"\n\
                 [criteria.b]\ndescription = \"y\"\n",
                "[criteria.b]\ndescription = \"y\"\n",
            ],
        ),
    ]));
}

#[test]
fn differences_of_criteria_are_shown() {
    let c = |fields: &str| format!("[criteria.c]\n{fields}");
    let long = "x\n".repeat(100);
    insta::assert_snapshot!(transcript(&[
        ("description", &[&c("description = \"a\\nb\\nc\""), &c("description = \"a\\nB\\nc\"")]),
        ("a line feed", &[&c("description = \"a\""), &c("description = \"a\\n\"")]),
        (
            "text in one place only",
            &[&c("description = \"a\""), &c("description-url = \"https://a.example\"")]
        ),
        ("none at all", &[&c(""), &c(&format!("description = '''{long}'''"))]),
        ("implies", &[&c("implies = [\"safe-to-run\", \"safe-to-deploy\"]"), &c("")]),
        (
            "order of implies",
            &[
                &c("implies = [\"safe-to-run\", \"safe-to-deploy\"]"),
                &c("implies = [\"safe-to-deploy\", \"safe-to-run\"]"),
            ]
        ),
        (
            "each with the first",
            &[&c("description = \"a\""), &c("description = \"b\""), &c("description = \"b\"")]
        ),
    ]));
}

#[test]
fn many_differences_are_counted() {
    let file = |text: &str| -> String {
        (0..1_000).map(|index| format!("[criteria.c{index}]\ndescription = \"{text}\"\n")).collect()
    };
    let problems = merged(&[&file("a"), &file("b")]).unwrap_err();
    assert_eq!(problems.len(), 100);
    assert_eq!(problems[99].notes.last().unwrap(), "900 more differences are not shown");
}

/// The order of entries decides which of several equal entries counts as known.
#[test]
fn entries_come_in_canonical_order() {
    let audit = |version: u32, who: &str| {
        format!("[[audits.a]]\nwho = \"{who}\"\nversion = \"{version}.0.0\"\ncriteria = \"safe-to-run\"\n")
    };
    let files = [audit(2, "b") + &audit(1, "b") + &audit(1, "c"), audit(1, "a") + &audit(1, "b")];
    let file = |(index, text): (usize, &String)| (format!("https://{index}.example"), peer(text).audits);
    let merged = merge(files.iter().enumerate().map(file).collect()).unwrap();
    let order: Vec<String> = merged.audits["a"]
        .iter()
        .map(|entry| format!("{} of {}", entry.who.concat(), entry.aggregated_from.concat()))
        .collect();
    let of = |who: &str, index: usize| format!("{who} of https://{index}.example");
    assert_eq!(order, [of("a", 1), of("b", 0), of("b", 1), of("c", 0), of("b", 0)]);
}
