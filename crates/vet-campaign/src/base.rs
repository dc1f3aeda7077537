//! The honest project that a campaign starts from.

use std::collections::BTreeSet;

use crate::graph::Graph;
use crate::oracle::Judgement;
use crate::project::Project;
use crate::tree::Tree;

/// An honest project with a lock file and a store.
#[derive(Clone, Debug)]
pub struct Base {
    /// The project.
    pub project: Project,
    /// The files.
    pub tree: Tree,
    /// Cargo's graph.
    pub graph: Graph,
    /// The published packages that the store does not vet.
    pub unvetted: BTreeSet<(String, String)>,
    /// What cargo and the independent verdict say about it.
    pub judgement: Judgement,
}
