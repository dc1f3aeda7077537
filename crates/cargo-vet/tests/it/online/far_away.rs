//! Servers that are reached only over HTTPS, through a proxy: the audit registry and crates.io.

use super::scene::Scene;

/// The path of the registry on its server.
const REGISTRY: &str = "/mozilla/cargo-vet/main/registry.toml";

const MEMBERS: &str = "\
[registry.ann]
url = \"https://ann.example.org/audits.toml\"

[registry.bob]
url = [\"https://bob.example.org/one.toml\", \"https://bob.example.org/two.toml\"]
";

const AUDITS: &str = "\
[[audits.alpha]]
who = \"Ann\"
criteria = \"safe-to-deploy\"
version = \"1.0.0\"
";

fn scene() -> Scene {
    let scene = Scene::with(&["alpha 1.0.0", "beta 1.0.0"]).behind_proxy();
    let exempted =
        |name: &str| format!("[[exemptions.{name}]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-deploy\"\n\n");
    scene.store(&(exempted("alpha") + &exempted("beta")), "", "");
    scene.world.publish("alpha 1.0.0 2023-01-01 ann\nbeta 1.0.0 2023-01-01 bob");
    scene.world.serve(REGISTRY, MEMBERS).serve("/audits.toml", AUDITS);
    scene.world.serve("/one.toml", AUDITS.replace("alpha", "beta")).serve("/two.toml", "[audits]\n");
    scene
}

#[test]
fn members_of_the_registry() {
    let scene = scene();
    insta::assert_snapshot!(scene.transcript(&["vet import ann", "vet import bob", "vet import ann", "vet"]));
}

#[test]
fn a_name_without_a_member() {
    let scene = scene();
    let before = scene.bytes();
    let mut transcript = scene.transcript(&["vet import bobb", "vet import no-such-member"]);
    scene.world.serve(REGISTRY, "<!DOCTYPE html>\n");
    transcript += &scene.transcript(&["vet import ann"]);
    scene.world.close(REGISTRY);
    transcript += &scene.transcript(&["vet import ann", "vet import ann --locked"]);
    scene.world.open();
    scene.world.serve(REGISTRY, MEMBERS).close("/audits.toml");
    transcript += &scene.transcript(&["vet import ann"]);
    assert_eq!(scene.bytes(), before);
    insta::assert_snapshot!(without_hosts(&transcript));
}

/// Removes the host that serves the registry.
fn without_hosts(transcript: &str) -> String {
    let line =
        |line: &str| match line.split_once(REGISTRY).map(|(before, after)| (before.rsplit_once("//"), after))
        {
            Some((Some((before, _)), after)) => format!("{before}//[HOST]{REGISTRY}{after}\n"),
            _ => format!("{line}\n"),
        };
    transcript.lines().map(line).collect()
}

/// The API knows everything that is needed, so the index is not asked.
#[test]
fn crates_io() {
    let scene = scene();
    insta::assert_snapshot!(scene.transcript(&[
        "vet trust alpha --criteria safe-to-deploy",
        "vet",
        "vet trust unheard-of --criteria safe-to-deploy",
    ]));
}
