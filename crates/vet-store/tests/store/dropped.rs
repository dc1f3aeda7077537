//! What rewriting a file drops.

use vet_diagnostics::Source;
use vet_store::{StoreFile, dropped_text, dropped_warning};

use crate::rendering::render;

fn warning(file: StoreFile, text: &str) -> String {
    let source = Source::new(file.name(), text);
    let dropped = dropped_text(file, &source);
    dropped_warning(&source, &dropped)
        .map_or_else(|| "nothing\n".to_owned(), |warning| render(&warning) + "\n")
}

#[test]
fn comments() {
    insta::assert_snapshot!(warning(
        StoreFile::Audits,
        "\n# cargo-vet audits file\n# Ask Ann\n# before you change this.\n\n# cargo-vet audits file\n\n\
         [audits] # none\n\n[[trusted.a]]\ncriteria = [ # few\n  \"safe-to-run\",\n]\nuser-id = 1 # Old Name (old)\n\
         start = \"2020-01-01\" # day # one\nend = '#'\nnotes = '''\n# no comment\n'''\n",
    ));
}

#[test]
fn what_is_written_anew_is_not_dropped() {
    assert_eq!(
        warning(StoreFile::Config, "# cargo-vet config file   \n[cargo-vet]\nversion = \"0.4\"\n"),
        "nothing\n"
    );
    assert_eq!(warning(StoreFile::Imports, ""), "nothing\n");
    let wildcard = "[[wildcard-audits.a]]\nuser-id = 5\t# anything\ncriteria = \"#\"\nstart = \"2020-01-01\"\nend = \"2020-01-01\"\n";
    assert_eq!(warning(StoreFile::Audits, &format!("[audits]\n{wildcard}")), "nothing\n");
}

#[test]
fn unknown_and_ignored_fields() {
    let text = warning(
        StoreFile::Config,
        "owner = \"me\"\n[cargo-vet]\nversion = \"0.10\"\nsince = 1\n[imports.a]\nurl = []\ntoken = \"x\"\n[policy.b]\nwhy = 1\n\
         [policy.\"c:1.0.0@git:0000000000000000000000000000000000000000\"]\n\
         [policy.\"c:1.0.0 @git:0000000000000000000000000000000000000000\"]\nnotes = \"lost\"\n\
         [[unaudited.d]]\nversion = \"1.0.0\"\nwho = \"me\"\n",
    ) + &warning(
        StoreFile::Audits,
        "owner = \"me\"\n[audits]\n[[wildcard-audits.a]]\ncriteria = []\nuser-id = 1\ntrusted-publisher = \"x\"\n\
         start = \"2020-01-01\"\nend = \"2020-01-01\"\nimportable = false\n[[trusted.a]]\ncriteria = []\nuser-id = \"1\"\n\
         trusted-publisher = \"x\"\nstart = \"2020-01-01\"\nend = \"2020-01-01\"\nwho = \"me\"\n",
    ) + &warning(
        StoreFile::Imports,
        "fetched = \"today\"\n[[publisher.a]]\nversion = \"1.0.0\"\nwhen = \"2020-01-01\"\nuser-id = 1 # me\nuser-login = \"x\"\n\
         trusted-publisher = \"y\"\n[[publisher.a]]\nversion = \"1.0.0\"\nwhen = \"2020-01-01\"\nuser-id = 1\n\
         trusted-publisher = \"y\"\n[[unpublished.a]]\nversion = \"1.0.0\"\naudited_as = \"1.0.0\"\nsince = 1\n\
         [audits.peer]\nurl = \"x\"\naudits = {}\n",
    );
    insta::assert_snapshot!(text);
}

#[test]
fn many_are_counted() {
    let text = format!("[audits]\n{}", "# a\n\n".repeat(30));
    insta::assert_snapshot!(warning(StoreFile::Audits, &text));
}
