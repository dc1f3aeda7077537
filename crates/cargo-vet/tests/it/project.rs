//! Projects for the binary.

use std::path::PathBuf;
use std::process::Command;

use vet_testing::{CRATES_IO, TestProject};

use crate::run::{Run, binary, run};

/// A project in its own folder, which is removed with it.
pub(crate) struct Fixture {
    folder: tempfile::TempDir,
    pub(crate) project: TestProject,
    /// The URL of the index whose entries are cached.
    pub(crate) index: String,
    /// Whether the answers of an index and the archives of all packages in `vendor` are put into
    /// the cache before each run.
    pub(crate) remembers: bool,
}

impl Fixture {
    /// An empty project.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("project");
        std::fs::create_dir(&root).unwrap();
        let project = TestProject::new(&root);
        Fixture { folder, project, index: CRATES_IO.to_owned(), remembers: true }
    }

    /// A package with two normal dependencies and one development dependency, all vendored, and
    /// without a store.
    pub(crate) fn small() -> Self {
        let fixture = Self::new();
        fixture
            .project
            .package(
                ".",
                "app",
                "[dependencies]\nalpha = \"1\"\nbeta = \"1\"\n[dev-dependencies]\ngamma = \"1\"\n",
            )
            .vendor("alpha 1.0.0", "", "src/lib.rs")
            .vendor("beta 1.2.0", "[dependencies]\nalpha = \"1\"\n", "src/lib.rs")
            .vendor("gamma 1.0.0", "", "src/lib.rs")
            .lock("app 0.0.7 -> alpha, beta, gamma\n+alpha 1.0.0\n+beta 1.2.0 -> alpha\n+gamma 1.0.0");
        fixture
    }

    /// [`small`](Self::small), with everything exempted.
    pub(crate) fn exempted() -> Self {
        let fixture = Self::small();
        fixture.project.store(EXEMPTIONS, "", "");
        fixture
    }

    /// The binary, ready to run in a folder of the project.
    pub(crate) fn command(&self, folder: &str, line: &str) -> Command {
        if self.remembers {
            self.project.remember(&self.cache(), &self.index, true);
        }
        let mut command = binary(&self.project.folder().join(folder), line);
        command
            .env("XDG_CACHE_HOME", self.folder.path().join("cache"))
            .env("LOCALAPPDATA", self.folder.path().join("cache"))
            .env("CARGO_VET_STATE_DIR", self.folder.path().join("state"))
            .env("CARGO_HOME", self.folder.path().join("cargo-home"))
            .env("GIT_CONFIG_GLOBAL", self.folder.path().join("gitconfig"))
            .env("GIT_CONFIG_NOSYSTEM", "1");
        // The shim of rustup would look for toolchains in the home folder, which is a fake one
        // here.
        if let Some(cargo) = std::env::var_os("CARGO") {
            command.env("CARGO", cargo);
        }
        command
    }

    /// Writes a file of the user, outside the project.
    pub(crate) fn write_of_user(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// The cache folder.
    pub(crate) fn cache(&self) -> PathBuf {
        self.folder.path().join("cache").join("cargo-vet-rs")
    }

    /// Removes the sources of all packages. Their index entries are cached.
    pub(crate) fn without_sources(&self) {
        let _ = std::fs::remove_dir_all(self.cache());
        self.project.remember(&self.cache(), &self.index, false);
        std::fs::remove_dir_all(self.project.folder().join("vendor")).unwrap();
        self.project.write("vendor/README", "");
    }

    pub(crate) fn run(&self, line: &str) -> Run {
        self.run_in(".", line)
    }

    pub(crate) fn run_in(&self, folder: &str, line: &str) -> Run {
        self.redacted(run(&mut self.command(folder, line)))
    }

    /// The output and exit statuses of command lines, without what differs from run to run.
    pub(crate) fn transcript(&self, lines: &[&str]) -> String {
        lines.iter().map(|line| self.run(line).transcript(line)).collect()
    }

    /// The files of the store whose text has changed.
    pub(crate) fn store(&self) -> Vec<(&'static str, String)> {
        ["config.toml", "audits.toml", "imports.lock"]
            .map(|file| (file, self.project.read(&format!("supply-chain/{file}"))))
            .to_vec()
    }

    /// The folder, with all links resolved.
    pub(crate) fn canonical(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap()
    }

    pub(crate) fn redacted(&self, run: Run) -> Run {
        let clean = |text: String| {
            let text = text.replace(&self.canonical().display().to_string(), "[FOLDER]");
            text.replace(&self.folder.path().display().to_string(), "[FOLDER]").replace('\\', "/")
        };
        Run { status: run.status, stdout: clean(run.stdout), stderr: clean(run.stderr) }
    }
}

pub(crate) const EXEMPTIONS: &str = "\
[[exemptions.alpha]]
version = \"1.0.0\"
criteria = \"safe-to-deploy\"

[[exemptions.beta]]
version = \"1.2.0\"
criteria = \"safe-to-deploy\"

[[exemptions.gamma]]
version = \"1.0.0\"
criteria = \"safe-to-run\"
";
