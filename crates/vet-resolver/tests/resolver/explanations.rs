//! The explanations that `explain-audit` shows.

use vet_resolver::{ExplainedStep, Explanation, Statement, explain};
use vet_store::Loaded;
use vet_store::entries::{Publisher, PublisherId};
use vet_testing::{statements, version};

use crate::lines;

/// Returns the steps to a version of `demo`, one per line. If there are none, returns the versions
/// that meet the criterion, after `no:`.
pub(crate) fn explained(store: &str, wanted: &str, criterion: &str) -> String {
    explained_in(&statements(store), wanted, criterion)
}

pub(crate) fn explained_in(loaded: &Loaded, wanted: &str, criterion: &str) -> String {
    let criterion = match criterion {
        "D" => "safe-to-deploy",
        "R" => "safe-to-run",
        name => name,
    };
    let criterion = loaded.criteria.index(criterion).unwrap();
    match explain(&loaded.store, &loaded.criteria, "demo", &version(wanted), criterion) {
        Explanation::Certified(steps) => steps.iter().map(|step| step_line(step) + "\n").collect(),
        Explanation::NotCertified(versions) => {
            let versions: String = versions.iter().map(|version| format!(" {}", short(version))).collect();
            format!("no:{versions}\n")
        }
        Explanation::Conflicts(conflicts) => format!("{} conflicts\n", conflicts.len()),
    }
}

fn step_line(step: &ExplainedStep) -> String {
    let fresh = if step.fresh { "+ " } else { "" };
    let source = step.source.as_ref().map(|peer| format!("{peer}: ")).unwrap_or_default();
    let by = |who: &[String]| match who {
        [] => String::new(),
        who => format!(" ({})", who.join(", ")),
    };
    let publisher = |publisher: &Publisher| match publisher.id() {
        PublisherId::User(id) => id.to_string(),
        PublisherId::TrustedPublisher(signature) => signature,
    };
    let statement = match &step.statement {
        Statement::Full { version, who } => format!("full {}{}", short(version), by(who)),
        Statement::Delta { from, to, who } => format!("{} -> {}{}", short(from), short(to), by(who)),
        Statement::Wildcard { version, publisher: released_by, who } => {
            format!("wildcard {} by {}{}", short(version), publisher(released_by), by(who))
        }
        Statement::Trusted { version, publisher: released_by } => {
            format!("trusted {} by {}", short(version), publisher(released_by))
        }
        Statement::Exemption { version } => format!("exemption {}", short(version)),
        Statement::Unpublished { version, audited_as } => {
            format!("alias {} as {}", short(version), short(audited_as))
        }
    };
    format!("{fresh}{source}{statement}")
}

fn short(version: &vet_store::Version) -> String {
    let text = version.to_string();
    text.strip_suffix(".0.0").map(str::to_owned).unwrap_or(text)
}

#[track_caller]
fn check(store: &str, wanted: &str, expected: &str) {
    assert_eq!(explained(store, wanted, "D"), lines(expected), "with\n{store}");
}

#[test]
fn steps_lead_from_the_empty_crate_to_the_version() {
    check(
        "peer: audit demo 1: D
         audit demo 1 -> 2: D
         private demo 2 -> 3: D
         alias demo 4 as 3",
        "4",
        "peer: full 1
         1 -> 2
         2 -> 3
         alias 4 as 3",
    );
    check(
        "wildcard demo by github:o/r in 1..31: D\nrelease demo 1 by github:o/r on 1\naudit demo 1 -> 1@git:7: D",
        "1@git:7",
        "wildcard 1 by github:o/r\n1 -> 1.0.0@git:7777777777777777777777777777777777777777",
    );
    check("trusted demo by 7 in 1..31: D\nrelease demo 1 by 7 on 1", "1", "trusted 1 by 7");
    check("exemption demo 1: D", "1", "exemption 1");
}

#[test]
fn what_was_fetched_in_this_run_is_marked() {
    check("+ peer: audit demo 1: D\n+ peer: audit demo 1 -> 2: D", "2", "+ peer: full 1\n+ peer: 1 -> 2");
    let releases = "release demo 1 by 7 on 1\n+ release demo 2 by 7 on 1";
    for (statement, step) in [
        ("wildcard demo by 7 in 1..31: D", "wildcard"),
        ("trusted demo by 7 in 1..31: D", "trusted"),
        ("peer: wildcard demo by 7 in 1..31: D", "peer: wildcard"),
    ] {
        let store = format!("{statement}\n{releases}");
        check(&store, "1", &format!("{step} 1 by 7"));
        check(&store, "2", &format!("+ {step} 2 by 7"));
    }
    let store = format!("+ peer: wildcard demo by 7 in 1..31: D\n{releases}");
    check(&store, "1", "+ peer: wildcard 1 by 7");
    check("exemption demo 1: D\n+ alias demo 2 as 1", "2", "exemption 1\n+ alias 2 as 1");
}

#[test]
fn auditors_are_named() {
    let loaded = vet_testing::store(
        "cargo-vet.version = \"0.10\"\nimports.peer.url = \"https://peer.example/\"",
        "[[audits.demo]]\nwho = [\"Ann\", \"Bob\"]\nversion = \"1.0.0\"\ncriteria = \"safe-to-deploy\"\n",
        "[[audits.peer.audits.demo]]\nwho = \"Cid\"\ndelta = \"1.0.0 -> 2.0.0\"\ncriteria = \"safe-to-deploy\"\n\
         [[audits.peer.wildcard-audits.demo]]\nwho = \"Dan\"\ncriteria = \"safe-to-deploy\"\nuser-id = 7\n\
         start = \"2020-01-01\"\nend = \"2020-02-01\"\n\
         [[publisher.demo]]\nversion = \"3.0.0\"\nwhen = \"2020-01-02\"\nuser-id = 7\nuser-login = \"seven\"\n",
    );
    assert_eq!(explained_in(&loaded, "2", "D"), "full 1 (Ann, Bob)\npeer: 1 -> 2 (Cid)\n");
    assert_eq!(explained_in(&loaded, "3", "D"), "peer: wildcard 3 by 7 (Dan)\n");
}

#[test]
fn where_there_is_no_chain_the_certified_versions_are_listed() {
    check("", "1", "no:");
    check("audit demo 1 -> 2: D\naudit demo 5: R", "2", "no:");
    // Exempted and private versions, and code from git, whether or not they are near the wanted
    // version.
    check(
        "exemption demo 3: D
         private demo 2: D
         audit demo 2 -> 2@git:7: D
         audit demo 9: R
         audit demo 3 -> 11: D
         audit demo 8 -> 7: D
         + peer: audit demo 1: D
         alias demo 3.0.1 as 3",
        "8",
        "no: 1 2 2.0.0@git:7777777777777777777777777777777777777777 3 3.0.1 11",
    );
}

#[test]
fn conflicts_leave_no_answer() {
    check("audit demo 1: D\nviolation demo 5: D", "1", "full 1");
    check(
        "audit demo 1: D\nviolation demo 5: D\nexemption demo 5: D\nexemption demo 5: D",
        "1",
        "2 conflicts",
    );
    check("audit demo 1: D\nviolation other 1: D\nexemption other 1: D", "1", "full 1");
}
