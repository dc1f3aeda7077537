//! What to audit: `suggest`, and a check that fails.

use std::fs;

use vet_testing::Fault;

use super::scene::Scene;
use crate::project::Fixture;

/// A manifest as in an archive.
fn manifest(name: &str, version: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"{version}\"\n")
}

/// `lines` lines that no other version has, and as many lines that all versions have.
fn code(version: &str, lines: usize) -> String {
    let own = (0..lines).map(|line| format!("// {version} {line}\n"));
    own.chain((0..100).map(|line| format!("pub const C{line}: usize = {line};\n"))).collect()
}

/// A project that needs some packages, one per line such as `alpha 1.0.0 7`: the number counts the
/// lines that no other version has. `published` lists further versions.
pub(super) fn scene(in_use: &str, published: &str) -> Scene {
    let scene = Scene::of(Fixture::new());
    let mut needed = Vec::new();
    for (line, is_in_use) in in_use.lines().map(|l| (l, true)).chain(published.lines().map(|l| (l, false))) {
        let words: Vec<&str> = line.trim().split(' ').collect();
        let [name, version, lines] = words[..] else { continue };
        scene.world.publish(&format!("{name} {version} 2023-05-01 ann"));
        let lines = lines.parse().unwrap();
        scene.world.pack(
            name,
            version,
            &[
                ("Cargo.toml", &manifest(name, version)),
                ("src/lib.rs", &code(version, lines)),
                ("tests/all.rs", "#[test]\nfn test() {}\n"),
            ],
        );
        if is_in_use {
            needed.push((name.to_owned(), version.to_owned()));
        }
    }
    let project = &scene.fixture.project;
    // Nothing is vendored.
    project.write(".cargo/config.toml", "");
    let requirements: String = needed
        .iter()
        .enumerate()
        .map(|(number, (name, version))| {
            format!("d{number} = {{ package = \"{name}\", version = \"={version}\" }}\n")
        })
        .collect();
    project.package(".", "app", &format!("[dependencies]\n{requirements}"));
    let several = |name: &str| needed.iter().filter(|(other, _)| other == name).count() > 1;
    let dependency = |(name, version): &(String, String)| match several(name) {
        true => format!("{name} {version}"),
        false => name.clone(),
    };
    let dependencies: Vec<String> = needed.iter().map(dependency).collect();
    let packages: String = needed.iter().map(|(name, version)| format!("+{name} {version}\n")).collect();
    project.lock_with(&format!("app 0.0.7 -> {}\n{packages}", dependencies.join(", ")), |package| {
        scene.world.checksum(package)
    });
    scene
}

/// Two versions of one crate: one full audit and one delta audit to the other version. Sizes are
/// not measured again, whichever part of the cache is lost.
#[test]
fn versions_of_a_crate_are_planned_together() {
    let scene = scene("alpha 1.0.0 7\nalpha 2.0.0 9\nbeta 1.0.0 3", "");
    scene.store("", "", "");
    let first = scene.run("vet");
    assert_eq!(first.status, Some(255));
    insta::assert_snapshot!(first.stdout);
    scene.world.asked();
    assert_eq!(scene.run("vet").stdout, first.stdout);
    assert_eq!(scene.world.asked(), Vec::<String>::new(), "everything is known");
    without_archives(&scene);
    assert_eq!(scene.run("vet").stdout, first.stdout);
    assert_eq!(scene.world.asked(), Vec::<String>::new(), "sizes are known without the archives");
    without_sizes(&scene);
    assert_eq!(scene.run("vet").stdout, first.stdout);
    assert_eq!(scene.world.asked().iter().filter(|path| path.contains("/dl/")).count(), 3);
    without_sizes(&scene);
    assert_eq!(scene.run("vet").stdout, first.stdout);
    assert_eq!(scene.world.asked(), Vec::<String>::new(), "archives are kept");
}

/// Removes what cargo and earlier runs have downloaded.
fn without_archives(scene: &Scene) {
    let folder = scene.fixture.canonical();
    let _ = fs::remove_dir_all(folder.join("cargo-home/registry"));
    let _ = fs::remove_dir_all(folder.join("cache/cargo-vet-rs/cache"));
}

/// Removes remembered sizes.
fn without_sizes(scene: &Scene) {
    fs::remove_file(scene.fixture.canonical().join("cache/cargo-vet-rs/sizes")).unwrap();
}

/// Exempted versions are a base for a failing check, but not for `suggest`.
#[test]
fn exemptions_count_for_a_check_only() {
    let scene = scene("alpha 1.1.0 7", "alpha 1.0.0 5");
    scene.store("[[exemptions.alpha]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-deploy\"\n", "", "");
    let check = scene.run("vet").stdout;
    assert!(check.contains("cargo vet diff alpha 1.0.0 1.1.0"), "{check}");
    let suggest = scene.run("vet suggest");
    assert_eq!(suggest.status, Some(0));
    assert!(suggest.stdout.starts_with("recommended audits for safe-to-deploy:\n"), "{}", suggest.stdout);
    assert!(suggest.stdout.contains("cargo vet inspect alpha 1.1.0"), "{}", suggest.stdout);
    // Neither command changes anything.
    scene.store("[[exemptions.alpha]]\nversion = \"1.1.0\"\ncriteria = \"safe-to-deploy\"\n", "", "");
    let before = scene.bytes();
    assert!(scene.run("vet suggest").stdout.contains("cargo vet inspect alpha 1.1.0"));
    assert_eq!(scene.bytes(), before);
    let nothing = "[[audits.alpha]]\nwho = \"Ann\"\ncriteria = \"safe-to-deploy\"\nversion = \"1.1.0\"\n";
    scene.store("", nothing, "");
    assert_eq!(scene.run("vet suggest").stdout, "Nothing to suggest, you're fully audited!\n");
}

/// What cannot be measured is reported, and does not count as zero.
#[test]
fn archives_that_cannot_be_had() {
    let scene = scene("alpha 1.0.0 7\nbeta 1.0.0 3", "");
    scene.store("", "", "");
    // After a first run it is known whether these are libraries.
    scene.run("vet");
    for fault in
        [Fault::Missing, Fault::Forbidden, Fault::Busy, Fault::Truncated, Fault::Corrupt, Fault::Page]
    {
        without_archives(&scene);
        without_sizes(&scene);
        scene.world.disturb_download("alpha 1.0.0", &[fault; 2]);
        let run = scene.run("vet");
        assert_eq!(run.status, Some(255), "{fault:?}");
        assert!(run.stdout.contains("lines, and 1 audit of unknown size\n"), "{fault:?}: {}", run.stdout);
        assert!(run.stdout.contains("cargo vet inspect beta 1.0.0"), "{fault:?}: {}", run.stdout);
        assert!(run.stdout.contains("alpha:1.0.0 is not known: "), "{fault:?}: {}", run.stdout);
        scene.world.disturb_download("alpha 1.0.0", &[]);
        let run = scene.run("vet");
        assert!(!run.stdout.contains("unknown"), "{fault:?}: {}", run.stdout);
    }
    without_archives(&scene);
    without_sizes(&scene);
    scene.world.disturb_download("alpha 1.0.0", &[Fault::Missing; 2]);
    insta::assert_snapshot!(scene.run("vet suggest").stdout);
    let json: serde_json::Value =
        serde_json::from_str(&scene.run("vet suggest --output-format json").stdout).unwrap();
    assert_eq!(json["suggest"]["unmeasured"][0]["name"].as_str(), Some("alpha"));
    assert_eq!(json["suggest"]["total_lines"].as_u64(), Some(108));
}

/// Without the network, only local sources can be measured.
#[test]
fn without_the_network() {
    let scene = scene("alpha 1.0.0 7", "");
    scene.store("", "", "");
    // The answer of the index is remembered.
    scene.run("vet status --locked");
    let run = scene.run("vet suggest --locked --frozen");
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    insta::assert_snapshot!(run.stdout);
    // With `--locked`, only the archive is fetched.
    scene.world.asked();
    let run = scene.run("vet suggest --locked");
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    assert!(run.stdout.contains("cargo vet inspect alpha 1.0.0"), "{}", run.stdout);
    let again = scene.run("vet suggest --locked --frozen");
    assert_eq!(again.stdout, run.stdout, "{}", again.stderr);
    // A check with `--locked` suggests nothing.
    assert!(!scene.run("vet --locked").stdout.contains("recommended"));
}

/// Audits of others, and publishers that others trust.
#[test]
fn what_would_spare_audits() {
    let scene = scene("alpha 1.0.0 7\nbeta 1.1.0 3\ngamma 1.0.0 1", "beta 1.0.0 2").behind_proxy();
    const REGISTRY: &str = "/mozilla/cargo-vet/main/registry.toml";
    let member = |name: &str| format!("[registry.{name}]\nurl = [\"https://audits.example/{name}\"]\n\n");
    scene.world.serve(REGISTRY, ["half", "whole", "gone"].map(member).concat());
    let audit = |name: &str, version: &str| {
        format!(
            "[[audits.{name}]]\nwho = \"Bob\"\ncriteria = \"safe-to-deploy\"\nversion = \"{version}\"\n\n"
        )
    };
    scene.world.serve("/half", audit("beta", "1.0.0"));
    scene.world.serve("/whole", audit("alpha", "1.0.0") + &audit("beta", "1.1.0"));
    let trusted = "[[trusted.other]]\ncriteria = \"safe-to-deploy\"\nuser-id = 1\nstart = \"2020-01-01\"\nend = \"2025-01-01\"\n";
    scene.world.account("ann", 1, Some("Ann"));
    scene.store("", &format!("[audits]\n\n{trusted}"), "");
    insta::assert_snapshot!(scene.run("vet suggest").stdout);
    let run = scene.run("vet suggest --no-registry-suggestions");
    assert!(!run.stdout.contains("cargo vet import"), "{}", run.stdout);
    let json: serde_json::Value =
        serde_json::from_str(&scene.run("vet suggest --output-format json").stdout).unwrap();
    let savings = json["suggest"]["savings"].as_array().unwrap();
    assert_eq!(savings[0]["command"], "cargo vet trust --all ann");
    assert!(savings.iter().any(|saving| saving["command"] == "cargo vet import whole"), "{savings:?}");
}

/// The suggested audits are sufficient, for several versions and criteria.
#[test]
fn doing_what_is_suggested_is_enough() {
    let scene = scene("alpha 1.0.0 7\nalpha 2.0.0 9\nbeta 1.1.0 3", "beta 1.0.0 2\nbeta 1.2.0 1");
    let policy = "[policy.app]\ncriteria = [\"safe-to-deploy\", \"crypto\"]\n";
    let audits = "[criteria.crypto]\ndescription = \"Good cryptography.\"\n\n\
                  [[audits.beta]]\nwho = \"Ann\"\ncriteria = \"crypto\"\nversion = \"1.2.0\"\n\n\
                  [[audits.beta]]\nwho = \"Ann\"\ncriteria = \"safe-to-deploy\"\nversion = \"1.0.0\"\n";
    scene.store(policy, audits, "");
    insta::assert_snapshot!(scene.run("vet suggest").stdout);
    scene.fixture.project.write("plan.json", scene.run("vet suggest --output-format json").stdout);
    let run = scene.run("vet certify --all-from plan.json --accept-all --unread --who Ann");
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    assert_eq!(scene.run("vet").stdout, "Vetting Succeeded (3 fully audited)\n");
}

/// Publishers are looked up only for crates that lack something without them. Locked facts are not
/// looked up again.
#[test]
fn publishers_are_asked_for_where_they_matter() {
    let scene = scene("alpha 1.0.0 7\nbeta 1.0.0 3\ngamma 1.0.0 2", "");
    let trusted = |name: &str| {
        format!(
            "[[trusted.{name}]]\ncriteria = \"safe-to-deploy\"\nuser-id = 1\nstart = \"2020-01-01\"\nend = \"2025-01-01\"\n\n"
        )
    };
    let locked = "[[publisher.alpha]]\nversion = \"1.0.0\"\nwhen = \"2023-05-01\"\nuser-id = 1\nuser-login = \"ann\"\n\n";
    scene.store("", &format!("[audits]\n\n{}{}", trusted("alpha"), trusted("beta")), locked);
    let asked = || {
        let mut crates: Vec<String> = scene.world.asked();
        crates.retain_mut(|path| match path.strip_prefix("/api/v1/crates/") {
            Some(name) => {
                *path = name.to_owned();
                true
            }
            None => false,
        });
        crates.sort();
        crates.join(" ")
    };
    asked();
    let run = scene.run("vet suggest");
    assert!(run.stdout.contains("cargo vet inspect gamma 1.0.0"), "{}{}", run.stdout, run.stderr);
    assert!(!run.stdout.contains("alpha") && !run.stdout.contains("beta"), "{}", run.stdout);
    assert_eq!(asked(), "beta gamma");
    // A check looks up everything that it may have to lock.
    scene.run("vet");
    assert_eq!(asked(), "alpha");
}

/// A plan that was started while peers are asked is dropped if they do not answer.
#[test]
fn nothing_is_planned_without_peers() {
    let scene = scene("alpha 1.0.0 7", "").behind_proxy();
    scene.store("[imports.peer]\nurl = \"https://audits.example/gone\"\n", "", "");
    let run = scene.run("vet suggest");
    assert_eq!((run.status, run.stdout.as_str()), (Some(255), ""), "{}", run.stderr);
    assert!(run.stderr.contains("audits.example/gone"), "{}", run.stderr);
}
