//! What peers may write, and how much of it counts.

use super::scene::Scene;

const ALPHA: &str = "[[audits.alpha]]\nwho = \"Ann\"\ncriteria = \"good\"\nversion = \"1.0.0\"\n";

/// A peer with its own criterion, which the project maps to one of its own.
const MAPPED: &str = "[imports.peer]\nurl = \"http://[WORLD]/peer\"\n\n[imports.peer.criteria-map]\ngood = \"safe-to-deploy\"\n";

fn good(text: &str) -> String {
    format!("[criteria.good]\n{text}\n\n{ALPHA}")
}

fn alpha() -> Scene {
    Scene::with(&["alpha 1.0.0"])
}

/// A user has to read a changed text.
#[test]
fn criteria_with_a_new_text() {
    let scene = alpha();
    scene.world.serve("/peer", good("description = \"Read once.\""));
    scene.store(MAPPED, "", "");
    let mut transcript = scene.transcript(&["vet"]);
    scene.world.serve("/peer", good("description = \"Read twice.\""));
    transcript += &scene.transcript(&[
        "vet",
        "vet prune",
        "vet --locked",
        "vet regenerate imports --locked",
        "vet regenerate imports",
        "vet",
    ]);
    insta::assert_snapshot!(transcript);
}

/// The text is at another URL, and is locked as well.
#[test]
fn criteria_with_a_text_elsewhere() {
    let scene = alpha();
    let url = scene.world.url("/text");
    scene
        .world
        .serve("/peer", good(&format!("description-url = \"{url}\"")))
        .serve("/text", "Read once.\nBy Ann.\n");
    scene.store(MAPPED, "", "");
    let mut transcript = scene.transcript(&["vet"]);
    scene.world.serve("/text", "Read once.\nBy Bob.\n");
    transcript += &scene.transcript(&["vet"]);
    scene.world.close("/text");
    transcript += &scene.transcript(&["vet", "vet regenerate imports"]);
    insta::assert_snapshot!(transcript);
}

#[test]
fn criteria_without_a_text() {
    let scene = alpha();
    scene.world.serve("/peer", good("implies = \"safe-to-run\""));
    scene.store(MAPPED, "", "");
    insta::assert_snapshot!(scene.transcript(&["vet"]));
}

/// The effect of a peer's criterion in this project.
#[test]
fn criteria_maps() {
    for (map, implies, status) in [
        ("", "", 255),
        ("", "safe-to-deploy", 0),
        ("good = \"safe-to-deploy\"", "", 0),
        ("good = \"safe-to-run\"", "", 255),
        ("good = []", "", 255),
        ("good = []\nsafe-to-deploy = []\nsafe-to-run = []", "safe-to-deploy", 255),
        ("safe-to-run = \"safe-to-deploy\"", "safe-to-run", 0),
        ("unheard-of = \"safe-to-deploy\"", "", 255),
    ] {
        let scene = alpha();
        let implied = if implies.is_empty() { String::new() } else { format!("\nimplies = \"{implies}\"") };
        // The text is compared only if the map contains the criterion.
        scene.world.serve("/peer", good(&format!("description = \"Read.\"{implied}")));
        let config =
            format!("[imports.peer]\nurl = \"http://[WORLD]/peer\"\n\n[imports.peer.criteria-map]\n{map}\n");
        scene.store(&config, "", "");
        let run = scene.run("vet");
        assert_eq!(run.status, Some(status), "{map} {implies}: {}{}", run.stdout, run.stderr);
        if status == 0 {
            assert_eq!(scene.run("vet --locked").status, Some(0), "{map} {implies}");
        }
    }
}

#[test]
fn crates_that_are_excluded() {
    let scene = alpha();
    let wildcard = "[[wildcard-audits.alpha]]\nwho = \"Ann\"\ncriteria = \"safe-to-deploy\"\nuser-id = 1\nstart = \"2023-01-01\"\nend = \"2024-12-31\"\n";
    scene.world.publish("alpha 1.0.0 2023-02-01 ann");
    scene.world.serve(
        "/peer",
        format!("{}\n{wildcard}", good("description = \"Read.\"\nimplies = \"safe-to-deploy\"")),
    );
    let config = "[imports.peer]\nurl = \"http://[WORLD]/peer\"\nexclude = [\"alpha\"]\n";
    scene.store(config, "", "");
    // Wildcard audits count anyway, as with the original.
    let mut transcript = scene.transcript(&["vet"]);
    scene.world.serve("/peer", good("description = \"Read.\"\nimplies = \"safe-to-deploy\""));
    transcript += &scene.transcript(&["vet"]);
    insta::assert_snapshot!(transcript);
}

#[test]
fn several_files() {
    let scene = Scene::with(&["alpha 1.0.0", "beta 1.0.0"]);
    let config = "[imports.peer]\nurl = [\n    \"http://[WORLD]/one\",\n    \"http://[WORLD]/two\",\n]\n\n[imports.peer.criteria-map]\ngood = \"safe-to-deploy\"\n";
    scene.store(config, "", "");
    scene
        .world
        .serve("/one", good("description = \"Read.\""))
        .serve("/two", good("description = \"Read.\"").replace("alpha", "beta"));
    let mut transcript = scene.transcript(&["vet", "vet --locked"]);
    // Two meanings of one name.
    scene.world.serve("/two", good("description = \"Skimmed.\"").replace("alpha", "beta"));
    transcript += &scene.transcript(&["vet", "vet regenerate imports"]);
    scene.world.close("/two");
    transcript += &scene.transcript(&["vet", "vet regenerate imports"]);
    insta::assert_snapshot!(transcript);
}

/// A changed configuration of an import applies at once, even while the peer is unreachable.
#[test]
fn a_configuration_that_changes() {
    let url = "url = \"http://[WORLD]/peer\"\n";
    for (config, when_up, when_down) in [
        (format!("[imports.peer]\n{url}"), 0, 0),
        (format!("[imports.renamed]\n{url}"), 0, 255),
        (format!("[imports.peer]\n{url}exclude = [\"alpha\"]\n"), 255, 255),
        (format!("[imports.peer]\n{url}exclude = [\"beta\"]\n"), 0, 0),
        ("[imports.peer]\nurl = []\n".to_owned(), 255, 255),
        (
            format!("[imports.peer]\n{url}[imports.peer.criteria-map]\nsafe-to-deploy = \"safe-to-run\"\n"),
            255,
            0,
        ),
        (String::new(), 255, 255),
    ] {
        for (closed, status) in [("-", when_up), ("/peer", when_down)] {
            let scene = alpha();
            scene.world.serve("/peer", ALPHA.replace("good", "safe-to-deploy"));
            scene.store(&format!("[imports.peer]\n{url}"), "", "");
            assert_eq!(scene.run("vet").status, Some(0));
            scene.store(&config, "", &locked_without_header(&scene));
            scene.world.close(closed);
            let before = scene.bytes();
            let run = scene.run("vet");
            assert_eq!(
                run.status,
                Some(status),
                "{config}, {closed} is closed: {}{}",
                run.stdout,
                run.stderr
            );
            match status {
                0 => assert_eq!(scene.run("vet --locked").status, Some(0), "{config}, {closed} is closed"),
                _ => assert_eq!(scene.bytes(), before, "{config}, {closed} is closed"),
            }
        }
    }
}

fn locked_without_header(scene: &Scene) -> String {
    let text = scene.fixture.project.read("supply-chain/imports.lock");
    text.strip_prefix("\n# cargo-vet imports lock\n\n").unwrap().to_owned()
}

/// A check continues with locked entries. Commands that refresh them fail.
#[test]
fn a_peer_that_is_down() {
    let scene = alpha();
    scene.world.serve("/peer", good("description = \"Read.\""));
    scene.store(MAPPED, "", "");
    scene.world.close("/peer");
    let mut transcript = scene.transcript(&["vet"]);
    scene.world.open();
    assert_eq!(scene.run("vet").status, Some(0));
    scene.world.close("/peer");
    let before = scene.bytes();
    transcript += &scene.transcript(&[
        "vet",
        "vet prune",
        "vet prune --locked",
        "vet regenerate imports",
        "vet regenerate exemptions",
        "vet import other http://[WORLD]/peer",
        "vet explain-audit alpha",
    ]);
    scene.forget();
    transcript += &scene.transcript(&["vet"]);
    assert_eq!(scene.bytes(), before);
    insta::assert_snapshot!(transcript);
}

/// The URL of a web page about the audits instead of that of the audits.
#[test]
fn a_page_in_place_of_audits() {
    let scene = alpha();
    scene.world.serve("/peer", "<!DOCTYPE html>\n<html><body>Sign in</body></html>\n");
    let exempted = "[[exemptions.alpha]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-deploy\"\n";
    scene.store(&format!("{MAPPED}\n{exempted}"), "", "");
    insta::assert_snapshot!(scene.transcript(&[
        "vet",
        "vet regenerate imports",
        "vet import other http://[WORLD]/peer"
    ]));
}

/// Entries in a newer format are skipped, and the others count.
#[test]
fn entries_that_are_not_understood() {
    let scene = alpha();
    let odd = "\n[[audits.alpha]]\nwho = \"Ann\"\ncriteria = \"safe-to-deploy\"\nversion = \"2.0.0\"\nseen-on = \"Mars\"\n\n[criteria.odd]\ndescription = 1\n";
    scene.world.serve("/peer", good("description = \"Read.\"") + odd);
    scene.store(MAPPED, "", "");
    insta::assert_snapshot!(scene.transcript(&["vet", "vet --verbose info"]));
}

/// Criteria of a peer that the original cannot handle.
#[test]
fn criteria_that_make_no_sense() {
    let many: String = (0..3000)
        .map(|number| {
            format!("[criteria.c{number}]\ndescription = \"d\"\nimplies = \"c{}\"\n\n", (number + 1) % 3000)
        })
        .collect();
    let transcripts: Vec<String> = [
        good("description = \"Read.\"\nimplies = \"good\""),
        good("description = \"Read.\"\nimplies = [\"other\"]\n\n[criteria.other]\ndescription = \"d\"\nimplies = \"good\""),
        good("description = \"Read.\"\n\n[criteria.safe-to-deploy]\ndescription = \"Ours.\"\n\n[criteria.safe-to-run]\nimplies = \"safe-to-deploy\""),
        good("description = \"Read.\"") + "\n" + &many,
    ]
    .iter()
    .map(|text| {
        let scene = alpha();
        scene.world.serve("/peer", text);
        scene.store(MAPPED, "", "");
        scene.transcript(&["vet", "vet --locked"])
    })
    .collect();
    insta::assert_snapshot!(transcripts.join("========\n"));
}

/// Megabytes of notes, also on many lines, are kept unchanged.
#[test]
fn notes_without_end() {
    let scene = alpha();
    let long = "All is well, \u{fc}ber alles \\\"quoted\\\". ".repeat(60_000);
    let lines = "A line of its own.\\n".repeat(60_000);
    let audits = ALPHA.replace("good", "safe-to-deploy");
    for notes in [long, lines] {
        scene.world.serve("/peer", format!("{audits}notes = \"{notes}\"\n"));
        scene.store("[imports.peer]\nurl = \"http://[WORLD]/peer\"\n", "", "");
        for line in ["vet", "vet", "vet --locked"] {
            assert_eq!(scene.run(line).status, Some(0), "{line}");
        }
        assert!(scene.fixture.project.read("supply-chain/imports.lock").len() > 1 << 20);
    }
}

/// Thousands of the project's own criteria, together with those of peers.
#[test]
fn thousands_of_criteria() {
    let scene = alpha();
    let many: String = (0..2000)
        .map(|number| {
            format!("[criteria.c{number:04}]\ndescription = \"d\"\nimplies = \"c{:04}\"\n\n", number + 1)
        })
        .collect();
    let last = "[criteria.c2000]\ndescription = \"d\"\nimplies = \"safe-to-deploy\"\n\n";
    scene.world.serve("/peer", format!("{many}{last}{}", ALPHA.replace("good", "c0000")));
    scene.store(
        "[imports.peer]\nurl = \"http://[WORLD]/peer\"\n\n[policy.app]\ncriteria = \"c0000\"\n\n[imports.peer.criteria-map]\nc0000 = \"c0000\"\n",
        &format!("{many}{last}[audits]\n"),
        "",
    );
    for line in ["vet", "vet --locked", "vet prune"] {
        let run = scene.run(line);
        assert_eq!(run.status, Some(0), "{line}: {}{}", run.stdout, run.stderr);
    }
}
