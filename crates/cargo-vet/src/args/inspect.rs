//! The arguments of `inspect` and `diff`.

use clap::Args;
use vet_ops::reading::{Command, Mode};
use vet_store::Version;

#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  cargo vet inspect serde 1.0.200                  Read it in the browser
  cargo vet inspect serde 1.0.200 --mode local     Read it in a shell")]
pub(crate) struct InspectArgs {
    /// Name of the package
    #[arg(value_name = "PACKAGE")]
    pub(crate) package: String,

    /// Version to read, such as 1.2.3 or 1.2.3@git:REVISION
    #[arg(value_name = "VERSION")]
    pub(crate) version: Version,

    /// Where to read it: local, crates.io, diff.rs, sourcegraph or custom_url=TEMPLATE
    ///
    /// In TEMPLATE, `{package}` and `{version}` stand for the name and the version. By default the mode that was last
    /// asked for, at first crates.io. A git version is always read locally.
    #[arg(long, value_name = "MODE", value_parser = inspect_mode)]
    pub(crate) mode: Option<Mode>,
}

#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  cargo vet diff serde 1.0.199 1.0.200                 Read it in the browser
  cargo vet diff serde 1.0.199 1.0.200 --mode local    Read it in the pager
  cargo vet diff serde 1.0.199 1.0.200 --tool meld     Read it in Meld")]
pub(crate) struct DiffArgs {
    /// Name of the package
    #[arg(value_name = "PACKAGE")]
    pub(crate) package: String,

    /// Version to start from
    #[arg(value_name = "VERSION1")]
    pub(crate) version1: Version,

    /// Version that the changes lead to
    #[arg(value_name = "VERSION2")]
    pub(crate) version2: Version,

    /// Where to read it: local, diff.rs, sourcegraph or custom_url=TEMPLATE
    ///
    /// In TEMPLATE, `{package}`, `{version1}` and `{version2}` stand for the name and the versions. By default the mode
    /// that was last asked for, at first diff.rs. Git versions are always compared locally.
    #[arg(long, value_name = "MODE", value_parser = diff_mode)]
    pub(crate) mode: Option<Mode>,

    /// Hand the sources of both versions to a program that shows changes, as `git difftool` does
    ///
    /// The configuration of git says how TOOL is started (`difftool.TOOL.cmd` or `.path`); else it is the name of a
    /// program. Without TOOL, `diff.tool` is meant. The sources are read locally, whatever the mode.
    #[arg(long, value_name = "TOOL", num_args = 0..=1, default_missing_value = "", conflicts_with = "mode")]
    pub(crate) tool: Option<String>,
}

fn inspect_mode(text: &str) -> Result<Mode, String> {
    Mode::read(text, Command::Inspect)
}

fn diff_mode(text: &str) -> Result<Mode, String> {
    Mode::read(text, Command::Diff)
}
