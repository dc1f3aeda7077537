//! `vet.toml`: which settings it may have, and what is wrong with others.

use std::fmt::Write as _;

use vet_diagnostics::{Code, Diagnostic, Judgement, Level, Levels, Located, Severity, Source, not_a_warning};
use vet_store::parse_settings;
use vet_store::settings::{MemberSettings, Settings, TargetSetting};

use crate::rendering::render_all;

fn parsed(text: &str) -> Result<Settings, Vec<Diagnostic>> {
    parse_settings(&Source::new("vet.toml", text)).into_result()
}

fn problems(cases: &[(&str, &str)]) -> String {
    let mut transcript = String::new();
    for (what, text) in cases {
        let problems = parsed(text).expect_err(what);
        let _ = writeln!(transcript, "== {what}\n{}", render_all(&problems));
    }
    transcript
}

fn set<T: Clone>(values: &[T]) -> Vec<Located<T>> {
    values.iter().cloned().map(Located::on_command_line).collect()
}

fn strings(values: &[&str]) -> Vec<Located<String>> {
    set(&values.iter().map(|&value| value.to_owned()).collect::<Vec<_>>())
}

fn target(triple: &str, features: &[&str]) -> TargetSetting {
    TargetSetting {
        triple: Located::on_command_line(triple.to_owned()),
        like: None,
        features: strings(features),
    }
}

#[test]
fn without_settings_nothing_is_left_out() {
    for text in ["", "version = 1\n", "[graph]\n[graph.features]\n[diagnostics]\n", "# nothing yet\n"] {
        assert_eq!(parsed(text), Ok(Settings::default()), "{text}");
    }
    let default = Settings::default();
    assert_eq!((default.graph.targets, default.graph.members), (None, MemberSettings::All));
}

#[test]
fn everything_can_be_set() {
    let settings = parsed(
        "version = 1\n[graph]\ntargets = [\"x86_64-unknown-linux-gnu\", \"targets/my.json\", \
         { triple = \"aarch64-apple-darwin\", features = [\"crt-static\"] }, \
         { like = \"thumbv7em-none-eabihf\", triple = \"targets/board.json\" }]\nunset-cfg = [\"loom\", \"_x1\"]\nhosts = [\"x86_64-unknown-linux-gnu\"]\n\
         exclude-dev = true\nexclude-members = [\"fuzz\"]\n[graph.features]\napp = [\"default\", \"tls\"]\nlib = []\n\
         [diagnostics]\nVET0803 = \"deny\"\nVET0310 = \"allow\"\n",
    )
    .unwrap();
    let graph = &settings.graph;
    let [linux, mine, apple] = [
        target("x86_64-unknown-linux-gnu", &[]),
        target("targets/my.json", &[]),
        target("aarch64-apple-darwin", &["crt-static"]),
    ];
    assert_eq!([&linux, &mine, &apple].map(TargetSetting::is_specification), [false, true, false]);
    assert_eq!(graph.hosts.as_deref(), Some([linux.clone()].as_slice()));
    let board = TargetSetting {
        like: Some(Located::on_command_line("thumbv7em-none-eabihf".to_owned())),
        ..target("targets/board.json", &[])
    };
    assert_eq!(graph.targets, Some(vec![linux, mine, apple, board]));
    assert_eq!(graph.unset_cfg, strings(&["loom", "_x1"]));
    assert!(graph.exclude_dev);
    assert_eq!(graph.members, MemberSettings::AllBut(strings(&["fuzz"])));
    let features: Vec<_> =
        graph.features.values().map(|member| (member.member.value.as_str(), &member.names)).collect();
    assert_eq!(features, [("app", &strings(&["default", "tls"])), ("lib", &vec![])]);
    let levels: Vec<_> = settings.diagnostics.iter().map(|(code, level)| (code, level.value)).collect();
    assert_eq!(levels, [(Code::FilteredOut, Level::Allow), (Code::WildcardExpired, Level::Deny)]);
}

/// Cargo turns `default` on unless a project turns it off.
#[test]
fn default_features_are_on_unless_they_are_taken_away() {
    let settings = parsed("[graph.features]\napp = [\"tls\"]\nlib = [\"-default\", \"tls\"]\n").unwrap();
    let features = settings.graph.features.values().map(|features| {
        let named: Vec<&str> = features.named().map(|name| name.value.as_str()).collect();
        (features.default_is_on(), named)
    });
    assert_eq!(features.collect::<Vec<_>>(), [(true, vec!["tls"]), (false, vec!["tls"])]);
}

#[test]
fn values_know_their_place() {
    let settings =
        parsed("[graph]\nmembers = [\n  \"app\",\n]\n[graph.features]\n\"app\" = [\"tls\"]\n").unwrap();
    let MemberSettings::Only(members) = &settings.graph.members else { panic!("members are named") };
    let places =
        [&members[0], &settings.graph.features["app"].member, &settings.graph.features["app"].names[0]];
    let shown = places.map(|place| {
        let place = place.place.as_ref().unwrap();
        format!("{}: {}", place.line(), &place.source.text[place.span.clone()])
    });
    assert_eq!(shown, ["3: \"app\"", "6: \"app\"", "6: \"tls\""]);
}

#[test]
fn the_same_target_may_have_different_features() {
    let text = "graph.targets = [\"a\", { triple = \"a\", features = [\"x\"] }, { triple = \"a\", features = [\"y\"] }]";
    assert_eq!(parsed(text).unwrap().graph.targets.unwrap().len(), 3);
}

#[test]
fn tables_and_keys() {
    insta::assert_snapshot!(problems(&[
        ("an unknown table", "[grpah]\n"),
        ("an unknown key", "[graph]\ntarget = [\"x\"]\nexlude-dev = true\nnonsense = 1\n"),
        ("an unknown key of a target", "graph.targets = [{ tripel = \"x\" }]\n"),
        ("tables that are none", "graph = 1\ndiagnostics = []\n"),
        ("features that are no table", "[graph]\nfeatures = [\"tls\"]\n"),
        ("a key twice", "[graph]\nexclude-dev = true\nexclude-dev = false\n"),
        ("no TOML", "[graph\n"),
    ]));
}

#[test]
fn versions() {
    insta::assert_snapshot!(problems(&[
        ("later", "version = 2\n[new]\nkey = 1\n"),
        ("much later", "version = 100000000000000000000000000000000000000000\n"),
        ("none", "version = 0\n"),
        ("a text", "version = \"1\"\n"),
    ]));
}

#[test]
fn targets() {
    insta::assert_snapshot!(problems(&[
        ("none left", "[graph]\ntargets = []\nhosts = []\n"),
        ("a string", "graph.targets = \"x86_64-unknown-linux-gnu\"\n"),
        ("entries of other types", "graph.targets = [1, [\"x\"]]\n"),
        ("no triple", "graph.targets = [{ features = [\"crt-static\"] }]\n"),
        ("a triple of another type", "graph.targets = [{ triple = 1 }]\n"),
        ("no names", "graph.targets = [\"\", \"all\", \"a b\", \"a\\n.json\"]\n"),
        ("twice", "[graph]\nhosts = [\"a\", \"b\", { triple = \"a\" }]\n"),
        (
            "twice with the same features",
            "graph.targets = [{ triple = \"a\", features = [\"x\", \"y\"] }, { triple = \"a\", features = [\"y\", \"x\"] }]\n"
        ),
        (
            "features",
            "graph.targets = [{ triple = \"a\", features = [\"+x\", \"-y\", \"\", \"z\", \"z\", 1] }]\n"
        ),
        (
            "what a target is like",
            "graph.targets = [{ triple = \"a.json\", like = \"\" }, { triple = \"b.json\", like = 1 }]\n"
        ),
        (
            "conditions",
            "graph.unset-cfg = [\"cfg(loom)\", \"a = \\\"b\\\"\", \"\", \"1\", \"x\", \"x\", 1]\n"
        ),
        ("features of another type", "graph.targets = [{ triple = \"a\", features = \"x\" }]\n"),
    ]));
}

#[test]
fn members_and_features() {
    insta::assert_snapshot!(problems(&[
        ("both at once", "[graph]\nexclude-members = [\"a\"]\nmembers = [\"b\"]\n"),
        ("none left", "[graph]\nmembers = []\n"),
        ("twice", "[graph]\nmembers = [\"a\", \"a\"]\n"),
        ("no names", "[graph]\nexclude-members = [\"\", 1, \"a b\"]\n"),
        ("a string", "[graph]\nmembers = \"a\"\n"),
        ("features", "[graph.features]\na = \"tls\"\nb = [\"x\", \"x\"]\n\"\\u0001\" = [1]\n"),
        ("features that are taken away", "[graph.features]\na = [\"-default\", \"-tls\", \"-\"]\n"),
        ("a flag", "[graph]\nexclude-dev = \"yes\"\n"),
    ]));
}

#[test]
fn levels() {
    insta::assert_snapshot!(problems(&[
        (
            "no codes",
            "[diagnostics]\nVET9999 = \"allow\"\nvet0310 = \"allow\"\nVET0830 = \"warn\"\nnonsense = \"deny\"\n"
        ),
        ("never a warning", "[diagnostics]\nVET0102 = \"allow\"\nVET0604 = \"warn\"\n"),
        ("no levels", "[diagnostics]\nVET0310 = \"alow\"\nVET0803 = \"forbid\"\nVET0804 = true\n"),
    ]));
}

#[test]
fn levels_judge_warnings_only() {
    let file =
        parsed("[diagnostics]\nVET0310 = \"deny\"\nVET0803 = \"allow\"\nVET0804 = \"deny\"\n").unwrap();
    let mut command_line = Levels::default();
    command_line.set(Code::WildcardExpiring, Located::on_command_line(Level::Warn));
    command_line.set(Code::Unneeded, Located::on_command_line(Level::Deny));
    let levels = command_line.or(&file.diagnostics);

    let fate = |finding: Diagnostic| match levels.judge(finding.clone()) {
        Judgement::Dropped => "dropped".to_owned(),
        Judgement::Shown(shown) => {
            assert_eq!(shown, finding);
            "shown".to_owned()
        }
        Judgement::Denied(denied) => {
            assert_eq!(denied.severity, Severity::Error);
            denied.notes.join("; ")
        }
    };
    let cases = [
        (Code::FilteredOut, "a warning by default, denied by line 2 of vet.toml"),
        (Code::WildcardExpired, "dropped"),
        (Code::WildcardExpiring, "shown"),
        (Code::Unneeded, "a warning by default, denied by `--deny VET0801` on the command line"),
        (Code::PublishedSince, "shown"),
    ];
    for (code, expected) in cases {
        assert_eq!(fate(Diagnostic::warning(code, "odd")), expected, "{code}");
        assert_eq!(fate(Diagnostic::error(code, "wrong")), "shown", "{code}");
    }
}

#[test]
fn only_codes_of_warnings_have_levels() {
    for code in Code::ALL {
        assert_eq!(not_a_warning(*code).is_none(), code.may_warn(), "{code}");
    }
    let is_warning = [Code::TomlSyntax, Code::DroppedText].map(Code::may_warn);
    assert_eq!(is_warning, [false, true]);
}
