//! The examples on the pages about codes show the tool's real output. The examples about the text
//! and content of the store are tested beside the pages.

use crate::project::Fixture;
use crate::run::run_line;

/// The first line of a finding, with the folder of the project as on the pages.
pub(crate) fn says(fixture: &Fixture, line: &str) -> String {
    let stderr = fixture.run(line).stderr;
    let first = stderr.lines().find(|line| line.contains("[VET")).unwrap_or_default();
    first.replace("[FOLDER]/project", "/home/alice/project")
}

pub(crate) fn check(code: &str, says: &str) {
    assert!(says.contains(&format!("[{code}]")), "{code}: {says}");
    let page = run_line(&format!("vet explain {code}")).stdout;
    let shown: Vec<&str> = page.lines().filter(|line| line.contains(&format!("[{code}]: "))).collect();
    let is_shown = shown.iter().any(|line| match line.strip_suffix('…') {
        Some(start) => says.starts_with(start),
        None => *line == says,
    });
    assert!(is_shown, "the tool says\n  {says}\nand the page {shown:?}");
}

#[test]
fn graphs() {
    let lost = Fixture::new();
    check("VET0301", &says(&lost, "vet --locked"));

    let members = Fixture::new();
    members
        .project
        .write("Cargo.toml", "[workspace]\nmembers = [\"app\", \"libs/core\"]\n")
        .package("app", "app", "");
    check("VET0302", &says(&members, "vet --locked"));

    let unlocked = Fixture::new();
    unlocked.project.package(".", "app", "").store("", "", "");
    check("VET0303", &says(&unlocked, "vet --locked"));
    unlocked.project.write("Cargo.lock", "version = 9\n\n[[package]]\nname = \"app\"\n");
    check("VET0304", &says(&unlocked, "vet --locked"));
    unlocked.project.lock("app 0.0.7").package(".", "app", "[dependencies]\nrand = \"0.9\"\n");
    check("VET0305", &says(&unlocked, "vet --locked --frozen"));

    let fixture = Fixture::exempted();
    check("VET0306", &says(&fixture, "vet --locked --frozen --no-all-features --features no-such-feature"));
    check("VET0307", &says(&fixture, "vet check --filter-graph exclude(eq(name(serde)))"));
    let manifest = fixture.project.read("Cargo.toml");
    fixture.project.write(
        "Cargo.toml",
        format!("{manifest}[workspace]\n[workspace.metadata.vet]\nstore = \"audits\"\n"),
    );
    check("VET0308", &says(&fixture, "vet --locked"));

    let far = Fixture::new();
    far.project
        .package(".", "app", "[dependencies]\nsome-tool = { git = \"https://git.example/tool\" }\n")
        .lock("app 0.0.7 -> some-tool")
        .store("", "", "");
    let source = "git+https://git.example/tool#0123456789abcdef0123456789abcdef01234567";
    let locked = format!("\n[[package]]\nname = \"some-tool\"\nversion = \"0.3.1\"\nsource = \"{source}\"\n");
    far.project.write("Cargo.lock", far.project.read("Cargo.lock") + &locked);
    check("VET0309", &says(&far, "vet --locked --frozen"));

    let led_away = Fixture::exempted();
    led_away.project.write(
        ".cargo/config.toml",
        "[source.crates-io]\nreplace-with = \"m\"\n[source.m]\nregistry = \"sparse+http://127.0.0.1:1/\"\n",
    );
    check("VET0322", &says(&led_away, "vet --locked --frozen"));
    std::fs::remove_file(led_away.project.folder().join(".cargo/config.toml")).unwrap();
    std::fs::create_dir(led_away.project.folder().join(".cargo/config.toml")).unwrap();
    check("VET0323", &says(&led_away, "vet --locked --frozen"));
}

#[test]
fn policies() {
    let fixture = Fixture::small();
    for (policy, code) in [
        ("[policy.beta]\ndependency-criteria = { alpha = \"safe-to-run\" }\n", "VET0401"),
        ("[policy.\"alpha:9.9.9\"]\ncriteria = \"safe-to-deploy\"\n", "VET0402"),
        ("[policy.alpha]\nnotes = \"We like it.\"\n", "VET0403"),
    ] {
        fixture.project.store(policy, "", "");
        check(code, &says(&fixture, "vet --locked"));
    }
}

#[test]
fn files() {
    let fixture = Fixture::small();
    check("VET0501", &says(&fixture, "vet --locked"));
    fixture.run("vet init --locked --frozen");
    check("VET0502", &says(&fixture, "vet init"));
    check("VET0505", &says(&fixture, "vet check --locked --store-path supply-chain/audits.toml"));
    std::fs::remove_file(fixture.project.folder().join("supply-chain/imports.lock")).unwrap();
    check("VET0503", &says(&fixture, "vet --locked"));
    check("VET0504", &says(&fixture, "vet --locked --output-file nowhere/report.txt"));
    check("VET0506", &says(&fixture, "vet gc --clean --cache-dir src"));
}

#[test]
fn requests() {
    let fixture = Fixture::exempted();
    check("VET0601", &says(&fixture, "vet add-exemption alpha 1.0.200 --criteria safe-to-rnu"));
    check("VET0602", &says(&fixture, "vet add-exemption alhpa 1.0.200"));
    check("VET0603", &says(&fixture, "vet explain-audit nowhere --locked"));
    check("VET0605", &says(&fixture, "vet record-violation alpha =1.0.0"));
    check("VET0606", &says(&fixture, "vet import acme --locked"));
    check("VET0607", &says(&fixture, "vet explain VET0100"));
    let audits = "[[audits.alpha]]\nwho = \"Alice\"\ncriteria = \"safe-to-deploy\"\nversion = \"1.0.0\"\n\n\
                  [[audits.alpha]]\nwho = \"Bob\"\ncriteria = \"safe-to-deploy\"\nviolation = \"=1.0.0\"\n";
    fixture.project.store("", audits, "");
    check("VET0604", &says(&fixture, "vet explain-audit alpha --locked"));
}

#[test]
fn audits() {
    let fixture = Fixture::new();
    fixture
        .project
        .package(".", "app", "[dependencies]\nserde = \"1\"\n")
        .vendor("serde 1.0.200", "", "src/lib.rs")
        .lock("app 0.0.7 -> serde\n+serde 1.0.200")
        .store("", "", "")
        .write("todo.txt", "# Soon.\ninspct serde 1.0.200\n");
    let says = |line: &str| says(&fixture, &format!("vet certify {line} --locked --who Ann"));
    check("VET0616", &says("--yes"));
    let revision = "00112233445566778899aabbccddeeff00112233";
    let git = format!("serde 1.0.200@git:{revision} --criteria safe-to-run --accept-all --force");
    check("VET0623", &says("--all-from todo.txt --yes"));
    check("VET0625", &says("serde 1.0.200 1.0.200 --yes"));
    assert_eq!(says("serde 1.0.200 --yes"), "");
    check("VET0621", &says("serde 1.0.200 --criteria safe-to-deploy --accept-all --who Bob"));
    check("VET0624", &says("serde 1.0.200 --yes"));
    check("VET0622", &says(&git));
}
