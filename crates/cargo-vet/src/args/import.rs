//! The arguments of `import` and `aggregate`.

use std::path::PathBuf;

use clap::Args;

#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  cargo vet import mozilla                 A project of the public registry
  cargo vet import acme https://acme.example/audits.toml
                                           Any other")]
pub(crate) struct ImportArgs {
    /// Name of the project, in the public registry or of your choice
    #[arg(value_name = "NAME")]
    pub(crate) name: String,

    /// Addresses of its audits [default: those that the registry names]
    #[arg(value_name = "URL")]
    pub(crate) url: Vec<String>,
}

#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  cargo vet aggregate sources.list --output-file audits.toml")]
pub(crate) struct AggregateArgs {
    /// File with the address of an audits.toml on each line; `#` starts a comment line
    #[arg(value_name = "SOURCES")]
    pub(crate) sources: PathBuf,
}
