//! `import`, from any location.

use super::scene::Scene;

const AUDITS: &str = "\
[[audits.alpha]]
who = \"Ann\"
criteria = \"safe-to-deploy\"
version = \"1.0.0\"

[[audits.beta]]
who = \"Ann\"
criteria = \"safe-to-deploy\"
violation = \"<1\"
";

const EXEMPTED: &str = "[[exemptions.alpha]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-deploy\"\n";

fn exempted() -> Scene {
    let scene = Scene::with(&["alpha 1.0.0"]);
    scene.world.serve("/peer", AUDITS);
    scene.store(EXEMPTED, "", "");
    scene
}

#[test]
fn from_a_url() {
    let scene = exempted();
    insta::assert_snapshot!(scene.transcript(&[
        "vet import peer http://[WORLD]/missing",
        "vet import peer ftp://example.org/audits.toml",
        "vet import peer http://[WORLD]/peer --locked",
        "vet import peer http://[WORLD]/peer",
        "vet --locked",
        "vet import peer http://[WORLD]/peer",
        "vet import peer http://[WORLD]/other",
    ]));
}

#[test]
fn from_several_urls() {
    let scene = exempted();
    scene.world.serve("/other", AUDITS.replace("Ann", "Bob"));
    insta::assert_snapshot!(
        scene.transcript(&["vet import peer http://[WORLD]/peer http://[WORLD]/other", "vet --locked"])
    );
}

/// From a path relative to the store, and from an absolute path.
#[cfg(unix)]
#[test]
fn from_files() {
    let scene = exempted();
    scene.fixture.project.write("peers/audits.toml", AUDITS);
    let absolute = scene.fixture.canonical().join("project/peers/audits.toml").display().to_string();
    let line = format!("vet import absolute file://{absolute}");
    let mut transcript = scene.transcript(&["vet import near ../peers/audits.toml", "vet"]);
    transcript += &scene.transcript(&[&line, "vet", "vet import none ../peers/none.toml"]);
    let folder = scene.fixture.canonical().display().to_string();
    insta::assert_snapshot!(transcript.replace(&folder, "[FOLDER]"));
}

/// The password is in config.toml, as with the original, and is shown nowhere else.
#[test]
fn with_a_password() {
    let scene = exempted();
    let url = scene.world.url("/peer").replace("://", "://ann:s3cret@");
    for line in [
        format!("vet import peer {url}"),
        format!("vet import peer {url}"),
        "vet".to_owned(),
        "vet --locked --output-format json".to_owned(),
        format!("vet import peer {}", url.replace("/peer", "/other")),
        format!("vet import other {}", url.replace("/peer", "/missing")),
        format!("vet import other {}", url.replace("http:", "ftp:")),
        "vet regenerate imports".to_owned(),
    ] {
        let run = scene.run(&line);
        assert!(
            !format!("{}{}", run.stdout, run.stderr).contains("s3cret"),
            "{line}: {}{}",
            run.stdout,
            run.stderr
        );
    }
    let [(_, config), (_, audits), (_, imports)] = scene.bytes().try_into().unwrap();
    assert!(config.contains(&url), "{config}");
    assert!(!format!("{audits}{imports}").contains("s3cret"), "{audits}{imports}");
}

/// Names may be anything that TOML allows.
#[test]
fn names() {
    let scene = exempted();
    for name in ["with.dot", "\"quoted\"", "ünder", "a\u{1b}b", "a\nb", ""] {
        scene.store(EXEMPTED, "", "");
        let mut command = scene.command("vet import");
        command.args([name, &scene.world.url("/peer")]);
        let run = crate::run::run(&mut command);
        assert!(
            !run.stderr.contains('\u{1b}') && !run.stderr.contains("panicked"),
            "{name:?}: {}",
            run.stderr
        );
        assert!(matches!(run.status, Some(0 | 2 | 255)), "{name:?}: {}", run.stderr);
        let locked = scene.run("vet --locked");
        assert_eq!(locked.status, Some(0), "{name:?}: {}", locked.stderr);
    }
}

/// Publishers make no difference to this store, so crates.io is not asked and may be unreachable.
#[test]
fn crates_io_is_not_asked_in_vain() {
    let scene = exempted();
    scene.world.close("/index").close("/api");
    for line in [
        "vet prune",
        "vet regenerate exemptions",
        "vet regenerate unpublished",
        "vet import peer http://[WORLD]/peer",
        "vet regenerate imports",
        "vet explain-audit alpha",
    ] {
        let run = scene.run(line);
        assert_eq!(run.status, Some(0), "{line}: {}", run.stderr);
        assert!(!run.stderr.contains("crates.io"), "{line}: {}", run.stderr);
        assert!(scene.world.asked().iter().all(|path| path == "/peer"), "{line}");
    }
}
