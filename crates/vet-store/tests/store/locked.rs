//! Checks of a store that must not be changed.

use vet_store::{Bytes, StoreBytes, changed_imports, check_formatting, check_lock, check_version, load};

use crate::rendering::{Files, render_all, today};

const CONFIG: &str = "\n# cargo-vet config file\n\n[cargo-vet]\nversion = \"0.10\"\n";
const AUDITS: &str = "\n# cargo-vet audits file\n\n[audits]\n";
const IMPORTS: &str = "\n# cargo-vet imports lock\n";

fn formatting(config: &str, audits: &str, imports: &str) -> String {
    let loaded = Files { config, audits, imports }.load().unwrap();
    render_all(&check_formatting(&loaded.store, &loaded.texts))
}

#[test]
fn canonical_files_may_end_in_blank_lines() {
    let trailing = |text: &str| format!("{text}\n \t\n\r\n");
    assert_eq!(formatting(CONFIG, AUDITS, IMPORTS), "");
    assert_eq!(formatting(CONFIG.trim_end(), AUDITS.trim_end(), IMPORTS.trim_end()), "");
    assert_eq!(formatting(&trailing(CONFIG), &trailing(AUDITS), &trailing(IMPORTS)), "");
}

#[test]
fn differences_are_shown() {
    let exemptions: String = (0..100)
        .rev()
        .map(|index| format!("\n[[exemptions.e]]\nversion = \"1.0.{index}\"\ncriteria = []\n"))
        .collect();
    let imports = "\n# cargo-vet imports lock\n\n[[publisher.b]]\nversion = \"1.0.0\"\nwhen = \"2020-01-01\"\nuser-id = 1\n\
         user-login = \"new\"\n\n[audits.peer.audits]\n\n[[audits.peer.trusted.x]]\ncriteria = []\nuser-id = 1 # old\n\
         start = \"2020-01-01\"\nend = \"2020-01-01\"\n";
    insta::assert_snapshot!(formatting(
        &format!("{CONFIG}{exemptions}"),
        "# cargo-vet audits file\n\n[audits] # none so far\n",
        imports,
    ));
}

#[test]
fn line_ends_and_marks_are_named() {
    let crlf = |text: &str| text.replace('\n', "\r\n");
    let config = crlf(CONFIG);
    let audits = format!("\u{feff}{AUDITS}");
    let imports = format!("\u{feff}{}", crlf(&format!("{IMPORTS}\n[unpublished]\n")));
    insta::assert_snapshot!(formatting(&config, &audits, &imports));
}

#[test]
fn long_files_without_a_line_in_common_are_compared_in_no_time() {
    let config: String = std::iter::once("[exemptions]\ne = [\n".to_owned())
        .chain((0..100_000).map(|index| format!("{{ version = \"1.0.{index}\" }},\n")))
        .chain(["]\n".to_owned()])
        .collect();
    let findings = formatting(&config, AUDITS, IMPORTS);
    assert!(findings.len() < 10_000, "{}", findings.len());
}

#[test]
fn the_lock_has_to_fit() {
    let check = |config: &str, imports: &str| {
        let loaded = Files { config, imports, ..Files::default() }.load().unwrap();
        render_all(&check_lock(&loaded.store, &loaded.texts))
    };
    let both = "[imports.a]\nurl = []\n[imports.b]\nurl = []\nexclude = [\"w\", \"x\"]\n";
    assert_eq!(check(both, "audits.a.audits = {}\naudits.b.audits.y = []\n"), "");
    assert_eq!(check("", ""), "");
    insta::assert_snapshot!(check(
        both,
        "[[audits.b.audits.x]]\nversion = \"1.0.0\"\n[[audits.b.wildcard-audits.w]]\ncriteria = []\nuser-id = 1\n\
         start = \"2020-01-01\"\nend = \"2020-01-01\"\n[audits.\"c d\".audits]\n",
    ));
}

#[test]
fn an_old_store_has_to_be_brought_up_to_date() {
    let check = |config: &str| {
        let loaded = Files::config(config).load().unwrap();
        render_all(check_version(&loaded.store, &loaded.texts).as_slice())
    };
    assert_eq!(check("[cargo-vet]\nversion = \"0.10\"\n"), "");
    insta::assert_snapshot!(check("") + &check("[cargo-vet]\nversion = \"0.9\"\n"));
}

#[test]
fn a_store_from_windows_loads() {
    let crlf = |text: &str| text.replace('\n', "\r\n").into_bytes();
    let (config, audits, imports) =
        (crlf(CONFIG), crlf("[[audits.a]]\nversion = \"1.0.0\"\nnotes = '''a\nb'''\n"), crlf(IMPORTS));
    let files = StoreBytes {
        config: Bytes { name: "config.toml", bytes: &config },
        audits: Bytes { name: "audits.toml", bytes: &audits },
        imports: Bytes { name: "imports.lock", bytes: &imports },
    };
    let store = load(files, today()).unwrap().store;
    assert_eq!(store.audits.audits["a"][0].notes.as_deref(), Some("a\nb"));
}

/// What the lock shows of the configuration that it was written with.
#[test]
fn imports_that_were_changed_since() {
    let check = |import: &str, imports: &str| {
        let config = format!("[imports.p]\n{import}");
        let loaded = Files { config: &config, imports, ..Files::default() }.load().unwrap();
        render_all(&changed_imports(&loaded.store, &loaded.criteria, &loaded.texts))
    };
    let audit = |criteria: &str, origin: &str| {
        format!("[[audits.p.audits.a]]\nversion = \"1.0.0\"\ncriteria = \"{criteria}\"\n{origin}")
    };
    let one = "url = \"https://h/a\"\n";
    let two = "url = [\"https://u:p@h/a\", \"https://h/b\"]\n";
    let from = |url: &str| format!("aggregated-from = \"{url}\"\n");
    let map = |map: &str| format!("{one}criteria-map = {{ {map} }}\n");
    for (import, imports) in [
        (one.to_owned(), audit("safe-to-deploy", "")),
        (one.to_owned(), audit("safe-to-deploy", &from("https://elsewhere/"))),
        (one.to_owned(), "[audits.other.audits]\n".to_owned()),
        (two.to_owned(), audit("safe-to-run", &from("https://h/a"))),
        (
            map("x = \"safe-to-deploy\", y = []"),
            "[audits.p.criteria.x]\ndescription = \"d\"\n[audits.p.audits]\n".to_owned(),
        ),
        (map("safe-to-deploy = \"safe-to-run\""), audit("safe-to-run", "")),
        (map("safe-to-deploy = [], x = \"safe-to-deploy\""), audit("safe-to-run", "")),
    ] {
        assert_eq!(check(&import, &imports), "", "{import} {imports}");
    }
    let changed = [
        (map(""), "[audits.p.criteria.x]\ndescription = \"d\"\n[audits.p.audits]\n".to_owned()),
        (map("safe-to-deploy = []"), audit("safe-to-deploy", "")),
        (two.to_owned(), audit("safe-to-run", "")),
        (two.to_owned(), audit("safe-to-run", &from("https://h/c"))),
        ("url = []\n".to_owned(), audit("safe-to-run", "")),
    ];
    let shown: String = changed.iter().map(|(import, imports)| check(import, imports) + "\n").collect();
    insta::assert_snapshot!(shown);
}
