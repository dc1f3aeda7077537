//! What users name on the command line, compared with the project: criteria, crates, versions and
//! periods.

pub mod criteria_texts;
pub(crate) mod dependency;
pub(crate) mod named_criteria;
pub(crate) mod periods;
pub(crate) mod version_in_use;
