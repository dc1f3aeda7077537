//! Programs that the checkout names.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::Command;
use std::time::{Duration, Instant};

use super::git;
use crate::project::Fixture;
use crate::run::run;
use crate::terminal::heed_interrupts;

/// A program in the project that records that it ran, and then does its usual task.
fn program(fixture: &Fixture, path: &str, then: &str) {
    let ran = fixture.canonical().join("ran");
    fixture.project.write(path, format!("#!/bin/sh\necho \"$0 $*\" >> {}\n{then}\n", ran.display()));
    let path = fixture.project.folder().join(path);
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// The programs of the project that ran.
fn ran(fixture: &Fixture) -> String {
    fs::read_to_string(fixture.canonical().join("ran")).unwrap_or_default()
}

/// Every setting of cargo's configuration that names a program or changes what a program does.
fn hostile() -> Fixture {
    let fixture = Fixture::exempted();
    for path in ["wrapper", "workspace-wrapper", "provider"] {
        program(&fixture, path, "exec \"$@\"");
    }
    program(&fixture, "compiler", "exec rustc \"$@\"");
    program(&fixture, "toolchain/bin/rustc", "exec rustc \"$@\"");
    program(&fixture, "toolchain/bin/cargo", "exec cargo \"$@\"");
    let project = &fixture.project;
    let config = project.use_vendored().read(".cargo/config.toml");
    let folder = project.folder().display().to_string();
    project.write(
        ".cargo/config.toml",
        format!(
            "{config}\n[build]\nrustc = \"./compiler\"\nrustc-wrapper = \"./wrapper\"\n\
             rustc-workspace-wrapper = \"./workspace-wrapper\"\nrustdoc = \"./compiler\"\n\
             rustflags = [\"--cfg\", \"x\", \"--not-a-flag\"]\ntarget-dir = \"made-up\"\n\
             [registry]\nglobal-credential-providers = [\"./provider\"]\n\
             [env]\nRUSTC_WRAPPER = {{ value = \"{folder}/wrapper\", force = true }}\n\
             [http]\nproxy = \"http://127.0.0.1:1\"\n[net]\ngit-fetch-with-cli = true\n"
        ),
    );
    project.write("rust-toolchain.toml", format!("[toolchain]\npath = \"{folder}/toolchain\"\n"));
    fixture
}

/// Cargo is asked, and does nothing that the checkout requests.
#[test]
fn that_cargo_would_run() {
    let fixture = hostile();
    // An option that only cargo understands.
    let run = fixture.run("vet --locked --frozen --no-default-features --verbose info");
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    assert!(run.stderr.contains("asking cargo for the dependency graph"), "{}", run.stderr);
    assert_eq!(ran(&fixture), "");
    assert!(!fixture.project.folder().join("made-up").exists());
    assert!(!fixture.project.folder().join("target").exists());
    // Cargo itself would run them.
    let config = fs::read_to_string(fixture.project.folder().join(".cargo/config.toml")).unwrap();
    fixture.project.write(".cargo/config.toml", config.replace("\"--not-a-flag\"", ""));
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.args(["metadata", "--format-version", "1", "--offline"]).current_dir(fixture.project.folder());
    assert!(cargo.output().is_ok());
    assert!(ran(&fixture).contains("wrapper"), "the programs are named as cargo expects it");
}

/// A cargo home in the checkout, as some continuous integration services use it, with a
/// configuration.
#[test]
fn that_a_home_of_cargo_names() {
    let fixture = hostile();
    let folder = fixture.project.folder();
    git(folder, &["init", "--quiet"]);
    let text = format!("[build]\nrustc-wrapper = \"{}\"\n", folder.join("wrapper").display());
    fixture.project.write("home/config.toml", text);
    let mut command = fixture.command(".", "vet --locked --frozen --no-default-features");
    let asked = run(command.env("CARGO_HOME", folder.join("home")));
    assert_eq!((asked.status, ran(&fixture).as_str()), (Some(0), ""), "{}", asked.stderr);
}

/// A toolchain in the checkout, which rustup has chosen because of `rust-toolchain.toml`.
#[test]
fn that_are_a_toolchain() {
    let fixture = hostile();
    let toolchain = fixture.project.folder().join("toolchain");
    let mut command = fixture.command(".", "vet --locked --frozen --no-default-features");
    command.env("CARGO", toolchain.join("bin/cargo")).env("RUSTUP_TOOLCHAIN", &toolchain);
    run(&mut command);
    assert_eq!(ran(&fixture), "");
    // And a compiler that is asked about a target.
    fixture.project.write("supply-chain/vet.toml", "[graph]\ntargets = [\"no-such-target\"]\n");
    run(fixture.command(".", "vet --locked").env("RUSTC", "./compiler"));
    run(fixture.command(".", "vet --locked").env("RUSTC", toolchain.join("bin/rustc")));
    assert_eq!(ran(&fixture), "");
}

/// A credential helper from the configuration of the repository, or of a folder that looks like a
/// repository.
#[test]
fn that_git_would_run() {
    let fixture = Fixture::exempted();
    program(&fixture, "helper", "echo username=u; echo password=p");
    let folder = fixture.project.folder();
    git(folder, &["init", "--quiet"]);
    let helper = folder.join("helper").display().to_string();
    git(folder, &["config", "credential.helper", &helper]);
    git(folder, &["config", "core.fsmonitor", &helper]);
    git(folder, &["config", "core.pager", &helper]);
    fixture.project.write(".gitignore", "/cache\n");
    let import = "vet import peer https://peer.invalid/audits.toml --use-git-credentials --cache-dir cache";
    let mut command = fixture.command(".", import);
    command.env("HTTPS_PROXY", "http://127.0.0.1:1").env("CARGO_NET_RETRY", "0");
    assert_eq!(run(&mut command).status, Some(255));
    assert_eq!(ran(&fixture), "");

    let bare = folder.join("bare");
    git(folder, &["init", "--quiet", "--bare", "bare"]);
    git(&bare, &["config", "credential.helper", &helper]);
    fixture.project.package("bare", "other", "[workspace]\n");
    fixture
        .project
        .write("bare/Cargo.lock", "version = 4\n\n[[package]]\nname = \"other\"\nversion = \"0.0.7\"\n");
    let mut command = fixture.command("bare", &import.replace("cache", "../cache"));
    command.env("HTTPS_PROXY", "http://127.0.0.1:1").env("CARGO_NET_RETRY", "0");
    run(&mut command);
    assert_eq!(ran(&fixture), "");
}

/// Ctrl-C at a terminal ends this tool and the cargo process that it waits for.
#[test]
fn that_wait_are_ended_with_us() {
    let fixture = Fixture::exempted();
    let number = fixture.canonical().join("number");
    let cargo = fixture.canonical().join("cargo");
    fs::write(
        &cargo,
        format!("#!/bin/sh\necho $$ > {0}.new\nmv {0}.new {0}\nexec sleep 600\n", number.display()),
    )
    .unwrap();
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = fixture.command(".", "vet --locked --frozen --no-default-features");
    heed_interrupts();
    // The process group is that of a job in a shell.
    let mut child = command.env("CARGO", &cargo).process_group(0).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    let wait_for = |what: &dyn Fn() -> bool| {
        while !what() {
            assert!(Instant::now() < deadline);
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    wait_for(&|| number.exists());
    let waits = fs::read_to_string(&number).unwrap();
    let signal = |arguments: &[&str]| Command::new("kill").args(arguments).output().unwrap().status.success();
    assert!(signal(&["-0", waits.trim()]));
    assert!(signal(&["-INT", "--", &format!("-{}", child.id())]));
    assert!(!child.wait().unwrap().success());
    wait_for(&|| !signal(&["-0", waits.trim()]));
}

/// A program of the user that knows tokens is not asked about a registry that only a manifest
/// names.
#[test]
fn that_know_tokens_of_the_user() {
    use vet_testing::{Reply, TestServer};

    let server = TestServer::start(|_| Reply::status(401).header("www-authenticate", "Cargo"));
    let index = format!("sparse+{}", server.url("/index/"));
    let fixture = Fixture::new();
    let tables = format!("[dependencies]\nsecret = {{ version = \"1\", registry-index = \"{index}\" }}\n");
    fixture.project.package(".", "app", &tables).lock("app 0.0.7 -> secret\n+secret 1.0.0");
    let lock_file = fixture.project.read("Cargo.lock");
    let crates_io = lock_file.lines().find(|line| line.starts_with("source = ")).unwrap();
    fixture.project.write("Cargo.lock", lock_file.replace(crates_io, &format!("source = \"{index}\"")));
    fixture.project.store("", "", "");
    program(&fixture, "../user/provider", "");
    let provider = fixture.canonical().join("user/provider");
    let global = format!("[registry]\nglobal-credential-providers = [\"{}\"]\n", provider.display());
    let named = format!("{global}[registries.secret]\nindex = \"{index}\"\n");
    for (of_user, of_checkout, is_asked) in [
        (global.as_str(), "", false),
        // The checkout gives it a name that the user's configuration also has.
        (
            &format!("{global}[registries.secret]\nindex = \"sparse+http://127.0.0.1:1/\"\n"),
            &format!("[registries.secret]\nindex = \"{index}\"\n"),
            false,
        ),
        (&named, "", true),
    ] {
        fixture.write_of_user("cargo-home/config.toml", of_user);
        fixture.project.write(".cargo/config.toml", of_checkout);
        let _ = fs::remove_file(fixture.canonical().join("ran"));
        let mut command = fixture.command(".", "vet --locked");
        let result = run(command.env("CARGO_NET_OFFLINE", "false"));
        assert_eq!(result.status, Some(255), "{}", result.stdout);
        assert!(server.seen().iter().any(|asked| asked.path.contains("config.json")), "{}", result.stderr);
        assert_eq!(!ran(&fixture).is_empty(), is_asked, "{of_user}{of_checkout}: {}", ran(&fixture));
    }
}
