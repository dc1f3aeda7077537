//! Cached data saves work, and no result depends on it.

use std::fs;
use std::path::{Path, PathBuf};

use super::scene::Scene;

const TRUSTED: &str = "\
[[trusted.alpha]]
criteria = \"safe-to-deploy\"
user-id = 1
start = \"2023-01-01\"
end = \"2024-12-31\"
";

const AUDITS: &str = "\
[[audits.beta]]
who = \"Ann\"
criteria = \"safe-to-deploy\"
version = \"1.0.0\"
";

fn scene() -> Scene {
    let scene = Scene::with(&["alpha 1.0.0", "beta 1.0.0"]);
    scene.world.publish("alpha 1.0.0 2023-05-01 ann").serve("/peer", AUDITS);
    scene.store("[imports.peer]\nurl = \"http://[WORLD]/peer\"\n", TRUSTED, "");
    scene
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Every file of the cache is truncated, overwritten, or replaced with another one.
#[test]
fn that_are_damaged() {
    let scene = scene();
    let cache = scene.fixture.canonical().join("cache/cargo-vet-rs");
    assert_eq!(scene.run("vet").status, Some(0));
    let after = scene.bytes();
    let contents: Vec<(PathBuf, Vec<u8>)> =
        files(&cache).into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect();
    assert!(contents.len() > 4, "{contents:?}");
    for (number, (path, bytes)) in contents.iter().enumerate() {
        let (_, other) = &contents[(number + 1) % contents.len()];
        let half = bytes[..bytes.len() / 2].to_vec();
        let mut changed = bytes.clone();
        if let Some(byte) = changed.last_mut() {
            *byte ^= 1;
        }
        for damage in [Vec::new(), half, changed, vec![0xff; 99], other.clone()] {
            for (path, bytes) in &contents {
                fs::write(path, bytes).unwrap();
            }
            fs::write(path, damage).unwrap();
            let run = scene.run("vet");
            assert_eq!(run.status, Some(0), "{}: {}{}", path.display(), run.stdout, run.stderr);
            assert_eq!(scene.bytes(), after, "{}", path.display());
        }
    }
}

/// If the cache cannot be written, the tool works without it.
#[test]
fn that_cannot_be() {
    let scene = scene();
    // The index is asked each time.
    scene.world.publish("beta 1.0.0 2023-05-01 ann");
    for name in ["alpha", "beta"] {
        let manifest = format!("[package]\nname = \"{name}\"\nversion = \"1.0.0\"\n");
        scene.world.pack(name, "1.0.0", &[("Cargo.toml", &manifest), ("src/lib.rs", "")]);
    }
    let lock = "app 0.0.7 -> alpha, beta\n+alpha 1.0.0\n+beta 1.0.0";
    scene.fixture.project.lock_with(lock, |package| scene.world.checksum(package));
    scene.fixture.write_of_user("file", "");
    for _ in 0..2 {
        let run = scene.run("vet --cache-dir ../file");
        assert_eq!(
            (run.status, run.stdout.as_str()),
            (Some(0), "Vetting Succeeded (2 fully audited)\n"),
            "{}",
            run.stderr
        );
    }
    assert_eq!(scene.run("vet --locked --cache-dir ../file/below").status, Some(0));
}

/// Without the network, a check uses cached and locked data, and says so.
#[test]
fn without_the_network() {
    let scene = scene();
    let offline = |line: &str| {
        let mut command = scene.command(line);
        let run = scene.fixture.redacted(crate::run::run(command.env("CARGO_NET_OFFLINE", "true")));
        run.transcript(line).replace(&scene.world.host(), "[WORLD]")
    };
    let mut transcript = offline("vet");
    assert_eq!(scene.run("vet").status, Some(0));
    scene.world.asked();
    let before = scene.bytes();
    for line in ["vet", "vet prune", "vet import other http://[WORLD]/peer"] {
        transcript += &offline(line);
    }
    scene.forget();
    transcript += &offline("vet");
    assert_eq!((scene.bytes(), scene.world.asked()), (before, Vec::new()));
    insta::assert_snapshot!(super::scene::without_times(&transcript));
}
