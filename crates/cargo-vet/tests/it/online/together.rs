//! Several processes with the same store and cache.

use std::thread;

use super::scene::Scene;

const EXEMPTED: &str = "[[exemptions.gamma]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-deploy\"\n";

/// A check has something to lock from a peer and from crates.io.
fn scene() -> Scene {
    let scene = Scene::with(&["alpha 1.0.0", "beta 1.0.0", "gamma 1.0.0"]);
    scene.world.publish("beta 1.0.0 2023-02-01 ann");
    scene.world.serve(
        "/peer",
        "[[audits.alpha]]\nwho = \"Ann\"\ncriteria = \"safe-to-deploy\"\nversion = \"1.0.0\"\n",
    );
    let trusted = "[[trusted.beta]]\ncriteria = \"safe-to-deploy\"\nuser-id = 1\nstart = \"2023-01-01\"\nend = \"2024-12-31\"\n";
    scene.store(&format!("[imports.peer]\nurl = \"http://[WORLD]/peer\"\n\n{EXEMPTED}"), trusted, "");
    scene
}

/// Runs command lines at the same time, and returns those that failed, with their output.
fn at_once(scene: &Scene, lines: &[String]) -> Vec<String> {
    let children: Vec<_> = lines
        .iter()
        .map(|line| {
            let mut command = scene.command(line);
            thread::spawn(move || command.output().unwrap())
        })
        .collect();
    let outputs = children.into_iter().map(|child| child.join().unwrap());
    outputs
        .zip(lines)
        .filter(|(output, _)| output.status.code() != Some(0))
        .map(|(output, line)| format!("{line}: {}", String::from_utf8_lossy(&output.stderr)))
        .collect()
}

#[test]
fn checks() {
    let expected = scene();
    assert_eq!(expected.run("vet").status, Some(0));
    for _ in 0..3 {
        let scene = scene();
        let failed = at_once(&scene, &vec!["vet".to_owned(); 8]);
        assert!(failed.is_empty(), "{failed:#?}");
        let new: Vec<_> = scene
            .bytes()
            .into_iter()
            .map(|(file, text)| (file, text.replace(&scene.world.host(), &expected.world.host())))
            .collect();
        assert_eq!(new, expected.bytes());
        assert_eq!(scene.run("vet --locked").status, Some(0));
    }
}

/// No process loses what another one wrote.
#[test]
fn a_check_and_new_exemptions() {
    let scene = scene();
    let mut lines: Vec<String> = (0..6)
        .map(|number| format!("vet add-exemption other 1.{number}.0 --criteria safe-to-run --force"))
        .collect();
    for place in [0, 3, 6] {
        lines.insert(place, "vet".to_owned());
    }
    let failed = at_once(&scene, &lines);
    assert!(failed.is_empty(), "{failed:#?}");
    assert_eq!(scene.run("vet").status, Some(0));
    let config = scene.fixture.project.read("supply-chain/config.toml");
    assert_eq!(config.matches("[[exemptions.other]]").count(), 6, "{config}");
    assert_eq!(scene.run("vet --locked").status, Some(0));
}

/// Each of them succeeds, however often another one writes first.
#[test]
fn forty_statements() {
    let scene = scene();
    let line = |number: usize| match number % 4 {
        0 => format!("vet add-exemption gamma 1.0.0 --criteria safe-to-run --notes number-{number}"),
        1 => format!("vet add-exemption other 1.{number}.0 --criteria safe-to-run --force"),
        2 => format!("vet record-violation gamma =2.{number}.0 --who Ann --criteria safe-to-run"),
        _ => format!("vet record-violation other =2.{number}.0 --who Ann --criteria safe-to-run --force"),
    };
    let failed = at_once(&scene, &(0..40).map(line).collect::<Vec<_>>());
    assert!(failed.is_empty(), "{failed:#?}");
    let config = scene.fixture.project.read("supply-chain/config.toml");
    let audits = scene.fixture.project.read("supply-chain/audits.toml");
    assert_eq!(config.matches("notes = \"number-").count(), 10, "{config}");
    assert_eq!(config.matches("[[exemptions.other]]").count(), 10, "{config}");
    assert_eq!(audits.matches("violation = ").count(), 20, "{audits}");
}

#[test]
fn ten_audits() {
    let scene = scene();
    let lines: Vec<String> = (0..10)
        .map(|number| {
            format!("vet certify gamma 1.{number}.0 --criteria safe-to-run --accept-all --who Ann --force")
        })
        .collect();
    let failed = at_once(&scene, &lines);
    assert!(failed.is_empty(), "{failed:#?}");
    let audits = scene.fixture.project.read("supply-chain/audits.toml");
    assert_eq!(audits.matches("[[audits.gamma]]").count(), 10, "{audits}");
    assert_eq!(scene.run("vet --locked").status, Some(0));
}

/// Commands that fetch between reading and writing.
#[test]
fn ten_of_each_command() {
    let scene = scene();
    for number in 0..10 {
        let audit = format!(
            "[[audits.alpha]]\nwho = \"Ann\"\ncriteria = \"safe-to-run\"\nversion = \"2.{number}.0\"\n"
        );
        scene.world.serve(&format!("/peer-{number}"), &audit);
    }
    let import =
        |number: usize| format!("vet import peer-{number} http://{}/peer-{number}", scene.world.host());
    let trust = |number: usize| format!("vet trust beta ann --criteria safe-to-run --notes number-{number}");
    let rest = |number: usize| {
        [
            "vet renew --expiring",
            "vet regenerate imports",
            "vet regenerate audit-as-crates-io",
            "vet regenerate unpublished",
        ][number % 4]
            .to_owned()
    };
    let lines: Vec<String> = (0..10).map(import).chain((0..10).map(trust)).chain((0..10).map(rest)).collect();
    for lines in lines.chunks(10) {
        let failed = at_once(&scene, lines);
        assert!(failed.is_empty(), "{failed:#?}");
    }
    let config = scene.fixture.project.read("supply-chain/config.toml");
    assert_eq!(config.matches("[imports.peer-").count(), 10, "{config}");
    let audits = scene.fixture.project.read("supply-chain/audits.toml");
    assert_eq!(audits.matches("notes = \"number-").count(), 10, "{audits}");
    assert_eq!(scene.run("vet --locked").status, Some(0));
}
