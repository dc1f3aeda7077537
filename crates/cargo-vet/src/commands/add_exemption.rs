//! `add-exemption`: allows a version without an audit.

use clap::Args;
use vet_ops::audit::add_entry::{self, NewExemption};
use vet_store::Version;

use super::command::{Action, Command, DryRun, Facts, Group, NetworkUse, Outcome, Reads, TEXT, Writes};
use super::context::{context, report};
use crate::args::{UsageError, version};
use crate::exit_status::ExitStatus;
use crate::options::Options;
use crate::printer::Printer;

/// Allow a version without an audit
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  cargo vet add-exemption serde 1.0.200
  cargo vet add-exemption serde 1.0.200 --criteria safe-to-run")]
pub(crate) struct AddExemptionCommand {
    /// Name of the package
    #[arg(value_name = "PACKAGE")]
    package: String,

    /// Version to exempt
    #[arg(value_name = "VERSION", value_parser = version)]
    version: Version,

    /// Criterion to treat as met; may be repeated
    ///
    /// By default the `default-criteria` of config.toml, or safe-to-deploy.
    #[arg(long, value_name = "CRITERIA")]
    criteria: Vec<String>,

    /// Text to keep with the exemption
    #[arg(long, value_name = "NOTES")]
    notes: Option<String>,

    /// Never suggest to audit the version
    #[arg(long)]
    no_suggest: bool,

    /// Accept packages that are no third-party dependencies
    #[arg(long)]
    force: bool,
}

impl Command for AddExemptionCommand {
    const FACTS: Facts = Facts {
        name: "add-exemption",
        group: Group::Audit,
        is_common: false,
        reads: Reads::Graph,
        writes: Writes::Store,
        network: NetworkUse::Nothing,
        dry_run: DryRun::Supported,
        strict: false,
        formats: TEXT,
    };

    fn action(self) -> Result<Action, UsageError> {
        let exemption = self.exemption();
        Ok(Action::run(move |options, printer| run(options, exemption, printer)))
    }
}

impl AddExemptionCommand {
    fn exemption(self) -> NewExemption {
        let AddExemptionCommand { package, version, criteria, notes, no_suggest, force } = self;
        NewExemption { package, version, criteria, notes, suggest: !no_suggest, force }
    }
}

fn run(options: &Options, exemption: NewExemption, printer: &Printer) -> Outcome {
    report(
        &printer.take(add_entry::add_exemption(&context(options, printer)?, exemption, printer))?,
        printer,
    );
    Ok(ExitStatus::Success)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::parsed;

    #[test]
    fn options_describe_the_exemption() {
        let least = NewExemption {
            package: "a".to_owned(),
            version: "1.0.0".parse().unwrap(),
            criteria: vec![],
            notes: None,
            suggest: true,
            force: false,
        };
        let most = NewExemption {
            criteria: vec!["x".to_owned(), "y,z".to_owned()],
            notes: Some("n".to_owned()),
            suggest: false,
            force: true,
            ..least.clone()
        };
        for (line, expected) in
            [("a 1.0.0", least), ("a 1.0.0 --criteria x --criteria y,z --notes n --no-suggest --force", most)]
        {
            assert_eq!(
                parsed::<AddExemptionCommand>(line).map(AddExemptionCommand::exemption),
                Ok(expected),
                "{line}"
            );
        }
    }
}
