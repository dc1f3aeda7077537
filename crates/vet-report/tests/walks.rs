//! The output of `next`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;

use vet_diagnostics::{Code, Diagnostic};
use vet_ops::audit::next::{Goal, Item, Mark, OfItem, Standing, Verdict, Walked};
use vet_ops::evaluation::outcome::PackageId;
use vet_ops::evaluation::outcome::{RegistryHint, Suggestion, Unmeasured};
use vet_report::next::{header, human, introduction, json, passed_over};
use vet_source::Size;
use vet_store::entries::Publisher;

fn delta() -> Item {
    Item::Measured(Box::new(Suggestion {
        name: "alpha".to_owned(),
        from: Some("1.0.0".parse().unwrap()),
        to: "1.1.0".parse().unwrap(),
        criteria: vec!["safe-to-run".to_owned()],
        criteria_label: "safe-to-run (or safe-to-deploy)".to_owned(),
        size: Size { insertions: 7, deletions: 2, files_changed: 3, built: 5 },
        helps: vec!["1.1.0".parse().unwrap()],
        parents: vec!["app".to_owned(), "b\u{1b}[2J".to_owned()],
        publisher: Some(Publisher::User {
            id: 1,
            login: "ann".to_owned(),
            name: Some("Ann\u{7}".to_owned()),
        }),
        registry: vec![RegistryHint { remaining: 3, name: "peer".to_owned() }],
        trust: None,
    }))
}

fn full() -> Item {
    let Item::Measured(delta) = delta() else { return delta() };
    Item::Measured(Box::new(Suggestion {
        name: "be\u{202e}ta".to_owned(),
        from: None,
        size: Size { insertions: 100, deletions: 0, files_changed: 4, built: 80 },
        parents: Vec::new(),
        publisher: None,
        registry: Vec::new(),
        ..*delta
    }))
}

fn unmeasured() -> Item {
    Item::Unmeasured(Box::new(Unmeasured {
        package: PackageId { name: "gamma".to_owned(), version: "2.0.0".parse().unwrap() },
        criteria: vec!["safe-to-deploy".to_owned()],
        criteria_label: "safe-to-deploy".to_owned(),
        parents: vec!["app".to_owned()],
        reason: "its archive\u{1b} cannot be had".to_owned(),
    }))
}

#[test]
fn headers() {
    let read = OfItem { is_needed: true, read: Some("2026-11-23".parse().unwrap()) };
    let unread = OfItem { is_needed: true, read: None };
    let mut text = header(&delta(), 1, 3, read, false);
    text += &header(&full(), 2, 3, unread, false);
    text += &header(&unmeasured(), 3, 3, unread, false);
    let _ = writeln!(text, "\n{}", passed_over(&full()));
    insta::assert_snapshot!(text);
    let colored = header(&full(), 2, 3, unread, true);
    assert!(colored.contains("\u{1b}[0m\n  to certify"), "{colored:?}");
}

#[test]
fn introductions() {
    let all = [delta(), full(), unmeasured()];
    let lines = [
        introduction(Goal::Check, &all),
        introduction(Goal::Check, &all[2..]),
        introduction(Goal::Backlog, &all[..1]),
    ];
    insta::assert_snapshot!(lines.join("\n"), @r"
    the check fails; 2 audits, 109 lines, and 1 audit of unknown size would make it pass
    the check fails; 1 audit of unknown size would make it pass
    the check passes; 1 audit, 9 lines would replace all exemptions
    ");
}

/// The end of a walk with the given audits still needed.
fn end(marks: [Mark; 3], needed: [bool; 3], check: Verdict) -> Walked {
    let items = needed.map(|is_needed| OfItem { is_needed, read: None }).to_vec();
    Walked { marks: marks.to_vec(), standing: Some(Standing { items, check }), broken_off: None }
}

#[test]
fn ends() {
    let items = [delta(), full(), unmeasured()];
    let all = end([Mark::Certified; 3], [false; 3], Verdict::Passes);
    let some = end([Mark::Certified, Mark::Skipped, Mark::Open], [false, true, true], Verdict::Unvetted);
    let healed = end([Mark::PassedOver, Mark::PassedOver, Mark::Open], [false; 3], Verdict::Violation);
    let broken = Diagnostic::error(Code::NeedsAnswer, "gone");
    let unknown = Walked { standing: None, broken_off: Some(broken), ..some.clone() };
    let mut text = String::new();
    for walked in [&all, &some, &healed, &unknown] {
        text += &human(&items, walked);
    }
    insta::assert_snapshot!(text);
    insta::assert_snapshot!([json(&items, &some), json(&items, &unknown)].join("\n"));
}

#[test]
fn long_lists_are_cut() {
    let items: Vec<Item> = std::iter::repeat_with(delta).take(22).collect();
    let walked = Walked { marks: vec![Mark::Skipped; 22], standing: None, broken_off: None };
    let text = human(&items, &walked);
    assert!(text.contains("  and 2 more\n"), "{text}");
    assert_eq!(text.matches("  the changes").count(), 20);
}
