//! The steps that use no network: which questions are asked, and what the answers make of the
//! store.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use vet_diagnostics::{Code, Diagnostic, Levels};
use vet_fetch::crates_io::{Details, Known, Needed, Release};
use vet_graph::Graph;
use vet_store::Loaded;
use vet_store::entries::Publisher;
use vet_store::files::AuditsFile;
use vet_testing::{TODAY, graph_under, listed, statements};

use super::facts::{Facts, Questions};
use super::from_answers::with_answers;
use super::peers::{Imports, PeerAnswers};
use super::questions::{Purpose, about_old_names, failure_matters, of_answers, of_store};
use super::{Offline, WhenDown, audit_as, from_answers};
use crate::operation::events::{Event, Observer};
use crate::operation::report::{Report, Run};

struct Project {
    loaded: Loaded,
    graph: Graph,
}

impl Project {
    fn new(store: &str, graph: &str) -> Self {
        let loaded = statements(store);
        let graph = graph_under(&loaded.store, graph);
        Project { loaded, graph }
    }

    fn offline(&self) -> Offline<'_> {
        let Project { loaded, graph } = self;
        Offline {
            graph,
            whole: graph,
            store: &loaded.store,
            criteria: &loaded.criteria,
            folder: Path::new("supply-chain"),
            today: TODAY.parse().unwrap(),
        }
    }
}

/// The entries of peers, written as statements.
fn peers(statements: &str) -> BTreeMap<String, AuditsFile> {
    vet_testing::statements(statements).store.imports.audits
}

/// Answers written as lines `lib 1.0.0 by 7, 1.1.0`, `lib: nothing` or `lib: down`.
fn facts(lines: &str) -> Facts {
    let mut facts = Facts::default();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (name, answer) = match line.split_once(": ") {
            Some((name, "nothing")) => (name, Ok(None)),
            Some((name, _)) => (name, Err(Diagnostic::error(Code::CratesIoUnavailable, "no route"))),
            None => {
                let (name, releases) = line.split_once(' ').unwrap();
                (name, Ok(Some(Arc::new(known(releases)))))
            }
        };
        let needed = Needed::Publishers([].into());
        facts.add(vec![(name.to_owned(), needed)], BTreeMap::from([(name.to_owned(), answer)]));
    }
    facts
}

fn known(releases: &str) -> Known {
    let release = |text: &str| {
        let (version, publisher) = text.split_once(" by ").unwrap_or((text, ""));
        let id = publisher.parse().ok();
        let publisher = id.map(|id| Publisher::User { id, login: format!("login-{id}"), name: None });
        (version.parse().unwrap(), Release { when: "2020-01-15".parse().unwrap(), publisher })
    };
    let releases: BTreeMap<_, _> = releases.split(", ").map(release).collect();
    let versions = releases.keys().cloned().collect();
    let details = Details { releases, ..Details::default() };
    Known { versions, details: Some(details), details_are_new: false }
}

/// `lib: versions`, `lib: everything`, `lib: anew` or `lib: of 1.0.0`.
fn shown(questions: Questions) -> Vec<String> {
    let shown = |(name, needed): (String, Needed)| match needed {
        Needed::Versions => format!("{name}: versions"),
        Needed::Everything => format!("{name}: everything"),
        Needed::Anew => format!("{name}: anew"),
        Needed::Publishers(versions) => {
            let versions: Vec<String> = versions.iter().map(ToString::to_string).collect();
            format!("{name}: of {}", versions.join(" "))
        }
    };
    questions.into_iter().map(shown).collect()
}

struct Silent;

impl Observer for Silent {
    fn notice(&self, _: Event) {}
}

const GRAPH: &str = "*app -> lib 1.2.0, other, ./fork";
const STORE: &str = "
    policy fork audit-as-crates-io
    trusted lib by 7 in 1..31: D
    audit lib 1 -> 2: D
    release lib 1.1.0 by 7 on 15
    exemption lib 1.2.0: D
    exemption other 1: D
    peer: nothing";

#[test]
fn store_and_graph_say_what_to_ask() {
    let project = Project::new(STORE, GRAPH);
    let asked = |purpose| shown(of_store(project.offline(), &purpose));
    let of_lib = "lib: of 1.0.0 1.1.0 1.2.0";
    assert_eq!(asked(Purpose::Update), ["fork: versions", of_lib]);
    assert_eq!(asked(Purpose::Check), ["app: versions", "fork: versions", of_lib]);
    assert_eq!(asked(Purpose::Suggest(["other"].into())), ["other: everything"]);
}

#[test]
fn a_check_asks_whether_crates_with_ending_wildcards_are_active() {
    let store = "wildcard lib by 7 in 1..31: D\nwildcard unused by 7 in 1..31: D";
    let project = Project::new(store, "*app -> lib");
    let asked = |purpose| shown(of_store(project.offline(), &purpose));
    assert_eq!(asked(Purpose::Update), ["lib: of 1.0.0"]);
    assert_eq!(asked(Purpose::Check), ["app: versions", "lib: everything"]);
}

#[test]
fn entries_of_peers_make_more_questions_necessary() {
    let project = Project::new(STORE, GRAPH);
    let peers = peers("peer: wildcard other by 8 in 1..31: D\npeer: audit other 0.9.0 -> 1: D");
    let facts = facts("app 3.0.0\nfork: nothing");
    let asked = |purpose| shown(of_answers(project.offline(), &purpose, &peers, &facts));
    let (of_lib, of_other) = ("lib: of 1.0.0 1.1.0 1.2.0", "other: of 0.9.0 1.0.0");
    assert_eq!(asked(Purpose::Update), ["fork: versions", of_lib, of_other]);
    // crates.io has a package of the name `app`, so its description is needed.
    assert_eq!(asked(Purpose::Check), ["app: everything", "fork: versions", of_lib, of_other]);
    // Without exemptions, all crates lack something.
    assert_eq!(asked(Purpose::Suggest(["other"].into())), ["fork: versions", of_lib, of_other]);
    let vetted = format!("{STORE}\naudit lib 1.2.0: D");
    let project = Project::new(&vetted, GRAPH);
    let asked = of_answers(project.offline(), &Purpose::Suggest(["other"].into()), &peers, &facts);
    assert_eq!(shown(asked), ["fork: versions", of_other]);
}

#[test]
fn account_names_that_contradict_the_locked_ones_are_asked_anew() {
    let store = "trusted lib by 7 in 1..31: D\nrelease lib 1 by 7 on 15\nexemption lib 1: D";
    let mut project = Project::new(store, "*app -> lib");
    let asked = |project: &Project| {
        shown(about_old_names(project.offline(), &BTreeMap::new(), &facts("lib 1.0.0 by 7")))
    };
    assert_eq!(asked(&project), [""; 0]);
    let release = &mut project.loaded.store.imports.publisher.get_mut("lib").unwrap()[0];
    release.publisher = Publisher::User { id: 7, login: "renamed".to_owned(), name: None };
    assert_eq!(asked(&project), ["lib: anew"]);
    // Until crates.io answers, the locked name stays.
    let (store, _) = with_answers(project.offline(), BTreeMap::new(), &facts("lib 1.0.0 by 7"));
    let locked = &project.loaded.store.imports.publisher;
    assert_eq!(store.imports.publisher["lib"][0].publisher, locked["lib"][0].publisher);
}

#[test]
fn answers_make_publishers_and_versions_that_stand_for_unpublished_ones() {
    let store = "
        policy fork audit-as-crates-io
        trusted lib by 7 in 1..31: D
        exemption lib 1: D
        exemption fork 1.5.0: D
        peer: nothing";
    let project = Project::new(store, "*app -> lib, ./fork 1.5.0");
    let made = |answers: &str| {
        let peers = peers("peer: audit lib 1: D");
        let (store, problems) = with_answers(project.offline(), peers, &facts(answers));
        let listed = listed(&store);
        let new: Vec<String> = listed
            .lines()
            .filter(|line| ["release", "alias", "peer:", "+"].iter().any(|kind| line.starts_with(kind)))
            .map(str::to_owned)
            .collect();
        let problems: Vec<Code> = problems.iter().map(|problem| problem.code).collect();
        (new.join("\n"), problems)
    };
    let peer = "peer: audit lib 1: D";
    for (answers, expected, problems) in [
        ("", peer, vec![]),
        ("lib: down\nfork: down", peer, vec![]),
        ("lib 1.0.0 by 7, 2.0.0\nfork 1.5.0", "+ release lib 1 by 7 on 15", vec![]),
        ("fork 1.4.0, 1.6.0", "+ alias fork 1.5.0 as 1.4.0", vec![]),
        ("fork 1.6.0, 2.0.0", "+ alias fork 1.5.0 as 1.6.0", vec![]),
        ("fork: nothing", peer, vec![Code::NotPublished]),
    ] {
        let (new, found) = made(answers);
        assert!(new.contains(expected) && new.contains(peer), "{answers}: {new}");
        assert_eq!(found, problems, "{answers}");
        assert_eq!(new.lines().count(), if expected == peer { 1 } else { 2 }, "{answers}: {new}");
    }
}

#[test]
fn what_is_invalid_with_the_answers_is_an_error() {
    let project = Project::new("exemption lib 1: D", "*app -> lib");
    let mut store = project.loaded.store.clone();
    assert_eq!(from_answers::check(project.offline(), &store, Vec::new()), Ok(()));
    let known = Diagnostic::error(Code::NotPublished, "odd");
    store.config.exemptions.get_mut("lib").unwrap()[0].criteria = vec!["missing".to_owned()];
    let problems = from_answers::check(project.offline(), &store, vec![known]).unwrap_err();
    let codes: Vec<Code> = problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes.first(), Some(&Code::NotPublished));
    assert!(codes.len() > 1, "{codes:?}");
}

#[test]
fn a_plan_reports_failures_about_its_own_crates_by_itself() {
    let project = Project::new(STORE, GRAPH);
    for (purpose, other, lib) in [
        (Purpose::Update, true, true),
        (Purpose::Suggest(["other"].into()), false, true),
        (Purpose::Suggest(["other", "lib"].into()), false, true),
    ] {
        let matters = failure_matters(project.offline(), &purpose, &BTreeMap::new());
        assert_eq!((matters("other"), matters("lib")), (other, lib), "{purpose:?}");
    }
}

#[test]
fn descriptions_are_asked_of_crates_that_crates_io_has() {
    let project = Project::new("", "*app -> ./known, ./unknown");
    let facts = facts("app: nothing\nknown 1.0.0\nunknown: down");
    assert_eq!(shown(audit_as::more_questions(project.offline(), &facts)), ["known: everything"]);
}

#[test]
fn a_peer_that_is_down_is_replaced_by_its_locked_copy() {
    let store = "peer: audit lib 1: D\nnew: nothing\nexemption lib 1: D";
    let mut project = Project::new(store, "*app -> lib");
    project.loaded.store.imports.audits.remove("new");
    let imports = Imports::of(project.offline());
    let down = |names: &[&str], when_down| {
        let files = imports.configured.keys().map(|name| {
            let address = format!("https://peer.example/{name}");
            let failure = Diagnostic::error(Code::CratesIoUnavailable, "no route");
            (address, names.contains(&name.as_str()).then_some(failure))
        });
        let files = files.filter_map(|(address, failure)| Some((address, Err(failure?)))).collect();
        Report::of(&Silent, &Levels::default(), |run: &Run<'_>| {
            let files = imports.read(&files, run);
            let hour = SystemTime::UNIX_EPOCH + Duration::from_secs(3600);
            let last_fetched = imports.last_fetched(&|_| Some(hour));
            PeerAnswers { files, texts: BTreeMap::new(), last_fetched }.settle(imports, when_down, run)
        })
    };
    let report = down(&["peer"], WhenDown::UseLocked);
    let locked = &project.loaded.store.imports.audits["peer"];
    assert_eq!(report.answer.unwrap()["peer"], *locked);
    let [warning] = report.findings.as_slice() else { panic!("{:?}", report.findings) };
    assert_eq!(warning.code, Code::PeerUnavailable);
    assert!(warning.notes.iter().any(|note| note.contains("1970-01-01, 01:00")), "{warning:?}");
    // Nothing is locked for `new`, and a command that refreshes the store does not use the lock.
    assert!(down(&["new"], WhenDown::UseLocked).answer.is_err());
    assert!(down(&["peer"], WhenDown::Fail).answer.is_err());
}
