//! From the files of a workspace to the dependency graph.

use std::sync::Arc;

use divan::{AllocProfiler, Bencher};
use tempfile::TempDir;
use vet_benches::{Shape, generate};
use vet_diagnostics::Source;
use vet_fetch::cache::Cache;
use vet_fetch::crates_io::Registries;
use vet_fetch::published::KnownPackages;
use vet_graph::{EdgeKinds, Graph, LockFile, Rules, graph_from_lock};
use vet_project::{Project, ProjectFiles, RegistryConfiguration, RegistryEnvironment};

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

const PACKAGES: [usize; 2] = [1_000, 10_000];

fn main() {
    divan::main();
}

#[divan::bench(args = PACKAGES)]
fn parse_lock_file(bencher: Bencher<'_, '_>, packages: usize) {
    let generated = generate(Shape::new(packages, 0));
    let source = Source::new("Cargo.lock", generated.text("Cargo.lock").unwrap_or_default());
    bencher.bench(|| lock_file(&source));
}

#[divan::bench(args = PACKAGES)]
fn read_project(bencher: Bencher<'_, '_>, packages: usize) {
    let folder = written(packages);
    bencher.bench(|| project_files(&folder));
}

#[divan::bench(args = PACKAGES)]
fn recall_what_is_known(bencher: Bencher<'_, '_>, packages: usize) {
    let folder = written(packages);
    let lock = locked(&folder);
    bencher.bench(|| known(&folder, &lock));
}

#[divan::bench(args = PACKAGES)]
fn graph_data_from_lock(bencher: Bencher<'_, '_>, packages: usize) {
    let folder = written(packages);
    let files = project_files(&folder);
    let lock = locked(&folder);
    let known = known(&folder, &lock);
    bencher.bench(|| {
        graph_from_lock(&lock, &files.workspace, &known, EdgeKinds::OfLocalPackages, &Rules::default())
    });
}

#[divan::bench(args = PACKAGES)]
fn graph(bencher: Bencher<'_, '_>, packages: usize) {
    let folder = written(packages);
    let files = project_files(&folder);
    let lock = locked(&folder);
    let known = known(&folder, &lock);
    let data =
        graph_from_lock(&lock, &files.workspace, &known, EdgeKinds::OfLocalPackages, &Rules::default())
            .unwrap_or_else(|mismatch| unreachable!("{mismatch:?}"))
            .data;
    bencher.with_inputs(|| data.clone()).bench_values(|data| Graph::new(data, |_, _| false));
}

fn written(packages: usize) -> TempDir {
    let folder = tempfile::tempdir().unwrap_or_else(|error| unreachable!("{error}"));
    generate(Shape::new(packages, 0))
        .write(&folder.path().join("project"), &folder.path().join("cache"))
        .unwrap_or_else(|error| unreachable!("{error}"));
    folder
}

fn project(folder: &TempDir) -> Project {
    Project::find(&folder.path().join("project"), None, None)
        .unwrap_or_else(|problems| unreachable!("{problems:?}"))
}

fn project_files(folder: &TempDir) -> ProjectFiles {
    project(folder).read(None).unwrap_or_else(|problems| unreachable!("{problems:?}"))
}

fn locked(folder: &TempDir) -> LockFile {
    let source = project(folder).lock_file().unwrap_or_else(|problems| unreachable!("{problems:?}"));
    lock_file(&source)
}

fn lock_file(source: &Arc<Source>) -> LockFile {
    LockFile::parse(source).unwrap_or_else(|problems| unreachable!("{problems:?}"))
}

fn known(folder: &TempDir, lock: &LockFile) -> KnownPackages {
    let cache = &Cache::new(folder.path().join("cache"));
    let registries = Registries {
        configuration: &RegistryConfiguration::default(),
        environment: &RegistryEnvironment::default(),
        cargo_home: None,
        cache,
    };
    KnownPackages::remembered(lock, cache).with_registries(lock, &registries)
}
