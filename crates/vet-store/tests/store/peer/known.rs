//! Which fetched entries are new, and which criteria have changed.

use proptest::prelude::*;
use vet_diagnostics::Source;
use vet_store::entries::{AuditEntry, AuditKind, Publisher, PublisherEntry};
use vet_store::files::{AuditsFile, ByCrate};
use vet_store::parse_audits;
use vet_store::peer::{changed_criteria, mark_known, mark_known_publishers};

use crate::peer::by_publisher;
use crate::rendering::render_all;

fn file(text: &str) -> AuditsFile {
    parse_audits(&Source::new("audits.toml", format!("{text}[audits]\n"))).value
}

/// Fetched entries, all of them fresh.
fn live(text: &str) -> AuditsFile {
    let mut file = file(text);
    file.audits.values_mut().flatten().for_each(|entry| entry.fresh = true);
    file.wildcard_audits.values_mut().flatten().for_each(|entry| entry.fresh = true);
    file
}

fn audit(fields: &str) -> String {
    format!("[[audits.a]]\n{fields}\n")
}

#[test]
fn an_entry_is_known_by_what_it_says() {
    let full = audit("version = \"1.0.0\"\ncriteria = [\"a\", \"b\"]");
    let wildcard = by_publisher("wildcard-audits", "a", "criteria = \"a\"");
    let git = |letter: char| audit(&format!("version = \"1.0.0@git:{}\"", letter.to_string().repeat(40)));
    let range = |range: &str| audit(&format!("violation = \"{range}\""));
    for (live_text, locked, known) in [
        (full.clone(), full.clone(), true),
        (
            full.clone(),
            full.clone() + "who = \"w\"\nnotes = \"n\"\nimportable = false\naggregated-from = \"x\"\n",
            true,
        ),
        (full.clone(), full.replace("1.0.0", "1.0.1"), false),
        (full.clone(), full.replace("\"a\", \"b\"", "\"b\", \"a\""), false),
        (full.clone(), full.replace("\"a\", \"b\"", "\"a\""), false),
        (full.clone(), full.replace("audits.a", "audits.b"), false),
        (full.clone(), audit("delta = \"1.0.0 -> 1.0.0\"\ncriteria = [\"a\", \"b\"]"), false),
        (git('a'), git('a'), true),
        (git('a'), git('A'), false),
        (range("1.0.0"), range("^1.0.0"), true),
        (range("^1"), range(">=1, <2"), false),
        (wildcard.clone(), wildcard.clone() + "who = \"w\"\nrenew = false\n", true),
        (wildcard.clone(), wildcard.replace("user-id = 1", "user-id = 2"), false),
        (wildcard.clone(), wildcard.replace("user-id = 1", "trusted-publisher = \"1\""), false),
        (wildcard.clone(), wildcard.replace("2020", "2019"), false),
        (wildcard.clone(), wildcard.replace("2021", "2022"), false),
        (wildcard.clone(), wildcard.replace("\"a\"", "\"b\""), false),
    ] {
        let mut live = live(&live_text);
        mark_known(&mut live, &file(&locked));
        let mut fresh = live.audits.values().flatten().map(|entry| entry.fresh).collect::<Vec<_>>();
        fresh.extend(live.wildcard_audits.values().flatten().map(|entry| entry.fresh));
        assert_eq!(fresh, [!known], "{live_text}{locked}");
    }
}

#[test]
fn a_locked_entry_accounts_for_one() {
    let entry = audit("version = \"1.0.0\"");
    let mut live = live(&entry.repeat(3));
    mark_known(&mut live, &file(&entry));
    let fresh = |live: &AuditsFile| live.audits["a"].iter().map(|entry| entry.fresh).collect::<Vec<_>>();
    assert_eq!(fresh(&live), [false, true, true]);
    mark_known(&mut live, &file(&entry));
    assert_eq!(fresh(&live), [false, false, true]);
    mark_known(&mut live, &file(&entry.repeat(9)));
    assert_eq!(fresh(&live), [false, false, false]);
}

#[test]
fn a_publisher_record_is_known_by_its_version() {
    let record = |version: &str, id| PublisherEntry {
        version: version.parse().unwrap(),
        when: "2020-01-01".parse().unwrap(),
        publisher: Publisher::User { id, login: "l".to_owned(), name: None },
        fresh: false,
    };
    let all = |records: &[PublisherEntry]| ByCrate::from([("a".to_owned(), records.to_vec())]);
    let mut live = all(&[record("1.0.0", 1), record("1.0.1", 1), record("1.0.2", 1)]);
    mark_known_publishers(&mut live, &all(&[record("1.0.2", 2), record("1.0.0", 1), record("0.9.0", 1)]));
    let fresh: Vec<bool> = live["a"].iter().map(|record| record.fresh).collect();
    assert_eq!(fresh, [false, true, false]);
    mark_known_publishers(&mut live, &ByCrate::new());
    assert!(live["a"].iter().all(|record| record.fresh));
}

#[test]
fn changed_texts_are_shown() {
    let live = file(
        "[criteria.same]\ndescription = \"x\"\n[criteria.feed]\ndescription = \"x\\n\"\n[criteria.new]\ndescription = \"x\"\n\
         [criteria.lines]\ndescription = \"one\\n2\\nthree\"\n[criteria.given]\ndescription = \"x\"\n",
    );
    let locked = file(
        "[criteria.same]\ndescription = \"x\"\n[criteria.feed]\ndescription = \"x\"\n[criteria.gone]\ndescription = \"x\"\n\
         [criteria.lines]\ndescription = \"one\\ntwo\\nthree\"\n[criteria.given]\n",
    );
    insta::assert_snapshot!(render_all(&changed_criteria("acme", &live, &locked)));
}

/// The rule in its plain form: each locked entry, in order, takes the first fresh entry that says
/// the same.
fn by_the_rule(live: &mut [AuditEntry], locked: &[AuditEntry]) {
    for known in locked {
        let same = |entry: &&mut AuditEntry| {
            entry.fresh && entry.kind == known.kind && entry.criteria == known.criteria
        };
        if let Some(entry) = live.iter_mut().find(same) {
            entry.fresh = false;
        }
    }
}

fn entries() -> impl Strategy<Value = Vec<AuditEntry>> {
    let entry = (0..3u64, 0..2usize, any::<bool>()).prop_map(|(patch, criteria, fresh)| AuditEntry {
        who: Vec::new(),
        criteria: vec!["a".to_owned(); criteria],
        kind: AuditKind::Full(vet_store::Version::from(semver::Version::new(1, 0, patch))),
        importable: true,
        notes: None,
        aggregated_from: Vec::new(),
        fresh,
    });
    proptest::collection::vec(entry, 0..12)
}

proptest! {
    #[test]
    fn counting_keeps_to_the_rule(live in entries(), locked in entries()) {
        let file = |entries: &[AuditEntry]| AuditsFile {
            audits: ByCrate::from([("a".to_owned(), entries.to_vec())]),
            ..AuditsFile::default()
        };
        let mut marked = file(&live);
        mark_known(&mut marked, &file(&locked));
        let mut expected = live;
        by_the_rule(&mut expected, &locked);
        prop_assert_eq!(&marked.audits["a"], &expected);
    }
}
