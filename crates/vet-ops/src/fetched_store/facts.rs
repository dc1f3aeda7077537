//! The answers of crates.io in this run.

use std::collections::{BTreeMap, BTreeSet};

use vet_diagnostics::{Code, Diagnostic, Problems, Severity, wording};
use vet_fetch::crates_io::{Answer, Details, Known, Needed};
use vet_store::Version;
use vet_store::entries::PublisherEntry;

use crate::operation::report::Run;

use super::network::WhenDown;

/// The consequence if crates.io cannot be asked about publishers.
pub(crate) const LOCKED_PUBLISHERS: &str = "using the publishers in imports.lock";

/// The consequence if crates.io cannot be asked whether it has packages of this project.
pub(crate) const NOT_LOOKED_AT: &str = "cannot tell which packages of this project it has";

/// Questions about crates, by name.
pub(crate) type Questions = BTreeMap<String, Needed>;

/// The answers of crates.io.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// What was asked about each crate, and the answer.
    answers: BTreeMap<String, (Needed, Answer)>,
}

impl Facts {
    /// The questions that were not answered yet. What could not be asked is not asked again.
    pub(super) fn unanswered(&self, questions: Questions) -> Vec<(String, Needed)> {
        let is_new = |(name, needed): &(String, Needed)| {
            self.answers.get(name).is_none_or(|(known, answer)| answer.is_ok() && !covers(known, needed))
        };
        questions.into_iter().filter(is_new).collect()
    }

    /// Adds answers. If a crate could not be asked about anew, the older answer stays.
    pub(super) fn add(&mut self, questions: Vec<(String, Needed)>, mut answers: BTreeMap<String, Answer>) {
        for (name, needed) in questions {
            let Some(answer) = answers.remove(&name) else { continue };
            let is_worse = answer.is_err() && self.answers.get(&name).is_some_and(|(_, known)| known.is_ok());
            if !is_worse || needed != Needed::Anew {
                self.answers.insert(name, (needed, answer));
            }
        }
    }

    /// Crates that crates.io could not be asked about.
    pub(super) fn failed(&self) -> impl Iterator<Item = &str> {
        self.answers.iter().filter(|(_, (_, answer))| answer.is_err()).map(|(name, _)| name.as_str())
    }

    /// Reports the crates that crates.io could not be asked about, and the consequence.
    ///
    /// # Errors
    ///
    /// There are such crates, and that is a reason to fail.
    pub(crate) fn settle(
        &self,
        when_down: WhenDown,
        consequence: &str,
        run: &Run<'_>,
    ) -> Result<(), Problems> {
        self.settle_about(&|_| true, when_down, consequence, run)
    }

    /// Like [`settle`](Self::settle), for some crates only.
    pub(super) fn settle_about(
        &self,
        is_meant: &dyn Fn(&str) -> bool,
        when_down: WhenDown,
        consequence: &str,
        run: &Run<'_>,
    ) -> Result<(), Problems> {
        let problem = match when_down {
            WhenDown::Fail => self.failure(is_meant, Severity::Error, ""),
            WhenDown::UseLocked => self.failure(is_meant, Severity::Warning, &format!("; {consequence}")),
        };
        match (problem, when_down) {
            (None, _) => Ok(()),
            (Some(problem), WhenDown::Fail) => Err(Problems::from(problem)),
            (Some(doubt), WhenDown::UseLocked) => {
                run.found(doubt);
                Ok(())
            }
        }
    }

    /// A warning about the crates that crates.io could not be asked about, with the consequence;
    /// `None` if there are none.
    pub(crate) fn doubt(&self, consequence: &str) -> Option<Diagnostic> {
        self.failure(&|_| true, Severity::Warning, &format!("; {consequence}"))
    }

    fn failure(
        &self,
        is_meant: &dyn Fn(&str) -> bool,
        severity: Severity,
        end_of_message: &str,
    ) -> Option<Diagnostic> {
        let answers = self.answers.iter().filter(|(name, _)| is_meant(name));
        let failed = answers.filter_map(|(name, (_, answer))| Some((name, answer.as_ref().err()?)));
        let failed: Vec<(&String, &Diagnostic)> = failed.collect();
        let (first, problem) = failed.first()?;
        let about = match failed.len() {
            1 => format!("`{}`", wording::shown(first)),
            number => format!("{number} crates, including `{}`", wording::shown(first)),
        };
        let message = format!("could not ask crates.io about {about}{end_of_message}");
        let unanswered =
            Diagnostic::warning(Code::CratesIoUnavailable, message).note(problem.message.clone());
        let mut unanswered = Diagnostic { severity, help: problem.help.clone(), ..unanswered };
        unanswered.notes.extend(problem.notes.iter().cloned());
        Some(unanswered)
    }

    /// The details of a crate that must exist.
    ///
    /// # Errors
    ///
    /// The crate does not exist, or crates.io could not be asked.
    pub(crate) fn must_know(&self, name: &str) -> Result<&Details, Diagnostic> {
        if let Some((_, Err(problem))) = self.answers.get(name) {
            return Err(problem.clone());
        }
        self.details(name).ok_or_else(|| {
            Diagnostic::error(
                Code::NotPublished,
                format!("crates.io has no crate `{}`", wording::shown(name)),
            )
            .help("check the spelling of the name")
        })
    }

    fn known(&self, name: &str) -> Option<&Known> {
        self.answers.get(name)?.1.as_ref().ok()?.as_deref()
    }

    /// Whether crates.io has a crate of this name, if that is known.
    pub(crate) fn exists(&self, name: &str) -> Option<bool> {
        self.answers.get(name)?.1.as_ref().ok().map(Option::is_some)
    }

    /// The published versions; empty if there is no such crate. `None` if crates.io could not be
    /// asked.
    pub(crate) fn versions(&self, name: &str) -> Option<&BTreeSet<semver::Version>> {
        const NONE: &BTreeSet<semver::Version> = &BTreeSet::new();
        match self.exists(name)? {
            true => self.known(name).map(|known| &known.versions),
            false => Some(NONE),
        }
    }

    /// The details of a crate beyond its versions.
    pub(crate) fn details(&self, name: &str) -> Option<&Details> {
        self.known(name)?.details.as_ref()
    }

    /// Whether these details were fetched today, with the current names of accounts.
    pub(super) fn details_are_new(&self, name: &str) -> bool {
        self.known(name).is_some_and(|known| known.details_are_new)
    }
}

/// Adds a question, or extends the existing question about the same crate.
pub(super) fn add(questions: &mut Questions, name: &str, needed: Needed) {
    let both = match questions.remove(name) {
        None => needed,
        Some(other) => other.and(needed),
    };
    questions.insert(name.to_owned(), both);
}

/// Whether the answer to one question also answers another.
fn covers(asked: &Needed, needed: &Needed) -> bool {
    match (asked, needed) {
        (Needed::Anew, _) | (Needed::Versions, Needed::Versions) => true,
        (Needed::Everything, needed) => *needed != Needed::Anew,
        (Needed::Publishers(asked), Needed::Publishers(needed)) => asked.is_superset(needed),
        _ => false,
    }
}

/// The releases with a known publisher, as entries of `imports.lock`, oldest version first.
pub(crate) fn releases(details: &Details) -> Vec<PublisherEntry> {
    let known = details.releases.iter().filter_map(|(version, release)| {
        Some(PublisherEntry {
            version: Version::published(version.clone()),
            when: release.when,
            publisher: release.publisher.clone()?,
        })
    });
    known.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `versions`, `everything`, or versions whose publishers are needed.
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
