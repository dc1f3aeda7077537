//! What `--verbose debug` and `trace` tell about requests and the cache.

use super::scene::Scene;

fn scene() -> Scene {
    let scene = Scene::with(&["alpha 1.0.0"]);
    scene.world.publish("alpha 1.0.0 2023-05-01 ann\n");
    scene.world.serve(
        "/peer",
        "[[audits.alpha]]\nwho = \"Ann\"\ncriteria = \"safe-to-deploy\"\nversion = \"1.0.0\"\n",
    );
    scene.store("[imports.peer]\nurl = \"http://[WORLD]/peer\"\n", "", "");
    scene
}

/// The lines of a level that contain a word, without times.
fn told(scene: &Scene, line: &str, level: &str, word: &str) -> Vec<String> {
    let run = scene.run(line);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    let lines = run.stderr.lines().filter_map(|line| line.strip_prefix(level)?.strip_prefix(": "));
    let lines = lines.filter(|line| line.contains(word));
    let mut lines: Vec<String> = lines.map(|line| line.split(" (").next().unwrap().to_owned()).collect();
    lines.sort();
    lines
}

#[test]
fn requests_and_the_cache() {
    let scene = scene();
    assert_eq!(told(&scene, "vet --verbose debug", "debug", "/peer"), ["GET http://[WORLD]/peer: 75 bytes"]);
    assert_eq!(
        told(&scene, "vet --verbose debug", "debug", "/peer"),
        ["GET http://[WORLD]/peer: not changed, the cached answer is used"]
    );
    assert_eq!(told(&scene, "vet --verbose debug", "debug", "finished"), ["finished"]);
    let asking = ["asking http://[WORLD]/peer, if it changed or for the rest of it"];
    assert_eq!(told(&scene, "vet --verbose trace", "trace", "/peer"), asking);
    assert_eq!(told(&scene, "vet --verbose debug", "trace", ""), [""; 0]);
    assert_eq!(told(&scene, "vet --verbose info", "debug", ""), [""; 0]);
}

/// What servers and addresses contain cannot steer the terminal, and passwords are not shown.
#[test]
fn addresses_are_harmless() {
    let scene = scene();
    scene.store("[imports.peer]\nurl = \"http://user:secret@[WORLD]/peer\"\n", "", "");
    let stderr = scene.run("vet --verbose trace").stderr;
    assert!(stderr.contains("/peer"), "{stderr}");
    assert!(!stderr.contains("secret"), "{stderr}");
}
