//! `import`: uses the audits of another project.

use clap::Args;
use vet_ops::share::import::import;
use vet_report::changes;

use super::command::{Action, Command, DryRun, Facts, Group, NetworkUse, Outcome, Reads, TEXT, Writes};
use super::context::{context, report};
use super::network::online;
use crate::args::UsageError;
use crate::exit_status::ExitStatus;
use crate::options::Options;
use crate::printer::Printer;

/// Use the audits of another project
///
/// Adds the project to config.toml, fetches its audits, and removes exemptions that they make
/// superfluous.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  cargo vet import mozilla                 A project of the public registry
  cargo vet import acme https://acme.example/audits.toml
                                           Any other project")]
pub(crate) struct ImportCommand {
    /// Name of the project, in the public registry or of your choice
    #[arg(value_name = "NAME")]
    name: String,

    /// URLs of its audits [default: those in the registry]
    #[arg(value_name = "URL")]
    url: Vec<String>,
}

impl Command for ImportCommand {
    const FACTS: Facts = Facts {
        name: "import",
        group: Group::Share,
        is_common: true,
        reads: Reads::Graph,
        writes: Writes::Store,
        // The original writes config.toml anyway, and leaves a store that fails every check with
        // `--locked`.
        network: NetworkUse::RefusesLocked("has to fetch what it imports"),
        dry_run: DryRun::Supported,
        strict: false,
        formats: TEXT,
    };

    fn action(self) -> Result<Action, UsageError> {
        Ok(Action::run(move |options, printer| run(options, self, printer)))
    }
}

fn run(options: &Options, ImportCommand { name, url }: ImportCommand, printer: &Printer) -> Outcome {
    add(options, &name, url, printer)
}

/// Imports the audits of a project. Without URLs, those in the registry are used.
pub(super) fn add(options: &Options, name: &str, url: Vec<String>, printer: &Printer) -> Outcome {
    let context = context(options, printer)?;
    let outcome =
        online(options, printer, |network| printer.take(import(&context, network, name, url, printer)))?;
    printer.note(changes::import(name, &outcome));
    report(&outcome.changes, printer);
    Ok(ExitStatus::Success)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::parsed;

    #[test]
    fn urls_may_be_left_to_the_registry() {
        for (line, urls) in [("acme", &[][..]), ("acme https://a https://b", &["https://a", "https://b"])] {
            let import = parsed::<ImportCommand>(line).unwrap();
            assert_eq!(
                (import.name.as_str(), import.url),
                ("acme", urls.iter().map(ToString::to_string).collect())
            );
        }
    }
}
