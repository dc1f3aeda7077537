//! The arguments of `certify`.

use std::path::PathBuf;

use clap::Args;
use vet_store::{Date, Version};

use super::UsageError;

#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  cargo vet certify                            Certify what was just inspected
  cargo vet certify serde 1.0.200              Certify one version
  cargo vet certify serde 1.0.199 1.0.200      Certify the changes between two versions
  cargo vet certify serde --wildcard dtolnay   Vouch for all releases of one publisher
  cargo vet certify serde 1.0.200 --criteria safe-to-run --accept-all
                                               Ask nothing
  cargo vet suggest --output-format json > plan.json
                                               Make a list, read what is on it …
  cargo vet certify --all-from plan.json       … and certify all of it")]
pub(crate) struct CertifyArgs {
    /// Name of the package [default: the one that was last inspected]
    #[arg(value_name = "PACKAGE")]
    pub(crate) package: Option<String>,

    /// Version that was audited
    #[arg(value_name = "VERSION1")]
    pub(crate) version1: Option<Version>,

    /// The changes from VERSION1 to this version were audited instead
    #[arg(value_name = "VERSION2")]
    pub(crate) version2: Option<Version>,

    /// Vouch for all releases of this publisher: a login, the number of an account, or a signature such as
    /// github:owner/repository
    #[arg(long, value_name = "WILDCARD", requires = "package", conflicts_with = "version1")]
    pub(crate) wildcard: Option<String>,

    /// Certify what a file lists: the JSON of `cargo vet suggest`, or lines such as `inspect serde 1.0.200` and
    /// `diff serde 1.0.199 1.0.200`. `-` is stdin. All is recorded, or nothing
    #[arg(long, value_name = "FILE", conflicts_with_all = ["package", "wildcard"])]
    pub(crate) all_from: Option<PathBuf>,

    /// Criterion that is met; may be repeated, or be a list with commas
    #[arg(long, value_name = "CRITERIA")]
    pub(crate) criteria: Vec<String>,

    /// Name of the auditor; may be repeated [default: name and address from git]
    #[arg(long, value_name = "WHO")]
    pub(crate) who: Vec<String>,

    /// Text to keep with the audit
    #[arg(long, value_name = "NOTES")]
    pub(crate) notes: Option<String>,

    /// First day of publication that is covered; needs --wildcard [default: that of the first release]
    #[arg(long, value_name = "START_DATE")]
    pub(crate) start_date: Option<Date>,

    /// Day on which the wildcard audit ends, at most a year ahead; needs --wildcard [default: in a year]
    #[arg(long, value_name = "END_DATE")]
    pub(crate) end_date: Option<Date>,

    /// Accept the text of the criteria without opening the editor
    #[arg(long)]
    pub(crate) accept_all: bool,

    /// Ask nothing: as --accept-all, and without --criteria take those that are likely
    #[arg(long)]
    pub(crate) yes: bool,

    /// Do not require that the package is a third-party dependency and that the versions exist
    #[arg(long)]
    pub(crate) force: bool,

    /// Keep an audit of changes apart from the audit of a git version that it continues; needs VERSION2
    #[arg(long, requires = "version2")]
    pub(crate) no_collapse: bool,
}

/// What to record.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Certify {
    pub(crate) subject: Subject,
    /// If empty, the user is asked.
    pub(crate) criteria: Vec<String>,
    /// If empty, git's user.
    pub(crate) who: Vec<String>,
    pub(crate) notes: Option<String>,
    pub(crate) consent: Consent,
    pub(crate) force: bool,
    pub(crate) collapse: bool,
}

/// What the user is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Consent {
    /// Everything.
    Ask,
    /// The criteria, if they are not named (`--accept-all`).
    AcceptText,
    /// Nothing (`--yes`).
    AcceptAnything,
}

/// What was audited.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Subject {
    /// What was last inspected; if a package is named, it must be this one.
    Remembered { package: Option<String> },
    /// One version.
    Full { package: String, version: Version },
    /// The changes between two versions.
    Delta { package: String, from: Version, to: Version },
    /// The releases of a publisher.
    Wildcard { package: String, publisher: String, start: Option<Date>, end: Option<Date> },
    /// The audits that a file lists; `-` is stdin.
    Listed { file: PathBuf },
}

impl CertifyArgs {
    pub(crate) fn validate(self) -> Result<Certify, UsageError> {
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
        let listed = self.all_from.map(|file| Subject::Listed { file });
        let subject = match (self.package, self.version1, self.version2, self.wildcard) {
            (Some(package), _, _, Some(publisher)) => {
                Subject::Wildcard { package, publisher, start: self.start_date, end: self.end_date }
            }
            (Some(package), Some(from), Some(to), None) => Subject::Delta { package, from, to },
            (Some(package), Some(version), None, None) => Subject::Full { package, version },
            (package, ..) => listed.unwrap_or(Subject::Remembered { package }),
        };
        let consent = match (self.yes, self.accept_all) {
            (true, _) => Consent::AcceptAnything,
            (false, true) => Consent::AcceptText,
            (false, false) => Consent::Ask,
        };
        Ok(Certify {
            subject,
            criteria: self.criteria,
            who: self.who,
            notes: self.notes,
            consent,
            force: self.force,
            collapse: !self.no_collapse,
        })
    }
}
