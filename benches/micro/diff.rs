//! Measuring, and bounding, the difference between two versions of a crate.

use divan::counter::BytesCount;
use divan::{AllocProfiler, Bencher};
use vet_benches::sources::{Sources, sources};
use vet_source::{Comparison, File, Outline, Tree, at_least, diff, size};

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

/// Lines of the whole crate.
const LINES: [usize; 2] = [10_000, 500_000];
/// One line in so many is changed.
const SHARES: [usize; 2] = [1000, 10];

fn main() {
    divan::main();
}

#[divan::bench(args = LINES, consts = SHARES)]
fn size_of<const SHARE: usize>(bencher: Bencher<'_, '_>, lines: usize) {
    let (old, new) = versions(lines, SHARE);
    bencher.counter(bytes(&old, &new)).bench(|| size(&old, &new, Comparison::Published));
}

#[divan::bench(args = LINES)]
fn size_from_nothing(bencher: Bencher<'_, '_>, lines: usize) {
    let (old, new) = (Tree::default(), versions(lines, 10).1);
    bencher.counter(bytes(&old, &new)).bench(|| size(&old, &new, Comparison::Published));
}

#[divan::bench(args = LINES)]
fn diff_of(bencher: Bencher<'_, '_>, lines: usize) {
    let (old, new) = versions(lines, 10);
    bencher.counter(bytes(&old, &new)).bench(|| diff(&old, &new, Comparison::Published).size());
}

#[divan::bench(args = LINES)]
fn bound(bencher: Bencher<'_, '_>, lines: usize) {
    let (old, new) = versions(lines, 10);
    bencher.counter(bytes(&old, &new)).bench(|| at_least(&old, &new, Comparison::Published));
}

#[divan::bench(args = LINES)]
fn bound_of_outlines(bencher: Bencher<'_, '_>, lines: usize) {
    let (old, new) = versions(lines, 10);
    let (old, new) = (Outline::of(&old), Outline::of(&new));
    bencher.bench(|| Outline::at_least(&old, &new, Comparison::Published));
}

fn versions(lines: usize, share: usize) -> (Tree, Tree) {
    let Sources { old, new } = sources(lines, share);
    let tree = |files: Vec<(String, String)>| {
        let file = |text: String| File { bytes: text.into_bytes().into(), is_executable: false };
        Tree::new(files.into_iter().map(|(path, text)| (path, file(text))))
    };
    (tree(old), tree(new))
}

fn bytes(old: &Tree, new: &Tree) -> BytesCount {
    BytesCount::new(
        [old, new].iter().flat_map(|tree| tree.files()).map(|(_, file)| file.bytes.len()).sum::<usize>(),
    )
}
