//! `aggregate`, with a server on this machine.

use std::fmt::Write as _;

use vet_testing::{Asked, Authority, Reply, TestServer};

use crate::project::Fixture;
use crate::run::run;

const ONE: &str = "\
[criteria.fuzzed]
description = \"Fuzzed for a day.\"

[[audits.alpha]]
who = \"Ada\"
criteria = [\"safe-to-deploy\", \"fuzzed\"]
version = \"1.0.0\"

[[audits.alpha]]
criteria = \"safe-to-run\"
version = \"1.1.0\"
importable = false
";

const TWO: &str = "\
[criteria.fuzzed]
description = \"Fuzzed for a day.\"

[[audits.alpha]]
criteria = \"fuzzed\"
delta = \"0.9.0 -> 1.0.0\"
unheard-of = 1

[[audits.alpha]]
criteria = \"safe-to-run\"
delta = \"0.9.0 -> 1.0.0\"

[[trusted.beta]]
criteria = \"safe-to-deploy\"
user-id = 7
start = \"2024-01-01\"
end = \"2025-01-01\"
";

/// Runs command lines in a folder with a list of the given paths on the server.
fn aggregate(server: &TestServer, list: &[&str], lines: &[&str]) -> String {
    let fixture = Fixture::new();
    fixture.project.write("sources.list", list_of(server, list));
    let mut transcript = fixture.transcript(lines);
    let written = fixture.project.read("audits.toml");
    if !written.is_empty() {
        write!(transcript, "--- audits.toml\n{written}").unwrap();
    }
    transcript.replace(&server.host(), "[SERVER]")
}

fn list_of(server: &TestServer, paths: &[&str]) -> String {
    let line = |path: &&str| match path.starts_with('/') {
        true => format!("  {}\n", server.url(path)),
        false => format!("{path}\n"),
    };
    paths.iter().map(line).collect()
}

fn server() -> TestServer {
    TestServer::start(|asked: &Asked| match asked.path.as_str() {
        "/one" => Reply::ok(ONE),
        "/two" => Reply::ok(TWO),
        "/three" => Reply::ok(TWO.replace("a day", "an hour")),
        "/busy" if asked.times == 0 => Reply::status(503).header("retry-after", "0"),
        "/busy" => Reply::ok(ONE),
        "/page" => Reply::ok("<!DOCTYPE html>\n<html></html>\n"),
        _ => Reply::status(404),
    })
}

#[test]
fn files_are_merged() {
    let list = ["# Ours", "", "/one", "/two"];
    let lines =
        ["vet aggregate sources.list", "vet aggregate sources.list --locked -q --output-file audits.toml"];
    insta::assert_snapshot!(aggregate(&server(), &list, &lines));
}

/// The answer is complete before it is known that a finding is denied.
#[test]
fn what_is_denied_after_the_answer() {
    let fixture = Fixture::new();
    let server = server();
    fixture.project.write("sources.list", list_of(&server, &["/two"])).write("audits.toml", "as it was\n");
    for (options, status, is_said) in
        [("", 0, true), ("--allow VET0711", 0, false), ("--deny VET0711", 255, true)]
    {
        let run = fixture.run(&format!("vet aggregate sources.list {options}"));
        assert_eq!(run.status, Some(status), "{options}: {}", run.stderr);
        assert!(run.stdout.contains("[[audits.alpha]]"), "{options}: {}", run.stdout);
        assert_eq!(run.stderr.contains("[VET0711]"), is_said, "{options}: {}", run.stderr);
        assert_eq!(run.stderr.contains("error[VET0711]"), status != 0, "{options}: {}", run.stderr);
    }
    let run = fixture.run("vet aggregate sources.list --deny VET0711 --output-file audits.toml");
    assert_eq!(run.status, Some(255));
    assert_eq!(fixture.project.read("audits.toml"), "as it was\n");
}

/// All files that cannot be fetched are reported at once, and the result of an earlier run stays.
#[test]
fn what_cannot_be_had() {
    let list = ["/one", "/missing", "/page", "not a url"];
    let fixture = Fixture::new();
    let server = server();
    fixture.project.write("sources.list", list_of(&server, &list[..3])).write("audits.toml", "as it was\n");
    let run = fixture.run("vet aggregate sources.list --output-file audits.toml");
    assert_eq!(run.status, Some(255));
    for code in ["VET0702", "VET0102"] {
        assert!(run.stderr.contains(code), "{code}: {}", run.stderr);
    }
    assert_eq!(fixture.project.read("audits.toml"), "as it was\n");

    let lines = [
        "vet aggregate sources.list",
        "vet aggregate nowhere.list",
        "vet aggregate sources.list --locked --frozen",
    ];
    insta::assert_snapshot!(aggregate(&server, &list, &lines));
}

/// If files define a criterion differently, both texts are shown.
#[test]
fn criteria_that_differ() {
    insta::assert_snapshot!(aggregate(
        &server(),
        &["/one", "/two", "/three"],
        &["vet aggregate sources.list"]
    ));
}

/// Git's helper answers for every host, but only the servers in the list receive credentials.
#[test]
fn git_knows_credentials() {
    let authority = Authority::new();
    let elsewhere = TestServer::start_tls(&authority, "127.0.0.1", |_| Reply::ok(TWO));
    let (to_elsewhere, closed) = (elsewhere.url("/two"), "Bearer s3cret");
    let server = TestServer::start_tls(&authority, "127.0.0.1", move |asked| match asked.path.as_str() {
        _ if asked.header("authorization") != Some(closed) => Reply::status(401),
        "/elsewhere" => Reply::redirect(to_elsewhere.clone()),
        "/refused" => Reply::status(403),
        _ => Reply::ok(ONE).header("etag", "\"1\""),
    });
    let fixture = Fixture::new();
    let helper = "!f() { cat >> asked; echo username=oauth2; echo password=s3cret; }; f";
    let configuration = format!("[credential]\n\thelper = \"{helper}\"\n");
    std::fs::write(fixture.canonical().join("gitconfig"), configuration).unwrap();
    fixture
        .project
        .write("sources.list", list_of(&server, &["/one", "/elsewhere"]))
        .write("refused.list", list_of(&server, &["/refused"]));
    fixture.project.write("authority.pem", authority.pem());
    let mut transcript = String::new();
    for line in [
        "vet aggregate sources.list",
        "vet aggregate sources.list --use-git-credentials --verbose info",
        "vet aggregate refused.list --use-git-credentials --verbose trace",
    ] {
        let mut command = fixture.command(".", line);
        transcript += &run(command.env("CARGO_HTTP_CAINFO", "authority.pem")).transcript(line);
    }
    let asked = fixture.project.read("asked");
    assert!(asked.contains(&format!("host={}\n", server.host())), "{asked}");
    assert!(!asked.contains(&elsewhere.host()), "{asked}");
    assert!(elsewhere.seen().iter().all(|asked| asked.header("authorization").is_none()));
    assert!(!transcript.contains("s3cret"));
    assert!(!fixture.canonical().join("cache/cargo-vet-rs/http").exists(), "nothing of it is kept");
    // Requests are shown with the time that they took.
    let is_timed = |line: &&str| !line.starts_with("E| debug: ") && !line.starts_with("E| trace: ");
    let transcript: String = transcript.lines().filter(is_timed).map(|line| format!("{line}\n")).collect();
    insta::assert_snapshot!(transcript.replace(&server.host(), "[SERVER]"));
}

/// Neither the result nor the warnings contain passwords from the URLs of the list.
#[test]
fn passwords_are_not_passed_on() {
    let server = server();
    let fixture = Fixture::new();
    let list = list_of(&server, &["/two"]).replace("http://", "http://me:s3cret@");
    fixture.project.write("sources.list", list);
    let run = fixture.run("vet aggregate sources.list --verbose trace");
    assert_eq!(run.status, Some(0));
    let source = format!("aggregated-from = \"{}\"\n", server.url("/two"));
    assert!(run.stdout.contains(&source) && run.stderr.contains(&server.url("/two")), "{}", run.stdout);
    assert!(!(run.stdout + &run.stderr).contains("s3cret"));
}

/// If git fails or knows no credentials, requests are sent without them.
#[test]
fn git_knows_nothing() {
    let authority = Authority::new();
    let server = TestServer::start_tls(&authority, "127.0.0.1", |_| Reply::ok(ONE));
    let fixture = Fixture::new();
    fixture
        .project
        .write("sources.list", list_of(&server, &["/one"]))
        .write("authority.pem", authority.pem());
    for configuration in ["", "[credential]\n\thelper = \"!exit 1\"\n", "nonsense"] {
        std::fs::write(fixture.canonical().join("gitconfig"), configuration).unwrap();
        let mut command = fixture.command(".", "vet aggregate sources.list --use-git-credentials");
        let run = run(command.env("CARGO_HTTP_CAINFO", "authority.pem"));
        assert_eq!((run.status, run.stderr.as_str()), (Some(0), ""), "{configuration}");
    }
}

#[test]
fn a_server_that_is_busy_is_asked_again() {
    let server = server();
    let transcript = aggregate(&server, &["/busy"], &["vet aggregate sources.list -q"]);
    assert!(transcript.contains("[[audits.alpha]]") && transcript.ends_with("[0]\n\n"), "{transcript}");
    assert_eq!(server.seen().len(), 2);
}
