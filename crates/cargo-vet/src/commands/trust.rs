//! `trust`: relies on the releases of a publisher.

use clap::Args;
use vet_ops::share::trust::{self, TrustSubject, trust};
use vet_report::changes;
use vet_store::Date;

use super::command::{Action, Command, DryRun, Facts, Group, NetworkUse, Outcome, Reads, TEXT, Writes};
use super::context::{context, report};
use super::network::online;
use crate::args::UsageError;
use crate::exit_status::ExitStatus;
use crate::options::Options;
use crate::printer::Printer;
use crate::prompter::{Explained, User};

/// Trust the releases of a publisher
///
/// All versions that the publisher releases within a period count as meeting the criteria, without
/// an audit.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  cargo vet trust serde                    Trust the only publisher of a package
  cargo vet trust serde dtolnay            Trust one of several publishers
  cargo vet trust --all dtolnay            Trust one for all packages")]
pub(crate) struct TrustCommand {
    /// Name of the package
    #[arg(value_name = "PACKAGE", required_unless_present = "all")]
    package: Option<String>,

    /// Publisher [default: the only one of the package]
    ///
    /// A login, the number of an account, or a signature such as github:owner/repository.
    #[arg(value_name = "PUBLISHER_IDENTIFIER")]
    publisher_identifier: Option<String>,

    /// Criterion that is met; may be repeated
    #[arg(long, value_name = "CRITERIA")]
    criteria: Vec<String>,

    /// First day of publication that is covered
    ///
    /// By default the day of the publisher's first release.
    #[arg(long, value_name = "START_DATE")]
    start_date: Option<Date>,

    /// Day on which the trust ends
    ///
    /// By default in a year.
    #[arg(long, value_name = "END_DATE")]
    end_date: Option<Date>,

    /// Text to keep with the entry
    #[arg(long, value_name = "NOTES")]
    notes: Option<String>,

    /// Trust this publisher for all packages
    ///
    /// For every package that lacks an audit and has no other publisher.
    #[arg(long, value_name = "ALL", conflicts_with = "package")]
    all: Option<String>,

    /// With --all, even if others publish, too
    ///
    /// Includes packages that have other publishers.
    #[arg(long)]
    allow_multiple_publishers: bool,
}

impl Command for TrustCommand {
    const FACTS: Facts = Facts {
        name: "trust",
        group: Group::Share,
        is_common: true,
        reads: Reads::Graph,
        writes: Writes::Store,
        network: NetworkUse::RefusesLocked("has to ask crates.io who publishes what"),
        dry_run: DryRun::Supported,
        strict: false,
        formats: TEXT,
    };

    fn action(self) -> Result<Action, UsageError> {
        let request = self.request()?;
        Ok(Action::run(move |options, printer| run(options, &request, printer)))
    }
}

impl TrustCommand {
    fn request(self) -> Result<trust::Trust, UsageError> {
        let subject = match (self.package, self.all) {
            (_, Some(publisher)) => {
                TrustSubject::All { publisher, allow_multiple_publishers: self.allow_multiple_publishers }
            }
            (Some(name), None) => TrustSubject::Crate { name, publisher: self.publisher_identifier },
            (None, None) => return Err(UsageError::missing("<PACKAGE>")),
        };
        Ok(trust::Trust {
            subject,
            criteria: self.criteria,
            start: self.start_date,
            end: self.end_date,
            notes: self.notes,
        })
    }
}

pub(super) fn run(options: &Options, request: &trust::Trust, printer: &Printer) -> Outcome {
    let context = context(options, printer)?;
    let outcome = online(options, printer, |network| {
        printer.take(trust(
            &context,
            network,
            request,
            &User { explained: &Explained::default(), printer },
            printer,
        ))
    })?;
    changes::trust(&outcome).into_iter().for_each(|line| printer.note(line));
    report(&outcome.changes, printer);
    Ok(ExitStatus::Success)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::parsed;

    #[test]
    fn one_package_or_all_of_a_publisher() {
        let of = |subject| trust::Trust { subject, criteria: vec![], start: None, end: None, notes: None };
        let a = |publisher: Option<&str>| {
            of(TrustSubject::Crate { name: "a".to_owned(), publisher: publisher.map(str::to_owned) })
        };
        let all = |allow_multiple_publishers| {
            of(TrustSubject::All { publisher: "b".to_owned(), allow_multiple_publishers })
        };
        let detailed = trust::Trust {
            criteria: vec!["x".to_owned()],
            start: Some("2026-01-05".parse().unwrap()),
            end: Some("2026-02-05".parse().unwrap()),
            notes: Some("n".to_owned()),
            ..a(Some("b"))
        };
        for (line, expected) in [
            ("a", a(None)),
            ("a --allow-multiple-publishers", a(None)),
            ("a b --criteria x --start-date 2026-01-05 --end-date 2026-02-05 --notes n", detailed),
            ("--all b", all(false)),
            ("--all b --allow-multiple-publishers", all(true)),
        ] {
            assert_eq!(parsed::<TrustCommand>(line).unwrap().request(), Ok(expected), "{line}");
        }
    }
}
