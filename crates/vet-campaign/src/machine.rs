//! The user's machine: home, caches, and the programs that run on a checkout.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, SystemTime};

use crate::report::Wrong;
use crate::tree::{Tree, change_tree, has_links, read_tree, write_tree};
use crate::universe::Universe;

/// The programs that a campaign runs.
#[derive(Clone, Debug)]
pub struct Programs {
    /// The binary to test.
    pub tool: PathBuf,
    /// Cargo itself, not rustup's proxy.
    pub cargo: PathBuf,
    /// The original, if answers are compared with it.
    pub original: Option<PathBuf>,
    /// An earlier version of the tool, if the number of cargo calls is compared with it.
    pub baseline: Option<PathBuf>,
}

/// The result of running a program.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The exit status; `None` if the program was killed, by a signal or because it took too long.
    pub status: Option<i32>,
    /// Whether it took too long.
    pub hung: bool,
    /// The content of stdout.
    pub stdout: Vec<u8>,
    /// The content of stderr.
    pub stderr: String,
    /// How often it started cargo.
    pub cargo_calls: usize,
    /// Whether a program from the checkout ran.
    pub ran_code: bool,
}

impl Outcome {
    /// Whether it passed.
    pub fn passed(&self) -> bool {
        self.status == Some(0)
    }

    /// Whether it crashed or took too long.
    pub fn crashed(&self) -> bool {
        !matches!(self.status, Some(0 | 2 | 255))
    }

    /// The error that the run shows, independent of the answer.
    pub fn misbehaviour(&self) -> Option<Wrong> {
        match self {
            Outcome { hung: true, .. } => Some(Wrong::Hung),
            Outcome { ran_code: true, .. } => Some(Wrong::RanCode),
            _ => self.crashed().then_some(Wrong::Crashed),
        }
    }

    /// Whether it printed a warning or an error that has one of these codes and contains a name.
    pub fn reports(&self, codes: &[&str], name: &str) -> bool {
        let mut findings = self.stderr.split("\nwarning[").flat_map(|text| text.split("\nerror["));
        findings.any(|finding| codes.iter().any(|code| finding.contains(code)) && finding.contains(name))
    }
}

/// Unusual properties of a machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Around {
    /// Cargo's home is in the checkout, in [`HOME_IN_CHECKOUT`].
    pub home_in_checkout: bool,
    /// The cache is in the checkout, in [`CACHE_IN_CHECKOUT`].
    pub cache_in_checkout: bool,
    /// The user's servers cannot be reached.
    pub is_cut_off: bool,
}

/// The folder for cargo's home in a checkout.
pub const HOME_IN_CHECKOUT: &str = ".home-of-cargo";
/// The folder for the cache in a checkout.
pub const CACHE_IN_CHECKOUT: &str = ".cache";

/// The folders of one job. Nothing outside of them is written.
#[derive(Debug)]
pub struct Machine {
    folder: PathBuf,
    programs: Programs,
    environment: Vec<(&'static str, String)>,
    proxy: String,
    around: Around,
    /// The current files of the checkout.
    checkout: Tree,
    /// The checkout's cargo configuration at the time of [`keep`](Machine::keep).
    honest: Tree,
    home: Kept,
    cache: Kept,
    judge: Kept,
    /// Whether cargo has judged a checkout with another configuration, which may have led it to
    /// other servers.
    is_misled: Cell<bool>,
}

/// The time limit of a program.
const LIMIT: Duration = Duration::from_secs(60);

impl Machine {
    /// Creates the folders of a job, with the user's configuration.
    pub fn new(folder: &Path, programs: Programs, universe: &Universe) -> Self {
        let (pem, configuration) = (universe.pem(), universe.configuration());
        let machine = Machine {
            home: Kept::new(folder.join("cargo-home")),
            cache: Kept::new(folder.join("cache")),
            judge: Kept::new(folder.join("oracle-home")),
            honest: Tree::new(),
            is_misled: Cell::new(false),
            folder: folder.to_owned(),
            programs,
            proxy: universe.proxy(),
            around: Around::default(),
            environment: universe.environment(folder),
            checkout: Tree::new(),
        };
        let cargo = machine.programs.cargo.display();
        let log = machine.log();
        let mut tree = Tree::new();
        tree.insert("authority.pem".to_owned(), pem.as_bytes().to_vec());
        tree.insert("cargo-home/config.toml".to_owned(), configuration.as_bytes().to_vec());
        tree.insert("oracle-home/config.toml".to_owned(), configuration.as_bytes().to_vec());
        let wrapper = format!("#!/bin/sh\necho \"$@\" >> '{}'\nexec '{cargo}' \"$@\"\n", log.display());
        tree.insert("cargo.sh".to_owned(), wrapper.into_bytes());
        tree.insert("bin/rustc".to_owned(), machine.compiler().into_bytes());
        // Programs without a given set of certificates read those of the system, which takes long.
        tree.insert("nothing.pem".to_owned(), universe.unrelated_pem().into_bytes());
        tree.insert("checkout/.git/HEAD".to_owned(), b"ref: refs/heads/main\n".to_vec());
        tree.insert("checkout/.git/config".to_owned(), b"[core]\n\trepositoryformatversion = 0\n".to_vec());
        write_tree(folder, &tree);
        for empty in [
            "home",
            "cache",
            "target",
            "nothing",
            "checkout/.git/objects",
            "checkout/.git/refs",
            "checkout/project",
        ] {
            fs::create_dir_all(folder.join(empty)).unwrap();
        }
        machine
    }

    /// A wrapper of the compiler that remembers what the compiler said about itself. Cargo asks for
    /// that at every start, and the tool prevents cargo from remembering it. Without the wrapper,
    /// the compiler would take longer than everything else together.
    fn compiler(&self) -> String {
        let (rustc, answers) = (self.toolchain().join("rustc"), self.folder.join("compiler"));
        format!(
            "#!/bin/sh\n\
             case \"$*\" in\n\
             -vV | '- --crate-name ___ '*) ;;\n\
             *) exec '{rustc}' \"$@\" ;;\n\
             esac\n\
             IFS=/\n\
             answer=\"{answers}/$RUSTC_BOOTSTRAP/$*/answer\"\n\
             if [ ! -f \"$answer\" ]; then\n\
             mkdir -p \"${{answer%/*}}\"\n\
             '{rustc}' \"$@\" > \"$answer.$$\" < /dev/null || exit 1\n\
             mv \"$answer.$$\" \"$answer\"\n\
             fi\n\
             exec cat \"$answer\"\n",
            rustc = rustc.display(),
            answers = answers.display(),
        )
    }

    fn toolchain(&self) -> &Path {
        self.programs.cargo.parent().unwrap_or(Path::new("/"))
    }

    /// The folder of the checkout.
    pub fn checkout(&self) -> PathBuf {
        self.folder.join("checkout/project")
    }

    /// The folder of the repository that contains the checkout.
    pub fn repository(&self) -> PathBuf {
        self.folder.join("checkout")
    }

    /// A file that exists if code of the checkout ran.
    fn marker(&self) -> PathBuf {
        self.folder.join("code-ran")
    }

    fn log(&self) -> PathBuf {
        self.folder.join("calls.log")
    }

    /// Changes the checkout so that it contains exactly these files.
    pub fn put(&mut self, tree: &Tree) {
        let folder = self.checkout();
        if has_links(&self.checkout) {
            // Files that were written through a link are not where the tree says.
            change_tree(&folder, &self.checkout, &Tree::new());
            let _ = fs::remove_dir_all(&folder);
            let _ = fs::create_dir(&folder);
            self.checkout.clear();
        }
        change_tree(&folder, &self.checkout, tree);
        self.checkout.clone_from(tree);
    }

    /// Reads a file of the checkout that a program may have written.
    pub fn take(&mut self, path: &str) -> Option<Vec<u8>> {
        let bytes = fs::read(self.checkout().join(path)).ok()?;
        self.checkout.insert(path.to_owned(), bytes.clone());
        Some(bytes)
    }

    /// Remembers the content of cargo's homes and of the tool's cache.
    pub fn keep(&mut self) {
        self.honest = configuration(&self.checkout);
        self.judge.keep();
        self.home.keep();
        self.cache.keep();
    }

    /// Restores cargo's homes and the tool's cache to the remembered content.
    pub fn restore(&mut self) {
        if self.is_misled.take() {
            self.judge.restore();
        }
        self.home.restore();
        self.cache.restore();
    }

    /// Empties the tool's cache.
    pub fn empty_cache(&mut self) {
        self.cache.empty();
    }

    /// Empties cargo's home, except for the configuration.
    pub fn empty_home(&mut self) {
        let registry = self.home.folder.join("registry");
        let git = self.home.folder.join("git");
        let _ = fs::remove_dir_all(registry);
        let _ = fs::remove_dir_all(git);
    }

    /// The current unusual properties of this machine.
    pub fn around(&self) -> Around {
        self.around
    }

    /// Sets the unusual properties of the machine for the tool.
    pub fn set_around(&mut self, around: Around) {
        if self.around != Around::default() {
            for folder in [HOME_IN_CHECKOUT, CACHE_IN_CHECKOUT] {
                let _ = fs::remove_dir_all(self.checkout().join(folder));
                self.checkout.retain(|path, _| !path.starts_with(folder));
            }
        }
        self.around = around;
    }

    /// The home of the user's cargo.
    pub fn cargo_home(&self) -> PathBuf {
        self.home.folder.clone()
    }

    /// The home of cargo when it acts as the oracle.
    pub fn oracle_home(&self) -> PathBuf {
        self.judge.folder.clone()
    }

    /// Runs the tool.
    pub fn tool(&self, arguments: &[&str]) -> Outcome {
        let in_checkout = self.checkout().join(HOME_IN_CHECKOUT);
        let home = if self.around.home_in_checkout { in_checkout } else { self.cargo_home() };
        let mut command = self.command(&self.programs.tool, &home);
        if self.around.cache_in_checkout {
            command.env("XDG_CACHE_HOME", self.checkout().join(CACHE_IN_CHECKOUT));
        }
        if self.around.is_cut_off {
            command.env("CARGO_HTTP_PROXY", "http://127.0.0.1:9").env("HTTPS_PROXY", "http://127.0.0.1:9");
        }
        self.vet(command, arguments)
    }

    /// Runs the original, if there is one. Its cargo uses the user's network settings.
    pub fn original(&self, arguments: &[&str]) -> Option<Outcome> {
        let mut command = self.command(self.programs.original.as_ref()?, &self.cargo_home());
        command.envs(self.network());
        Some(self.vet(command, arguments))
    }

    /// Runs the earlier version of the tool, if there is one.
    pub fn baseline(&self, arguments: &[&str]) -> Option<Outcome> {
        let command = self.command(self.programs.baseline.as_ref()?, &self.cargo_home());
        Some(self.vet(command, arguments))
    }

    fn vet(&self, mut command: Command, arguments: &[&str]) -> Outcome {
        command.arg("vet").args(arguments);
        let _ = fs::remove_file(self.log());
        // The oracle may have run such a program before.
        let _ = fs::remove_file(self.marker());
        let mut outcome = self.run(command);
        outcome.cargo_calls = fs::read_to_string(self.log()).unwrap_or_default().lines().count();
        outcome.ran_code = self.marker().exists();
        outcome
    }

    /// Runs cargo with the user's home.
    pub fn cargo(&self, arguments: &[&str]) -> Outcome {
        let mut command = self.command(&self.programs.cargo, &self.cargo_home());
        command.args(arguments);
        self.run(command)
    }

    /// Runs cargo with a separate home, which no hostile run of the tool can change, and with the
    /// user's network settings.
    pub fn oracle(&self, arguments: &[&str]) -> Outcome {
        let mut command = self.command(&self.programs.cargo, &self.oracle_home());
        command.args(arguments).env("RUSTC_BOOTSTRAP", "1").envs(self.network());
        if configuration(&self.checkout) != self.honest {
            self.is_misled.set(true);
        }
        self.run(command)
    }

    /// Runs cargo to write the lock file, with the network settings of the checkout. Leaves nothing
    /// behind for the oracle.
    pub fn lock(&mut self) -> Outcome {
        let mut command = self.command(&self.programs.cargo, &self.oracle_home());
        command.args(["metadata", "--format-version", "1"]);
        let outcome = self.run(command);
        self.judge.restore();
        outcome
    }

    /// Variables that override cargo's configuration files. They give the user's network settings,
    /// so that the checkout decides neither which proxy and certificate authority cargo uses, nor
    /// whether it uses the network.
    fn network(&self) -> [(&'static str, String); 4] {
        [
            ("CARGO_HTTP_PROXY", self.proxy.clone()),
            ("CARGO_HTTP_CAINFO", self.folder.join("authority.pem").display().to_string()),
            ("CARGO_HTTP_SSL_VERSION", "default".to_owned()),
            ("CARGO_NET_OFFLINE", "false".to_owned()),
        ]
    }

    fn command(&self, program: &Path, home: &Path) -> Command {
        let mut command = Command::new(program);
        let (bin, toolchain) = (self.folder.join("bin"), self.toolchain());
        command
            .current_dir(self.checkout())
            .env_clear()
            .env("PATH", format!("{}:{}:/usr/bin:/bin", bin.display(), toolchain.display()))
            .env("HOME", self.folder.join("home"))
            .env("CARGO", self.folder.join("cargo.sh"))
            .env("CARGO_HOME", home)
            .env("CARGO_TARGET_DIR", self.folder.join("target"))
            .env("XDG_CACHE_HOME", self.folder.join("cache"))
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .env("SSL_CERT_FILE", self.folder.join("nothing.pem"))
            .env("SSL_CERT_DIR", self.folder.join("nothing"))
            .env("CARGO_NET_RETRY", "0")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null");
        command
    }

    fn run(&self, mut command: Command) -> Outcome {
        let (stdout, stderr) = (self.folder.join("stdout"), self.folder.join("stderr"));
        let open =
            |path: &Path| File::create(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        command.stdin(Stdio::null()).stdout(open(&stdout)).stderr(open(&stderr));
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let (ended, end) = mpsc::channel::<()>();
        let id = child.id();
        let watch = thread::spawn(move || {
            let hung = end.recv_timeout(LIMIT) == Err(RecvTimeoutError::Timeout);
            if hung {
                kill(id);
            }
            hung
        });
        let status = child.wait().unwrap();
        drop(ended);
        let hung = watch.join().unwrap();
        Outcome {
            status: if hung { None } else { status.code() },
            hung,
            stdout: fs::read(&stdout).unwrap_or_default(),
            stderr: String::from_utf8_lossy(&fs::read(&stderr).unwrap_or_default()).into_owned(),
            cargo_calls: 0,
            ran_code: false,
        }
    }
}

#[cfg(unix)]
fn kill(id: u32) {
    use rustix::process::{Pid, Signal, kill_process};
    if let Some(id) = id.try_into().ok().and_then(Pid::from_raw) {
        let _ = kill_process(id, Signal::KILL);
    }
}

#[cfg(not(unix))]
fn kill(_: u32) {}

/// The files of a checkout that may configure cargo.
pub fn configuration(tree: &Tree) -> Tree {
    let files = tree.iter().filter(|(path, _)| path.contains(".cargo/"));
    files.map(|(path, bytes)| (path.clone(), bytes.clone())).collect()
}

/// A folder that can be restored to its earlier content.
#[derive(Debug)]
struct Kept {
    folder: PathBuf,
    files: Tree,
    stamps: BTreeMap<PathBuf, (SystemTime, u64)>,
}

impl Kept {
    fn new(folder: PathBuf) -> Self {
        Kept { folder, files: Tree::new(), stamps: BTreeMap::new() }
    }

    fn keep(&mut self) {
        self.files = read_tree(&self.folder);
        self.stamps = stamps(&self.folder);
    }

    fn restore(&mut self) {
        if stamps(&self.folder) == self.stamps {
            return;
        }
        change_tree(&self.folder, &read_tree(&self.folder), &self.files);
        self.stamps = stamps(&self.folder);
    }

    fn empty(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
        let _ = fs::create_dir_all(&self.folder);
    }
}

fn stamps(folder: &Path) -> BTreeMap<PathBuf, (SystemTime, u64)> {
    let mut stamps = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(current) = open.pop() {
        for entry in fs::read_dir(&current).into_iter().flatten().flatten() {
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.is_dir() {
                open.push(entry.path());
            } else if let Ok(modified) = metadata.modified() {
                stamps.insert(entry.path(), (modified, metadata.len()));
            }
        }
    }
    stamps
}

/// Finds the toolchain's cargo: the one that runs the campaign, or else the one that rustup names.
///
/// # Errors
///
/// There is no cargo.
pub fn find_cargo() -> io::Result<PathBuf> {
    if let Some(cargo) = std::env::var_os("CARGO") {
        return Ok(cargo.into());
    }
    let output = Command::new("rustup").args(["which", "cargo"]).output()?;
    Ok(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()))
}
