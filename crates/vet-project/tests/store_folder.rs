//! The folder of a store used by several processes: they wait for each other, and one may be killed
//! at any moment.

#![expect(clippy::unwrap_used, reason = "what fails in a test should stop it, with the line that is wrong")]

use std::fs;
use std::io::{BufRead, BufReader, Lines};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use vet_project::store_folder::{StoreContents, StoreFolder};
use vet_store::{FolderFile, StoreFile};

const ROLE: &str = "VET_TEST_ROLE";
const STORE: &str = "VET_TEST_STORE";

/// Not a test, but the code of the other processes.
#[test]
#[ignore = "the tests start this as a process of its own"]
fn child() {
    let (Ok(role), Ok(path)) = (std::env::var(ROLE), std::env::var(STORE)) else { return };
    let folder = StoreFolder::new(path, "store");
    match role.as_str() {
        "commit for ever" => {
            println!("ready");
            loop {
                let mut store = folder.lock(|| {}).unwrap();
                let next = generation(store.contents()) + 1;
                write_generation(&mut store, next);
            }
        }
        "lock once" => {
            let store = folder.lock(|| println!("waiting")).unwrap();
            println!("generation {}", generation(store.contents()));
        }
        other => panic!("{other}"),
    }
}

struct Process {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Process {
    fn start(role: &str, store: &Path) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child", "--ignored", "--nocapture"])
            .env(ROLE, role)
            .env(STORE, store)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Process { child, lines }
    }

    /// The next line that the process writes, except those of the test harness.
    fn line(&mut self) -> String {
        let ours =
            |line: &String| ["ready", "waiting", "generation"].iter().any(|word| line.starts_with(word));
        self.lines.by_ref().map(Result::unwrap).find(ours).unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Fixture {
    root: TempDir,
}

impl Fixture {
    fn new() -> Self {
        let fixture = Fixture { root: TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap() };
        let texts = FolderFile::ALL.map(|file| (file, text(file, 0)));
        let files: Vec<_> = texts.iter().map(|(file, text)| (*file, text.as_bytes())).collect();
        fixture.folder().create(&files).unwrap();
        fixture
    }

    fn path(&self) -> PathBuf {
        self.root.path().join("store")
    }

    fn folder(&self) -> StoreFolder {
        StoreFolder::new(self.path(), "store")
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

/// A text that identifies itself at both ends and takes some time to write.
fn text(file: FolderFile, generation: u64) -> String {
    const LINES: usize = 2000;
    let middle = "# a line of which there are many, so that a file is not written at once\n".repeat(LINES);
    format!("{generation}\n{middle}{} {generation}\n", file.name())
}

/// The generation of a store. All files must be complete and of the same generation.
fn generation(contents: &StoreContents) -> u64 {
    let text_of = |file| str::from_utf8(contents.find(file).unwrap().bytes).unwrap();
    let generation = text_of(StoreFile::Config.into()).lines().next().unwrap().parse().unwrap();
    for file in FolderFile::ALL {
        assert!(text_of(file) == text(file, generation), "{} is not of generation {generation}", file.name());
    }
    generation
}

fn write_generation(store: &mut vet_project::store_folder::LockedStore, generation: u64) {
    let texts = FolderFile::ALL.map(|file| (file, text(file, generation)));
    let files: Vec<_> = texts.iter().map(|(file, text)| (*file, text.as_bytes())).collect();
    assert_eq!(store.commit(&files).unwrap().len(), FolderFile::ALL.len());
}

#[test]
fn a_process_that_waits_says_so_once() {
    let fixture = Fixture::new();
    let mut free = Process::start("lock once", &fixture.path());
    assert_eq!(free.line(), "generation 0");

    let mut store = fixture.folder().lock(|| {}).unwrap();
    let mut waiting = Process::start("lock once", &fixture.path());
    assert_eq!(waiting.line(), "waiting");
    write_generation(&mut store, 1);
    write_generation(&mut store, 2);
    drop(store);
    assert_eq!(waiting.line(), "generation 2");
}

#[test]
fn a_lock_on_a_file_that_was_replaced_is_not_enough() {
    let fixture = Fixture::new();
    let store = fixture.folder().lock(|| {}).unwrap();
    let mut waiting = Process::start("lock once", &fixture.path());
    assert_eq!(waiting.line(), "waiting");
    // Like a version control system, which does not use locks.
    for file in FolderFile::ALL {
        let draft = fixture.root.path().join("draft");
        fs::write(&draft, text(file, 7)).unwrap();
        fs::rename(&draft, fixture.path().join(file.name())).unwrap();
    }
    let reader_has_it = fixture.folder().read(|| panic!("no process has locked the new file")).unwrap();
    assert_eq!(generation(&reader_has_it), 7);
    drop(store);
    assert_eq!(waiting.line(), "generation 7");
}

#[test]
fn readers_never_see_a_mixture() {
    const DURATION: Duration = Duration::from_millis(1500);
    const READERS: usize = 3;
    let fixture = Fixture::new();
    let mut writer = Process::start("commit for ever", &fixture.path());
    assert_eq!(writer.line(), "ready");
    let stop = AtomicBool::new(false);
    let read_until_stopped = || {
        let folder = fixture.folder();
        let (mut last, mut seen) = (0, 0);
        while !stop.load(Ordering::Relaxed) {
            let now = generation(&folder.read(|| {}).unwrap());
            assert!(now >= last, "generation {now} after {last}");
            seen += usize::from(now > last);
            last = now;
            // If some process always shares the lock, a writer never gets it.
            std::thread::sleep(Duration::from_millis(1));
        }
        seen
    };
    let seen: usize = std::thread::scope(|scope| {
        let readers = [(); READERS].map(|()| scope.spawn(read_until_stopped));
        std::thread::sleep(DURATION);
        stop.store(true, Ordering::Relaxed);
        readers.into_iter().map(|reader| reader.join().unwrap()).sum()
    });
    assert!(seen >= READERS, "the writer came to write while others read: {seen}");
}

#[test]
fn a_killed_writer_leaves_the_old_store_or_the_new_one() {
    const KILLS: u32 = 150;
    let fixture = Fixture::new();
    let complete = fixture.names();
    let start = Instant::now();
    write_generation(&mut fixture.folder().lock(|| {}).unwrap(), 1);
    let one_commit = start.elapsed();

    let mut last = 1;
    let (mut drafts, mut journals) = (0, 0);
    for kill in 0..KILLS {
        let mut writer = Process::start("commit for ever", &fixture.path());
        assert_eq!(writer.line(), "ready");
        // The kills are spread over the time of two commits.
        std::thread::sleep(one_commit * 2 * kill / KILLS);
        drop(writer);
        let has_journal = fixture.path().join(".vet-commit.ready").exists();
        journals += u32::from(has_journal);
        drafts += u32::from(!has_journal && fixture.names() != complete);

        let read = generation(&fixture.folder().read(|| panic!("no process has a lock")).unwrap());
        assert!(read >= last, "generation {read} after {last}");
        last = read + 1;
        let mut store = fixture.folder().lock(|| panic!("no process has a lock")).unwrap();
        assert_eq!(generation(store.contents()), read);
        assert_eq!(fixture.names(), complete, "what was left is removed");
        for file in FolderFile::ALL {
            let in_place = fs::read_to_string(fixture.path().join(file.name())).unwrap();
            assert!(in_place == text(file, read), "{} is not in place", file.name());
        }
        write_generation(&mut store, last);
    }
    eprintln!(
        "of {KILLS} kills, {drafts} came while files were written and {journals} while they were moved"
    );
    assert!(drafts + journals > 0, "no kill came in the middle of a commit");
}
