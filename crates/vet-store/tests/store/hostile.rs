//! Hostile files: reading them takes time and memory in proportion to their size, and never panics.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use vet_store::{Bytes, StoreBytes, StoreFile, check_formatting, dropped_text, load};

use crate::rendering::{Files, today};

/// Generous: these take milliseconds in a release build.
const LIMIT: Duration = Duration::from_secs(20);

fn load_all(text: &[u8]) {
    let file = |name| Bytes { name, bytes: text };
    let files = StoreBytes {
        config: file("config.toml"),
        audits: file("audits.toml"),
        imports: file("imports.lock"),
    };
    match load(files, today()) {
        Ok(loaded) => {
            check_formatting(&loaded.store, &loaded.texts);
            for file in StoreFile::ALL {
                dropped_text(file, &loaded.texts.get(file).source);
            }
        }
        Err(problems) => {
            for excerpt in problems.iter().flat_map(|problem| &problem.excerpts) {
                assert!(excerpt.source.text.get(excerpt.span.clone()).is_some(), "{:?}", excerpt.span);
            }
            assert!(problems.len() <= 1_000, "{}", problems.len());
            assert!(problems.iter().all(|problem| problem.message.len() < 2_000));
        }
    }
}

#[test]
fn large_and_deep_texts() {
    const N: usize = 20_000;
    let cases = [
        "[".repeat(N),
        "a = ".to_owned() + &"[".repeat(N),
        "a = ".to_owned() + &"{a=".repeat(N),
        "a = ".to_owned() + &"[".repeat(N) + &"]".repeat(N),
        "a".to_owned() + &".a".repeat(N) + " = 1",
        "[a".to_owned() + &".a".repeat(N) + "]",
        "a = \"\n".repeat(N),
        "[audits]\n".repeat(N),
        "[[audits]]\n[audits]\n[audits.b]\naudits.b.c=1\n".repeat(N / 10),
        "<<<<<<< \n".repeat(N),
        "[[audits.a]]\n".repeat(N),
        "[audits]\n".to_owned()
            + &(0..N).map(|index| format!("[policy.\"a:{index}\"]\n")).collect::<String>(),
        (0..N).map(|index| format!("[policy.a{index}]\n[policy.\"a{index}:1.0.0\"]\n")).collect::<String>(),
        "[policy.a]\n".to_owned()
            + &(0..N).map(|index| format!("[policy.\"a:{index}.0.0\"]\n")).collect::<String>(),
        "[audits]\n".to_owned()
            + &(0..N)
                .map(|index| format!("[policy.\"a:{index}.0.0\"]\ncriteria = \"x{index}\"\n"))
                .collect::<String>(),
        (0..N)
            .map(|index| format!("[[audits.a]]\nversion = \"1.0.0\"\ncriteria = \"x{index}\"\n"))
            .collect::<String>(),
        "[audits]\na = 1\n\"".to_owned() + &"x".repeat(10_000_000) + "\" = 1\n",
        "[audits]\n[[trusted.a]]\nstart = \"".to_owned() + &"9".repeat(1_000_000) + "\"\n",
        "[[audits.a]]\nversion = \"".to_owned() + &"1".repeat(10_000_000) + "\"\n",
        "[[audits.a]]\ncriteria = \"".to_owned() + &"\\n".repeat(500_000) + "\"\nversion = \"1.0.0\"\n",
        "#\n\n".repeat(N) + "[audits]\n",
    ];
    for (index, text) in cases.iter().enumerate() {
        let start = Instant::now();
        load_all(text.as_bytes());
        assert!(start.elapsed() < LIMIT, "case {index}: {:?}", start.elapsed());
    }
}

#[test]
fn a_hundred_thousand_entries_load() {
    let audits: String = (0..100_000)
        .map(|index| {
            format!(
                "[[audits.crate-{}]]\ncriteria = \"safe-to-run\"\nversion = \"1.0.{index}\"\n",
                index % 999
            )
        })
        .collect();
    let start = Instant::now();
    assert_eq!(Files::audits(&audits).load().unwrap().store.audits.audits.len(), 999);
    assert!(start.elapsed() < LIMIT, "{:?}", start.elapsed());
}

#[test]
fn long_chains_and_cycles_of_criteria_end() {
    let chain = |count: usize, close: bool| -> String {
        let entry = |index: usize| {
            let implied = if index + 1 == count && !close {
                "safe-to-run".to_owned()
            } else {
                format!("c{}", (index + 1) % count)
            };
            format!("c{index} = {{ implies = \"{implied}\" }}\n")
        };
        format!("[audits]\n[criteria]\n{}", (0..count).map(entry).collect::<String>())
    };
    assert!(Files::audits(&chain(1_000, false)).load().is_ok());
    assert_eq!(Files::audits(&chain(1_000, true)).load().unwrap_err().len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        load_all(&bytes);
    }

    /// Pieces of real files in a random order.
    #[test]
    fn pieces_never_panic(pieces in proptest::collection::vec(piece(), 0..40)) {
        load_all(pieces.concat().as_bytes());
    }
}

pub(crate) fn piece() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec![
        "[",
        "]",
        "[[",
        "]]",
        "{",
        "}",
        "\n",
        "\r\n",
        ",",
        "=",
        " = ",
        ".",
        "#",
        "'''",
        "\"\"\"",
        "\"",
        "'",
        "\\",
        "5",
        "-1",
        "true",
        "2020-01-01",
        "\"2020-01-01\"",
        "\"1.0.0\"",
        "\"1.0.0 -> 1.1.0\"",
        "\"safe-to-run\"",
        "\u{feff}",
        "é",
        "criteria",
        "audits",
        "policy",
        "exemptions",
        "unaudited",
        "trusted",
        "publisher",
        "imports",
        "cargo-vet",
        "version",
        "delta",
        "violation",
        "user-id",
        "start",
        "end",
        "who",
        "criteria-map",
        "implies",
        "\n[audits]\n",
        "\n[[audits.a]]\n",
        "\n[policy.a]\n",
        "\n[[trusted.a]]\n",
        "version = \"1.0.0\"\n",
        "criteria = []\n",
        "user-id = 1\n",
        "\"a:1.0.0\"",
        "dependency-criteria",
        "<<<<<<< a\n",
        ">>>>>>> b\n",
    ])
}
