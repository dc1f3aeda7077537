//! `explain-audit`: says why a package meets a criterion.

use clap::Args;
use vet_ops::check::explain_audit::explain_audit;
use vet_report::explain_audit::human;
use vet_store::Version;

use super::command::{Action, Command, DryRun, Facts, Group, NetworkUse, Outcome, Reads, TEXT, Writes};
use super::context::context;
use super::network::maybe_online;
use crate::args::{UsageError, version};
use crate::exit_status::ExitStatus;
use crate::options::Options;
use crate::printer::Printer;

/// Show why a package meets a criterion
///
/// Prints the audits, exemptions and other steps that lead to the version, in the order in which
/// the check relies on them.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  cargo vet explain-audit serde
  cargo vet explain-audit serde 1.0.200 safe-to-run --locked")]
pub(crate) struct ExplainAuditCommand {
    /// Name of the package
    #[arg(value_name = "PACKAGE")]
    package: String,

    /// Version to explain [default: the one in use]
    #[arg(value_name = "VERSION", value_parser = version_before_criterion)]
    version: Option<Version>,

    /// Criterion to explain
    #[arg(value_name = "CRITERIA", default_value = "safe-to-deploy")]
    criteria: String,
}

impl Command for ExplainAuditCommand {
    const FACTS: Facts = Facts {
        name: "explain-audit",
        group: Group::Check,
        is_common: false,
        reads: Reads::Graph,
        writes: Writes::Nothing,
        network: NetworkUse::UnlessLocked,
        dry_run: DryRun::NEEDLESS,
        strict: false,
        formats: TEXT,
    };

    fn action(self) -> Result<Action, UsageError> {
        Ok(Action::run(move |options, printer| run(options, self, printer)))
    }
}

/// Parses a version. A criterion in its place gets its own message.
fn version_before_criterion(text: &str) -> Result<Version, String> {
    if text.starts_with(|first: char| first.is_ascii_alphabetic()) && !text.starts_with(['v', 'V']) {
        return Err("not a version; give the version before the criterion".to_owned());
    }
    version(text)
}

fn run(options: &Options, question: ExplainAuditCommand, printer: &Printer) -> Outcome {
    let ExplainAuditCommand { package, version, criteria } = question;
    let context = context(options, printer)?;
    let outcome = maybe_online(options, printer, |network| {
        printer.take(explain_audit(&context, network, package, version, criteria, printer))
    })?;
    printer.answer(human(&outcome)?);
    Ok(ExitStatus::Success)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::parsed;

    #[test]
    fn version_and_criterion_have_defaults() {
        for (line, version, criteria) in
            [("a", None, "safe-to-deploy"), ("a 1.0.0 x", Some("1.0.0".parse().unwrap()), "x")]
        {
            let question = parsed::<ExplainAuditCommand>(line).unwrap();
            assert_eq!(
                (question.package.as_str(), question.version, question.criteria.as_str()),
                ("a", version, criteria),
                "{line}"
            );
        }
    }
}
