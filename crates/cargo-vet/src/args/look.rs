//! The arguments of `explain-audit`, `dump-graph` and `explain`.

use clap::{Args, ValueEnum};
use vet_store::Version;

#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  cargo vet explain-audit serde
  cargo vet explain-audit serde 1.0.200 safe-to-run --locked")]
pub(crate) struct ExplainAuditArgs {
    /// Name of the package
    #[arg(value_name = "PACKAGE")]
    pub(crate) package: String,

    /// Version to look at [default: the one in use]
    #[arg(value_name = "VERSION")]
    pub(crate) version: Option<Version>,

    /// Criterion to look at
    #[arg(value_name = "CRITERIA", default_value = "safe-to-deploy")]
    pub(crate) criteria: String,
}

#[derive(Args, Debug)]
pub(crate) struct DumpGraphArgs {
    /// How much of the graph to draw
    #[arg(long, value_name = "DEPTH", default_value = "first-party")]
    pub(crate) depth: Depth,
}

/// How much of the graph is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Depth {
    /// Packages that no other one depends on
    Roots,
    /// Also the other members of the workspace
    Workspace,
    /// Also other packages that do not come from crates.io
    FirstParty,
    /// Also the packages from crates.io that those depend on directly
    FirstPartyAndDirects,
    /// All packages
    Full,
}

#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  cargo vet explain VET0102")]
pub(crate) struct ExplainArgs {
    /// Code of the diagnostic; the letters VET and leading zeros may be left out
    #[arg(value_name = "CODE")]
    pub(crate) code: Option<String>,
}
