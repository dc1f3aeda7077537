//! Files that cannot be read: every class of problem, with its place and how to fix it.

use crate::rendering::{Files, render_all, today, transcript};
use vet_store::{Bytes, StoreBytes, load};

#[test]
fn texts_that_are_not_toml() {
    let conflict = "\
[audits]

[[audits.left]]
<<<<<<< HEAD
version = \"1.0.0\"
||||||| base
version = \"0.9.0\"
=======
version = \"2.0.0\"
>>>>>>> theirs
criteria = \"safe-to-run\"
<<<<<<< HEAD
=======
notes = \"n\"
>>>>>>> theirs
";
    insta::assert_snapshot!(transcript(&[
        (
            "a string that does not end",
            Files::audits("[audits]\nx = \"abc\n[[audits.a]]\nversion = \"1.0.0\"\n")
        ),
        ("several mistakes", Files::config("a b\n[policy.x]\ncriteria = [\"safe-to-run\"\nnotes = \n= 3\n")),
        ("a broken header", Files::imports("[[publisher.a]\nversion = \"1.0.0\"\n")),
        ("control character", Files::config("default-criteria = \"a\u{1}b\"\n")),
        ("a lone carriage return", Files::config("[policy.a]\r\r\nnotes = \"x\"\n")),
        ("a bad escape", Files::config("default-criteria = \"\\q\"\n")),
        ("a merge conflict", Files::audits(conflict)),
        ("a merge conflict without a beginning", Files::audits("[audits]\n=======\n>>>>>>> theirs\n")),
        ("lines of equals signs that are no conflict", Files::audits("[audits]\n=======\n")),
    ]));
}

#[test]
fn keys_that_stand_twice() {
    insta::assert_snapshot!(transcript(&[
        ("a field", Files::audits("[[audits.a]]\nversion = \"1.0.0\"\nversion = \"1.0.1\"\n")),
        ("a table", Files::config("[policy.a]\n[policy.b]\n[policy.a]\n")),
        (
            "besides other problems, which are all reported",
            Files::audits(
                "[[audits.a]]\nversion = \"1.0.0\"\nversion = \"1.0.1\"\nimportable = 5\nwhom = \"x\"\n"
            ),
        ),
        ("the old name of a table beside the new one", Files::config("unaudited.a = []\n\n[exemptions]\n")),
    ]));
}

#[test]
fn values_of_the_wrong_type() {
    insta::assert_snapshot!(transcript(&[
        ("a string", Files::config("[default-criteria]\ncriteria = \"safe-to-run\"\n")),
        (
            "a table",
            Files::config("policy = 5\nimports.a = \"https://example.org\"\ncargo-vet = [\"0.10\"]\n")
        ),
        ("a boolean", Files::config("policy.a.audit-as-crates-io = \"true\"\n")),
        (
            "a list",
            Files::audits(
                "[[audits.a]]\nwho = 5\ncriteria = [\"safe-to-run\", 7, [\"x\"]]\nversion = \"1.0.0\"\n"
            )
        ),
        ("a list that cannot be a string", Files::config("imports.a = { url = \"x\", exclude = \"b\" }\n")),
        (
            "a table of lists",
            Files::config(
                "imports.a = { url = \"x\", criteria-map = [] }\npolicy.a.dependency-criteria.b = 1\n"
            )
        ),
        (
            "an array of tables",
            Files::config("[exemptions.a]\nversion = \"1.0.0\"\n[exemptions]\nb = [1]\nc = true\n")
        ),
        ("criteria", Files::audits("audits = {}\ncriteria.a = 5\n")),
        ("a section of the lock", Files::imports("audits.peer = 1\n")),
        (
            "a date of its own",
            Files::audits(
                "[audits]\n[[trusted.a]]\ncriteria = \"safe-to-run\"\nuser-id = 1\nstart = 2020-01-01\nend = 2021-01-01T00:00:00Z\n",
            )
        ),
        (
            "publishers",
            Files::audits(
                "[audits]\n[[trusted.a]]\ncriteria = []\nstart = \"2020-01-01\"\nend = \"2020-01-01\"\nuser-id = \"7\"\n\
             [[trusted.a]]\ncriteria = []\nstart = \"2020-01-01\"\nend = \"2020-01-01\"\ntrusted-publisher = 7\n",
            )
        ),
    ]));
}

#[test]
fn fields_that_are_missing_or_unknown() {
    insta::assert_snapshot!(transcript(&[
        ("no audits", Files::audits("# nothing\n")),
        ("no audits of an import", Files::imports("[audits.peer]\n")),
        ("no version of the format", Files::config("[cargo-vet]\n")),
        ("an exemption without version", Files::config("[[exemptions.a]]\ncriteria = \"safe-to-run\"\n")),
        ("an import without url", Files::config("[imports.\"my peer\"]\n")),
        ("an empty wildcard audit", Files::audits("[audits]\n[[wildcard-audits.a]]\n")),
        ("an empty trusted entry", Files::audits("[audits]\n[[trusted.a]]\n")),
        (
            "an empty publisher",
            Files::imports("[[publisher.a]]\n[[unpublished.a]]\naudited-as = \"1.0.0\"\n")
        ),
        (
            "an account without login",
            Files::imports("[[publisher.a]]\nversion = \"1.0.0\"\nwhen = \"2020-01-01\"\nuser-id = 1\n",)
        ),
        (
            "unknown fields",
            Files::audits(
                "[criteria.a]\ndescripton = \"x\"\n[[audits.\"a b\"]]\nversion = \"1.0.0\"\nwhom = \"me\"\nis-fresh-import = true\n",
            )
        ),
    ]));
}

#[test]
fn values_of_the_wrong_form() {
    let version = |value: &str| format!("[[audits.a]]\nversion = \"{value}\"\n");
    let delta = |value: &str| format!("[[audits.a]]\ndelta = \"{value}\"\n");
    let violation = |value: &str| format!("[[audits.a]]\nviolation = \"{value}\"\n");
    let date = |value: &str| {
        format!(
            "[audits]\n[[trusted.a]]\ncriteria = []\nuser-id = 1\nstart = \"{value}\"\nend = \"2020-01-01\"\n"
        )
    };
    let user = |value: &str| {
        format!(
            "[audits]\n[[trusted.a]]\ncriteria = []\nuser-id = {value}\nstart = \"2020-01-01\"\nend = \"2020-01-01\"\n"
        )
    };
    let format = |value: &str| format!("cargo-vet.version = \"{value}\"\n");
    let mut transcript = String::new();
    let mut section = |write: &dyn Fn(&str) -> String, in_config: bool, values: &[&str]| {
        for value in values {
            let text = write(value);
            let files = if in_config { Files::config(&text) } else { Files::audits(&text) };
            transcript += &format!("── {value:?}\n{}", files.findings());
        }
    };
    section(
        &version,
        false,
        &["", "1", "1.2", "v1.2.3", "01.2.3", " 1.2.3", "1.2.3 ", "1.2.3@", "1.2.3@hg:1", "1.2.3@git:abc"],
    );
    section(
        &version,
        false,
        &["18446744073709551616.0.0", "1.2.3@git: 0000000000000000000000000000000000000000"],
    );
    section(&delta, false, &["", "1.0.0", "1.0.0 -> ", "1.0.0 -> 1.1.0 -> 1.2.0", "1 -> 2"]);
    section(
        &violation,
        false,
        &["", ">=1 <2", "1.0.0@git:0000000000000000000000000000000000000000", "*, 1", "latest"],
    );
    section(&date, false, &["", "2020-02-30", "2020-13-01", "2020-01-01x", "yesterday", "2020-001-01"]);
    section(&user, false, &["-1", "9223372036854775808", "1.0", "true"]);
    section(&format, true, &["", "0", "0.10.3", " 0.10", "-0.10", "0.18446744073709551616"]);
    insta::assert_snapshot!(transcript);
}

#[test]
fn audits_are_about_one_thing() {
    insta::assert_snapshot!(transcript(&[
        ("nothing", Files::audits("[[audits.a]]\ncriteria = \"safe-to-run\"\n")),
        ("two things", Files::audits("[[audits.a]]\nversion = \"1.0.0\"\nviolation = \"*\"\n")),
        ("three things", Files::audits("[[audits.a]]\nversion = \"1.0.0\"\ndelta = 5\nviolation = \"*\"\n")),
    ]));
}

#[test]
fn policy_keys() {
    insta::assert_snapshot!(transcript(&[
        (
            "mixed styles",
            Files::config("policy.a = {}\npolicy.\"a:1.0.0\" = {}\npolicy.\"a:2.0.0\" = {}\npolicy.b = {}\n")
        ),
        ("no version after the colon", Files::config("policy.\"a:\" = {}\npolicy.\"a:b:1.0.0\" = {}\n")),
    ]));
}

#[test]
fn versions_of_the_format() {
    insta::assert_snapshot!(transcript(&[
        (
            "a newer one hides everything else",
            Files {
                config: "[cargo-vet]\nversion = \"0.11\"\n[policy]\nx = 5\n",
                audits: "nonsense",
                imports: "nonsense",
            }
        ),
        ("a newer major one", Files::config("[cargo-vet]\nversion = \"1.0\"\n")),
    ]));
}

#[test]
fn bytes_that_are_not_utf8() {
    let file = |name, bytes| Bytes { name, bytes };
    let files = StoreBytes {
        config: file("config.toml", b"[policy.a]\nnotes = \"\xFF\xFE\"\n"),
        audits: file("audits.toml", b"[audits]\n\xC3"),
        imports: file("imports.lock", b"publisher = 1\n"),
    };
    insta::assert_snapshot!(render_all(&load(files, today()).unwrap_err()));
}

#[test]
fn all_problems_of_all_files_come_at_once() {
    insta::assert_snapshot!(Files {
        config: "[cargo-vet]\nversion = \"0.10\"\n[policy.a]\ncriteria = \"unheard-of\"\nnotes = 1\n[[exemptions.b]]\n",
        audits: "[criteria.mine]\ndescription = \"x\"\n[[audits.a]]\ncriteria = [\"mine\", \"mime\"]\nversion = \"1\"\n[[audits.a]]\ncriteria = \"mime\"\nversion = \"1.0.0\"\n",
        imports: "[[publisher.a]]\nversion = \"1.0.0\"\n[audits.peer]\n",
    }
    .findings());
}

#[test]
fn without_the_criteria_their_use_is_no_problem() {
    insta::assert_snapshot!(
        Files {
            config: "[policy.a]\ncriteria = \"mine\"\n",
            audits: "[audits]\n[criteria.mine]\ndescription = 5\n[criteria.yours]\n",
            imports: "",
        }
        .findings()
    );
}
