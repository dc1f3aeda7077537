//! Code that the settings leave out, where others are asked: what is locked for it stays, and nobody is asked about it.

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

[[exemptions.both]]
version = \"1.0.0\"
criteria = \"safe-to-deploy\"

[[exemptions.both]]
version = \"2.0.0\"
criteria = \"safe-to-deploy\"

[[exemptions.exempted]]
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

/// A project of `alpha` and `both 1.0.0`, which for Windows also needs `both 2.0.0`, `away`, which a peer audited, `published`,
/// whose publisher is trusted, and `exempted`. Everything is locked.
fn scene() -> Scene {
    let scene = Scene::of(Fixture::new());
    let project = &scene.fixture.project;
    project.package(
        ".",
        "app",
        "[dependencies]\nalpha = \"1\"\nboth = \"1\"\n[target.'cfg(windows)'.dependencies]\naway = \"1\"\n\
         exempted = \"1\"\npublished = \"1\"\nboth-2 = { package = \"both\", version = \"2\" }\n",
    );
    for package in
        ["alpha 1.0.0", "away 1.0.0", "both 1.0.0", "both 2.0.0", "exempted 1.0.0", "published 1.0.0"]
    {
        project.vendor(package, "", "src/lib.rs");
    }
    project.lock(
        "app 0.0.7 -> alpha, away, both 1.0.0, both 2.0.0, exempted, published\n+alpha 1.0.0\n+away 1.0.0\n\
         +both 1.0.0\n+both 2.0.0\n+exempted 1.0.0\n+published 1.0.0",
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
fn a_check_keeps_what_is_left_out_and_asks_nobody_about_it() {
    let scene = with_settings();
    scene.forget();
    insta::assert_snapshot!(scene.transcript(&["vet"]));
}

#[test]
fn what_writes_keeps_what_is_left_out() {
    // The audits of this project change where one is certified.
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
        // With the settings and without.
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
