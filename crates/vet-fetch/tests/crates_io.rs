//! Look-ups of crates in a registry on this machine, which cargo's configuration uses instead of
//! crates.io.

#![expect(clippy::unwrap_used, reason = "what fails in a test should stop it, with the line that is wrong")]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use semver::Version;
use tempfile::TempDir;
use vet_diagnostics::{Code, Diagnostic};
use vet_fetch::cache::Cache;
use vet_fetch::crates_io::{CratesIo, Known, Needed, Wanted};
use vet_fetch::http::{CaFile, Client, HttpSettings, Patience};
use vet_project::sha256::sha256;
use vet_project::{CargoConfiguration, Checkout, RegistryEnvironment};
use vet_testing::{Asked, Authority, Reply, TestServer};

/// The files of the registry, by path. They can change while it runs.
type Files = Arc<Mutex<BTreeMap<String, String>>>;

/// A registry, and a machine that uses it instead of crates.io.
struct World {
    server: TestServer,
    files: Files,
    folder: TempDir,
    offline: bool,
    environment: Vec<(&'static str, &'static str)>,
    /// How many requests were already examined.
    looked_at: RefCell<usize>,
}

impl World {
    fn new() -> Self {
        Self::with(None, |_| true)
    }

    /// A registry that answers only some requests, optionally over HTTPS.
    fn with(
        authority: Option<&Authority>,
        may_know: impl Fn(&Asked) -> bool + Send + Sync + 'static,
    ) -> Self {
        let files = Files::default();
        let of_server = Arc::clone(&files);
        let script = move |asked: &Asked| match of_server.lock().unwrap().get(&asked.path) {
            _ if !may_know(asked) => Reply::status(401),
            Some(text) => Reply::ok(text.as_str()),
            None => Reply::status(404),
        };
        let folder = tempfile::tempdir().unwrap();
        let pem = authority.map_or_else(|| Authority::new().pem(), Authority::pem);
        fs::write(folder.path().join("authority.pem"), pem).unwrap();
        let server = match authority {
            Some(authority) => TestServer::start_tls(authority, "127.0.0.1", script),
            None => TestServer::start(script),
        };
        let looked_at = RefCell::new(0);
        let world = World { server, files, folder, offline: false, environment: Vec::new(), looked_at };
        world.replace_crates_io();
        world.serve(
            "/index/config.json",
            &format!("{{\"dl\": \"x\", \"api\": \"{}\"}}", world.server.url("/")),
        );
        world
    }

    /// The server becomes the mirror of crates.io.
    fn replace_crates_io(&self) {
        let index = self.server.url("/index/");
        self.configure(&format!(
            "[source.crates-io]\nreplace-with = \"mirror\"\n[registries.mirror]\nindex = \"sparse+{index}\"\n"
        ));
    }

    fn configure(&self, text: &str) {
        fs::create_dir_all(self.folder.path().join("home")).unwrap();
        fs::write(self.folder.path().join("home/config.toml"), text).unwrap();
    }

    fn serve(&self, path: &str, text: &str) {
        self.files.lock().unwrap().insert(path.to_owned(), text.to_owned());
    }

    /// Publishes the crate `demo` in the index and in the API, with different versions.
    fn publish(&self, index: &str, api: &str) {
        let lines: String =
            index.split(' ').map(|version| format!("{{\"vers\": \"{version}\"}}\n")).collect();
        self.serve("/index/de/mo/demo", &lines);
        let entry = |version: &str| {
            format!(
                "{{\"num\": \"{version}\", \"created_at\": \"2020-05-01T00:00:00Z\", \
                 \"published_by\": {{\"id\": 1, \"login\": \"ann\"}}}}"
            )
        };
        let entries: Vec<String> = api.split_whitespace().map(entry).collect();
        self.serve("/api/v1/crates/demo", &format!("{{\"versions\": [{}]}}", entries.join(",")));
    }

    fn cache(&self) -> Cache {
        Cache::new(self.folder.path().join("cache"))
    }

    /// Runs a function with a new client, as in a new run.
    fn in_a_run<T>(&self, what: impl FnOnce(&CratesIo<'_>) -> T) -> T {
        let client = Client::new(HttpSettings {
            // Nothing of the real machine is used.
            ca_files: vec![CaFile { path: self.folder.path().join("authority.pem"), named_by: "a test" }],
            offline: self.offline,
            retries: 0,
            cache: Some(self.cache()),
            patience: Patience { first_pause: Duration::from_millis(1), ..Patience::default() },
            ..HttpSettings::new()
        })
        .unwrap();
        let home = self.folder.path().join("home");
        let project = self.folder.path().join("project");
        let checkout = Checkout::of_folder(&project);
        let configuration = CargoConfiguration::of_folder(&project, Some(&home), &checkout).registries;
        let variables =
            self.environment.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
        let environment = RegistryEnvironment::read(variables);
        what(&CratesIo::new(&client, Some(&home), &configuration, &environment, &self.cache()))
    }

    fn look_up(&self, wanted: &[(&str, Needed)]) -> BTreeMap<String, Result<Option<Arc<Known>>, Diagnostic>> {
        let wanted: Vec<Wanted> = wanted
            .iter()
            .map(|(name, what)| Wanted { name: (*name).to_owned(), what: what.clone() })
            .collect();
        let last = RefCell::new((0, 0));
        let report = |done: usize, total: usize| {
            assert!(done >= last.borrow().0 && done <= total, "{done} of {total} after {last:?}");
            *last.borrow_mut() = (done, total);
        };
        let answers = self.in_a_run(|crates_io| crates_io.look_up(&wanted, &report));
        let (done, total) = last.into_inner();
        assert_eq!(done, total);
        answers
    }

    /// Serves the entry of the crate `demo` with checksums, which are the digests of the version
    /// numbers.
    fn publish_with_checksums(&self, versions: &str) {
        let line =
            |version: &str| format!("{{\"vers\": \"{version}\", \"cksum\": \"{}\"}}\n", sha256(version));
        self.serve("/index/de/mo/demo", &versions.split(' ').map(line).collect::<String>());
    }

    /// Asks for checksums of versions of `demo` and of another crate, such as `demo 1.0.0`. Returns
    /// the requests, and which checksums are known.
    fn checksums(&self, wanted: &[&str]) -> String {
        let answers = self.in_a_run(|crates_io| self.checksums_in(crates_io, wanted));
        format!("{}: {answers}", self.asked())
    }

    fn checksums_in(&self, crates_io: &CratesIo<'_>, wanted: &[&str]) -> String {
        let wanted: Vec<(&str, Version)> = wanted
            .iter()
            .map(|one| one.split_once(' ').map(|(name, version)| (name, version.parse().unwrap())).unwrap())
            .collect();
        let wanted: Vec<(&str, &Version)> = wanted.iter().map(|(name, version)| (*name, version)).collect();
        let answers = crates_io.checksums(&wanted);
        assert_eq!(answers.len(), wanted.len());
        let line =
            |(answer, (_, version)): (&Result<Option<String>, Diagnostic>, &(&str, &Version))| match answer {
                Ok(Some(checksum)) => {
                    assert_eq!(*checksum, sha256(version.to_string()));
                    version.to_string()
                }
                Ok(None) => "-".to_owned(),
                Err(problem) => {
                    format!("{} {}", problem.code, problem.message).replace(&self.server.host(), "HOST")
                }
            };
        answers.iter().zip(&wanted).map(line).collect::<Vec<_>>().join(" ")
    }

    /// Looks up one crate. Returns the requests and the answer: versions in the index, and those
    /// with a publisher.
    fn run(&self, name: &str, what: &str) -> String {
        let needed = match what {
            "versions" => Needed::Versions,
            "everything" => Needed::Everything,
            numbers => Needed::Publishers(numbers.split(' ').map(|number| number.parse().unwrap()).collect()),
        };
        let answers = self.look_up(&[(name, needed)]);
        assert_eq!(answers.len(), 1);
        let answer = self.line(answers.get(name).unwrap());
        [self.asked(), answer].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ")
    }

    fn line(&self, answer: &Result<Option<Arc<Known>>, Diagnostic>) -> String {
        let known = match answer {
            Ok(None) => return "no crate".to_owned(),
            Ok(Some(known)) => known,
            Err(problem) => {
                assert!(problem.help.is_some(), "{problem:?}");
                return format!("{} {}", problem.code, problem.message).replace(&self.server.host(), "HOST");
            }
        };
        let versions: Vec<String> = known.versions.iter().map(ToString::to_string).collect();
        let Some(details) = &known.details else { return versions.join(" ") };
        let with_publisher = details.releases.iter().filter(|(_, release)| release.publisher.is_some());
        let with_publisher: Vec<String> = with_publisher.map(|(version, _)| version.to_string()).collect();
        format!("{} / {}", versions.join(" "), with_publisher.join(" "))
    }

    /// The requests since the last call, abbreviated.
    fn asked(&self) -> String {
        let seen = self.server.seen();
        let new = seen.iter().skip(self.looked_at.replace(seen.len()));
        let short = |asked: &Asked| match asked.path.as_str() {
            "/index/config.json" => "config".to_owned(),
            path if path.starts_with("/index/") => "index".to_owned(),
            path if path.starts_with("/api/v1/crates/") => "api".to_owned(),
            path => path.to_owned(),
        };
        new.map(short).collect::<Vec<_>>().join(" ")
    }

    /// The file in a folder of the cache that is about a crate.
    fn kept_file(&self, folder: &str, name: &str) -> PathBuf {
        let files = fs::read_dir(self.cache().folder().join(folder)).unwrap();
        let is_about = |path: &PathBuf| {
            fs::read_to_string(path).unwrap_or_default().contains(&format!(",\"{name}\"],\"value\":"))
        };
        files.map(|file| file.unwrap().path()).find(is_about).unwrap()
    }

    /// Makes the cached facts about a crate older. The file stays valid.
    fn age(&self, seconds: u64) {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
        set_number(&self.kept_file("crates", "demo"), "seen", now - seconds);
    }

    /// Changes the time of the cached description of the index.
    fn age_the_index(&self, time: u64) {
        set_number(&self.cache().folder().join("indexes"), "when", time);
    }
}

/// Changes a number in the last line of a file in the cache. The line stays valid.
fn set_number(path: &Path, key: &str, number: u64) {
    let text = fs::read_to_string(path).unwrap();
    let (others, last) = text.trim_end().rsplit_once('\n').unwrap();
    let (_, signed) = last.split_once(',').unwrap();
    let (before, rest) = signed.split_once(&format!("\"{key}\":")).unwrap();
    let after = rest.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let signed = format!("{before}\"{key}\":{number}{after}");
    let digest = sha256(&signed).get(..24).unwrap().to_owned();
    fs::write(path, format!("{others}\n{{\"digest\":\"{digest}\",{signed}\n")).unwrap();
}

/// There are as few requests as possible.
#[test]
fn who_is_asked_when() {
    let world = World::new();
    world.publish("1.0.0 1.1.0", "1.1.0 1.0.0");
    assert_eq!(world.run("demo", "versions"), "config index: 1.0.0 1.1.0");
    assert_eq!(world.run("demo", "versions"), "1.0.0 1.1.0");
    assert_eq!(world.run("demo", "everything"), "api: 1.0.0 1.1.0 / 1.0.0 1.1.0");
    assert_eq!(world.run("demo", "everything"), "1.0.0 1.1.0 / 1.0.0 1.1.0");
    assert_eq!(
        world.run("demo", "1.0.0 1.2.0"),
        "1.0.0 1.1.0 / 1.0.0 1.1.0",
        "the index has no such version"
    );

    world.age(700);
    assert_eq!(world.run("demo", "1.0.0 1.1.0"), "1.0.0 1.1.0 / 1.0.0 1.1.0");
    assert_eq!(world.run("demo", "everything"), "index: 1.0.0 1.1.0 / 1.0.0 1.1.0");
    assert_eq!(world.run("demo", "everything"), "1.0.0 1.1.0 / 1.0.0 1.1.0", "the time was noted");

    world.publish("1.0.0 1.1.0 1.2.0", "1.0.0 1.1.0 1.2.0");
    world.age(700);
    assert_eq!(world.run("demo", "1.0.0 1.1.0"), "1.0.0 1.1.0 / 1.0.0 1.1.0");
    assert_eq!(world.run("demo", "1.2.0"), "index api: 1.0.0 1.1.0 1.2.0 / 1.0.0 1.1.0 1.2.0");

    world.publish("1.0.0", "1.0.0");
    world.age(700);
    assert_eq!(world.run("demo", "versions"), "index: 1.0.0 / 1.0.0 1.1.0 1.2.0");
    assert_eq!(world.run("demo", "everything"), "api: 1.0.0 / 1.0.0", "versions were taken back");
}

/// Either the index or the API may learn of a version first.
#[test]
fn index_and_api_are_out_of_step() {
    let world = World::new();
    world.publish("1.0.0 1.1.0", "1.0.0");
    assert_eq!(world.run("demo", "everything"), "config index api: 1.0.0 1.1.0 / 1.0.0");
    world.age(700);
    assert_eq!(world.run("demo", "everything"), "index: 1.0.0 1.1.0 / 1.0.0", "the API is not asked again");
    assert_eq!(world.run("demo", "1.1.0"), "1.0.0 1.1.0 / 1.0.0");

    world.publish("1.0.0", "1.0.0 2.0.0");
    world.age(700);
    assert_eq!(world.run("demo", "everything"), "index api: 1.0.0 2.0.0 / 1.0.0 2.0.0");
    world.age(700);
    assert_eq!(world.run("demo", "everything"), "index: 1.0.0 2.0.0 / 1.0.0 2.0.0");

    let world = World::new();
    world.publish("1.0.0", "1.0.0");
    world.files.lock().unwrap().remove("/api/v1/crates/demo");
    let unknown = "VET0708 the index has the crate `demo`, but the API does not have it";
    assert_eq!(world.run("demo", "everything"), format!("config index api: {unknown}"));
    assert_eq!(world.run("demo", "versions"), "1.0.0");
    assert_eq!(world.run("demo", "everything"), format!("api: {unknown}"));
}

#[test]
fn crates_that_do_not_exist() {
    let world = World::new();
    for what in ["everything", "versions", "1.0.0"] {
        let expected = if what == "everything" { "config index: no crate" } else { "no crate" };
        assert_eq!(world.run("demo", what), expected, "{what}");
    }
    world.publish("1.0.0", "1.0.0");
    world.age(700);
    assert_eq!(world.run("demo", "versions"), "index: 1.0.0");
    // The API treats some names as equal.
    world.serve("/index/de/mo/demo_", "{\"vers\": \"1.0.0\"}");
    world.serve("/api/v1/crates/demo_", "{\"crate\": {\"name\": \"demo-\"}, \"versions\": []}");
    let unknown = "VET0708 the index has the crate `demo_`, but the API does not have it";
    assert_eq!(world.run("demo_", "everything"), format!("index api: {unknown}"));
}

/// Names come from files that an attacker may have written.
#[test]
fn names_that_no_crate_can_have() {
    let world = World::new();
    let long = "a".repeat(65);
    let names =
        ["", "..", "../demo", "a/b", "a\\b", "a b", "a?b", "a#b", "a%2fb", "é", "a\0", "a.b", "C:", &long];
    let wanted: Vec<(&str, Needed)> = names.iter().map(|name| (*name, Needed::Everything)).collect();
    let answers = world.look_up(&wanted);
    assert_eq!(answers.len(), names.len());
    assert!(answers.values().all(|answer| *answer == Ok(None)));
    assert_eq!(world.asked(), "");
    assert!(!world.cache().folder().exists());
    // On Windows, device names are file names only with a prefix.
    assert_eq!(world.run("con", "versions"), "config index: no crate");
    assert!(world.kept_file("crates", "con").is_file());
}

#[test]
fn names_are_looked_up_once() {
    let world = World::new();
    world.publish("1.0.0", "1.0.0");
    world.serve("/index/ot/he/other", "{\"vers\": \"1.0.0\"}");
    let publishers = |number: &str| Needed::Publishers([number.parse().unwrap()].into());
    let answers = world.look_up(&[
        ("demo", Needed::Versions),
        ("Demo", publishers("1.0.0")),
        ("demo", publishers("1.1.0")),
        ("other", Needed::Versions),
        ("", Needed::Versions),
    ]);
    let lines: Vec<String> =
        answers.iter().map(|(name, answer)| format!("{name}: {}", world.line(answer))).collect();
    assert_eq!(lines, [": no crate", "Demo: 1.0.0 / 1.0.0", "demo: 1.0.0 / 1.0.0", "other: 1.0.0"]);
    assert_eq!(world.asked(), "config index index api");
}

/// Whatever the cache contains, the answer is the same.
#[test]
fn the_cache_may_be_lost() {
    let world = World::new();
    world.publish("1.0.0", "1.0.0");
    let expected = "1.0.0 / 1.0.0";
    assert_eq!(world.run("demo", "everything"), format!("config index api: {expected}"));
    let (path, header) = (world.kept_file("crates", "demo"), "{\"cargo-vet\":\"crates\",\"version\":1}\n");
    for damage in ["", header, &format!("{header}{{}}\n"), "{\"seen\": 1e99}"] {
        fs::write(&path, damage).unwrap();
        assert_eq!(world.run("demo", "everything"), format!("index api: {expected}"), "{damage}");
    }
    fs::write(world.cache().folder().join("indexes"), "nonsense").unwrap();
    fs::remove_file(world.kept_file("crates", "demo")).unwrap();
    assert_eq!(world.run("demo", "everything"), format!("config index api: {expected}"));
    fs::remove_dir_all(world.cache().folder()).unwrap();
    fs::write(world.cache().folder(), "a file in place of the folder").unwrap();
    for _ in 0..2 {
        assert_eq!(world.run("demo", "everything"), format!("config index api: {expected}"));
    }
}

/// Without the network, cached facts of any age count, and then cargo's copies.
#[test]
fn offline() {
    let mut world = World::new();
    world.publish("1.0.0", "1.0.0");
    world.offline = true;
    let refused =
        |path: &str| format!("VET0707 cannot fetch `http://HOST{path}`: network access is disabled");
    assert_eq!(world.run("demo", "versions"), refused("/index/config.json"));
    world.offline = false;
    world.run("demo", "versions");
    world.offline = true;
    world.age(100_000);
    assert_eq!(world.run("demo", "versions"), "1.0.0");
    assert_eq!(world.run("demo", "everything"), refused("/index/de/mo/demo"));
    world.offline = false;
    world.run("demo", "everything");
    world.offline = true;
    world.age(100_000);
    world.age_the_index(1);
    for what in ["versions", "everything", "3.0.0"] {
        assert_eq!(world.run("demo", what), "1.0.0 / 1.0.0", "{what}");
    }
    assert_eq!(world.asked(), "");
}

#[test]
fn what_cargo_keeps_of_the_index() {
    let mut world = World::new();
    world.offline = true;
    let index = format!("sparse+{}", world.server.url("/index/"));
    let folder = tame_index::utils::url_to_local_dir(&index, true).unwrap().dir_name;
    let folder = world.folder.path().join("home/registry/index").join(folder).join(".cache/de/mo");
    fs::create_dir_all(&folder).unwrap();
    let refused = "VET0707 cannot fetch `http://HOST/index/config.json`: network access is disabled";
    let entry = b"\x03\x02\0\0\0etag: \"x\"\x001.0.0\0{\"vers\":\"1.0.0\"}\x001.1.0\0{\"vers\":\"1.1.0\"}\0";
    for length in 0..=entry.len() {
        fs::write(folder.join("demo"), &entry[..length]).unwrap();
        let found = world.run("demo", "versions");
        match length {
            l if l == entry.len() => assert_eq!(found, "1.0.0 1.1.0"),
            _ => assert!(["1.0.0", "1.0.0 1.1.0", refused].contains(&found.as_str()), "{length}: {found}"),
        }
    }
    fs::write(folder.join("demo"), [b"\x09", &entry[1..]].concat()).unwrap();
    assert_eq!(world.run("demo", "versions"), refused, "in another version of the format");

    // With the network, they count as long as facts that this tool has fetched.
    world.offline = false;
    world.publish("1.0.0 1.1.0 1.2.0", "1.0.0");
    fs::write(folder.join("demo"), entry).unwrap();
    assert_eq!(world.run("demo", "versions"), "1.0.0 1.1.0");
    let file = fs::File::options().write(true).open(folder.join("demo")).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(700)).unwrap();
    assert_eq!(world.run("demo", "versions"), "config index: 1.0.0 1.1.0 1.2.0");
}

/// The index is asked for checksums only if a version is unknown, and once in a run.
#[test]
fn checksums() {
    let mut world = World::new();
    world.publish_with_checksums("1.0.0 1.1.0");
    assert_eq!(world.checksums(&["demo 1.0.0", "Demo 1.1.0", "demo 9.0.0"]), "config index: 1.0.0 1.1.0 -");
    assert_eq!(world.checksums(&["demo 1.1.0", "demo 1.0.0"]), ": 1.1.0 1.0.0", "they are kept");
    assert_eq!(world.run("demo", "versions"), "1.0.0 1.1.0", "so are the versions");
    world.publish_with_checksums("1.0.0 1.1.0 1.2.0");
    assert_eq!(world.checksums(&["demo 1.0.0", "demo 1.2.0"]), "index: 1.0.0 1.2.0");
    let answers = world.in_a_run(|crates_io| {
        ["demo 9.0.0", "demo 8.0.0", "demo 1.0.0"].map(|one| world.checksums_in(crates_io, &[one]))
    });
    assert_eq!((world.asked(), answers), ("index".to_owned(), ["-", "-", "1.0.0"].map(str::to_owned)));

    // Names come from files that an attacker may have written.
    assert_eq!(world.checksums(&["../demo 1.0.0", "other 1.0.0"]), "index: - -");

    world.offline = true;
    assert_eq!(world.checksums(&["demo 1.2.0", "demo 9.0.0", "other 1.0.0"]), ": 1.2.0 - -");
    world.offline = false;
    world.serve("/index/ot/he/other", "<html>");
    let problem = "VET0706 `http://HOST/index/ot/he/other` is not a valid index entry of a crate";
    assert_eq!(world.checksums(&["other 1.0.0", "demo 1.0.0"]), format!("index: {problem} 1.0.0"));
}

/// Checksums that a look-up learns are stored separately from what it needs itself.
#[test]
fn looking_up_teaches_checksums() {
    let world = World::new();
    world.publish_with_checksums("1.0.0");
    assert_eq!(world.run("demo", "versions"), "config index: 1.0.0");
    assert!(!fs::read_to_string(world.kept_file("crates", "demo")).unwrap().contains(&sha256("1.0.0")));
    assert_eq!(world.checksums(&["demo 1.0.0"]), ": 1.0.0");
    let file = world.kept_file("checksums", "demo");
    fs::remove_file(&file).unwrap();
    assert_eq!(world.run("demo", "versions"), "1.0.0");
    assert!(!file.exists(), "nothing was learned");
}

/// Cargo's copies of entries contain checksums, whatever their age.
#[test]
fn checksums_that_cargo_keeps() {
    let mut world = World::new();
    let index = format!("sparse+{}", world.server.url("/index/"));
    let folder = tame_index::utils::url_to_local_dir(&index, true).unwrap().dir_name;
    let folder = world.folder.path().join("home/registry/index").join(folder).join(".cache/de/mo");
    fs::create_dir_all(&folder).unwrap();
    let line = format!("{{\"vers\":\"1.0.0\",\"cksum\":\"{}\"}}", sha256("1.0.0"));
    fs::write(folder.join("demo"), format!("\x03\x02\0\0\0etag: \"x\"\x001.0.0\0{line}\0")).unwrap();
    world.publish_with_checksums("1.0.0 1.1.0");
    world.offline = true;
    assert_eq!(world.checksums(&["demo 1.0.0", "demo 1.1.0"]), ": 1.0.0 -");
    world.offline = false;
    assert_eq!(world.checksums(&["demo 1.0.0"]), ": 1.0.0");
    assert_eq!(world.checksums(&["demo 1.0.0", "demo 1.1.0"]), "config index: 1.0.0 1.1.0");
}

#[test]
fn servers_that_make_no_sense() {
    let world = World::new();
    world.publish("1.0.0", "1.0.0");
    world.serve("/index/de/mo/demo", "<html>");
    let problem = "VET0706 `http://HOST/index/de/mo/demo` is not a valid index entry of a crate";
    assert_eq!(world.run("demo", "versions"), format!("config index: {problem}"));
    world.publish("1.0.0 x 1.1.0", "1.0.0 x");
    assert_eq!(world.run("demo", "everything"), "index api: 1.0.0 1.1.0 / 1.0.0");
    world.publish("1.0.0 2.0.0", "1.0.0");
    world.serve("/api/v1/crates/demo", "<html>");
    world.age(700);
    let problem = "VET0706 `http://HOST/api/v1/crates/demo` is not a valid API response about a crate";
    assert_eq!(world.run("demo", "everything"), format!("index api: {problem}"));
    assert_eq!(world.run("demo", "1.0.0"), "1.0.0 2.0.0 / 1.0.0", "what was known is not lost");

    let no_api = "VET0708 the registry `http://HOST/index/` does not report the publishers of `demo`";
    for (config, expected) in [
        ("<html>", "config: VET0706 `http://HOST/index/config.json` is not the description of an index"),
        ("[1]", "config: VET0706 `http://HOST/index/config.json` is not the description of an index"),
        ("{}", &*format!("config index: {no_api}")),
        ("{\"dl\": \"x\"}", &*format!("config index: {no_api}")),
        ("{\"dl\": \"x\", \"api\": null}", &*format!("config index: {no_api}")),
        ("{\"dl\": \"x\", \"api\": \"file:///etc\"}", &*format!("config index: {no_api}")),
        (
            "{\"dl\": \"x\", \"api\": \"http://example.org\"}",
            "config index: VET0703 `http://example.org/api/v1/crates/demo` is not HTTPS",
        ),
    ] {
        let world = World::new();
        world.publish("1.0.0", "1.0.0");
        world.serve("/index/config.json", config);
        assert_eq!(world.run("demo", "everything"), expected, "{config}");
    }
}

/// Facts about one registry do not count for another one.
#[test]
fn registries_are_kept_apart() {
    let world = World::new();
    world.publish("1.0.0", "1.0.0");
    world.run("demo", "versions");
    let other = World::new();
    other.publish("2.0.0", "2.0.0");
    let folder = world.folder.path().join("home/config.toml");
    fs::write(folder, fs::read(other.folder.path().join("home/config.toml")).unwrap()).unwrap();
    assert_eq!(world.run("demo", "versions"), "2.0.0");
    assert_eq!((world.asked(), other.asked()), (String::new(), "config index".to_owned()));
}

const SECRET: &str = "cio-secret";

fn knows_the_token(asked: &Asked) -> bool {
    asked.header("authorization") == Some(SECRET)
}

/// A token is sent only to its registry, and is never stored.
#[test]
fn tokens_stay_with_their_registry() {
    let authority = Authority::new();
    let mut world = World::with(Some(&authority), knows_the_token);
    world.publish("1.0.0", "1.0.0");
    let api = world.server.url("");
    let config = format!("{{\"dl\": \"x\", \"api\": \"{api}\", \"auth-required\": true}}");
    world.serve("/index/config.json", &config);

    let problem = world.run("demo", "everything");
    assert_eq!(
        problem,
        "config: VET0702 `https://HOST/index/config.json` answered with status 401 Unauthorized"
    );
    world.environment = vec![("CARGO_REGISTRIES_MIRROR_TOKEN", SECRET)];
    assert_eq!(world.run("demo", "everything"), "config config index api: 1.0.0 / 1.0.0");
    let asked = world.server.seen().iter().filter(|asked| knows_the_token(asked)).count();
    assert_eq!(asked, 3, "the token is sent only to a server that asks for it");
    assert!(!holds_secret(world.cache().folder()), "it is not kept");

    // Without a token, it is remembered that one is required.
    world.environment.clear();
    world.age(700);
    let wanted = "VET0708 the registry `https://HOST/index/` requires a token, and none is configured";
    assert_eq!(world.run("demo", "everything"), wanted);
    world.environment = vec![("CARGO_REGISTRIES_MIRROR_TOKEN", "wrong")];
    let answers = world.look_up(&[("demo", Needed::Everything)]);
    let problem = answers["demo"].as_ref().unwrap_err();
    assert_eq!(problem.code, Code::HttpStatus);
    assert!(problem.help.as_ref().unwrap().contains("token") && !format!("{problem:?}").contains("wrong"));

    // A registry that requires no token does not receive it.
    let open = World::with(Some(&authority), |_| true);
    open.publish("1.0.0", "1.0.0");
    let open = World { environment: vec![("CARGO_REGISTRIES_MIRROR_TOKEN", SECRET)], ..open };
    assert_eq!(open.run("demo", "everything"), "config index api: 1.0.0 / 1.0.0");
    assert!(!open.server.seen().iter().any(knows_the_token));
}

/// A program provides the token. It is asked once, when the registry requires a token.
#[cfg(unix)]
#[test]
fn programs_know_tokens() {
    let authority = Authority::new();
    let world = World::with(Some(&authority), knows_the_token);
    world.publish("1.0.0", "1.0.0");
    let api = world.server.url("");
    let config = format!("{{\"dl\": \"x\", \"api\": \"{api}\", \"auth-required\": true}}");
    world.serve("/index/config.json", &config);
    let log = world.folder.path().join("log");
    let script = format!("echo asked >> '{}'; echo {SECRET}", log.display());
    fs::write(world.folder.path().join("ask.sh"), script).unwrap();
    let index = world.server.url("/index/");
    let with = |provider: &str| {
        world.configure(&format!(
            "[source.crates-io]\nreplace-with = \"mirror\"\n[registries.mirror]\nindex = \"sparse+{index}\"\n\
             credential-provider = [{provider}]\n"
        ));
    };
    with("\"cargo:libsecret\"");
    let answers = world.look_up(&[("demo", Needed::Everything)]);
    let problem = answers["demo"].as_ref().unwrap_err();
    assert!(
        problem.notes.iter().any(|note| note.contains("`cargo:libsecret` is part of cargo")),
        "{problem:?}"
    );
    world.asked();
    with(&format!(
        "\"cargo:token-from-stdout\", \"sh\", \"{}\"",
        world.folder.path().join("ask.sh").display()
    ));
    assert_eq!(world.run("demo", "everything"), "config config index api: 1.0.0 / 1.0.0");
    assert_eq!(fs::read_to_string(&log).unwrap(), "asked\n");
    assert!(!holds_secret(world.cache().folder()));
    // Known facts need no token, so no program is asked.
    assert_eq!(world.run("demo", "everything"), "1.0.0 / 1.0.0");
    assert_eq!(fs::read_to_string(&log).unwrap(), "asked\n");

    // A registry that requires no token does not receive one.
    let open = World::with(Some(&authority), |_| true);
    open.publish("1.0.0", "1.0.0");
    let index = open.server.url("/index/");
    open.configure(&format!(
        "[source.crates-io]\nreplace-with = \"mirror\"\n[registries.mirror]\nindex = \"sparse+{index}\"\n\
         credential-provider = \"cargo:token-from-stdout sh {}\"\n",
        world.folder.path().join("ask.sh").display()
    ));
    assert_eq!(open.run("demo", "everything"), "config index api: 1.0.0 / 1.0.0");
    assert_eq!(fs::read_to_string(&log).unwrap(), "asked\n");
}

/// The token is not sent to another server after a redirect.
#[test]
fn tokens_do_not_follow_redirects() {
    let authority = Authority::new();
    let elsewhere = TestServer::start_tls(&authority, "127.0.0.1", |_| Reply::ok("{\"vers\": \"1.0.0\"}"));
    let to_elsewhere = elsewhere.url("/");
    let server = TestServer::start_tls(&authority, "127.0.0.1", move |asked| match asked.path.as_str() {
        "/index/config.json" => Reply::ok("{\"dl\": \"x\", \"auth-required\": true}"),
        _ if knows_the_token(asked) => Reply::redirect(to_elsewhere.clone()),
        _ => Reply::status(401),
    });
    let mut world = World::with(Some(&authority), |_| false);
    world.server = server;
    world.environment = vec![("CARGO_REGISTRIES_MIRROR_TOKEN", SECRET)];
    world.replace_crates_io();
    assert_eq!(world.run("demo", "versions"), "config index: 1.0.0");
    let seen = elsewhere.seen();
    assert_eq!(seen.iter().map(|asked| asked.header("authorization")).collect::<Vec<_>>(), [None]);
}

fn holds_secret(folder: &Path) -> bool {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.into_iter().any(|path| match path.is_dir() {
        true => holds_secret(&path),
        false => String::from_utf8_lossy(&fs::read(&path).unwrap()).contains(SECRET),
    })
}

/// The API also serves people.
#[test]
fn the_api_is_not_asked_too_much_at_once() {
    let now = Arc::new(Mutex::new((0_usize, 0_usize)));
    let of_server = Arc::clone(&now);
    let server = TestServer::start(move |asked| {
        if asked.path == "/index/config.json" {
            return Reply::ok(format!(
                "{{\"dl\": \"x\", \"api\": \"http://{}\"}}",
                asked.header("host").unwrap()
            ));
        }
        if asked.path.starts_with("/index/") {
            return Reply::ok("{\"vers\": \"1.0.0\"}");
        }
        {
            let mut now = of_server.lock().unwrap();
            now.0 += 1;
            now.1 = now.1.max(now.0);
        }
        std::thread::sleep(Duration::from_millis(30));
        of_server.lock().unwrap().0 -= 1;
        Reply::ok("{\"versions\": []}")
    });
    let mut world = World::new();
    world.server = server;
    world.replace_crates_io();
    let names: Vec<String> = (0..40).map(|number| format!("crate-{number}")).collect();
    let wanted: Vec<(&str, Needed)> = names.iter().map(|name| (name.as_str(), Needed::Everything)).collect();
    let answers = world.look_up(&wanted);
    assert!(answers.values().all(|answer| answer.as_ref().is_ok_and(Option::is_some)));
    let most = now.lock().unwrap().1;
    assert!((2..=12).contains(&most), "{most}");
}

/// An invalid configuration is reported for each crate, and no request is made.
#[test]
fn nobody_can_be_asked() {
    let world = World::new();
    world.configure("[source.crates-io]\nreplace-with = \"nowhere\"\n");
    let expected =
        "VET0708 cargo's configuration replaces crates.io with `nowhere`, but has no address for it";
    assert_eq!(world.run("demo", "versions"), expected);
    assert_eq!(world.run("../demo", "versions"), "no crate");
}
