use std::collections::BTreeSet;
use std::process::Command;

use cfg_expr::{Expression, Predicate};
use proptest::prelude::*;

use super::*;

const LINUX: &str = "x86_64-unknown-linux-gnu";

fn built_in(triple: &str) -> Platform {
    Platform::built_in(triple, []).unwrap()
}

fn may_hold(condition: &str, platform: &Platform) -> bool {
    condition.parse::<Condition>().unwrap().may_hold(platform)
}

fn rustc(arguments: &[&str]) -> Option<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
}

/// Checks whether a condition and its negation may hold.
#[test]
fn conditions_hold_as_they_may_for_cargo() {
    let linux = built_in(LINUX);
    let (yes, no, either) = ((true, false), (false, true), (true, true));
    let check = |platform: &Platform, condition: &str, expected: (bool, bool)| {
        let contrary = format!("cfg(not({condition}))");
        let found = (may_hold(&format!("cfg({condition})"), platform), may_hold(&contrary, platform));
        assert_eq!(found, expected, "{condition}");
    };
    for (condition, expected) in [
        ("unix", yes),
        ("r#unix", yes),
        ("windows", no),
        ("any()", no),
        ("all()", yes),
        ("not(any())", yes),
        ("not(windows)", yes),
        ("all(unix, not(target_os = \"macos\"))", yes),
        ("any(windows, target_env = \"gnu\")", yes),
        ("target_family = \"unix\"", yes),
        ("target_vendor = \"unknown\"", yes),
        ("target_pointer_width = \"64\"", yes),
        ("target_pointer_width = \"none such\"", no),
        ("target_endian = \"little\"", yes),
        ("target_has_atomic = \"ptr\"", yes),
        ("target_has_atomic = \"256\"", no),
        ("target_has_atomic = \"128\"", either),
        ("target_has_atomic", either),
        ("target_os", either),
        // A name like others for old versions of cargo.
        ("true", either),
        ("false", either),
        // Flags can set or remove these, or they are unknown.
        ("debug_assertions", either),
        ("overflow_checks", either),
        ("proc_macro", either),
        ("test", either),
        ("panic = \"abort\"", either),
        ("panic = \"unwind\"", either),
        ("target_feature = \"sse2\"", either),
        ("target_feature = \"avx\"", either),
        ("target_feature", either),
        // Older compilers do not set it.
        ("target_abi = \"\"", either),
        ("feature = \"std\"", either),
        ("tokio_unstable", either),
        ("backend = \"serial\"", either),
        ("all(unix, tokio_unstable)", either),
        ("all(windows, tokio_unstable)", no),
        ("any(unix, tokio_unstable)", yes),
        ("any(windows, not(tokio_unstable))", either),
    ] {
        check(&linux, condition, expected);
    }
    assert!(may_hold(LINUX, &linux));
    assert!(!may_hold("x86_64-unknown-linux-musl", &linux));

    let with_crt = Platform::built_in(LINUX, ["crt-static"]).unwrap();
    check(&with_crt, "target_feature = \"crt-static\"", yes);
    check(&with_crt, "target_feature = \"avx\"", either);

    let without = built_in(LINUX).without(["loom", "backend"].map(str::to_owned));
    check(&without, "loom", no);
    check(&without, "backend = \"serial\"", no);
    check(&without, "looms", either);

    let unknown = Platform::unknown("board").without(["loom".to_owned()]);
    check(&unknown, "windows", either);
    check(&unknown, "loom", either);
    check(&unknown, "false", either);
    assert!(may_hold("board", &unknown));
    assert!(!may_hold(LINUX, &unknown));
}

/// For these properties, the values depend on the version of the compiler.
#[test]
fn some_properties_changed_over_time() {
    for (triple, condition) in [
        ("wasm32-wasip1", "cfg(not(target_env = \"p1\"))"),
        ("wasm32-wasip1", "cfg(target_env = \"\")"),
        ("aarch64-apple-ios-sim", "cfg(target_env = \"\")"),
        ("aarch64-apple-ios-macabi", "cfg(target_env = \"macabi\")"),
        ("armv7-unknown-freebsd", "cfg(target_env = \"gnueabihf\")"),
        ("mips64-openwrt-linux-musl", "cfg(target_vendor = \"unknown\")"),
        ("mipsel-sony-psx", "cfg(target_os = \"none\")"),
        ("x86_64-pc-windows-msvc", "cfg(not(target_has_atomic = \"128\"))"),
    ] {
        assert!(may_hold(condition, &built_in(triple)), "{condition} on {triple}");
    }
}

#[test]
fn flags_of_the_checkout_change_what_may_hold() {
    for (flags, condition, expected) in [
        ("", "cfg(windows)", false),
        ("--cfg windows", "cfg(windows)", true),
        ("--cfg windows", "cfg(unix)", true),
        ("--cfg target_os=\"none\"", "cfg(target_os = \"none\")", true),
        ("--cfg target_os=\"none\"", "cfg(windows)", false),
        ("--target x86_64-pc-windows-msvc", "cfg(windows)", true),
        ("", "cfg(loom)", false),
        ("--cfg loom", "cfg(loom)", true),
        ("", "cfg(not(target_feature = \"crt-static\"))", false),
        ("-C target-feature=-crt-static", "cfg(not(target_feature = \"crt-static\"))", true),
    ] {
        let mut platform = Platform::built_in(LINUX, ["crt-static"]).unwrap().without(["loom".to_owned()]);
        let mut found = Flags::default();
        found.add(flags.split(' ').filter(|flag| !flag.is_empty()));
        platform.apply(&found);
        assert_eq!(may_hold(condition, &platform), expected, "{condition} with `{flags}`");
    }
}

#[test]
fn targets_that_are_like_others() {
    let like = || Platform::like("board", "thumbv7em-none-eabihf", []).unwrap();
    let board = like();
    for (condition, expected) in [
        ("board", true),
        ("thumbv7em-none-eabihf", false),
        ("cfg(target_os = \"none\")", true),
        ("cfg(windows)", false),
    ] {
        assert_eq!(may_hold(condition, &board), expected, "{condition}");
    }
    assert_eq!(Platform::like("board", "none such", []), None);

    let honest = "{\"arch\": \"arm\", \"target-pointer-width\": 32, \"max-atomic-width\": 32, \
                   \"cpu\": \"cortex-m4\"}";
    let text = honest.replace("32,", "\"32\",");
    for specification in [honest, &text] {
        let mut board = like();
        assert_eq!(board.compare(specification).unwrap(), Vec::<&str>::new(), "{specification}");
        assert_eq!(board, like());
    }
    for (field, names, condition) in [
        ("\"os\": \"linux\"", "target_os", "cfg(target_os = \"linux\")"),
        ("\"os\": \"linux\"", "target_os", "cfg(target_os = \"none\")"),
        ("\"env\": \"gnu\"", "target_env", "cfg(target_env = \"gnu\")"),
        ("\"vendor\": \"pc\"", "target_vendor", "cfg(target_vendor = \"pc\")"),
        ("\"target-endian\": \"big\"", "target_endian", "cfg(target_endian = \"big\")"),
        ("\"target-family\": \"unix\"", "target_family unix", "cfg(unix)"),
        ("\"target-family\": [\"windows\"]", "target_family windows", "cfg(windows)"),
        ("\"atomic-cas\": false", "target_has_atomic", "cfg(not(target_has_atomic = \"ptr\"))"),
    ] {
        let mut board = like();
        let specification = honest.replace('{', &format!("{{{field}, "));
        assert_eq!(board.compare(&specification).unwrap().join(" "), names, "{field}");
        assert!(may_hold(condition, &board), "{field}");
    }
    for broken in ["", "[1]", "{\"arch\": \"arm\", \"os\": \"none\", \"os\": \"linux\"}"] {
        let mut board = like();
        board.compare(broken).unwrap_err();
        assert!(may_hold("cfg(windows)", &board), "{broken}");
    }
}

#[test]
fn names_that_compilers_set_by_themselves() {
    for (name, expected) in [
        ("debug_assertions", true),
        ("panic", true),
        ("unix", true),
        ("target_feature", true),
        ("target_whatever", true),
        ("loom", false),
        ("feature", false),
        ("test", false),
    ] {
        assert_eq!(is_set_by_compilers(name), expected, "{name}");
    }
    let Some(printed) = rustc(&["--print", "cfg"]) else {
        eprintln!("skipped: there is no rustc");
        return;
    };
    for line in printed.lines() {
        let name = line.split('=').next().unwrap();
        assert!(is_set_by_compilers(name), "{name}");
    }
}

#[test]
fn what_is_no_condition_is_said_in_the_words_of_cargo() {
    let nested = format!("cfg({}unix{})", "not(".repeat(100_000), ")".repeat(100_000));
    let problems: Vec<String> =
        ["cfg(unix", "cfg(not(unix, windows))", "cfg()", "not a target", "a(b)", &nested]
            .iter()
            .map(|text| text.parse::<Condition>().unwrap_err().to_string())
            .collect();
    insta::assert_snapshot!(problems.join("\n"));
}

#[test]
fn targets_on_which_a_compiler_runs() {
    for (triple, expected) in [
        (LINUX, true),
        ("aarch64-apple-darwin", true),
        ("x86_64-pc-windows-msvc", true),
        ("x86_64-uwp-windows-msvc", false),
        ("x86_64-unknown-freebsd", true),
        ("aarch64-apple-ios", false),
        ("aarch64-linux-android", false),
        ("wasm32-unknown-unknown", false),
        ("wasm32-wasip1", false),
        ("thumbv7em-none-eabihf", false),
    ] {
        assert_eq!(built_in(triple).can_host(), expected, "{triple}");
    }
    assert_eq!(Platform::built_in("x86_64-unknown-linux", []), None);
}

/// The output of the compiler.
fn printed(triple: &str) -> Option<Vec<Cfg>> {
    let printed = rustc(&["--print", "cfg", "--target", triple])?;
    Some(printed.lines().map(|line| line.parse().unwrap()).collect())
}

/// Built-in targets match the compiler of this machine. Each takes a process, so only some targets
/// are tested.
#[test]
fn built_in_targets_are_what_the_compiler_says() {
    let Some(list) = rustc(&["--print", "target-list"]) else {
        eprintln!("skipped: there is no rustc");
        return;
    };
    let mut compared = 0;
    for triple in list.lines().step_by(7) {
        let Some(ours) = Platform::built_in(triple, []) else { continue };
        let Some(printed) = printed(triple) else { continue };
        let fixed = |cfg: &&Cfg| {
            let (Cfg::Name(name) | Cfg::KeyPair(name, _)) = cfg;
            FIXED.contains(&name.as_str())
        };
        let theirs: BTreeSet<&Cfg> = printed.iter().filter(fixed).collect();
        assert_eq!(ours.cfg.iter().collect::<BTreeSet<_>>(), theirs, "{triple}");
        compared += 1;
    }
    assert!(compared > 30, "only {compared} targets were compared");
}

/// Realistic and malformed conditions.
fn conditions() -> impl Strategy<Value = String> {
    let predicate = prop_oneof![
        Just("unix".to_owned()),
        Just("windows".to_owned()),
        Just("debug_assertions".to_owned()),
        Just("some_flag".to_owned()),
        prop::sample::select(vec!["linux", "macos", "windows", "none", "ios"])
            .prop_map(|os| format!("target_os = \"{os}\"")),
        prop::sample::select(vec!["x86_64", "aarch64", "wasm32", "arm", "riscv64"])
            .prop_map(|arch| format!("target_arch = \"{arch}\"")),
        prop::sample::select(vec!["gnu", "msvc", "musl", ""])
            .prop_map(|env| format!("target_env = \"{env}\"")),
        prop::sample::select(vec!["unix", "windows", "wasm"])
            .prop_map(|family| format!("target_family = \"{family}\"")),
        prop::sample::select(vec!["16", "32", "64"])
            .prop_map(|bits| format!("target_pointer_width = \"{bits}\"")),
        prop::sample::select(vec!["big", "little"])
            .prop_map(|endian| format!("target_endian = \"{endian}\"")),
        prop::sample::select(vec!["8", "32", "64", "128", "ptr"])
            .prop_map(|atomic| format!("target_has_atomic = \"{atomic}\"")),
        prop::sample::select(vec!["unwind", "abort"]).prop_map(|panic| format!("panic = \"{panic}\"")),
        prop::sample::select(vec!["apple", "unknown", "pc"])
            .prop_map(|vendor| format!("target_vendor = \"{vendor}\"")),
        prop::sample::select(vec!["sse2", "neon", "crt-static"])
            .prop_map(|feature| format!("target_feature = \"{feature}\"")),
    ];
    predicate.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|one| format!("not({one})")),
            prop::collection::vec(inner.clone(), 0..4).prop_map(|all| format!("all({})", all.join(", "))),
            prop::collection::vec(inner, 0..4).prop_map(|any| format!("any({})", any.join(", "))),
        ]
    })
}

/// Whether a condition only uses names in [`FIXED`].
fn is_fixed(condition: &str) -> bool {
    !["debug_assertions", "some_flag", "panic", "target_feature", "\"128\""]
        .iter()
        .any(|name| condition.contains(name))
}

/// The reference: expressions and targets as `cfg_expr` evaluates them.
fn reference(condition: &str, target: &TargetInfo) -> bool {
    Expression::parse(condition).unwrap().eval(|predicate| match predicate {
        Predicate::Target(target_predicate) => target_predicate.matches(target),
        _ => false,
    })
}

proptest! {
    #[test]
    fn random_conditions_hold_as_the_library_says(
        condition in conditions(),
        index in 0..ALL_BUILTINS.len(),
    ) {
        let target = &ALL_BUILTINS[index];
        let triple = target.triple.as_str();
        let ours = may_hold(&format!("cfg({condition})"), &built_in(triple));
        let theirs = reference(&condition, target);
        prop_assert!(ours || !theirs, "{} on {}", condition, triple);
        if is_fixed(&condition) && changed_over_time(target).next().is_none() {
            prop_assert_eq!(ours, theirs, "{} on {}", condition, triple);
        }
    }
}

/// A condition may hold if it holds with the output of the compiler, for the most common targets
/// and any flags.
#[test]
fn random_conditions_may_hold_if_they_do_for_the_compiler() {
    let targets: Vec<(Platform, Vec<Cfg>)> = [
        LINUX,
        "x86_64-pc-windows-msvc",
        "aarch64-apple-darwin",
        "wasm32-unknown-unknown",
        "thumbv7em-none-eabihf",
    ]
    .into_iter()
    .filter_map(|triple| Some((built_in(triple), printed(triple)?)))
    .collect();
    if targets.is_empty() {
        eprintln!("skipped: there is no rustc");
        return;
    }
    let flags =
        prop::sample::subsequence(vec!["some_flag", "debug_assertions", "panic", "avx", "sse2"], 0..5);
    let mut runner = proptest::test_runner::TestRunner::default();
    runner
        .run(&(conditions(), flags), |(condition, flags)| {
            for (ours, printed) in &targets {
                let condition: Condition = format!("cfg({condition})").parse().unwrap();
                let mut cfg = printed.clone();
                for flag in &flags {
                    let changed = match *flag {
                        "panic" => pair("panic", "abort"),
                        feature @ ("avx" | "sse2") => pair("target_feature", feature),
                        name => Cfg::Name(ident(name)),
                    };
                    match cfg.iter().position(|one| *one == changed) {
                        Some(place) => drop(cfg.remove(place)),
                        None => cfg.push(changed),
                    }
                }
                let theirs = condition.0.matches(&ours.name, &cfg);
                prop_assert!(condition.may_hold(ours) || !theirs, "{} {:?}", condition, flags);
            }
            Ok(())
        })
        .unwrap();
}
