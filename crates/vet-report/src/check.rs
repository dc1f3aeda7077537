//! The output of `check`.
//!
//! Scripts read both formats, so the text must not change.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use vet_ops::evaluation::outcome::{CheckOutcome, Checked, PackageId};
use vet_resolver::{Conflict, MOST_CONFLICTS};

use crate::conflicts::{self, ConflictJson};
use crate::json;
use crate::left_out::{self, LeftOutJson};
use crate::suggest::{self, Form, SuggestJson};
use crate::visible::visible_line;

/// The text output, with what is left out at its end.
pub fn human(checked: &Checked, form: Form) -> String {
    verdict(&checked.outcome, form) + &summary(checked)
}

fn summary(checked: &Checked) -> String {
    checked.left_out.as_ref().map(left_out::summary).unwrap_or_default()
}

const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();

fn painted(text: &str, style: Style, form: Form) -> String {
    if form.colored { format!("{style}{text}{style:#}") } else { text.to_owned() }
}

fn verdict(outcome: &CheckOutcome, form: Form) -> String {
    match outcome {
        CheckOutcome::Success { fully_audited, partially_audited, exempted } => {
            let parts = [
                (fully_audited.len(), "fully audited"),
                (partially_audited.len(), "partially audited"),
                (exempted.len(), "exempted"),
            ];
            let parts: Vec<String> = parts
                .iter()
                .filter(|(count, _)| *count > 0)
                .map(|(count, what)| format!("{count} {what}"))
                .collect();
            let reason = match parts.as_slice() {
                [] => "because you have no third-party dependencies".to_owned(),
                parts => parts.join(", "),
            };
            format!("{} ({reason})\n", painted("Vetting Succeeded", GOOD, form))
        }
        CheckOutcome::Unvetted { failures, suggestions } => {
            let mut text = format!(
                "{}\n\n{} unvetted dependencies:\n",
                painted("Vetting Failed!", BAD, form),
                failures.len()
            );
            for (package, missing) in failures {
                let _ = writeln!(text, "  {} missing {missing:?}", visible_line(&key(package)));
            }
            if let Some(suggestions) = suggestions {
                text.push('\n');
                text.push_str(&suggest::human(suggestions, form));
            }
            text
        }
        CheckOutcome::Violation { conflicts } => {
            let mut text = painted("Violations Found!", BAD, form) + "\n";
            for (package, conflicts) in conflicts {
                let _ = writeln!(text, "  {}", visible_line(&key(package)));
                for conflict in conflicts {
                    text.push_str(&conflicts::human(conflict, "    "));
                    text.push('\n');
                }
                if conflicts.len() >= MOST_CONFLICTS {
                    text.push_str("    there are more, which are not shown\n");
                }
            }
            text
        }
    }
}

/// The text output of `suggest`: what to audit, without the packages that are not vetted.
pub fn suggested(checked: &Checked, form: Form) -> String {
    let answer = match &checked.outcome {
        CheckOutcome::Success { .. } => "Nothing to suggest, you're fully audited!\n".to_owned(),
        CheckOutcome::Unvetted { suggestions: Some(suggestions), .. } => suggest::human(suggestions, form),
        outcome => verdict(outcome, form),
    };
    answer + &summary(checked)
}

/// What to do after a check with `--locked` has found packages that are not vetted, one step per
/// line. Such a check knows neither what peers have audited since nor what to audit.
pub fn after_locked(checked: &Checked) -> Vec<String> {
    let CheckOutcome::Unvetted { failures, suggestions: None } = &checked.outcome else { return Vec::new() };
    let exempt = |package: &PackageId| {
        let PackageId { name, version } = package;
        format!("`cargo vet add-exemption {} {version}`", visible_line(name))
    };
    let mut steps = vec![
        "run `cargo vet` without `--locked`: imports and crates.io may know more by now".to_owned(),
        "if it still fails, it says what to audit; `cargo vet next` goes through that".to_owned(),
    ];
    match failures.as_slice() {
        [] => {}
        [(only, _)] => steps.push(format!("to put the audit off, exempt the package: {}", exempt(only))),
        [(first, _), ..] => steps.push(format!(
            "to put audits off, exempt a package: {}; or all: `cargo vet regenerate exemptions`",
            exempt(first)
        )),
    }
    steps
}

/// The JSON output.
pub fn json(checked: &Checked) -> String {
    let left_out = checked.left_out.as_ref().map(left_out::json);
    json::document(&CheckedJson { outcome: CheckJson::from(&checked.outcome), left_out })
}

#[derive(Serialize)]
struct CheckedJson<'a> {
    #[serde(flatten)]
    outcome: CheckJson<'a>,
    /// Present only if the project leaves something out.
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<Vec<LeftOutJson<'a>>>,
}

#[derive(Serialize)]
#[serde(tag = "conclusion")]
enum CheckJson<'a> {
    #[serde(rename = "success")]
    Success {
        vetted_fully: Vec<PackageJson<'a>>,
        vetted_partially: Vec<PackageJson<'a>>,
        vetted_with_exemptions: Vec<PackageJson<'a>>,
    },
    #[serde(rename = "fail (vetting)")]
    Unvetted {
        failures: Vec<FailureJson<'a>>,
        /// The suggestions, if there are any.
        suggest: Option<SuggestJson<'a>>,
    },
    #[serde(rename = "fail (violation)")]
    Violation {
        /// By name and version, in alphabetical order.
        violations: BTreeMap<String, Vec<ConflictJson<'a>>>,
    },
}

#[derive(Serialize)]
struct PackageJson<'a> {
    name: &'a str,
    version: String,
}

impl<'a> From<&'a PackageId> for PackageJson<'a> {
    fn from(package: &'a PackageId) -> Self {
        PackageJson { name: &package.name, version: package.version.to_string() }
    }
}

#[derive(Serialize)]
struct FailureJson<'a> {
    name: &'a str,
    version: String,
    missing_criteria: &'a [String],
}

impl<'a> From<&'a CheckOutcome> for CheckJson<'a> {
    fn from(outcome: &'a CheckOutcome) -> Self {
        match outcome {
            CheckOutcome::Success { fully_audited, partially_audited, exempted } => CheckJson::Success {
                vetted_fully: packages(fully_audited),
                vetted_partially: packages(partially_audited),
                vetted_with_exemptions: packages(exempted),
            },
            CheckOutcome::Unvetted { failures, suggestions } => {
                let failure = |(package, missing): &'a (PackageId, Vec<String>)| FailureJson {
                    name: &package.name,
                    version: package.version.to_string(),
                    missing_criteria: missing,
                };
                CheckJson::Unvetted {
                    failures: failures.iter().map(failure).collect(),
                    suggest: suggestions.as_deref().map(SuggestJson::from),
                }
            }
            CheckOutcome::Violation { conflicts } => {
                let entry = |(package, conflicts): &'a (PackageId, Vec<Conflict>)| {
                    (key(package), conflicts.iter().map(ConflictJson::from).collect())
                };
                CheckJson::Violation { violations: conflicts.iter().map(entry).collect() }
            }
        }
    }
}

fn packages(packages: &[PackageId]) -> Vec<PackageJson<'_>> {
    packages.iter().map(PackageJson::from).collect()
}

fn key(package: &PackageId) -> String {
    format!("{}:{}", package.name, package.version)
}
