//! What commands share of the command line: the options that all commands take, and mistakes that
//! clap does not find.

mod global;
#[cfg(test)]
mod parsed;
mod usage;
mod version;

pub(crate) use global::{
    ColorChoice, GRAPH_OPTIONS, GlobalArgs, OUTPUT_OPTIONS, OutputFormat, PROJECT_OPTIONS, Verbosity,
    is_global,
};
#[cfg(test)]
pub(crate) use parsed::parsed;
pub(crate) use usage::UsageError;
pub(crate) use version::{version, with_version_in_use};
