//! Invalid files: each one leads to a finding that names the file, and leaves the store unchanged.

use std::time::{Duration, Instant};

use crate::project::{EXEMPTIONS, Fixture};

const CONFIG: &str = "supply-chain/config.toml";
const AUDITS: &str = "supply-chain/audits.toml";
const IMPORTS: &str = "supply-chain/imports.lock";

/// Commands that read, write and create stores.
const COMMANDS: [&str; 5] = [
    "vet --locked",
    "vet --locked --output-format json",
    "vet fmt",
    "vet add-exemption alpha 9.9.9",
    "vet regenerate exemptions --locked",
];

/// Longer than any run should take, and much shorter than a hang.
const PATIENCE: Duration = Duration::from_secs(60);

/// Replaces a file of a valid project, and checks what the commands report.
fn check(path: &str, bytes: &[u8], code: &str) {
    let fixture = Fixture::exempted();
    fixture.project.write(path, bytes);
    check_commands(&fixture, path, code, &COMMANDS);
}

fn check_commands(fixture: &Fixture, path: &str, code: &str, commands: &[&str]) {
    let before = raw_store(fixture);
    for line in commands {
        let start = Instant::now();
        let run = fixture.run(line);
        let said = format!("{}{}", run.stdout, run.stderr);
        assert_eq!(run.status, Some(255), "{line} with {path}: {said}");
        assert!(said.contains(code), "{line} with {path} should say {code}: {said}");
        let file = path.rsplit('/').next().unwrap();
        assert!(said.contains(file), "{line} should name {path}: {said}");
        assert!(!said.contains("panic") && !said.contains("is broken"), "{line}: {said}");
        assert!(said.len() < 100_000, "{line} with {path} says too much: {} bytes", said.len());
        assert!(start.elapsed() < PATIENCE, "{line} with {path} hangs");
        assert!(raw_store(fixture) == before, "{line} changed the store");
    }
}

fn raw_store(fixture: &Fixture) -> Vec<Option<Vec<u8>>> {
    [CONFIG, AUDITS, IMPORTS].map(|path| std::fs::read(fixture.project.folder().join(path)).ok()).to_vec()
}

#[test]
fn files_that_are_no_text_or_no_toml() {
    for path in [CONFIG, AUDITS, IMPORTS, "Cargo.lock", "Cargo.toml"] {
        // `fmt` reads the store only.
        let commands = if path == "Cargo.lock" { without_fmt() } else { COMMANDS.to_vec() };
        for (bytes, code) in [
            (&b"# \xFF\n"[..], "VET0101"),
            (b"\xFE\xFF\x00a", "VET0101"),
            (b"a = [1,\n", "VET0102"),
            (b"a = \"\x00\"\n", "VET0102"),
            (b"<<<<<<< HEAD\na = 1\n=======\na = 2\n>>>>>>> branch\n", "VET0103"),
        ] {
            let fixture = Fixture::exempted();
            fixture.project.write(path, bytes);
            check_commands(&fixture, path, code, &commands);
        }
    }
}

fn without_fmt() -> Vec<&'static str> {
    COMMANDS.iter().copied().filter(|line| *line != "vet fmt").collect()
}

#[test]
fn stores_that_make_no_sense() {
    let audit = |rest: &str| format!("[[audits.alpha]]\ncriteria = \"safe-to-deploy\"\n{rest}");
    let wildcard = |start: &str| {
        format!(
            "[audits]\n[[wildcard-audits.alpha]]\ncriteria = []\nuser-id = 1\nstart = {start}\nend = \"2026-01-01\"\n"
        )
    };
    for (path, text, code) in [
        (AUDITS, "a = 1\na = 2\n[audits]\n".to_owned(), "VET0114"),
        (AUDITS, audit("version = 1\n"), "VET0104"),
        (AUDITS, audit(""), "VET0108"),
        (AUDITS, audit("version = \"1.0.0\"\nviolation = \"*\"\n"), "VET0108"),
        (AUDITS, audit("version = \"1.0.0\"\nunheard-of = 1\n"), "VET0106"),
        (AUDITS, audit("version = \"1.0\"\n"), "VET0107"),
        (AUDITS, audit("delta = \"1.0.0 -> 2.0.0 -> 3.0.0\"\n"), "VET0107"),
        (AUDITS, audit("violation = \">=1 <2 junk\"\n"), "VET0107"),
        (AUDITS, wildcard("\"2025-02-30\""), "VET0107"),
        (AUDITS, wildcard("2025-02-20"), "VET0104"),
        (AUDITS, "".to_owned(), "VET0105"),
        (AUDITS, "[audits]\n[criteria.safe-to-run]\ndescription = \"\"\n".to_owned(), "VET0202"),
        (AUDITS, "[audits]\n[criteria.a]\ndescription = \"\"\nimplies = \"a\"\n".to_owned(), "VET0203"),
        (AUDITS, "[[audits.x]]\ncriteria = \"unheard-of\"\nversion = \"1.0.0\"\n".to_owned(), "VET0201"),
        (CONFIG, "[cargo-vet]\nversion = \"99.0\"\n".to_owned(), "VET0110"),
        (CONFIG, "[policy.a]\n[policy.\"a:1.0.0\"]\n".to_owned(), "VET0109"),
        (IMPORTS, "[[publisher.alpha]]\nversion = \"1.0.0\"\n".to_owned(), "VET0105"),
    ] {
        check(path, text.as_bytes(), code);
    }
}

/// Large inputs are not shown in full, and are processed quickly.
#[test]
fn large_files() {
    const LONG: usize = 10 << 20;
    const MANY: usize = 100_000;
    let long = "x".repeat(LONG);
    for (path, text, code) in [
        (AUDITS, format!("[[audits.alpha]]\ncriteria = \"{long}\"\nversion = \"1.0.0\"\n"), "VET0201"),
        (CONFIG, format!("[cargo-vet]\nversion = \"{long}\"\n"), "VET0107"),
        ("Cargo.toml", format!("[package]\nname = 1\nversion = \"{long}\"\n"), "VET0302"),
        (AUDITS, "[[audits.alpha]]\ncriteria = \"none\"\nversion = \"1.0.0\"\n".repeat(MANY), "VET0201"),
        (AUDITS, "[[audits.alpha]]\nversion = 1\n".repeat(MANY), "VET0104"),
        (AUDITS, format!("a = {}1{}", "[".repeat(MANY), "]".repeat(MANY)), "VET0102"),
        (AUDITS, "<<<<<<< x\n=======\n>>>>>>> y\n".repeat(MANY), "VET0103"),
    ] {
        let fixture = Fixture::exempted();
        fixture.project.write(path, text);
        check_commands(&fixture, path, code, &["vet --locked"]);
    }
}

/// 100,000 entries are valid.
#[test]
fn many_entries_are_read() {
    let fixture = Fixture::exempted();
    let entry =
        |index: usize| format!("\n[[audits.x{index:06}]]\ncriteria = \"safe-to-run\"\nversion = \"1.0.0\"\n");
    let entries: String = (0..100_000).map(entry).collect();
    fixture.project.store(EXEMPTIONS, entries.trim_start(), "");
    let run = fixture.run("vet --locked");
    assert_eq!(
        (run.status, run.stdout.as_str()),
        (Some(0), "Vetting Succeeded (3 exempted)\n"),
        "{}",
        run.stderr
    );
}

#[test]
fn line_ends_and_marks() {
    for change in
        [(|text: &str| text.replace('\n', "\r\n")) as fn(&str) -> String, |text| format!("\u{feff}{text}")]
    {
        let fixture = Fixture::exempted();
        let text = fixture.project.read(CONFIG);
        fixture.project.write(CONFIG, change(&text));
        let locked = fixture.run("vet --locked");
        assert!(locked.stderr.contains("VET0112") && locked.status == Some(255), "{}", locked.stderr);
        assert_eq!(fixture.run("vet fmt").status, Some(0));
        assert_eq!(fixture.project.read(CONFIG), text);
        for path in ["Cargo.lock", "Cargo.toml"] {
            let text = fixture.project.read(path);
            fixture.project.write(path, change(&text));
            let run = fixture.run("vet --locked");
            assert_eq!(run.status, Some(0), "{path}: {}", run.stderr);
        }
    }
}

#[test]
fn lock_files() {
    for (text, code) in [
        ("version = 99\n", "VET0304"),
        ("version = 4\n[[package]]\nname = \"app\"\n", "VET0304"),
        (
            "version = 4\n[[package]]\nname = \"app\"\nversion = \"0.0.7\"\ndependencies = [\"x\"]\n",
            "VET0304",
        ),
    ] {
        let fixture = Fixture::exempted();
        fixture.project.write("Cargo.lock", text);
        check_commands(&fixture, "Cargo.lock", code, &without_fmt());
    }
    let fixture = Fixture::exempted();
    std::fs::remove_file(fixture.project.folder().join("Cargo.lock")).unwrap();
    check_commands(&fixture, "Cargo.lock", "VET0303", &without_fmt());
}

#[test]
fn workspaces() {
    let fixture = Fixture::exempted();
    let manifest = fixture.project.read("Cargo.toml");
    let with = |text: &str| fixture.project.write("Cargo.toml", format!("{manifest}{text}"));
    with("[workspace]\nmembers = [\"gone\"]\n");
    check_commands(&fixture, "gone", "VET0302", &without_fmt());
    with("[package.metadata.vet]\nstore = 3\n");
    check_commands(&fixture, "Cargo.toml", "VET0308", &COMMANDS);
    with("[package.metadata.vet]\n[workspace]\n[workspace.metadata.vet]\n");
    check_commands(&fixture, "Cargo.toml", "VET0308", &COMMANDS);
    with("workspace = \"nowhere\"\n".trim_start());
    fixture
        .project
        .write("Cargo.toml", manifest.replace("[dependencies]", "workspace = \"nowhere\"\n[dependencies]"));
    check_commands(&fixture, "nowhere", "VET0302", &COMMANDS);
    fixture.project.write("Cargo.toml", "[profile.dev]\nopt-level = 1\n");
    check_commands(&fixture, "Cargo.toml", "VET0302", &without_fmt());
}

/// Packages that are members of each other's workspaces, and depend on each other, do not cause
/// endless loops.
#[test]
fn circles() {
    let fixture = Fixture::new();
    fixture
        .project
        .package("a", "a", "workspace = \"../b\"\n[dependencies]\nb = { path = \"../b\" }\n")
        .package("b", "b", "workspace = \"../a\"\n[dependencies]\na = { path = \"../a\" }\n");
    let run = fixture.run_in("a", "vet --locked");
    assert_eq!(run.status, Some(255), "{}", run.stderr);
    assert!(run.stderr.contains("error[VET0"), "{}", run.stderr);
}

/// The errors of all files are reported at once.
#[test]
fn several_files_at_once() {
    let fixture = Fixture::exempted();
    fixture.project.write(CONFIG, "[cargo-vet]\nversion = 3\n").write(AUDITS, "[audits]\n[audits]\n");
    std::fs::remove_file(fixture.project.folder().join(IMPORTS)).unwrap();
    fixture.project.write("Cargo.lock", "version = 99\n");
    let run = fixture.run("vet --locked");
    let codes: Vec<&str> = run
        .stderr
        .lines()
        .filter_map(|line| line.get(6..13).filter(|_| line.starts_with("error[")))
        .collect();
    assert_eq!(codes, ["VET0304", "VET0503", "VET0104", "VET0114"], "{}", run.stderr);
}

#[test]
fn things_that_are_no_files() {
    let fixture = Fixture::exempted();
    for path in [CONFIG, AUDITS, IMPORTS] {
        let full = fixture.project.folder().join(path);
        let text = std::fs::read(&full).unwrap();
        std::fs::remove_file(&full).unwrap();
        check_commands(&fixture, path, "VET0503", &COMMANDS);
        std::fs::create_dir(&full).unwrap();
        check_commands(&fixture, path, "VET0504", &COMMANDS);
        std::fs::remove_dir(&full).unwrap();
        std::fs::write(&full, text).unwrap();
    }
    let run = fixture.run("vet --locked --store-path Cargo.toml");
    assert!(run.stderr.starts_with("error[VET0505]: "), "{}", run.stderr);
    let run = fixture.run("vet --locked --manifest-path nowhere/Cargo.toml");
    assert!(run.stderr.starts_with("error[VET0301]: "), "{}", run.stderr);
    let run = fixture.run("vet --locked --manifest-path src");
    assert!(run.stderr.starts_with("error[VET0301]: "), "{}", run.stderr);
}

#[cfg(unix)]
#[test]
fn files_that_must_not_be_read() {
    use std::os::unix::fs::PermissionsExt;
    let fixture = Fixture::exempted();
    let path = fixture.project.folder().join(AUDITS);
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o000)).unwrap();
    if std::fs::read(&path).is_ok() {
        eprintln!("skipped: this user may read everything");
        return;
    }
    check_commands(&fixture, AUDITS, "VET0504", &COMMANDS);
}
