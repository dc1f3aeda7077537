//! Archives from a registry on this machine, which works or misbehaves.

#![expect(clippy::unwrap_used, reason = "what fails in a test should stop it, with the line that is wrong")]

use std::cell::RefCell;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;
use vet_diagnostics::Diagnostic;
use vet_fetch::archives::Sources;
use vet_fetch::archives::{ArchiveEvent, Archives, Crate, WantedArchive};
use vet_fetch::cache::Cache;
use vet_fetch::crates_io::CratesIo;
use vet_fetch::http::{CaFile, Client, FetchEvent, HttpSettings, Patience};
use vet_project::{CargoConfiguration, Checkout, RegistryEnvironment};
use vet_testing::{Authority, Fault, World, sha256};

/// A machine that uses the registry of a world instead of crates.io.
struct Machine {
    world: World,
    folder: TempDir,
    offline: bool,
}

impl Machine {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let world = World::new();
        world.publish("alpha 1.0.0 2024-01-01 ann\nalpha 1.1.0 2024-02-01 ann\nbeta 1.0.0 2024-01-01 bob");
        fs::create_dir_all(folder.path().join("home")).unwrap();
        fs::write(folder.path().join("home/config.toml"), world.configuration()).unwrap();
        fs::write(folder.path().join("authority.pem"), Authority::new().pem()).unwrap();
        Machine { world, folder, offline: false }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// A version, with the checksum from `Cargo.lock`.
    fn locked(&self, package: &str) -> WantedArchive {
        WantedArchive { checksum: Some(self.world.checksum(package)), ..unlocked(package) }
    }

    /// Requests archives with a new client, as in a new run. Returns one answer for each, in the
    /// order of their arrival.
    fn bring(&self, wanted: &[WantedArchive]) -> Vec<(usize, Result<Crate, Diagnostic>)> {
        self.bring_and_tell(wanted, &|_| {})
    }

    fn bring_and_tell(
        &self,
        wanted: &[WantedArchive],
        report: &dyn Fn(ArchiveEvent<'_>),
    ) -> Vec<(usize, Result<Crate, Diagnostic>)> {
        let mut got = Vec::new();
        self.with_archives(|archives| {
            archives.bring(wanted, report, &mut |place, answer| got.push((place, answer)));
        });
        let mut places: Vec<usize> = got.iter().map(|(place, _)| *place).collect();
        places.sort_unstable();
        assert_eq!(places, (0..wanted.len()).collect::<Vec<_>>(), "there is one answer for each");
        got
    }

    /// A run that needs archives.
    fn with_archives(&self, run: impl FnOnce(Archives<'_>)) {
        let client = Client::new(HttpSettings {
            // Nothing of the real machine is used.
            ca_files: vec![CaFile { path: self.path("authority.pem"), named_by: "a test" }],
            offline: self.offline,
            retries: 2,
            cache: Some(Cache::new(self.path("cache"))),
            patience: Patience { first_pause: Duration::from_millis(1), ..Patience::default() },
            ..HttpSettings::new()
        })
        .unwrap();
        let home = self.path("home");
        let project = self.path("project");
        let checkout = Checkout::of_folder(&project);
        let configuration = CargoConfiguration::of_folder(&project, Some(&home), &checkout).registries;
        let crates_io = CratesIo::new(
            &client,
            Some(&home),
            &configuration,
            &RegistryEnvironment::default(),
            &Cache::new(self.path("cache")),
        );
        let mut sources = Sources { cargo_home: Some(home), ..Sources::default() };
        sources.vendored.folders.push(self.path("vendor"));
        run(Archives::new(&crates_io, sources));
    }

    /// Requests one archive. Returns the requests and the result.
    fn run(&self, wanted: &WantedArchive) -> String {
        self.world.asked();
        let (_, answer) = self.bring(std::slice::from_ref(wanted)).pop().unwrap();
        let line = self.line(&answer);
        let short = |path: String| match path.as_str() {
            "/index/config.json" => "config".to_owned(),
            path if path.starts_with("/index/") => "index".to_owned(),
            path if path.starts_with("/dl/") => "archive".to_owned(),
            _ => path,
        };
        let mut asked: Vec<String> = self.world.asked().into_iter().map(short).collect();
        asked.sort();
        format!("{}: {line}", asked.join(" "))
    }

    fn line(&self, answer: &Result<Crate, Diagnostic>) -> String {
        match answer {
            Ok(brought) => {
                let whole = if brought.is_whole() { "" } else { " in part" };
                match brought.tree() {
                    Ok(tree) => {
                        let files: Vec<&str> = tree.files().map(|(path, _)| path).collect();
                        format!("{}{whole}", files.join(" "))
                    }
                    Err(problem) => self.problem(&problem),
                }
            }
            Err(problem) => self.problem(problem),
        }
    }

    fn problem(&self, problem: &Diagnostic) -> String {
        let mut lines = vec![format!("{} {}", problem.code, problem.message)];
        lines.extend(problem.notes.iter().cloned());
        let text = lines.join(" | ").replace(&self.world.host(), "HOST");
        text.replace(&self.folder.path().display().to_string(), "FOLDER").replace('\\', "/")
    }

    /// The names of the archive files in the cache.
    fn cached(&self) -> Vec<String> {
        let files = fs::read_dir(self.path("cache/cache")).into_iter().flatten();
        let mut names: Vec<String> =
            files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Removes downloaded archives.
    fn forget(&self) {
        let _ = fs::remove_dir_all(self.path("cache/cache"));
    }
}

fn unlocked(package: &str) -> WantedArchive {
    let (name, version) = package.split_once(' ').unwrap();
    WantedArchive { name: name.to_owned(), version: version.parse().unwrap(), checksum: None }
}

const FILES: &str = "Cargo.toml src/lib.rs";
const CARGO: &str = "home/registry/cache/some-index/alpha-1.0.0.crate";
const OURS: &str = "cache/cache/alpha-1.0.0.crate";

#[test]
fn archives_come_from_where_they_are() {
    let mut machine = Machine::new();
    let wanted = machine.locked("alpha 1.0.0");
    assert_eq!(machine.run(&wanted), format!("archive config: {FILES}"));
    assert_eq!(machine.cached(), ["alpha-1.0.0.crate"]);
    assert_eq!(machine.run(&wanted), format!(": {FILES}"), "it is kept");

    machine.forget();
    machine.write(CARGO, machine.world.archive("alpha", "1.0.0"));
    machine.offline = true;
    assert_eq!(machine.run(&wanted), format!(": {FILES}"), "cargo has it");
    assert_eq!(machine.cached(), [""; 0]);

    // Other versions are not in the lock file, so their checksums come from the index.
    machine.offline = false;
    assert_eq!(machine.run(&unlocked("alpha 1.0.0")), format!("index: {FILES}"));
    assert_eq!(machine.run(&unlocked("alpha 1.1.0")), format!("archive: {FILES}"));
    machine.offline = true;
    assert_eq!(machine.run(&unlocked("alpha 1.1.0")), format!(": {FILES}"));
}

/// Wrong archives are skipped, and files outside the cache stay unchanged.
#[test]
fn wrong_archives_are_not_used() {
    let mut machine = Machine::new();
    let wanted = machine.locked("alpha 1.0.0");
    let other = machine.world.archive("alpha", "1.1.0");
    machine.write(CARGO, &other);
    machine.write(OURS, "damaged");
    machine.offline = true;
    let expected = format!(
        ": VET0721 the archive of `alpha` 1.0.0 is not on this machine, and network access is disabled \
         | `FOLDER/{CARGO}` has a different checksum, {} | `FOLDER/{OURS}` has a different checksum, {}",
        sha256(&other),
        sha256(b"damaged")
    );
    assert_eq!(machine.run(&wanted), expected);
    machine.offline = false;
    assert_eq!(machine.run(&wanted), format!("archive config: {FILES}"));
    assert_eq!(machine.run(&wanted), format!(": {FILES}"), "ours was put right");
    assert_eq!(fs::read(machine.path(CARGO)).unwrap(), other);
}

/// Whatever the server does, the archive is right or there is an error.
#[test]
fn servers_do_many_things() {
    let machine = Machine::new();
    let wanted = machine.locked("alpha 1.0.0");
    machine.run(&machine.locked("beta 1.0.0"));
    let url = "`http://HOST/dl/alpha/1.0.0/download`";
    let mut changed = machine.world.archive("alpha", "1.0.0");
    let half = changed.len() / 2;
    changed[half] ^= 0xff;
    let is_wrong = |found: &[u8]| {
        format!(
            "VET0722 the archive of `alpha` 1.0.0 has a wrong checksum | {url} sends an archive with the checksum {} | \
             Cargo.lock says {}",
            sha256(found),
            machine.world.checksum("alpha 1.0.0")
        )
    };
    let failed = "VET0721 could not download the archive of `alpha` 1.0.0";
    for (faults, asked, expected) in [
        (&[][..], 1, FILES.to_owned()),
        (&[Fault::Slow], 1, FILES.to_owned()),
        (&[Fault::Mislabelled], 1, FILES.to_owned()),
        (&[Fault::Truncated, Fault::Mislabelled], 2, FILES.to_owned()),
        (&[Fault::Truncated], 2, FILES.to_owned()),
        (&[Fault::Truncated, Fault::Truncated], 3, FILES.to_owned()),
        (&[Fault::Reset, Fault::Busy], 3, FILES.to_owned()),
        (&[Fault::TooMany], 2, FILES.to_owned()),
        (&[Fault::Truncated, Fault::NoRange], 2, FILES.to_owned()),
        (&[Fault::Truncated, Fault::WrongRange], 3, FILES.to_owned()),
        (
            &[Fault::Busy, Fault::Busy, Fault::Busy],
            3,
            format!("{failed} | {url} answered with status 503 Service Unavailable | the server asks to wait for 0 s | 3 attempts failed"),
        ),
        (&[Fault::Corrupt], 1, is_wrong(&changed)),
        (
            &[Fault::Page],
            1,
            is_wrong(b"<!DOCTYPE html>\n<html></html>\n"),
        ),
        (
            &[Fault::Missing],
            1,
            "VET0721 the registry has no archive of `alpha` 1.0.0 | its server reports that there is no such file".to_owned(),
        ),
        (
            &[Fault::Truncated, Fault::Missing],
            2,
            "VET0721 the registry has no archive of `alpha` 1.0.0 | its server reports that there is no such file".to_owned(),
        ),
        (&[Fault::Forbidden], 1, format!("{failed} | {url} answered with status 403 Forbidden")),
    ] {
        machine.forget();
        machine.world.disturb_download("alpha 1.0.0", faults);
        let asked = vec!["archive"; asked].join(" ");
        assert_eq!(machine.run(&wanted), format!("{asked}: {expected}"), "{faults:?}");
        machine.world.disturb_download("alpha 1.0.0", &[]);
        let run = machine.run(&wanted);
        let is_kept = expected == FILES;
        assert_eq!(run.starts_with(':'), is_kept, "{faults:?}: {run}");
        assert!(run.ends_with(FILES), "{faults:?}: {run}");
    }
}

/// An interrupted run leaves the beginning of an archive, which may belong to another one.
#[test]
fn downloads_go_on() {
    let machine = Machine::new();
    let wanted = machine.locked("alpha 1.0.0");
    machine.run(&machine.locked("beta 1.0.0"));
    let whole = machine.world.archive("alpha", "1.0.0");
    let changed = [b"x", &whole[1..20]].concat();
    let longer = [&whole[..], b"more"].concat();
    for (left, faults, asked) in [
        (&whole[..1], &[][..], 1),
        (&whole[..whole.len() - 1], &[], 1),
        (&whole[..20], &[Fault::NoRange], 1),
        (&whole[..20], &[Fault::WrongRange], 2),
        (&whole[..20], &[Fault::Truncated], 2),
        (&whole[..], &[], 0),
        (&changed, &[], 2),
        (&changed, &[Fault::NoRange], 1),
        (&longer, &[], 2),
        (b"<html>", &[], 2),
    ] {
        machine.forget();
        machine.write("cache/cache/alpha-1.0.0.crate.part", left);
        machine.world.disturb_download("alpha 1.0.0", faults);
        let asked = vec!["archive"; asked].join(" ");
        assert_eq!(machine.run(&wanted), format!("{asked}: {FILES}"), "{} {faults:?}", left.len());
        assert_eq!(machine.cached(), ["alpha-1.0.0.crate"]);
        assert_eq!(fs::read(machine.path(OURS)).unwrap(), whole);
    }
}

#[test]
fn downloads_go_on_from_everywhere() {
    let machine = Machine::new();
    let wanted = machine.locked("alpha 1.0.0");
    let whole = machine.world.archive("alpha", "1.0.0");
    for length in (0..=whole.len()).step_by(9) {
        machine.forget();
        machine.write("cache/cache/alpha-1.0.0.crate.part", &whole[..length]);
        assert!(machine.run(&wanted).ends_with(&format!("archive: {FILES}")) || length == 0, "{length}");
        assert_eq!(fs::read(machine.path(OURS)).unwrap(), whole, "{length}");
    }
}

/// Cargo's markers, and the path for registries without markers.
#[test]
fn registries_say_where_archives_are() {
    for template in ["/dl", "/dl/{crate}/{version}/download"] {
        let machine = Machine::new();
        machine.world.say_downloads_are_at(template);
        assert_eq!(
            machine.run(&machine.locked("alpha 1.0.0")),
            format!("archive config: {FILES}"),
            "{template}"
        );
    }
    let machine = Machine::new();
    machine.world.say_downloads_are_at("/dl/{crate}/{prefix}/{lowerprefix}/{sha256-checksum}");
    machine.run(&machine.locked("alpha 1.0.0"));
    let checksum = machine.world.checksum("alpha 1.0.0");
    let asked = machine.world.asked();
    assert_eq!(asked, [""; 0], "they were looked at");
    let problem = machine.bring(&[machine.locked("alpha 1.0.0")]).pop().unwrap().1.unwrap_err();
    assert!(problem.message.starts_with("the registry has no archive"), "{problem:?}");
    assert_eq!(machine.world.asked(), [format!("/dl/alpha/al/ph/al/ph/{checksum}")]);
}

#[test]
fn those_at_hand_come_first() {
    let machine = Machine::new();
    machine.run(&machine.locked("beta 1.0.0"));
    machine.run(&machine.locked("alpha 1.1.0"));
    let wanted = [
        unlocked("alpha 9.0.0"),
        machine.locked("alpha 1.0.0"),
        machine.locked("beta 1.0.0"),
        unlocked("../beta 1.0.0"),
        unlocked("alpha 1.1.0"),
    ];
    let events = RefCell::new(Vec::new());
    let got = machine.bring_and_tell(&wanted, &|event| {
        let text = match event {
            ArchiveEvent::Missing(count) => format!("{count} missing"),
            ArchiveEvent::Download { index, event: FetchEvent::Started } => format!("{index} started"),
            ArchiveEvent::Download { index, event: FetchEvent::Finished } => format!("{index} finished"),
            ArchiveEvent::Download { index, event: FetchEvent::Received { bytes, total } } => {
                assert!(total.is_some_and(|total| total == bytes));
                format!("{index} whole")
            }
            ArchiveEvent::Download { index, event: FetchEvent::Retrying { .. } } => format!("{index} again"),
        };
        events.borrow_mut().push(text);
    });
    let lines: Vec<String> =
        got.iter().map(|(place, answer)| format!("{place} {}", machine.line(answer))).collect();
    assert_eq!(
        lines,
        [
            "3 VET0721 there is no archive of `../beta` 1.0.0 | no crate can have this name".to_owned(),
            format!("2 {FILES}"),
            "0 VET0721 there is no archive of `alpha` 9.0.0 | the index has no such version".to_owned(),
            format!("4 {FILES}"),
            format!("1 {FILES}"),
        ]
    );
    assert_eq!(events.into_inner(), ["1 missing", "1 started", "1 whole", "1 finished"]);
}

#[test]
fn without_the_network() {
    let mut machine = Machine::new();
    machine.offline = true;
    let wanted = machine.locked("alpha 1.0.0");
    let message = "the archive of `alpha` 1.0.0 is not on this machine, and network access is disabled";
    assert_eq!(machine.run(&wanted), format!(": VET0721 {message}"));
    let problem = machine.bring(&[wanted]).pop().unwrap().1.unwrap_err();
    assert_eq!(problem.help.unwrap(), "run `cargo fetch` to download the packages in Cargo.lock");
    let expected = ": VET0721 the checksum of `alpha` 1.0.0 is unknown, and network access is disabled \
                    | Cargo.lock does not contain this version, so the index is needed";
    assert_eq!(machine.run(&unlocked("alpha 1.0.0")), expected);

    machine.offline = false;
    machine.world.close("/index/");
    let (_, answer) = machine.bring(&[unlocked("alpha 1.0.0")]).pop().unwrap();
    let expected = "VET0721 could not download the archive of `alpha` 1.0.0 | `http://HOST/index/config.json` answered with status 503 Service Unavailable | 3 attempts failed";
    let found = machine.line(&answer);
    assert!(found.starts_with(expected), "{found}");
}

/// Vendored sources are used if nothing else is available, and do not count as complete.
#[test]
fn vendored_sources_are_better_than_nothing() {
    let mut machine = Machine::new();
    let wanted = machine.locked("alpha 1.0.0");
    let list = |package: &str, files: &[(&str, &str)]| {
        let files: Vec<String> =
            files.iter().map(|(path, text)| format!("{path:?}:\"{}\"", sha256(text.as_bytes()))).collect();
        format!("{{\"files\":{{{}}},\"package\":\"{package}\"}}", files.join(","))
    };
    let checksum = machine.world.checksum("alpha 1.0.0");
    machine.write("vendor/alpha/src/lib.rs", "vendored");
    machine.write("vendor/alpha/more", "not listed");
    machine.write("vendor/alpha/.cargo-checksum.json", list(&checksum, &[("src/lib.rs", "vendored")]));
    assert_eq!(machine.run(&wanted), format!("archive config: {FILES}"));
    machine.forget();
    machine.world.close("/dl/");
    assert_eq!(machine.run(&wanted), "archive archive archive: src/lib.rs in part");
    machine.offline = true;
    assert_eq!(machine.run(&wanted), ": src/lib.rs in part");

    let folder = "the folder is `FOLDER/vendor/alpha`";
    for (files, expected) in [
        (
            &[("src/lib.rs", "changed")][..],
            format!(
                "VET0722 `src/lib.rs` of the vendored `alpha` 1.0.0 has a wrong checksum | {folder} | it has {} | \
                 `.cargo-checksum.json` says {}",
                sha256(b"vendored"),
                sha256(b"changed")
            ),
        ),
        (
            &[("../beta/x", "")],
            format!("VET0723 `../beta/x` of the vendored `alpha` 1.0.0 is outside its folder | {folder}"),
        ),
    ] {
        machine.write("vendor/alpha/.cargo-checksum.json", list(&checksum, files));
        assert_eq!(machine.run(&wanted), format!(": {expected}"));
    }
    machine.write("vendor/alpha/.cargo-checksum.json", list(&checksum, &[("missing", "")]));
    let found = machine.run(&wanted);
    assert!(found.starts_with(": VET0721 `missing` of the vendored `alpha` 1.0.0 cannot be read"), "{found}");

    machine.write("vendor/alpha/.cargo-checksum.json", list(&sha256(b"another"), &[]));
    assert!(
        machine.run(&wanted).starts_with(": VET0721 the archive of `alpha` 1.0.0 is not on this machine")
    );
}

/// An archive is also verified when it is read.
#[test]
fn what_changes_meanwhile_is_not_used() {
    let machine = Machine::new();
    let brought = machine.bring(&[machine.locked("alpha 1.0.0")]).pop().unwrap().1.unwrap();
    assert!(brought.tree().is_ok());
    machine.write(OURS, machine.world.archive("alpha", "1.1.0"));
    let problem = brought.tree().unwrap_err();
    assert_eq!(problem.message, "the archive of `alpha` 1.0.0 changed while this command ran");
    machine.forget();
    assert_eq!(brought.tree().unwrap_err().message, "the archive of `alpha` 1.0.0 has disappeared");
}

/// The archive's stated size is the unpacked size, or `None` if it cannot be read.
#[test]
fn how_much_an_archive_takes_is_seen_before() {
    let machine = Machine::new();
    let brought = machine.bring(&[machine.locked("alpha 1.0.0")]).pop().unwrap().1.unwrap();
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(fs::File::open(machine.path(OURS)).unwrap())
        .read_to_end(&mut unpacked)
        .unwrap();
    assert!(unpacked.len() >= brought.tree().unwrap().bytes());
    assert_eq!(brought.unpacked_bytes(), Some(unpacked.len() as u64));
    machine.write(OURS, "abc");
    assert_eq!(brought.unpacked_bytes(), None);
    machine.forget();
    assert_eq!(brought.unpacked_bytes(), None);
}

/// Archives in use stay in the cache, and those in cargo's folder are not touched.
#[test]
fn archives_in_use_are_new() {
    let machine = Machine::new();
    let wanted = [machine.locked("alpha 1.0.0"), machine.locked("beta 1.0.0")];
    machine.write("home/registry/cache/i/beta-1.0.0.crate", machine.world.archive("beta", "1.0.0"));
    machine.bring(&wanted);
    let theirs = machine.path("home/registry/cache/i/beta-1.0.0.crate");
    let old = SystemTime::now() - Duration::from_secs(1000);
    let modified = |path: &Path| fs::metadata(path).unwrap().modified().unwrap();
    for path in [&machine.path(OURS), &theirs] {
        fs::File::options().write(true).open(path).unwrap().set_modified(old).unwrap();
    }
    machine.bring(&wanted);
    assert!(modified(&machine.path(OURS)) > old + Duration::from_secs(500));
    assert!(modified(&theirs) < old + Duration::from_secs(500));
}

/// An archive that was published like this, and that cargo would not create.
#[test]
fn archives_that_make_no_sense() {
    let machine = Machine::new();
    let text = b"not an archive";
    machine.write(OURS, text);
    let wanted = WantedArchive { checksum: Some(sha256(text)), ..unlocked("alpha 1.0.0") };
    let found = machine.run(&wanted);
    assert!(found.starts_with(": VET0723 could not unpack the archive of `alpha` 1.0.0 | "), "{found}");
    assert!(found.ends_with(&format!(" | the archive is `FOLDER/{OURS}`")), "{found}");
    for checksum in ["", "../x", "\u{1b}[2J"] {
        let wanted = WantedArchive { checksum: Some(checksum.to_owned()), ..unlocked("alpha 1.0.0") };
        let found = machine.run(&wanted);
        assert!(found.contains("VET0722") && !found.contains('\u{1b}'), "{found}");
    }
}

/// If the cache cannot be written, archives stay in memory.
#[test]
fn without_a_cache() {
    let machine = Machine::new();
    machine.write("cache", "a file in place of the folder");
    let wanted = machine.locked("alpha 1.0.0");
    machine.world.disturb_download("alpha 1.0.0", &[Fault::Truncated]);
    assert_eq!(machine.run(&wanted), format!("archive archive config: {FILES}"));
}

/// A caller that no longer needs archives need not wait for them, and a later run continues from
/// there.
#[test]
fn bringing_can_be_stopped() {
    let machine = Machine::new();
    let wanted = [machine.locked("beta 1.0.0"), machine.locked("alpha 1.0.0"), machine.locked("alpha 1.1.0")];
    machine.with_archives(|archives| {
        let is_stopped = AtomicBool::new(false);
        let archives = archives.until(&is_stopped);
        let mut got = Vec::new();
        archives.bring(&wanted, &|_| {}, &mut |place, _| {
            got.push(place);
            is_stopped.store(true, Ordering::Relaxed);
        });
        assert_eq!((got.len(), archives.is_stopped()), (1, true));
        archives.bring(&wanted[..1], &|_| {}, &mut |_, answer| drop(answer));
    });
    assert!(machine.bring(&wanted).iter().all(|(_, answer)| answer.is_ok()));
}

/// What is unavailable is requested only once in a run.
#[test]
fn what_failed_is_not_tried_again_in_the_same_run() {
    let machine = Machine::new();
    let wanted = [machine.locked("alpha 1.0.0")];
    machine.world.disturb_download("alpha 1.0.0", &[Fault::Missing]);
    machine.with_archives(|archives| {
        let problem = || {
            let mut problems = Vec::new();
            archives.bring(&wanted, &|_| {}, &mut |_, answer| problems.push(answer.unwrap_err()));
            problems
        };
        assert_eq!(problem(), problem());
    });
    assert_eq!(machine.run(&wanted[0]), format!("archive: {FILES}"));
}
