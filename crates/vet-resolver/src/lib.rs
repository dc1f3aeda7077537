//! Decides which third-party packages of a dependency graph meet what is required of them, why, and
//! what the store must contain so that the decision still holds without the network.
//!
//! - [`resolve`] returns the verdict on each package and on the whole. [`Resolver`] does the same
//!   and answers further questions from what it has built: what is required of a package, which
//!   statements contradict each other, and what a package lacks.
//! - [`update`] returns what the store should contain afterwards: the entries that the decision
//!   relies on, without those that nothing relies on, and exemptions for the rest, as the
//!   [`UpdateMode`] demands. [`update_part`] does the same for a graph that is part of a larger
//!   one, which may rely on more entries.
//! - [`Shortfall`] is what a crate lacks, and the audits that could help. [`Shortfall::plan`]
//!   chooses the cheapest of them for all versions and criteria together.
//! - [`explain`] lists the steps by which a version of any crate, in use or not, meets a criterion.
//! - [`Resolver::unsettled`] returns the packages that may or may not be libraries, where this
//!   matters for the answer.
//! - [`Requirements`] and [`PolicyProblems`] are about the policies alone.
//!
//! # How it decides
//!
//! [`Requirements`] flow from the roots of the workspace to everything that they need. Policies
//! change them on the way. The statements about one crate form a graph whose vertices are versions.
//! A full audit, an exemption or a release of a trusted publisher leads from the empty crate to a
//! version. A delta audit leads from one version to another. A version meets a criterion if a chain
//! of statements for this criterion leads to it. If there are several chains, the resolver takes
//! the one that costs least to rely on; the entries on it are the ones that are needed. Violations
//! come first: if statements about a crate contradict each other, the crate has no chains at all.
//!
//! # Invariants
//!
//! - Everything here is a function of values, without files, network, clock, environment or
//!   terminal. The same graph, store and criteria give the same answer on every machine.
//! - The order of entries in the store decides only which of two equally good entries is relied on,
//!   never the verdict.
//! - Nothing here fails or panics, whatever the store contains. Unknown names of criteria have no
//!   meaning.
//! - After an update with [`UpdateMode::REGENERATE_EXEMPTIONS`] every package passes, unless
//!   statements about its crate contradict each other. No other update makes a crate fail that
//!   passed in all of its versions.
//! - Nothing in an update is fresh: its result is what the next run reads from the files.
//! - Work grows as n log n with the number n of statements about a crate. Nothing recurses. At most
//!   [`MOST_CONFLICTS`] contradictions about a crate are reported.
//!
//! # Example
//!
//! ```
//! use vet_graph::{About, Graph, GraphData, PackageData, PackageSource};
//! use vet_resolver::{Audit, Conclusion, Resolver, Shortfall, UpdateMode, Verdict, resolve, update};
//! use vet_store::entries::{AuditEntry, AuditKind};
//! use vet_store::{Criteria, Store, Version};
//!
//! let version = |text: &str| text.parse::<Version>().expect("a version");
//!
//! // `app`, a member of the workspace, depends on `lantern 1.4.2`, from crates.io.
//! let package = |name: &str, number: &str, source, normal| PackageData {
//!     name: name.to_owned(),
//!     version: version(number),
//!     is_member: source == PackageSource::Path,
//!     left_out: None,
//!     maybe_no_library: false,
//!     source,
//!     about: About::default(),
//!     folder: None,
//!     normal,
//!     build: Vec::new(),
//!     dev: Vec::new(),
//! };
//! let packages = vec![
//!     package("app", "0.1.0", PackageSource::Path, vec![1]),
//!     package("lantern", "1.4.2", PackageSource::CratesIo, Vec::new()),
//! ];
//! let graph = Graph::new(GraphData { packages }, |_, _| false);
//!
//! // Ann audited the change from 1.4.0.
//! let mut store = Store::default();
//! store.audits.audits.entry("lantern".to_owned()).or_default().push(AuditEntry {
//!     who: vec!["Ann".to_owned()],
//!     criteria: vec!["safe-to-deploy".to_owned()],
//!     kind: AuditKind::Delta { from: version("1.4.0"), to: version("1.4.2") },
//!     importable: true,
//!     notes: None,
//!     aggregated_from: Vec::new(),
//! });
//! let (criteria, problems) = Criteria::new(&store.audits.criteria);
//! assert!(problems.is_empty());
//!
//! // That is not enough: there is no audit of 1.4.0.
//! let resolver = Resolver::new(&graph, &store, &criteria);
//! let resolution = resolver.decide();
//! assert_eq!(resolution.conclusion, Conclusion::Unvetted);
//! let (lantern, verdict) = &resolution.verdicts[0];
//! assert_eq!(*verdict, Verdict::Unvetted(criteria.closure(Criteria::SAFE_TO_DEPLOY)));
//!
//! // An audit of either version would help. The plan has the smaller one.
//! let lacking = [(version("1.4.2"), resolver.required(*lantern).clone())];
//! let shortfall = Shortfall::find(&store, &criteria, "lantern", &lacking, None).expect("no contradictions");
//! let sizes = |audit: Audit| if audit.to == version("1.4.0") { (audit, 120) } else { (audit, 150) };
//! let offered: Vec<(Audit, u64)> = shortfall.nearest().into_iter().map(sizes).collect();
//! let plan = shortfall.plan(&offered);
//! assert_eq!(plan.audits.len(), 1);
//! assert_eq!(plan.audits[0].audit, Audit { from: None, to: version("1.4.0") });
//!
//! // An exemption of 1.4.0 would help, too. An update invents it.
//! let exemptions = update(&resolver, |_| UpdateMode::REGENERATE_EXEMPTIONS).exemptions;
//! assert_eq!(exemptions["lantern"][0].version, version("1.4.0"));
//! store.config.exemptions = exemptions;
//! let resolution = resolve(&graph, &store, &criteria);
//! assert_eq!(resolution.conclusion, Conclusion::Success);
//! assert_eq!(resolution.verdicts[0].1, Verdict::PartiallyAudited);
//! ```

mod audit_graph;
mod crate_entries;
mod explain;
mod needs;
mod plan;
mod policy;
mod releases;
mod requirements;
mod resolver;
mod search;
#[cfg(test)]
mod search_reference;
mod shortfall;
mod unsettled;
mod update;
mod versions_in_range;
mod violations;

pub use explain::{ExplainedStep, Explanation, Statement, explain};
pub use plan::{Plan, PlannedAudit};
pub use policy::PolicyProblems;
pub use requirements::Requirements;
pub use resolver::{Conclusion, Resolution, Resolver, Verdict, resolve};
pub use search::{Goal, Reach};
pub use shortfall::{Audit, Shortfall};
pub use update::{StoreUpdate, UpdateMode, update, update_part};
pub use violations::{Conflict, Contradiction, MOST_CONFLICTS, ViolationInUse};
