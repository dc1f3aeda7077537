//! `inspect` and `diff`: reading the code of packages.

use std::str::FromStr;

use clap::Args;
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

    /// Where to read it: local, crates.io, diff.rs or custom_url=TEMPLATE
    ///
    /// In TEMPLATE, `{package}` and `{version}` stand for the name and the version. By default the mode that was last
    /// asked for, at first crates.io. A git version is always read locally.
    #[arg(long, value_name = "MODE")]
    pub(crate) mode: Option<InspectMode>,
}

#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  cargo vet diff serde 1.0.199 1.0.200                 Read it in the browser
  cargo vet diff serde 1.0.199 1.0.200 --mode local    Read it in the pager")]
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

    /// Where to read it: local, diff.rs or custom_url=TEMPLATE
    ///
    /// In TEMPLATE, `{package}`, `{version1}` and `{version2}` stand for the name and the versions. By default the mode
    /// that was last asked for, at first diff.rs. Git versions are always compared locally.
    #[arg(long, value_name = "MODE")]
    pub(crate) mode: Option<DiffMode>,
}

/// Where the source of a version is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum InspectMode {
    /// In a shell, on the unpacked source.
    Local,
    /// On crates.io.
    CratesIo,
    /// On diff.rs.
    DiffRs,
    /// Under an address of which this is the template.
    CustomUrl(String),
}

/// Where the changes between two versions are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DiffMode {
    /// In the pager.
    Local,
    /// On diff.rs.
    DiffRs,
    /// Under an address of which this is the template.
    CustomUrl(String),
}

impl FromStr for InspectMode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "local" => Ok(InspectMode::Local),
            "crates.io" => Ok(InspectMode::CratesIo),
            "diff.rs" => Ok(InspectMode::DiffRs),
            _ => match text.strip_prefix("custom_url=") {
                Some(template) => Ok(InspectMode::CustomUrl(template.to_owned())),
                None => Err("the modes are local, crates.io, diff.rs and custom_url=TEMPLATE".to_owned()),
            },
        }
    }
}

impl FromStr for DiffMode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "local" => Ok(DiffMode::Local),
            "diff.rs" => Ok(DiffMode::DiffRs),
            _ => match text.strip_prefix("custom_url=") {
                Some(template) => Ok(DiffMode::CustomUrl(template.to_owned())),
                None => Err("the modes are local, diff.rs and custom_url=TEMPLATE".to_owned()),
            },
        }
    }
}
