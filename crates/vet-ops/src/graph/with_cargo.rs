//! Asks cargo where the files of the project are not sufficient, and decides what counts if cargo
//! cannot answer.

use vet_diagnostics::{Code, Diagnostic, Problems, wording};
use vet_fetch::published::{KnownPackages, Unanswered};
use vet_graph::from_metadata::DescribedPackage;
use vet_graph::{GraphData, LockGraph, LockMismatch, Mismatch, Published, PublishedFacts as _};

use super::asking::ask_cargo;
use super::libraries::{Assumed, WhenUnknown};
use super::out_of_reach::are_out_of_reach;
use super::reading::{MOST_REASONS, Reading};
use super::verification;

/// A graph, and the graph without rules, if there are rules.
pub(super) struct Graphs {
    pub(super) data: GraphData,
    pub(super) whole: Option<GraphData>,
}

/// Cargo's answer, before it is compared with known facts.
pub(super) struct Answer {
    found: Graphs,
    described: Vec<DescribedPackage>,
}

impl Reading<'_> {
    pub(super) fn ask_cargo(&self, why: &str) -> Result<Answer, Problems> {
        let why = format!("for the dependency graph, {why}");
        let graph = ask_cargo(self.context, self.rules, &why, self.run)?;
        let found = Graphs { data: graph.data, whole: graph.whole };
        Ok(Answer { found, described: graph.libraries })
    }

    /// Accepts cargo's answer, unless an index contradicts it. Cargo may have asked a registry that
    /// the checkout names, or read sources in the checkout.
    pub(super) fn accept(&self, answer: Answer, known: &mut KnownPackages) -> Result<Graphs, Problems> {
        let packages = self.lock.packages.iter().enumerate();
        let contradicted: Vec<(usize, String)> = packages
            .filter_map(|(number, package)| match known.declared(package) {
                Published::Contradicted(why) => Some((number, why)),
                Published::Unknown | Published::Known(_) => None,
            })
            .collect();
        if !contradicted.is_empty() {
            return Err(Problems::from(verification::contradicted(self.lock, &contradicted)));
        }
        let (unverified, _) = known.lacking(self.lock);
        if !unverified.is_empty() {
            let names = self.names(&unverified);
            let warning = verification::unverified(&names, unverified.len(), &self.unasked);
            self.doubt(self.lock.mark(warning, &unverified, "not verified"))?;
        }
        self.confirm(&answer.described, known)?;
        Ok(answer.found)
    }

    /// Asks cargo instead of an index. Cargo may know enough to confirm the lock file.
    pub(super) fn without_index(
        &self,
        unverified: &[usize],
        known: &mut KnownPackages,
    ) -> Result<Graphs, Problems> {
        let names = self.names(unverified);
        match self.ask_cargo(&format!("because nothing verifies the manifest of {names}")) {
            Ok(found) => self.accept(found, known),
            Err(problems) => {
                let said = problems.iter().filter_map(|problem| problem.notes.last());
                let frozen = self.context.frozen;
                let problem = verification::impossible(&names, &self.unasked, said, frozen);
                Err(Problems::from(self.lock.mark(problem, unverified, "not verified")))
            }
        }
    }

    /// Uses the graph from the project's files if it is complete. Otherwise cargo is asked; if
    /// cargo cannot answer either, possible dependencies count as dependencies. The result says
    /// what was assumed.
    pub(super) fn complete(
        &self,
        graph: LockGraph,
        when_unknown: &WhenUnknown,
        known: &mut KnownPackages,
    ) -> Result<(Graphs, Assumed), Problems> {
        let LockGraph { data, whole, maybe_no_library, kinds_unknown, terms_unknown, unverified } = graph;
        let is_published = |place: &usize| {
            self.lock.packages.get(*place).is_some_and(|package| package.registry().is_some())
        };
        let (published, of_git): (Vec<usize>, Vec<usize>) = unverified.into_iter().partition(is_published);
        if !published.is_empty() {
            return Ok((self.without_index(&published, known)?, Assumed::Nothing));
        }
        let found = Graphs { data, whole };
        let libraries = match maybe_no_library.len() {
            0 | 1 => format!("whether {} is a library", self.names(&maybe_no_library)),
            _ => format!("whether {} are libraries", self.names(&maybe_no_library)),
        };
        let kinds =
            format!("which dependencies of {} are only build dependencies", self.names(&kinds_unknown));
        let terms = format!("under which conditions dependencies of {} apply", self.names(&terms_unknown));
        let declared = format!("what {} declares", self.names(&of_git));
        let why = if !of_git.is_empty() {
            format!("because it is unknown {declared}")
        } else if !maybe_no_library.is_empty() {
            format!("because it is unknown {libraries}")
        } else if !terms_unknown.is_empty() {
            format!("because it is unknown {terms}")
        } else if !kinds_unknown.is_empty() {
            format!("because it is unknown {kinds}")
        } else {
            self.info(
                "the dependency graph comes from Cargo.lock and the manifests, without cargo".to_owned(),
            );
            return Ok((found, Assumed::Nothing));
        };
        let assumed = if terms_unknown.is_empty() { Assumed::Libraries } else { Assumed::Terms };
        let is_enough = match when_unknown {
            WhenUnknown::FindOut => false,
            WhenUnknown::Assume => true,
            WhenUnknown::FindOutAbout(_) => {
                terms_unknown.is_empty() && when_unknown.wanted(self.lock, &maybe_no_library).is_empty()
            }
        };
        if is_enough && kinds_unknown.is_empty() && of_git.is_empty() {
            let end = if *when_unknown == WhenUnknown::Assume {
                "for a start"
            } else {
                "because it makes no difference"
            };
            if !maybe_no_library.is_empty() {
                self.info(format!("cannot tell {libraries}; {end} they count as libraries"));
            }
            if !terms_unknown.is_empty() {
                self.info(format!("cannot tell {terms}; {end} all of them apply"));
            }
            return Ok((found, assumed));
        }
        let unanswered = Unanswered::about(&self.lock.source, &self.context.cache);
        // Packages from git are asked about again: an earlier run could not fetch them, but cargo
        // may refuse them by now.
        if of_git.is_empty() && unanswered.is_recent() {
            self.info(format!("cargo was asked within the last hour {why}, and could not answer"));
        } else {
            match self.ask_cargo(&why) {
                Ok(found) => return Ok((self.accept(found, known)?, Assumed::Nothing)),
                Err(problems) if !of_git.is_empty() && !are_out_of_reach(problems.as_slice()) => {
                    let message = format!("cargo refuses {}", self.lock.source.name);
                    let problem = Diagnostic::error(Code::LockFileMismatch, message);
                    return Err(Problems::from(with_words_of_cargo(problem, problems.as_slice())));
                }
                Err(problems) => {
                    // Without the network, cargo may only lack permission to fetch the answer.
                    if !self.context.frozen && of_git.is_empty() {
                        unanswered.note();
                    }
                    let cause: Vec<&str> = problems
                        .iter()
                        .filter_map(|problem| problem.notes.last().map(String::as_str))
                        .collect();
                    self.info(format!("cargo could not answer either: {}", cause.join("\n")));
                }
            }
        }
        let guesses = [
            (&of_git, format!("cannot tell {declared}; using the dependencies in Cargo.lock")),
            (&maybe_no_library, format!("cannot tell {libraries}; checking the code to be safe")),
            (&terms_unknown, format!("cannot tell {terms}; checking all of them to be safe")),
            (&kinds_unknown, format!("cannot tell {kinds}; showing them as normal dependencies")),
        ];
        for (packages, message) in guesses.into_iter().filter(|(packages, _)| !packages.is_empty()) {
            let problem = Diagnostic::warning(Code::EdgesUnknown, message)
                .note("the sources are not on this machine, and cargo could not fetch them")
                .help("run `cargo fetch` while the sources can be reached");
            self.run.found(self.lock.mark(problem, packages, "sources not available"));
        }
        Ok((found, Assumed::Nothing))
    }

    /// Asks cargo about a lock file that does not match the manifests.
    pub(super) fn explain(
        &self,
        mismatch: &LockMismatch,
        known: &mut KnownPackages,
    ) -> Result<Graphs, Problems> {
        let LockMismatch(reasons) = mismatch;
        let first = reasons.first().map_or("", |reason| reason.message.as_str());
        let why = format!("because {} does not seem to match the manifests: {first}", self.lock.source.name);
        let answer = self.ask_cargo(&why).map_err(|problems| {
            let message = format!("{} does not match the manifests: {first}", self.lock.source.name);
            let mut problem = Diagnostic::error(Code::LockFileMismatch, message);
            problem = self.lock.mark_spans(problem, reasons.iter().filter_map(|it| it.span.as_ref()), "");
            for Mismatch { message, .. } in reasons.iter().skip(1).take(MOST_REASONS) {
                problem = problem.note(message.clone());
            }
            if let Some(rest) = reasons.len().checked_sub(MOST_REASONS + 1).filter(|rest| *rest > 0) {
                problem = problem.note(wording::not_shown(rest, "difference", "differences"));
            }
            vec![with_words_of_cargo(problem, problems.as_slice())]
        })?;
        self.accept(answer, known)
    }
}

fn with_words_of_cargo(problem: Diagnostic, said: &[Diagnostic]) -> Diagnostic {
    let words = said.iter().filter_map(|problem| problem.notes.last());
    let problem = words.fold(problem, |problem, words| problem.note(format!("cargo says: {words}")));
    problem.help("run `cargo check`, and commit the new Cargo.lock")
}
