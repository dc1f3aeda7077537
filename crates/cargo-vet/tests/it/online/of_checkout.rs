//! Cargo settings in the checkout: they decide neither which servers are asked nor which answers
//! are trusted.

use std::sync::Arc;

use vet_testing::{Authority, Reply, TestServer, World};

use super::scene::Scene;
use crate::project::Fixture;

const TRUSTED: &str = "\
[[trusted.alpha]]
criteria = \"safe-to-deploy\"
user-id = 1
start = \"2023-01-01\"
end = \"2024-12-31\"
";

/// A configuration of the checkout that replaces crates.io with another world.
fn mirror(world: &World) -> String {
    world.configuration().replace("\"world\"", "\"mirror\"").replace("source.world", "source.mirror")
}

/// A project that trusts the releases of account 1. Its own world has none; another world does.
fn scene(evil: &World) -> Scene {
    let scene = Scene::with(&["alpha 1.0.0"]);
    scene.world.publish("alpha 1.0.0 2023-05-01 bob");
    evil.publish("alpha 1.0.0 2023-05-01 ann");
    scene.fixture.project.lock_with("app 0.0.7 -> alpha\n+alpha 1.0.0", |package| evil.checksum(package));
    let index = format!("sparse+{}", scene.world.url("/index/"));
    let checksum = evil.checksum("alpha 1.0.0");
    let noted = format!("{{\"files\":{{}},\"package\":\"{checksum}\"}}");
    scene.fixture.project.write("vendor/alpha-1.0.0/.cargo-checksum.json", noted);
    scene.fixture.project.remember(&scene.fixture.cache(), &index, true);
    scene.store("", TRUSTED, "");
    scene
}

/// The requests, without those that cargo also makes: to the index and for archives.
fn api(world: &World) -> Vec<String> {
    world.asked().into_iter().filter(|path| path.starts_with("/api/")).collect()
}

/// The mirror claims that a trusted account published the version.
#[test]
fn who_published_a_version() {
    let evil = World::new();
    let scene = scene(&evil);
    let config = scene.fixture.project.read(".cargo/config.toml");
    scene.fixture.project.write(".cargo/config.toml", mirror(&evil));
    let run = scene.run("vet");
    assert_eq!(run.status, Some(255), "{}", run.stderr);
    assert_eq!(api(&evil), Vec::<String>::new());
    assert!(
        run.stdout.contains("alpha:1.0.0") && run.stderr.contains("VET0734"),
        "{}{}",
        run.stdout,
        run.stderr
    );
    assert!(
        run.stderr.contains(&format!("--accept-mirror sparse+http://{}/index/", evil.host())),
        "{}",
        run.stderr
    );

    // The user may accept it explicitly.
    let index = format!("sparse+{}", evil.url("/index/"));
    let knows_packages = || scene.fixture.project.remember(&scene.fixture.cache(), &index, true);
    knows_packages();
    let accepted = scene.run(&format!("vet --accept-mirror {index}"));
    assert_eq!(accepted.status, Some(0), "{}", accepted.stderr);
    assert!(!evil.asked().is_empty() && !accepted.stderr.contains("VET0734"), "{}", accepted.stderr);
    scene.store("", TRUSTED, "").forget();
    let other = scene.run("vet --accept-mirror sparse+http://127.0.0.1:1/index/");
    assert_eq!((other.status, api(&evil)), (Some(255), Vec::new()), "{}", other.stderr);
    knows_packages();
    let mut by_variable = scene.command("vet");
    let run = crate::run::run(
        by_variable.env("CARGO_VET_ACCEPT_MIRROR", format!("sparse+https://x.example/ {index}")),
    );
    assert_eq!(run.status, Some(0), "{}", run.stderr);

    // It does not replace a mirror that the checkout does not name.
    scene.fixture.project.write(".cargo/config.toml", config);
    scene.store("", TRUSTED, "").forget();
    evil.asked();
    let run = scene.run(&format!("vet --accept-mirror {index}"));
    assert_eq!((run.status, evil.asked()), (Some(255), Vec::new()), "{}", run.stderr);
}

/// A proxy that would answer instead of a peer's server.
#[test]
fn how_the_network_is_reached() {
    let scene = Scene::with(&["alpha 1.0.0"]).behind_proxy();
    let peer = "https://peer.example.org/audits.toml";
    scene.world.publish("alpha 1.0.0 2023-05-01 bob").serve("/audits.toml", "[audits]\n");
    scene.store(&format!("[imports.peer]\nurl = \"{peer}\"\n"), "", "");
    // Its certificates would be trusted, too.
    let authority = Arc::new(Authority::new());
    scene.fixture.write_of_user("authority.pem", &(scene.world.pem() + &authority.pem()));
    let evil = TestServer::start_proxy(&authority, |_| {
        Reply::ok("[[audits.alpha]]\nwho = \"Eve\"\ncriteria = \"safe-to-deploy\"\nversion = \"1.0.0\"\n")
    });
    let config = scene.fixture.project.read(".cargo/config.toml");
    let settings =
        format!("[http]\nproxy = \"{}\"\ncainfo = \"evil.pem\"\n[net]\noffline = true\n", evil.url(""));
    scene.fixture.project.write(".cargo/config.toml", format!("{config}\n{settings}"));
    let run = scene.run("vet --no-registry-suggestions");
    assert_eq!(run.status, Some(255), "{}", run.stderr);
    assert!(run.stdout.contains("alpha:1.0.0"), "{}{}", run.stdout, run.stderr);
    assert!(evil.seen().is_empty(), "{:?}", evil.seen());
    let warning = "warning[VET0734]: `http.proxy`, `http.cainfo` and `net.offline` in the checkout's cargo configuration";
    assert!(run.stderr.contains(warning), "{}", run.stderr);
    let allowed = scene.run("vet --no-registry-suggestions --allow VET0734");
    assert!(!allowed.stderr.contains("VET0734"), "{}", allowed.stderr);
    let locked = scene.run("vet --locked");
    assert!(!locked.stderr.contains("VET0734"), "{}", locked.stderr);
}

/// If the checkout redirects cargo, cargo has to accept what it finds there, even if the lock file
/// matches the user's index.
#[test]
fn cargo_has_to_accept_it() {
    let scene = Scene::with(&["alpha 1.0.0"]);
    scene.world.publish("alpha 1.0.0 2023-05-01 bob");
    let checksum = scene.world.checksum("alpha 1.0.0");
    let noted = format!("{{\"files\":{{}},\"package\":\"{checksum}\"}}");
    scene.fixture.project.write("vendor/alpha-1.0.0/.cargo-checksum.json", noted);
    scene.fixture.project.lock_with("app 0.0.7 -> alpha\n+alpha 1.0.0", |_| checksum.clone());
    scene.store("[[exemptions.alpha]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-deploy\"\n", "", "");
    let (same, lacking, changed) = (World::new(), World::new(), World::new());
    same.publish("alpha 1.0.0 2023-05-01 bob");
    lacking.publish("beta 1.0.0 2023-05-01 bob");
    changed.publish("alpha 1.0.0 2023-05-01 bob");
    changed.pack("alpha", "1.0.0", &[("Cargo.toml", "[package]\nname = \"alpha\"\nversion = \"1.0.0\"\n")]);
    let of_user = scene.world.configuration();
    let down = mirror(&same).replace(&same.host(), "127.0.0.1:1");
    for (configuration, expected) in [
        (String::new(), None),
        (of_user.clone(), None),
        (mirror(&same), None),
        (mirror(&lacking), Some("no matching package named `alpha` found")),
        (mirror(&changed), Some("checksum for `alpha v1.0.0` changed between lock files")),
        (down, Some("127.0.0.1:1")),
        ("[source.crates-io]\nreplace-with = \"none\"\n".to_owned(), Some("`none`")),
        (
            "[source.crates-io]\nreplace-with = \"folder\"\n[source.folder]\nlocal-registry = \"x\"\n"
                .to_owned(),
            Some("local registry path is not a directory"),
        ),
    ] {
        scene.fixture.project.write(".cargo/config.toml", &configuration);
        let run = scene.run("vet --locked");
        match expected {
            None => assert_eq!((run.status, run.stderr.as_str()), (Some(0), ""), "{configuration}"),
            Some(words) => {
                assert_eq!(run.status, Some(255), "{configuration}{}", run.stdout);
                let is_named = run.stderr.contains("error[VET0322]") && run.stderr.contains(words);
                assert!(is_named, "{configuration}{}", run.stderr);
            }
        }
    }
}

/// A failing check reads the graph again if packages might not be libraries. Cargo is asked once
/// whether it accepts that.
#[test]
fn cargo_is_asked_once_whether_it_accepts_it() {
    let (mut scene, same) = (Scene::of(Fixture::new()), World::new());
    scene.fixture.remembers = false;
    for world in [&scene.world, &same] {
        world.publish("alpha 1.0.0 2023-05-01 bob");
    }
    scene.fixture.project.package(".", "app", "[dependencies]\nalpha = \"1\"\n");
    scene.store("", "", "");
    let checksum = scene.world.checksum("alpha 1.0.0");
    scene.fixture.project.lock_with("app 0.0.7 -> alpha\n+alpha 1.0.0", |_| checksum.clone());
    scene.fixture.project.write(".cargo/config.toml", mirror(&same));
    let run = scene.run("vet --locked --verbose info");
    assert_eq!(run.status, Some(255), "{}", run.stderr);
    let number = |words: &str| run.stderr.matches(words).count();
    assert!(number("for a start they count as libraries") > 0, "{}", run.stderr);
    assert_eq!(number("asking cargo whether it accepts the checkout"), 1, "{}", run.stderr);
}

/// Cargo can answer with the checkout's registry, but not with the user's.
#[test]
fn what_packages_need() {
    let mut scene = Scene::with(&["alpha 1.0.0"]);
    scene.world.publish("alpha 1.0.0 2023-05-01 bob");
    scene
        .fixture
        .project
        .lock_with("app 0.0.7 -> alpha\n+alpha 1.0.0", |package| scene.world.checksum(package));
    let checksum = scene.world.checksum("alpha 1.0.0");
    scene.fixture.project.write(
        "vendor/alpha-1.0.0/.cargo-checksum.json",
        format!("{{\"files\":{{}},\"package\":\"{checksum}\"}}"),
    );
    scene.fixture.project.write(".cargo/config.toml", mirror(&scene.world));
    let down = "[source.crates-io]\nreplace-with = \"down\"\n[source.down]\nregistry = \"sparse+http://127.0.0.1:1/\"\n";
    scene.fixture.write_of_user("cargo-home/config.toml", down);
    scene.fixture.index = "sparse+http://127.0.0.1:1/".to_owned();
    scene.store("[[exemptions.alpha]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-deploy\"\n", "", "");
    // An option that only cargo understands.
    let line = "vet --locked --no-default-features";
    let run = scene.run(line);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    assert!(run.stderr.contains("warning[VET0321]"), "{}", run.stderr);
    let strict = scene.run(&format!("{line} --strict"));
    assert!(strict.status == Some(255) && strict.stderr.contains("--accept-mirror"), "{}", strict.stderr);
    let index = format!("sparse+{}", scene.world.url("/index/"));
    scene.fixture.project.remember(&scene.fixture.cache(), &index, true);
    let accepted = scene.run(&format!("{line} --strict --accept-mirror {index}"));
    assert_eq!((accepted.status, accepted.stderr.as_str()), (Some(0), ""));
}
