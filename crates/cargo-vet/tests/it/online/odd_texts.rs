//! Whatever a peer writes, a second run changes nothing, and `--locked` reports no error.

use super::scene::Scene;

/// Runs `vet` twice, and other commands, including a check without the network.
fn is_stable(peer: &str) {
    let scene = Scene::with(&["alpha 1.0.0"]);
    scene.world.publish("alpha 1.0.0 2023-02-01 ann");
    for (number, text) in TEXTS.iter().enumerate() {
        scene.world.serve(&format!("/text{number}"), *text);
    }
    scene.world.serve("/peer", peer.replace("[WORLD]", &scene.world.url("")));
    let criteria: String =
        (0..TEXTS.len()).map(|number| format!("good{number} = \"safe-to-deploy\"\n")).collect();
    scene.store(
        &format!("[imports.peer]\nurl = \"http://[WORLD]/peer\"\n\n[imports.peer.criteria-map]\n{criteria}"),
        "",
        "",
    );
    let first = scene.run("vet");
    assert_eq!(first.status, Some(0), "{peer:?}: {}{}", first.stdout, first.stderr);
    let after_first = scene.bytes();
    for line in ["vet", "vet regenerate imports", "vet prune", "vet --locked"] {
        let run = scene.run(line);
        assert_eq!(run.status, Some(0), "{peer:?}: {line}: {}{}", run.stdout, run.stderr);
        assert_eq!(scene.bytes(), after_first, "{peer:?}: {line}");
        for stream in [&run.stdout, &run.stderr] {
            assert!(stream.chars().all(|char| char == '\n' || !char.is_control()), "{peer:?}: {stream:?}");
        }
    }
    let [_, _, (_, imports)] = after_first.try_into().unwrap();
    assert!(!imports.chars().any(|char| char.is_ascii_control() && char != '\n'), "{imports:?}");
}

/// Texts that may occur in a TOML string, and that a server may send.
const TEXTS: [&str; 13] = [
    "Read.\n",
    "\n\nRead.\n\n",
    "Read.\r\nBy Ann.\r\n",
    "Read.\rBy Ann.",
    "\tRead. \nBy Ann.  \n\n",
    "\u{feff}Read.",
    "\u{1b}[31mRead.\u{7f}\u{0}\u{9b}",
    "'''\nRead \"\"\" it''''.\"",
    "\\ \\\\ \\u0041 \\\n",
    "\"",
    "[[audits.beta]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-deploy\"\n",
    "\u{2028}\u{2029}\u{85}\u{202e}",
    " ",
];

/// The text as a TOML string.
fn quoted(text: &str) -> String {
    let escaped = |char: char| match char {
        '"' | '\\' => format!("\\{char}"),
        char if char.is_ascii_control() => format!("\\u{:04x}", u32::from(char)),
        char => char.to_string(),
    };
    format!("\"{}\"", text.chars().map(escaped).collect::<String>())
}

const ALPHA: &str = "[[audits.alpha]]\nwho = \"Ann\"\ncriteria = \"good0\"\nversion = \"1.0.0\"\n";

const GOOD: &str = "[criteria.good0]\ndescription = \"Read.\"\n\n";

/// A file with a criterion for each text, built from its number and the text.
fn criteria(line: impl Fn(usize, &str) -> String) -> String {
    let table =
        |(number, text): (usize, &&str)| format!("[criteria.good{number}]\n{}\n\n", line(number, text));
    TEXTS.iter().enumerate().map(table).collect::<String>() + ALPHA
}

#[test]
fn of_criteria() {
    is_stable(&criteria(|_, text| format!("description = {}", quoted(text))));
    is_stable(&criteria(|number, _| format!("description-url = \"[WORLD]/text{number}\"")));
}

#[test]
fn of_notes_and_names() {
    for text in TEXTS.map(quoted) {
        let list = format!("[{text}, \"Ann\", {text}]");
        is_stable(&format!("{GOOD}{}notes = {text}\n", ALPHA.replace("\"Ann\"", &list)));
    }
}

#[test]
fn of_lines_and_versions() {
    let entry = |kind: &str| format!("\n[[audits.alpha]]\nwho = \"Bob\"\ncriteria = \"good0\"\n{kind}\n");
    let git = "0123456789abcdef0123456789abcdef01234567";
    for peer in [
        format!("\u{feff}{GOOD}{ALPHA}"),
        format!("{GOOD}{ALPHA}").replace('\n', "\r\n"),
        // The same statement by several people, several times.
        format!("{GOOD}{ALPHA}{}{ALPHA}", entry("version = \"1.0.0\"")),
        format!(
            "{GOOD}{}{ALPHA}{}",
            entry("version = \"1.0.0\""),
            entry("version = \"1.0.0\"\nnotes = \"Twice.\"")
        ),
        format!("{GOOD}{}", ALPHA.replace("\"good0\"", "[\"good0\", \"safe-to-run\", \"good0\"]")),
        format!("{GOOD}{}{}", entry("version = \"0.9.0\""), entry("delta = \"0.9.0->1.0.0\"")),
        format!(
            "{GOOD}{}{}",
            entry("version = \"1.0.0-rc.1+b\""),
            entry("delta = \"1.0.0-rc.1+b  ->  1.0.0\"")
        ),
        format!(
            "{GOOD}{}{}",
            entry(&format!("version = \"0.9.0@git:{git}\"")),
            entry(&format!("delta = \"0.9.0@git:{git} -> 1.0.0\""))
        ),
        // A detour.
        format!(
            "{GOOD}{}{}{ALPHA}",
            entry("delta = \"1.0.0 -> 2.0.0\""),
            entry("delta = \"2.0.0 -> 1.0.0\"")
        ),
        format!("{GOOD}{}{ALPHA}", entry("violation = \" <0.1, >=0.0.1 \"")),
        format!("{GOOD}{}{ALPHA}", entry("violation = \"=0.1\"").replace("\"good0\"", "\"unheard-of\"")),
        format!(
            "{GOOD}[[wildcard-audits.alpha]]\nwho = \"Ann\"\ncriteria = \"good0\"\nuser-id = 1\nstart = \"2023-01-01\"\nend = \"2030-01-01\"\n\n\
             [[wildcard-audits.alpha]]\nwho = \"Bob\"\ncriteria = \"good0\"\nuser-id = 1\nstart = \"2023-01-01\"\nend = \"2030-01-01\"\nrenew = false\n\n[audits]\n"
        ),
    ] {
        is_stable(&peer);
    }
}
