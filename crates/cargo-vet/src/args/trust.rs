//! The arguments of `trust`.

use clap::Args;
use vet_store::Date;

use super::UsageError;

#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  cargo vet trust serde                    Trust the only publisher of a package
  cargo vet trust serde dtolnay            Trust one of several
  cargo vet trust --all dtolnay            Trust a publisher for every package of theirs that lacks an audit")]
pub(crate) struct TrustArgs {
    /// Name of the package
    #[arg(value_name = "PACKAGE", required_unless_present = "all")]
    pub(crate) package: Option<String>,

    /// Login, number of the account, or signature such as github:owner/repository [default: the only publisher of the package]
    #[arg(value_name = "PUBLISHER_IDENTIFIER")]
    pub(crate) publisher_identifier: Option<String>,

    /// Criterion that the releases meet; may be repeated
    #[arg(long, value_name = "CRITERIA")]
    pub(crate) criteria: Vec<String>,

    /// First day of publication that is covered [default: that of the publisher's first release]
    #[arg(long, value_name = "START_DATE")]
    pub(crate) start_date: Option<Date>,

    /// Day on which the trust ends [default: in a year]
    #[arg(long, value_name = "END_DATE")]
    pub(crate) end_date: Option<Date>,

    /// Text to keep with the entry
    #[arg(long, value_name = "NOTES")]
    pub(crate) notes: Option<String>,

    /// Trust this publisher for every package that lacks an audit and that nobody else publishes
    #[arg(long, value_name = "ALL", conflicts_with = "package")]
    pub(crate) all: Option<String>,

    /// With --all, take packages with other publishers too
    #[arg(long)]
    pub(crate) allow_multiple_publishers: bool,
}

/// Whom to trust, and for which packages.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Trust {
    pub(crate) subject: TrustSubject,
    /// If empty, the user is asked.
    pub(crate) criteria: Vec<String>,
    pub(crate) start: Option<Date>,
    pub(crate) end: Option<Date>,
    pub(crate) notes: Option<String>,
}

/// The publisher and the packages.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TrustSubject {
    /// One package. Without a publisher, its only publisher is meant.
    Package { package: String, publisher: Option<String> },
    /// Every package of one publisher that lacks an audit.
    All { publisher: String, allow_multiple_publishers: bool },
}

impl TrustArgs {
    pub(crate) fn validate(self) -> Result<Trust, UsageError> {
        let subject = match (self.package, self.all) {
            (_, Some(publisher)) => {
                TrustSubject::All { publisher, allow_multiple_publishers: self.allow_multiple_publishers }
            }
            (Some(package), None) => TrustSubject::Package { package, publisher: self.publisher_identifier },
            (None, None) => return Err(UsageError::missing("<PACKAGE>")),
        };
        Ok(Trust {
            subject,
            criteria: self.criteria,
            start: self.start_date,
            end: self.end_date,
            notes: self.notes,
        })
    }
}
