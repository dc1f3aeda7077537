//! Sweeps of folders that are caches, and of folders that are not.

#![expect(clippy::unwrap_used, reason = "what fails in a test should stop it, with the line that is wrong")]

use std::cell::RefCell;
use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use vet_diagnostics::Diagnostic;
use vet_fetch::cache::{Cache, Sweep, SweepEvent, Swept};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const MARK: &str = "Signature: 8a477f597d28d172789f06886806bc55\n# cargo-vet cache: anything\n";
const DIGEST: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// A folder with files. Each has an age in days.
fn folder(files: &[(&str, &str, i32)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text, age) in files {
        write(folder.path(), name, text, *age);
    }
    folder
}

fn write(folder: &Path, name: &str, text: &str, age: i32) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    let time = match u32::try_from(age) {
        Ok(days) => SystemTime::now() - DAY * days,
        Err(_) => SystemTime::now() + DAY * age.unsigned_abs(),
    };
    File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
}

/// The first line of a file with records.
fn header(kind: &str) -> String {
    format!("{{\"cargo-vet\":\"{kind}\",\"version\":1}}\n")
}

/// A cache in which everything is `age` days old, with some foreign files.
fn ours(age: i32) -> tempfile::TempDir {
    let file = |folder: &str| format!("{folder}/{DIGEST}");
    folder(&[
        ("CACHEDIR.TAG", MARK, age),
        ("facts", &header("facts"), age),
        ("sizes", &header("sizes").replace("1}", "99,\"more\":true}"), age),
        ("unanswered", &header("unanswered"), age),
        ("indexes", &header("sizes"), age),
        (".cargo-vet-a1B2c3", "half", age),
        (&file("http"), &header("http"), age),
        ("http/.cargo-vet-a1B2c3", "", age),
        ("http/notes", &header("http"), age),
        (&format!("http/{DIGEST}0"), &header("http"), age),
        (&file("crates"), &header("crates"), age),
        (&file("checksums"), &header("checksums"), age),
        ("checksums/notes", "mine\n", age),
        (&file("checksums").replace('0', "1"), &header("crates"), age),
        ("cache/a-1.0.0.crate", "archive", age),
        ("cache/b-1.0.0.crate.part", "half", age),
        ("cache/notes", "mine", age),
        ("cache/notes.crate", "mine", age),
        ("src/a-1.0.0/.cargo-ok", "ok", age),
        ("src/a-1.0.0/src/lib.rs", "0123456789", age),
        ("src/b-1.0.0.git.0011/.cargo-ok", "ok", age),
        ("src/c-1.0.0/.cargo-ok", "{\"v\":1}", age),
        ("src/notes/.cargo-ok", "ok", age),
        ("more/a-1.0.0.crate", "mine", age),
        ("notes", &header("facts"), age),
    ])
}

/// The paths that a sweep removes, one per line, and their total; or the code and message of its
/// error.
fn sweep(folder: &Path, what: Sweep) -> (Vec<String>, Result<Swept, String>) {
    let removed = RefCell::new(Vec::new());
    let shown = |path: &Path| path.strip_prefix(folder).unwrap().display().to_string().replace('\\', "/");
    let result = Cache::new(folder).sweep(what, false, &mut |event| {
        removed.borrow_mut().push(match event {
            SweepEvent::Removing(path) => shown(path),
            SweepEvent::Failed(problem) => message(&problem, folder),
        });
    });
    let result = result.map_err(|problem| message(&problem, folder));
    for path in removed.borrow().iter().filter(|path| !path.contains(' ')) {
        assert!(!folder.join(path).exists(), "{path}");
    }
    (removed.into_inner(), result)
}

fn message(problem: &Diagnostic, folder: &Path) -> String {
    let text = format!("{}: {}", problem.code, problem.message);
    text.replace(&folder.display().to_string(), "FOLDER").replace('\\', "/")
}

fn unused(days: u32) -> Sweep {
    Sweep::Unused { age: DAY * days, now: SystemTime::now() }
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(inner).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() && !path.is_symlink() {
                true => folders.push(path),
                false => {
                    found.push(path.strip_prefix(folder).unwrap().display().to_string().replace('\\', "/"))
                }
            }
        }
    }
    found.sort();
    found
}

const NOT_OURS: [&str; 10] = [
    "cache/notes",
    "cache/notes.crate",
    "checksums/11112233445566778899aabbccddeeff11112233445566778899aabbccddeeff",
    "checksums/notes",
    "http/notes",
    "indexes",
    "more/a-1.0.0.crate",
    "notes",
    "src/c-1.0.0/.cargo-ok",
    "src/notes/.cargo-ok",
];

#[test]
fn what_is_old_goes() {
    let old = [
        ".cargo-vet-a1B2c3",
        "cache/a-1.0.0.crate",
        "cache/b-1.0.0.crate.part",
        &format!("checksums/{DIGEST}"),
        &format!("crates/{DIGEST}"),
        "http/.cargo-vet-a1B2c3",
        &format!("http/{DIGEST}"),
        "src/a-1.0.0",
        "src/b-1.0.0.git.0011",
        "unanswered",
    ];
    let cache = ours(31);
    let (removed, swept) = sweep(cache.path(), unused(30));
    assert_eq!(removed, old);
    assert_eq!(swept, Ok(Swept { files: 11, bytes: 174 }));
    let mut left = NOT_OURS.map(str::to_owned).to_vec();
    left.extend(["CACHEDIR.TAG", "facts", "sizes"].map(str::to_owned));
    left.push(format!("http/{DIGEST}0"));
    left.sort();
    assert_eq!(files(cache.path()), left);

    for (age, what) in [
        (29, unused(30)),
        (-5, unused(0)),
        (31, Sweep::Unused { age: Duration::MAX, now: SystemTime::now() }),
        (31, Sweep::Unused { age: DAY, now: SystemTime::UNIX_EPOCH }),
    ] {
        let (removed, swept) = sweep(ours(age).path(), what);
        assert_eq!((removed, swept), (vec![], Ok(Swept::default())), "{age} {what:?}");
    }
}

#[test]
fn everything_of_ours_goes_and_nothing_else() {
    let cache = ours(-5);
    let (removed, swept) = sweep(cache.path(), Sweep::All);
    assert_eq!((removed.len(), swept.unwrap().files), (12, 13));
    let mut left = NOT_OURS.map(str::to_owned).to_vec();
    left.extend(["CACHEDIR.TAG".to_owned(), format!("http/{DIGEST}0")]);
    left.sort();
    assert_eq!(files(cache.path()), left);
    assert_eq!(sweep(cache.path(), Sweep::All), (vec![], Ok(Swept::default())), "it is still a cache");
}

/// Sources are as old as their archive.
#[test]
fn sources_live_as_long_as_their_archive() {
    let cache = ours(31);
    write(cache.path(), "cache/a-1.0.0.crate", "archive", 1);
    let (removed, _) = sweep(cache.path(), unused(30));
    assert!(!removed.iter().any(|path| path.contains("a-1.0.0")), "{removed:?}");
}

#[test]
fn the_cache_of_the_original_is_known() {
    let files_of_original = [
        (".vet-lock", "", 99),
        ("diff-cache.toml", "version = \"2\"\n\n[diffs]\n", 99),
        ("crates-io-cache.json", "{\"version\":\"2\",\"users\":{},\"crates\":{}}", 99),
        ("command-history.json", "{\"version\":\"1\"}", 99),
        ("cache/a-1.0.0.crate", "archive", 99),
        ("src/a-1.0.0/.cargo-ok", "ok", 99),
        ("empty/notes", "mine", 99),
        ("notes", "mine", 99),
    ];
    let cache = folder(&files_of_original);
    let (removed, swept) = sweep(cache.path(), unused(30));
    assert_eq!(removed, ["cache/a-1.0.0.crate", "src/a-1.0.0"]);
    assert_eq!(swept, Ok(Swept { files: 2, bytes: 9 }));
    let (removed, _) = sweep(cache.path(), Sweep::All);
    assert_eq!(removed, ["command-history.json", "crates-io-cache.json", "diff-cache.toml"]);
    assert_eq!(files(cache.path()), [".vet-lock", "empty/notes", "notes"]);

    let cache = folder(&files_of_original);
    let lock = File::open(cache.path().join(".vet-lock")).unwrap();
    lock.lock().unwrap();
    let (removed, swept) = sweep(cache.path(), Sweep::All);
    let expected = Err("VET0504: another process uses the cache `FOLDER`".to_owned());
    assert_eq!((removed, swept), (vec![], expected));
}

#[test]
fn other_folders_are_left_alone() {
    let refusal = "VET0506: `FOLDER` is not a cargo-vet cache, so nothing was removed";
    for other in [
        &[("notes", "mine")][..],
        &[("cache/a-1.0.0.crate", ""), ("facts", "{\"cargo-vet\":\"facts\",\"version\":1}\n")],
        &[("CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n# of another program\n")],
        &[("CACHEDIR.TAG", "# cargo-vet cache: without the signature\n")],
        &[("CACHEDIR.TAG/notes", MARK)],
        &[(".vet-lock", "")],
        &[(".vet-lock", "not empty"), ("command-history.json", "{\"version\":\"1\"}")],
        &[(".vet-lock", ""), ("command-history.json", "[]")],
        &[("command-history.json", "{\"version\":\"1\"}")],
    ] {
        let other: Vec<_> = other.iter().map(|(name, text)| (*name, *text, 99)).collect();
        let folder = folder(&other);
        let before = files(folder.path());
        for what in [Sweep::All, unused(0)] {
            assert_eq!(sweep(folder.path(), what), (vec![], Err(refusal.to_owned())), "{other:?}");
        }
        assert_eq!(files(folder.path()), before);
    }
    let folder = folder(&[("file", MARK, 0)]);
    for (name, expected) in [
        ("missing", Ok(Swept::default())),
        ("missing/inner", Ok(Swept::default())),
        ("file", Err(refusal.to_owned())),
    ] {
        assert_eq!(sweep(&folder.path().join(name), Sweep::All), (vec![], expected), "{name}");
    }
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    use std::os::unix::fs::symlink;

    let theirs = ours(31);
    let cache = folder(&[
        ("CACHEDIR.TAG", MARK, 0),
        ("cache/b-1.0.0.crate", "", 31),
        ("src/d-1.0.0/.cargo-ok", "ok", 31),
        ("src/e-1.0.0/notes", "no marker of its own", 31),
    ]);
    let link = |to: &str, name: &str| symlink(theirs.path().join(to), cache.path().join(name)).unwrap();
    for (to, name) in [
        ("http", "http"),
        ("crates", "crates"),
        ("unanswered", "unanswered"),
        ("notes", ".cargo-vet-x"),
        ("cache/a-1.0.0.crate", "cache/a-1.0.0.crate"),
        ("src/a-1.0.0", "src/a-1.0.0"),
        ("src/a-1.0.0/.cargo-ok", "src/e-1.0.0/.cargo-ok"),
        ("src", "src/d-1.0.0/inner"),
    ] {
        link(to, name);
    }
    let before = files(theirs.path());
    let (removed, _) = sweep(cache.path(), Sweep::All);
    assert_eq!(removed, ["cache/b-1.0.0.crate", "src/d-1.0.0"]);
    assert_eq!(files(theirs.path()), before);
    assert!(cache.path().join("http").is_symlink());

    let marked_by_link = folder(&[("facts", "{\"cargo-vet\":\"facts\",\"version\":1}\n", 31)]);
    symlink(theirs.path().join("CACHEDIR.TAG"), marked_by_link.path().join("CACHEDIR.TAG")).unwrap();
    assert!(sweep(marked_by_link.path(), Sweep::All).1.is_err());

    let linked = tempfile::tempdir().unwrap();
    let by_link = linked.path().join("cache");
    symlink(theirs.path(), &by_link).unwrap();
    assert_eq!(sweep(&by_link, Sweep::All).1.unwrap().files, 13, "where the user says so, they are");
}

/// A file that cannot be removed does not prevent the removal of the others.
#[cfg(unix)]
#[test]
fn what_cannot_be_removed_is_said() {
    use std::os::unix::fs::PermissionsExt as _;

    let cache = ours(31);
    let protect = |mode| {
        let folder = cache.path().join("crates");
        fs::set_permissions(folder, fs::Permissions::from_mode(mode)).unwrap();
    };
    protect(0o500);
    let (removed, swept) = sweep(cache.path(), Sweep::All);
    protect(0o700);
    assert!(swept.is_ok());
    // Root can remove everything.
    if cache.path().join("crates").join(DIGEST).exists() {
        assert!(
            removed.contains(&format!("VET0504: `FOLDER/crates/{DIGEST}` cannot be removed")),
            "{removed:?}"
        );
    }
    assert!(!cache.path().join("facts").exists());
}
