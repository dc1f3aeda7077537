//! Reading a store, and holding it against its canonical form.

use divan::{AllocProfiler, Bencher};
use vet_benches::{Generated, Shape, generate};
use vet_store::{Bytes, Date, Loaded, StoreBytes, check_formatting, load};

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

const AUDITS: [usize; 3] = [1_000, 10_000, 100_000];

fn main() {
    divan::main();
}

#[divan::bench(args = AUDITS)]
fn parse_and_validate(bencher: Bencher<'_, '_>, audits: usize) {
    let generated = generate(Shape::new(1_000, audits));
    bencher.bench(|| loaded(&generated));
}

#[divan::bench(args = AUDITS)]
fn formatting(bencher: Bencher<'_, '_>, audits: usize) {
    let loaded = loaded(&generate(Shape::new(1_000, audits)));
    bencher.bench(|| check_formatting(&loaded.store, &loaded.texts));
}

fn loaded(generated: &Generated) -> Loaded {
    let file =
        |name: &'static str| Bytes { name, bytes: generated.text(name).unwrap_or_default().as_bytes() };
    let files = StoreBytes {
        config: file("supply-chain/config.toml"),
        audits: file("supply-chain/audits.toml"),
        imports: file("supply-chain/imports.lock"),
    };
    let today = Date::from_ymd_opt(2026, 6, 1).unwrap_or_default();
    load(files, today).unwrap_or_else(|problems| unreachable!("{problems:?}"))
}
