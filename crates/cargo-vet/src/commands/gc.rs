//! `gc`: removes old files from the cache.

use std::time::Duration;

use clap::Args;
use vet_ops::maintain::gc::{Sweep, gc};
use vet_report::gc::{human, json, summary};

use super::command::{
    Action, Command, DryRun, Facts, Group, NetworkUse, Outcome, Reads, TEXT_AND_JSON, Writes,
};
use crate::args::{OutputFormat, UsageError};
use crate::exit_status::ExitStatus;
use crate::options::Options;
use crate::printer::Printer;

/// Delete old files from the cache
///
/// The cache is the tool's own folder, the same for all projects.
#[derive(Args, Debug)]
pub(crate) struct GcCommand {
    /// Delete what was not used for this many days
    #[arg(long, value_name = "MAX_PACKAGE_AGE_DAYS", default_value = "30", value_parser = parse_days)]
    max_package_age_days: Duration,

    /// Delete all files of cargo vet
    #[arg(long)]
    clean: bool,
}

impl Command for GcCommand {
    const FACTS: Facts = Facts {
        name: "gc",
        group: Group::Maintain,
        is_common: false,
        reads: Reads::Nothing,
        writes: Writes::Cache,
        network: NetworkUse::Nothing,
        dry_run: DryRun::Supported,
        strict: false,
        // JSON is the answer of a dry run.
        formats: TEXT_AND_JSON,
    };

    fn action(self) -> Result<Action, UsageError> {
        let age = self.age();
        Ok(Action::run(move |options, printer| run(options, age, printer)))
    }
}

impl GcCommand {
    /// The age of files to delete; `None` means all files.
    fn age(&self) -> Option<Duration> {
        (!self.clean).then_some(self.max_package_age_days)
    }
}

fn run(options: &Options, age: Option<Duration>, printer: &Printer) -> Outcome {
    let what = match age {
        None => Sweep::All,
        Some(age) => Sweep::Unused { age, now: options.now.into() },
    };
    let outcome = printer.take(gc(
        options.cache.folder(),
        what,
        options.dry_run,
        &options.overrides.levels,
        printer,
    ))?;
    printer.answer(match (outcome.dry_run, printer.format()) {
        (true, OutputFormat::Json) => json(&outcome),
        _ => human(&outcome),
    });
    printer.note(summary(&outcome));
    Ok(ExitStatus::Success)
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
    use crate::args::parsed;

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

    #[test]
    fn everything_or_what_is_old_is_deleted() {
        let day = Duration::from_secs(86_400);
        for (line, expected) in [
            ("", Some(day * 30)),
            ("--max-package-age-days 0.5", Some(day / 2)),
            ("--max-package-age-days 1 --clean", None),
            ("--clean", None),
        ] {
            assert_eq!(parsed::<GcCommand>(line).map(|gc| gc.age()), Ok(expected), "{line}");
        }
    }
}
