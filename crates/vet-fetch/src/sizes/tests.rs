//! Whatever the content of the file, an answer is right or missing.

use std::fs;

use std::path::Path;

use vet_project::sha256::sha256;

use super::*;

fn key(number: u32) -> Key {
    let checksum = sha256(number.to_string());
    Key { from: SourceTree::Nothing, to: SourceTree::Archive(checksum), algorithm: 1 }
}

fn open(folder: &Path) -> Sizes {
    Sizes::open(&Cache::new(folder))
}

fn exact(insertions: u64) -> Kept {
    Kept::Exact(Size { insertions, deletions: 2, files_changed: 3, built: u64::MAX })
}

#[test]
fn what_was_found_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("not/there");
    let sizes = open(&cache);
    assert_eq!(sizes.get(&key(1)), None);
    sizes.keep(&[]);
    assert!(!cache.exists(), "there was nothing to keep");
    sizes.keep(&[(key(1), exact(1)), (key(2), Kept::AtLeast(7))]);
    assert_eq!(sizes.get(&key(1)), None, "it is as it was opened");
    open(&cache).keep(&[(key(3), exact(3))]);
    let sizes = open(&cache);
    let found: Vec<_> = (1..=4).map(|number| sizes.get(&key(number))).collect();
    assert_eq!(found, [Some(exact(1)), Some(Kept::AtLeast(7)), Some(exact(3)), None]);

    let length = || fs::metadata(cache.join("sizes")).unwrap().len();
    let before = length();
    sizes.keep(&[(key(1), exact(1)), (key(2), Kept::AtLeast(7))]);
    assert_eq!(length(), before, "what is known is not kept again");
    sizes.keep(&[(key(2), exact(9))]);
    assert_eq!(open(&cache).get(&key(2)), Some(exact(9)), "the last one counts");
}

#[test]
fn keys_are_told_apart() {
    let git = |revision: &str, package: &str| SourceTree::Git {
        revision: revision.to_owned(),
        package: package.to_owned(),
    };
    let archive = |checksum: &str| SourceTree::Archive(checksum.to_owned());
    let trees = [
        SourceTree::Nothing,
        archive("nothing"),
        archive("a"),
        archive("a\n1"),
        git("a", "b"),
        git("a\" \"b", ""),
        git("", "a b"),
    ];
    let mut keys = Vec::new();
    for (from, to) in trees.iter().flat_map(|from| trees.iter().map(move |to| (from, to))) {
        keys.extend([1, 2, 11].map(|algorithm| Key { from: from.clone(), to: to.clone(), algorithm }));
    }
    let folder = tempfile::tempdir().unwrap();
    let found: Vec<(Key, Kept)> = keys.into_iter().zip((0..).map(exact)).collect();
    open(folder.path()).keep(&found);
    let sizes = open(folder.path());
    assert!(found.iter().all(|(key, kept)| sizes.get(key) == Some(*kept)));
}

/// Lines that processes append at the same time are not lost.
#[test]
fn many_keep_at_the_same_time() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).keep(&[(key(0), exact(0))]);
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let folder = folder.path();
            scope.spawn(move || {
                for number in 0..25 {
                    let number = 1 + writer * 25 + number;
                    open(folder).keep(&[(key(number), exact(number.into()))]);
                }
            });
        }
    });
    let sizes = open(folder.path());
    for number in 0..=100 {
        assert_eq!(sizes.get(&key(number)), Some(exact(number.into())));
    }
}

#[test]
fn what_is_old_goes_when_there_is_too_much() {
    const LARGEST: usize = 8 << 10;
    let folder = tempfile::tempdir().unwrap();
    let open = || Sizes::of(Cache::new(folder.path()).table(&SIZES).with_largest(LARGEST));
    open().keep(&[(key(0), exact(0))]);
    for number in 1..=500 {
        let sizes = open();
        assert_eq!(sizes.get(&key(0)), Some(exact(0)), "what is used stays, {number}");
        sizes.keep(&[(key(number), exact(number.into()))]);
        assert!(fs::metadata(folder.path().join("sizes")).unwrap().len() <= LARGEST as u64);
    }
    let sizes = open();
    let kept: Vec<u32> = (1..=500).filter(|number| sizes.get(&key(*number)).is_some()).collect();
    assert!(kept.len() > 15 && kept.contains(&500) && !kept.contains(&1), "{kept:?}");
    assert!(kept.windows(2).all(|pair| pair[0] + 1 == pair[1]), "the newest stay: {kept:?}");

    let all: Vec<(Key, Kept)> = (1000..1500).map(|number| (key(number), exact(1))).collect();
    open().keep(&all);
    assert!(all.iter().all(|(key, _)| open().get(key).is_some()), "what is new is always kept");
}

#[test]
fn a_foreign_file_counts_as_lost() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sizes");
    for text in ["", "{\"cargo-vet\":\"sizes\",\"version\":9}\n", "notes\n"] {
        fs::write(&path, text).unwrap();
        assert_eq!(open(folder.path()).get(&key(1)), None, "{text:?}");
        open(folder.path()).keep(&[(key(1), exact(1))]);
        assert_eq!(open(folder.path()).get(&key(1)), Some(exact(1)), "{text:?}");
    }
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    open(folder.path()).keep(&[(key(1), exact(1))]);
    assert_eq!(open(folder.path()).get(&key(1)), None);
}
