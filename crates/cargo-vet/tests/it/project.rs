//! Projects for the binary to run in.

use std::path::PathBuf;
use std::process::Command;

use vet_testing::{CRATES_IO, TestProject};

use crate::run::{Run, binary, run};

/// A project in a folder of its own, which goes away with it.
pub(crate) struct Fixture {
    folder: tempfile::TempDir,
    pub(crate) project: TestProject,
    /// The address of the index whose entries are remembered.
    pub(crate) index: String,
    /// Whether what an index and archives would say of all that is in `vendor` is remembered before each run.
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

    /// A package with two dependencies and one for development, all vendored, and no store.
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
            .env("CARGO_HOME", self.folder.path().join("cargo-home"))
            .env("GIT_CONFIG_GLOBAL", self.folder.path().join("gitconfig"))
            .env("GIT_CONFIG_NOSYSTEM", "1");
        // The shim of rustup would look for toolchains in a home folder, which is made up here.
        if let Some(cargo) = std::env::var_os("CARGO") {
            command.env("CARGO", cargo);
        }
        command
    }

    /// Writes a file of the user, outside of the project.
    pub(crate) fn write_of_user(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// The folder of the cache.
    pub(crate) fn cache(&self) -> PathBuf {
        self.folder.path().join("cache").join("cargo-vet-rs")
    }

    /// Takes the sources of all packages away. What the index has of them is known.
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

    /// What command lines print and how they end, without what differs from run to run.
    pub(crate) fn transcript(&self, lines: &[&str]) -> String {
        lines.iter().map(|line| self.run(line).transcript(line)).collect()
    }

    /// The files of the store whose text differs from what it was.
    pub(crate) fn store(&self) -> Vec<(&'static str, String)> {
        ["config.toml", "audits.toml", "imports.lock"]
            .map(|file| (file, self.project.read(&format!("supply-chain/{file}"))))
            .to_vec()
    }

    /// The folder, with the links that lead to it followed.
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
