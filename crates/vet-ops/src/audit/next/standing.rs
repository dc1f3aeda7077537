//! What is left of a plan, given the current store.

use vet_diagnostics::Problems;
use vet_graph::Graph;
use vet_project::state::{Look, ReviewHistory};
use vet_resolver::{Conclusion, Resolution, Resolver, Verdict as OfPackage};
use vet_store::files::ImportsFile;
use vet_store::{Criteria, Date, Store, Version};

use super::{Goal, Item, Plan, backlog};
use crate::operation::context::Context;
use crate::operation::events::Observer;
use crate::operation::report::Run;
use crate::session::Session;

/// The state of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The state of each audit of the plan, in its order.
    pub items: Vec<OfItem>,
    /// The result of a check now, with the answers of peers and crates.io from when the plan was
    /// made.
    pub check: Verdict,
}

/// The state of one audit of a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OfItem {
    /// Whether it would still help the project.
    pub is_needed: bool,
    /// When a user of this machine last read it.
    pub read: Option<Date>,
}

/// The result of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It passes.
    Passes,
    /// Something is not vetted.
    Unvetted,
    /// Statements contradict each other.
    Violation,
}

impl Plan {
    /// Determines the state of the plan. Minor problems with the store were reported when the plan
    /// was made.
    ///
    /// # Errors
    ///
    /// The project or the store cannot be read.
    pub fn standing(&self, context: &Context, observer: &dyn Observer) -> Result<Standing, Problems> {
        // What was found was reported when the plan was made.
        let run = Run::new(observer, &context.overrides.levels);
        let session = Session::open(context, &run)?;
        let looks = ReviewHistory::of(&context.state, session.folder()).all();
        Ok(self.standing_in(session.view(), &session.loaded.store, &session.loaded.criteria, &looks))
    }

    fn standing_in(&self, graph: &Graph, store: &Store, criteria: &Criteria, looks: &[Look]) -> Standing {
        // What the store has locked since then is not fresh.
        let fetched = self.fetched.clone();
        let store = Store { imports: self.imports_with(store), fetched, ..store.clone() };
        let check = match Resolver::new(graph, &store, criteria).decide().conclusion {
            Conclusion::Success => Verdict::Passes,
            Conclusion::Unvetted => Verdict::Unvetted,
            Conclusion::Violation => Verdict::Violation,
        };
        let store = match self.goal {
            Goal::Check => store,
            Goal::Backlog => backlog(store, self.is_locked),
        };
        let resolver = Resolver::new(graph, &store, criteria);
        let resolution = resolver.decide();
        let of_item = |item: &Item| OfItem {
            is_needed: is_needed(item, graph, criteria, &resolver, &resolution),
            read: looks.iter().rev().find(|look| look.is_shown && is_of(look, item)).map(|look| look.when),
        };
        Standing { items: self.items.iter().map(of_item).collect(), check }
    }

    /// The imports fetched when the plan was made, and entries that the store has locked since
    /// then, such as those of a new import.
    fn imports_with(&self, store: &Store) -> ImportsFile {
        let mut imports = self.imports.clone();
        let ImportsFile { unpublished, publisher, audits } = &store.imports;
        for (peer, file) in audits {
            imports.audits.entry(peer.clone()).or_insert_with(|| file.clone());
        }
        imports.audits.retain(|peer, _| store.config.imports.contains_key(peer));
        for (name, entries) in publisher {
            imports.publisher.entry(name.clone()).or_insert_with(|| entries.clone());
        }
        for (name, entries) in unpublished {
            imports.unpublished.entry(name.clone()).or_insert_with(|| entries.clone());
        }
        imports
    }
}

/// Whether an audit would help: it starts from a certified version, and leads to one that lacks a
/// criterion that the audit certifies.
fn is_needed(
    item: &Item,
    graph: &Graph,
    criteria: &Criteria,
    resolver: &Resolver<'_>,
    resolution: &Resolution,
) -> bool {
    let wanted = criteria.set(item.criteria());
    resolution.verdicts.iter().any(|(ix, verdict)| {
        let (Some(package), OfPackage::Unvetted(missing)) = (graph.package(*ix), verdict) else {
            return false;
        };
        if package.name() != item.package() || !item.helps().contains(package.version()) {
            return false;
        }
        let mut lacking = missing.iter().filter(|criterion| wanted.contains(*criterion));
        lacking.any(|criterion| {
            let reach = resolver.reach(*ix, criterion);
            let is_certified = reach.from_root.contains(item.to());
            let leads_on = item.from().is_some_and(|from| reach.to_target.contains(from));
            let versions = [Some(item.to()), item.from()];
            let is_forbidden = |version: &Version| resolver.forbids(item.package(), version, criterion);
            !is_certified && !leads_on && !versions.into_iter().flatten().any(is_forbidden)
        })
    })
}

fn is_of(look: &Look, item: &Item) -> bool {
    look.is_about(item.package(), item.from(), item.to())
}

#[cfg(test)]
pub(super) mod tests {
    use vet_source::Size;
    use vet_store::fetched::FetchedFacts;
    use vet_testing::{graph_under, statements, version};

    use super::*;
    use crate::evaluation::outcome::Suggestion;

    /// A plan from lines such as `lib 1: D` or `lib 1 -> 2: D`. The last version is one in use.
    pub(in crate::audit::next) fn plan(goal: Goal, items: &str) -> Plan {
        let items = items.lines().map(item).collect();
        Plan {
            goal,
            items,
            imports: ImportsFile::default(),
            fetched: FetchedFacts::default(),
            is_locked: false,
        }
    }

    fn item(line: &str) -> Item {
        let (what, criteria) = line.split_once(": ").unwrap();
        let (name, versions) = what.split_once(' ').unwrap();
        let (from, to) = match versions.split_once(" -> ") {
            None => (None, version(versions)),
            Some((from, to)) => (Some(version(from)), version(to)),
        };
        let long = |name: &str| match name {
            "D" => "safe-to-deploy".to_owned(),
            "R" => "safe-to-run".to_owned(),
            other => other.to_owned(),
        };
        let helps: Vec<Version> = ["1", "2"].map(version).to_vec();
        Item::Measured(Box::new(Suggestion {
            name: name.to_owned(),
            from,
            to,
            criteria: criteria.split(", ").map(long).collect(),
            criteria_label: criteria.to_owned(),
            size: Size::default(),
            helps,
            parents: Vec::new(),
            publisher: None,
            registry: Vec::new(),
            trust: None,
        }))
    }

    /// What is left of a plan, and the result of a check, after the entries of a project where
    /// `app` needs `lib 2` have changed from `before` to `after`.
    fn standing(goal: Goal, items: &str, before: &str, after: &str) -> String {
        let mut plan = plan(goal, items);
        let Store { imports, fetched, .. } = statements(before).store;
        (plan.imports, plan.fetched) = (imports, fetched);
        let loaded = statements(after);
        let graph = graph_under(&loaded.store, "*app -> lib 2.0.0");
        let standing = plan.standing_in(&graph, &loaded.store, &loaded.criteria, &[]);
        let lines = items.lines().zip(&standing.items);
        let left: Vec<&str> = lines.filter(|(_, item)| item.is_needed).map(|(line, _)| line).collect();
        format!("{:?}: {}", standing.check, left.join("; "))
    }

    #[test]
    fn what_would_lead_on_is_left() {
        let both = "lib 1: D\nlib 1 -> 2: D";
        for (items, after, expected) in [
            ("lib 2: D", "", "Unvetted: lib 2: D"),
            ("lib 2: D", "audit lib 2: D", "Passes: "),
            // An audit with weaker criteria than planned does not complete it.
            ("lib 2: D", "audit lib 2: R", "Unvetted: lib 2: D"),
            ("lib 2: D", "exemption lib 2: D", "Passes: "),
            ("lib 2: D", "violation lib 2: R\naudit lib 2: D", "Violation: "),
            // A violation was recorded meanwhile.
            ("lib 2: D", "violation lib 2: R", "Unvetted: "),
            // One of two audits, in either order.
            (both, "", "Unvetted: lib 1: D; lib 1 -> 2: D"),
            (both, "audit lib 1: D", "Unvetted: lib 1 -> 2: D"),
            (both, "audit lib 1 -> 2: D", "Unvetted: lib 1: D"),
            (both, "audit lib 1: D\naudit lib 1 -> 2: D", "Passes: "),
            // Another chain of audits was recorded.
            (both, "audit lib 2: D", "Passes: "),
            (both, "audit lib 0.9.0: D\naudit lib 0.9.0 -> 1: D", "Unvetted: lib 1 -> 2: D"),
            // Another crate, and criteria that were removed.
            ("other 2: D", "", "Unvetted: "),
            ("lib 2: crypto", "", "Unvetted: "),
            (
                "lib 2: crypto",
                "criterion crypto:\npolicy app dependency-criteria.lib: crypto",
                "Unvetted: lib 2: crypto",
            ),
        ] {
            assert_eq!(standing(Goal::Check, items, "", after), expected, "{items:?}, {after:?}");
        }
    }

    #[test]
    fn exemptions_are_as_good_as_nothing_to_the_backlog() {
        for (items, after, expected) in [
            ("lib 2: D", "exemption lib 2: D", "Passes: lib 2: D"),
            ("lib 2: D", "exemption lib 2: D\naudit lib 2: D", "Passes: "),
            ("lib 2: D", "unsuggested lib 2: D", "Passes: "),
            ("lib 2: D", "", "Unvetted: lib 2: D"),
        ] {
            assert_eq!(standing(Goal::Backlog, items, "", after), expected, "{items:?}, {after:?}");
        }
    }

    /// Entries that were fetched for the plan count although they are not locked, and so do entries
    /// locked since then.
    #[test]
    fn what_others_say() {
        let fetched = "peer: audit lib 1: D";
        for (before, after, expected) in [
            (fetched, "peer: nothing", "Unvetted: lib 1 -> 2: D"),
            (fetched, "peer: nothing\naudit lib 1 -> 2: D", "Passes: "),
            // The import was removed.
            (fetched, "", "Unvetted: lib 1: D; lib 1 -> 2: D"),
            // A new import, or a new trusted publisher.
            ("", fetched, "Unvetted: lib 1 -> 2: D"),
            ("", "trusted lib by 7 in 1..31: D\nrelease lib 2 by 7 on 15", "Passes: "),
        ] {
            let items = "lib 1: D\nlib 1 -> 2: D";
            assert_eq!(standing(Goal::Check, items, before, after), expected, "{before:?}, {after:?}");
        }
    }

    #[test]
    fn what_was_looked_at_is_known() {
        let plan = plan(Goal::Check, "lib 1: D\nlib 1 -> 2: D\nlib 2: D");
        let loaded = statements("");
        let graph = graph_under(&loaded.store, "*app -> lib 2.0.0");
        let look = |from: Option<&str>, to: &str, day: &str| Look {
            package: "lib".to_owned(),
            from: from.map(version),
            to: version(to),
            when: day.parse().unwrap(),
            is_shown: true,
        };
        let looks = [
            look(None, "1", "2020-01-01"),
            look(Some("1"), "2", "2020-01-02"),
            look(None, "1", "2020-01-03"),
        ];
        let standing = plan.standing_in(&graph, &loaded.store, &loaded.criteria, &looks);
        let read = |item: &OfItem| item.read.map(|day| day.to_string());
        let read: Vec<Option<String>> = standing.items.iter().map(read).collect();
        assert_eq!(read, [Some("2020-01-03".to_owned()), Some("2020-01-02".to_owned()), None]);
    }
}
