//! The dependency graph of a project. It is built from the project's own files if they are
//! sufficient, and from cargo's answer otherwise.

mod asking;
mod confirmation;
mod first_problems;
mod libraries;
mod of_checkout;
mod out_of_reach;
mod rules;
mod vendored;
mod verification;

use std::cell::LazyCell;

use vet_diagnostics::{Code, Diagnostic, Problems, Severity, wording};
use vet_fetch::archives::Sources;
use vet_fetch::crates_io::Registries;
use vet_fetch::http::Client;
use vet_fetch::published::{KnownPackages, Unanswered};
use vet_graph::from_metadata::DescribedPackage;
use vet_graph::workspace::Workspace;
use vet_graph::{
    EdgeKinds, GraphData, LockFile, LockGraph, LockMismatch, Mismatch, Published, PublishedFacts as _, Rules,
    graph_from_lock,
};
use vet_project::{CargoConfiguration, NetworkConfiguration, Project};
use vet_store::settings::GraphSettings;

use crate::operation::context::Context;
use crate::operation::events::{Event, Observer, Stage};
use crate::operation::report::{Report, Run, as_errors};

pub(crate) use asking::ask_cargo;
pub(crate) use first_problems::FirstProblems;
pub(crate) use libraries::Packages;
pub use libraries::{Assumed, WhenUnknown};
use rules::{ReadRules, Surroundings};

/// A graph, and how certain it is.
#[derive(Clone, Debug)]
pub struct ReadGraph {
    /// The graph.
    pub data: GraphData,
    /// The graph without rules, in which packages carry the rule that leaves them out; `None` if
    /// there are no rules.
    pub whole: Option<GraphData>,
    /// What was assumed without asking cargo. Cargo might leave out edges, but would not add any,
    /// so a check that passes with the assumed edges also passes without them.
    pub assumed: Assumed,
    /// The lock file it was built from.
    pub lock: LockFile,
    /// Where to find the sources of packages.
    pub sources: Sources,
}

/// Reads the graph of a project. Reports to the run how it was read, and why.
///
/// # Errors
///
/// Neither the files of the project nor cargo give a graph.
pub fn read(
    project: &Project,
    context: &Context,
    kinds: EdgeKinds,
    when_unknown: &WhenUnknown,
    observer: &dyn Observer,
    settings: &GraphSettings,
) -> Report<ReadGraph> {
    Report::of(observer, &context.overrides.levels, |run| {
        read_in(project, context, kinds, when_unknown, run, settings)
    })
}

/// Finds what is wrong with the names in settings that have other problems, too. If the project
/// cannot be read, nothing is known about them.
pub(crate) fn problems_of_settings(
    project: &Project,
    context: &Context,
    settings: GraphSettings,
) -> FirstProblems {
    match project.read(context.cargo_home()) {
        Ok(files) => rules::problems_of(settings, project, context, &files.workspace),
        Err(_) => FirstProblems::default(),
    }
}

/// Reads the graph as a part of an operation.
pub(crate) fn read_in(
    project: &Project,
    context: &Context,
    kinds: EdgeKinds,
    when_unknown: &WhenUnknown,
    run: &Run<'_>,
    settings: &GraphSettings,
) -> Result<ReadGraph, Problems> {
    // In parallel, because there are many manifests and the lock file is long.
    let (files, lock) = std::thread::scope(|scope| {
        let lock = scope.spawn(|| {
            let lock = LockFile::parse(&project.lock_file()?)?;
            let known = KnownPackages::remembered(&lock, &context.cache);
            Ok::<_, Problems>((lock, known))
        });
        let files = project.read(context.cargo_home());
        match lock.join() {
            Ok(lock) => (files, lock),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    });
    let files = files?;
    let (lock, known) = lock?;
    if let Some(tables) = vet_graph::patched_by_chance(&files.workspace) {
        return Err(Problems::from(verification::patched_by_chance(tables)));
    }
    let mut configuration = files.configuration.clone();
    configuration.accept_mirror(&context.registries);
    let redirection = configuration.redirection(&context.registries);
    let around = Surroundings { context, project, workspace: &files.workspace };
    let ReadRules { rules, findings } = rules::rules(settings, &around, &redirection)?;
    for finding in findings {
        // Packages that other findings are about stay in the graph, so that nothing is missed.
        if context.strict && finding.code == Code::BuiltThoughLeftOut {
            return Err(Problems::from(Diagnostic { severity: Severity::Error, ..finding }));
        }
        run.found(finding);
    }
    let rules = &rules;
    let sources =
        Sources { cargo_home: context.cargo_home.clone(), vendored: files.configuration.vendored.clone() };
    let registries = Registries {
        configuration: &configuration.registries,
        environment: &context.registries,
        cargo_home: context.cargo_home(),
        cache: &context.cache,
    };
    let known = &mut known.with_registries(&lock, &registries);
    let to_confirm = LazyCell::new(|| libraries::leading_to_local_ones(&lock));
    let is_to_confirm = |package: usize| to_confirm.contains(&package);
    known.recall_libraries(&lock, &is_to_confirm, &context.cache);
    let mut reading = Reading {
        configuration: &configuration,
        context,
        project,
        workspace: &files.workspace,
        lock: &lock,
        rules,
        run,
        sources: &sources,
        unasked: Vec::new(),
    };
    let confirm_redirection = || match redirection.settings.is_empty() {
        true => Ok(()),
        false => {
            let read = (&lock.source, &files.workspace);
            let confirmed =
                asking::confirm_redirection(project, context, read, &configuration, &redirection, run);
            confirmed.map_err(Problems::from)
        }
    };
    reading.report_checkout()?;
    reading.learn(known, &registries, &configuration.network);
    let mut left_to_cargo = options(context);
    left_to_cargo.extend(reading.compare_vendored(known, &registries, &configuration.network)?);
    left_to_cargo.extend(files.left_to_cargo.iter().cloned());
    left_to_cargo.sort();
    left_to_cargo.dedup();
    if !left_to_cargo.is_empty() {
        let why = format!("because of {}", left_to_cargo.join(", "));
        let Found { data, whole } = reading.accept(reading.ask_cargo(&why)?, known)?;
        confirm_redirection()?;
        return Ok(ReadGraph { data, whole, assumed: Assumed::Nothing, lock, sources });
    }
    let build = |known: &KnownPackages| graph_from_lock(&lock, &files.workspace, known, kinds, rules);
    let mut graph = build(known);
    if let Ok(LockGraph { maybe_no_library, .. }) = &graph
        && !maybe_no_library.is_empty()
        && known.read_archives(&lock, maybe_no_library, &sources.archives(&context.cache))
    {
        graph = build(known);
    }
    let wanted = |graph: &LockGraph| when_unknown.wanted(&lock, &graph.maybe_no_library);
    if let Ok(found) = &graph
        && reading.find_libraries(
            found,
            (&wanted(found), &is_to_confirm),
            known,
            &registries,
            &configuration.network,
        )
    {
        graph = build(known);
    }
    let (Found { mut data, mut whole }, assumed) = match graph {
        Ok(graph) => reading.complete(graph, when_unknown, known)?,
        Err(mismatch) => (reading.explain(&mismatch, known)?, Assumed::Nothing),
    };
    confirm_redirection()?;
    for data in [Some(&mut data), whole.as_mut()].into_iter().flatten() {
        known.describe(&lock, data);
    }
    Ok(ReadGraph { data, whole, assumed, lock, sources })
}

/// The maximum number of reasons that are reported.
const MOST_REASONS: usize = 10;

/// A graph, and the graph without rules, if there are rules.
struct Found {
    data: GraphData,
    whole: Option<GraphData>,
}

/// Cargo's answer, before it is compared with known facts.
struct Answer {
    found: Found,
    described: Vec<DescribedPackage>,
}

/// Options of the command line that only cargo understands.
fn options(context: &Context) -> Vec<String> {
    let features = &context.features;
    [
        (!features.all, "`--no-all-features`"),
        (!features.default, "`--no-default-features`"),
        (!features.named.is_empty(), "`--features`"),
        (!context.cargo_arguments.is_empty(), "`--cargo-arg`"),
    ]
    .into_iter()
    .filter(|(given, _)| *given)
    .map(|(_, option)| option.to_owned())
    .collect()
}

/// Whether cargo failed only because it could not fetch a source.
fn is_out_of_reach(problems: &[Diagnostic]) -> bool {
    let words = |problem: &Diagnostic| problem.notes.iter().any(|note| out_of_reach::is_out_of_reach(note));
    problems.iter().all(words)
}

fn with_words_of_cargo(problem: Diagnostic, said: &[Diagnostic]) -> Diagnostic {
    let words = said.iter().filter_map(|problem| problem.notes.last());
    let problem = words.fold(problem, |problem, words| problem.note(format!("cargo says: {words}")));
    problem.help("run `cargo check`, and commit the new Cargo.lock")
}

struct Reading<'a> {
    configuration: &'a CargoConfiguration,
    context: &'a Context,
    project: &'a Project,
    workspace: &'a Workspace,
    lock: &'a LockFile,
    rules: &'a Rules,
    run: &'a Run<'a>,
    /// Where to find the sources of packages.
    sources: &'a Sources,
    /// Why indexes could not be asked.
    unasked: Vec<Diagnostic>,
}

impl Reading<'_> {
    /// Asks the user's indexes about packages that are not remembered, and reads git commits.
    fn learn(
        &mut self,
        known: &mut KnownPackages,
        registries: &Registries<'_>,
        network: &NetworkConfiguration,
    ) {
        let (published, of_git) = known.lacking(self.lock);
        if let Some(cargo_home) = self.context.cargo_home() {
            known.read_commits(self.lock, &of_git, cargo_home);
        }
        if published.is_empty() {
            return;
        }
        let report = |done: usize, total: usize| {
            self.run.notice(Event::Progress { stage: Stage::Index, done, total });
        };
        let client = self.context.client(network).map_err(Problems::from);
        let asked = client.and_then(|client: Client| {
            Ok(known.ask_indexes(self.lock, &published, registries, &client, &report)?)
        });
        self.unasked = asked.err().into_iter().flatten().collect();
    }

    fn info(&self, text: String) {
        self.run.notice(Event::Info(text));
    }

    /// Reports that a check may have missed something; with `--strict`, this is an error.
    fn doubt(&self, warning: Diagnostic) -> Result<(), Problems> {
        if self.context.strict {
            return Err(as_errors(vec![warning]).into());
        }
        self.run.found(warning);
        Ok(())
    }

    fn ask_cargo(&self, why: &str) -> Result<Answer, Problems> {
        let why = format!("for the dependency graph, {why}");
        let graph = ask_cargo(self.context, self.rules, &why, self.run);
        let graph = graph?;
        let found = Found { data: graph.data, whole: graph.whole };
        Ok(Answer { found, described: graph.libraries })
    }

    /// Accepts cargo's answer, unless an index contradicts it. Cargo may have asked a registry that
    /// the checkout names, or read sources in the checkout.
    fn accept(&self, answer: Answer, known: &mut KnownPackages) -> Result<Found, Problems> {
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
    fn without_index(&self, unverified: &[usize], known: &mut KnownPackages) -> Result<Found, Problems> {
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
    fn complete(
        &self,
        graph: LockGraph,
        when_unknown: &WhenUnknown,
        known: &mut KnownPackages,
    ) -> Result<(Found, Assumed), Problems> {
        let LockGraph { data, whole, maybe_no_library, kinds_unknown, terms_unknown, unverified } = graph;
        let is_published = |place: &usize| {
            self.lock.packages.get(*place).is_some_and(|package| package.registry().is_some())
        };
        let (published, of_git): (Vec<usize>, Vec<usize>) = unverified.into_iter().partition(is_published);
        if !published.is_empty() {
            return Ok((self.without_index(&published, known)?, Assumed::Nothing));
        }
        let found = Found { data, whole };
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
                Err(problems) if !of_git.is_empty() && !is_out_of_reach(problems.as_slice()) => {
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
    fn explain(&self, mismatch: &LockMismatch, known: &mut KnownPackages) -> Result<Found, Problems> {
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

    /// The first packages, and the number of the others.
    fn names(&self, packages: &[usize]) -> String {
        let name = |index: &usize| {
            let package = self.lock.packages.get(*index)?;
            Some(format!("`{} {}`", package.name, package.version))
        };
        let first = packages.first().and_then(name).unwrap_or_default();
        match packages.len() {
            0 | 1 => first,
            2 => format!("{first} and 1 other package"),
            number => format!("{first} and {} other packages", number - 1),
        }
    }
}
