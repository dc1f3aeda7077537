//! The arguments of `prune`, `renew` and `gc`.

use std::time::Duration;

use clap::Args;

use super::UsageError;

#[derive(Args, Debug)]
pub(crate) struct PruneArgs {
    /// Keep unused imports
    #[arg(long)]
    pub(crate) no_imports: bool,

    /// Keep superfluous exemptions
    #[arg(long)]
    pub(crate) no_exemptions: bool,

    /// Keep unused audits that cannot be imported
    #[arg(long)]
    pub(crate) no_audits: bool,

    /// Also what only packages need that vet.toml leaves out of the graph
    #[arg(long)]
    pub(crate) unbuilt: bool,
}

#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  cargo vet renew serde                    The wildcard audits of one package
  cargo vet renew --expiring               All that end within six weeks")]
pub(crate) struct RenewArgs {
    /// Name of a package
    #[arg(value_name = "CRATE", required_unless_present = "expiring", conflicts_with = "expiring")]
    pub(crate) krate: Option<String>,

    /// All wildcard audits that end within six weeks
    #[arg(long)]
    pub(crate) expiring: bool,

    /// With --expiring, also those of packages without a release in the last four months
    #[arg(long)]
    pub(crate) include_inactive: bool,
}

/// Which wildcard audits to renew.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Renew {
    /// The wildcard audits of one package.
    Package(String),
    /// The wildcard audits that end soon.
    Expiring { include_inactive: bool },
}

impl RenewArgs {
    pub(crate) fn validate(self) -> Result<Renew, UsageError> {
        match self.krate {
            Some(_) if self.include_inactive => Err(UsageError::needs("--include-inactive", "--expiring")),
            Some(package) => Ok(Renew::Package(package)),
            None => Ok(Renew::Expiring { include_inactive: self.include_inactive }),
        }
    }
}

#[derive(Args, Debug)]
pub(crate) struct GcArgs {
    /// Delete what was not used for this many days
    #[arg(long, value_name = "MAX_PACKAGE_AGE_DAYS", default_value = "30", value_parser = parse_days)]
    pub(crate) max_package_age_days: Duration,

    /// Delete everything that is a file of cargo vet
    #[arg(long)]
    pub(crate) clean: bool,
}

/// What to delete from the cache.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Gc {
    /// Everything.
    All,
    /// Files that were not used for this long.
    UnusedFor(Duration),
}

impl GcArgs {
    pub(crate) fn validate(self) -> Gc {
        if self.clean { Gc::All } else { Gc::UnusedFor(self.max_package_age_days) }
    }
}

/// Parses a number of days. Any number is valid; one that exceeds a [`Duration`] means forever.
fn parse_days(text: &str) -> Result<Duration, String> {
    let days: f64 = text.parse().map_err(|_| "not a number of days".to_owned())?;
    if days.is_nan() || days < 0.0 {
        return Err("a number of days is not negative".to_owned());
    }
    Ok(Duration::try_from_secs_f64(days * 86_400.0).unwrap_or(Duration::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_read_without_a_panic() {
        let day = Duration::from_secs(86_400);
        for (text, expected) in [
            ("30", Ok(day * 30)),
            ("0.5", Ok(day / 2)),
            ("0", Ok(Duration::ZERO)),
            ("-0", Ok(Duration::ZERO)),
        ] {
            assert_eq!(parse_days(text), expected, "{text}");
        }
        for text in ["1e30", "inf", "1e999"] {
            assert_eq!(parse_days(text), Ok(Duration::MAX), "{text}");
        }
        for text in ["-1", "nan", "-inf", "", "abc", "30d"] {
            assert!(parse_days(text).is_err(), "{text}");
        }
    }
}
