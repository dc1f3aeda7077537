use std::collections::BTreeSet;
use std::process::Command;

use cfg_expr::{Expression, Predicate};
use proptest::prelude::*;

use super::*;

const LINUX: &str = "x86_64-unknown-linux-gnu";

fn built_in(triple: &str) -> Platform {
    Platform::built_in(triple, []).unwrap()
}

fn holds(condition: &str, platform: &Platform) -> bool {
    condition.parse::<Condition>().unwrap().holds(platform)
}

fn rustc(arguments: &[&str]) -> Option<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
}

#[test]
fn conditions_hold_as_they_do_for_cargo() {
    let linux = built_in(LINUX);
    let with_crt = Platform::built_in(LINUX, ["crt-static"]).unwrap();
    for (condition, expected) in [
        ("x86_64-unknown-linux-gnu", true),
        ("x86_64-unknown-linux-musl", false),
        ("cfg(unix)", true),
        ("cfg(windows)", false),
        ("cfg(true)", true),
        ("cfg(false)", false),
        ("cfg(any())", false),
        ("cfg(all())", true),
        ("cfg(not(any()))", true),
        ("cfg(not(windows))", true),
        ("cfg(all(unix, not(target_os = \"macos\")))", true),
        ("cfg(any(windows, target_env = \"gnu\"))", true),
        ("cfg(target_family = \"unix\")", true),
        ("cfg(target_vendor = \"unknown\")", true),
        ("cfg(target_abi = \"\")", true),
        ("cfg(target_pointer_width = \"64\")", true),
        ("cfg(target_pointer_width = \"none such\")", false),
        ("cfg(target_endian = \"little\")", true),
        ("cfg(panic = \"unwind\")", true),
        ("cfg(panic = \"abort\")", false),
        ("cfg(target_has_atomic = \"ptr\")", true),
        ("cfg(target_has_atomic = \"128\")", false),
        ("cfg(target_has_atomic)", false),
        ("cfg(target_feature = \"sse2\")", true),
        ("cfg(target_feature = \"avx\")", false),
        // What is never set where cargo looks at conditions.
        ("cfg(debug_assertions)", false),
        ("cfg(not(debug_assertions))", true),
        ("cfg(test)", false),
        ("cfg(proc_macro)", false),
        ("cfg(feature = \"std\")", false),
        ("cfg(tokio_unstable)", false),
        ("cfg(r#unix)", true),
    ] {
        assert_eq!(holds(condition, &linux), expected, "{condition}");
    }
    assert!(!holds("cfg(target_feature = \"crt-static\")", &linux));
    assert!(holds("cfg(target_feature = \"crt-static\")", &with_crt));
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

#[test]
fn what_a_compiler_says_makes_a_target() {
    let printed = "debug_assertions\nproc_macro\ntarget_os=\"mine\"\nunix\n";
    let platform = Platform::described("mine", printed, ["fast"]).unwrap();
    for (condition, expected) in [
        ("mine", true),
        ("cfg(all(unix, target_os = \"mine\", target_feature = \"fast\"))", true),
        ("cfg(debug_assertions)", false),
        ("cfg(windows)", false),
    ] {
        assert_eq!(holds(condition, &platform), expected, "{condition}");
    }
    let problem = Platform::described("mine", "target_os=mine", []).unwrap_err();
    assert_eq!(problem.to_string(), "`target_os=mine` is not a `cfg` value");
}

/// The values of a target; its features if the compilers are the same.
fn comparable(platform: &Platform, with_features: bool) -> BTreeSet<String> {
    let values = platform.cfg.iter().map(ToString::to_string);
    values.filter(|value| with_features || !value.starts_with("target_feature")).collect()
}

/// Built-in targets are as the compiler of this machine says. Features that are on by default change from version to
/// version, so they are compared with the compiler that the table is from. It takes a process for each, so some targets
/// stand for all.
#[test]
fn built_in_targets_are_what_the_compiler_says() {
    let (Some(list), Some(version)) = (rustc(&["--print", "target-list"]), rustc(&["--version"])) else {
        eprintln!("skipped: there is no rustc");
        return;
    };
    let is_same = version.starts_with("rustc 1.95.");
    let mut compared = 0;
    for triple in list.lines().step_by(7) {
        let Some(ours) = Platform::built_in(triple, []) else { continue };
        let Some(printed) = rustc(&["--print", "cfg", "--target", triple]) else { continue };
        let theirs = Platform::described(triple, &printed, []).unwrap();
        assert_eq!(comparable(&ours, is_same), comparable(&theirs, is_same), "{triple}");
        compared += 1;
    }
    assert!(compared > 30, "only {compared} targets were compared");
}

/// Conditions as people write them, and worse.
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

/// The reference: expressions and targets as `cfg_expr` sees them.
fn reference(condition: &str, target: &TargetInfo, features: &str) -> bool {
    Expression::parse(condition).unwrap().eval(|predicate| match predicate {
        Predicate::Target(target_predicate) => target_predicate.matches(target),
        Predicate::TargetFeature(feature) => features.split(' ').any(|on| on == *feature),
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
        let features = default_features().get(triple).copied().unwrap_or_default();
        prop_assert_eq!(
            holds(&format!("cfg({condition})"), &built_in(triple)),
            reference(&condition, target, features),
            "{} on {}", condition, triple
        );
    }
}

/// And as they do with what the compiler prints, for the targets that most projects are built for.
#[test]
fn random_conditions_hold_as_the_compiler_says() {
    let targets: Vec<(Platform, Platform)> = [
        LINUX,
        "x86_64-pc-windows-msvc",
        "aarch64-apple-darwin",
        "wasm32-unknown-unknown",
        "thumbv7em-none-eabihf",
    ]
    .into_iter()
    .filter_map(|triple| {
        let printed = rustc(&["--print", "cfg", "--target", triple])?;
        Some((built_in(triple), Platform::described(triple, &printed, []).unwrap()))
    })
    .collect();
    if targets.is_empty() {
        eprintln!("skipped: there is no rustc");
        return;
    }
    let mut runner = proptest::test_runner::TestRunner::default();
    runner
        .run(&conditions(), |condition| {
            for (ours, theirs) in &targets {
                let condition = format!("cfg({condition})");
                prop_assert_eq!(holds(&condition, ours), holds(&condition, theirs), "{}", condition);
            }
            Ok(())
        })
        .unwrap();
}
