//! The requested audits, and where they were requested.

use std::ops::Range;
use std::sync::Arc;

use vet_diagnostics::{Code, Diagnostic, Source, wording};
use vet_fetch::review_history::ReviewHistory;
use vet_store::Date;
use vet_store::validate::latest_end;

use super::What;
use super::subject::Subject;
use crate::periods::backwards;
use crate::session::Session;

/// A requested audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Requested {
    pub(super) subject: Subject,
    /// The criteria that a list names.
    pub(super) criteria: Vec<String>,
    /// Its position in a list.
    place: Option<(Arc<Source>, Range<usize>)>,
}

impl Requested {
    /// All requested audits.
    pub(super) fn all(what: &What, session: &Session<'_>) -> Result<Vec<Self>, Diagnostic> {
        let one = |subject: Subject| vec![Requested { subject, criteria: Vec::new(), place: None }];
        Ok(match what {
            What::One(subject) => one(subject.clone()),
            What::LookedAtLast { package } => one(looked_at_last(package.as_deref(), session)?),
            What::All(list) => {
                let requested = list.audits.iter().map(|listed| Requested {
                    subject: listed.subject.clone(),
                    criteria: listed.criteria.clone(),
                    place: Some((Arc::clone(&list.source), listed.span.clone())),
                });
                requested.collect()
            }
        })
    }

    /// Adds the line of the list, if there is one, to a problem.
    pub(super) fn blame(&self, problem: Diagnostic) -> Diagnostic {
        match &self.place {
            Some((source, span)) => problem.at(source, span.clone(), ""),
            None => problem,
        }
    }
}

/// What was last read in this project; of one crate, if one is named.
fn looked_at_last(package: Option<&str>, session: &Session<'_>) -> Result<Subject, Diagnostic> {
    let looks = ReviewHistory::of(&session.context.cache_folder, session.offline().folder).all();
    let is_meant = |name: &str| package.is_none_or(|package| package == name);
    let last = looks.into_iter().rev().find(|look| is_meant(&look.package));
    match last {
        Some(look) => Ok(match look.from {
            None => Subject::Full { package: look.package, version: look.to },
            Some(from) => Subject::Delta { package: look.package, from, to: look.to },
        }),
        None => Err(nothing_looked_at(package)),
    }
}

fn nothing_looked_at(package: Option<&str>) -> Diagnostic {
    let name = package.map(wording::shown);
    let message = match &name {
        Some(name) => format!("nothing of `{name}` was looked at in this project, so a version is needed"),
        None => "nothing was looked at in this project, so it is not known what to certify".to_owned(),
    };
    let name = name.as_deref().unwrap_or("NAME");
    Diagnostic::error(Code::NothingLookedAt, message).help(format!(
        "name what was audited: `cargo vet certify {name} VERSION`, or look at it with `cargo vet inspect`"
    ))
}

impl Subject {
    /// Why the request is invalid, if it is.
    pub(super) fn problem(&self, today: Date) -> Option<Diagnostic> {
        match self {
            Subject::Delta { from, to, .. } if from == to => {
                let message = format!("nothing changes from {from} to {to}");
                Some(Diagnostic::error(Code::NoChange, message).help("name one version to certify all of it"))
            }
            Subject::Full { .. } | Subject::Delta { .. } => None,
            Subject::Wildcard { start, end, .. } => {
                let latest = latest_end(today);
                match (start, end) {
                    (_, Some(end)) if *end > latest => {
                        let message = format!("the end date {end} is more than a year ahead");
                        let problem = Diagnostic::error(Code::BadPeriod, message);
                        Some(problem.help(format!(
                            "the latest is {latest}, which is what holds without `--end-date`"
                        )))
                    }
                    (Some(start), end) if end.unwrap_or(latest) <= *start => {
                        Some(backwards(*start, end.unwrap_or(latest)))
                    }
                    _ => None,
                }
            }
        }
    }
}
