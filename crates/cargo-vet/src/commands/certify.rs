//! `certify`: records an audit.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use vet_diagnostics::{Problems, Source};
use vet_ops::audit::certify::{self, CertifyOutcome, Consent, List, Subject, What, prepare, sign};
use vet_ops::operation::context::Context;
use vet_project::text_file::{read_text, read_text_from};
use vet_report::certify::certify as lines;
use vet_store::{Date, Version};

use super::command::{Action, Command, DryRun, Facts, Group, NetworkUse, Outcome, Reads, TEXT, Writes};
use super::context::{context, report};
use super::network::maybe_online;
use crate::args::{UsageError, version};
use crate::exit_status::ExitStatus;
use crate::failure::Failure;
use crate::options::Options;
use crate::printer::Printer;
use crate::prompter::{Explained, User, user_is_there};

/// Record that you audited a package
///
/// With one version, you audited all of it; with two, the changes from the first to the second;
/// with --wildcard, you vouch for all releases of one publisher. Without a version, the one that
/// you last inspected is meant.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  cargo vet certify                            What you just inspected
  cargo vet certify serde 1.0.200              One version
  cargo vet certify serde 1.0.199 1.0.200      Changes between two versions
  cargo vet certify serde --wildcard dtolnay   All releases of one publisher
  cargo vet certify serde 1.0.200 --criteria safe-to-run --accept-all
                                               Ask nothing
  cargo vet suggest --output-format json > plan.json
                                               Make a list, read what is on it …
  cargo vet certify --all-from plan.json       … and certify all of it")]
pub(crate) struct CertifyCommand {
    /// Name of the package [default: the last one inspected]
    #[arg(value_name = "PACKAGE")]
    package: Option<String>,

    /// Version that was audited
    #[arg(value_name = "VERSION1", value_parser = version)]
    version1: Option<Version>,

    /// Audited are the changes from VERSION1 to this version
    #[arg(value_name = "VERSION2", value_parser = version)]
    version2: Option<Version>,

    /// Vouch for all releases of this publisher
    ///
    /// A login, the number of an account, or a signature such as github:owner/repository.
    #[arg(long, value_name = "WILDCARD", requires = "package", conflicts_with = "version1")]
    wildcard: Option<String>,

    /// Certify what a file lists; `-` is stdin
    ///
    /// The JSON of `cargo vet suggest`, or lines such as `inspect serde 1.0.200` and `diff serde
    /// 1.0.199 1.0.200`. All audits are recorded, or none.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["package", "wildcard"])]
    all_from: Option<PathBuf>,

    /// With --all-from, even if never opened here
    ///
    /// Audits of the list need not have been opened at a terminal of this machine.
    #[arg(long, requires = "all_from")]
    unread: bool,

    /// Criterion that is met; may be repeated
    ///
    /// The value may also be a list with commas.
    #[arg(long, value_name = "CRITERIA")]
    criteria: Vec<String>,

    /// Name of the auditor; may be repeated
    ///
    /// By default the name and address from git.
    #[arg(long, value_name = "WHO")]
    who: Vec<String>,

    /// Text to keep with the audit
    #[arg(long, value_name = "NOTES")]
    notes: Option<String>,

    /// First day that a wildcard audit covers
    ///
    /// Needs --wildcard. Versions that were published from this day on are covered; by default,
    /// from the publisher's first release on.
    #[arg(long, value_name = "START_DATE")]
    start_date: Option<Date>,

    /// Day on which a wildcard audit ends
    ///
    /// Needs --wildcard. At most a year ahead, which is the default.
    #[arg(long, value_name = "END_DATE")]
    end_date: Option<Date>,

    /// Accept the criteria without the editor
    #[arg(long)]
    accept_all: bool,

    /// Ask nothing, and accept the criteria
    ///
    /// Without --criteria, the likely ones are used.
    #[arg(long)]
    yes: bool,

    /// Accept packages that are not in use
    ///
    /// Does not require that the package is a third-party dependency and that the versions exist.
    #[arg(long)]
    force: bool,

    /// Do not merge it with a git version's audit
    ///
    /// By default, an audit of changes that continues the audit of a git version is merged with it.
    /// Needs VERSION2.
    #[arg(long, requires = "version2")]
    no_collapse: bool,
}

impl Command for CertifyCommand {
    const FACTS: Facts = Facts {
        name: "certify",
        group: Group::Audit,
        is_common: true,
        reads: Reads::Graph,
        writes: Writes::Store,
        network: NetworkUse::UnlessLocked,
        dry_run: DryRun::Supported,
        strict: false,
        formats: TEXT,
    };

    fn action(self) -> Result<Action, UsageError> {
        let request = self.request()?;
        Ok(Action::run(move |options, printer| run(options, request, printer)))
    }
}

/// What to record.
#[derive(Clone, Debug, PartialEq)]
struct Asked {
    subject: NamedSubject,
    /// If empty, the user is asked.
    criteria: Vec<String>,
    /// If empty, git's user.
    who: Vec<String>,
    notes: Option<String>,
    consent: Consent,
    unread: bool,
    force: bool,
    collapse: bool,
}

/// What was audited, as the arguments name it.
#[derive(Clone, Debug, PartialEq)]
enum NamedSubject {
    /// What was last inspected; if a package is named, it must be this one.
    Remembered { package: Option<String> },
    /// One subject.
    One(Subject),
    /// The audits that a file lists; `-` is stdin.
    Listed { file: PathBuf },
}

impl CertifyCommand {
    fn request(self) -> Result<Asked, UsageError> {
        if self.wildcard.is_none() {
            // Without this check, the option would be accepted and ignored: clap waives `requires`
            // if the required option conflicts with an argument that is present.
            for (option, date) in
                [("--start-date <START_DATE>", self.start_date), ("--end-date <END_DATE>", self.end_date)]
            {
                if date.is_some() {
                    return Err(UsageError::needs(option, "--wildcard <WILDCARD>"));
                }
            }
        }
        let listed = self.all_from.map(|file| NamedSubject::Listed { file });
        let subject = match (self.package, self.version1, self.version2, self.wildcard) {
            (Some(package), _, _, Some(publisher)) => {
                let (start, end) = (self.start_date, self.end_date);
                NamedSubject::One(Subject::Wildcard { package, publisher, start, end })
            }
            (Some(package), Some(from), Some(to), None) => {
                NamedSubject::One(Subject::Delta { package, from, to })
            }
            (Some(package), Some(version), None, None) => {
                NamedSubject::One(Subject::Full { package, version })
            }
            (package, ..) => listed.unwrap_or(NamedSubject::Remembered { package }),
        };
        let consent = match (self.yes, self.accept_all) {
            (true, _) => Consent::GivenWithLikelyCriteria,
            (false, true) => Consent::Given,
            (false, false) => Consent::Statement,
        };
        Ok(Asked {
            subject,
            criteria: self.criteria,
            who: self.who,
            notes: self.notes,
            consent,
            unread: self.unread,
            force: self.force,
            collapse: !self.no_collapse,
        })
    }
}

fn run(settings: &Options, request: Asked, printer: &Printer) -> Outcome {
    let Asked { subject, criteria, who, notes, consent, unread, force, collapse } = request;
    let what = match subject {
        NamedSubject::Remembered { package } => What::LookedAtLast { package },
        NamedSubject::One(subject) => What::One(subject),
        NamedSubject::Listed { file } => What::All(List::read(&list(&file)?)?),
    };
    let preselected = Vec::new();
    let request = certify::Request {
        what,
        criteria,
        preselected,
        who,
        notes,
        lines: None,
        unread,
        force,
        merge: collapse,
    };
    record(settings, &context(settings, printer)?, &request, consent, &Explained::default(), printer)?;
    Ok(ExitStatus::Success)
}

/// Asks the user about audits, records them, and reports the consequences.
pub(super) fn record(
    settings: &Options,
    context: &Context,
    request: &certify::Request,
    consent: Consent,
    explained: &Explained,
    printer: &Printer,
) -> Result<CertifyOutcome, Failure> {
    if !user_is_there() {
        request.check_without_prompter(consent)?;
    }
    let outcome = maybe_online(settings, printer, |network| {
        let prepared = printer.take(prepare(context, network, request, printer))?;
        let client = network.map(|network| network.client);
        let signed = printer.take(sign(prepared, consent, client, &User { explained, printer }, printer))?;
        printer.take(certify::record(signed, network, printer))
    })?;
    lines(&outcome).into_iter().for_each(|line| printer.note(line));
    report(&outcome.changes, printer);
    Ok(outcome)
}

fn list(file: &Path) -> Result<Arc<Source>, Problems> {
    if file == Path::new("-") {
        return Ok(read_text_from(&mut io::stdin().lock(), "stdin")?);
    }
    Ok(read_text(file, &file.display().to_string())?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::parsed;

    fn version(text: &str) -> Version {
        text.parse().unwrap()
    }

    fn of(subject: NamedSubject) -> Asked {
        Asked {
            subject,
            criteria: vec![],
            who: vec![],
            notes: None,
            consent: Consent::Statement,
            unread: false,
            force: false,
            collapse: true,
        }
    }

    #[test]
    fn arguments_name_the_subject() {
        let a = || "a".to_owned();
        for (line, expected) in [
            ("", NamedSubject::Remembered { package: None }),
            ("a", NamedSubject::Remembered { package: Some(a()) }),
            ("a 1.0.0", NamedSubject::One(Subject::Full { package: a(), version: version("1.0.0") })),
            (
                "a 1.0.0 1.0.1",
                NamedSubject::One(Subject::Delta {
                    package: a(),
                    from: version("1.0.0"),
                    to: version("1.0.1"),
                }),
            ),
            (
                "a --wildcard github:o/r --start-date 2026-1-5 --end-date 2027-01-05",
                NamedSubject::One(Subject::Wildcard {
                    package: a(),
                    publisher: "github:o/r".to_owned(),
                    start: Some("2026-01-05".parse().unwrap()),
                    end: Some("2027-01-05".parse().unwrap()),
                }),
            ),
            ("--all-from -", NamedSubject::Listed { file: "-".into() }),
        ] {
            assert_eq!(parsed::<CertifyCommand>(line).unwrap().request(), Ok(of(expected)), "{line}");
        }
    }

    #[test]
    fn options_describe_the_audit() {
        let full =
            || of(NamedSubject::One(Subject::Full { package: "a".to_owned(), version: version("1.0.0") }));
        let delta = of(NamedSubject::One(Subject::Delta {
            package: "a".to_owned(),
            from: version("1.0.0"),
            to: version("1.0.1"),
        }));
        let texts = |texts: &[&str]| texts.iter().map(ToString::to_string).collect();
        for (line, expected) in [
            (
                "a 1.0.0 --criteria x,y --criteria z --accept-all",
                Asked { criteria: texts(&["x,y", "z"]), consent: Consent::Given, ..full() },
            ),
            ("a 1.0.0 --yes", Asked { consent: Consent::GivenWithLikelyCriteria, ..full() }),
            ("a 1.0.0 --yes --accept-all", Asked { consent: Consent::GivenWithLikelyCriteria, ..full() }),
            (
                "a 1.0.0 1.0.1 --no-collapse --who Bob --who= --who Eve --notes n --force",
                Asked {
                    who: texts(&["Bob", "", "Eve"]),
                    notes: Some("n".to_owned()),
                    force: true,
                    collapse: false,
                    ..delta
                },
            ),
        ] {
            assert_eq!(parsed::<CertifyCommand>(line).unwrap().request(), Ok(expected), "{line}");
        }
    }

    #[test]
    fn dates_are_for_wildcard_audits() {
        for (line, option) in [
            ("a 1.0.0 --start-date 2026-01-05", "--start-date <START_DATE>"),
            ("--end-date 2026-01-05", "--end-date <END_DATE>"),
        ] {
            let refused = Err(UsageError::needs(option, "--wildcard <WILDCARD>"));
            assert_eq!(parsed::<CertifyCommand>(line).unwrap().request(), refused, "{line}");
        }
    }
}
