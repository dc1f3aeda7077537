//! `next`: goes through the plan, one audit after the other.
//!
//! The plan is made and measured once. Before each audit, the rest of the plan is compared with the
//! current store: other people may have certified something meanwhile, and an audit may fix more
//! than it was planned for. The store is never locked while a person reads.

mod standing;
mod walk;

use vet_resolver::Conclusion;
use vet_store::fetched::FetchedFacts;
use vet_store::files::ImportsFile;
use vet_store::{Store, Version};

use crate::arguments::named_criteria;
use crate::audit::certify;
use crate::audit::reading;
use crate::audit::suggest::peers_not_asked;
use crate::evaluation::Evaluation;
use crate::evaluation::outcome::{Checked, Suggestion, Suggestions, Unmeasured, bundles};
use crate::fetched_store::{self, Facts, Network, WhenDown};
use crate::operation::context::Context;
use crate::operation::events::Observer;
use crate::operation::report::Report;
use crate::search::{Offers, suggestions};
use crate::session::Session;
use crate::session::backlog::{without_backlog, without_exemptions};
use crate::session::policies;

pub use standing::{OfItem, Standing, Verdict};
pub use walk::{Desk, Mark, Walked, walk};

/// The audits to do, and their purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What is achieved when all of them are done.
    pub goal: Goal,
    /// The audits. What makes packages pass soonest comes first; audits of unknown size come last.
    pub items: Vec<Item>,
    /// The answers of peers and crates.io when the plan was made.
    imports: ImportsFile,
    fetched: FetchedFacts,
    /// Whether these are the locked entries.
    is_locked: bool,
}

/// The purpose of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// The check passes.
    Check,
    /// The check passes without exemptions, except those that no audit should replace.
    Backlog,
}

/// An audit of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// The size of the audit is known.
    Measured(Box<Suggestion>),
    /// The size is unknown. The whole version must be read.
    Unmeasured(Box<Unmeasured>),
}

/// The result of looking for audits to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NextAudits {
    /// These audits.
    Plan(Plan),
    /// Nothing to do: everything is audited, or statements contradict each other.
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

    /// The version that the changes start from, for a delta audit.
    pub fn from(&self) -> Option<&Version> {
        match self {
            Item::Measured(audit) => audit.from.as_ref(),
            Item::Unmeasured(_) => None,
        }
    }

    /// The version, or the version that the changes lead to.
    pub fn to(&self) -> &Version {
        match self {
            Item::Measured(audit) => &audit.to,
            Item::Unmeasured(audit) => &audit.package.version,
        }
    }

    /// The criteria to certify, in minimal form.
    pub fn criteria(&self) -> &[String] {
        match self {
            Item::Measured(audit) => &audit.criteria,
            Item::Unmeasured(audit) => &audit.criteria,
        }
    }

    /// The number of lines to read, if known.
    pub fn lines(&self) -> Option<u64> {
        match self {
            Item::Measured(audit) => Some(audit.size.lines()),
            Item::Unmeasured(_) => None,
        }
    }

    /// The versions in use that need the audit.
    fn helps(&self) -> &[Version] {
        match self {
            Item::Measured(audit) => &audit.helps,
            Item::Unmeasured(audit) => std::slice::from_ref(&audit.package.version),
        }
    }

    /// The registry member whose audits would leave the least to read.
    pub fn helpful_import(&self) -> Option<&str> {
        match self {
            Item::Measured(audit) => audit.registry.first().map(|hint| hint.name.as_str()),
            Item::Unmeasured(_) => None,
        }
    }

    /// A publisher who could be trusted instead, as a command-line argument.
    pub fn trusted_publisher(&self) -> Option<&str> {
        match self {
            Item::Measured(audit) => audit.trust.as_ref().map(|hint| hint.argument.as_str()),
            Item::Unmeasured(_) => None,
        }
    }

    /// The subject to read.
    pub fn to_read(&self) -> reading::ReadingSubject {
        reading::ReadingSubject {
            package: self.package().to_owned(),
            from: self.from().cloned(),
            to: self.to().clone(),
        }
    }

    /// The subject to certify.
    pub fn to_certify(&self) -> certify::Subject {
        let (package, to) = (self.package().to_owned(), self.to().clone());
        match self.from() {
            None => certify::Subject::Full { package, version: to },
            Some(from) => certify::Subject::Delta { package, from: from.clone(), to },
        }
    }
}

/// Finds the audits to do: those that the check needs, or otherwise those that would replace
/// exemptions. Writes nothing. With `--locked`, it uses the locked entries.
///
/// `criteria` are those that the user wants to certify for every audit. They are checked before
/// anything is fetched.
///
/// # Errors
///
/// Anything that makes a check fail before its verdict; or a criterion does not exist.
pub fn plan(
    context: &Context,
    network: Network<'_>,
    offers: Offers,
    criteria: &[String],
    observer: &dyn Observer,
) -> Report<NextAudits> {
    Report::of(observer, &context.overrides.levels, |run| {
        let session = Session::open(context, run)?;
        named_criteria::split(criteria, &session.loaded.criteria)?;
        let problems = policies::problems(&session);
        if !problems.is_empty() {
            return Err(problems.into());
        }
        let (store, facts) = match context.locked {
            true => (session.loaded.store.clone(), Facts::default()),
            false => {
                let (fetched, _) =
                    fetched_store::fetch_to_check(&session, network, WhenDown::UseLocked, run)?;
                (fetched.store, fetched.facts)
            }
        };
        let (imports, fetched) = (store.imports.clone(), store.fetched.clone());
        let (goal, store) = match Evaluation::of(&session, &store).conclusion() {
            Conclusion::Success => (Goal::Backlog, backlog(store, context.locked)),
            Conclusion::Unvetted | Conclusion::Violation => (Goal::Check, store),
        };
        let evaluation = Evaluation::of(&session, &store);
        if evaluation.conclusion() != Conclusion::Unvetted {
            return Ok(NextAudits::Nothing(evaluation.checked(evaluation.outcome())));
        }
        let offers = Offers { registry: offers.registry && !context.locked };
        let suggestions = suggestions(&evaluation, network, offers, facts, run);
        if suggestions.is_empty() {
            return Ok(NextAudits::Nothing(
                evaluation.checked(evaluation.outcome().with_suggestions(suggestions)),
            ));
        }
        let audits = bundles(&suggestions.audits).into_iter().flat_map(|bundle| bundle.audits);
        let Suggestions { unmeasured, forbidden, warnings, .. } = suggestions;
        let forbidden = forbidden.into_iter().map(|forbidden| forbidden.warning);
        let forbidden = forbidden.chain(peers_not_asked(&store).filter(|_| context.locked));
        warnings.into_iter().chain(forbidden).for_each(|warning| run.found(warning));
        let measured = audits.map(|audit| Item::Measured(Box::new(audit)));
        let unmeasured = unmeasured.into_iter().map(|audit| Item::Unmeasured(Box::new(audit)));
        let items = measured.chain(unmeasured).collect();
        Ok(NextAudits::Plan(Plan { goal, items, imports, fetched, is_locked: context.locked }))
    })
}

/// The store without what the backlog consists of.
fn backlog(store: Store, is_locked: bool) -> Store {
    match is_locked {
        // If the store was not updated, it is unknown which versions have been published since.
        true => without_exemptions(store),
        false => without_backlog(store),
    }
}
