//! Mutations of the cargo configuration in a checkout.

use super::lock_graph::prune;
use super::{Mutation, Subject};
use crate::package::{Library, Package};
use crate::project::seal;
use crate::random::Random;
use crate::registry::ATTACKER_INDEX;

pub(super) const CATALOG: &[(&str, Mutation)] = &[
    ("unused source", unused_source),
    ("unused source", unused_source),
    ("source replacement", replacement),
    ("source replacement", replacement),
    ("patch in the configuration", patch),
    ("programs in the configuration", programs),
    ("flags in the configuration", flags),
    ("flags in the configuration", flags),
    ("registries in the configuration", registries),
    ("network in the configuration", network),
    ("proxy of an attacker", proxy_of_attacker),
    ("proxy of an attacker", proxy_of_attacker),
    ("paths in the configuration", paths),
    ("include in the configuration", include),
    ("toolchain file", toolchain),
    ("old configuration file", old_file),
    ("source in a circle", circle),
    ("configuration of a member", of_member),
    ("configuration of a member", of_member),
    ("harmless configuration", harmless),
];

/// Vendors packages of the graph with false manifests: without the library of the victim, or
/// without the edges to it.
fn forge(subject: &mut Subject<'_>, random: &mut Random, folder: &str, all: bool) -> Option<&'static str> {
    let victim = subject.victim(random)?;
    let without_library = random.chance(50);
    for node in subject.base.graph.nodes.clone() {
        let Some(release) = subject.universe.crates_io.find(&node.name, &node.version) else { continue };
        let mut package = release.package.clone();
        let checksum = release.checksum.clone();
        let is_victim = node.id == victim.id;
        if without_library && is_victim {
            package.library = Library::None;
        } else if !without_library {
            package.dependencies.retain(|one| one.package != victim.name);
            drop_dangling_features(&mut package);
        }
        if !all && !is_victim && without_library {
            continue;
        }
        let inner = format!("{folder}/{}-{}", node.name, node.version);
        for (path, text) in package.files(if package.library == Library::None {
            "[[bin]]\nname = \"x\"\npath = \"src/main.rs\"\n"
        } else {
            ""
        }) {
            subject.put(&format!("{inner}/{path}"), &text);
        }
        seal(&mut subject.tree, &inner, &checksum);
    }
    Some(if without_library { "no library" } else { "no edge" })
}

pub(super) fn drop_dangling_features(package: &mut Package) {
    let keys: Vec<String> = package.dependencies.iter().map(|one| one.key.clone()).collect();
    let names: Vec<String> = package.features.keys().cloned().collect();
    for list in package.features.values_mut() {
        list.retain(|one| {
            let key = one.trim_start_matches("dep:").split(['/', '?']).next().unwrap_or_default().to_owned();
            names.contains(one) || keys.contains(&key)
        });
    }
}

fn unused_source(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let what = forge(subject, random, "fake", false)?;
    subject.configure("\n[source.zzz]\ndirectory = \"fake\"\n");
    Some(what.to_owned())
}

fn replacement(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let victim = subject.victim(random)?;
    let config = subject.text(subject.config).unwrap_or_default();
    if config.contains("[source.crates-io]") {
        let changed = config.replace("directory = \"vendor\"", "directory = \"fake\"");
        let what = forge(subject, random, "fake", true)?;
        subject.put(subject.config, &changed);
        return Some(format!("another directory, {what}"));
    }
    let attacker = format!(
        "[source.crates-io]\nreplace-with = \"mirror\"\n\n[source.mirror]\nregistry = \"{}\"\n",
        ATTACKER_INDEX.replace("/index/", &format!("/without/{}/index/", victim.name))
    );
    let variant = match random.below(4) {
        0 => {
            let what = forge(subject, random, "fake", true)?;
            subject
                .configure("[source.crates-io]\nreplace-with = \"x\"\n\n[source.x]\ndirectory = \"fake\"\n");
            format!("directory, {what}")
        }
        1 => {
            subject.configure(&attacker);
            "registry".to_owned()
        }
        2 => {
            subject.configure(&attacker);
            remove_from_lock(subject, &victim.name)?;
            "registry, lock without the package".to_owned()
        }
        _ => {
            let what = forge(subject, random, "fake", true)?;
            subject
                .configure("[source.crates-io]\nreplace-with = \"x\"\n\n[source.x]\ndirectory = \"fake\"\n");
            remove_from_lock(subject, &victim.name)?;
            format!("directory, {what}, lock without the package")
        }
    };
    Some(variant)
}

pub(super) fn remove_from_lock(subject: &mut Subject<'_>, name: &str) -> Option<String> {
    subject.lock(|lock| {
        lock.packages.retain(|one| one.name != name);
        for package in &mut lock.packages {
            package.dependencies.retain(|one| one.split(' ').next() != Some(name));
        }
        Some(String::new())
    })
}

fn patch(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let victim = subject.victim(random)?;
    let text =
        format!("[package]\nname = \"{}\"\nversion = \"{}\"\n[workspace]\n", victim.name, victim.version);
    subject.put("decoys/p/Cargo.toml", &text);
    subject.put("decoys/p/src/lib.rs", "");
    subject.configure(&format!("\n[patch.crates-io]\n{} = {{ path = \"decoys/p\" }}\n", victim.name));
    if random.chance(50) {
        subject.relock = true;
        return Some("locked".to_owned());
    }
    Some("lock stale".to_owned())
}

/// Configures a program that leaves a mark if it runs.
fn program(subject: &mut Subject<'_>, rest: &str) {
    let text = format!("#!/bin/sh\ntouch \"$(dirname \"$0\")/../../../code-ran\"\n{rest}\n");
    subject.put("tools/run.sh", &text);
}

fn programs(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let lines = [
        ("rustc", "\n[build]\nrustc = \"tools/run.sh\"\n", "exec rustc \"$@\""),
        ("rustc-wrapper", "\n[build]\nrustc-wrapper = \"tools/run.sh\"\n", "exec \"$@\""),
        ("rustc-workspace-wrapper", "\n[build]\nrustc-workspace-wrapper = \"tools/run.sh\"\n", "exec \"$@\""),
        ("credential provider", "\n[registry]\nglobal-credential-providers = [\"tools/run.sh\"]\n", "exit 1"),
        (
            "credential provider of a registry",
            "\n[registries.alt]\ncredential-provider = [\"tools/run.sh\"]\n",
            "exit 1",
        ),
        ("credential alias", "\n[credential-alias]\n\"cargo:token\" = [\"tools/run.sh\"]\n", "exit 1"),
        ("alias", "\n[alias]\nmetadata = [\"build\"]\n", "exit 1"),
        (
            "linker",
            "\n[target.x86_64-unknown-linux-gnu]\nlinker = \"tools/run.sh\"\nrunner = \"tools/run.sh\"\n",
            "exit 1",
        ),
        (
            "rustc in the environment",
            "\n[env]\nRUSTC = { value = \"tools/run.sh\", force = true, relative = true }\n",
            "exec rustc \"$@\"",
        ),
    ];
    let (variant, config, rest) = *random.pick(&lines);
    program(subject, rest);
    if subject.text(subject.config).is_some_and(|text| text.contains("[alias]")) && variant == "alias" {
        return None;
    }
    subject.configure(config);
    Some(variant.to_owned())
}

fn flags(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let lines = [
        ("build.target", "\n[build]\ntarget = \"x86_64-pc-windows-msvc\"\n"),
        (
            "build.target, several",
            "\n[build]\ntarget = [\"x86_64-pc-windows-msvc\", \"x86_64-apple-darwin\"]\n",
        ),
        ("--cfg", "\n[build]\nrustflags = [\"--cfg\", \"foo\"]\n"),
        ("--cfg=", "\n[build]\nrustflags = \"--cfg=foo\"\n"),
        ("target features", "\n[build]\nrustflags = [\"-Ctarget-feature=+avx2\"]\n"),
        ("target-cpu", "\n[target.x86_64-unknown-linux-gnu]\nrustflags = [\"-Ctarget-cpu=native\"]\n"),
        ("flags by condition", "\n[target.'cfg(unix)']\nrustflags = [\"--cfg=foo\"]\n"),
        ("profile", "\n[profile.dev]\ndebug-assertions = false\n"),
        ("panic", "\n[profile.dev]\npanic = \"abort\"\n"),
        ("offline", "\n[net]\noffline = true\n"),
        ("resolver", "\n[resolver]\nincompatible-rust-versions = \"allow\"\n"),
        ("host", "\n[host]\nrustflags = [\"--cfg=foo\"]\n"),
        ("unstable", "\n[unstable]\nbindeps = true\nminimal-versions = true\n"),
        ("target-dir", "\n[build]\ntarget-dir = \"elsewhere\"\n"),
    ];
    let (variant, config) = *random.pick(&lines);
    subject.configure(config);
    Some(variant.to_owned())
}

fn registries(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let lines = [
        ("other index of alt", format!("\n[registries.alt]\nindex = \"{ATTACKER_INDEX}\"\n")),
        ("crates-io", format!("\n[registries.crates-io]\nindex = \"{ATTACKER_INDEX}\"\n")),
        ("protocol", "\n[registries.crates-io]\nprotocol = \"git\"\n".to_owned()),
        ("default", "\n[registry]\ndefault = \"alt\"\n".to_owned()),
        ("token", "\n[registries.alt]\ntoken = \"x\"\n".to_owned()),
        ("crates-io as source", format!("\n[source.crates-io]\nregistry = \"{ATTACKER_INDEX}\"\n")),
        (
            "alt is crates.io",
            format!("\n[registries.alt]\nindex = \"{}\"\n", vet_testing::CRATES_IO.replace("registry+", "")),
        ),
    ];
    let (variant, config) = random.pick(&lines);
    subject.configure(config);
    Some((*variant).to_owned())
}

fn network(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let lines = [
        ("proxy", "\n[http]\nproxy = \"http://127.0.0.1:9\"\n"),
        ("cainfo", "\n[http]\ncainfo = \"ca.pem\"\n"),
        ("no certificates checked", "\n[http]\nssl-version = \"tlsv1.0\"\ncheck-revoke = false\n"),
        ("git by its program", "\n[net]\ngit-fetch-with-cli = true\n"),
        ("retry", "\n[net]\nretry = 0\n"),
    ];
    let (variant, config) = *random.pick(&lines);
    subject.configure(config);
    Some(variant.to_owned())
}

/// Redirects cargo to a false crates.io.
fn proxy_of_attacker(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let (proxy, pem) = subject.universe.attacker();
    subject.put("attacker.pem", &pem);
    subject.configure(&format!("\n[http]\nproxy = \"{proxy}\"\ncainfo = \"attacker.pem\"\n"));
    subject.is_cold = random.chance(80);
    let variant = if subject.is_cold { "cold" } else { "warm" };
    if !random.chance(40) {
        return Some(variant.to_owned());
    }
    // There, no package has dependencies.
    subject.lock(|lock| {
        for package in lock.packages.iter_mut().filter(|one| one.checksum.is_some()) {
            package.dependencies.clear();
        }
        prune(lock);
        Some(String::new())
    });
    Some(format!("{variant}, locked as it says"))
}

fn paths(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let victim = subject.victim(random)?;
    let release = subject.universe.crates_io.find(&victim.name, &victim.version)?.package.clone();
    let mut package = release;
    let variant = match random.below(3) {
        0 => "the same",
        1 => {
            package.library = Library::None;
            "no library"
        }
        _ => {
            package.dependencies.clear();
            drop_dangling_features(&mut package);
            "no dependencies"
        }
    };
    for (path, text) in package.files("[workspace]\n") {
        subject.put(&format!("overrides/{}/{path}", package.name), &text);
    }
    let line = subject.as_configured(&format!("paths = [\"overrides/{}\"]\n", package.name));
    let text = subject.text(subject.config).unwrap_or_default();
    subject.put(subject.config, &format!("{line}{text}"));
    Some(variant.to_owned())
}

fn include(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let what = forge(subject, random, "fake", true)?;
    let text = subject.text(subject.config).unwrap_or_default();
    let line = *random.pick(&[
        "include = \"more.toml\"\n",
        "include = [\"more.toml\"]\n",
        "include = [{ path = \"more.toml\", optional = true }]\n",
    ]);
    subject.put(subject.config, &format!("{line}{text}"));
    let more = "[source.crates-io]\nreplace-with = \"x\"\n\n[source.x]\ndirectory = \"fake\"\n";
    let (more, path) = (subject.as_configured(more), subject.config.replace("config.toml", "more.toml"));
    subject.put(&path, &more);
    Some(what.to_owned())
}

fn toolchain(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    program(subject, "exit 1");
    let (variant, text) = *random.pick(&[
        ("path", "[toolchain]\npath = \"tools\"\n"),
        ("channel", "[toolchain]\nchannel = \"1.50.0\"\n"),
    ]);
    subject.put("rust-toolchain.toml", text);
    let script = subject.text("tools/run.sh")?;
    subject.put("tools/bin/cargo.sh", &script);
    Some(variant.to_owned())
}

fn old_file(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let what = forge(subject, random, "fake", true)?;
    if let Some(text) = subject.tree.remove(subject.config) {
        subject.tree.insert(".cargo/config".to_owned(), text);
    }
    subject.append(".cargo/config", "\n[source.zzz]\ndirectory = \"fake\"\n");
    Some(what.to_owned())
}

/// Sources that replace each other. Cargo follows them without an end.
fn circle(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    if subject.text(subject.config).is_some_and(|text| text.contains("[source.crates-io]")) {
        return None;
    }
    let source = |name: &str, by: &str| {
        let place =
            if name == "crates-io" { String::new() } else { format!("directory = \"fake/{name}\"\n") };
        format!("\n[source.{name}]\n{place}replace-with = \"{by}\"\n")
    };
    let (variant, links): (_, &[(&str, &str)]) = *random.pick(&[
        ("crates.io by itself", &[("crates-io", "crates-io")] as &[_]),
        ("one", &[("crates-io", "a"), ("a", "a")]),
        ("one that is not used", &[("a", "a")]),
        ("two", &[("crates-io", "a"), ("a", "crates-io")]),
        ("three", &[("crates-io", "a"), ("a", "b"), ("b", "a")]),
        ("three that are not used", &[("a", "b"), ("b", "c"), ("c", "a")]),
    ]);
    for (name, by) in links {
        subject.configure(&source(name, by));
    }
    subject.is_endless = true;
    Some(variant.to_owned())
}

/// Writes a configuration into the folder of a member, or of a package that it needs. It counts
/// only for a cargo that starts there.
fn of_member(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let below = |path: &&String| path.ends_with("/Cargo.toml") && !path.starts_with("vendor/");
    let folders: Vec<String> = subject
        .tree
        .keys()
        .filter(below)
        .map(|path| path.trim_end_matches("Cargo.toml").to_owned())
        .collect();
    let folder = random.maybe(&folders)?.clone();
    let up = "../".repeat(folder.matches('/').count());
    let victim = subject.victim(random)?;
    let (variant, text) = match random.below(7) {
        0 | 1 => {
            let what = forge(subject, random, "fake", true)?;
            let replaced = "[source.crates-io]\nreplace-with = \"x\"\n\n[source.x]\n";
            (what, format!("{replaced}directory = \"{up}fake\"\n"))
        }
        2 => {
            let what = forge(subject, random, "fake", false)?;
            (what, format!("[source.zzz]\ndirectory = \"{up}fake\"\n"))
        }
        3 => {
            let text = format!("[package]\nname = \"{}\"\nversion = \"{}\"\n", victim.name, victim.version);
            subject.put("decoys/p/Cargo.toml", &text);
            subject.put("decoys/p/src/lib.rs", "");
            let line = format!("{} = {{ path = \"{up}decoys/p\" }}", victim.name);
            ("patch", format!("[patch.crates-io]\n{line}\n"))
        }
        4 => ("replaced by itself", "[source.a]\nreplace-with = \"a\"\ndirectory = \"x\"\n".to_owned()),
        5 => (
            "target",
            "[build]\ntarget = \"x86_64-pc-windows-msvc\"\nrustflags = [\"--cfg\", \"foo\"]\n".to_owned(),
        ),
        _ => ("invalid", "[source\n".to_owned()),
    };
    let name = *random.pick(&["config.toml", "config.toml", "config"]);
    subject.put(&format!("{folder}.cargo/{name}"), &text);
    Some(variant.to_owned())
}

/// Configures what does not decide which packages are compiled.
fn harmless(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let (variant, text) = *random.pick(&[
        ("alias", "\n[alias]\nmetadata = \"--version\"\nmeta = \"build\"\nvet = \"--version\"\n"),
        ("env", "\n[env]\nFOO = \"1\"\n"),
        ("env of cargo", "\n[env]\nCARGO_HOME = { value = \"fake\", relative = true, force = true }\n"),
        ("env of the compiler", "\n[env]\nRUSTC = { value = \"tools/run.sh\", force = true }\n"),
        ("unstable", "\n[unstable]\nmtime-on-use = true\navoid-dev-deps = true\n"),
        (
            "unstable, more",
            "\n[unstable]\nconfig-include = true\npublic-dependency = true\nmsrv-policy = true\n",
        ),
        ("unstable target", "\n[unstable]\nhost-config = true\ntarget-applies-to-host = true\n"),
        ("future", "\n[future-incompat-report]\nfrequency = \"never\"\n"),
        ("cache", "\n[cache]\nauto-clean-frequency = \"always\"\n"),
        ("unknown", "\n[unknown]\nx = 1\n"),
        ("quoted", "\n[\"term\"]\n\"verbose\" = true\n"),
        ("include of nothing", "\n[[include]]\npath = \"nowhere.toml\"\noptional = true\n"),
        (
            "patch of nothing",
            "\n[patch.\"https://elsewhere.test/x\"]\nnothing = { path = \"decoys/nothing\" }\n",
        ),
    ]);
    if subject.tree.contains_key(subject.config) && random.chance(50) && variant == "include of nothing" {
        return None;
    }
    subject.configure(text);
    Some(variant.to_owned())
}
