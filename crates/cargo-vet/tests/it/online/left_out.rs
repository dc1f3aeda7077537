//! Code that the settings leave out, with the network: its locked entries stay, and nothing about
//! it is fetched.

use super::scene::Scene;
use crate::project::Fixture;

const LINUX: &str = "[graph]\ntargets = [\"x86_64-unknown-linux-gnu\"]\n";

const PEER: &str = "\
[[audits.away]]
who = \"Ann\"
criteria = \"safe-to-deploy\"
version = \"1.0.0\"

[[audits.alpha]]
who = \"Ann\"
criteria = \"safe-to-deploy\"
version = \"1.0.0\"
";

const CONFIG: &str = "\
[imports.peer]
url = \"http://[WORLD]/peer\"

[[exemptions.lantern]]
version = \"1.0.0\"
criteria = \"safe-to-deploy\"

[[exemptions.lantern]]
version = \"2.0.0\"
criteria = \"safe-to-deploy\"

[[exemptions.windows-sys]]
version = \"1.0.0\"
criteria = \"safe-to-deploy\"
";

const TRUSTED: &str = "\
[[trusted.published]]
criteria = \"safe-to-deploy\"
user-id = 1
start = \"2023-01-01\"
end = \"2024-12-31\"
";

/// A project with `alpha` and `lantern 1.0.0`. For Windows, it also needs `lantern 2.0.0`, `away`,
/// which a peer audited, `published`, whose publisher is trusted, and `windows-sys`. Everything is
/// locked.
fn scene() -> Scene {
    let scene = Scene::of(Fixture::new());
    let project = &scene.fixture.project;
    project.package(
        ".",
        "app",
        "[dependencies]\nalpha = \"1\"\nlantern = \"1\"\n[target.'cfg(windows)'.dependencies]\naway = \"1\"\n\
         windows-sys = \"1\"\npublished = \"1\"\nlantern-2 = { package = \"lantern\", version = \"2\" }\n",
    );
    for package in [
        "alpha 1.0.0",
        "away 1.0.0",
        "lantern 1.0.0",
        "lantern 2.0.0",
        "windows-sys 1.0.0",
        "published 1.0.0",
    ] {
        project.vendor(package, "", "src/lib.rs");
    }
    project.lock(
        "app 0.0.7 -> alpha, away, lantern 1.0.0, lantern 2.0.0, windows-sys, published\n+alpha 1.0.0\n+away 1.0.0\n\
         +lantern 1.0.0\n+lantern 2.0.0\n+windows-sys 1.0.0\n+published 1.0.0",
    );
    scene.world.serve("/peer", PEER.to_owned());
    scene.world.publish("published 1.0.0 2023-05-01 ann\n");
    scene.store(CONFIG, TRUSTED, "");
    let run = scene.run("vet");
    assert_eq!(run.status, Some(0), "{}{}", run.stdout, run.stderr);
    scene
}

fn with_settings() -> Scene {
    let scene = scene();
    scene.fixture.project.write("supply-chain/vet.toml", LINUX);
    scene
}

#[test]
fn a_check_keeps_what_is_left_out_and_asks_no_server_about_it() {
    let scene = with_settings();
    scene.forget();
    insta::assert_snapshot!(scene.transcript(&["vet"]));
    let run = scene.run("vet");
    crate::codes::check("VET0407", run.stderr.lines().next().unwrap_or_default());
}

#[test]
fn what_writes_keeps_what_is_left_out() {
    // The audits of this project change if one is certified.
    let shared = |scene: &Scene| {
        let [config, _, imports] = scene.bytes().try_into().unwrap();
        [config, imports].map(|(_, text)| text.replace(&scene.world.host(), "[WORLD]"))
    };
    let before = shared(&scene());
    for line in [
        "vet prune",
        "vet regenerate imports",
        "vet regenerate exemptions",
        "vet regenerate unpublished",
        "vet certify alpha 1.0.0 --criteria safe-to-run --accept-all --who Ann",
    ] {
        let scene = with_settings();
        let run = scene.run(line);
        assert_eq!(run.status, Some(0), "{line}: {}", run.stderr);
        assert_eq!(shared(&scene), before, "{line}");
        // With and without the settings.
        assert_eq!(scene.run("vet --locked").status, Some(0), "{line}");
        std::fs::remove_file(scene.fixture.project.folder().join("supply-chain/vet.toml")).unwrap();
        let run = scene.run("vet --locked");
        assert_eq!(run.status, Some(0), "{line}: {}", run.stdout);
    }
}

#[test]
fn prune_drops_what_is_left_out_if_it_is_told_to() {
    let mut transcript = String::new();
    for line in [
        "vet prune --unbuilt",
        "vet prune --unbuilt --no-exemptions",
        "vet prune --unbuilt --no-imports",
        "vet prune --unbuilt --locked",
    ] {
        let scene = with_settings();
        transcript += &scene.transcript(&[line, "vet --locked"]);
    }
    insta::assert_snapshot!(transcript);
}

#[test]
fn the_warning_can_be_turned_off() {
    let scene = with_settings();
    scene
        .fixture
        .project
        .write("supply-chain/vet.toml", format!("{LINUX}\n[diagnostics]\nVET0407 = \"allow\"\n"));
    let run = scene.run("vet");
    assert_eq!((run.status, run.stderr.as_str()), (Some(0), ""));
}

/// A rule that leaves nothing out changes nothing.
#[test]
fn what_is_built_anyway_is_no_reason_to_keep_anything() {
    let outcome = |settings: Option<&str>| {
        let scene = scene();
        let unneeded = "\n[[exemptions.alpha]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-deploy\"\n";
        let config = scene.fixture.project.read("supply-chain/config.toml");
        scene.fixture.project.write("supply-chain/config.toml", format!("{config}{unneeded}"));
        scene.run("vet fmt");
        if let Some(settings) = settings {
            scene.fixture.project.write("supply-chain/vet.toml", settings);
        }
        scene.transcript(&["vet", "vet prune", "vet --locked"])
    };
    let with_windows = "[graph]\ntargets = [\"x86_64-unknown-linux-gnu\", \"x86_64-pc-windows-msvc\"]\n";
    assert_eq!(outcome(Some(with_windows)), outcome(None));
}

/// A member that is audited as the crates.io crate, at a version that is not published yet.
#[test]
fn unpublished_versions_that_are_left_out_stay_as_they_are() {
    let scene = Scene::of(Fixture::new());
    let project = &scene.fixture.project;
    project
        .package(".", "app", "[workspace]\nmembers = [\"ours\"]\n")
        .package("ours", "ours", "")
        .lock("app 0.0.7\nours 0.0.7");
    scene.world.publish("ours 0.0.6 2023-05-01 ann\n");
    let config = "[policy.ours]\naudit-as-crates-io = true\n\n\
                  [[exemptions.ours]]\nversion = \"0.0.6\"\ncriteria = \"safe-to-deploy\"\n";
    scene.store(config, "", "");
    let run = scene.run("vet");
    assert_eq!(run.status, Some(0), "{}{}", run.stdout, run.stderr);
    let before = scene.bytes();
    assert!(before[2].1.contains("[[unpublished.ours]]"), "{}", before[2].1);

    project.write("supply-chain/vet.toml", "[graph]\nexclude-members = [\"ours\"]\n");
    scene.world.publish("ours 0.0.7 2024-05-01 ann\n");
    scene.forget();
    insta::assert_snapshot!(scene.transcript(&[
        "vet",
        "vet regenerate unpublished",
        "vet prune",
        "vet --locked"
    ]));
    assert_eq!(scene.bytes(), before);

    // If it were not left out, it would matter that it was published.
    std::fs::remove_file(project.folder().join("supply-chain/vet.toml")).unwrap();
    let run = scene.run("vet");
    assert!(run.stderr.contains("VET0802"), "{}", run.stderr);
}

#[test]
fn trusting_a_publisher_of_what_is_left_out_is_possible() {
    let scene = with_settings();
    insta::assert_snapshot!(
        scene.transcript(&["vet trust published --criteria safe-to-run", "vet --locked"])
    );
}

/// Entries of another peer for it replace no exemption and are not locked.
#[test]
fn imports_are_for_what_is_looked_at() {
    let scene = with_settings();
    let audit = |name: &str, version: &str| {
        format!(
            "[[audits.{name}]]\nwho = \"Bob\"\ncriteria = \"safe-to-deploy\"\nversion = \"{version}\"\n\n"
        )
    };
    let audits = [audit("lantern", "1.0.0"), audit("lantern", "2.0.0"), audit("windows-sys", "1.0.0")];
    scene.world.serve("/other", audits.concat());
    insta::assert_snapshot!(scene.transcript(&["vet import other http://[WORLD]/other", "vet --locked"]));
    std::fs::remove_file(scene.fixture.project.folder().join("supply-chain/vet.toml")).unwrap();
    assert_eq!(scene.run("vet --locked").status, Some(0));
}

/// A new project learns what the setting `targets` would save.
#[cfg(not(windows))]
#[test]
fn a_new_project_learns_what_targets_would_save() {
    let scene = super::suggesting::scene("alpha 1.0.0 7\nbeta 1.0.0 3", "");
    scene.fixture.project.package(
        ".",
        "app",
        "[dependencies]\nalpha = \"=1.0.0\"\n[target.'cfg(windows)'.dependencies]\nbeta = \"=1.0.0\"\n",
    );
    let store = scene.fixture.canonical().join("project/supply-chain");
    let init = |options: &str| {
        let _ = std::fs::remove_dir_all(&store);
        let run = scene.run(&format!("vet init {options}"));
        assert_eq!(run.status, Some(0), "{}", run.stderr);
        run.stderr
    };
    for (options, expected) in [
        ("", ": 1 package with 108 lines needs no audit then"),
        // Nothing is fetched, so nothing is counted.
        ("--locked --frozen", ": 1 package needs no audit then"),
    ] {
        let shown = init(options);
        assert!(shown.contains("help: commit `supply-chain`") && shown.contains(expected), "{shown}");
    }
    // The project says what it is built for.
    let _ = std::fs::remove_dir_all(&store);
    scene.fixture.project.write("supply-chain/vet.toml", "[graph]\ntargets = [\"x86_64-pc-windows-msvc\"]\n");
    let shown = scene.run("vet init").stderr;
    assert!(shown.contains("help: commit ") && !shown.contains("list it in `targets`"), "{shown}");
}
