//! The arguments of `check`, and of commands without arguments of their own.

use clap::Args;

#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  cargo vet check                          Fetch imports, check, and say what to audit
  cargo vet check --locked                 Check with what is at hand, as in continuous integration
  cargo vet check --output-format json     The same answer for programs

Exit status:
  0    everything is vetted
  255  something is not vetted, or the check could not be done
  2    the command line makes no sense")]
pub(crate) struct CheckArgs {}

#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  cargo vet init                           Create the folder `supply-chain`
  cargo vet init --store-path audits       Create the store elsewhere")]
pub(crate) struct InitArgs {}

#[derive(Args, Debug)]
pub(crate) struct NoArgs {}
