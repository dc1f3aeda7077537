//! The arguments of `add-exemption` and `record-violation`.

use clap::Args;
use vet_store::Version;
use vet_store::version::VersionRange;

#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  cargo vet add-exemption serde 1.0.200
  cargo vet add-exemption serde 1.0.200 --criteria safe-to-run --notes 'only in tests'")]
pub(crate) struct AddExemptionArgs {
    /// Name of the package
    #[arg(value_name = "PACKAGE")]
    pub(crate) package: String,

    /// Version to exempt
    #[arg(value_name = "VERSION")]
    pub(crate) version: Version,

    /// Criterion to take as met; may be repeated [default: `default-criteria` of config.toml, or safe-to-deploy]
    #[arg(long, value_name = "CRITERIA")]
    pub(crate) criteria: Vec<String>,

    /// Text to keep with the exemption
    #[arg(long, value_name = "NOTES")]
    pub(crate) notes: Option<String>,

    /// Never suggest to audit the version
    #[arg(long)]
    pub(crate) no_suggest: bool,

    /// Do not require that the package is a third-party dependency
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  cargo vet record-violation serde '<1.0.100'
  cargo vet record-violation serde '=1.0.172' --notes 'ships a binary'")]
pub(crate) struct RecordViolationArgs {
    /// Name of the package
    #[arg(value_name = "PACKAGE")]
    pub(crate) package: String,

    /// Versions, written as in Cargo.toml: 1.2.3 stands for ^1.2.3
    #[arg(value_name = "VERSIONS")]
    pub(crate) versions: VersionRange,

    /// Criterion that is not met; may be repeated [default: `default-criteria` of config.toml, or safe-to-deploy]
    #[arg(long, value_name = "CRITERIA")]
    pub(crate) criteria: Vec<String>,

    /// Name of the auditor; may be repeated [default: name and address from git]
    #[arg(long, value_name = "WHO")]
    pub(crate) who: Vec<String>,

    /// Text to keep with the entry
    #[arg(long, value_name = "NOTES")]
    pub(crate) notes: Option<String>,

    /// Do not require that the package is a third-party dependency
    #[arg(long)]
    pub(crate) force: bool,
}
