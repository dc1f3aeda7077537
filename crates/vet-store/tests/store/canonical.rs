//! The canonical text, byte for byte.

use vet_diagnostics::Source;
use vet_store::files::{AuditsFile, ConfigFile, ImportsFile};
use vet_store::{
    Accounts, parse_audits, parse_config, parse_imports, write_audits, write_config, write_imports,
};

fn imports(text: &str) -> ImportsFile {
    parse_imports(&Source::new("imports.lock", text)).into_result().unwrap()
}

fn audits(text: &str) -> AuditsFile {
    parse_audits(&Source::new("audits.toml", text)).into_result().unwrap()
}

fn config(text: &str) -> ConfigFile {
    parse_config(&Source::new("config.toml", text)).into_result().unwrap()
}

#[test]
fn files_that_are_canonical_stay_as_they_are() {
    let lock = include_str!("canonical/imports.lock");
    assert_eq!(write_imports(&imports(lock)), lock);
    let accounts = Accounts::from_imports(&imports(lock));
    let text = include_str!("canonical/audits.toml");
    assert_eq!(write_audits(&audits(text), &accounts), text);
    let text = include_str!("canonical/config.toml");
    assert_eq!(write_config(&config(text)), text);
}

#[test]
fn the_smallest_store() {
    assert_eq!(
        write_config(&ConfigFile::default()),
        "\n# cargo-vet config file\n\n[cargo-vet]\nversion = \"0.10\"\n"
    );
    assert_eq!(
        write_audits(&AuditsFile::default(), &Accounts::UNKNOWN),
        "\n# cargo-vet audits file\n\n[audits]\n"
    );
    assert_eq!(write_imports(&ImportsFile::default()), "\n# cargo-vet imports lock\n");
}

/// Returns how a string is written, as the notes of a policy.
fn written(text: &str) -> String {
    let mut config = ConfigFile::default();
    let policy = vet_store::files::Policy { notes: Some(text.to_owned()), ..Default::default() };
    config.policy.0.insert("p".to_owned(), vet_store::files::CratePolicy::Unversioned(policy));
    let file = write_config(&config);
    let start = file.find("notes = ").unwrap() + "notes = ".len();
    file[start..].strip_suffix('\n').unwrap().to_owned()
}

#[test]
fn strings() {
    for (text, form) in [
        ("", r#""""#),
        ("plain é 😀", r#""plain é 😀""#),
        ("it's", r#""it's""#),
        ("a\tb", r#""a\tb""#),
        ("say \"hi\"", r#"'say "hi"'"#),
        ("back\\slash\t\"", "'back\\slash\t\"'"),
        ("both ' and \"", "\"\"\"both ' and \"\"\"\""),
        ("' and \"\"", "\"\"\"' and \"\"\"\"\""),
        ("' and \"\"\"", "'''' and \"\"\"'''"),
        ("' and \\", "'''' and \\'''"),
        ("two\nlines", "\"\"\"\ntwo\nlines\"\"\""),
        ("two\nlines\n", "\"\"\"\ntwo\nlines\n\"\"\""),
        ("\n", "\"\"\"\n\n\"\"\""),
        ("tab\t\n", "\"\"\"\ntab\\t\n\"\"\""),
        ("a\\\nb", "'''\na\\\nb'''"),
        ("a\"\"\"\nb", "'''\na\"\"\"\nb'''"),
        ("'''\\", "\"'''\\\\\""),
        ("'''\"\"\"", "\"'''\\\"\\\"\\\"\""),
        ("'''\"\"\"\"\"\"\n", "\"\"\"\n'''\"\"\\\"\"\"\\\"\n\"\"\""),
        ("\r\n", "\"\"\"\n\\r\n\"\"\""),
        ("\u{0}\u{8}\u{c}\u{1f}\u{7f}", "\"\\u0000\\b\\f\\u001F\\u007F\""),
        ("\u{85}\u{2028}", "\"\u{85}\u{2028}\""),
    ] {
        assert_eq!(written(text), form, "{text:?}");
        let back = config(&format!("[policy.p]\nnotes = {form}\n"));
        let vet_store::files::CratePolicy::Unversioned(policy) = &back.policy.0["p"] else { panic!() };
        assert_eq!(policy.notes.as_deref(), Some(text), "{form}");
    }
}

#[test]
fn keys() {
    for (name, header) in [
        ("bare-Key_0", "[policy.bare-Key_0]"),
        ("", "[policy.\"\"]"),
        ("a.b c#", "[policy.\"a.b c#\"]"),
        ("é", "[policy.\"é\"]"),
        ("tab\t", "[policy.\"tab\\t\"]"),
        ("quote\"", "[policy.'quote\"']"),
        ("back\\\t", "[policy.'back\\\t']"),
        ("both\"'", "[policy.\"both\\\"'\"]"),
        ("line\n", "[policy.\"line\\n\"]"),
        ("\u{1}'", "[policy.\"\\u0001'\"]"),
    ] {
        let mut file = ConfigFile::default();
        file.policy.0.insert(name.to_owned(), vet_store::files::CratePolicy::Unversioned(Default::default()));
        let text = write_config(&file);
        assert_eq!(text.lines().last(), Some(header), "{name:?}");
        assert_eq!(config(&text), file, "{name:?}");
    }
}

#[test]
fn arrays_wrap_beyond_80_characters() {
    let with = |length: usize| {
        let mut file = ConfigFile::default();
        let import = vet_store::files::ImportConfig {
            url: vec!["é".repeat(length), String::new()],
            ..Default::default()
        };
        file.imports.insert("i".to_owned(), import);
        write_config(&file)
    };
    // `url = ["…", ""]` has 14 other characters.
    assert!(with(66).ends_with(&format!("\nurl = [\"{}\", \"\"]\n", "é".repeat(66))));
    assert!(with(67).ends_with(&format!("\nurl = [\n    \"{}\",\n    \"\",\n]\n", "é".repeat(67))));
    // A single string is not written as an array, except for excluded crates.
    let long = "x".repeat(100);
    let text = format!("imports.i = {{ url = [\"{long}\"], exclude = [\"{long}\"] }}");
    assert!(
        write_config(&config(&text))
            .ends_with(&format!("\nurl = \"{long}\"\nexclude = [\n    \"{long}\",\n]\n"))
    );
}

#[test]
fn dependency_criteria_leave_their_line_beyond_120_characters() {
    let with = |length: usize| {
        let text = format!(
            "[policy.p]\nnotes = \"n\"\n[policy.p.dependency-criteria]\n{} = \"safe-to-run\"\n",
            "d".repeat(length)
        );
        let text = write_config(&config(&text));
        text.split_once("[policy.").unwrap().1.replace(&"d".repeat(length), "D")
    };
    // `dependency-criteria = { … = "safe-to-run" }` has 42 other characters.
    assert_eq!(with(78), "p]\ndependency-criteria = { D = \"safe-to-run\" }\nnotes = \"n\"\n");
    assert_eq!(with(79), "p]\nnotes = \"n\"\n\n[policy.p.dependency-criteria]\nD = \"safe-to-run\"\n");
}

/// The rule about `dependency-criteria` applies to the key, whatever the key means.
#[test]
fn crates_named_dependency_criteria() {
    let text = "\
[policy.dependency-criteria]
criteria = \"safe-to-run\"
notes = \"a\\nb\"
[policy.dependency-criteria.dependency-criteria]
x = \"safe-to-run\"
[policy.aaa]
[imports.dependency-criteria]
url = \"u\"
[imports.dependency-criteria.criteria-map]
a = []
b = [\"safe-to-run\", \"safe-to-deploy\"]
[imports.b]
url = []
[[exemptions.dependency-criteria]]
version = \"2.0.0\"
criteria = []
[[exemptions.dependency-criteria]]
version = \"1.0.0\"
criteria = []
[[exemptions.aaa]]
version = \"1.0.0\"
";
    insta::assert_snapshot!(write_config(&config(text)));
    let text = "\
[criteria.dependency-criteria]
description = \"x\"
[[audits.dependency-criteria]]
criteria = \"safe-to-run\"
version = \"1.0.0\"
[[wildcard-audits.dependency-criteria]]
criteria = \"safe-to-run\"
user-id = 1
start = \"2020-01-01\"
end = \"2020-01-01\"
[[trusted.dependency-criteria]]
criteria = \"safe-to-run\"
user-id = 1
start = \"2020-01-01\"
end = \"2020-01-01\"
notes = \"so long that it does not fit on a line of one hundred and twenty characters\"
";
    let lock = "\
[[publisher.dependency-criteria]]
version = \"1.0.0\"
when = \"2020-01-01\"
user-id = 1
user-login = \"x\"
[[unpublished.dependency-criteria]]
version = \"1.0.0\"
audited_as = \"1.0.1\"
[audits.zz.audits]
[[audits.zz.audits.dependency-criteria]]
criteria = \"safe-to-run\"
version = \"1.0.0\"
[[audits.dependency-criteria.audits.dependency-criteria]]
criteria = \"safe-to-run\"
version = \"1.0.0\"
";
    let accounts = Accounts::from_imports(&imports(lock));
    insta::assert_snapshot!(write_audits(&audits(text), &accounts) + &write_imports(&imports(lock)));
}

#[test]
fn entries_are_sorted() {
    let text = "\
[[audits.a]]
violation = \"*\"
[[audits.a]]
delta = \"1.0.0 -> 1.0.1\"
[[audits.a]]
version = \"1.10.0\"
notes = \"n\"
aggregated-from = \"second\"
[[audits.a]]
version = \"1.10.0\"
notes = \"n\"
aggregated-from = \"first\"
[[audits.a]]
version = \"1.10.0\"
[[audits.a]]
version = \"1.9.0+01\"
[[audits.a]]
version = \"1.9.0+1\"
[[audits.a]]
version = \"1.9.0@git:0000000000000000000000000000000000000000\"
[[audits.a]]
version = \"1.9.0\"
[[audits.a]]
version = \"1.9.0-rc.10\"
[[audits.a]]
version = \"1.9.0-rc.9\"
[[audits.Z]]
version = \"1.0.0\"
";
    let text = write_audits(&audits(text), &Accounts::UNKNOWN);
    let order: Vec<&str> = text
        .lines()
        .filter(|line| ["[[", "ver", "del", "vio", "agg"].iter().any(|start| line.starts_with(start)))
        .collect();
    insta::assert_snapshot!(order.join("\n"));
}

/// Display names come from crates.io. Whatever they contain, they stay inside the comment.
#[test]
fn names_of_accounts_never_become_syntax() {
    let lock = |name: &str| {
        let mut file = imports(
            "[[publisher.a]]\nversion = \"1.0.0\"\nwhen = \"2020-01-01\"\nuser-id = 7\nuser-login = \"ann\"\n",
        );
        if let vet_store::entries::Publisher::User { name: slot, .. } =
            &mut file.publisher.get_mut("a").unwrap()[0].publisher
        {
            *slot = Some(name.to_owned());
        }
        file
    };
    let file = audits(
        "[audits]\n[[trusted.t]]\ncriteria = []\nuser-id = 7\nstart = \"2020-01-01\"\nend = \"2020-01-01\"\n",
    );
    for (name, comment) in [
        ("Ann A", "# Ann A (ann)"),
        ("", "#  (ann)"),
        ("tab\there # é", "# tab\there # é (ann)"),
        (
            "Ann\n[[trusted.evil]]\ncriteria = \"safe-to-deploy\"",
            "# Ann [[trusted.evil]] criteria = \"safe-to-deploy\" (ann)",
        ),
        ("a\r\nb\u{0}\u{7f}", "# a  b   (ann)"),
    ] {
        let text = write_audits(&file, &Accounts::from_imports(&lock(name)));
        assert!(text.contains(&format!("\nuser-id = 7 {comment}\n")), "{text}");
        assert_eq!(audits(&text), file);
        assert_eq!(imports(&write_imports(&lock(name))), lock(name));
    }
}

/// If an account has several logins, the order in the file does not decide which one is shown.
#[test]
fn hints_do_not_change_on_the_second_write() {
    let entry = |version: &str, login: &str| {
        format!(
            "[[publisher.p]]\nversion = \"{version}\"\nwhen = \"2020-01-01\"\nuser-id = 7\nuser-login = \"{login}\"\n"
        )
    };
    let trusted = "[audits.i.audits]\n[[audits.i.trusted.t]]\ncriteria = []\nuser-id = 7\nstart = \"2020-01-01\"\nend = \"2020-01-01\"\n";
    let text = entry("2.0.0", "new") + &entry("1.0.0", "old") + &entry("1.0.0", "older") + trusted;
    let once = write_imports(&imports(&text));
    assert!(once.contains("user-id = 7 # old\n"), "{once}");
    assert_eq!(write_imports(&imports(&once)), once);
}
