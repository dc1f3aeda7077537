//! `status`: what users of this machine have read in this project, and what to read next.
//!
//! It fetches and changes nothing.

use vet_project::state::{Look, ReviewHistory};
use vet_resolver::{Audit, Shortfall, Verdict};
use vet_store::Store;
use vet_store::entries::AuditKind;

use crate::audit::reading::ReadingSubject;
use crate::evaluation::Evaluation;
use crate::evaluation::outcome::LeftOut;
use crate::evaluation::outcome::{CheckOutcome, Checked, PackageId};
use crate::graph::WhenUnknown;
use crate::operation::context::Context;
use crate::operation::events::Observer;
use crate::operation::report::Report;
use crate::session::Session;

/// The progress of reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// What was read, latest first.
    pub read: Vec<Read>,
    /// The result of a check without the network.
    pub check: CheckOutcome,
    /// The packages that are not vetted, with the criteria that each lacks; also if statements
    /// about other crates contradict each other.
    pub unvetted: Vec<(PackageId, Vec<String>)>,
    /// What to read for packages that are not vetted and for which nothing helpful was read, if
    /// this is known without measuring.
    pub next: Vec<ReadingSubject>,
    /// What the settings leave out, if they leave anything out.
    pub left_out: Option<LeftOut>,
}

/// A subject that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// The subject, and when it was read.
    pub look: Look,
    /// Whether the project has an audit of exactly this subject.
    pub is_certified: bool,
}

/// Finds what was read, and what is not vetted.
///
/// # Errors
///
/// The project or the store cannot be read.
pub fn status(context: &Context, observer: &dyn Observer) -> Report<Status> {
    Report::of(observer, &context.overrides.levels, |run| {
        // A possible dependency may be treated as one here.
        let session = Session::read_when(&WhenUnknown::Assume, context, run)?;
        let (view, store, criteria) = (session.view(), &session.loaded.store, &session.loaded.criteria);
        let looks = ReviewHistory::of(&context.state, session.folder()).all();
        let evaluation = Evaluation::of_locked(&session);
        let (mut unvetted, mut next) = (Vec::new(), Vec::new());
        for (ix, verdict) in &evaluation.resolution.verdicts {
            let (Some(package), Verdict::Unvetted(missing)) = (view.package(*ix), verdict) else { continue };
            let name = PackageId { name: package.name().to_owned(), version: package.version().clone() };
            unvetted.push((name, criteria.minimal_names(missing)));
            let lacking = [(package.version().clone(), missing.clone())];
            let shortfall = Shortfall::find(store, criteria, package.name(), &lacking, None);
            let nearest = shortfall.map(|shortfall| shortfall.nearest()).unwrap_or_default();
            let subject =
                |Audit { from, to }| ReadingSubject { package: package.name().to_owned(), from, to };
            let mut helpful: Vec<ReadingSubject> = nearest.into_iter().map(subject).collect();
            if helpful.iter().any(|subject| looks.iter().any(|look| is_of(look, subject))) {
                continue;
            }
            // An audit that ends at the version in use certainly helps, and changes are less to
            // read than a whole version.
            helpful.sort_by_key(|subject| (subject.to != *package.version(), subject.from.is_none()));
            next.extend(helpful.into_iter().next());
        }
        let read =
            looks.into_iter().rev().map(|look| Read { is_certified: is_certified(store, &look), look });
        let Checked { outcome, left_out } = evaluation.checked(evaluation.outcome());
        Ok(Status { read: read.collect(), check: outcome, unvetted, next, left_out })
    })
}

fn is_of(look: &Look, ReadingSubject { package, from, to }: &ReadingSubject) -> bool {
    look.is_about(package, from.as_ref(), to)
}

fn is_certified(store: &Store, look: &Look) -> bool {
    let audits = store.audits.audits.get(&look.package).into_iter().flatten();
    audits.into_iter().any(|audit| match (&audit.kind, &look.from) {
        (AuditKind::Full(version), None) => *version == look.to,
        (AuditKind::Delta { from, to }, Some(base)) => (from, to) == (base, &look.to),
        _ => false,
    })
}
