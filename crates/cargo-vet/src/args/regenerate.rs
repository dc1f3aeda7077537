//! The arguments of `regenerate`.

use clap::{Args, Subcommand};

use super::{Level, NoArgs};

#[derive(Args, Debug)]
#[command(arg_required_else_help = true)]
pub(crate) struct RegenerateArgs {
    #[command(subcommand)]
    pub(crate) command: RegenerateCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RegenerateCommand {
    /// Make the check pass with as few exemptions as possible
    ///
    /// Keeps exemptions that are of use, narrows those that claim too much, removes the others and adds what is missing.
    Exemptions(Level<NoArgs>),

    /// Fetch the imported audits anew, also if their criteria have changed
    ///
    /// Read the new description of such a criterion first: accepting it means that it still matches the one it is mapped to.
    Imports(Level<NoArgs>),

    /// Say for each package that looks like one of crates.io whether it is to be audited as such
    ///
    /// Sets `audit-as-crates-io` in the policy of packages that do not come from crates.io but share name and description
    /// or repository with one that does, and removes the key where it does not apply.
    AuditAsCratesIo(Level<NoArgs>),

    /// Forget which versions were not published yet, and look again
    Unpublished(Level<NoArgs>),
}
