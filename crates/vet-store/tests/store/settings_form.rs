//! The canonical form of `vet.toml` has the same meaning and keeps all comments.

use std::sync::Arc;

use proptest::prelude::*;
use vet_diagnostics::Source;
use vet_store::{format_settings, parse_settings};

fn formatted(text: &str) -> String {
    format_settings(&Source::new("vet.toml", text)).expect("nothing is wrong with it")
}

/// Returns the canonical form, which must be its own canonical form.
fn check(text: &str) -> String {
    let once = formatted(text);
    assert_eq!(formatted(&once), once);
    once
}

#[test]
fn a_file_that_says_nothing_is_empty() {
    for text in ["", "\n\n", "[graph]\n", "[diagnostics]\n[graph.features]\n", "graph = { features = {} }"] {
        assert_eq!(check(text), "", "{text:?}");
    }
}

#[test]
fn tables_keys_and_values_have_one_order_and_spelling() {
    insta::assert_snapshot!(check(
        "diagnostics.'VET0804' = 'allow'\ndiagnostics.VET0310=\"deny\"\nversion = 0x1\n\
         graph = { features = { zeta = [], \"app\" = [ 'tls' , \"default\" ] }, members = [\"zeta\",\"app\"], \
         hosts = [{triple = 'b'}, {features = [], triple = \"c\"}], exclude-dev = false, \
         targets = [\"x86_64-unknown-linux-gnu\",{features=['crt-static'],triple='aarch64-apple-darwin'},'my dir/a.json'] }\n"
    ));
}

#[test]
fn arrays_of_tables_are_arrays() {
    insta::assert_snapshot!(check(
        "# above\n[[graph.targets]] # behind\ntriple = \"a\" # in it\n# below\n\n[[graph.targets]]\n# second\n\
         triple = \"b\"\nfeatures = [ # inside\n \"x\" ]\n"
    ));
}

#[test]
fn comments_stay_where_they_belong() {
    insta::assert_snapshot!(check(
        "# The settings of this project.\n#\n# See the manual.\n\n\n# goes with the version\nversion = 1 # behind the version\n\
         # at the end of the beginning\n\n  # goes with the header\n[diagnostics]   # behind the header\n\
         \n# about expiry\nVET0804 = \"allow\"# as long as needed\nVET0310 = \"deny\"\n\n# later:\n# VET0803 = \"deny\"\n\n\
         [graph]\n\n# first paragraph\n\n# second paragraph\n\nexclude-dev = true\ntargets = [ # servers\n\n  \"b\", # behind b\n\
         # above c\n \"c\" # behind c\n, # after the comma\n\n # at the end\n] # behind targets\n\
         hosts = [{ # inside\n triple = \"h\" }]\n\n# graph ends\n\n# all that follows\n[graph.features] # on\napp = []\n# the end\n"
    ));
}

#[test]
fn a_file_that_is_wrong_has_no_form() {
    let problems = format_settings(&Source::new("vet.toml", "[grpah]\n")).unwrap_err();
    assert_eq!(problems.len(), 1);
}

/// Writes a random file, with something between any two of its parts.
struct Writer<'n> {
    text: String,
    noise: std::iter::Cycle<std::slice::Iter<'n, u8>>,
    comments: usize,
}

impl Writer<'_> {
    fn choose(&mut self, choices: u8) -> u8 {
        self.noise.next().copied().unwrap_or_default() % choices
    }

    fn comment(&mut self) {
        self.comments += 1;
        self.text.push_str(&format!("# c{}\n", self.comments));
    }

    /// Starts a line.
    fn lines(&mut self) {
        for _ in 0..self.choose(3) {
            match self.choose(4) {
                0 => self.text.push('\n'),
                1 => self.text.push_str("  \n"),
                2 => self.comment(),
                _ => {
                    self.text.push('\t');
                    self.comment();
                }
            }
        }
    }

    fn end_of_line(&mut self) {
        match self.choose(3) {
            0 => self.comment(),
            1 => self.text.push_str(" \n"),
            _ => self.text.push('\n'),
        }
    }

    /// Inside brackets and braces.
    fn inside(&mut self) {
        match self.choose(5) {
            0 => self.end_of_line(),
            1 => {
                self.end_of_line();
                self.lines();
            }
            2 => self.text.push(' '),
            _ => {}
        }
    }

    fn list(&mut self, elements: &[String], brackets: (&str, &str)) {
        self.text.push_str(brackets.0);
        self.inside();
        for (index, element) in elements.iter().enumerate() {
            if index > 0 {
                self.text.push(',');
                self.inside();
            }
            self.element(element);
            self.inside();
        }
        if !elements.is_empty() && self.choose(2) == 0 {
            self.text.push(',');
            self.inside();
        }
        self.text.push_str(brackets.1);
    }

    /// A name, or a target and its features joined by `+`.
    fn element(&mut self, element: &str) {
        let Some((triple, features)) = element.split_once('+') else {
            return self.text.push_str(&format!("\"{element}\""));
        };
        self.text.push('{');
        self.inside();
        self.text.push_str(&format!("triple = '{triple}'"));
        self.inside();
        self.text.push_str(", features = ");
        let features: Vec<String> =
            features.split('+').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        self.list(&features, ("[", "]"));
        self.inside();
        self.text.push('}');
    }

    fn entry(&mut self, prefix: &str, (key, value): &(String, Value)) {
        self.lines();
        self.text.push_str(&format!("{prefix}{key} = "));
        match value {
            Value::Plain(text) => self.text.push_str(text),
            Value::List(elements) => self.list(elements, ("[", "]")),
        }
        self.end_of_line();
    }

    fn table(&mut self, name: &str, entries: &[(String, Value)]) {
        self.lines();
        self.text.push_str(&format!("[{name}]"));
        self.end_of_line();
        entries.iter().for_each(|entry| self.entry("", entry));
        self.lines();
    }
}

#[derive(Clone, Debug)]
enum Value {
    Plain(String),
    List(Vec<String>),
}

type Entries = Vec<(String, Value)>;

fn list(element: impl Strategy<Value = String>, least: usize) -> impl Strategy<Value = Value> {
    proptest::collection::btree_set(element, least..5)
        .prop_map(|elements| Value::List(elements.into_iter().collect()))
}

/// Some of these entries, in any order.
fn some(entries: impl Strategy<Value = Entries>) -> impl Strategy<Value = Entries> {
    let number = any::<proptest::sample::Index>();
    (entries.prop_shuffle(), number)
        .prop_map(|(entries, number)| entries.iter().take(number.index(entries.len() + 1)).cloned().collect())
}

/// A triple and its features, joined by `+`.
fn target() -> impl Strategy<Value = String> {
    let features = proptest::collection::btree_set("[a-z]{1,5}", 0..4);
    ("[a-z]{1,9}(-[a-z0-9_]{1,20})?", features).prop_map(|(triple, features)| {
        features.iter().fold(triple, |target, name| format!("{target}+{name}"))
    })
}

fn graph() -> impl Strategy<Value = Entries> {
    let members = prop_oneof![Just("members"), Just("exclude-members")];
    let entries = (list(target(), 1), list(target(), 1), any::<bool>(), members, list("[a-z]{1,9}", 1))
        .prop_map(|(targets, hosts, exclude_dev, key, members)| {
            vec![
                ("targets".to_owned(), targets),
                ("hosts".to_owned(), hosts),
                ("exclude-dev".to_owned(), Value::Plain(exclude_dev.to_string())),
                (key.to_owned(), members),
            ]
        });
    some(entries)
}

fn features() -> impl Strategy<Value = Entries> {
    proptest::collection::btree_map("[a-z]{1,9}", list("[a-z/?]{1,9}", 0), 0..4)
        .prop_map(|features| features.into_iter().collect::<Entries>())
        .prop_shuffle()
}

fn diagnostics() -> impl Strategy<Value = Entries> {
    let level = prop_oneof![Just("'allow'"), Just("\"warn\""), Just("'deny'")];
    let codes = ["VET0113", "VET0310", "\"VET0803\"", "'VET0804'"];
    let entries = proptest::collection::vec(level, codes.len()).prop_map(move |levels| {
        let pairs = codes.into_iter().zip(levels);
        pairs.map(|(code, level)| (code.to_owned(), Value::Plain(level.to_owned()))).collect()
    });
    some(entries)
}

prop_compose! {
    fn file()(
        graph in graph(),
        features in features(),
        diagnostics in diagnostics(),
        order in Just(vec!["graph", "graph.features", "diagnostics"]).prop_shuffle(),
        is_dotted in any::<[bool; 3]>(),
        has_version in any::<bool>(),
        noise in proptest::collection::vec(any::<u8>(), 1..200),
    ) -> (String, usize) {
        let mut writer = Writer { text: String::new(), noise: noise.iter().cycle(), comments: 0 };
        if has_version {
            writer.entry("", &("version".to_owned(), Value::Plain("1".to_owned())));
        }
        // A table that has a header cannot be added to by dotted keys.
        let is_dotted = if is_dotted[0] { is_dotted } else { [false, false, is_dotted[2]] };
        let tables = [("graph", graph, is_dotted[0]), ("graph.features", features, is_dotted[0]), ("diagnostics", diagnostics, is_dotted[2])];
        for (name, entries, _) in tables.iter().filter(|(.., is_dotted)| *is_dotted) {
            entries.iter().for_each(|entry| writer.entry(&format!("{name}."), entry));
        }
        for name in order {
            if let Some((_, entries, false)) = tables.iter().find(|(table, ..)| *table == name) {
                writer.table(name, entries);
            }
        }
        writer.lines();
        let comments = writer.comments;
        (writer.text, comments)
    }
}

fn comments(text: &str) -> Vec<&str> {
    let mut comments: Vec<&str> =
        text.lines().filter_map(|line| Some(line.split_once('#')?.1.trim())).collect();
    comments.sort_unstable();
    comments
}

proptest! {
    #[test]
    fn formatting_keeps_what_is_said((text, number) in file()) {
        let source: Arc<Source> = Source::new("vet.toml", text.as_str());
        let before = parse_settings(&source).into_result();
        prop_assert!(before.is_ok(), "{text}\n{before:?}");
        let once = formatted(&text);
        let after = parse_settings(&Source::new("vet.toml", once.as_str())).into_result();
        prop_assert_eq!(before, after, "{}\n{}", text, once);
        prop_assert_eq!(comments(&once).len(), number, "{}\n{}", text, once);
        prop_assert_eq!(comments(&once), comments(&text), "{}\n{}", text, once);
        prop_assert_eq!(&formatted(&once), &once, "{}", text);
    }
}
