//! `renew`: extends wildcard audits by a year.

use clap::Args;
use vet_ops::maintain::renew::{self, Renew as Which};
use vet_report::renew::human;

use super::command::{Action, Command, DryRun, Facts, Group, NetworkUse, Outcome, Reads, TEXT, Writes};
use super::context::{context, report_aside};
use super::network::maybe_online;
use crate::args::{UsageError, Verbosity};
use crate::exit_status::ExitStatus;
use crate::options::Options;
use crate::printer::Printer;

/// Extend wildcard audits by a year
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  cargo vet renew serde                    Extend those of one package
  cargo vet renew --expiring               Extend all that end within six weeks")]
pub(crate) struct RenewCommand {
    /// Name of a package
    #[arg(value_name = "CRATE", required_unless_present = "expiring", conflicts_with = "expiring")]
    krate: Option<String>,

    /// Extend all wildcard audits that end within six weeks
    #[arg(long)]
    expiring: bool,

    /// Include packages without a release in the last four months
    ///
    /// Only with --expiring.
    #[arg(long)]
    include_inactive: bool,
}

impl Command for RenewCommand {
    const FACTS: Facts = Facts {
        name: "renew",
        group: Group::Maintain,
        is_common: false,
        reads: Reads::Graph,
        writes: Writes::Store,
        network: NetworkUse::UnlessLocked,
        dry_run: DryRun::Supported,
        strict: false,
        formats: TEXT,
    };

    fn action(self) -> Result<Action, UsageError> {
        let which = self.which()?;
        Ok(Action::run(move |options, printer| run(options, &which, printer)))
    }
}

impl RenewCommand {
    fn which(self) -> Result<Which, UsageError> {
        match self.krate {
            Some(_) if self.include_inactive => Err(UsageError::needs("--include-inactive", "--expiring")),
            Some(package) => Ok(Which::Crate(package)),
            None => Ok(Which::Expiring { include_inactive: self.include_inactive }),
        }
    }
}

fn run(options: &Options, which: &Which, printer: &Printer) -> Outcome {
    let of = match which {
        Which::Crate(package) => format!(" of `{package}`"),
        Which::Expiring { .. } => String::new(),
    };
    let context = context(options, printer)?;
    let outcome = maybe_online(options, printer, |network| {
        printer.take(renew::renew(&context, network.map(|network| network.crates_io), which, printer))
    })?;
    printer.answer(human(&outcome));
    match (outcome.any, which) {
        (false, Which::Crate(_)) => {
            printer.log(Verbosity::Warn, format!("there are no wildcard audits{of}"));
        }
        (false, Which::Expiring { .. }) => printer.log(Verbosity::Info, "no wildcard audit ends soon"),
        (true, _) if outcome.renewed.is_empty() => {
            printer.log(Verbosity::Info, format!("all wildcard audits{of} that are due say `renew = false`"));
        }
        (true, _) => report_aside(&outcome.changes, printer),
    }
    Ok(ExitStatus::Success)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::parsed;

    #[test]
    fn one_package_or_all_that_end_soon() {
        for (line, expected) in [
            ("a", Ok(Which::Crate("a".to_owned()))),
            ("--expiring", Ok(Which::Expiring { include_inactive: false })),
            ("--expiring --include-inactive", Ok(Which::Expiring { include_inactive: true })),
            ("a --include-inactive", Err(UsageError::needs("--include-inactive", "--expiring"))),
        ] {
            assert_eq!(parsed::<RenewCommand>(line).unwrap().which(), expected, "{line}");
        }
    }
}
