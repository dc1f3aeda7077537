//! Stores that are readable but invalid.

use vet_diagnostics::Severity;
use vet_store::validate::latest_end;
use vet_store::{Date, Store, validate};

use crate::rendering::{Files, render_all, today, transcript};

#[test]
fn unknown_criteria() {
    insta::assert_snapshot!(transcript(&[
        (
            "in every place of the configuration",
            Files::config(
                "default-criteria = \"d\"\n\
             [imports.peer]\nurl = \"x\"\n[imports.peer.criteria-map]\nfast = [\"safe-to-run\", \"m\"]\n\
             [policy.a]\ncriteria = \"c\"\ndev-criteria = [\"safe-to-run\", \"e\"]\n\
             dependency-criteria = { b = \"f\", \"c d\" = [\"g\"] }\n\
             [policy.\"b:1.0.0 @git:0000000000000000000000000000000000000000\"]\ncriteria = \"h\"\n\
             [[unaudited.x]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-run\"\n\
             [[unaudited.x]]\nversion = \"1.0.1\"\ncriteria = [\"safe-to-deploy\", \"i\"]\n",
            )
        ),
        (
            "where they do not matter yet",
            Files::config(
                "default-criteria = \"safe-to-rum\"\n\
                 [imports.peer]\nurl = \"x\"\n[imports.peer.criteria-map]\nfast = [\"safe-to-run\", \"m\"]\nslow = \"m\"\n",
            ),
        ),
        (
            "in every place of the audits",
            Files::audits(
                "[criteria.fuzzed]\nimplies = [\"safe-to-run\", \"i\"]\ndescription = \"x\"\n\
             [[wildcard-audits.w]]\ncriteria = \"j\"\nuser-id = 1\nstart = \"2020-01-01\"\nend = \"2020-01-01\"\n\
             [[audits.a]]\ncriteria = [\"fuzed\"]\nviolation = \"*\"\n\
             [[trusted.t]]\ncriteria = \"k\"\nuser-id = 1\nstart = \"2020-01-01\"\nend = \"2020-01-01\"\n",
            )
        ),
        (
            "in the lock, where they count only for crates in use",
            Files::imports(
                "[[audits.peer.wildcard-audits.w]]\ncriteria = \"l\"\nuser-id = 1\nstart = \"2020-01-01\"\nend = \"2099-01-01\"\n\
             [[audits.peer.audits.a]]\ncriteria = \"m\"\nversion = \"1.0.0\"\n\
             [[audits.peer.audits.a]]\ncriteria = \"m\"\nversion = \"1.0.1\"\n\
             [[audits.peer.trusted.t]]\ncriteria = \"n\"\nuser-id = 1\nstart = \"2020-01-01\"\nend = \"2020-01-01\"\n",
            )
        ),
        (
            "one name in many places is one finding",
            Files::config(&"[[exemptions.x]]\nversion = \"1.0.0\"\ncriteria = \"nope\"\n".repeat(13),)
        ),
        ("names that could be terminal codes", Files::config("[policy.a]\ncriteria = \"\\u001B[31m\\n\"\n")),
    ]));
}

#[test]
fn criteria_that_make_no_sense() {
    insta::assert_snapshot!(transcript(&[
        (
            "shadowing",
            Files::audits(
                "[audits]\n[criteria.safe-to-deploy]\ndescription = \"x\"\nimplies = \"safe-to-run\"\n"
            )
        ),
        ("self-implication", Files::audits("[audits]\n[criteria.a]\ndescription = \"x\"\nimplies = \"a\"\n")),
        (
            "cycles, each once",
            Files::audits(
                "[audits]\n[criteria]\na = { implies = [\"safe-to-run\", \"b\"] }\nb = { implies = \"c\" }\n\
             c = { implies = [\"a\"] }\nd = { implies = \"e\" }\ne = { implies = [\"d\", \"a\"] }\nf = { implies = \"d\" }\n",
            )
        ),
        (
            "more than 64",
            Files::audits(&format!(
                "[audits]\n{}",
                (0..80)
                    .map(|index| format!("[criteria.c{index}]\nimplies = \"safe-to-run\"\n"))
                    .collect::<String>(),
            ))
        ),
    ]));
}

#[test]
fn wildcard_audits_end_within_a_year() {
    let entry = |end: &str| {
        format!(
            "[audits]\n[[wildcard-audits.w]]\ncriteria = \"safe-to-run\"\nuser-id = 1\nstart = \"2020-01-01\"\nend = \"{end}\"\n"
        )
    };
    insta::assert_snapshot!(transcript(&[
        ("the last day", Files::audits(&entry("2027-11-23"))),
        ("a day later", Files::audits(&entry("2027-11-24"))),
    ]));
    let day = |year, month, day| Date::from_ymd_opt(year, month, day).unwrap();
    for (today, latest) in [
        (day(2024, 2, 29), day(2025, 2, 28)),
        (day(2027, 2, 28), day(2028, 2, 28)),
        (day(2027, 3, 1), day(2028, 3, 1)),
        (Date::MAX, Date::MAX),
    ] {
        assert_eq!(latest_end(today), latest, "{today}");
    }
}

/// An entry about a publisher matters only if it covers a known release, and then only if the crate
/// is in use.
#[test]
fn a_conditional_finding_is_settled_by_who_knows() {
    let audits = "[audits]\n[[trusted.t]]\ncriteria = \"k\"\nuser-id = 1\nstart = \"2020-01-01\"\nend = \"2021-01-01\"\n";
    let peer = audits.replace("[audits]\n", "").replace("[[trusted", "[[audits.peer.wildcard-audits");
    let release = |account: u32, day: &str| {
        format!(
            "[[publisher.t]]\nversion = \"1.0.0\"\nwhen = \"{day}\"\nuser-id = {account}\nuser-login = \"a\"\n"
        )
    };
    for (releases, matters) in [
        (String::new(), false),
        (release(1, "2020-12-31"), true),
        (release(1, "2021-01-01"), false),
        (release(2, "2020-12-31"), false),
        (release(1, "2020-12-31").replace("publisher.t", "publisher.other"), false),
    ] {
        let with_peer = format!("{releases}{peer}[audits.peer.audits]\n");
        for files in [Files { audits, ..Files::imports(&releases) }, Files::imports(&with_peer)] {
            let loaded = files.load().unwrap();
            match loaded.conditional.as_slice() {
                [conditional] if matters => {
                    assert_eq!(conditional.clone().settle(true).severity, Severity::Error);
                    assert_eq!(conditional.clone().settle(false).severity, Severity::Warning);
                }
                conditional => {
                    assert!(!matters && conditional.is_empty(), "{releases}: {conditional:?}");
                    assert_eq!(loaded.warnings.len(), 1, "{releases}");
                }
            }
        }
    }
}

#[test]
fn values_without_text_are_named() {
    let text = "[policy.\"a b:1.0.0\"]\n[[exemptions.x]]\nversion = \"1.0.0\"\n[[exemptions.x]]\nversion = \"1.0.1\"\n";
    let mut store: Store = Files::config(text).load().unwrap().store;
    store.config.exemptions.get_mut("x").unwrap()[1].criteria = vec!["nope".to_owned()];
    for policies in store.config.policy.0.values_mut() {
        if let vet_store::files::CratePolicy::Versioned(policies) = policies {
            policies.values_mut().for_each(|policy| policy.criteria = Some(vec!["nope".to_owned()]));
        }
    }
    insta::assert_snapshot!(render_all(&validate(&store, None, today()).problems));
}
