use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;
use vet_diagnostics::{Code, Diagnostic};

use super::journal::{self, PREFIX, READY};
use super::*;

/// A store with one line in each file.
struct Fixture {
    root: TempDir,
}

impl Fixture {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("store")).unwrap();
        for file in FolderFile::ALL {
            fs::write(root.path().join("store").join(file.name()), old(file)).unwrap();
        }
        Fixture { root }
    }

    fn path(&self) -> PathBuf {
        self.root.path().join("store")
    }

    fn folder(&self) -> StoreFolder {
        StoreFolder::new(self.path(), "store")
    }

    fn read(&self) -> Result<Vec<String>, Vec<Code>> {
        text(self.folder().read(no_wait))
    }

    /// The files as a tool that does not know journals sees them.
    fn on_disk(&self) -> Vec<String> {
        FolderFile::ALL.map(|file| fs::read_to_string(self.path().join(file.name())).unwrap()).to_vec()
    }

    fn names(&self) -> Vec<String> {
        names_in(&self.path())
    }
}

fn old(file: FolderFile) -> String {
    format!("old {}", file.name())
}

fn new(file: FolderFile) -> String {
    format!("new {}", file.name())
}

fn all(text: impl Fn(FolderFile) -> String) -> Vec<String> {
    FolderFile::ALL.map(text).to_vec()
}

fn changes() -> Vec<(FolderFile, String)> {
    FolderFile::ALL.map(|file| (file, new(file))).to_vec()
}

fn borrowed(changes: &[(FolderFile, String)]) -> Vec<NewFile<'_>> {
    changes.iter().map(|(file, text)| (*file, text.as_bytes())).collect()
}

fn text(contents: Result<StoreContents, Vec<Diagnostic>>) -> Result<Vec<String>, Vec<Code>> {
    let text = |contents: StoreContents| {
        all(|file| String::from_utf8(contents.find(file).unwrap().bytes.to_vec()).unwrap())
    };
    contents.map(text).map_err(|problems| problems.iter().map(|problem| problem.code).collect())
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn no_wait() {
    panic!("no other process uses the store");
}

const CONFIG: FolderFile = FolderFile::Store(StoreFile::Config);
const AUDITS: FolderFile = FolderFile::Store(StoreFile::Audits);
const IMPORTS: FolderFile = FolderFile::Store(StoreFile::Imports);

const STORE_FILES: [&str; 4] = ["audits.toml", "config.toml", "imports.lock", "vet.toml"];

#[test]
fn a_store_is_read_with_the_names_of_its_files() {
    let fixture = Fixture::new();
    let contents = fixture.folder().read(no_wait).unwrap();
    let bytes = contents.as_store_bytes();
    let shown = [bytes.config, bytes.audits, bytes.imports].map(|file| (file.name, file.bytes));
    let expected: [(&str, &[u8]); 3] = [
        ("store/config.toml", b"old config.toml"),
        ("store/audits.toml", b"old audits.toml"),
        ("store/imports.lock", b"old imports.lock"),
    ];
    assert_eq!(shown, expected);
}

#[test]
fn what_cannot_be_read_is_a_finding() {
    let shown = |damage: fn(&Path)| {
        let fixture = Fixture::new();
        damage(&fixture.path());
        let before = fixture.path().is_dir().then(|| fixture.names());
        let problems = fixture.folder().read(no_wait).unwrap_err();
        assert_eq!(fixture.folder().lock(no_wait).unwrap_err(), problems);
        assert_eq!(fixture.path().is_dir().then(|| fixture.names()), before, "nothing is created");
        let lines = problems.iter().map(|problem| {
            let rest = problem.notes.iter().chain(&problem.help);
            let rest: String = rest.map(|text| format!("\n  {text}")).collect();
            format!("{}: {}{rest}\n", problem.code, problem.message)
        });
        lines.collect::<String>()
    };
    insta::assert_snapshot!(shown(|path| fs::remove_dir_all(path).unwrap()), @"
    VET0501: there is no store at `store`
      run `cargo vet init` to create one, or name another folder with `--store-path`
    ");
    insta::assert_snapshot!(shown(|path| {
        fs::remove_dir_all(path).unwrap();
        fs::write(path, "").unwrap();
    }), @"
    VET0505: the store `store` is not a folder
      name the folder that contains `config.toml`, not a file
    ");
    insta::assert_snapshot!(shown(|path| {
        STORE_FILES.iter().for_each(|name| fs::remove_file(path.join(name)).unwrap());
    }), @"
    VET0503: the store `store` has no files
      in older versions, an interrupted `init` leaves such a folder behind
      remove the folder and run `cargo vet init`, or restore the files from version control
    ");
    insta::assert_snapshot!(shown(|path| fs::remove_file(path.join("config.toml")).unwrap()), @"
    VET0503: the store file `store/config.toml` is missing
      a new file would be empty, and the entries of the old one would be lost
      restore the file from version control
    ");
    insta::assert_snapshot!(shown(|path| {
        fs::remove_file(path.join("audits.toml")).unwrap();
        fs::remove_file(path.join("imports.lock")).unwrap();
    }), @"
    VET0503: the store file `store/audits.toml` is missing
      a new file would be empty, and the entries of the old one would be lost
      restore the file from version control
    VET0503: the store file `store/imports.lock` is missing
      a new file would be empty, and the entries of the old one would be lost
      restore the file from version control
    ");
    insta::assert_snapshot!(shown(|path| {
        fs::remove_file(path.join("audits.toml")).unwrap();
        fs::create_dir(path.join("audits.toml")).unwrap();
    }), @"
    VET0504: `store/audits.toml` cannot be read
      it is not a file
    ");
    insta::assert_snapshot!(shown(|path| {
        fs::remove_file(path.join("config.toml")).unwrap();
        fs::create_dir(path.join("config.toml")).unwrap();
    }), @"
    VET0504: `store/config.toml` cannot be locked
      it is not a file
    ");
}

#[test]
fn a_commit_replaces_what_changes_and_touches_nothing_else() {
    let fixture = Fixture::new();
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    for name in STORE_FILES {
        let file = File::options().append(true).open(fixture.path().join(name)).unwrap();
        file.set_modified(long_ago).unwrap();
    }
    let is_old =
        |name: &str| fs::metadata(fixture.path().join(name)).unwrap().modified().unwrap() == long_ago;
    let mut store = fixture.folder().lock(no_wait).unwrap();
    let same: Vec<(FolderFile, String)> = FolderFile::ALL.map(|file| (file, old(file))).to_vec();
    assert_eq!(store.commit(&borrowed(&same)), Ok(vec![]));
    assert_eq!(STORE_FILES.map(is_old), [true; 4]);

    let partly = [(AUDITS, old(AUDITS)), (IMPORTS, "".to_owned())];
    assert_eq!(store.commit(&borrowed(&partly)), Ok(vec![IMPORTS]));
    assert_eq!(STORE_FILES.map(is_old), [true, true, false, true]);

    assert_eq!(store.commit(&borrowed(&changes())), Ok(FolderFile::ALL.to_vec()));
    assert_eq!(store.commit(&borrowed(&changes())), Ok(vec![]));
    drop(store);
    assert_eq!(fixture.read(), Ok(all(new)));
    assert_eq!(fixture.names(), STORE_FILES);
}

#[test]
fn what_others_changed_meanwhile_is_not_overwritten() {
    let fixture = Fixture::new();
    let mut store = fixture.folder().lock(no_wait).unwrap();
    fs::write(fixture.path().join("audits.toml"), "edited").unwrap();
    let problem = store.commit(&[(IMPORTS, b"new")]).unwrap_err();
    assert_eq!(problem.message, "another program changed the store `store` while this command ran");
    drop(store);
    assert_eq!(fixture.read().unwrap(), ["old config.toml", "edited", "old imports.lock", "old vet.toml"]);
}

#[test]
fn the_lock_stays_through_commits() {
    let fixture = Fixture::new();
    let mut store = fixture.folder().lock(no_wait).unwrap();
    let try_lock = || File::open(fixture.path().join("config.toml")).unwrap().try_lock_shared().is_ok();
    assert!(!try_lock());
    store.commit(&borrowed(&changes())).unwrap();
    assert!(!try_lock());
    store.commit(&[(CONFIG, b"again")]).unwrap();
    assert!(!try_lock());
    drop(store);
    assert!(try_lock());
}

/// The states in which a killed process can leave a store: how far the commit got, and what is then
/// read.
#[test]
fn every_interrupted_commit_is_all_or_nothing() {
    let move_up = |fixture: &Fixture, file: FolderFile| {
        let journal = fixture.path().join(READY);
        fs::rename(journal.join(file.name()), fixture.path().join(file.name())).unwrap();
    };
    let draft = |fixture: &Fixture| {
        journal::write(&fixture.path(), &borrowed(&changes())).unwrap();
        fs::rename(fixture.path().join(READY), fixture.path().join(format!("{PREFIX}abc"))).unwrap();
    };
    let ready = |fixture: &Fixture| journal::write(&fixture.path(), &borrowed(&changes())).unwrap();
    type Interruption<'a> = (&'a str, &'a dyn Fn(&Fixture), fn(FolderFile) -> String);
    let steps: [Interruption<'_>; 7] = [
        ("empty draft", &|fixture| fs::create_dir(fixture.path().join(format!("{PREFIX}abc"))).unwrap(), old),
        ("complete draft", &draft, old),
        ("valid", &ready, new),
        (
            "one moved",
            &|fixture| {
                ready(fixture);
                move_up(fixture, AUDITS);
            },
            new,
        ),
        (
            "two moved",
            &|fixture| {
                ready(fixture);
                move_up(fixture, AUDITS);
                move_up(fixture, IMPORTS);
            },
            new,
        ),
        (
            "all moved",
            &|fixture| {
                ready(fixture);
                FolderFile::ALL.into_iter().for_each(|file| move_up(fixture, file));
            },
            new,
        ),
        (
            "retired",
            &|fixture| {
                ready(fixture);
                FolderFile::ALL.into_iter().for_each(|file| move_up(fixture, file));
                let path = fixture.path();
                fs::rename(path.join(READY), path.join(format!("{PREFIX}done"))).unwrap();
            },
            new,
        ),
    ];
    for (step, interrupt, expected) in steps {
        let fixture = Fixture::new();
        interrupt(&fixture);
        let (names, is_valid) = (fixture.names(), fixture.path().join(READY).exists());
        let contents = fixture.folder().read_only(no_wait).unwrap();
        assert_eq!(contents.is_unfinished(), is_valid, "{step}");
        assert_eq!(text(Ok(contents)), Ok(all(expected)), "{step}");
        assert_eq!(fixture.names(), names, "{step}");
        let contents = fixture.folder().read(no_wait).unwrap();
        assert!(!contents.is_unfinished(), "{step}");
        assert_eq!(text(Ok(contents)), Ok(all(expected)), "{step}");
        assert_eq!(fixture.on_disk(), all(expected), "a reader finishes what it can: {step}");

        let mut store = fixture.folder().lock(no_wait).unwrap();
        assert_eq!(text(Ok(store.contents().clone())), Ok(all(expected)), "{step}");
        assert_eq!(fixture.on_disk(), all(expected), "{step}");
        assert_eq!(fixture.names(), STORE_FILES, "{step}");
        store.commit(&[(AUDITS, b"next")]).unwrap();
        drop(store);
        assert_eq!(fixture.read().unwrap()[1], "next", "{step}");
    }
}

#[test]
fn a_journal_that_no_commit_left_is_refused() {
    let forge = |change: fn(&Path)| {
        let fixture = Fixture::new();
        journal::write(&fixture.path(), &borrowed(&changes())).unwrap();
        change(&fixture.path().join(READY));
        let problems = fixture.folder().read(no_wait).unwrap_err();
        assert_eq!(fixture.folder().lock(no_wait).unwrap_err(), problems);
        assert_eq!(fixture.on_disk(), all(old), "nothing is moved");
        assert!(fixture.path().join(READY).exists(), "nothing is removed");
        problems[0].message.clone()
    };
    let expected = "`store/.vet-commit.ready` was not left by an interrupted command";
    assert_eq!(forge(|journal| fs::remove_file(journal.join("seal")).unwrap()), expected);
    // A copy that has the right number and age by chance has another creation time.
    #[cfg(target_os = "linux")]
    assert_eq!(
        forge(|journal| {
            let path = journal.join("seal");
            let text = fs::read_to_string(&path).unwrap();
            let age = fs::metadata(&path).unwrap().modified().unwrap();
            fs::remove_file(&path).unwrap();
            let copy = File::create_new(&path).unwrap();
            let (first, rest) = text.split_once('\n').unwrap();
            let (_, made) = rest.trim_end().split_once(' ').unwrap();
            assert_ne!(made, "0", "this file system does not know when files were made");
            let number = platform::identity(&copy).unwrap().number;
            fs::write(&path, format!("{first}\n{number} {made}\n")).unwrap();
            copy.set_modified(age).unwrap();
        }),
        expected
    );
    // A copied folder has other numbers, and a checkout has other times.
    assert_eq!(
        forge(|journal| {
            let seal = fs::read(journal.join("seal")).unwrap();
            fs::write(journal.join("copy"), seal).unwrap();
            fs::rename(journal.join("copy"), journal.join("seal")).unwrap();
        }),
        expected
    );
    assert_eq!(
        forge(|journal| {
            let seal = File::options().append(true).open(journal.join("seal")).unwrap();
            seal.set_modified(SystemTime::now()).unwrap();
        }),
        expected
    );
    assert_eq!(
        forge(|journal| {
            fs::remove_dir_all(journal).unwrap();
            fs::write(journal, "").unwrap();
        }),
        expected
    );
}

#[test]
fn what_cannot_be_finished_is_read_and_noticed() {
    let fixture = Fixture::new();
    journal::write(&fixture.path(), &borrowed(&changes())).unwrap();
    let in_the_way = fixture.path().join("audits.toml");
    fs::remove_file(&in_the_way).unwrap();
    fs::create_dir_all(in_the_way.join("folder")).unwrap();
    let contents = fixture.folder().read(no_wait).unwrap();
    assert!(contents.is_unfinished());
    assert_eq!(text(Ok(contents)), Ok(all(new)));
    fs::remove_dir_all(in_the_way).unwrap();
    assert!(!fixture.folder().read(no_wait).unwrap().is_unfinished());
    assert_eq!(fixture.on_disk(), all(new));
}

/// Otherwise a commit would include the journal, and every clone would have one with a wrong seal.
#[test]
fn git_ignores_what_an_interrupted_commit_leaves() {
    let fixture = Fixture::new();
    let git = |arguments: &[&str]| {
        let output =
            std::process::Command::new("git").args(arguments).current_dir(fixture.path()).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    git(&["init", "--quiet"]);
    journal::write(&fixture.path(), &borrowed(&changes())).unwrap();
    git(&["add", "--all"]);
    let tracked = git(&["ls-files"]);
    assert_eq!(tracked.lines().collect::<Vec<_>>(), STORE_FILES);
}

#[test]
fn a_failing_commit_leaves_nothing_behind() {
    let fixture = Fixture::new();
    let mut store = fixture.folder().lock(no_wait).unwrap();
    fs::create_dir(fixture.path().join(READY)).unwrap();
    fs::write(fixture.path().join(READY).join("in the way"), "").unwrap();
    store.commit(&borrowed(&changes())).unwrap_err();
    fs::remove_dir_all(fixture.path().join(READY)).unwrap();
    assert_eq!(fixture.names(), STORE_FILES);
    assert_eq!(fixture.on_disk(), all(old));
    store.commit(&borrowed(&changes())).unwrap();
    assert_eq!(fixture.on_disk(), all(new));
}

#[test]
fn without_locks_only_what_is_still_is_read() {
    let read = |later: &[u8]| {
        let mut later = later.iter().copied().cycle();
        read_until_still(0, || later.next().ok_or(()))
    };
    assert_eq!(read(&[0]), Ok(Some(0)));
    assert_eq!(read(&[1, 2, 2, 3]), Ok(Some(2)));
    assert_eq!(read(&[1, 2]), Ok(None));
    assert_eq!(read(&[]), Err(()));
}

#[test]
fn a_new_store_appears_at_once() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("a/b/store");
    let folder = StoreFolder::new(&path, "a/b/store");
    folder.create(&borrowed(&changes())).unwrap();
    assert_eq!(text(folder.read(no_wait)), Ok(all(new)));
    assert_eq!(names_in(&root.path().join("a/b")), ["store"]);

    let problem = folder.create(&borrowed(&changes())).unwrap_err();
    assert_eq!(problem.code, Code::StoreExists);
    let file = StoreFolder::new(path.join("config.toml"), "a/b/store/config.toml");
    assert_eq!(file.create(&borrowed(&changes())).unwrap_err().code, Code::StoreExists);
}

#[test]
fn settings_may_be_missing() {
    let fixture = Fixture::new();
    fs::remove_file(fixture.path().join("vet.toml")).unwrap();
    let contents = fixture.folder().read(no_wait).unwrap();
    assert!(contents.settings().is_none(), "a file that is missing is not an empty one");
    assert_eq!(fixture.folder().read_settings(), Ok(None));
    assert!(contents.differs(FolderFile::Settings, b""));

    let mut store = fixture.folder().lock(no_wait).unwrap();
    let new = [(FolderFile::Settings, &b"new"[..]), (AUDITS, b"also new")];
    assert_eq!(store.commit(&new), Ok(vec![FolderFile::Settings, AUDITS]));
    assert_eq!(store.contents().settings().unwrap().name, "store/vet.toml");
    drop(store);
    let settings = fixture.folder().read_settings().unwrap().unwrap();
    assert_eq!((settings.name.as_str(), settings.bytes.as_slice()), ("store/vet.toml", &b"new"[..]));
    assert_eq!(fixture.names(), STORE_FILES);
}

#[test]
fn settings_that_appear_meanwhile_are_a_change() {
    let fixture = Fixture::new();
    fs::remove_file(fixture.path().join("vet.toml")).unwrap();
    let mut store = fixture.folder().lock(no_wait).unwrap();
    fs::write(fixture.path().join("vet.toml"), "").unwrap();
    store.commit(&[(AUDITS, b"new")]).unwrap_err();
    assert_eq!(fs::read_to_string(fixture.path().join("audits.toml")).unwrap(), "old audits.toml");
}

#[test]
fn settings_are_read_without_a_store() {
    let root = tempfile::tempdir().unwrap();
    let folder = StoreFolder::new(root.path().join("store"), "store");
    assert_eq!(folder.read_settings(), Ok(None));
    fs::create_dir_all(root.path().join("store/vet.toml")).unwrap();
    let problem = folder.read_settings().unwrap_err();
    assert_eq!(problem.message, "`store/vet.toml` cannot be read");
}

/// A folder with only settings, and files for a new store.
fn only_settings() -> (Fixture, Vec<(FolderFile, String)>) {
    let fixture = Fixture::new();
    let files = changes().into_iter().filter(|(file, _)| *file != FolderFile::Settings).collect();
    STORE_FILES
        .iter()
        .filter(|name| **name != "vet.toml")
        .for_each(|name| fs::remove_file(fixture.path().join(name)).unwrap());
    (fixture, files)
}

#[test]
fn a_new_store_may_have_settings_before() {
    let (fixture, files) = only_settings();
    let problems = fixture.folder().read(no_wait).unwrap_err();
    assert_eq!(problems[0].code, Code::StoreMissing);
    fs::create_dir(fixture.path().join(format!("{PREFIX}abc"))).unwrap();

    fixture.folder().create(&borrowed(&files)).unwrap();
    assert_eq!(fixture.names(), STORE_FILES);
    assert_eq!(
        fixture.read().unwrap(),
        ["new config.toml", "new audits.toml", "new imports.lock", "old vet.toml"]
    );
    assert_eq!(fixture.folder().create(&borrowed(&files)).unwrap_err().code, Code::StoreExists);

    fs::write(fixture.root.path().join("store/other"), "").unwrap();
    STORE_FILES
        .iter()
        .filter(|name| **name != "vet.toml")
        .for_each(|name| fs::remove_file(fixture.path().join(name)).unwrap());
    assert_eq!(fixture.folder().create(&borrowed(&files)).unwrap_err().code, Code::StoreExists);
}

#[test]
fn making_a_store_beside_settings_can_be_interrupted() {
    for moved in [&[][..], &[AUDITS], &[AUDITS, IMPORTS]] {
        for use_it in [
            |folder: StoreFolder| text(folder.read(no_wait)),
            |folder: StoreFolder| text(folder.lock(no_wait).map(|store| store.contents().clone())),
        ] {
            let (fixture, files) = only_settings();
            journal::write(&fixture.path(), &borrowed(&files)).unwrap();
            for file in moved {
                let name = file.name();
                fs::rename(fixture.path().join(READY).join(name), fixture.path().join(name)).unwrap();
            }
            assert_eq!(fixture.folder().create(&borrowed(&files)).unwrap_err().code, Code::StoreExists);
            let read = use_it(fixture.folder()).unwrap();
            assert_eq!(read, ["new config.toml", "new audits.toml", "new imports.lock", "old vet.toml"]);
            assert_eq!(fixture.names(), STORE_FILES);
        }
    }
}

#[test]
fn a_store_that_cannot_be_made_leaves_nothing() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("file"), "").unwrap();
    let below_a_file = StoreFolder::new(root.path().join("file/a/store"), "store");
    assert_eq!(below_a_file.create(&borrowed(&changes())).unwrap_err().code, Code::Io);
    // The name is longer than any file system allows.
    let too_long = StoreFolder::new(root.path().join("a/b").join("x".repeat(5000)), "store");
    assert_eq!(too_long.create(&borrowed(&changes())).unwrap_err().code, Code::Io);
    let twice = [(AUDITS, &b""[..]), (AUDITS, &b""[..])];
    let unwritable = StoreFolder::new(root.path().join("a/b/store"), "store");
    unwritable.create(&twice).unwrap_err();
    assert_eq!(names_in(root.path()), ["file"]);
}

#[cfg(unix)]
mod unix;
