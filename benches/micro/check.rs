//! The decision, and everything that `check --locked` does in one process.

use divan::{AllocProfiler, Bencher};
use tempfile::TempDir;
use vet_benches::{Shape, generate};
use vet_fetch::cache::Cache;
use vet_fetch::http::HttpEnvironment;
use vet_ops::check::check_locked;
use vet_ops::operation::context::{Context, Features};
use vet_ops::operation::events::{Event, Observer};
use vet_ops::session::Session;
use vet_project::RegistryEnvironment;
use vet_project::state::State;
use vet_resolver::Resolver;
use vet_store::Date;

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

/// Packages and audits.
const SIZES: [(usize, usize); 4] = [(1_000, 1_000), (1_000, 100_000), (10_000, 10_000), (10_000, 100_000)];

fn main() {
    divan::main();
}

#[divan::bench(args = SIZES)]
fn resolve(bencher: Bencher<'_, '_>, size: (usize, usize)) {
    let (_folder, context) = written(size);
    let session =
        Session::read(&context, &NoObserver).answer.unwrap_or_else(|problems| unreachable!("{problems:?}"));
    let loaded = &session.loaded;
    bencher.bench(|| Resolver::new(&session.graph, &loaded.store, &loaded.criteria).decide());
}

#[divan::bench(args = SIZES)]
fn locked(bencher: Bencher<'_, '_>, size: (usize, usize)) {
    let (_folder, context) = written(size);
    bencher.bench(|| check_locked(&context, &NoObserver));
}

struct NoObserver;

impl Observer for NoObserver {
    fn notice(&self, _: Event) {}
}

fn written((packages, audits): (usize, usize)) -> (TempDir, Context) {
    let folder = tempfile::tempdir().unwrap_or_else(|error| unreachable!("{error}"));
    let (project, cache) = (folder.path().join("project"), folder.path().join("cache"));
    generate(Shape::new(packages, audits))
        .write(&project, &cache)
        .unwrap_or_else(|error| unreachable!("{error}"));
    let context = Context {
        current_folder: project,
        manifest_path: None,
        store_path: None,
        cargo_home: None,
        state: State::new(cache.join("state")),
        cache: Cache::new(cache),
        cargo: "cargo".into(),
        cargo_arguments: Vec::new(),
        features: Features { all: true, default: true, named: Vec::new() },
        filters: Vec::new(),
        locked: true,
        frozen: true,
        dry_run: false,
        strict: false,
        overrides: vet_ops::operation::context::SettingOverrides::default(),
        today: Date::from_ymd_opt(2026, 6, 1).unwrap_or_default(),
        http: HttpEnvironment::default(),
        registries: RegistryEnvironment::default(),
        log: vet_fetch::run_log::RunLog::default(),
        unfetched: vet_ops::operation::context::Unfetched::default(),
        accepted: vet_ops::operation::context::Accepted::default(),
    };
    (folder, context)
}
