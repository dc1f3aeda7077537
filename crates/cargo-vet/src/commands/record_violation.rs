//! `record-violation`: records that versions of a package do not meet criteria.

use clap::Args;
use vet_ops::audit::add_entry::{self, NewViolation};
use vet_store::version::VersionRange;

use super::command::{Action, Command, DryRun, Facts, Group, NetworkUse, Outcome, Reads, TEXT, Writes};
use super::context::{context, report};
use crate::args::UsageError;
use crate::exit_status::ExitStatus;
use crate::options::Options;
use crate::printer::Printer;

/// The public database of vulnerabilities.
const ADVISORIES: &str = "https://github.com/rustsec/advisory-db#reporting-vulnerabilities";

/// Record that versions of a package fail criteria
///
/// The check fails while an audit or exemption says otherwise. It also fails for projects that
/// import your audits.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  cargo vet record-violation serde '<1.0.100'
  cargo vet record-violation serde '=1.0.172' --notes 'ships a binary'")]
pub(crate) struct RecordViolationCommand {
    /// Name of the package
    #[arg(value_name = "PACKAGE")]
    package: String,

    /// Versions, written as in Cargo.toml
    ///
    /// 1.2.3 means ^1.2.3. To mean a single version, write =1.2.3.
    #[arg(value_name = "VERSIONS")]
    versions: VersionRange,

    /// Criterion that is not met; may be repeated
    ///
    /// By default the `default-criteria` of config.toml, or safe-to-deploy.
    #[arg(long, value_name = "CRITERIA")]
    criteria: Vec<String>,

    /// Name of the auditor; may be repeated
    ///
    /// By default the name and address from git.
    #[arg(long, value_name = "WHO")]
    who: Vec<String>,

    /// Text to keep with the entry
    #[arg(long, value_name = "NOTES")]
    notes: Option<String>,

    /// Accept packages that are no third-party dependencies
    #[arg(long)]
    force: bool,
}

impl Command for RecordViolationCommand {
    const FACTS: Facts = Facts {
        name: "record-violation",
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
        let violation = self.violation();
        Ok(Action::run(move |options, printer| run(options, violation, printer)))
    }
}

impl RecordViolationCommand {
    /// The violation, without auditors if the command line names none.
    fn violation(self) -> NewViolation {
        let RecordViolationCommand { package, versions, criteria, who, notes, force } = self;
        NewViolation { package, versions, criteria, who, notes, force }
    }
}

fn run(options: &Options, mut violation: NewViolation, printer: &Printer) -> Outcome {
    let context = context(options, printer)?;
    if violation.who.is_empty() {
        violation.who = vec![vet_fetch::git::identity(&context.current_folder)?];
    }
    // Scripts read this line, so it must not change.
    let advice = format!(
        "If you've identified a security vulnerability in {} please report it at {ADVISORIES}\n",
        violation.package
    );
    report(&printer.take(add_entry::record_violation(&context, violation, printer))?, printer);
    match options.dry_run {
        // The answer is a patch or JSON.
        true => printer.note(advice.trim_end()),
        false => printer.answer(advice),
    }
    Ok(ExitStatus::Success)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::parsed;

    #[test]
    fn options_describe_the_violation() {
        let least = NewViolation {
            package: "a".to_owned(),
            versions: "^1.0".parse().unwrap(),
            criteria: vec![],
            who: vec![],
            notes: None,
            force: false,
        };
        let most = NewViolation {
            versions: "<1.0.10, >=1".parse().unwrap(),
            criteria: vec!["x".to_owned()],
            who: vec!["Bob".to_owned()],
            notes: Some("n".to_owned()),
            force: true,
            ..least.clone()
        };
        for (line, expected) in
            [("a 1.0", least), ("a <1.0.10,~>=1 --criteria x --who Bob --notes n --force", most)]
        {
            let violation = parsed::<RecordViolationCommand>(line).map(RecordViolationCommand::violation);
            assert_eq!(violation, Ok(expected), "{line}");
        }
    }
}
