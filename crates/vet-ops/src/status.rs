//! `status`: what was read in this project, and what is next.
//!
//! Nothing is fetched and nothing is changed.

use vet_diagnostics::Diagnostic;
use vet_fetch::review_history::{Look, ReviewHistory};
use vet_resolver::{Audit, Resolver, Shortfall, Verdict};
use vet_store::Store;
use vet_store::entries::AuditKind;

use crate::check::{CheckOutcome, PackageName};
use crate::context::Context;
use crate::events::Observer;
use crate::graph::WhenUnknown;
use crate::left_out::LeftOut;
use crate::reading::Subject;
use crate::session::Session;

/// How far somebody is with reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// What was read, the latest first.
    pub read: Vec<Read>,
    /// What a check without the network says.
    pub check: CheckOutcome,
    /// The packages that are not vetted, with the criteria that each misses; also while statements about
    /// others contradict each other.
    pub unvetted: Vec<(PackageName, Vec<String>)>,
    /// For packages that are not vetted and of which nobody read anything that would help: what to read, if
    /// that is known without measuring.
    pub next: Vec<Subject>,
    /// What settings leave out, if they say anything about that.
    pub left_out: Option<LeftOut>,
}

/// Something that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// What, and when.
    pub look: Look,
    /// Whether the project has an audit of just that.
    pub is_certified: bool,
}

/// Looks what was read, and what is not vetted.
///
/// # Errors
///
/// The project or the store cannot be read.
pub fn status(context: &Context, observer: &dyn Observer) -> Result<Status, Vec<Diagnostic>> {
    // What might be a dependency is as good as one here.
    let session = Session::read_when(&WhenUnknown::Assume, context, observer)?;
    let (view, store, criteria) = (session.view(), &session.loaded.store, &session.loaded.criteria);
    let looks = ReviewHistory::of(&context.cache_folder, session.offline().folder).all();
    let resolver = Resolver::new(view, store, criteria);
    let check = CheckOutcome::decide(view, criteria, &resolver);
    let (mut unvetted, mut next) = (Vec::new(), Vec::new());
    for (ix, verdict) in resolver.decide().verdicts {
        let (Some(package), Verdict::Unvetted(missing)) = (view.package(ix), verdict) else { continue };
        let name = PackageName { name: package.name().to_owned(), version: package.version().clone() };
        unvetted.push((name, criteria.minimal_names(&missing)));
        let lacking = [(package.version().clone(), missing)];
        let shortfall = Shortfall::find(store, criteria, package.name(), &lacking, None);
        let nearest = shortfall.map(|shortfall| shortfall.nearest()).unwrap_or_default();
        let subject = |Audit { from, to }| Subject { package: package.name().to_owned(), from, to };
        let mut helpful: Vec<Subject> = nearest.into_iter().map(subject).collect();
        if helpful.iter().any(|subject| looks.iter().any(|look| is_of(look, subject))) {
            continue;
        }
        // What ends at the version in use helps for sure, and changes are less to read than all.
        helpful.sort_by_key(|subject| (subject.to != *package.version(), subject.from.is_none()));
        next.extend(helpful.into_iter().next());
    }
    let read = looks.into_iter().rev().map(|look| Read { is_certified: is_certified(store, &look), look });
    Ok(Status { read: read.collect(), check, unvetted, next, left_out: session.left_out() })
}

fn is_of(look: &Look, subject: &Subject) -> bool {
    look.package == subject.package && look.from == subject.from && look.to == subject.to
}

fn is_certified(store: &Store, look: &Look) -> bool {
    let audits = store.audits.audits.get(&look.package).into_iter().flatten();
    audits.into_iter().any(|audit| match (&audit.kind, &look.from) {
        (AuditKind::Full(version), None) => *version == look.to,
        (AuditKind::Delta { from, to }, Some(base)) => (from, to) == (base, &look.to),
        _ => false,
    })
}
