//! Every request of a command fails once, in every way. The store keeps its old content or gets its
//! new content, and the next run completes it.

use vet_testing::Fault;

use super::scene::Scene;
use crate::project::Fixture;
use crate::run::run;

/// How a disturbed run may end.
#[derive(Clone, Copy)]
enum Result {
    /// With the old files, or with the new ones.
    OldOrNew,
    /// With the old files, or with files that pass a check without the network. Locked data
    /// replaces what cannot be fetched, and the rest is updated.
    OldOrSound,
}

struct Campaign {
    scene: Scene,
    line: &'static str,
    /// The files that the command may change.
    files: &'static [&'static str],
    faults: &'static [Fault],
    result: Result,
}

impl Campaign {
    /// Returns how many runs were disturbed.
    fn run(&self) -> usize {
        let old = self.contents();
        self.scene.forget().world.asked();
        self.undisturbed("clean");
        let new = self.contents();
        assert_ne!(old, new);
        let requests = self.scene.world.asked().len();
        let mut disturbed = 0;
        for fault in self.faults {
            for after in 0..requests {
                let case = format!("`{}` with {fault:?} after {after} of {requests}", self.line);
                self.restore(&old);
                self.scene.forget().world.disturb(after, *fault);
                let run = self.execute();
                disturbed += usize::from(self.scene.world.calm());
                assert!(matches!(run.status, Some(0 | 255)), "{case}: {:?} {}", run.status, run.stderr);
                assert!(!run.stderr.contains("panicked"), "{case}: {}", run.stderr);
                let left = self.contents();
                let is_new = match self.result {
                    _ if left == new => true,
                    Result::OldOrNew => false,
                    Result::OldOrSound => self.scene.run("vet --locked").status == Some(0),
                };
                assert!(left == old || is_new, "{case}: {}{left:?}", run.stderr);
                // Failures are reported: a run without a message has fetched everything.
                assert!(run.status == Some(255) || is_new || !run.stderr.is_empty(), "{case}");
                assert!(run.status == Some(0) || left == old, "{case}: {}", run.stderr);
                self.undisturbed(&case);
                assert_eq!(self.contents(), new, "{case}, and once more");
            }
        }
        assert_eq!(disturbed, requests * self.faults.len(), "not every request was reached");
        disturbed
    }

    fn execute(&self) -> crate::run::Run {
        run(&mut self.scene.command(self.line))
    }

    fn undisturbed(&self, case: &str) {
        let run = self.execute();
        assert_eq!(run.status, Some(0), "{case}, and once more: {}{}", run.stdout, run.stderr);
    }

    fn contents(&self) -> Vec<String> {
        self.files.iter().map(|file| self.scene.fixture.project.read(file)).collect()
    }

    fn restore(&self, contents: &[String]) {
        for (file, text) in self.files.iter().zip(contents) {
            self.scene.fixture.project.write(file, text);
        }
    }
}

const STORE: &[&str] = &["supply-chain/config.toml", "supply-chain/audits.toml", "supply-chain/imports.lock"];

/// Without faults whose result would be accepted as a text of a peer.
const FAULTS: &[Fault] = &[Fault::Reset, Fault::Truncated, Fault::Busy, Fault::Garbage];

const ONE: &str = "\
[criteria.good]
description-url = \"[WORLD]/text\"

[[audits.alpha]]
who = \"Ann\"
criteria = \"good\"
version = \"1.0.0\"

[[wildcard-audits.beta]]
who = \"Ann\"
criteria = \"safe-to-deploy\"
user-id = 1
start = \"2023-01-01\"
end = \"2024-12-31\"
";

const TWO: &str = "\
[[audits.gamma]]
who = \"Bob\"
criteria = \"safe-to-deploy\"
version = \"1.0.0\"

[[audits.alpha]]
who = \"Bob\"
criteria = \"safe-to-deploy\"
violation = \"<0.5\"
";

const CONFIG: &str = "\
[imports.one]
url = \"http://[WORLD]/one\"

[imports.one.criteria-map]
good = \"safe-to-deploy\"

[imports.two]
url = [\"http://[WORLD]/two\", \"http://[WORLD]/three\"]

[policy.shadow]
audit-as-crates-io = true

[[exemptions.shadow]]
version = \"0.0.6\"
criteria = \"safe-to-deploy\"
";

const OWN: &str = "\
[[wildcard-audits.beta]]
who = \"Carol\"
criteria = \"safe-to-run\"
user-id = 2
start = \"2023-01-01\"
end = \"2024-06-20\"

[[trusted.delta]]
criteria = \"safe-to-deploy\"
trusted-publisher = \"github:owner/delta\"
start = \"2023-01-01\"
end = \"2024-12-31\"
";

/// A project that causes every kind of request.
fn everything() -> Scene {
    let fixture = Fixture::new();
    let project = &fixture.project;
    let dependencies = "[dependencies]\nalpha = \"1\"\nbeta = \"1\"\ndelta = \"1\"\ngamma = \"1\"\nshadow = { path = \"shadow\" }\n";
    project.package(".", "app", dependencies).package("shadow", "shadow", "");
    for name in ["alpha", "beta", "delta", "gamma"] {
        project.vendor(&format!("{name} 1.0.0"), "", "src/lib.rs");
    }
    project.lock(
        "app 0.0.7 -> alpha, beta, delta, gamma, shadow\nshadow 0.0.7\n\
         +alpha 1.0.0\n+beta 1.0.0\n+delta 1.0.0\n+gamma 1.0.0",
    );
    let scene = Scene::of(fixture);
    scene.world.publish(
        "alpha 1.0.0 2023-02-01 ann\nbeta 1.0.0 2023-02-01 ann\ndelta 1.0.0 2023-02-01 github:owner/delta\n\
         gamma 1.0.0 2023-02-01 bob\nshadow 0.0.6 2023-02-01 ann",
    );
    scene.world.serve("/one", ONE.replace("[WORLD]", &scene.world.url("")));
    scene.world.serve("/two", TWO).serve("/three", "[audits]\n").serve("/text", "Read.\n");
    scene.store(CONFIG, OWN, "");
    scene
}

#[test]
fn check() {
    let campaign =
        Campaign { scene: everything(), line: "vet", files: STORE, faults: FAULTS, result: Result::OldOrNew };
    assert_eq!(campaign.run(), 44);
}

/// Retrying a request hides the fault.
#[test]
fn check_with_patience() {
    let mut scene = everything();
    scene.retries = 1;
    let old = scene.bytes();
    assert_eq!(scene.run("vet").status, Some(0));
    let (new, requests) = (scene.bytes(), scene.world.asked().len());
    for (after, fault) in (0..requests).flat_map(|after| [(after, Fault::Busy), (after, Fault::TooMany)]) {
        for (file, text) in &old {
            scene.fixture.project.write(&format!("supply-chain/{file}"), text);
        }
        scene.forget().world.asked();
        scene.world.disturb(after, fault);
        let run = scene.run("vet");
        assert_eq!((run.status, scene.bytes()), (Some(0), new.clone()), "{after} {fault:?}: {}", run.stderr);
        assert_eq!(scene.world.asked().len(), requests + 1, "{after} {fault:?}");
    }
}

/// An HTML page instead of an answer, as networks send it to users who have not signed in.
#[test]
fn check_behind_a_page() {
    let scene = everything();
    scene.world.serve("/one", ONE.replace("description-url = \"[WORLD]/text\"", "description = \"Read.\""));
    let campaign =
        Campaign { scene, line: "vet", files: STORE, faults: &[Fault::Page], result: Result::OldOrNew };
    assert_eq!(campaign.run(), 10);
}

/// Much is locked already, and the servers have newer data.
#[test]
fn check_of_what_is_locked() {
    let scene = everything();
    assert_eq!(scene.run("vet").status, Some(0));
    scene.world.publish("shadow 0.0.7-rc.1 2024-01-01 ann").account("ann", 1, Some("Ann"));
    scene.world.serve("/two", TWO.replace("Bob", "Bill").replace("<0.5", "<0.6"));
    scene.world.serve("/one", format!("{}notes = \"Seen.\"\n", ONE.replace("[WORLD]", &scene.world.url(""))));
    let faults = &[Fault::Reset, Fault::Garbage];
    let campaign = Campaign { scene, line: "vet", files: STORE, faults, result: Result::OldOrSound };
    assert_eq!(campaign.run(), 22);
}

#[test]
fn import() {
    let scene = everything();
    scene.world.serve("/four", TWO.replace("Bob", "Dora").replace("gamma", "alpha"));
    assert_eq!(scene.run("vet").status, Some(0));
    let line = "vet import four http://[WORLD]/four http://[WORLD]/three";
    let campaign = Campaign { scene, line, files: STORE, faults: FAULTS, result: Result::OldOrNew };
    assert_eq!(campaign.run(), 44);
}

#[test]
fn aggregate() {
    let scene = everything();
    let list = ["/two", "/three", "/one"].map(|path| scene.world.url(path)).join("\n");
    scene.fixture.project.write("sources.list", list).write("all.toml", "as it was\n");
    let line = "vet aggregate sources.list --output-file all.toml";
    let campaign =
        Campaign { scene, line, files: &["all.toml"], faults: Fault::ALL, result: Result::OldOrNew };
    assert_eq!(campaign.run(), 18);
}
