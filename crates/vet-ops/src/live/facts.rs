//! What crates.io was asked in this run, and what it said.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use vet_fetch::crates_io::{CratesIo, Details, Known, Needed, Wanted};
use vet_store::diagnostic::{Code, Diagnostic};
use vet_store::entries::PublisherEntry;
use vet_store::{Version, wording};

use crate::events::{Event, Observer, Stage};

use super::{Offline, WhenDown, audit_as};

type Answer = Result<Option<Arc<Known>>, Diagnostic>;

/// What follows if crates.io cannot be asked who published what.
pub(crate) const LOCKED_PUBLISHERS: &str = "what imports.lock says of publishers is used";

/// What follows if crates.io cannot be asked whether it has packages of this project.
pub(crate) const NOT_LOOKED_AT: &str = "it is not known which packages of this project it has";

/// Answers of crates.io.
#[derive(Debug)]
pub(crate) struct Facts<'n> {
    crates_io: &'n CratesIo<'n>,
    /// What was asked about each crate, and the answer.
    answers: BTreeMap<String, (Needed, Answer)>,
}

impl<'n> Facts<'n> {
    pub(crate) fn new(crates_io: &'n CratesIo<'n>) -> Self {
        Facts { crates_io, answers: BTreeMap::new() }
    }

    /// Asks about packages of this project that crates.io might have too.
    pub(crate) fn about_packages(
        offline: Offline<'_>,
        crates_io: &'n CratesIo<'n>,
        observer: &dyn Observer,
    ) -> Self {
        let mut facts = Facts::new(crates_io);
        let names = audit_as::candidates(offline).map(|package| package.name().to_owned());
        facts.ask(names.map(|name| (name, Needed::Versions)).collect(), observer);
        facts.ask(audit_as::more_questions(offline, &facts), observer);
        facts
    }

    /// Asks what was not asked yet.
    pub(crate) fn ask(&mut self, questions: BTreeMap<String, Needed>, observer: &dyn Observer) {
        let is_new = |(name, needed): &(String, Needed)| {
            self.answers.get(name).is_none_or(|(known, answer)| answer.is_ok() && !covers(known, needed))
        };
        let questions: Vec<(String, Needed)> = questions.into_iter().filter(is_new).collect();
        if questions.is_empty() {
            return;
        }
        let wanted: Vec<Wanted> =
            questions.iter().map(|(name, what)| Wanted { name: name.clone(), what: what.clone() }).collect();
        let report = |done, total| {
            observer.notice(Event::Progress { stage: Stage::CratesIo, done, total });
        };
        let mut answers = self.crates_io.look_up(&wanted, &report);
        for (name, needed) in questions {
            if let Some(answer) = answers.remove(&name) {
                self.answers.insert(name, (needed, answer));
            }
        }
    }

    /// Crates that crates.io could not be asked about.
    pub(super) fn failed(&self) -> impl Iterator<Item = &str> {
        self.answers.iter().filter(|(_, (_, answer))| answer.is_err()).map(|(name, _)| name.as_str())
    }

    /// Says which crates crates.io could not be asked about, and what follows.
    ///
    /// # Errors
    ///
    /// There are some, and that is a reason to fail.
    pub(crate) fn settle(
        &self,
        when_down: WhenDown,
        consequence: &str,
        observer: &dyn Observer,
    ) -> Result<(), Vec<Diagnostic>> {
        let failed =
            self.answers.iter().filter_map(|(name, (_, answer))| Some((name, answer.as_ref().err()?)));
        let failed: Vec<(&String, &Diagnostic)> = failed.collect();
        let Some((first, problem)) = failed.first() else { return Ok(()) };
        let about = match failed.len() {
            1 => format!("`{}`", wording::shown(first)),
            number => format!("{number} crates, `{}` among them", wording::shown(first)),
        };
        let diagnostic = match when_down {
            WhenDown::UseLocked => Diagnostic::warning(
                Code::CratesIoUnavailable,
                format!("crates.io cannot be asked about {about}; {consequence}"),
            ),
            WhenDown::Fail => Diagnostic::error(
                Code::CratesIoUnavailable,
                format!("crates.io cannot be asked about {about}"),
            ),
        };
        let mut diagnostic = diagnostic.note(problem.message.clone());
        diagnostic.notes.extend(problem.notes.iter().cloned());
        diagnostic.help.clone_from(&problem.help);
        match when_down {
            WhenDown::Fail => Err(vec![diagnostic]),
            WhenDown::UseLocked => {
                observer.notice(Event::Finding(diagnostic));
                Ok(())
            }
        }
    }

    /// What is known about a crate that must exist.
    ///
    /// # Errors
    ///
    /// It does not, or crates.io could not be asked.
    pub(crate) fn must_know(&self, name: &str) -> Result<&Details, Diagnostic> {
        if let Some((_, Err(problem))) = self.answers.get(name) {
            return Err(problem.clone());
        }
        self.details(name).ok_or_else(|| {
            Diagnostic::error(
                Code::NotPublished,
                format!("crates.io has no crate `{}`", wording::shown(name)),
            )
            .help("look at the spelling of the name")
        })
    }

    fn known(&self, name: &str) -> Option<&Known> {
        self.answers.get(name)?.1.as_ref().ok()?.as_deref()
    }

    /// Whether crates.io has a crate of this name, if that is known.
    pub(crate) fn exists(&self, name: &str) -> Option<bool> {
        self.answers.get(name)?.1.as_ref().ok().map(Option::is_some)
    }

    /// The published versions; none if there is no such crate. Nothing if crates.io could not be asked.
    pub(crate) fn versions(&self, name: &str) -> Option<&BTreeSet<semver::Version>> {
        const NONE: &BTreeSet<semver::Version> = &BTreeSet::new();
        match self.exists(name)? {
            true => self.known(name).map(|known| &known.versions),
            false => Some(NONE),
        }
    }

    /// What is known about a crate beyond its versions.
    pub(crate) fn details(&self, name: &str) -> Option<&Details> {
        self.known(name)?.details.as_ref()
    }

    /// Whether these details are of today, with the names that accounts have now.
    pub(super) fn details_are_new(&self, name: &str) -> bool {
        self.known(name).is_some_and(|known| known.details_are_new)
    }
}

/// Adds a question, or makes the one about the same crate a larger one.
pub(super) fn add(questions: &mut BTreeMap<String, Needed>, name: &str, needed: Needed) {
    use Needed::{Everything, Publishers, Versions};
    let both = match (questions.remove(name), needed) {
        (None, needed) | (Some(Versions), needed @ Versions) => needed,
        (Some(Publishers(mut one)), Publishers(mut other)) => {
            one.append(&mut other);
            Publishers(one)
        }
        // Publishers may be known from long ago, while versions are wanted as they are now.
        (Some(_), _) => Everything,
    };
    questions.insert(name.to_owned(), both);
}

/// Whether the answer to one question answers another.
fn covers(asked: &Needed, needed: &Needed) -> bool {
    match (asked, needed) {
        (Needed::Everything, _) | (Needed::Versions, Needed::Versions) => true,
        (Needed::Publishers(asked), Needed::Publishers(needed)) => asked.is_superset(needed),
        _ => false,
    }
}

/// The releases whose publisher is known, as entries of `imports.lock`, the oldest version first.
pub(crate) fn releases(details: &Details) -> Vec<PublisherEntry> {
    let known = details.releases.iter().filter_map(|(version, release)| {
        Some(PublisherEntry {
            version: Version::published(version.clone()),
            when: release.when,
            publisher: release.publisher.clone()?,
            fresh: true,
        })
    });
    known.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `versions`, `everything`, or versions whose publishers are wanted.
    fn needed(text: &str) -> Needed {
        match text {
            "versions" => Needed::Versions,
            "everything" => Needed::Everything,
            text => Needed::Publishers(text.split(' ').map(|version| version.parse().unwrap()).collect()),
        }
    }

    #[test]
    fn questions_are_put_together() {
        for (one, other, both) in [
            ("versions", "versions", "versions"),
            ("versions", "everything", "everything"),
            ("versions", "1.0.0", "everything"),
            ("1.0.0", "versions", "everything"),
            ("1.0.0", "2.0.0 1.0.0", "1.0.0 2.0.0"),
            ("everything", "1.0.0", "everything"),
        ] {
            let mut questions = BTreeMap::new();
            add(&mut questions, "a", needed(one));
            add(&mut questions, "a", needed(other));
            assert_eq!(questions, BTreeMap::from([("a".to_owned(), needed(both))]), "{one}, {other}");
        }
    }

    #[test]
    fn nothing_is_asked_twice() {
        for (asked, wanted, expected) in [
            ("everything", "versions", true),
            ("everything", "1.0.0", true),
            ("versions", "versions", true),
            ("versions", "1.0.0", false),
            ("1.0.0 2.0.0", "1.0.0", true),
            ("1.0.0", "1.0.0 2.0.0", false),
            ("1.0.0", "versions", false),
            ("1.0.0", "everything", false),
        ] {
            assert_eq!(covers(&needed(asked), &needed(wanted)), expected, "{asked}, {wanted}");
        }
    }
}
