//! A small crates.io with servers of peers: one server with a table of what it serves. Tests change
//! the table between runs of a tool.

use std::collections::{BTreeMap, VecDeque};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use crate::archive::{archive, sha256};
use crate::index::index_line;
use crate::server::{Asked, Authority, Reply, TestServer};

/// A registry that replaces crates.io, and other files.
#[derive(Debug)]
pub struct World {
    server: TestServer,
    authority: Arc<Authority>,
    /// Stands for all servers that are not on this machine.
    proxy: TestServer,
    table: Arc<Mutex<Table>>,
}

/// The ways in which an answer can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The connection is reset in the middle of the body.
    Reset,
    /// The connection is closed in the middle of the body.
    Truncated,
    /// The server is busy and asks for a retry at once.
    Busy,
    /// The server has received too many requests and asks for a retry at once.
    TooMany,
    /// The body is not text.
    Garbage,
    /// The body is an HTML page.
    Page,
    /// The file does not exist.
    Missing,
    /// Access to the file is forbidden.
    Forbidden,
    /// A byte in the middle is changed.
    Corrupt,
    /// The header claims one more level of compression than there is.
    Mislabelled,
    /// The body is sent one byte at a time.
    Slow,
    /// A request for the rest of a file gets the whole file.
    NoRange,
    /// A request for the rest of a file gets it, but with a wrong header.
    WrongRange,
}

impl Fault {
    /// The faults that can affect any answer.
    pub const ALL: &[Fault] =
        &[Fault::Reset, Fault::Truncated, Fault::Busy, Fault::TooMany, Fault::Garbage, Fault::Page];

    fn befall(self, reply: Reply) -> Reply {
        let half = reply.length() / 2;
        match self {
            Fault::Reset => reply.reset(half),
            // An answer without a body cannot be cut in half.
            Fault::Truncated if half == 0 => Reply::none(),
            Fault::Truncated => reply.truncated(half),
            Fault::Busy => Reply::status(503).header("retry-after", "0"),
            Fault::TooMany => Reply::status(429).header("retry-after", "0"),
            Fault::Garbage => Reply::ok([0xff, 0xfe, 0x00, 0x80].repeat(9)),
            Fault::Page => Reply::ok("<!DOCTYPE html>\n<html></html>\n"),
            Fault::Missing => Reply::status(404),
            Fault::Forbidden => Reply::status(403),
            Fault::Corrupt => reply.corrupt(half),
            Fault::Mislabelled => reply.header("content-encoding", "gzip"),
            Fault::Slow => reply.slow(Duration::from_micros(500)),
            // These depend on the request.
            Fault::NoRange | Fault::WrongRange => reply,
        }
    }
}

#[derive(Debug, Default)]
struct Table {
    /// The address of the server, for its own answers.
    url: String,
    crates: BTreeMap<String, Crate>,
    /// The accounts, by login.
    accounts: BTreeMap<String, Account>,
    /// The texts of files, by path.
    files: BTreeMap<String, String>,
    /// The place of archives according to the index, without the server.
    downloads: String,
    /// Wrong statements of the API about the library of versions, by name and version.
    said_libraries: BTreeMap<String, Value>,
    /// The faults of the next answers to requests for an archive, by name and version.
    faults: BTreeMap<String, VecDeque<Fault>>,
    /// Prefixes of paths that are currently not served.
    closed: Vec<String>,
    /// The number of requests that are answered before the one with the fault.
    fault: Option<(usize, Fault)>,
    /// The paths requested since the last call of [`World::asked`].
    asked: Vec<String>,
}

#[derive(Debug, Default)]
struct Crate {
    description: Option<String>,
    repository: Option<String>,
    releases: Vec<Release>,
}

#[derive(Debug)]
struct Release {
    version: String,
    day: String,
    publisher: String,
    /// The files, by path in the folder of the package.
    files: Vec<(String, String)>,
}

#[derive(Debug)]
struct Account {
    id: u64,
    name: Option<String>,
}

impl World {
    /// A world without published crates, with the accounts `ann` and `bob`.
    pub fn new() -> Self {
        let table = Arc::new(Mutex::new(Table::default()));
        let of_server = Arc::clone(&table);
        let server = TestServer::start(move |asked| locked(&of_server).answer(asked));
        let authority = Arc::new(Authority::new());
        let of_proxy = Arc::clone(&table);
        let proxy = TestServer::start_proxy(&authority, move |asked| locked(&of_proxy).answer(asked));
        let world = World { server, authority, proxy, table };
        world.table().url = world.server.url("");
        world.table().downloads = "/dl".to_owned();
        world.account("ann", 1, Some("Ann Author")).account("bob", 2, None);
        world
    }

    /// Creates an account.
    pub fn account(&self, login: &str, id: u64, name: Option<&str>) -> &Self {
        let account = Account { id, name: name.map(str::to_owned) };
        self.table().accounts.insert(login.to_owned(), account);
        self
    }

    /// Publishes versions, each in a line such as `alpha 1.0.0 2024-01-31 ann`. Instead of the
    /// account, `github:owner/repository` stands for trusted publishing, `-` for an unknown
    /// publisher, and `ann#7` for account 7 with the login of `ann`.
    pub fn publish(&self, lines: &str) -> &Self {
        for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let words: Vec<&str> = line.split(' ').collect();
            let [name, version, day, publisher] = words[..] else { panic!("not a release: `{line}`") };
            let manifest = format!("[package]\nname = \"{name}\"\nversion = \"{version}\"\n");
            let library = format!("//! {name} {version}\n");
            let release = Release {
                version: version.to_owned(),
                day: day.to_owned(),
                publisher: publisher.to_owned(),
                files: vec![("Cargo.toml".to_owned(), manifest), ("src/lib.rs".to_owned(), library)],
            };
            self.table().crates.entry(name.to_owned()).or_default().releases.push(release);
        }
        self
    }

    /// Replaces the manifest and the library in the archive of a published version by other files.
    pub fn pack(&self, name: &str, version: &str, files: &[(&str, &str)]) -> &Self {
        let mut table = self.table();
        let Some(release) = table.release_mut(name, version) else {
            panic!("{name} {version} is not published")
        };
        release.files = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        drop(table);
        self
    }

    /// The archive of a published version.
    pub fn archive(&self, name: &str, version: &str) -> Vec<u8> {
        let table = self.table();
        let found = table.archive(name, version);
        found.unwrap_or_else(|| panic!("{name} {version} is not published"))
    }

    /// The checksum of a published version, such as `alpha 1.0.0`.
    pub fn checksum(&self, package: &str) -> String {
        let Some((name, version)) = package.split_once(' ') else { panic!("`{package}` has no version") };
        sha256(&self.archive(name, version))
    }

    /// Sets the place of archives in the index: a path with the markers that cargo supports.
    /// Archives are always served from `/dl` too.
    pub fn say_downloads_are_at(&self, template: &str) -> &Self {
        self.table().downloads = template.to_owned();
        self
    }

    /// Makes the API return another value for whether a version, such as `alpha 1.0.0`, has a
    /// library.
    pub fn say_library(&self, package: &str, said: impl Into<Value>) -> &Self {
        self.table().said_libraries.insert(package.to_owned(), said.into());
        self
    }

    /// Makes the answers to the next requests for an archive, such as `alpha 1.0.0`, fail one after
    /// the other.
    pub fn disturb_download(&self, package: &str, faults: &[Fault]) -> &Self {
        self.table().faults.insert(package.to_owned(), faults.iter().copied().collect());
        self
    }

    /// Sets the description and the repository of a crate.
    pub fn describe(&self, name: &str, description: Option<&str>, repository: Option<&str>) -> &Self {
        let mut table = self.table();
        let about = table.crates.entry(name.to_owned()).or_default();
        about.description = description.map(str::to_owned);
        about.repository = repository.map(str::to_owned);
        drop(table);
        self
    }

    /// Deletes a crate with all its versions.
    pub fn delete(&self, name: &str) -> &Self {
        self.table().crates.remove(name);
        self
    }

    /// Serves a file at a path, which must start with a slash.
    pub fn serve(&self, path: &str, text: impl Into<String>) -> &Self {
        self.table().files.insert(path.to_owned(), text.into());
        self
    }

    /// Stops serving paths with this prefix.
    pub fn close(&self, paths: &str) -> &Self {
        self.table().closed.push(paths.to_owned());
        self
    }

    /// Serves everything again.
    pub fn open(&self) -> &Self {
        self.table().closed.clear();
        self
    }

    /// Makes the answer to one request fail, after `after` other requests.
    pub fn disturb(&self, after: usize, fault: Fault) -> &Self {
        self.table().fault = Some((after, fault));
        self
    }

    /// Removes the fault. Returns whether it has occurred since [`disturb`](Self::disturb).
    pub fn calm(&self) -> bool {
        self.table().fault.take().is_none()
    }

    /// The paths requested since the last call, sorted, because many are requested at the same
    /// time.
    pub fn asked(&self) -> Vec<String> {
        let mut asked = std::mem::take(&mut self.table().asked);
        asked.sort();
        asked
    }

    /// The URL of a path.
    pub fn url(&self, path: &str) -> String {
        self.server.url(path)
    }

    /// The address and the port.
    pub fn host(&self) -> String {
        self.server.host()
    }

    /// The URL of a proxy behind which this world replaces every server, including that of
    /// crates.io's index.
    pub fn proxy(&self) -> String {
        self.proxy.url("")
    }

    /// The certificate of the certificate authority for the servers behind the proxy.
    pub fn pem(&self) -> String {
        self.authority.pem()
    }

    /// A configuration for the user's cargo that replaces crates.io by this registry.
    pub fn configuration(&self) -> String {
        format!(
            "[source.crates-io]\nreplace-with = \"world\"\n\n\
             [source.world]\nregistry = \"sparse+{}\"\n",
            self.url("/index/")
        )
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        locked(&self.table)
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

fn locked(table: &Mutex<Table>) -> MutexGuard<'_, Table> {
    table.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Table {
    fn answer(&mut self, asked: &Asked) -> Reply {
        self.asked.push(asked.path.clone());
        let is_closed = self.closed.iter().any(|closed| asked.path.starts_with(closed));
        let reply = match self.download(asked) {
            _ if is_closed => Reply::status(503),
            Some(reply) => reply,
            None => self.answer_with_text(asked),
        };
        match self.fault {
            Some((0, fault)) => {
                self.fault = None;
                fault.befall(reply)
            }
            Some((more, fault)) => {
                self.fault = Some((more - 1, fault));
                reply
            }
            None => reply,
        }
    }

    fn answer_with_text(&self, asked: &Asked) -> Reply {
        // Behind the proxy, the index is at the root.
        let text = self.text(&asked.path).or_else(|| self.text(&format!("/index{}", asked.path)));
        let Some(text) = text else { return Reply::status(404) };
        let etag = format!("\"{:x}\"", digest(&text));
        match asked.header("if-none-match") == Some(&etag) {
            true => Reply::status(304),
            false => Reply::ok(text).header("etag", etag),
        }
    }

    /// An archive, at `/dl/NAME/VERSION/download`.
    fn download(&mut self, asked: &Asked) -> Option<Reply> {
        let (name, rest) = asked.path.strip_prefix("/dl/")?.split_once('/')?;
        let version = rest.strip_suffix("/download")?;
        let archive = self.archive(name, version)?;
        let fault = self.faults.get_mut(&format!("{name} {version}")).and_then(VecDeque::pop_front);
        let first = asked.header("range").and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-'));
        let reply = match first.and_then(|first| first.parse().ok()) {
            Some(first) if fault != Some(Fault::NoRange) => {
                Reply::part(&archive, first, usize::from(fault == Some(Fault::WrongRange)))
            }
            _ => Reply::ok(archive),
        };
        Some(match fault {
            Some(fault) => fault.befall(reply),
            None => reply,
        })
    }

    fn archive(&self, name: &str, version: &str) -> Option<Vec<u8>> {
        let releases = &self.crates.get(name)?.releases;
        let release = releases.iter().find(|release| release.version == version)?;
        Some(release.archive(name))
    }

    fn release_mut(&mut self, name: &str, version: &str) -> Option<&mut Release> {
        self.crates.get_mut(name)?.releases.iter_mut().find(|release| release.version == version)
    }

    fn text(&self, path: &str) -> Option<String> {
        if path == "/index/config.json" {
            let downloads = format!("{}{}", self.url, self.downloads);
            return Some(json!({ "dl": downloads, "api": self.url }).to_string());
        }
        if let Some(name) = path.strip_prefix("/api/v1/crates/") {
            let (name, version) = name.split_once('/').map_or((name, None), |(name, it)| (name, Some(it)));
            let about = self.crates.get(name)?;
            let Some(version) = version else { return Some(self.of_api(name, about).to_string()) };
            let release = about.releases.iter().find(|release| release.version == version)?;
            return Some(json!({ "version": self.version(name, release) }).to_string());
        }
        if let Some(path) = path.strip_prefix("/index/") {
            let name = path.rsplit('/').next().filter(|name| index_path(name) == path)?;
            return Some(self.crates.get(name)?.of_index(name));
        }
        self.files.get(path).cloned()
    }

    fn of_api(&self, name: &str, about: &Crate) -> Value {
        let versions: Vec<Value> =
            about.releases.iter().rev().map(|release| self.version(name, release)).collect();
        json!({
            "crate": { "name": name, "description": about.description, "repository": about.repository },
            "versions": versions,
        })
    }

    fn version(&self, name: &str, release: &Release) -> Value {
        let Release { version, day, publisher, .. } = release;
        let (login, number) = match publisher.split_once('#') {
            Some((login, number)) => (login, number.parse::<u64>().ok()),
            None => (publisher.as_str(), None),
        };
        let account = self.accounts.get(login);
        let account = account.map(|Account { id, name }| {
            let id = number.unwrap_or(*id);
            json!({ "id": id, "login": login, "name": name })
        });
        let signature = publisher.split_once(':');
        let signature =
            signature.map(|(provider, repository)| json!({ "provider": provider, "repository": repository }));
        if account.is_none() && signature.is_none() && publisher != "-" {
            panic!("`{publisher}` has no account");
        }
        let said = self.said_libraries.get(&format!("{name} {version}")).cloned();
        json!({
            "num": version,
            "has_lib": said.unwrap_or_else(|| release.has_library().into()),
            "created_at": format!("{day}T12:00:00Z"),
            "published_by": account,
            "trustpub_data": signature,
        })
    }
}

impl Crate {
    fn of_index(&self, name: &str) -> String {
        let line = |release: &Release| {
            let checksum = sha256(&release.archive(name));
            let manifest = release.files.iter().find(|(path, _)| path == "Cargo.toml");
            let is_of_package = |text: &&str| text.contains("[package]");
            let plain = format!("[package]\nname = \"{name}\"\nversion = \"{}\"\n", release.version);
            let manifest = manifest.map(|(_, text)| text.as_str()).filter(is_of_package).unwrap_or(&plain);
            index_line(manifest, &checksum, &release.version)
        };
        self.releases.iter().map(line).collect()
    }
}

impl Release {
    fn has_library(&self) -> bool {
        let is_library = |(path, text): &(String, String)| match path.as_str() {
            "Cargo.toml" => text.contains("[lib]"),
            path => path == "src/lib.rs",
        };
        self.files.iter().any(is_library)
    }

    fn archive(&self, name: &str) -> Vec<u8> {
        let files: Vec<(&str, &str)> =
            self.files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        archive(&format!("{name}-{}", self.version), &files)
    }
}

/// The path of a crate's entry in an index.
fn index_path(name: &str) -> String {
    match (name.len(), name.get(..1), name.get(..2), name.get(2..4)) {
        (1, ..) => format!("1/{name}"),
        (2, ..) => format!("2/{name}"),
        (3, Some(first), ..) => format!("3/{first}/{name}"),
        (_, _, Some(first), Some(second)) => format!("{first}/{second}/{name}"),
        _ => String::new(),
    }
}

fn digest(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
