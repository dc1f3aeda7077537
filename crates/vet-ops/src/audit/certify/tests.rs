//! All three steps over a project on disk, without a terminal and without a network.

use vet_fetch::http::HttpEnvironment;
use vet_fetch::run_log::RunLog;
use vet_project::RegistryEnvironment;
use vet_testing::{CRATES_IO, TestProject, version};

use super::*;
use crate::operation::context::{Accepted, Context, Features, SettingOverrides, Unfetched};
use crate::operation::events::{Event, Observer};

struct Silent;

impl Observer for Silent {
    fn notice(&self, _: Event) {}
}

/// A project in which `beta 1.0.0` is exempted, and the context of commands in it.
fn scene() -> (tempfile::TempDir, TestProject, Context) {
    let root = tempfile::tempdir().unwrap();
    let (folder, cache) = (root.path().canonicalize().unwrap().join("project"), root.path().join("cache"));
    let exemption = "[[exemptions.beta]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-deploy\"\n";
    let project = TestProject::new(&folder);
    project
        .package(".", "app", "[dependencies]\nbeta = \"1\"\n")
        .vendor("beta 1.0.0", "", "src/lib.rs")
        .lock("app 0.0.7 -> beta\n+beta 1.0.0")
        .store(exemption, "", "")
        .remember(&cache, &CRATES_IO, true);
    let context = Context {
        current_folder: folder,
        manifest_path: None,
        store_path: None,
        cargo_home: None,
        cache: vet_fetch::cache::Cache::new(cache),
        state: vet_project::state::State::new(root.path().join("state")),
        cargo: "cargo".into(),
        cargo_arguments: Vec::new(),
        features: Features { all: true, default: true, named: Vec::new() },
        filters: Vec::new(),
        locked: true,
        frozen: true,
        dry_run: false,
        strict: false,
        overrides: SettingOverrides::default(),
        today: "2026-01-02".parse().unwrap(),
        http: HttpEnvironment::default(),
        registries: RegistryEnvironment::default(),
        log: RunLog::default(),
        unfetched: Unfetched::default(),
        accepted: Accepted::default(),
    };
    (root, project, context)
}

fn of_beta(criteria: &[&str]) -> Request {
    Request {
        what: What::One(Subject::Full { package: "beta".to_owned(), version: version("1.0.0") }),
        criteria: criteria.iter().map(|name| (*name).to_owned()).collect(),
        preselected: Vec::new(),
        who: vec!["Alice".to_owned()],
        notes: None,
        lines: None,
        unread: false,
        force: false,
        merge: true,
    }
}

/// A page in a browser can show the question and the statement, and record the answer. It needs no
/// `Prompter`.
#[test]
fn a_caller_without_a_terminal_can_ask_in_its_own_way() {
    let (_root, project, context) = scene();
    let before = project.read("supply-chain/audits.toml");
    let mut prepared = prepare(&context, None, &of_beta(&[]), &Silent).answer.unwrap();
    let [audit] = prepared.audits() else { panic!("{:?}", prepared.audits()) };
    assert_eq!((audit.package(), audit.likely.as_slice()), ("beta", &["safe-to-deploy".to_owned()][..]));
    let choices: Vec<String> =
        prepared.choices(&Silent).answer.unwrap().into_iter().map(|choice| choice.name).collect();
    assert_eq!(choices, ["safe-to-run", "safe-to-deploy"]);

    let criteria = ["safe-to-run", "safe-to-deploy"].map(str::to_owned);
    prepared.choose(0, &criteria).unwrap();
    insta::assert_snapshot!(
        prepared.statement(),
        @"I, Alice, certify that I have audited version 1.0.0 of beta in accordance with the above criteria (safe-to-deploy)."
    );
    let texts = prepared.criteria_texts(None, &Silent).answer.unwrap();
    assert_eq!(texts.iter().map(|text| text.name.as_str()).collect::<Vec<_>>(), ["safe-to-deploy"]);
    assert_eq!(project.read("supply-chain/audits.toml"), before, "nothing is written before the consent");

    let signed = prepared.agreed(Some("Read all of it.".to_owned())).unwrap();
    let outcome = record(signed, None, &Silent).answer.unwrap();
    assert_eq!(outcome.recorded.iter().map(|one| one.fate.clone()).collect::<Vec<_>>(), [Fate::Added]);
    insta::assert_snapshot!(project.read("supply-chain/audits.toml"), @r#"

    # cargo-vet audits file

    [[audits.beta]]
    who = "Alice"
    criteria = "safe-to-deploy"
    version = "1.0.0"
    notes = "Read all of it."
    "#);
}

/// Criteria are never assumed: neither where none were chosen, nor where there is no such audit.
#[test]
fn agreeing_to_nothing_records_nothing() {
    let (_root, project, context) = scene();
    let before = project.read("supply-chain/audits.toml");
    for (named, chosen, is_sound) in [
        (&[][..], None, false),
        (&["safe-to-run"], None, true),
        (&[], Some((0, "safe-to-run")), true),
        (&[], Some((0, "cripto")), false),
        (&[], Some((0, ",")), false),
        (&[], Some((1, "safe-to-run")), false),
    ] {
        let mut prepared = prepare(&context, None, &of_beta(named), &Silent).answer.unwrap();
        let is_chosen = chosen.is_none_or(|(audit, name)| prepared.choose(audit, &[name.to_owned()]).is_ok());
        let is_agreed = prepared.agreed(None).is_ok();
        assert_eq!(is_chosen && is_agreed, is_sound, "{named:?}, {chosen:?}");
    }
    assert_eq!(project.read("supply-chain/audits.toml"), before);
}
