//! `next`: the plan, one audit after the other.
//!
//! The plan is made once, with everything that it takes to measure. What is left of it is looked up before each audit, in
//! the store as it is by then: somebody else may have certified meanwhile, and an audit may heal more than it was planned
//! for. The store is never locked while a person reads.

mod standing;
mod walk;

use vet_diagnostics::Diagnostic;
use vet_fetch::archives::Archives;
use vet_resolver::{Conclusion, Resolver};
use vet_store::files::ImportsFile;
use vet_store::{Store, Version};

use crate::backlog::{without_backlog, without_exemptions};
use crate::certify;
use crate::check::{CheckOutcome, Checked};
use crate::context::Context;
use crate::criteria_argument;
use crate::events::{Event, Observer};
use crate::fetched_store::{self, AuditAsProblems, Facts, Network, WhenDown};
use crate::policies;
use crate::reading;
use crate::session::Session;
use crate::suggest::{Offers, Search, Suggestion, Suggestions, Unmeasured, peers_not_asked};

pub use standing::{OfItem, Standing, Verdict};
pub use walk::{Desk, Mark, Walked, walk};

/// The audits to do, and what they are good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What is reached when all of them are done.
    pub goal: Goal,
    /// The audits, the smallest first; those of unknown size come last.
    pub items: Vec<Item>,
    /// What peers and crates.io said when the plan was made.
    imports: ImportsFile,
    /// Whether that is what was locked.
    is_locked: bool,
}

/// What a plan is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// The check passes.
    Check,
    /// The check passes without exemptions, but for those that nobody wants to replace.
    Backlog,
}

/// An audit of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// It is known how much there is to read.
    Measured(Box<Suggestion>),
    /// It is not. All of the version is to be read.
    Unmeasured(Box<Unmeasured>),
}

/// What was found to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// These audits.
    Plan(Plan),
    /// Nothing: everything is audited, or statements contradict each other.
    Nothing(Checked),
}

impl Item {
    /// The crate.
    pub fn package(&self) -> &str {
        match self {
            Item::Measured(audit) => &audit.name,
            Item::Unmeasured(audit) => &audit.package.name,
        }
    }

    /// The version that the changes start from, if only changes are to be read.
    pub fn from(&self) -> Option<&Version> {
        match self {
            Item::Measured(audit) => audit.from.as_ref(),
            Item::Unmeasured(_) => None,
        }
    }

    /// The version, or where the changes lead to.
    pub fn to(&self) -> &Version {
        match self {
            Item::Measured(audit) => &audit.to,
            Item::Unmeasured(audit) => &audit.package.version,
        }
    }

    /// What is to be certified, in minimal form.
    pub fn criteria(&self) -> &[String] {
        match self {
            Item::Measured(audit) => &audit.criteria,
            Item::Unmeasured(audit) => &audit.criteria,
        }
    }

    /// How much there is to read, if that is known.
    pub fn lines(&self) -> Option<u64> {
        match self {
            Item::Measured(audit) => Some(audit.size.lines()),
            Item::Unmeasured(_) => None,
        }
    }

    /// The versions in use that need it.
    fn helps(&self) -> &[Version] {
        match self {
            Item::Measured(audit) => &audit.helps,
            Item::Unmeasured(audit) => std::slice::from_ref(&audit.package.version),
        }
    }

    /// What is to be read.
    pub fn to_read(&self) -> reading::Subject {
        reading::Subject {
            package: self.package().to_owned(),
            from: self.from().cloned(),
            to: self.to().clone(),
        }
    }

    /// What is to be certified.
    pub fn to_certify(&self) -> certify::Subject {
        let (package, to) = (self.package().to_owned(), self.to().clone());
        match self.from() {
            None => certify::Subject::Full { package, version: to },
            Some(from) => certify::Subject::Delta { package, from: from.clone(), to },
        }
    }
}

/// Looks for the audits to do: those that the check misses, or else those that would replace exemptions. Nothing is
/// written. With `--locked`, what is locked counts.
///
/// `criteria` are those that somebody wants to certify whatever is planned, to be looked at before anything is fetched.
///
/// # Errors
///
/// What makes a check fail before it comes to a verdict; or the criteria do not exist.
pub fn plan(
    context: &Context,
    network: Network<'_>,
    offers: Offers,
    criteria: &[String],
    observer: &dyn Observer,
) -> Result<Found, Vec<Diagnostic>> {
    let session = Session::read(context, observer)?;
    criteria_argument::split(criteria, &session.loaded.criteria)?;
    let problems = policies::problems(&session);
    if !problems.is_empty() {
        return Err(problems);
    }
    let (store, facts) = match context.locked {
        true => (session.loaded.store.clone(), Facts::new(network.crates_io)),
        false => {
            let offline = session.offline();
            let fetched = fetched_store::fetch_to_check(offline, network, WhenDown::UseLocked, observer)?;
            AuditAsProblems::ask(offline, &fetched.facts, context, observer).settle(context, observer)?;
            (fetched.store, fetched.facts)
        }
    };
    let (graph, criteria) = (session.view(), &session.loaded.criteria);
    let imports = store.imports.clone();
    let passes = Resolver::new(graph, &store, criteria).decide().conclusion == Conclusion::Success;
    let (goal, store) = match passes {
        false => (Goal::Check, store),
        true => (Goal::Backlog, backlog(store, context.locked)),
    };
    let resolver = Resolver::new(graph, &store, criteria);
    let resolution = resolver.decide();
    if resolution.conclusion != Conclusion::Unvetted {
        let outcome = CheckOutcome::of(graph, criteria, &resolver, &resolution);
        return Ok(Found::Nothing(Checked { outcome, left_out: session.left_out() }));
    }
    let (lock, sources) = (&session.lock, &session.sources);
    let offers = Offers { registry: offers.registry && !context.locked };
    let archives = &Archives::new(network.crates_io, sources.clone());
    let exemptions = &session.loaded.store.config.exemptions;
    let store = &store;
    let search =
        Search { context, graph, store, exemptions, criteria, lock, sources, archives, network, offers };
    let suggestions = search.run(&resolution, facts, observer);
    if suggestions.is_empty() {
        let outcome = CheckOutcome::of(graph, criteria, &resolver, &resolution);
        let outcome = outcome.with_suggestions(suggestions);
        return Ok(Found::Nothing(Checked { outcome, left_out: session.left_out() }));
    }
    let Suggestions { audits, unmeasured, forbidden, warnings, .. } = suggestions;
    let forbidden = forbidden.into_iter().map(|forbidden| forbidden.warning);
    let forbidden = forbidden.chain(peers_not_asked(store).filter(|_| context.locked));
    warnings.into_iter().chain(forbidden).for_each(|warning| observer.notice(Event::Finding(warning)));
    let measured = audits.into_iter().map(|audit| Item::Measured(Box::new(audit)));
    let unmeasured = unmeasured.into_iter().map(|audit| Item::Unmeasured(Box::new(audit)));
    let items = measured.chain(unmeasured).collect();
    Ok(Found::Plan(Plan { goal, items, imports, is_locked: context.locked }))
}

/// A store without what the backlog is about.
fn backlog(store: Store, is_locked: bool) -> Store {
    match is_locked {
        // Of a store that was not brought up to date it is not known which versions have been published since.
        true => without_exemptions(store),
        false => without_backlog(store),
    }
}
