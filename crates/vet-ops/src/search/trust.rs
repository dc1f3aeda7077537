//! Publishers who could be trusted instead of an audit: those that this project or one of its peers
//! trusts already.

use std::collections::{BTreeMap, BTreeSet};

use vet_fetch::crates_io::Details;
use vet_store::entries::{Publisher, PublisherId};
use vet_store::{Store, Version};

use crate::evaluation::outcome::{PublisherShare, Suggestion, TrustHint};
use crate::fetched_store::publishers::Publishers;

/// The name of this project in hints.
const THIS_PROJECT: &str = "this project";

/// Who trusts each publisher, for any crate and period.
pub(super) struct Trusted(BTreeMap<PublisherId, BTreeSet<String>>);

impl Trusted {
    pub(super) fn of(store: &Store) -> Self {
        let mut trusted: BTreeMap<PublisherId, BTreeSet<String>> = BTreeMap::new();
        let peers = store.imports.audits.iter().map(|(name, file)| (name.as_str(), file));
        for (name, file) in peers.chain([(THIS_PROJECT, &store.audits)]) {
            for entry in file.trusted.values().flatten() {
                trusted.entry(entry.publisher.clone()).or_default().insert(name.to_owned());
            }
        }
        Trusted(trusted)
    }

    /// Who trusts a publisher; `None` if neither this project nor an import does.
    fn by(&self, publisher: &Publisher) -> Option<Vec<String>> {
        let by = self.0.get(&publisher.id())?;
        Some(match by.contains(THIS_PROJECT) {
            true => vec![THIS_PROJECT.to_owned()],
            false => by.iter().cloned().collect(),
        })
    }

    /// What each publisher has of a plan: the audits of versions of crates that have no other known
    /// publisher. `details_of` says what crates.io knows about a crate.
    pub(super) fn shares<'d>(
        &self,
        audits: &[Suggestion],
        details_of: impl Fn(&str) -> Option<&'d Details>,
        publishers: &Publishers,
    ) -> Vec<PublisherShare> {
        let mut found: BTreeMap<PublisherId, (&Publisher, u64, BTreeSet<&str>)> = BTreeMap::new();
        for audit in audits {
            let Some(publisher) = &audit.publisher else { continue };
            let is_only = details_of(&audit.name).is_some_and(has_one_publisher);
            if is_only {
                let none = (publisher, 0, BTreeSet::new());
                let (_, lines, crates) = found.entry(publisher.id()).or_insert(none);
                *lines = lines.saturating_add(audit.size.lines());
                crates.insert(&audit.name);
            }
        }
        let share = |(publisher, lines, crates): (&Publisher, u64, BTreeSet<&str>)| PublisherShare {
            publisher: publisher.clone(),
            argument: publishers.argument(publisher),
            crates: crates.len(),
            lines,
            trusted_by: self.by(publisher).unwrap_or_default(),
        };
        let mut shares: Vec<PublisherShare> = found.into_values().map(share).collect();
        shares.sort_by(|one, other| {
            other.lines.cmp(&one.lines).then_with(|| one.argument.cmp(&other.argument))
        });
        shares
    }

    /// The publisher to trust instead of an audit of a version. `is_trusted_here` says whether this
    /// project trusts a publisher for the crate already; `publishers` are all that a command-line
    /// argument might mean.
    pub(super) fn hint(
        &self,
        details: &Details,
        version: &Version,
        is_trusted_here: bool,
        publishers: &Publishers,
    ) -> Option<TrustHint> {
        let is_only = has_one_publisher(details);
        let hint = |publisher: &Publisher, is_of_version: bool| {
            let trusted_by = self.by(publisher)?;
            let (publisher, argument) = (publisher.clone(), publishers.argument(publisher));
            Some(TrustHint { publisher, argument, trusted_by, is_of_version, is_only_publisher: is_only })
        };
        let of_version = details.releases.get(&version.semver).filter(|_| version.git_rev.is_none());
        let of_version = of_version.and_then(|release| hint(release.publisher.as_ref()?, true));
        of_version.or_else(|| {
            let mut newest_first = details.releases.values().rev().filter(|_| !is_trusted_here);
            newest_first.find_map(|release| hint(release.publisher.as_ref()?, false))
        })
    }
}

fn has_one_publisher(details: &Details) -> bool {
    let published = details.releases.values().filter_map(|release| release.publisher.as_ref());
    published.map(Publisher::id).collect::<BTreeSet<_>>().len() == 1
}

#[cfg(test)]
mod tests {
    use vet_fetch::crates_io::Release;
    use vet_testing::{statements, version};

    use super::*;

    /// The hint for `2` of a crate with these publishers of `1`, `2` and `3`; 0 means unknown.
    #[track_caller]
    fn check(store: &str, publishers: [u64; 3], expected: &str) {
        let store = statements(store).store;
        let release = |(number, id): (usize, u64)| {
            let publisher = (id > 0).then(|| Publisher::User { id, login: format!("user-{id}"), name: None });
            let version = semver::Version::new(number as u64 + 1, 0, 0);
            (version, Release { when: "2020-01-05".parse().unwrap(), publisher })
        };
        let releases = publishers.into_iter().enumerate().map(release).collect();
        let details = Details { releases, ..Details::default() };
        let is_trusted_here = store.audits.trusted.contains_key("demo");
        let hint = Trusted::of(&store).hint(&details, &version("2"), is_trusted_here, &Publishers::default());
        let shown = hint.map_or("no one".to_owned(), |hint| {
            let version = if hint.is_of_version { "the version" } else { "another version" };
            let only = if hint.is_only_publisher { ", alone" } else { "" };
            let Publisher::User { login, .. } = hint.publisher else { panic!("{:?}", hint.publisher) };
            format!("{login}, of {version}, by {}{only}", hint.trusted_by.join(" and "))
        });
        assert_eq!(shown, expected, "{store:?}");
    }

    #[test]
    fn publishers_whom_somebody_trusts() {
        let ours = "trusted other by 7 in 1..31: D";
        check(ours, [7, 7, 7], "user-7, of the version, by this project, alone");
        check(ours, [7, 7, 0], "user-7, of the version, by this project, alone");
        check(ours, [8, 7, 8], "user-7, of the version, by this project");
        check(ours, [7, 8, 8], "user-7, of another version, by this project");
        check(ours, [7, 0, 0], "user-7, of another version, by this project, alone");
        check(ours, [8, 8, 8], "no one");
        check("", [7, 7, 7], "no one");
        let peers =
            "b: trusted x by 7 in 1..31: D\na: trusted y by 7 in 1..31: D\na: trusted y by 8 in 1..31: D";
        check(peers, [7, 7, 7], "user-7, of the version, by a and b, alone");
        check(&format!("{peers}\n{ours}"), [7, 7, 7], "user-7, of the version, by this project, alone");
        // Of several publishers, the one of the newest version.
        check(peers, [8, 9, 7], "user-7, of another version, by a and b");
        check(peers, [7, 9, 8], "user-8, of another version, by a");
        // A publisher is trusted for this crate, but did not release this version.
        check("trusted demo by 7 in 1..31: D", [7, 8, 8], "no one");
        check("trusted demo by 7 in 1..31: D", [8, 7, 8], "user-7, of the version, by this project");
    }

    #[test]
    fn publishers_are_summed_up() {
        let user = |id: u64| Publisher::User { id, login: format!("user-{id}"), name: None };
        let details = |publishers: &[u64]| {
            let release = |(number, id): (usize, &u64)| {
                let version = semver::Version::new(number as u64 + 1, 0, 0);
                let publisher = Some(user(*id)).filter(|_| *id > 0);
                (version, Release { when: "2020-01-05".parse().unwrap(), publisher })
            };
            let releases = publishers.iter().enumerate().map(release).collect();
            Details { releases, ..Details::default() }
        };
        let known = BTreeMap::from([
            ("a", details(&[7])),
            ("b", details(&[0, 7])),
            ("c", details(&[8])),
            ("several", details(&[7, 8])),
        ]);
        let audit = |name: &str, publisher: u64, insertions: u64| Suggestion {
            name: name.to_owned(),
            from: None,
            to: version("1"),
            criteria: Vec::new(),
            criteria_label: String::new(),
            size: vet_source::Size { insertions, ..Default::default() },
            helps: Vec::new(),
            parents: Vec::new(),
            publisher: Some(user(publisher)).filter(|_| publisher > 0),
            registry: Vec::new(),
            trust: None,
        };
        let audits = [
            audit("a", 7, 3),
            audit("a", 7, 2),
            audit("b", 7, 5),
            audit("c", 8, 20),
            // Unknown, one of several, and a crate that nothing is known about.
            audit("b", 0, 100),
            audit("several", 7, 100),
            audit("unknown", 7, 100),
        ];
        let store = statements("peer: trusted x by 7 in 1..31: D").store;
        let shares = Trusted::of(&store).shares(&audits, |name| known.get(name), &Publishers::default());
        let share = |share: &PublisherShare| {
            let PublisherShare { argument, crates, lines, trusted_by, .. } = share;
            format!("{argument}: {crates} crates, {lines} lines, {}", trusted_by.join(" "))
        };
        let shares: Vec<String> = shares.iter().map(share).collect();
        assert_eq!(shares, ["user-8: 1 crates, 20 lines, ", "user-7: 2 crates, 10 lines, peer"]);
    }
}
