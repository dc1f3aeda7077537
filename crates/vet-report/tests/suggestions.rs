//! Suggestions as text and as JSON.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use unicode_width::UnicodeWidthStr as _;
use vet_diagnostics::{Code, Diagnostic};
use vet_ops::evaluation::outcome::{CheckOutcome, Checked, PackageId};
use vet_ops::evaluation::outcome::{
    PublisherShare, RegistryHint, Saving, SavingBy, Suggestion, Suggestions, TrustHint, Unmeasured,
};
use vet_report::check;
use vet_report::suggest::{Form, human};
use vet_source::Size;
use vet_store::entries::Publisher;

fn user(id: u64, login: &str, name: Option<&str>) -> Publisher {
    Publisher::User { id, login: login.to_owned(), name: name.map(str::to_owned) }
}

/// `name version` or `name from to`, with insertions, deletions, files and built lines.
fn audit(text: &str, [insertions, deletions, files_changed, built]: [u64; 4]) -> Suggestion {
    let mut words = text.split(' ');
    let name = words.next().unwrap().to_owned();
    let versions: Vec<&str> = words.collect();
    let (from, to) = match versions.as_slice() {
        [to] => (None, *to),
        [from, to] => (Some(from.parse().unwrap()), *to),
        other => panic!("{other:?}"),
    };
    Suggestion {
        name,
        from,
        to: to.parse().unwrap(),
        criteria: vec!["safe-to-deploy".to_owned()],
        criteria_label: "safe-to-deploy".to_owned(),
        size: Size { insertions, deletions, files_changed, built },
        helps: vec![to.parse().unwrap()],
        parents: vec!["app".to_owned()],
        publisher: None,
        registry: Vec::new(),
        trust: None,
    }
}

fn suggestions() -> Suggestions {
    let ann = user(1, "ann", Some("Ann"));
    let hint = |by: &[&str], is_of_version, is_only_publisher| TrustHint {
        publisher: ann.clone(),
        argument: "ann".to_owned(),
        trusted_by: by.iter().map(|name| (*name).to_owned()).collect(),
        is_of_version,
        is_only_publisher,
    };
    let runs = |audit: Suggestion| Suggestion {
        criteria: vec!["safe-to-run".to_owned()],
        criteria_label: "safe-to-run (or safe-to-deploy)".to_owned(),
        ..audit
    };
    Suggestions {
        audits: vec![
            Suggestion {
                publisher: Some(ann.clone()),
                trust: Some(hint(&["this project"], true, false)),
                ..audit("alpha 1.0.0 1.1.0", [7, 0, 2, 5])
            },
            runs(Suggestion {
                registry: vec![RegistryHint { remaining: 0, name: "peer".to_owned() }],
                trust: Some(hint(&["b", "a"], false, true)),
                ..audit("beta 2.0.0 1.0.0", [3, 9, 1, 12])
            }),
            Suggestion {
                parents: Vec::new(),
                publisher: Some(user(2, "eve\u{1b}[2J", None)),
                registry: vec![
                    RegistryHint { remaining: 3, name: "peer".to_owned() },
                    RegistryHint { remaining: 20, name: "other".to_owned() },
                ],
                ..audit("a-crate-with-quite-a-long-name 1.0.0-alpha.1+build 1.0.0", [0, 0, 3, 0])
            },
            audit("gamma 1.0.0", [1000, 0, 20, 700]),
        ],
        unmeasured: vec![Unmeasured {
            package: PackageId { name: "delta".to_owned(), version: "1.0.0".parse().unwrap() },
            criteria: vec!["safe-to-deploy".to_owned()],
            criteria_label: "safe-to-deploy".to_owned(),
            parents: vec!["gamma".to_owned()],
            reason: "the archive is gone".to_owned(),
        }],
        forbidden: Vec::new(),
        savings: vec![
            Saving { by: SavingBy::Import("peer".to_owned()), lines: 500, crates: 2 },
            Saving { by: SavingBy::TrustAll(ann.clone(), "ann".to_owned()), lines: 12, crates: 1 },
            Saving { by: SavingBy::Trust("alpha".to_owned(), ann, "ann".to_owned()), lines: 7, crates: 1 },
        ],
        publishers: Vec::new(),
        warnings: vec![Diagnostic::error(Code::HttpStatus, "the registry is down")],
        concerned: BTreeSet::new(),
    }
}

#[test]
fn scripts_find_the_table_that_they_know() {
    insta::assert_snapshot!("for_scripts", human(&suggestions(), Form::default()));
}

/// A plan as large as those of real projects: several audits for one package, long names, and more
/// of everything than is listed.
fn large() -> Suggestions {
    let epage = user(7, "epage", Some("Ed Page"));
    let of =
        |publisher: &Publisher, audit: Suggestion| Suggestion { publisher: Some(publisher.clone()), ..audit };
    let helps =
        |version: &str, audit: Suggestion| Suggestion { helps: vec![version.parse().unwrap()], ..audit };
    let share = |login: &str, crates, lines, trusted_by: &[&str]| PublisherShare {
        publisher: user(if login == "ann" { 1 } else { 9 }, login, Some("Ann").filter(|_| login == "ann")),
        argument: login.to_owned(),
        crates,
        lines,
        trusted_by: trusted_by.iter().map(|name| (*name).to_owned()).collect(),
    };
    let import = |name: String, lines| Saving { by: SavingBy::Import(name), lines, crates: 3 };
    let mut suggestions = suggestions();
    suggestions.audits.extend([
        of(&epage, helps("4.5.0", audit("clap 4.4.0", [12_345, 0, 80, 9_000]))),
        of(&epage, helps("4.5.0", audit("clap 4.4.0 4.5.0", [1_780, 8, 12, 1_000]))),
        audit("winapi-x86_64-pc-windows-gnu 0.4.0", [12, 0, 3, 12]),
        of(
            &Publisher::TrustedPublisher("github:an-organisation/a-repository".to_owned()),
            audit("encoding_rs 0.8.30 0.8.35", [178, 8, 3, 150]),
        ),
        Suggestion {
            parents: ["wasmtime", "wasmtime-cranelift", "cranelift-codegen", "regalloc2"]
                .map(str::to_owned)
                .into(),
            ..audit("bumpalo 3.14.0 3.16.0@git:00112233445566778899aabbccddeeff00112233", [90, 10, 3, 150])
        },
    ]);
    suggestions.publishers = vec![
        share("epage", 12, 3_012, &[]),
        share("ann", 1, 12, &["mozilla", "google", "bytecode-alliance"]),
        share("single", 1, 9, &[]),
    ];
    suggestions.publishers.extend((1..6).map(|number| share(&format!("bob-{number}"), 2, 10 - number, &[])));
    suggestions.savings.extend((1..9).map(|number| import(format!("member-{number}"), 2_000 - number)));
    suggestions
}

#[test]
fn people_see_a_plan_that_fits_their_terminal() {
    for columns in [60, 80, 100, 140] {
        let text = human(&large(), Form { colored: false, columns: Some(columns) });
        for line in text.lines() {
            let is_command = line.trim_start().starts_with("cargo vet ");
            assert!(line.width() <= columns || is_command, "{columns}: {line}");
        }
        insta::assert_snapshot!(format!("for_people_{columns}"), text);
    }
    // What the snapshots show at 80 columns, with colours.
    let plain = human(&large(), Form { colored: false, columns: Some(80) });
    let text = human(&large(), Form { colored: true, columns: Some(80) });
    assert_ne!(text, plain);
    let mut without = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        without.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    without.push_str(rest);
    assert_eq!(without, plain, "colours change nothing else");
}

#[test]
fn programs_learn_as_much() {
    let failures = vec![(
        PackageId { name: "gamma".to_owned(), version: "1.0.0".parse().unwrap() },
        vec!["safe-to-deploy".to_owned()],
    )];
    let outcome = CheckOutcome::Unvetted { failures, suggestions: Some(Box::new(suggestions())) };
    let checked = Checked { outcome, left_out: None };
    insta::assert_snapshot!("for_programs", check::json(&checked));
    insta::assert_snapshot!("failed_check", check::human(&checked, Form::default()));
    assert_eq!(check::suggested(&checked, Form::default()), human(&suggestions(), Form::default()));
}

#[test]
fn nothing_to_do() {
    let outcome =
        CheckOutcome::Success { fully_audited: vec![], partially_audited: vec![], exempted: vec![] };
    let expected = "Nothing to suggest, you're fully audited!\n";
    let checked = Checked { outcome, left_out: None };
    assert_eq!(check::suggested(&checked, Form::default()), expected);
}
