//! crates.io and the servers of peers in the small: one server, and a table of what it serves that tests change between
//! the runs of a tool.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use crate::server::{Asked, Authority, Reply, TestServer};

/// A registry that stands in for crates.io, and files beside it.
#[derive(Debug)]
pub struct World {
    server: TestServer,
    authority: Arc<Authority>,
    /// Stands for all servers that are not on this machine.
    proxy: TestServer,
    table: Arc<Mutex<Table>>,
}

/// What an answer can suffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The connection is reset in the middle.
    Reset,
    /// The connection is closed in the middle.
    Truncated,
    /// The server is busy, and asks to be asked again at once.
    Busy,
    /// The server has been asked too often, and asks to be asked again at once.
    TooMany,
    /// Bytes that are no text.
    Garbage,
    /// A page for people.
    Page,
}

impl Fault {
    /// All of them.
    pub const ALL: &[Fault] =
        &[Fault::Reset, Fault::Truncated, Fault::Busy, Fault::TooMany, Fault::Garbage, Fault::Page];

    fn befall(self, reply: Reply) -> Reply {
        let half = reply.length() / 2;
        match self {
            Fault::Reset => reply.reset(half),
            // Of an answer without a body there is no half.
            Fault::Truncated if half == 0 => Reply::none(),
            Fault::Truncated => reply.truncated(half),
            Fault::Busy => Reply::status(503).header("retry-after", "0"),
            Fault::TooMany => Reply::status(429).header("retry-after", "0"),
            Fault::Garbage => Reply::ok([0xff, 0xfe, 0x00, 0x80].repeat(9)),
            Fault::Page => Reply::ok("<!DOCTYPE html>\n<html></html>\n"),
        }
    }
}

#[derive(Debug, Default)]
struct Table {
    /// Where the server is, for what it says of itself.
    url: String,
    crates: BTreeMap<String, Crate>,
    /// By login.
    accounts: BTreeMap<String, Account>,
    /// By path.
    files: BTreeMap<String, String>,
    /// Paths that start like this are not served now.
    closed: Vec<String>,
    /// How many more requests are answered before one that suffers.
    fault: Option<(usize, Fault)>,
    /// The paths that were asked for since somebody looked.
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
}

#[derive(Debug)]
struct Account {
    id: u64,
    name: Option<String>,
}

impl World {
    /// A world in which nothing is published, with the accounts `ann` and `bob`.
    pub fn new() -> Self {
        let table = Arc::new(Mutex::new(Table::default()));
        let of_server = Arc::clone(&table);
        let server = TestServer::start(move |asked| locked(&of_server).answer(asked));
        let authority = Arc::new(Authority::new());
        let of_proxy = Arc::clone(&table);
        let proxy = TestServer::start_proxy(&authority, move |asked| locked(&of_proxy).answer(asked));
        let world = World { server, authority, proxy, table };
        world.table().url = world.server.url("");
        world.account("ann", 1, Some("Ann Author")).account("bob", 2, None);
        world
    }

    /// Opens an account.
    pub fn account(&self, login: &str, id: u64, name: Option<&str>) -> &Self {
        let account = Account { id, name: name.map(str::to_owned) };
        self.table().accounts.insert(login.to_owned(), account);
        self
    }

    /// Publishes versions, each in a line such as `alpha 1.0.0 2024-01-31 ann`, where `github:owner/repository` stands for
    /// trusted publishing and `-` for nobody knows whom.
    pub fn publish(&self, lines: &str) -> &Self {
        for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let words: Vec<&str> = line.split(' ').collect();
            let [name, version, day, publisher] = words[..] else { panic!("not a release: `{line}`") };
            let release =
                Release { version: version.to_owned(), day: day.to_owned(), publisher: publisher.to_owned() };
            self.table().crates.entry(name.to_owned()).or_default().releases.push(release);
        }
        self
    }

    /// Says what a crate is, and where its sources are.
    pub fn describe(&self, name: &str, description: Option<&str>, repository: Option<&str>) -> &Self {
        let mut table = self.table();
        let about = table.crates.entry(name.to_owned()).or_default();
        about.description = description.map(str::to_owned);
        about.repository = repository.map(str::to_owned);
        drop(table);
        self
    }

    /// Takes a crate away, with all versions.
    pub fn delete(&self, name: &str) -> &Self {
        self.table().crates.remove(name);
        self
    }

    /// Serves a file at a path, which starts with a slash.
    pub fn serve(&self, path: &str, text: impl Into<String>) -> &Self {
        self.table().files.insert(path.to_owned(), text.into());
        self
    }

    /// Serves nothing whose path starts like this, for now.
    pub fn close(&self, paths: &str) -> &Self {
        self.table().closed.push(paths.to_owned());
        self
    }

    /// Serves everything again.
    pub fn open(&self) -> &Self {
        self.table().closed.clear();
        self
    }

    /// Lets the answer to the request after so many others suffer, and no other.
    pub fn disturb(&self, after: usize, fault: Fault) -> &Self {
        self.table().fault = Some((after, fault));
        self
    }

    /// Lets no answer suffer. Returns whether one did since [`disturb`](Self::disturb).
    pub fn calm(&self) -> bool {
        self.table().fault.take().is_none()
    }

    /// The paths that were asked for since the last call, sorted: many are asked for at the same time.
    pub fn asked(&self) -> Vec<String> {
        let mut asked = std::mem::take(&mut self.table().asked);
        asked.sort();
        asked
    }

    /// The URL of a path.
    pub fn url(&self, path: &str) -> String {
        self.server.url(path)
    }

    /// Address and port.
    pub fn host(&self) -> String {
        self.server.host()
    }

    /// The URL of a proxy at whose end this world stands for every server, also for that of the index of crates.io.
    pub fn proxy(&self) -> String {
        self.proxy.url("")
    }

    /// The certificate of the authority for what is behind the proxy.
    pub fn pem(&self) -> String {
        self.authority.pem()
    }

    /// A configuration for cargo that puts this registry in the place of crates.io. The sources of packages are at hand in
    /// the folder `vendor`, so that cargo need not be asked for them.
    pub fn configuration(&self) -> String {
        format!(
            "[source.crates-io]\nreplace-with = \"world\"\n\n\
             [source.world]\nregistry = \"sparse+{}\"\n\n\
             [source.at-hand]\ndirectory = \"vendor\"\n",
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
        // What is behind the proxy has an index at its root.
        let text = self.text(&asked.path).or_else(|| self.text(&format!("/index{}", asked.path)));
        let reply = match text {
            _ if self.closed.iter().any(|closed| asked.path.starts_with(closed)) => Reply::status(503),
            None => Reply::status(404),
            Some(text) => {
                let etag = format!("\"{:x}\"", digest(&text));
                match asked.header("if-none-match") == Some(&etag) {
                    true => Reply::status(304),
                    false => Reply::ok(text).header("etag", etag),
                }
            }
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

    fn text(&self, path: &str) -> Option<String> {
        if path == "/index/config.json" {
            return Some(json!({ "dl": self.url, "api": self.url }).to_string());
        }
        if let Some(name) = path.strip_prefix("/api/v1/crates/") {
            let about = self.crates.get(name)?;
            return Some(self.of_api(name, about).to_string());
        }
        if let Some(path) = path.strip_prefix("/index/") {
            let name = path.rsplit('/').next().filter(|name| index_path(name) == path)?;
            return Some(self.crates.get(name)?.of_index(name));
        }
        self.files.get(path).cloned()
    }

    fn of_api(&self, name: &str, about: &Crate) -> Value {
        let versions: Vec<Value> = about.releases.iter().rev().map(|release| self.version(release)).collect();
        json!({
            "crate": { "name": name, "description": about.description, "repository": about.repository },
            "versions": versions,
        })
    }

    fn version(&self, release: &Release) -> Value {
        let Release { version, day, publisher } = release;
        let account = self.accounts.get(publisher);
        let account =
            account.map(|Account { id, name }| json!({ "id": id, "login": publisher, "name": name }));
        let signature = publisher.split_once(':');
        let signature =
            signature.map(|(provider, repository)| json!({ "provider": provider, "repository": repository }));
        if account.is_none() && signature.is_none() && publisher != "-" {
            panic!("`{publisher}` has no account");
        }
        json!({
            "num": version,
            "created_at": format!("{day}T12:00:00Z"),
            "published_by": account,
            "trustpub_data": signature,
        })
    }
}

impl Crate {
    fn of_index(&self, name: &str) -> String {
        let line = |release: &Release| {
            let line = json!({ "name": name, "vers": release.version, "deps": [], "yanked": false });
            format!("{line}\n")
        };
        self.releases.iter().map(line).collect()
    }
}

/// Where the entry of a crate is in an index.
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
