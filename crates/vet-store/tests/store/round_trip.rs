//! Writing a store and reading it back gives the same store and the same text.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use vet_diagnostics::Source;
use vet_store::entries::{
    AuditEntry, AuditKind, CriteriaEntry, Exemption, Publisher, PublisherEntry, PublisherId, TrustedEntry,
    UnpublishedEntry, WildcardEntry,
};
use vet_store::files::{
    AuditsFile, ByCrate, ConfigFile, CratePolicy, ImportConfig, ImportsFile, Policies, Policy, StoreVersion,
};
use vet_store::{
    Accounts, Date, Version, parse_audits, parse_config, parse_imports, write_audits, write_config,
    write_imports,
};

/// Strings that are hard to write.
fn text() -> impl Strategy<Value = String> {
    let fragment = prop_oneof![
        4 => "[a-z]{1,12}",
        4 => proptest::sample::select(vec![
            "'", "''", "'''", "\"", "\"\"", "\"\"\"", "\\", "\n", "\r", "\r\n", "\t", "\u{0}", "\u{8}", "\u{c}",
            "\u{1b}", "\u{7f}", "\u{85}", "\u{2028}", "é", "😀", "\u{feff}", "#", "[", "]", "{", "}", ",", " ", ".", "=",
            "<<<<<<< a\n", "\n[x]\n",
        ]).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    vec(fragment, 0..6).prop_map(|fragments| fragments.concat())
}

/// Names of crates, criteria and imports.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z][a-z0-9_-]{0,9}",
        1 => Just("dependency-criteria".to_owned()),
        1 => Just("audits".to_owned()),
        2 => text(),
    ]
}

fn list() -> impl Strategy<Value = Vec<String>> {
    vec(prop_oneof![2 => name(), 1 => text()], 0..5)
}

fn version() -> impl Strategy<Value = Version> {
    let number = prop_oneof![4 => 0..12_u64, 1 => any::<u64>()];
    let suffix = proptest::sample::select(vec!["", "-alpha.1", "-0", "+build", "+01", "-rc.9+1"]);
    let revision = option::weighted(0.2, "[0-9a-fA-F]{40}");
    ((number.clone(), 0..12_u64, 0..3_u64), suffix, revision).prop_map(
        |((major, minor, patch), suffix, revision)| {
            let revision = revision.map_or_else(String::new, |revision| format!("@git:{revision}"));
            format!("{major}.{minor}.{patch}{suffix}{revision}").parse().unwrap()
        },
    )
}

fn date() -> impl Strategy<Value = Date> {
    let day = |days| Date::from_num_days_from_ce_opt(days).unwrap();
    prop_oneof![4 => 737_000..740_000_i32, 1 => -1_000_000..4_000_000_i32].prop_map(day)
}

fn account() -> impl Strategy<Value = u64> {
    prop_oneof![4 => 1..5_u64, 1 => Just(i64::MAX as u64)]
}

fn publisher_id() -> impl Strategy<Value = PublisherId> {
    prop_oneof![account().prop_map(PublisherId::User), text().prop_map(PublisherId::TrustedPublisher)]
}

fn by_crate<T: std::fmt::Debug>(entry: impl Strategy<Value = T>) -> impl Strategy<Value = ByCrate<T>> {
    btree_map(name(), vec(entry, 1..4), 0..3)
}

fn criteria_entry() -> impl Strategy<Value = CriteriaEntry> {
    (option::of(text()), option::of(text()), list(), list()).prop_map(
        |(description, description_url, implies, aggregated_from)| CriteriaEntry {
            description,
            description_url,
            implies,
            aggregated_from,
        },
    )
}

fn audit() -> impl Strategy<Value = AuditEntry> {
    let range = proptest::sample::select(vec!["*", "1.0.0", ">=1, <2", "=1.2.3-rc.1", "~0.3", "1.*"]);
    let kind = prop_oneof![
        version().prop_map(AuditKind::Full),
        (version(), version()).prop_map(|(from, to)| AuditKind::Delta { from, to }),
        range.prop_map(|range| AuditKind::Violation(range.parse().unwrap())),
    ];
    (list(), list(), kind, any::<bool>(), option::of(text()), list()).prop_map(
        |(who, criteria, kind, importable, notes, aggregated_from)| AuditEntry {
            who,
            criteria,
            kind,
            importable,
            notes,
            aggregated_from,
        },
    )
}

fn wildcard() -> impl Strategy<Value = WildcardEntry> {
    let flags = (option::of(any::<bool>()), option::of(text()), list());
    (list(), list(), publisher_id(), date(), date(), flags).prop_map(
        |(who, criteria, publisher, start, end, (renew, notes, aggregated_from))| WildcardEntry {
            who,
            criteria,
            publisher,
            start,
            end,
            renew,
            notes,
            aggregated_from,
        },
    )
}

fn trusted() -> impl Strategy<Value = TrustedEntry> {
    (list(), publisher_id(), date(), date(), option::of(text()), list()).prop_map(
        |(criteria, publisher, start, end, notes, aggregated_from)| TrustedEntry {
            criteria,
            publisher,
            start,
            end,
            notes,
            aggregated_from,
        },
    )
}

fn audits_file() -> impl Strategy<Value = AuditsFile> {
    (btree_map(name(), criteria_entry(), 0..3), by_crate(wildcard()), by_crate(audit()), by_crate(trusted()))
        .prop_map(|(criteria, wildcard_audits, audits, trusted)| AuditsFile {
            criteria,
            wildcard_audits,
            audits,
            trusted,
        })
}

fn lists() -> impl Strategy<Value = BTreeMap<String, Vec<String>>> {
    btree_map(name(), list(), 0..4)
}

fn policy() -> impl Strategy<Value = Policy> {
    (option::of(any::<bool>()), option::of(list()), option::of(list()), lists(), option::of(text())).prop_map(
        |(audit_as_crates_io, criteria, dev_criteria, dependency_criteria, notes)| Policy {
            audit_as_crates_io,
            criteria,
            dev_criteria,
            dependency_criteria,
            notes,
        },
    )
}

fn config_file() -> impl Strategy<Value = ConfigFile> {
    let import = (list(), list(), lists()).prop_map(|(url, exclude, criteria_map)| ImportConfig {
        url,
        exclude,
        criteria_map,
    });
    let crate_policy = prop_oneof![
        policy().prop_map(CratePolicy::Unversioned),
        btree_map(version(), policy(), 1..3).prop_map(CratePolicy::Versioned),
    ];
    // In the keys of policies, a colon ends the name of a crate.
    let crate_name = name().prop_map(|name| name.replace(':', ""));
    let exemption = (version(), list(), any::<bool>(), option::of(text()))
        .prop_map(|(version, criteria, suggest, notes)| Exemption { version, criteria, suggest, notes });
    let default_criteria = prop_oneof![Just(ConfigFile::DEFAULT_CRITERIA.to_owned()), text()];
    (
        default_criteria,
        btree_map(name(), import, 0..3),
        btree_map(crate_name, crate_policy, 0..4),
        by_crate(exemption),
    )
        .prop_map(|(default_criteria, imports, policies, exemptions)| ConfigFile {
            default_criteria,
            version: StoreVersion::CURRENT,
            imports,
            policy: Policies(policies),
            exemptions,
        })
}

fn imports_file() -> impl Strategy<Value = ImportsFile> {
    let publisher = prop_oneof![
        (account(), text(), option::of(text())).prop_map(|(id, login, name)| Publisher::User {
            id,
            login,
            name
        }),
        text().prop_map(Publisher::TrustedPublisher),
    ];
    let publisher = (version(), date(), publisher).prop_map(|(version, when, publisher)| PublisherEntry {
        version,
        when,
        publisher,
    });
    let unpublished =
        (version(), version()).prop_map(|(version, audited_as)| UnpublishedEntry { version, audited_as });
    (by_crate(unpublished), by_crate(publisher), btree_map(name(), audits_file(), 0..3))
        .prop_map(|(unpublished, publisher, audits)| ImportsFile { unpublished, publisher, audits })
}

/// Sorts the entries as they are written.
fn sort<T>(entries: &mut ByCrate<T>, order: fn(&T, &T) -> std::cmp::Ordering) {
    entries.values_mut().for_each(|entries| entries.sort_by(order));
}

fn sort_audits(file: &mut AuditsFile) {
    sort(&mut file.audits, AuditEntry::canonical_cmp);
    sort(&mut file.wildcard_audits, WildcardEntry::canonical_cmp);
    sort(&mut file.trusted, TrustedEntry::canonical_cmp);
}

proptest! {
    #[test]
    fn config(mut file in config_file()) {
        let text = write_config(&file);
        let back = parse_config(&Source::new("config.toml", text.as_str())).into_result();
        sort(&mut file.exemptions, Exemption::canonical_cmp);
        prop_assert_eq!(back.as_ref(), Ok(&file), "{}", text);
        prop_assert_eq!(write_config(&file), text);
    }

    #[test]
    fn audits(mut file in audits_file(), imports in imports_file()) {
        let accounts = Accounts::from_imports(&imports);
        let text = write_audits(&file, &accounts);
        let back = parse_audits(&Source::new("audits.toml", text.as_str())).into_result();
        sort_audits(&mut file);
        prop_assert_eq!(back.as_ref(), Ok(&file), "{}", text);
        prop_assert_eq!(write_audits(&file, &accounts), text);
    }

    #[test]
    fn imports(mut file in imports_file()) {
        let text = write_imports(&file);
        let back = parse_imports(&Source::new("imports.lock", text.as_str())).into_result();
        sort(&mut file.publisher, PublisherEntry::canonical_cmp);
        sort(&mut file.unpublished, UnpublishedEntry::canonical_cmp);
        file.audits.values_mut().for_each(sort_audits);
        prop_assert_eq!(back.as_ref(), Ok(&file), "{}", text);
        prop_assert_eq!(write_imports(&file), text);
    }
}
