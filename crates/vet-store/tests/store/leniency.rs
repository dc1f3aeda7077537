//! What the parser accepts, and how it is written afterwards.

use vet_diagnostics::Source;
use vet_store::{
    Accounts, parse_audits, parse_config, parse_imports, write_audits, write_config, write_imports,
};

fn audits(text: &str) -> String {
    let file = parse_audits(&Source::new("audits.toml", text)).into_result().unwrap();
    write_audits(&file, &Accounts::UNKNOWN)
}

fn config(text: &str) -> String {
    write_config(&parse_config(&Source::new("config.toml", text)).into_result().unwrap())
}

fn imports(text: &str) -> String {
    write_imports(&parse_imports(&Source::new("imports.lock", text)).into_result().unwrap())
}

/// Returns how a field of an audit is written.
fn field(name: &str, value: &str) -> String {
    let text = audits(&format!("[[audits.a]]\n{name} = \"{value}\"\n"));
    let line = text.lines().last().unwrap();
    line.strip_prefix(&format!("{name} = ")).unwrap().trim_matches('"').to_owned()
}

#[test]
fn versions_deltas_and_ranges() {
    let rev = "0123456789abcdefABCDEF0123456789abcdefAB";
    for (name, value, written) in [
        ("version", "1.2.3-pre.1+build.01", "1.2.3-pre.1+build.01"),
        ("version", "18446744073709551615.0.0", "18446744073709551615.0.0"),
        ("version", &format!("1.2.3 @ git:{rev}"), &format!("1.2.3@git:{rev}")),
        ("version", &format!("1.2.3\\t@\\ngit:{rev}"), &format!("1.2.3@git:{rev}")),
        ("version", &format!("1.2.3\u{a0}@git:{rev}"), &format!("1.2.3@git:{rev}")),
        ("delta", "1.0.0->1.0.1", "1.0.0 -> 1.0.1"),
        ("delta", "  1.0.0  ->  0.9.0  ", "1.0.0 -> 0.9.0"),
        ("delta", "1.0.0-a->1.0.0-a", "1.0.0-a -> 1.0.0-a"),
        ("delta", &format!("1.0.0 @git:{rev}->1.0.0"), &format!("1.0.0@git:{rev} -> 1.0.0")),
        ("violation", "1.0.0", "^1.0.0"),
        ("violation", "1.x", "1.*"),
        ("violation", "1.*.*", "1.*"),
        ("violation", ">=1.0.0,<2.0.0", ">=1.0.0, <2.0.0"),
        ("violation", " * ", "*"),
        ("violation", "1, 2", "^1, ^2"),
        ("violation", "^1.0.0+b", "^1.0.0"),
    ] {
        assert_eq!(field(name, value), written, "{name} = {value}");
    }
}

#[test]
fn dates() {
    for (date, written) in [
        ("2020-01-02", "2020-01-02"),
        ("2020-1-2", "2020-01-02"),
        (" 2020 - 1 - 2 ", "2020-01-02"),
        ("\\t2020-01-02\\n", "2020-01-02"),
        ("2020\u{a0}-1-2", "2020-01-02"),
        ("20-1-2", "0020-01-02"),
        ("0-1-1", "0000-01-01"),
        ("-2020-1-2", "-2020-01-02"),
        ("+2020-1-2", "2020-01-02"),
        ("+12020-01-01", "+12020-01-01"),
        ("2020\u{2003}- \\t2\u{a0}-\\n29", "2020-02-29"),
    ] {
        let text = audits(&format!(
            "[audits]\n[[trusted.a]]\ncriteria = []\nuser-id = 1\nstart = \"{date}\"\nend = \"2020-01-01\"\n"
        ));
        assert!(text.contains(&format!("\nstart = \"{written}\"\n")), "{date}: {text}");
    }
}

#[test]
fn publishers() {
    let written = |fields: &str| {
        let text = audits(&format!(
            "[audits]\n[[trusted.a]]\ncriteria = []\nstart = \"2020-01-01\"\nend = \"2020-01-01\"\n{fields}\n"
        ));
        let start = text.find("criteria = []\n").unwrap() + "criteria = []\n".len();
        text[start..].lines().next().unwrap().to_owned()
    };
    for (fields, expected) in [
        ("user-id = 0x10", "user-id = 16"),
        ("user-id = 1_000", "user-id = 1000"),
        ("user-id = -0", "user-id = 0"),
        ("user-id = +5", "user-id = 5"),
        ("user-id = 9223372036854775807", "user-id = 9223372036854775807"),
        ("trusted-publisher = \"\"", "trusted-publisher = \"\""),
        ("user-id = 1\ntrusted-publisher = \"x\"", "user-id = 1"),
        ("user-id = 1\ntrusted-publisher = 5", "user-id = 1"),
        ("user-id = \"1\"\ntrusted-publisher = \"x\"", "trusted-publisher = \"x\""),
        ("user-id = -1\ntrusted-publisher = \"x\"", "trusted-publisher = \"x\""),
        ("user-id = 1\nrenew = 5\nwho = 7", "user-id = 1"),
    ] {
        assert_eq!(written(fields), expected, "{fields}");
    }
}

#[test]
fn recorded_publishers() {
    let written = |fields: &str| {
        let text =
            imports(&format!("[[publisher.a]]\nversion = \"1.0.0\"\nwhen = \"2020-01-01\"\n{fields}\n"));
        text.lines().skip(6).collect::<Vec<_>>().join(" ")
    };
    for (fields, expected) in [
        ("user-id = 1\nuser-login = \"a\"\ntrusted-publisher = \"x\"", "user-id = 1 user-login = \"a\""),
        ("user-id = 1\ntrusted-publisher = \"x\"", "trusted-publisher = \"x\""),
        ("user-login = \"a\"\nuser-name = \"b\"\ntrusted-publisher = \"x\"", "trusted-publisher = \"x\""),
        (
            "user-id = 1\nuser-login = \"a\"\nuser-name = 5\ntrusted-publisher = \"x\"",
            "trusted-publisher = \"x\"",
        ),
    ] {
        assert_eq!(written(fields), expected, "{fields}");
    }
}

#[test]
fn versions_of_the_format() {
    for version in ["0.10", "00.010", "+0.10", "0.+10", "0.9", "0.4", "0.0"] {
        let text = config(&format!("cargo-vet.version = \"{version}\"\n"));
        assert_eq!(text, config(""), "{version}");
    }
}

/// The same store, in an unusual spelling and in canonical form.
#[test]
fn any_spelling_of_toml() {
    let strange = "\
default-criteria = 'safe-to-deploy'
unaudited.\"b\" = [{ version = '1.0.0' }, { version = \"0.9.0\", criteria = [\"safe-to-run\"], suggest = true, extra = 1979-05-27 }]
unaudited.a = []
policy.x.dependency-criteria = {}
policy.x.\"criteria\" = []
policy.\":1.0.0\" = {}
policy.\" \" = { notes = \"\" }
imports = { 'a.b' = { url = \"u\", exclude = [], criteria-map.f = [] }, c = { url = [], extra = {} } }
policy.\"g:1.0.0@git:0000000000000000000000000000000000000000\".notes = \"counts\"
policy.\"g:1.0.0 @git:0000000000000000000000000000000000000000\".notes = \"does not\"
";
    insta::assert_snapshot!(config(strange));
    let strange = "\
trusted = {}
wildcard-audits.w = []
[[audits.\"a b\"]]
notes = \"\"
aggregated-from = [\"u\"]
who = []
version = \"1.0.0\"
[[audits.\"a b\"]]
importable = true
criteria = [\"safe-to-run\"]
violation = \"*\"
[criteria.c]
[something.else]
";
    insta::assert_snapshot!(audits(strange));
}
