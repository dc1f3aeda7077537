//! The command line as typed.
//!
//! The parser, the help, the manual page, the completions and the Markdown manual are generated
//! from one definition. The result is only parsed; [`crate::request`] converts it to the values
//! that the commands use.

mod certify;
mod check;
#[cfg(test)]
mod compatibility_tests;
mod global;
mod import;
mod inspect;
mod level;
mod look;
mod manual;
mod next;
mod prune;
mod record;
mod regenerate;
mod trust;
mod usage;

use clap::{Args, CommandFactory, Parser, Subcommand};

pub(crate) use certify::{Certify, CertifyArgs, Consent, Subject};
pub(crate) use check::{CheckArgs, InitArgs, NoArgs};
pub(crate) use global::{ColorChoice, GLOBAL_OPTIONS, GlobalArgs, OutputFormat, Verbosity};
pub(crate) use import::{AggregateArgs, ImportArgs};
pub(crate) use inspect::{DiffArgs, InspectArgs};
pub(crate) use level::Level;
pub(crate) use look::{Depth, DumpGraphArgs, ExplainArgs, ExplainAuditArgs};
pub(crate) use manual::{CompletionsArgs, ManArgs};
pub(crate) use next::NextArgs;
pub(crate) use prune::{Gc, GcArgs, PruneArgs, Renew, RenewArgs};
pub(crate) use record::{AddExemptionArgs, RecordViolationArgs};
pub(crate) use regenerate::{RegenerateArgs, RegenerateCommand};
pub(crate) use trust::{Trust, TrustArgs, TrustSubject};
pub(crate) use usage::UsageError;

/// Supply-chain security for Rust
#[derive(Debug, Parser)]
#[command(name = "cargo", bin_name = "cargo", version, arg_required_else_help = true, max_term_width = 100)]
#[command(display_name = "cargo-vet")]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    pub(crate) cargo: CargoCommand,
}

/// What cargo calls: `cargo vet …` runs `cargo-vet vet …`.
#[derive(Debug, Subcommand)]
pub(crate) enum CargoCommand {
    Vet(VetArgs),
}

/// Supply-chain security for Rust
///
/// Checks that every third-party package of a project has been audited by somebody you trust. Without a command, `check`
/// is run.
#[derive(Args, Debug)]
#[command(
    version,
    display_name = "cargo-vet",
    override_usage = "cargo vet [OPTIONS]\n       cargo vet [OPTIONS] <COMMAND>"
)]
#[command(after_long_help = "\
Examples:
  cargo vet init                           Start using cargo vet in a project
  cargo vet                                Check the project
  cargo vet suggest                        See what to audit next
  cargo vet next                           Go through it, one audit after the other
  cargo vet inspect serde 1.0.200          Read the code of a package
  cargo vet certify serde 1.0.200          Record that you audited it")]
pub(crate) struct VetArgs {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    #[command(flatten)]
    pub(crate) global: GlobalArgs,
}

/// The commands, in the order of the help.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check that all third-party packages are vetted [default command]
    ///
    /// Every package in the dependency graph that comes from crates.io must meet the criteria that its users require, by
    /// audits (your own and imported ones), trusted publishers or exemptions. If one does not, the command fails and names
    /// what is missing; without --locked it also suggests the audits that need the least reading.
    Check(Level<CheckArgs>),

    /// Suggest what to audit next
    ///
    /// Looks at the project as if there were no exemptions, apart from those with `suggest = false`, and lists the audits
    /// that would replace them, the smallest first. Changes nothing.
    Suggest(Level<NoArgs>),

    /// Start using cargo vet in a project
    ///
    /// Creates the store, with an exemption for each third-party package in use, such that the check passes from the first
    /// day on.
    Init(Level<InitArgs>),

    /// Read the source of a package
    ///
    /// Opens a published version in the browser, or a shell in a folder with its source. Afterwards, `cargo vet certify`
    /// records the audit.
    Inspect(Level<InspectArgs>),

    /// Read the changes between two versions of a package
    ///
    /// Afterwards, `cargo vet certify` records the audit.
    Diff(Level<DiffArgs>),

    /// Show what was read, and what is next
    ///
    /// What somebody read in this project with `inspect` and `diff` on this machine, and whether it is certified; what is
    /// not vetted, by what is at hand; and what of that nobody has read yet. Fetches nothing and changes nothing.
    Status(Level<NoArgs>),

    /// Record that you audited a package
    ///
    /// With one version, all of it was audited; with two, the changes that lead from the first to the second; with
    /// --wildcard, whatever one publisher releases is vouched for. Without a version, what was last inspected is meant.
    Certify(Level<CertifyArgs>),

    /// Go through what is to be audited, one audit after the other
    ///
    /// The plan is what a check that fails suggests; if the check passes, what `suggest` does. For each audit, the smallest
    /// first, a key says what to do: look at the code, certify it, skip it or quit. Each audit is recorded at once, so
    /// whoever quits can go on later. Needs a terminal.
    Next(Level<NextArgs>),

    /// Use the audits of another project
    ///
    /// Adds the project to config.toml and fetches its audits. Exemptions that they make superfluous are removed.
    Import(Level<ImportArgs>),

    /// Trust the releases of a publisher
    ///
    /// Whatever the publisher released within a period counts as meeting the criteria, without an audit.
    Trust(Level<TrustArgs>),

    /// Compute parts of the store anew
    Regenerate(Level<RegenerateArgs>),

    /// Use a version without an audit
    AddExemption(Level<AddExemptionArgs>),

    /// Record that versions of a package do not meet criteria
    ///
    /// The check fails while an audit or exemption says otherwise, and so it does for whoever imports your audits.
    RecordViolation(Level<RecordViolationArgs>),

    /// Bring the files of the store into canonical form
    ///
    /// So is `vet.toml`, if there is one; its comments stay.
    ///
    /// With --locked nothing is written: the command fails if a file is not in canonical form.
    Fmt(Level<NoArgs>),

    /// Remove what the check does not need
    ///
    /// Exemptions that audits or imports have made superfluous, imported audits that are not used, and own audits of git
    /// versions that are not used and that nobody can import.
    Prune(Level<PruneArgs>),

    /// Merge the audits of several projects into one file
    ///
    /// Prints an audits.toml that others can import. Entries that are not for others are left out. Needs no project.
    Aggregate(Level<AggregateArgs>),

    /// Show why a package meets a criterion
    ///
    /// Prints the audits, exemptions and other steps that lead to the version, in the order in which they are relied upon.
    ExplainAudit(Level<ExplainAuditArgs>),

    /// Show the settings that are in force
    ///
    /// Every setting of `vet.toml`, with what it is and where that comes from: the default, a line of the file, or the
    /// command line.
    Settings(Level<NoArgs>),

    /// Print the dependency graph
    ///
    /// As a Mermaid diagram, or with --output-format json as data; then --depth plays no part.
    DumpGraph(Level<DumpGraphArgs>),

    /// Delete old files from the cache
    ///
    /// The cache is the tool's own folder, the same for all projects. Needs no project.
    Gc(Level<GcArgs>),

    /// Let wildcard audits run for another year
    Renew(Level<RenewArgs>),

    /// Explain a diagnostic
    ///
    /// Every error and warning has a code such as VET0102. This prints what it means and what to do about it. Without a
    /// code, all codes are listed. Needs no project.
    Explain(Level<ExplainArgs>),

    /// Print a script that completes command lines in a shell
    ///
    /// Needs no project.
    Completions(Level<CompletionsArgs>),

    /// Print a manual page, in roff
    ///
    /// Needs no project.
    Man(Level<ManArgs>),

    /// Print the help of all commands as one page of Markdown
    ///
    /// Needs no project.
    #[command(hide = true)]
    HelpMarkdown(Level<NoArgs>),
}

/// The complete definition.
pub(crate) fn definition() -> clap::Command {
    CommandLine::command()
}
