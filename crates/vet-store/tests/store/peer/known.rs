//! Which fetched entries are new, and which criteria have changed.

use proptest::prelude::*;
use vet_diagnostics::Source;
use vet_store::entries::{AuditEntry, AuditKind, Publisher, PublisherEntry, UnpublishedEntry};
use vet_store::fetched::{Fresh, FreshOfPeer};
use vet_store::files::{AuditsFile, ByCrate};
use vet_store::parse_audits;
use vet_store::peer::{changed_criteria, fresh_of_peer, fresh_publishers, fresh_unpublished};

use crate::peer::by_publisher;
use crate::rendering::render_all;

fn file(text: &str) -> AuditsFile {
    parse_audits(&Source::new("audits.toml", format!("{text}[audits]\n"))).value
}

/// Whether the entries of the crate `a` in a list are fresh.
fn of_a<T>(fresh: &Fresh, entries: &ByCrate<T>) -> Vec<bool> {
    (0..entries.get("a").map_or(0, Vec::len)).map(|position| fresh.of("a").has(position)).collect()
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
        let live = file(&live_text);
        let found = fresh_of_peer(&live, &file(&locked));
        let mut fresh = of_a(&found.audits, &live.audits);
        fresh.extend(of_a(&found.wildcard_audits, &live.wildcard_audits));
        assert_eq!(fresh, [!known], "{live_text}{locked}");
        if !known {
            assert_eq!(found, FreshOfPeer::all(&live));
        }
    }
}

#[test]
fn a_locked_entry_accounts_for_one() {
    let entry = audit("version = \"1.0.0\"");
    let live = file(&entry.repeat(3));
    let fresh = |times| of_a(&fresh_of_peer(&live, &file(&entry.repeat(times))).audits, &live.audits);
    assert_eq!(fresh(0), [true, true, true]);
    assert_eq!(fresh(1), [false, true, true]);
    assert_eq!(fresh(2), [false, false, true]);
    assert_eq!(fresh(9), [false, false, false]);
}

#[test]
fn a_publisher_record_is_known_by_its_version() {
    let record = |version: &str, id| PublisherEntry {
        version: version.parse().unwrap(),
        when: "2020-01-01".parse().unwrap(),
        publisher: Publisher::User { id, login: "l".to_owned(), name: None },
    };
    let all = |records: &[PublisherEntry]| ByCrate::from([("a".to_owned(), records.to_vec())]);
    let live = all(&[record("1.0.0", 1), record("1.0.1", 1), record("1.0.2", 1)]);
    let locked = all(&[record("1.0.2", 2), record("1.0.0", 1), record("0.9.0", 1)]);
    assert_eq!(of_a(&fresh_publishers(&live, &locked), &live), [false, true, false]);
    assert_eq!(fresh_publishers(&live, &ByCrate::new()), Fresh::all(&live));
}

#[test]
fn an_unpublished_entry_is_known_by_its_versions() {
    let entry = |version: &str, audited_as: &str| UnpublishedEntry {
        version: version.parse().unwrap(),
        audited_as: audited_as.parse().unwrap(),
    };
    let all = |entries: &[UnpublishedEntry]| ByCrate::from([("a".to_owned(), entries.to_vec())]);
    // A run adds its entries after the locked ones.
    let locked = all(&[entry("1.0.1", "1.0.0"), entry("1.0.2", "1.0.0")]);
    let live = all(&[
        entry("1.0.1", "1.0.0"),
        entry("1.0.2", "1.0.0"),
        entry("1.0.1", "1.0.0"),
        entry("1.0.2", "1.0.1"),
    ]);
    assert_eq!(of_a(&fresh_unpublished(&live, &locked), &live), [false, false, true, true]);
    assert_eq!(fresh_unpublished(&live, &live), Fresh::default());
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
/// the same. Returns which entries are still fresh.
fn by_the_rule(live: &[AuditEntry], locked: &[AuditEntry]) -> Vec<bool> {
    let mut fresh = vec![true; live.len()];
    for known in locked {
        let is_same = |entry: &AuditEntry| entry.kind == known.kind && entry.criteria == known.criteria;
        if let Some((_, mark)) = live.iter().zip(&mut fresh).find(|(entry, mark)| **mark && is_same(entry)) {
            *mark = false;
        }
    }
    fresh
}

fn entries() -> impl Strategy<Value = Vec<AuditEntry>> {
    let entry = (0..3u64, 0..2usize).prop_map(|(patch, criteria)| AuditEntry {
        who: Vec::new(),
        criteria: vec!["a".to_owned(); criteria],
        kind: AuditKind::Full(vet_store::Version::from(semver::Version::new(1, 0, patch))),
        importable: true,
        notes: None,
        aggregated_from: Vec::new(),
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
        let fresh = fresh_of_peer(&file(&live), &file(&locked));
        prop_assert_eq!(of_a(&fresh.audits, &file(&live).audits), by_the_rule(&live, &locked));
    }
}
