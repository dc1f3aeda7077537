//! The order in which a person reads a plan: what makes a package pass stands together, and what
//! makes packages pass soonest comes first.

use std::collections::BTreeSet;

use vet_store::Version;

use super::suggestions::Suggestion;

/// Audits that belong together: once all of them are done, the same versions of a crate lack
/// nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// The crate.
    pub name: String,
    /// The versions in use that need the audits.
    pub helps: BTreeSet<Version>,
    /// The audits. One that continues from a version comes after the one that leads there.
    pub audits: Vec<Suggestion>,
}

impl Bundle {
    /// The number of lines to read.
    pub fn lines(&self) -> u64 {
        self.audits.iter().fold(0, |sum, audit| sum.saturating_add(audit.size.lines()))
    }
}

/// Puts the audits of a plan into the order in which a person reads them. Bundles with the fewest
/// lines come first.
pub fn bundles(audits: &[Suggestion]) -> Vec<Bundle> {
    let mut bundles: Vec<Bundle> = Vec::new();
    for audit in audits {
        let helps: BTreeSet<Version> = audit.helps.iter().cloned().collect();
        let mut new = Bundle { name: audit.name.clone(), helps, audits: vec![audit.clone()] };
        // An audit may help several versions, so that it joins bundles.
        bundles.retain_mut(|other| {
            let is_joined = other.name == new.name && !other.helps.is_disjoint(&new.helps);
            if is_joined {
                new.helps.append(&mut other.helps);
                new.audits.append(&mut other.audits);
            }
            !is_joined
        });
        bundles.push(new);
    }
    for bundle in &mut bundles {
        in_reading_order(&mut bundle.audits);
    }
    let key = |bundle: &Bundle| (bundle.lines(), bundle.name.clone(), bundle.helps.clone());
    bundles.sort_by_cached_key(key);
    bundles
}

/// Puts audits that start from a version after those that lead to it. Otherwise the smallest comes
/// first.
fn in_reading_order(audits: &mut Vec<Suggestion>) {
    audits.sort_by_key(|audit| (audit.size.lines(), audit.from.clone(), audit.to.clone()));
    let mut ordered: Vec<Suggestion> = Vec::new();
    while !audits.is_empty() {
        let leads = |from: &Version| audits.iter().any(|other| other.to == *from && !is_loop(other));
        let ready = audits.iter().position(|audit| !audit.from.as_ref().is_some_and(leads));
        // Audits that lead in a circle have no first one.
        ordered.push(audits.remove(ready.unwrap_or_default()));
    }
    *audits = ordered;
}

fn is_loop(audit: &Suggestion) -> bool {
    audit.from.as_ref() == Some(&audit.to)
}

#[cfg(test)]
mod tests {
    use vet_source::Size;
    use vet_testing::version;

    use super::*;

    /// The bundles of audits such as `lib 1 -> 2, 30 lines, for 2 3`.
    fn check(audits: &str, expected: &str) {
        let audit = |line: &str| {
            let mut parts = line.split(", ");
            let (name, versions) = parts.next().unwrap().split_once(' ').unwrap();
            let insertions = parts.next().unwrap().strip_suffix(" lines").unwrap().parse().unwrap();
            let helps = parts.next().unwrap().strip_prefix("for ").unwrap().split(' ').map(version);
            let (from, to) = match versions.split_once(" -> ") {
                Some((from, to)) => (Some(version(from)), version(to)),
                None => (None, version(versions)),
            };
            Suggestion {
                name: name.to_owned(),
                from,
                to,
                criteria: Vec::new(),
                criteria_label: String::new(),
                size: Size { insertions, ..Size::default() },
                helps: helps.collect(),
                parents: Vec::new(),
                publisher: None,
                registry: Vec::new(),
                trust: None,
            }
        };
        let audits: Vec<Suggestion> = audits.lines().map(|line| audit(line.trim())).collect();
        let bundle = |bundle: &Bundle| {
            let audit = |audit: &Suggestion| match &audit.from {
                Some(from) => format!("{}>{}", from.semver.major, audit.to.semver.major),
                None => audit.to.semver.major.to_string(),
            };
            let audits: Vec<String> = bundle.audits.iter().map(audit).collect();
            format!("{} {}: {}", bundle.name, audits.join(" "), bundle.lines())
        };
        let found: Vec<String> = bundles(&audits).iter().map(bundle).collect();
        assert_eq!(found, expected.split("; ").filter(|it| !it.is_empty()).collect::<Vec<_>>(), "{audits:?}");
    }

    #[test]
    fn what_makes_a_package_pass_stands_together() {
        check("", "");
        check("b 1, 5 lines, for 1\na 1, 7 lines, for 1", "b 1: 5; a 1: 7");
        check("b 1, 5 lines, for 1\na 1, 5 lines, for 1", "a 1: 5; b 1: 5");
        // Two audits for one version, and a smaller one for another crate.
        check("a 1 -> 2, 3 lines, for 2\nb 1, 5 lines, for 1\na 1, 9 lines, for 2", "b 1: 5; a 1 1>2: 12");
        // A version that can pass earlier than another of the same crate.
        check("a 1, 5 lines, for 1\na 2, 3 lines, for 2", "a 2: 3; a 1: 5");
        // An audit that two versions need.
        check("a 1 -> 2, 1 lines, for 2\na 1 -> 3, 2 lines, for 3\na 1, 9 lines, for 2 3", "a 1 1>2 1>3: 12");
        // Back from a later version.
        check("a 3 -> 2, 1 lines, for 2\na 3, 9 lines, for 2", "a 3 3>2: 10");
        // A circle, which no plan needs.
        check("a 1 -> 2, 1 lines, for 2\na 2 -> 1, 1 lines, for 2", "a 1>2 2>1: 2");
    }
}
