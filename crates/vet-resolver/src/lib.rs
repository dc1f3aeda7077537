//! The decision: which third-party packages of a dependency graph meet what is required of them, why, and what the store
//! has to hold for the decision to stand.
//!
//! Everything here is a function of values. The same graph, store and criteria give the same answer on every machine.

mod audit_graph;
mod candidates;
mod crate_entries;
mod explain;
mod needs;
mod policy;
mod requirements;
mod resolver;
mod search;
#[cfg(test)]
mod search_reference;
mod update;
mod violations;

pub use candidates::{Candidate, Candidates};
pub use explain::{ExplainedStep, Explanation, Statement, explain};
pub use policy::PolicyProblems;
pub use requirements::Requirements;
pub use resolver::{Conclusion, Resolution, Resolver, Verdict, resolve};
pub use search::{Goal, Reach};
pub use update::{StoreUpdate, UpdateMode, update};
pub use violations::{Conflict, Contradiction};
