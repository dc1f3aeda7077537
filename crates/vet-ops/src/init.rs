//! `init`: a store for a project that has none.

use vet_graph::{EdgeKinds, Graph, Package, PackageSource};
use vet_resolver::{Resolver, UpdateMode, update};
use vet_store::files::{CratePolicy, Policies, Policy};
use vet_store::{Criteria, Diagnostic, Store};

use crate::changes::Changes;
use crate::events::Observer;
use crate::place::Place;
use crate::regenerate::updated;
use crate::session::{canonical, with_policies};

/// What is known about the crates of crates.io.
pub trait CratesIo {
    /// What crates.io says about a crate.
    fn published(&self, name: &str) -> Published;
}

/// What is known about a crate of crates.io.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Published {
    /// Nobody looked.
    NotLookedUp,
    /// There is none of that name.
    No,
    /// There is one.
    Yes {
        /// Its description.
        description: Option<String>,
        /// Its repository.
        repository: Option<String>,
    },
}

/// crates.io when it must not, or cannot, be asked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unreachable;

impl CratesIo for Unreachable {
    fn published(&self, _: &str) -> Published {
        Published::NotLookedUp
    }
}

/// What `init` did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InitOutcome {
    /// The folder of the new store, as the user would write it.
    pub folder: String,
    /// What is in it.
    pub changes: Changes,
    /// Packages of this project of which it was not looked up whether crates.io has them.
    pub not_looked_up: Vec<String>,
}

/// Makes a store that exempts everything that is in use.
///
/// # Errors
///
/// There is a store already, or the project cannot be read, or the store cannot be written. Then nothing is left behind.
pub fn init(
    place: &Place,
    crates_io: &dyn CratesIo,
    observer: &dyn Observer,
) -> Result<InitOutcome, Vec<Diagnostic>> {
    let project = place.project()?;
    let folder = project.store_folder(place.store_path.as_deref())?;
    folder.check_absent().map_err(|problem| vec![problem])?;
    let data = crate::graph::read(&project, place, EdgeKinds::OfLocalPackages, observer)?;
    let mut store = Store::default();
    let mut not_looked_up = Vec::new();
    {
        let graph = Graph::new(data.clone(), |_, _| false);
        store.config.policy = policies(&graph, crates_io, &mut not_looked_up);
    }
    let graph = with_policies(data, &store.config.policy);
    let (criteria, _) = Criteria::new(&store.audits.criteria);
    let view = graph.filtered_by(&place.filters);
    let resolver = Resolver::new(&view, &store, &criteria);
    let update = update(&resolver, |_| UpdateMode::REGENERATE_EXEMPTIONS);
    drop(resolver);
    let complete = updated(&store, update);
    let texts = canonical(&complete);
    let files: Vec<_> = texts.iter().map(|(file, text)| (*file, text.as_bytes())).collect();
    folder.create(&files).map_err(|problem| vec![problem])?;
    let written = texts.iter().map(|(file, _)| *file).collect();
    let changes = Changes::between(&Store::default(), &complete, written);
    Ok(InitOutcome { folder: folder.shown().to_owned(), changes, not_looked_up })
}

/// Packages of this project that are published on crates.io are audited as if they came from there.
fn policies(graph: &Graph, crates_io: &dyn CratesIo, not_looked_up: &mut Vec<String>) -> Policies {
    let is_ours = |package: &Package<'_>| *package.source() != PackageSource::CratesIo;
    let mut policies = Policies::default();
    for package in graph.packages().filter(is_ours) {
        let is_published = match crates_io.published(package.name()) {
            Published::NotLookedUp => {
                not_looked_up.push(package.name().to_owned());
                false
            }
            Published::No => false,
            Published::Yes { description, repository } => {
                let about = package.about();
                (description.is_some() && description == about.description)
                    || (repository.is_some() && repository == about.repository)
            }
        };
        if is_published {
            add_policy(graph, package, &mut policies);
        }
    }
    policies
}

/// One policy for all versions, or where some come from crates.io, one for each version.
fn add_policy(graph: &Graph, package: Package<'_>, policies: &mut Policies) {
    let audited = Policy { audit_as_crates_io: Some(true), ..Policy::default() };
    let name = package.name();
    let versions = || graph.packages().filter(|other| other.name() == name);
    let policy = if versions().any(|other| *other.source() == PackageSource::CratesIo) {
        CratePolicy::Versioned(versions().map(|other| (other.version().clone(), audited.clone())).collect())
    } else {
        CratePolicy::Unversioned(audited)
    };
    policies.0.insert(name.to_owned(), policy);
}

#[cfg(test)]
mod tests {
    use vet_graph::{About, GraphData, PackageData};

    use super::*;

    /// crates.io with one crate.
    struct Knows(&'static str, Option<&'static str>, Option<&'static str>);

    impl CratesIo for Knows {
        fn published(&self, name: &str) -> Published {
            let owned = |text: Option<&str>| text.map(str::to_owned);
            match name == self.0 {
                true => Published::Yes { description: owned(self.1), repository: owned(self.2) },
                false => Published::No,
            }
        }
    }

    fn graph(versions: &[(&str, PackageSource)]) -> Graph {
        let package = |(version, source): &(&str, PackageSource)| PackageData {
            name: "ours".to_owned(),
            version: version.parse().unwrap(),
            source: source.clone(),
            about: About { description: Some("What we do.".to_owned()), repository: None },
            is_member: *source == PackageSource::Path,
            normal: Vec::new(),
            build: Vec::new(),
            dev: Vec::new(),
        };
        Graph::new(GraphData { packages: versions.iter().map(package).collect() }, |_, _| false)
    }

    #[test]
    fn packages_that_crates_io_has_are_audited_as_if_they_came_from_there() {
        let local = [("1.0.0", PackageSource::Path)];
        let both = [("1.0.0", PackageSource::Path), ("0.9.0", PackageSource::CratesIo)];
        let ours = "What we do.";
        for (versions, crates_io, expected) in [
            (&local[..], Knows("ours", Some(ours), None), &["ours"][..]),
            (&local, Knows("ours", Some("Something else."), None), &[]),
            // What neither says is no match.
            (&local, Knows("ours", None, None), &[]),
            (&local, Knows("other", Some(ours), None), &[]),
            (&both, Knows("ours", Some(ours), Some("elsewhere")), &["ours 0.9.0", "ours 1.0.0"]),
        ] {
            let policies = policies(&graph(versions), &crates_io, &mut Vec::new());
            let found: Vec<String> = policies
                .iter()
                .map(|(name, version, policy)| {
                    assert_eq!(policy.audit_as_crates_io, Some(true));
                    version.map_or(name.to_owned(), |version| format!("{name} {version}"))
                })
                .collect();
            assert_eq!(found, expected, "{versions:?} {:?}", crates_io.1);
        }
    }

    #[test]
    fn what_was_not_looked_up_is_said() {
        let mut not_looked_up = Vec::new();
        let found = policies(&graph(&[("1.0.0", PackageSource::Path)]), &Unreachable, &mut not_looked_up);
        assert_eq!((found, not_looked_up), (Policies::default(), vec!["ours".to_owned()]));
    }
}
