//! Whatever the cache contains before, it contains the tree afterwards.

use vet_source::File;

use super::*;
use crate::cache::Sweep;

fn tree(files: &[(&str, &str)]) -> Tree {
    let file = |text: &str| File { bytes: text.as_bytes().to_vec().into(), is_executable: false };
    Tree::new(files.iter().map(|(path, text)| ((*path).to_owned(), file(text))))
}

fn version(text: &str) -> Version {
    text.parse().unwrap()
}

/// All files below a folder with their content, and empty folders.
fn found(folder: &Path) -> Vec<String> {
    let mut lines = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inner) = folders.pop() {
        let entries: Vec<PathBuf> =
            fs::read_dir(&inner).unwrap().map(|entry| entry.unwrap().path()).collect();
        let shown = |path: &Path| path.strip_prefix(folder).unwrap().display().to_string().replace('\\', "/");
        if entries.is_empty() {
            lines.push(format!("{}/", shown(&inner)));
        }
        for path in entries {
            match path.is_dir() && !path.is_symlink() {
                true => folders.push(path),
                false => lines.push(format!("{}: {}", shown(&path), fs::read_to_string(&path).unwrap())),
            }
        }
    }
    lines.sort();
    lines
}

#[test]
fn files_are_put_where_the_original_has_them() {
    let cache = tempfile::tempdir().unwrap();
    let revision = "00112233445566778899aabbccddeeff00112233";
    for (number, name) in [
        ("1.0.0".to_owned(), "a-1.0.0".to_owned()),
        ("1.0.0-x+y".to_owned(), "a-1.0.0-x+y".to_owned()),
        (format!("1.0.0@git:{revision}"), format!("a-1.0.0.git.{revision}")),
    ] {
        let files = tree(&[("src/a/lib.rs", "x"), ("b", ""), (".cargo-ok", "mine")]);
        let folder = unpack(&Cache::new(cache.path()), "a", &version(&number), &files).unwrap();
        assert_eq!(folder, cache.path().join("src").join(name));
        assert_eq!(found(&folder), [".cargo-ok: ok", "b: ", "src/a/lib.rs: x"]);
        assert_eq!(unpack(&Cache::new(cache.path()), "a", &version(&number), &files).unwrap(), folder);
    }
    assert_eq!(fs::read_dir(cache.path().join("src")).unwrap().count(), 3, "nothing else is left there");
    assert!(cache.path().join("CACHEDIR.TAG").exists());
}

#[test]
fn nothing_can_be_changed_by_mistake() {
    let cache = tempfile::tempdir().unwrap();
    let files = tree(&[("src/lib.rs", "x")]);
    let folder = unpack(&Cache::new(cache.path()), "a", &version("1.0.0"), &files).unwrap();
    let is_readonly = |path: &str| fs::metadata(folder.join(path)).unwrap().permissions().readonly();
    assert!(is_readonly("src/lib.rs") && is_readonly(".cargo-ok"));
    if cfg!(unix) {
        assert!(is_readonly("src") && is_readonly(""));
    }
    // The original makes files writable.
    vet_project::permissions::open_all(&folder);
    let path = folder.join("src/lib.rs");
    fs::remove_file(&path).unwrap();
    fs::write(&path, "x").unwrap();
    unpack(&Cache::new(cache.path()), "a", &version("1.0.0"), &files).unwrap();
    assert!(is_readonly("src/lib.rs"));

    let swept = Cache::new(cache.path()).sweep(Sweep::All, false, &mut |_| {}).unwrap();
    assert_eq!(swept.files, 2);
    assert!(!folder.exists());
}

#[test]
fn whatever_differs_is_put_right() {
    let cache = tempfile::tempdir().unwrap();
    let files = tree(&[("src/lib.rs", "x"), ("b", "y")]);
    let folder = cache.path().join("src/a-1.0.0");
    let unpack = || unpack(&Cache::new(cache.path()), "a", &version("1.0.0"), &files).unwrap();
    let expected = [".cargo-ok: ok", "b: y", "src/lib.rs: x"];
    let spoils: [&dyn Fn(&Path); 9] = [
        &|folder| fs::write(folder.join("b"), "z").unwrap(),
        &|folder| fs::write(folder.join("b"), "yy").unwrap(),
        &|folder| fs::remove_file(folder.join("src/lib.rs")).unwrap(),
        &|folder| fs::write(folder.join("src/more"), "").unwrap(),
        &|folder| fs::create_dir(folder.join("more")).unwrap(),
        &|folder| fs::write(folder.join(".cargo-ok"), "{\"v\":1}").unwrap(),
        &|folder| fs::remove_file(folder.join(".cargo-ok")).unwrap(),
        &|folder| {
            fs::remove_dir_all(folder.join("src")).unwrap();
            fs::write(folder.join("src"), "").unwrap();
        },
        &|folder| {
            fs::remove_dir_all(folder).unwrap();
            fs::write(folder, "a file in place of the folder").unwrap();
        },
    ];
    for (place, spoil) in spoils.iter().enumerate() {
        assert_eq!(unpack(), folder);
        vet_project::permissions::open_all(&folder);
        // A user who edits a read-only file makes it writable first.
        for path in ["b", ".cargo-ok"] {
            let text = fs::read(folder.join(path)).unwrap();
            fs::remove_file(folder.join(path)).unwrap();
            fs::write(folder.join(path), text).unwrap();
        }
        spoil(&folder);
        unpack();
        assert_eq!(found(&folder), expected, "{place}");
        assert_eq!(fs::read_dir(cache.path().join("src")).unwrap().count(), 1, "{place}");
    }
    // The same, while it is still read-only.
    let files = tree(&[("b", "y")]);
    super::unpack(&Cache::new(cache.path()), "a", &version("1.0.0"), &files).unwrap();
    assert_eq!(found(&folder), [".cargo-ok: ok", "b: y"]);
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    use std::os::unix::fs::symlink;

    let (cache, theirs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let files = tree(&[("src/lib.rs", "x")]);
    let unpack = || unpack(&Cache::new(cache.path()), "a", &version("1.0.0"), &files).unwrap();
    let folder = unpack();
    // The same files, but with another owner.
    vet_project::permissions::open_all(&folder);
    let copy = theirs.path().join("copy");
    fs::rename(&folder, &copy).unwrap();
    symlink(&copy, &folder).unwrap();
    assert_eq!(unpack(), folder);
    assert!(!folder.is_symlink());

    vet_project::permissions::open_all(&folder);
    fs::remove_file(folder.join("src/lib.rs")).unwrap();
    symlink(copy.join("src/lib.rs"), folder.join("src/lib.rs")).unwrap();
    unpack();
    assert!(!folder.join("src/lib.rs").is_symlink());
    assert_eq!(found(&copy), [".cargo-ok: ok", "src/lib.rs: x"], "what is theirs stays");
    assert!(!fs::metadata(&copy).unwrap().permissions().readonly());
}

#[test]
fn names_must_be_fit() {
    let cache = tempfile::tempdir().unwrap();
    let unpack = |name: &str, path: &str| {
        unpack(&Cache::new(cache.path()), name, &version("1.0.0"), &tree(&[(path, "")])).map_err(|problem| {
            assert_eq!(problem.code, Code::UnfitName);
            problem.message
        })
    };
    for (name, path, expected) in [
        ("../a", "b", "could not write the files of `../a` 1.0.0 to disk"),
        ("", "b", "could not write the files of `` 1.0.0 to disk"),
        ("a", "../b", "could not write the file `../b` of `a` 1.0.0 to this disk"),
        ("a", "/b", "could not write the file `/b` of `a` 1.0.0 to this disk"),
    ] {
        assert_eq!(unpack(name, path).unwrap_err(), expected, "{name} {path}");
    }
    assert!(!cache.path().join("src").exists());
    assert_eq!(unpack("a", "src/aux.rs").is_err(), cfg!(windows));
    let both = tree(&[("a", ""), ("a/b", "")]);
    let problem = super::unpack(&Cache::new(cache.path()), "a", &version("1.0.0"), &both).unwrap_err();
    assert_eq!(problem.message, "could not write the file `a/b` of `a` 1.0.0 to this disk");
}

#[test]
fn a_cache_that_cannot_be_written_is_said() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("cache"), "a file in place of the folder").unwrap();
    let files = tree(&[("a", "")]);
    let problem =
        unpack(&Cache::new(folder.path().join("cache")), "a", &version("1.0.0"), &files).unwrap_err();
    assert_eq!(problem.code, Code::Io);
}

/// Many processes write the same package at the same time.
#[test]
fn all_get_the_same() {
    let cache = tempfile::tempdir().unwrap();
    let files = tree(&[("src/lib.rs", "x"), ("b", "y")]);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let folder = unpack(&Cache::new(cache.path()), "a", &version("1.0.0"), &files).unwrap();
                assert!(compare::is_same(&folder, &files).unwrap());
            });
        }
    });
    assert_eq!(fs::read_dir(cache.path().join("src")).unwrap().count(), 1);
}
