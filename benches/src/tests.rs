use super::*;

use vet_fetch::cache::Cache;
use vet_ops::check::check_locked;
use vet_ops::evaluation::outcome::CheckOutcome;
use vet_ops::operation::context::{Context, Features};
use vet_ops::operation::events::{Event, Observer};
use vet_project::state::State;

/// Nothing odd is expected, and cargo must not be asked: it would look for packages that do not
/// exist.
struct Strict;

impl Observer for Strict {
    fn notice(&self, event: Event) {
        match event {
            Event::Info(text) => assert!(text.ends_with("without cargo"), "{text}"),
            other => panic!("{other:?}"),
        }
    }
}

fn check(shape: Shape) -> [usize; 3] {
    let folder = tempfile::tempdir().unwrap();
    let (project, cache) = (folder.path().join("project"), folder.path().join("cache"));
    generate(shape).write(&project, &cache).unwrap();
    let context = Context {
        current_folder: project,
        manifest_path: None,
        store_path: None,
        cargo_home: None,
        state: State::new(cache.join("state")),
        cache: Cache::new(cache),
        cargo: "no-cargo".into(),
        cargo_arguments: Vec::new(),
        features: Features { all: true, default: true, named: Vec::new() },
        filters: Vec::new(),
        locked: true,
        frozen: true,
        dry_run: false,
        strict: false,
        overrides: vet_ops::operation::context::SettingOverrides::default(),
        today: "2026-06-01".parse().unwrap(),
        http: vet_fetch::http::HttpEnvironment::default(),
        registries: vet_project::RegistryEnvironment::default(),
        log: vet_fetch::run_log::RunLog::default(),
        unfetched: vet_ops::operation::context::Unfetched::default(),
        accepted: vet_ops::operation::context::Accepted::default(),
    };
    let report = check_locked(&context, &Strict);
    assert_eq!((report.findings, report.denied), (vec![], vec![]));
    match report.answer.map(|checked| checked.outcome) {
        Ok(CheckOutcome::Success { fully_audited, partially_audited, exempted }) => {
            [fully_audited, partially_audited, exempted].map(|list| list.len())
        }
        other => panic!("{shape:?}: {other:?}"),
    }
}

#[test]
fn all_that_is_made_up_is_locked_canonical_and_vetted() {
    let cases = [
        Shape { packages: 0, members: 1, audits: 0, seed: 1 },
        Shape { packages: 1, members: 1, audits: 0, seed: 1 },
        Shape { packages: 40, members: 12, audits: 10, seed: 2 },
        Shape { packages: 300, members: 25, audits: 1_000, seed: 3 },
        Shape { packages: 500, members: 5, audits: 300, seed: 4 },
        Shape::new(1_000, 2_000),
    ];
    for shape in cases {
        let vetted: usize = check(shape).into_iter().sum();
        assert_eq!(vetted, shape.packages, "{shape:?}");
    }
}

#[test]
fn packages_are_vetted_in_every_way() {
    let counts = check(Shape::new(500, 1_000));
    assert!(counts.iter().all(|&count| count > 20), "{counts:?}");
}

#[test]
fn audits_are_as_many_as_were_asked_for() {
    let shape = Shape::new(300, 2_000);
    let generated = generate(shape);
    let headers = |file: &str| {
        let text = generated.text(file).unwrap();
        let is_audit = |line: &&str| {
            line.starts_with("[[") && !line.starts_with("[[publisher") && line.contains("audits.")
        };
        text.lines().filter(is_audit).count()
    };
    let audits = headers("supply-chain/audits.toml") + headers("supply-chain/imports.lock");
    assert_eq!(audits, shape.audits);
}

#[test]
fn a_shape_always_gives_the_same_project() {
    let shape = Shape::new(200, 400);
    let other = Shape { seed: 2, ..shape };
    assert_eq!(generate(shape).files, generate(shape).files);
    assert_ne!(generate(shape).files, generate(other).files);
}
