//! A checkout that an attacker may have changed: it decides neither which programs run nor where
//! the store and the cache are.

#[cfg(unix)]
mod programs;

use std::path::Path;
use std::process::Command;

use crate::project::Fixture;

/// Makes the project a git repository with an empty commit.
fn git(folder: &Path, arguments: &[&str]) {
    let mut git = Command::new("git");
    git.args(["-c", "init.defaultBranch=main"]).args(arguments).current_dir(folder);
    let output = git.env("GIT_CONFIG_GLOBAL", "/dev/null").output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Whether cargo accepts the lock file depends on which table it uses this time, so cargo is not
/// asked.
#[test]
fn two_tables_that_patch_one_source() {
    let fixture = Fixture::exempted();
    let manifest = fixture.project.read("Cargo.toml");
    let table = |source: &str, name: &str| format!("\n[patch.{source}]\n{name} = {{ path = \"{name}\" }}\n");
    let index = "\"https://github.com/rust-lang/crates.io-index/\"";
    fixture.project.write("Cargo.toml", manifest + &table("crates-io", "one") + &table(index, "two"));
    for name in ["one", "two"] {
        fixture.project.write(
            &format!("{name}/Cargo.toml"),
            format!("[package]\nname = \"{name}\"\nversion = \"1.0.0\"\n"),
        );
        fixture.project.write(&format!("{name}/src/lib.rs"), "");
    }
    let said = fixture.transcript(&["vet --locked"]);
    assert!(said.contains("error[VET0305]") && said.contains("not the same one in every run"), "{said}");
}

/// Cargo before version 1.83, which a file of the checkout can choose, builds a library that newer
/// versions do not look for.
#[test]
fn a_library_that_only_old_versions_of_cargo_find() {
    let fixture = Fixture::new();
    let project = &fixture.project;
    project.package(
        ".",
        "app",
        "[workspace]\nexclude = [\"mid\"]\n[dependencies]\nmid = { path = \"mid\" }\n",
    );
    let manifest =
        "[package]\nname = \"mid\"\nversion = \"1.0.0\"\nautolib = false\n[dependencies]\nevil = \"1\"\n";
    project.write("mid/Cargo.toml", manifest).write("mid/src/main.rs", "");
    project.vendor("evil 1.0.0", "", "src/lib.rs");
    project.lock("app 0.0.7 -> mid\n+evil 1.0.0\nmid 1.0.0 -> evil").store("", "", "");
    assert_eq!(fixture.run("vet --locked").status, Some(0));
    project.write("mid/src/lib.rs", "");
    let run = fixture.run("vet --locked");
    assert!(run.stdout.contains("evil:1.0.0 missing [\"safe-to-deploy\"]"), "{}{}", run.stdout, run.stderr);
}

/// A configuration that counts only for cargo that is started in the folder of a member.
#[test]
fn configuration_of_a_member() {
    let fixture = Fixture::new();
    let project = &fixture.project;
    project.write("Cargo.toml", "[workspace]\nmembers = [\"libs/core\"]\nresolver = \"2\"\n");
    project.package("libs/core", "core", "[dependencies]\n");
    project.lock("core 0.0.7").store("", "", "");
    let source = "[source.crates-io]\nreplace-with = \"v\"\n[source.v]\ndirectory = \"v\"\n";
    for (path, text, expected) in [
        ("libs/core/.cargo/config.toml", "[build]\njobs = 2\n[http]\ntimeout = 9\n", None),
        ("libs/core/.cargo/config.toml", source, Some("`source` in `libs/core/.cargo/config.toml`")),
        ("libs/core/.cargo/config", "paths = [\"other\"]\n", Some("`paths` in `libs/core/.cargo/config`")),
        ("libs/.cargo/config.toml", "[patch.crates-io]\n", Some("`patch` in `libs/.cargo/config.toml`")),
        (
            "libs/core/.cargo/config.toml",
            "[http]\ncainfo = \"a\"\nproxy = \"b\"\n[resolver]\nlockfile-path = \"l\"\n",
            Some("`http.cainfo`"),
        ),
        (
            "libs/core/.cargo/config.toml",
            "[source",
            Some("`libs/core/.cargo/config.toml`, which is not TOML"),
        ),
        ("libs/other/.cargo/config.toml", source, None),
    ] {
        project.write(path, text);
        let run = fixture.run("vet --locked");
        let is_said = run.stderr.contains("warning[VET0329]");
        assert_eq!((run.status, is_said), (Some(0), expected.is_some()), "{path} {text}: {}", run.stderr);
        assert!(run.stderr.contains(expected.unwrap_or_default()), "{}", run.stderr);
        let strict = fixture.run("vet --locked --strict").status;
        assert_eq!(strict, if expected.is_some() { Some(255) } else { Some(0) }, "{path} {text}");
        if path == "libs/core/.cargo/config.toml" && text == source {
            crate::codes::check("VET0329", &crate::codes::says(&fixture, "vet --locked"));
        }
        std::fs::remove_file(fixture.project.folder().join(path)).unwrap();
    }
}

/// A store in a folder other than the default, because the checkout says so.
#[test]
fn a_store_that_the_checkout_moves() {
    let line = ["vet --locked", "vet --locked --strict"];
    let metadata = |table: &str, path: &str| format!("[{table}.metadata.vet.store]\npath = \"{path}\"\n");
    let mut transcript = String::new();
    // A manifest names it.
    for (table, path) in [("package", "audits"), ("package", "./supply-chain")] {
        let fixture = Fixture::exempted();
        let manifest = fixture.project.read("Cargo.toml");
        fixture.project.write("Cargo.toml", manifest + &metadata(table, path));
        if path == "audits" {
            std::fs::rename(
                fixture.project.folder().join("supply-chain"),
                fixture.project.folder().join(path),
            )
            .unwrap();
        }
        transcript += &fixture.transcript(&line);
        if path == "audits" {
            transcript += &fixture
                .transcript(&["vet --locked --strict --store-path audits", "vet fmt --allow VET0509"]);
        }
    }
    // A manifest leads to another workspace.
    let fixture = Fixture::exempted();
    std::fs::create_dir(fixture.project.folder().join(".git")).unwrap();
    let project = &fixture.project;
    project.write(
        "elsewhere/member/Cargo.toml",
        "[package]\nname = \"member\"\nversion = \"0.1.0\"\nworkspace = \"../../side\"\n",
    );
    project.write("elsewhere/member/src/lib.rs", "");
    project.write("side/Cargo.toml", "[workspace]\nmembers = [\"../elsewhere/member\"]\n");
    project.write("side/Cargo.lock", "version = 4\n\n[[package]]\nname = \"member\"\nversion = \"0.1.0\"\n");
    for file in ["config.toml", "audits.toml", "imports.lock"] {
        project.write(
            &format!("side/supply-chain/{file}"),
            project.read(&format!("supply-chain/{file}")).split("\n[[").next().unwrap(),
        );
    }
    for line in line {
        transcript += &fixture.run_in("elsewhere/member", line).transcript(line);
    }
    // A new workspace contains its own store.
    let fixture = Fixture::exempted();
    std::fs::create_dir(fixture.project.folder().join(".git")).unwrap();
    let project = &fixture.project;
    project.write("inner/Cargo.toml", "[package]\nname = \"inner\"\nversion = \"0.1.0\"\n[workspace]\n");
    project.write("inner/src/lib.rs", "");
    project.write("inner/Cargo.lock", "version = 4\n\n[[package]]\nname = \"inner\"\nversion = \"0.1.0\"\n");
    for file in ["config.toml", "audits.toml", "imports.lock"] {
        project.write(
            &format!("inner/supply-chain/{file}"),
            project.read(&format!("supply-chain/{file}")).split("\n[[").next().unwrap(),
        );
    }
    for line in line {
        transcript += &fixture.run_in("inner", line).transcript(line);
    }
    insta::assert_snapshot!(transcript);
}

#[cfg(unix)]
#[test]
fn a_store_that_is_a_link() {
    let link = |fixture: &Fixture, path: &str| {
        let folder = fixture.project.folder();
        std::fs::create_dir_all(folder.join("other")).unwrap();
        std::fs::rename(folder.join(path), folder.join("other/target")).unwrap();
        let up = "../".repeat(path.matches('/').count());
        std::os::unix::fs::symlink(format!("{up}other/target"), folder.join(path)).unwrap();
    };
    let mut transcript = String::new();
    for path in ["supply-chain", "supply-chain/audits.toml"] {
        let fixture = Fixture::exempted();
        link(&fixture, path);
        transcript += &fixture.transcript(&[
            "vet --locked",
            "vet --locked --strict",
            "vet --locked --strict --store-path supply-chain",
        ]);
    }
    insta::assert_snapshot!(transcript);
}

/// A cache folder that a pull request may fill.
#[test]
fn a_cache_inside_of_the_checkout() {
    let fixture = Fixture::exempted();
    let folder = fixture.project.folder();
    let lines = ["vet --locked --frozen --cache-dir cache", "vet --locked --frozen --cache-dir cache/of/ci"];
    let mut transcript = fixture.transcript(&lines[..1]);
    git(folder, &["init", "--quiet"]);
    transcript += &fixture.transcript(&lines[..1]);
    fixture.project.write(".gitignore", "/cache\n");
    for cache in ["cache", "cache/of/ci"] {
        fixture.project.remember(&folder.join(cache), &fixture.index, true);
    }
    transcript += &fixture.transcript(&lines);
    fixture.project.write("cache/of/ci/published/v1", "evil");
    git(folder, &["add", "--force", "cache"]);
    transcript += &fixture.transcript(&lines);
    insta::assert_snapshot!(transcript.replace(env!("CARGO_PKG_VERSION"), "[VERSION]"));

    // The environment variables that name it are no safer.
    let mut command = fixture.command(".", "vet --locked");
    let run = crate::run::run(
        command.env("XDG_CACHE_HOME", folder.join("other")).env("LOCALAPPDATA", folder.join("other")),
    );
    assert!(
        run.status == Some(255) && run.stderr.contains("VET0508") || cfg!(target_os = "macos"),
        "{}",
        run.stderr
    );
    fixture.project.write("home/registry/cache/file", "evil");
    git(folder, &["add", "home"]);
    let run = crate::run::run(fixture.command(".", "vet --locked").env("CARGO_HOME", folder.join("home")));
    assert!(run.status == Some(255) && run.stderr.contains("VET0508"), "{}", run.stderr);
}

/// Packages of a registry that a manifest names and the user's configuration does not.
#[test]
fn a_registry_that_only_the_checkout_names() {
    let fixture = Fixture::new();
    let index = "sparse+https://alt.example/index/";
    let project = &fixture.project;
    project.package(
        ".",
        "app",
        &format!("[dependencies]\nalpha = {{ version = \"1\", registry-index = \"{index}\" }}\n"),
    );
    project.vendor("alpha 1.0.0", "", "src/lib.rs");
    let config = project.use_vendored().read(".cargo/config.toml");
    let replaced = format!("[source.alt]\nregistry = \"{index}\"\nreplace-with = \"vendored-sources\"\n");
    project.write(".cargo/config.toml", config + "\n" + &replaced);
    project.lock("app 0.0.7 -> alpha\n+alpha 1.0.0");
    let lock = project.read("Cargo.lock");
    let lines = lock.lines().map(|line| match line.starts_with("source = ") {
        true => format!("source = \"{index}\"\n"),
        false => format!("{line}\n"),
    });
    project.write("Cargo.lock", lines.collect::<String>());
    project.store("", "", "");
    let reported = |fixture: &Fixture, line: &str| {
        let run = fixture.run(line);
        (run.status, run.stderr.contains("VET0320"))
    };
    assert_eq!(reported(&fixture, "vet --locked --frozen"), (Some(0), true));
    assert_eq!(reported(&fixture, "vet --locked --frozen --strict"), (Some(255), true));
    let mut by_variable = fixture.command(".", "vet --locked --frozen --strict");
    let run = crate::run::run(by_variable.env("CARGO_REGISTRIES_ALT_INDEX", index));
    assert!(!run.stderr.contains("VET0320"), "{}", run.stderr);
    fixture.write_of_user("cargo-home/config.toml", &format!("[registries.alt]\nindex = \"{index}\"\n"));
    assert!(!reported(&fixture, "vet --locked --frozen --strict").1);
}

/// Cargo follows anything that replaces its configuration file, so the tool does not ignore it.
#[cfg(unix)]
#[test]
fn a_configuration_that_is_no_file() {
    use std::fs;
    use std::os::unix::fs::symlink;

    let vendored = "[source.crates-io]\nreplace-with = \"v\"\n[source.v]\ndirectory = \"none\"\n";
    enum Place {
        File(&'static str),
        Link(&'static str),
        Folder,
    }
    use Place::{File, Folder, Link};
    let cases = [
        ("config.toml", File(""), ""),
        ("config.toml", File("["), "which is not TOML"),
        ("config.toml", File("net.retry = 1\nnet.retry = 2\n"), "which is not TOML"),
        ("config.toml", File("source = 1\n"), "`source` in `.cargo/config.toml`"),
        ("config.toml", File("include = [\"none.toml\"]\n"), "none.toml`, which cannot be read"),
        ("config.toml", Link("/dev/zero"), "which cannot be read"),
        ("config.toml", Link("nowhere"), ""),
        ("config.toml", Link("../elsewhere.toml"), "VET0319"),
        ("config.toml", Folder, "which cannot be read"),
        // The older name takes precedence.
        ("config", Folder, "which cannot be read"),
        ("config", Link("/dev/null"), "which cannot be read"),
    ];
    for (name, place, expected) in cases {
        let fixture = Fixture::exempted();
        fixture.project.write("elsewhere.toml", vendored).write(".cargo/other.toml", "");
        let path = fixture.project.folder().join(".cargo").join(name);
        match place {
            File(text) => fs::write(path, text).unwrap(),
            Link(to) => symlink(to, path).unwrap(),
            Folder => fs::create_dir(path).unwrap(),
        }
        let run = fixture.run("vet --locked --frozen");
        match expected {
            "" => assert_eq!((run.status, run.stderr.as_str()), (Some(0), ""), "{name}"),
            _ => {
                assert_eq!(run.status, Some(255), "{name}: {expected}");
                assert!(run.stderr.contains(expected), "{name}: {expected}: {}", run.stderr);
            }
        }
    }
}

/// An earlier run on a hostile checkout with the same lock file is no reason to skip asking cargo,
/// which may refuse this checkout.
#[test]
fn git_packages_are_asked_about_each_time() {
    let fixture = Fixture::new();
    let tool = "some-tool = { git = \"https://127.0.0.1:1/tool\" }";
    fixture
        .project
        .package(".", "app", &format!("[dependencies]\n{tool}\n"))
        .lock("app 0.0.7 -> some-tool")
        .store("", "", "");
    let source = "git+https://127.0.0.1:1/tool#0123456789abcdef0123456789abcdef01234567";
    let locked = format!("\n[[package]]\nname = \"some-tool\"\nversion = \"0.3.1\"\nsource = \"{source}\"\n");
    fixture.project.write("Cargo.lock", fixture.project.read("Cargo.lock") + &locked);
    for _ in 0..2 {
        let mut command = fixture.command(".", "vet --locked --verbose info");
        let run = crate::run::run(command.env("CARGO_NET_RETRY", "0"));
        assert_eq!(run.status, Some(0), "{}", run.stderr);
        let is_asked =
            run.stderr.contains("asking cargo") && run.stderr.contains("cargo could not answer either");
        assert!(is_asked, "{}", run.stderr);
    }
}

/// Names of the checkout cannot control the terminal.
#[test]
fn what_is_done_is_told_in_plain_characters() {
    let fixture = Fixture::exempted();
    let manifest = fixture.project.read("Cargo.toml");
    let odd = "[dependencies.\"a\\u001b[31m\\u202e\\u009b\"]\nversion = \"1\"\n";
    fixture.project.write("Cargo.toml", manifest + odd);
    let run = fixture.run("vet --locked --verbose info");
    assert!(run.stderr.contains("info: ") && run.stderr.contains("u{1b}"), "{}", run.stderr);
    assert!(!run.stderr.contains(['\u{1b}', '\u{202e}', '\u{9b}']), "{}", run.stderr);
}

/// A replacement registry, a local registry, and a server that an authority of the checkout
/// certifies may describe conditions and features differently.
#[test]
fn a_mirror_does_not_decide_what_is_left_out() {
    let fixture = Fixture::exempted();
    fixture.project.write("supply-chain/vet.toml", "[graph]\ntargets = [\"x86_64-unknown-linux-gnu\"]\n");
    let warns = |configuration: &str| {
        fixture.project.write(".cargo/config.toml", configuration);
        fixture.run("vet --locked --frozen").stderr.contains("[VET0327]: nothing is left out by `targets`")
    };
    let replaced = "[source.crates-io]\nreplace-with = \"m\"\n[source.m]\n";
    assert!(warns(&format!("{replaced}registry = \"sparse+http://127.0.0.1:1/\"\n")));
    assert!(warns(&format!("{replaced}local-registry = \"x\"\n")));
    assert!(!warns(&format!("{replaced}directory = \"vendor\"\n")));
    assert!(!warns("[registries.crates-io]\nprotocol = \"git\"\n"));
    assert!(warns("[http]\ncainfo = \"ca.pem\"\n"));
    assert!(!warns("[http]\nproxy = \"http://127.0.0.1:1\"\n"));
}
