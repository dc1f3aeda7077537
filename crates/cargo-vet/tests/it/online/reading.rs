//! `inspect`, `diff` and `status` without a terminal: pages are printed and not opened.

use super::scene::Scene;

const RELEASES: &str = "\
alpha 0.9.0 2022-01-10 ann
alpha 1.0.0 2023-05-01 ann
beta 1.0.0 2023-06-01 bob
beta 1.2.0+x 2023-07-01 bob
gamma 2.0.0 2023-07-01 bob
";

/// The output of command lines, without the long text of the usual criterion.
fn shortened(scene: &Scene, lines: &[&str]) -> String {
    let transcript = scene.transcript(lines);
    let mut shown = String::new();
    let mut is_in_text = false;
    for line in transcript.lines() {
        is_in_text |= line.starts_with("E|   Programs in production can use this package");
        let is_after = line.starts_with("E| Others may") || line.starts_with("E| and for");
        if is_in_text && is_after {
            is_in_text = false;
            shown += "E|   [TEXT]\nE|\n";
        }
        if !is_in_text {
            shown += line;
            shown += "\n";
        }
    }
    shown
}

/// A project that needs `alpha` and `beta`. `alpha 0.9.0` is audited.
fn scene() -> Scene {
    let scene = Scene::with(&["alpha 1.0.0", "beta 1.0.0"]);
    scene.world.publish(RELEASES);
    scene.store(
        "[[exemptions.beta]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-run\"\n",
        "[[audits.alpha]]\nwho = \"Ann\"\ncriteria = \"safe-to-deploy\"\nversion = \"0.9.0\"\n",
        "",
    );
    scene
}

#[test]
fn pages_are_named() {
    let scene = scene();
    let before = scene.bytes();
    insta::assert_snapshot!("introduction", scene.transcript(&["vet inspect alpha 1.0.0"]));
    insta::assert_snapshot!(shortened(
        &scene,
        &[
            "vet diff alpha 0.9.0 1.0.0",
            "vet diff alpha 0.9.0 1.0.0 --quiet",
            "vet inspect beta 1.2.0+x --mode diff.rs",
            "vet inspect beta 1.0.0 --mode sourcegraph --locked",
            "vet diff beta 1.0.0 1.2.0+x --mode sourcegraph --locked --frozen",
        ]
    ));
    assert_eq!(scene.bytes(), before);
}

#[test]
fn a_package_alone_means_the_version_in_use() {
    let scene = Scene::with(&["alpha 1.0.0", "beta 1.0.0"]);
    scene.world.publish("alpha 1.0.0 2023-05-01 ann\nalpha 1.1.0 2023-06-01 ann\n");
    scene.store("", "", "");
    insta::assert_snapshot!(shortened(
        &scene,
        &["vet inspect alpha --locked", "vet inspect alhpa --locked", "vet inspect nowhere --locked",]
    ));
}

#[test]
fn the_answer_can_go_to_a_file() {
    let scene = scene();
    let run = scene.run("vet inspect alpha 1.0.0 --output-file page.txt");
    assert_eq!((run.status, run.stdout.as_str()), (Some(0), ""), "{}", run.stderr);
    assert_eq!(scene.fixture.project.read("page.txt"), "https://crates.io/crates/alpha/1.0.0/code\n");
}

#[test]
fn each_command_remembers_where_to_read() {
    let scene = scene();
    let page = |line: &str| {
        let run = scene.run(&format!("{line} --quiet --locked"));
        assert_eq!(run.status, Some(0), "{line}: {}", run.stderr);
        run.stdout.trim_end().to_owned()
    };
    let (inspect, diff) = ("vet inspect alpha 1.0.0", "vet diff alpha 0.9.0 1.0.0");
    let custom = "--mode custom_url=https://read.example/{package}#";
    for (line, expected) in [
        (inspect, "https://crates.io/crates/alpha/1.0.0/code"),
        (diff, "https://diff.rs/alpha/0.9.0/1.0.0/"),
        (&format!("{inspect} --mode sourcegraph"), "https://sourcegraph.com/crates/alpha@v1.0.0"),
        (inspect, "https://sourcegraph.com/crates/alpha@v1.0.0"),
        (diff, "https://diff.rs/alpha/0.9.0/1.0.0/"),
        (&format!("{diff} {custom}{{version1}}-{{version2}}"), "https://read.example/alpha#0.9.0-1.0.0"),
        (diff, "https://read.example/alpha#0.9.0-1.0.0"),
        ("vet diff beta 1.0.0 1.2.0+x", "https://read.example/beta#1.0.0-1.2.0%2Bx"),
        (inspect, "https://sourcegraph.com/crates/alpha@v1.0.0"),
    ] {
        assert_eq!(page(line), expected, "{line}");
    }
    // The habits of the user are not in the cache.
    scene.forget();
    assert_eq!(page(inspect), "https://sourcegraph.com/crates/alpha@v1.0.0");
}

/// What does not exist is reported, with a similar name or version.
#[test]
fn what_cannot_be_read() {
    let scene = scene();
    insta::assert_snapshot!(shortened(
        &scene,
        &[
            "vet inspect alhpa 1.0.0",
            "vet inspect unheard-of 1.0.0",
            "vet inspect unheard/of 1.0.0",
            "vet inspect alpha 1.0.1",
            "vet diff alpha 0.8.0 1.0.0",
            "vet diff beta 1.0.0 1.2.0",
            "vet inspect alpha 1.0.0@git:00112233445566778899aabbccddeeff00112233",
            "vet inspect app 0.0.7",
            "vet status",
        ]
    ));
}

#[test]
fn what_is_not_in_use_can_be_read() {
    let scene = scene();
    scene.world.publish("app 0.0.7 2023-05-01 bob");
    insta::assert_snapshot!(shortened(
        &scene,
        &["vet inspect gamma 2.0.0", "vet inspect app 0.0.7", "vet inspect alpha 0.9.0",]
    ));
}

/// Without the network, the page may not exist, but finding that out takes no time.
#[test]
fn without_the_network() {
    let scene = scene();
    let mut transcript = shortened(&scene, &["vet inspect unheard-of 1.0.0 --locked"]);
    scene.forget().world.close("/");
    transcript += &shortened(&scene, &["vet inspect unheard-of 1.0.0", "vet inspect alpha 1.0.0"]);
    insta::assert_snapshot!(transcript);
}

/// A peer that is unreachable, or never existed, does not prevent reading.
#[test]
fn peers_do_not_matter() {
    let scene = scene();
    scene.store("[imports.peer]\nurl = \"http://[WORLD]/audits.toml\"\n", "", "");
    let mut transcript = shortened(&scene, &["vet inspect alpha 1.0.0"]);
    scene.world.serve(
        "/audits.toml",
        "[[audits.alpha]]\nwho = \"Bob\"\ncriteria = \"safe-to-deploy\"\nversion = \"0.9.0\"\n",
    );
    transcript += &shortened(&scene, &["vet diff alpha 0.9.0 1.0.0", "vet diff alpha 0.9.0 1.0.0 --locked"]);
    insta::assert_snapshot!(transcript);
}

/// Texts of criteria may be on any server and contain anything.
#[test]
fn criteria_are_explained() {
    let scene = scene();
    scene.world.serve("/crypto.txt", "An expert\u{1b}[2J has looked.\n\n  * closely\n");
    scene.store(
        "[policy.app.dependency-criteria]\nalpha = [\"crypto\", \"inline\", \"lost\", \"safe-to-run\"]\n",
        "[criteria.crypto]\ndescription-url = \"http://[WORLD]/crypto.txt\"\n\n\
         [criteria.inline]\ndescription = \"Looks good.\"\n\n\
         [criteria.lost]\ndescription-url = \"http://[WORLD]/lost.txt\"\n",
        "",
    );
    insta::assert_snapshot!(shortened(
        &scene,
        &["vet inspect alpha 1.0.0", "vet inspect alpha 1.0.0 --locked --frozen"]
    ));
}

#[test]
fn status_tells_what_is_next() {
    let scene = scene();
    let mut transcript = shortened(&scene, &["vet status"]);
    for line in [
        "vet inspect beta 1.0.0 --locked",
        "vet inspect alpha 0.9.0 --locked",
        "vet inspect gamma 2.0.0 --locked",
    ] {
        assert_eq!(scene.run(line).status, Some(0));
    }
    transcript += &shortened(&scene, &["vet status", "vet status --output-format json"]);
    assert_eq!(scene.run("vet diff alpha 0.9.0 1.0.0 --locked").status, Some(0));
    transcript += &shortened(&scene, &["vet status"]);
    scene.store(
        "",
        "[[audits.alpha]]\nwho = \"Ann\"\ncriteria = \"safe-to-deploy\"\nversion = \"0.9.0\"\n\n\
         [[audits.alpha]]\nwho = \"Ann\"\ncriteria = \"safe-to-deploy\"\ndelta = \"0.9.0 -> 1.0.0\"\n\n\
         [[audits.beta]]\nwho = \"Ann\"\ncriteria = \"safe-to-deploy\"\nversion = \"1.0.0\"\n",
        "",
    );
    transcript += &shortened(&scene, &["vet status", "vet status --output-format json"]);
    scene.store(
        "[[exemptions.alpha]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-deploy\"\n\n\
         [[exemptions.beta]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-deploy\"\n",
        "",
        "",
    );
    transcript += &shortened(&scene, &["vet status"]);
    scene.store(
        "",
        "[[audits.beta]]\nwho = \"Ann\"\ncriteria = \"safe-to-deploy\"\nversion = \"1.0.0\"\n\n\
         [[audits.beta]]\nwho = \"Ann\"\ncriteria = \"safe-to-run\"\nviolation = \"*\"\n",
        "",
    );
    transcript += &shortened(&scene, &["vet status", "vet status --output-format json"]);
    insta::assert_snapshot!(transcript);
}

/// Two projects on one machine are independent.
#[test]
fn projects_are_kept_apart() {
    let scene = scene();
    scene.run("vet inspect alpha 1.0.0 --locked");
    for file in ["Cargo.toml", "Cargo.lock", "src/lib.rs", ".cargo/config.toml"] {
        let text = scene.fixture.project.read(file);
        scene.fixture.project.write(&format!("../other/{file}"), text);
    }
    for file in ["config.toml", "audits.toml", "imports.lock"] {
        let text = scene.fixture.project.read(&format!("supply-chain/{file}"));
        scene.fixture.project.write(&format!("../other/supply-chain/{file}"), text);
    }
    let here = scene.run("vet status");
    assert!(here.stdout.contains("alpha 1.0.0  not certified"), "{}", here.stdout);
    let there = scene.fixture.run_in("../other", "vet status");
    assert!(there.stdout.starts_with("Nothing was read"), "{}{}", there.stdout, there.stderr);
}
