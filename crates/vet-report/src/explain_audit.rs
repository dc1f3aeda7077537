//! The output of `explain-audit`.

use std::fmt::Write as _;

use vet_diagnostics::{Code, Diagnostic};
use vet_ops::check::explain_audit::ExplainAuditOutcome;
use vet_resolver::{ExplainedStep, Explanation, Statement};
use vet_store::entries::Publisher;

use crate::conflicts;
use crate::left_out;
use crate::short_list::short_list;
use crate::visible::visible_line;

/// The text output; there is no JSON output.
///
/// # Errors
///
/// Statements about the crate contradict each other. The finding lists them.
pub fn human(outcome: &ExplainAuditOutcome) -> Result<String, Diagnostic> {
    let ExplainAuditOutcome { package, criterion, explanation, left_out } = outcome;
    let subject = format!("{} {}", visible_line(&package.name), package.version);
    let criterion = visible_line(criterion);
    let left_out = left_out.as_ref().map(|why| format!("The check ignores it: {}\n", left_out::reason(why)));
    let answer = match explanation {
        Explanation::Certified(steps) => {
            let mut text = format!("The package {subject} certifies for {criterion}\n");
            for (index, step) in steps.iter().enumerate() {
                let origin = step.source.as_deref().map_or("local".into(), visible_line);
                let uncached = if step.fresh { " (uncached)" } else { "" };
                let _ = writeln!(text, "{}) [{origin}{uncached}] {}", index + 1, statement(step));
            }
            text
        }
        Explanation::NotCertified(versions) => {
            let mut text = format!("The package {subject} does not certify for {criterion}\n");
            if !versions.is_empty() {
                text.push_str("The following versions would certify:\n");
            }
            for version in versions {
                let _ = writeln!(text, " - {version}");
            }
            text
        }
        Explanation::Conflicts(conflicts) => {
            let name = visible_line(&package.name);
            let message = format!("statements about `{name}` contradict each other");
            let problem = Diagnostic::error(Code::ViolationConflict, message);
            let problem = problem.help("run `cargo vet check`, and sort out which statement is wrong");
            return Err(conflicts
                .iter()
                .map(|conflict| conflicts::human(conflict, ""))
                .fold(problem, Diagnostic::note));
        }
    };
    Ok(answer + &left_out.unwrap_or_default())
}

fn statement(step: &ExplainedStep) -> String {
    match &step.statement {
        Statement::Full { version, who } => format!("full audit for {version} by {}", auditors(who)),
        Statement::Delta { from, to, who } => format!("delta audit for {from}->{to} by {}", auditors(who)),
        Statement::Wildcard { version, publisher, who } => {
            let (publisher, who) = (account(publisher), auditors(who));
            format!("wildcard audit for {version} (published by: {publisher}) by {who}")
        }
        Statement::Trusted { version, publisher } => {
            format!("trusted entry for {version} (published by: {})", account(publisher))
        }
        Statement::Exemption { version } => format!("exemption for {version}"),
        Statement::Unpublished { version, audited_as } => {
            format!("auditing unpublished version {version} as {audited_as}")
        }
    }
}

fn auditors(who: &[String]) -> String {
    if who.is_empty() {
        return "<unspecified>".to_owned();
    }
    visible_line(&short_list(who)).into_owned()
}

fn account(publisher: &Publisher) -> String {
    visible_line(publisher.identifier()).into_owned()
}
