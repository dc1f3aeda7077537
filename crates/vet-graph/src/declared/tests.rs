use vet_diagnostics::Source;

use super::*;
use crate::manifest::Manifest;

#[test]
fn what_is_written_is_read() {
    let text = r#"
        [package]
        name = "a"
        version = "1.0.0"
        links = "z"
        [lib]
        proc-macro = true
        [features]
        default = ["one", "dep:b", "c?/d"]
        one = []
        "odd name" = ["b/odd\tfeature"]
        nothing = []
        [dependencies]
        b = { version = "1", optional = true, default-features = false, features = ["x", "y"] }
        renamed = { package = "c", version = ">=1.2, <2" }
        any = { git = "https://git.example/any" }
        folder = { path = "../folder" }
        far = { version = "1", registry = "far" }
        farther = { version = "1", registry-index = "https://far.example/index" }
        tagged = { git = "https://git.example/any", tag = "a b" }
        [build-dependencies]
        e = "0.1"
        [target.'cfg(all(unix, not(target_os = "linux")))'.dependencies]
        f = "1"
        [target.x86_64-pc-windows-gnu.dependencies]
        g = "1"
        [dev-dependencies]
        h = "1"
    "#;
    let declared = Declared::of(&Manifest::parse(&Source::new("Cargo.toml", text)).unwrap(), None);
    insta::assert_snapshot!(declared.text().replace('\t', "|"), @r#"
    m|z|
    onothing one|
    fdefault|dep:b c?/d|
    fodd�name|b/odd�feature|
    nany||||||ghttps://git.example/any|
    nb|ox|x y||^1||c|
    nfar||||^1||rfar|
    nfarther||||^1||ihttps://far.example/index|
    nfolder|||||||
    nrenamed|||c|>=1.2, <2||c|
    ntagged||||||ghttps://git.example/any tag a�b|
    be||||^0.1||c|
    nf||||^1|cfg(all(unix, not(target_os = "linux")))|c|
    ng||||^1|x86_64-pc-windows-gnu|c|
    "#);
    let again = Declared::from_text(declared.text());
    assert_eq!((again.is_proc_macro(), again.is_partial()), (Some(true), false));
    let view = again.view().unwrap();
    let shown = view.dependencies.iter().map(|it| {
        let DependencyView { kind, terms, package, requirement, origin } = it;
        let features: Vec<&str> = terms.features.iter().collect();
        let condition = match terms.condition {
            Some(ConditionView::Text(text)) => text,
            Some(ConditionView::Read(_)) | None => "always",
        };
        let TermsView { key, optional, default_features, .. } = terms;
        format!(
            "{kind:?} {key}={package} {requirement} {optional} {default_features} {features:?} {condition} {origin:?}\n"
        )
    });
    insta::assert_snapshot!(shown.collect::<String>(), @r#"
    Normal any=any  false true [] always Git("https://git.example/any", None)
    Normal b=b ^1 true false ["x", "y"] always CratesIo
    Normal far=far ^1 false true [] always Registry("far")
    Normal farther=farther ^1 false true [] always Index("https://far.example/index")
    Normal folder=folder  false true [] always Same
    Normal renamed=c >=1.2, <2 false true [] always CratesIo
    Normal tagged=tagged  false true [] always Git("https://git.example/any", Some((Tag, "a�b")))
    Build e=e ^0.1 false true [] always CratesIo
    Normal f=f ^1 false true [] cfg(all(unix, not(target_os = "linux"))) CratesIo
    Normal g=g ^1 false true [] x86_64-pc-windows-gnu CratesIo
    "#);
    let met = |number: usize, name: &str, version: &str| {
        view.dependencies[number].is_met_by(name, &version.parse().unwrap())
    };
    assert!(met(5, "c", "1.3.0") && !met(5, "c", "2.0.0") && !met(5, "renamed", "1.3.0"));
    assert!(met(0, "any", "7.0.0"));
    let damaged = again.text().replace(">=1.2", "nonsense");
    let damaged = Declared::from_text(&damaged);
    assert!(damaged.view().unwrap().dependencies[5].is_met_by("c", &semver::Version::new(2, 0, 0)));
}

#[test]
fn what_is_damaged_is_not_read() {
    for text in [
        "",
        "l\n",
        "l\t\n",
        "\u{E9}",
        "l\t\t\nnb\t\t\t\t^1\t\t\n",
        "l\t\t\nnb\t\t\t\t^1\t\t\t\t\n",
        "l\t\t\nnb\n",
        "l\t\t\nnb\t\t\t\t^1\t\t\t",
        "l\t\t\nnb\t\t\t\t^1\t\tx\t\n",
        "l\t\t\nnb\t\t\t\t^1\t\tcx\t\n",
        "l\t\t\nnb\t\t\t\t^1\t\t\u{E9}\t\n",
        "l\t\t\nnb\t\t\t\t^1\t\tgx tag\t\n",
        "l\t\t\nnb\t\t\t\t^1\t\tgx head y\t\n",
        "l\t\t\nzb\t\t\t\t^1\t\t\t\n",
        "l\t\t\n\u{E9}\t\n",
        "l\t\t\n\n",
        "l\t\t\nfa\t\n",
    ] {
        assert!(Declared::from_text(text).view().is_none(), "{text:?}");
    }
    for text in ["l\t\t\n", "\t\t\n", "l\t\t\nnb\t\t\t\t^1\t\tgx tag y z\t\n"] {
        assert!(Declared::from_text(text).view().is_some(), "{text:?}");
    }
    assert_eq!(Declared::from_text("").is_proc_macro(), None);
}

#[test]
fn words() {
    for (text, expected) in [("", ""), ("a", "a"), (" a  b c ", "a|b|c"), ("  ", "")] {
        assert_eq!(Words::Text(text).iter().collect::<Vec<_>>().join("|"), expected, "{text:?}");
    }
    let list = ["a".to_owned(), "b c".to_owned()];
    assert_eq!(Words::List(&list).iter().collect::<Vec<_>>(), ["a", "b c"]);
}

#[test]
fn features_that_play_no_part_are_left_out() {
    let text = "[package]\nname = \"a\"\nversion = \"1.0.0\"\n\
                [dependencies]\nb = { version = \"1\", optional = true }\nc = { version = \"1\", optional = true }\nd = \"1\"\n\
                [features]\nnothing = []\nnothing-else = [\"nothing\", \"unheard-of\", \"around\"]\naround = [\"nothing-else\"]\n\
                explicit = [\"dep:b\", \"nothing\"]\nimplicit = [\"c\"]\nof-dependency = [\"d/x\"]\nweak = [\"c?/x\"]\n\
                far = [\"nothing\", \"near\"]\nnear = [\"explicit\"]\nb = []\n";
    let declared = Declared::of(&Manifest::parse(&Source::new("Cargo.toml", text)).unwrap(), None);
    let features = declared.view().unwrap().features.into_iter();
    let shown: Vec<String> =
        features.map(|(name, on)| format!("{name}: {}", on.iter().collect::<Vec<_>>().join(" "))).collect();
    assert_eq!(
        shown,
        [
            "b: ",
            "explicit: dep:b",
            "far: near",
            "implicit: c",
            "near: explicit",
            "of-dependency: d/x",
            "weak: c?/x"
        ]
    );
}

#[test]
fn features_are_found_by_name() {
    let names = ["a", "ab", "b", "default", "long-name", "\u{E9}", "z"];
    let features: Features = names.iter().map(|name| ((*name).to_owned(), Vec::new())).collect();
    let has = |names: &[&str], wanted: &str| {
        let features = features.iter().filter(|(name, _)| names.contains(&name.as_str()));
        let features = features.map(|(name, on)| (name.clone(), on.clone())).collect();
        is_word_of(Declared::new(features, &[], None, None).view().unwrap().other_features, wanted)
    };
    for count in 0..=names.len() {
        for (number, name) in names.iter().enumerate() {
            assert_eq!(has(&names[..count], name), number < count, "{name} of {count}");
        }
        assert!(!has(&names[..count], "") && !has(&names[..count], "lon") && !has(&names[..count], "zz"));
    }
}

/// A package in a git repository may inherit from the workspace there.
#[test]
fn what_is_inherited_is_declared() {
    let manifest = |text: &str| Manifest::parse(&Source::new("Cargo.toml", text)).unwrap();
    let member = manifest(
        "[package]\nname = \"a\"\nversion = \"1.0.0\"\n[dependencies]\nb = { workspace = true, features = [\"y\"] }\n",
    );
    let root = manifest(
        "[workspace]\n[workspace.dependencies]\nb = { package = \"c\", version = \"2\", features = [\"x\"], default-features = false }\n",
    );
    let whole = Declared::of(&member, root.workspace.as_ref());
    assert_eq!(whole.text().replace('\t', "|"), "l||\nnb|x|y x|c|^2||c|\n");
    assert!(!whole.is_partial());
    for partial in [
        Declared::of(&member, None),
        Declared::of(&member, manifest("[workspace]\n").workspace.as_ref()),
        Declared::of(
            &manifest(
                "[package]\nname = \"a\"\n[dependencies]\nb = { artifact = \"bin\", version = \"1\" }\n",
            ),
            None,
        ),
    ] {
        assert!(partial.is_partial(), "{}", partial.text());
    }
}

/// What cargo says about a package agrees with its manifest.
#[test]
fn manifests_agree_with_what_cargo_says_of_them() {
    let of_manifest = |line: &str| {
        let text = format!("[package]\nname = \"a\"\nversion = \"1.0.0\"\n[dependencies]\n{line}\n");
        Declared::of(&Manifest::parse(&Source::new("Cargo.toml", text)).unwrap(), None)
    };
    let of_cargo = |requirement: &str| {
        let dependency = PublishedDependency {
            kind: DependencyKind::Normal,
            terms: Terms {
                key: "b".to_owned(),
                optional: false,
                default_features: true,
                features: Vec::new(),
                condition: None,
            },
            package: "b".to_owned(),
            requirement: Some(requirement.parse().unwrap()),
            origin: PublishedOrigin::Same,
        };
        Declared::new(Features::new(), &[dependency], Some(false), None)
    };
    for (line, requirement, expected) in [
        ("b = \"1\"", "^1", true),
        ("b = \"1\"", "^2", false),
        ("b = \"1\"", "*", false),
        ("b = \"*\"", "*", true),
        ("b = { path = \"../b\" }", "*", true),
        ("b = { git = \"https://git.example/b\" }", "*", true),
        ("b = { path = \"../b\" }", "^1", false),
        ("b = { path = \"../b\", version = \"1\" }", "^1", true),
        ("b = { path = \"../b\", optional = true }", "*", false),
    ] {
        assert_eq!(of_cargo(requirement).agrees_with(&of_manifest(line)), expected, "{line} {requirement}");
    }
}
