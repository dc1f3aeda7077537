use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::Instant;

use tempfile::TempDir;
use vet_project::{CargoConfiguration, Checkout};

use super::*;

const INDEX: &str = "sparse+https://m.example/index/";
const HELLO: &str = "echo '{\"v\":[1]}'; read -r request";

/// A machine with credential programs, and a configuration around the checkout.
struct Machine {
    folder: TempDir,
    environment: Vec<(&'static str, String)>,
}

impl Machine {
    fn new(configuration: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let machine = Machine { folder, environment: Vec::new() };
        fs::create_dir_all(machine.path("project/.cargo")).unwrap();
        fs::create_dir_all(machine.path("home/.cargo")).unwrap();
        fs::write(
            machine.path("project/.cargo/config.toml"),
            configuration.replace("PROJECT", machine.path("project").to_str().unwrap()),
        )
        .unwrap();
        machine
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Creates a program from a shell script.
    fn program(self, path: &str, script: &str) -> Self {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let text = self.path("text");
        fs::write(&text, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&text, fs::Permissions::from_mode(0o755)).unwrap();
        // A file that this process has written cannot be run while a child process of another test
        // has it open.
        assert!(Command::new("cp").arg(&text).arg(path).status().unwrap().success());
        self
    }

    fn credentials(&self, index: &str, registry: Option<&str>) -> Credentials {
        let home = self.path("home/.cargo");
        let app = self.path("project/app");
        let configuration =
            CargoConfiguration::of_folder(&app, Some(&home), &Checkout::of_folder(&app)).registries;
        let variables = self.environment.iter().map(|(name, value)| (OsString::from(name), value.into()));
        let environment = RegistryEnvironment::read(variables);
        Credentials::new(index, registry, &configuration, &environment, Some(&home))
    }

    fn ask(&self) -> String {
        self.shown(&self.credentials(INDEX, Some("mirror")).ask(PATIENCE))
    }

    /// The token and the messages, on one line.
    fn shown(&self, found: &ProvidedToken) -> String {
        let known = ["one", "two", "three", INDEX, "mirror"];
        let token = found
            .token
            .as_ref()
            .map(|token| *known.iter().find(|text| Token::new(**text) == *token).unwrap_or(&"another token"));
        let rest = found.problems.iter().chain(&found.complaints).cloned();
        let parts: Vec<String> = token.map(str::to_owned).into_iter().chain(rest).collect();
        parts.join(" | ").replace(self.folder.path().to_str().unwrap(), "")
    }
}

fn says(answer: &str) -> String {
    format!("{HELLO}\necho '{answer}'")
}

const ONE: &str = r#"{"Ok":{"kind":"get","token":"one","cache":"session","operation_independent":true}}"#;
const NOT_FOUND: &str = r#"{"Err":{"kind":"not-found"}}"#;
const OWN: &str = "[registries.mirror]\ncredential-provider = [\"tools/ask\", \"--a b\", \"c\"]\n";

#[test]
fn a_plugin_is_asked_by_the_protocol() {
    let script = format!("echo \"$*\" > log\n{}\necho \"$request\" >> log; cat >> log", says(ONE));
    let script = script.replace(" log", " \"${0%/*}/log\"");
    let machine = Machine::new(OWN).program("project/tools/ask", &script);
    assert_eq!(machine.ask(), "one");
    let log = fs::read_to_string(machine.path("project/tools/log")).unwrap();
    assert_eq!(
        log,
        "--cargo-plugin\n{\"v\":1,\"registry\":{\"index-url\":\"sparse+https://m.example/index/\",\"name\":\"mirror\"},\
         \"kind\":\"get\",\"operation\":\"read\",\"args\":[\"--a b\",\"c\"]}\n"
    );
}

#[test]
fn what_plugins_answer() {
    for (script, expected) in [
        (says(ONE), "one"),
        (says(r#"{"Ok":{"kind":"get","token":"two","cache":"expires","expiration":1,"new":[]}}"#), "two"),
        (says(NOT_FOUND), ""),
        (says(r#"{"Err":{"kind":"url-not-supported","message":"no"}}"#), ""),
        (
            says(r#"{"Err":{"kind":"operation-not-supported"}}"#),
            "the credential provider `tools/ask` cannot provide tokens",
        ),
        (
            says(r#"{"Err":{"kind":"other","message":"locked","caused-by":["no key","no door"]}}"#),
            "the credential provider `tools/ask` says: locked: no key: no door",
        ),
        (says(r#"{"Err":{"kind":"odd"}}"#), "the credential provider `tools/ask` reports a failure"),
        (
            says(r#"{"Ok":{"kind":"login","token":"secret"}}"#),
            "the credential provider `tools/ask` sent an answer that is not part of the protocol",
        ),
        (
            says(r#"{"Ok":"secret"}"#),
            "the credential provider `tools/ask` sent an answer that is not part of the protocol",
        ),
        (
            "echo '{\"v\":[2,3]}'".to_owned(),
            "the credential provider `tools/ask` does not speak version 1 of the protocol",
        ),
        (
            "echo secret".to_owned(),
            "the credential provider `tools/ask` does not speak the protocol of credential providers",
        ),
        ("exit 3".to_owned(), "the credential provider `tools/ask` ended without an answer"),
        (HELLO.to_owned(), "the credential provider `tools/ask` ended without an answer"),
        (
            "printf '\\377\\n'".to_owned(),
            "the credential provider `tools/ask` sent an answer that is not text",
        ),
        (
            format!("echo 'the token is one' >&2; {}; echo >&2; echo end >&2", says(ONE)),
            "one | tools/ask: the token is … | tools/ask: end",
        ),
    ] {
        let machine = Machine::new(OWN).program("project/tools/ask", &script);
        assert_eq!(machine.ask(), expected, "{script}");
    }
    assert_eq!(
        Machine::new(OWN).ask(),
        "the credential provider `tools/ask` cannot be run: No such file or directory (os error 2)"
    );
}

#[test]
fn a_program_that_hangs_is_ended() {
    let hangs = "the credential provider `tools/ask` did not answer and was stopped";
    for script in ["exec sleep 60", &format!("{HELLO}\nexec sleep 60")] {
        let machine = Machine::new(OWN).program("project/tools/ask", script);
        let start = Instant::now();
        let found = machine.credentials(INDEX, Some("mirror")).ask(Duration::from_millis(300));
        assert_eq!(machine.shown(&found), hangs, "{script}");
        assert!(start.elapsed() < Duration::from_secs(20));
    }
    let configuration = "[registries.mirror]\ncredential-provider = \"cargo:token-from-stdout PROJECT/x\"\n";
    let machine = Machine::new(configuration).program("project/x", "echo one; exec 1>&-; exec sleep 60");
    let found = machine.credentials(INDEX, Some("mirror")).ask(Duration::from_millis(300));
    assert!(machine.shown(&found).ends_with("did not answer and was stopped"), "{found:?}");
}

#[test]
fn a_program_prints_a_token() {
    let configuration = "[registries.mirror]\ncredential-provider = \
                         [\"cargo:token-from-stdout\", \"PROJECT/x\", \"{index_url}\", \"{name}\"]\n";
    let name = "the credential provider `/project/x`";
    for (script, expected) in [
        ("echo one", "one".to_owned()),
        ("printf one", "one".to_owned()),
        ("cat; printf 'one\\r\\n'", "one".to_owned()),
        ("echo \"$1\"", INDEX.to_owned()),
        ("echo \"$CARGO_REGISTRY_INDEX_URL\"", INDEX.to_owned()),
        ("echo \"$CARGO_REGISTRY_NAME_OPT\"", "mirror".to_owned()),
        ("echo \"$2\"", "another token".to_owned()),
        ("echo one; echo two", format!("{name} prints more than one line")),
        ("echo", format!("{name} prints no token")),
        ("true", format!("{name} prints no token")),
        ("echo one; exit 2", format!("{name} failed: exit status: 2")),
        ("echo late >&2; exit 2", format!("{name} failed: exit status: 2 | /project/x: late")),
    ] {
        let machine = Machine::new(configuration).program("project/x", script);
        assert_eq!(machine.ask(), expected, "{script}");
    }
    let machine = Machine::new("[registry]\nglobal-credential-providers = [\"cargo:token-from-stdout\"]");
    assert_eq!(machine.ask(), "`cargo:token-from-stdout` is configured without a command");
}

/// Later providers are asked first, those of nearer files before others, and a failure ends the
/// search.
#[test]
fn providers_have_an_order() {
    let global = |list: &str| format!("[registry]\nglobal-credential-providers = [{list}]\n");
    let token = "[registries.mirror]\ntoken = \"three\"\n";
    let own = "[registries.mirror]\ncredential-provider = \"tools/b\"\n";
    let list = |near: &str| global(near) + token;
    let keychain = "`cargo:libsecret` is part of cargo and cannot be run separately";
    for (near, home, variable, expected) in [
        (token.to_owned(), String::new(), "", "three".to_owned()),
        (list(""), String::new(), "", "three".to_owned()),
        (list("\"cargo:token\", \"tools/a\""), String::new(), "", "one".to_owned()),
        (list("\"cargo:token\", \"tools/none x\""), String::new(), "", "three".to_owned()),
        (list("\"tools/a\", \"cargo:token\""), String::new(), "", "three".to_owned()),
        (list("\"tools/none\""), String::new(), "", String::new()),
        (list("\"cargo:token\", \"tools/fails\""), String::new(), "", "fails".to_owned()),
        (list("\"cargo:token\", \"cargo:libsecret\""), String::new(), "", format!("three | {keychain}")),
        (list("\"tools/a\""), global("\"cargo:token\""), "", "one".to_owned()),
        (list(""), global("\"cargo:token\", \"tools/b\""), "", "two".to_owned()),
        (list("\"tools/a\""), String::new(), "cargo:token", "three".to_owned()),
        (own.to_owned(), global("\"tools/a\""), "", "two".to_owned()),
        // An alias for a program with arguments.
        (
            global("\"mine\"") + "[credential-alias]\nmine = [\"tools/with blank\", \"x\"]\n",
            String::new(),
            "",
            "one".to_owned(),
        ),
        (
            global("\"mine\"") + "[credential-alias]\nmine = \"tools/a x y\"\n",
            String::new(),
            "",
            "one".to_owned(),
        ),
        (
            list("\"cargo:token\"") + "[credential-alias]\n\"cargo:token\" = \"tools/a\"\n",
            String::new(),
            "",
            "three".to_owned(),
        ),
        // Invalid values are ignored.
        (global("1, \"\"") + token, String::new(), "", "three".to_owned()),
        (format!("registry = 1\ncredential-alias = []\n{token}"), String::new(), "", "three".to_owned()),
    ] {
        let mut machine = Machine::new(&near)
            .program("project/tools/a", &says(ONE))
            .program("project/tools/with blank", &says(ONE))
            .program("project/tools/none", &says(NOT_FOUND))
            .program("project/tools/fails", "exit 1")
            .program("home/tools/b", &says(&ONE.replace("one", "two")))
            .program("home/tools/a", "exit 1")
            .program("project/tools/b", &says(&ONE.replace("one", "two")));
        fs::write(machine.path("home/.cargo/config.toml"), &home).unwrap();
        if !variable.is_empty() {
            machine.environment = vec![("CARGO_REGISTRY_GLOBAL_CREDENTIAL_PROVIDERS", variable.to_owned())];
        }
        let expected =
            expected.replace("fails", "the credential provider `tools/fails` ended without an answer");
        assert_eq!(machine.ask(), expected, "{near} {home} {variable}");
    }
}

#[test]
fn variables_name_providers() {
    let mut machine = Machine::new(OWN).program("x", "echo two");
    let program = format!("cargo:token-from-stdout {}", machine.path("x").display());
    machine.environment = vec![("CARGO_REGISTRIES_MIRROR_CREDENTIAL_PROVIDER", program)];
    assert_eq!(machine.ask(), "two");
}

/// A registry without a name is identified by its index. Over plain HTTP, no provider is asked.
#[test]
fn registries_without_a_name() {
    let configuration = "[registry]\nglobal-credential-providers = [\"cargo:token\", \"tools/ask\"]\n";
    let only_unnamed =
        format!("{HELLO}\ncase \"$request\" in *'\"name\"'*) echo '{NOT_FOUND}';; *) echo '{ONE}';; esac");
    let machine = Machine::new(configuration).program("project/tools/ask", &only_unnamed);
    assert_eq!(machine.ask(), "");
    assert_eq!(machine.shown(machine.credentials(INDEX, None).found()), "one");
    let plain = machine.credentials("sparse+http://127.0.0.1/index/", None);
    assert_eq!(machine.shown(plain.found()), "");
}

#[test]
fn nobody_is_asked_twice_and_nothing_is_shown() {
    let script = format!("echo x >> \"$0.log\"\n{}", says(ONE));
    let machine = Machine::new(OWN).program("project/tools/ask", &script);
    let credentials = machine.credentials(INDEX, Some("mirror"));
    assert_eq!(credentials.known(), None);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert!(credentials.found().token.is_some()));
        }
    });
    assert_eq!(fs::read_to_string(machine.path("project/tools/ask.log")).unwrap(), "x\n");
    assert!(!format!("{credentials:?}").contains("\"one\""), "{credentials:?}");
}
