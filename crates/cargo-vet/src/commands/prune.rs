//! `prune`: removes what nothing relies on.

use clap::Args;
use vet_ops::maintain::prune::prune;

use super::command::{Action, Command, DryRun, Facts, Group, NetworkUse, Outcome, Reads, TEXT, Writes};
use super::context::{context, report};
use super::network::maybe_online;
use crate::args::UsageError;
use crate::exit_status::ExitStatus;
use crate::options::Options;
use crate::printer::Printer;

/// Remove what the check does not need
///
/// Removes exemptions that audits or imports have made superfluous, unused imported audits, and
/// unused audits of your own of git versions, which peers cannot import.
#[derive(Args, Debug)]
pub(crate) struct PruneCommand {
    /// Keep unused imported audits
    #[arg(long)]
    no_imports: bool,

    /// Keep superfluous exemptions
    #[arg(long)]
    no_exemptions: bool,

    /// Keep unused audits that peers cannot import
    #[arg(long)]
    no_audits: bool,

    /// Also remove entries for packages left out by vet.toml
    ///
    /// These are entries that are needed only by packages that `vet.toml` leaves out of the graph.
    #[arg(long)]
    unbuilt: bool,
}

impl Command for PruneCommand {
    const FACTS: Facts = Facts {
        name: "prune",
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
        let what = self.what();
        Ok(Action::run(move |options, printer| run(options, what, printer)))
    }
}

impl PruneCommand {
    fn what(self) -> vet_ops::maintain::prune::Prune {
        vet_ops::maintain::prune::Prune {
            imports: !self.no_imports,
            exemptions: !self.no_exemptions,
            audits: !self.no_audits,
            unbuilt: self.unbuilt,
        }
    }
}

fn run(options: &Options, what: vet_ops::maintain::prune::Prune, printer: &Printer) -> Outcome {
    let context = context(options, printer)?;
    let changes =
        maybe_online(options, printer, |network| printer.take(prune(&context, network, what, printer)))?;
    report(&changes, printer);
    Ok(ExitStatus::Success)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::parsed;

    #[test]
    fn each_option_keeps_something() {
        let all =
            vet_ops::maintain::prune::Prune { imports: true, exemptions: true, audits: true, unbuilt: false };
        let none = vet_ops::maintain::prune::Prune {
            imports: false,
            exemptions: false,
            audits: false,
            unbuilt: false,
        };
        for (line, expected) in [
            ("", all),
            ("--no-imports --no-exemptions --no-audits", none),
            ("--no-imports", vet_ops::maintain::prune::Prune { imports: false, ..all }),
            ("--no-exemptions", vet_ops::maintain::prune::Prune { exemptions: false, ..all }),
            ("--no-audits", vet_ops::maintain::prune::Prune { audits: false, ..all }),
            ("--unbuilt", vet_ops::maintain::prune::Prune { unbuilt: true, ..all }),
        ] {
            assert_eq!(parsed::<PruneCommand>(line).map(PruneCommand::what), Ok(expected), "{line}");
        }
    }
}
