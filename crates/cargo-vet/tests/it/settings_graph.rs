//! Code that the settings leave out: how it is reported, and what stays.

use crate::project::Fixture;

const LINUX: &str = "[graph]\ntargets = [\"x86_64-unknown-linux-gnu\"]\n";

const ALPHA: &str = "[[exemptions.alpha]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-deploy\"\n";

/// A workspace in which every rule leaves something out: `beta` is for Windows only and needs
/// `gamma`; `delta` is for development, `epsilon` for a feature, and `zeta` for the member `tool`.
/// Only `alpha` is vetted.
fn fixture() -> Fixture {
    let fixture = Fixture::new();
    fixture.project.store(ALPHA, "", "");
    let for_windows = "[target.'cfg(windows)'.dependencies]\nbeta = \"1\"\n";
    let rest = "[dependencies]\nalpha = \"1\"\nepsilon = { version = \"1\", optional = true }\n\
                [dev-dependencies]\ndelta = \"1\"\n";
    fixture
        .project
        .package(".", "app", &format!("{rest}{for_windows}[workspace]\nmembers = [\"tool\"]\n"))
        .package("tool", "tool", "[dependencies]\nzeta = \"1\"\n")
        .vendor("beta 1.2.0", "[dependencies]\ngamma = \"1\"\n", "src/lib.rs");
    for package in ["alpha 1.0.0", "gamma 1.0.0", "delta 1.0.0", "epsilon 1.0.0", "zeta 1.0.0"] {
        fixture.project.vendor(package, "", "src/lib.rs");
    }
    fixture.project.lock(
        "app 0.0.7 -> alpha, beta, delta, epsilon\n+alpha 1.0.0\n+beta 1.2.0 -> gamma\n+delta 1.0.0\n\
         +epsilon 1.0.0\n+gamma 1.0.0\ntool 0.0.7 -> zeta\n+zeta 1.0.0",
    );
    fixture
}

/// A fixture in which the settings leave only `alpha`.
fn with_all_rules() -> Fixture {
    let fixture = fixture();
    fixture.project.write("supply-chain/vet.toml", ALL_RULES);
    fixture
}

const ALL_RULES: &str = "\
[graph]
targets = [\"x86_64-unknown-linux-gnu\"]
exclude-dev = true
exclude-members = [\"tool\"]

[graph.features]
app = []
";

#[test]
fn each_rule_leaves_something_out() {
    let fixture = fixture();
    let mut transcript = fixture.transcript(&["vet --locked"]);
    for settings in [
        LINUX,
        "[graph]\nexclude-dev = true\n",
        "[graph]\nmembers = [\"app\"]\n",
        "[graph.features]\napp = []\n",
        ALL_RULES,
        "[graph]\ntargets = [\"x86_64-pc-windows-msvc\"]\n",
    ] {
        fixture.project.write("supply-chain/vet.toml", settings);
        transcript += &format!("{settings}\n{}", fixture.transcript(&["vet --locked"]));
    }
    insta::assert_snapshot!(transcript);
}

#[test]
fn programs_learn_what_is_left_out() {
    let fixture = with_all_rules();
    insta::assert_snapshot!(fixture.transcript(&["vet check --locked --output-format json"]));
    insta::assert_snapshot!("status", fixture.transcript(&["vet status", "vet status --output-format json"]));
}

#[test]
fn the_command_line_comes_before_the_file() {
    let fixture = with_all_rules();
    insta::assert_snapshot!(fixture.transcript(&[
        "vet --locked --target x86_64-pc-windows-msvc",
        "vet --locked --target all",
        "vet --locked --target aarch64-apple-darwin --target wasm32-unknown-unknown",
        "vet explain-audit beta --locked --target aarch64-apple-darwin",
        "vet check --locked --target linux",
        "vet check --locked --target macos",
        "vet check --locked --target x86_64-pc-windows",
        "vet check --locked --target nonsense",
    ]));
}

/// A dependency for Windows only does not matter elsewhere, until it is for all targets.
#[test]
fn what_becomes_unconditional_is_looked_at() {
    let fixture = Fixture::new();
    let project = &fixture.project;
    project
        .store(ALPHA, "", "")
        .package(
            ".",
            "app",
            "[dependencies]\nalpha = \"1\"\n[target.'cfg(windows)'.dependencies]\nbeta = \"1\"\n",
        )
        .vendor("alpha 1.0.0", "", "src/lib.rs")
        .vendor("beta 1.2.0", "", "src/lib.rs")
        .lock("app 0.0.7 -> alpha, beta\n+alpha 1.0.0\n+beta 1.2.0");
    let mut transcript = fixture.transcript(&["vet --locked"]);
    project.write("supply-chain/vet.toml", LINUX);
    transcript += &fixture.transcript(&["vet --locked"]);
    project.package(".", "app", "[dependencies]\nalpha = \"1\"\nbeta = \"1\"\n");
    transcript += &fixture.transcript(&["vet --locked"]);
    insta::assert_snapshot!(transcript);
}

#[test]
fn graphs_show_what_is_left_out() {
    let fixture = with_all_rules();
    insta::assert_snapshot!(
        "dump_graph_text",
        fixture.transcript(&[
            "vet dump-graph --depth full",
            "vet dump-graph --depth full --filter-graph exclude(name(beta))",
            "vet dump-graph --depth workspace",
            "vet dump-graph --target all",
        ])
    );
    insta::assert_snapshot!("dump_graph_json", fixture.run("vet dump-graph --output-format json").stdout);
}

#[test]
fn it_is_explained_why_a_package_is_left_out() {
    let fixture = with_all_rules();
    fixture.project.store(&format!("{ALPHA}\n{BETA}"), "", "");
    let lines = ["alpha", "beta", "beta 1.2.0", "beta 1.1.0", "delta", "epsilon", "zeta"]
        .map(|package| format!("vet explain-audit {package} --locked"));
    insta::assert_snapshot!(fixture.transcript(&lines.each_ref().map(String::as_str)));
}

const BETA: &str = "[[exemptions.beta]]\nversion = \"1.2.0\"\ncriteria = \"safe-to-deploy\"\n";

/// Naming a package that is left out is not a typing error.
#[test]
fn packages_that_are_left_out_can_be_named() {
    let fixture = with_all_rules();
    insta::assert_snapshot!(fixture.transcript(&[
        "vet add-exemption beta 1.2.0 --criteria safe-to-deploy",
        "vet certify gamma 1.0.0 --criteria safe-to-run --accept-all --locked --who Ann",
        "vet certify zeta 1.0.0 --yes --locked --who Ann",
        "vet record-violation delta =0.9.0 --who Ann --criteria safe-to-run",
        "vet add-exemption btea 1.2.0 --criteria safe-to-deploy",
        "vet --locked",
    ]));
    fixture.project.use_vendored();
    let read = fixture.run("vet inspect zeta 1.0.0 --locked --mode local");
    assert_eq!(read.stdout, "[FOLDER]/cache/cargo-vet-rs/src/zeta-1.0.0\n", "{}", read.stderr);
    assert!(read.stderr.contains("VET0408"), "{}", read.stderr);
    fixture.project.write(".cargo/config.toml", "");
    let says =
        crate::codes::says(&fixture, "vet add-exemption beta 1.3.0 --criteria safe-to-deploy --dry-run");
    crate::codes::check("VET0408", &says);
    insta::assert_snapshot!(
        "after_naming",
        fixture.store().into_iter().map(|(_, text)| text).collect::<String>()
    );
}

/// Packages that are left out keep their entries, and get no new ones.
#[test]
fn prune_and_regenerate_leave_it_alone() {
    let fixture = with_all_rules();
    let unused = "[[exemptions.beta]]\nversion = \"1.1.0\"\ncriteria = \"safe-to-deploy\"\n\n";
    let policy = "[policy.\"gamma:1.0.0\"]\ndependency-criteria = { gamma = \"safe-to-run\" }\n\n";
    fixture.project.store(&format!("{policy}{ALPHA}\n{unused}{BETA}"), "", "");
    fixture.run("vet fmt");
    let before = fixture.project.read("supply-chain/config.toml");
    // `beta 1.1.0` is not even in the lock file.
    let without_unused = before.replacen(unused, "", 1);
    for (line, after) in [
        ("vet regenerate exemptions --locked", &without_unused),
        ("vet prune --locked", &without_unused),
        ("vet prune --locked --no-exemptions", &before),
        ("vet prune --locked --no-exemptions --unbuilt", &before),
    ] {
        fixture.project.write("supply-chain/config.toml", &before);
        let run = fixture.run(line);
        assert_eq!(
            (run.status, fixture.project.read("supply-chain/config.toml").as_str()),
            (Some(0), after.as_str()),
            "{line}"
        );
    }
    fixture.project.write("supply-chain/config.toml", &before);
    let run = fixture.run("vet prune --locked --unbuilt");
    let after = fixture.project.read("supply-chain/config.toml");
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    assert!(after.contains("[[exemptions.alpha]]") && !after.contains("beta"), "{after}");
    assert!(after.contains("[policy.\"gamma:1.0.0\"]"), "{after}");
    assert_eq!(fixture.run("vet --locked").status, Some(0));
}

/// Filters are different: they remove packages completely.
#[test]
fn filters_apply_to_what_is_left_out_too() {
    let fixture = with_all_rules();
    for (filter, rest) in [("alpha", vec!["beta"]), ("beta", vec!["alpha"])] {
        fixture.project.store(&format!("{ALPHA}\n{BETA}"), "", "");
        fixture.run(&format!("vet prune --locked --filter-graph exclude(name({filter}))"));
        let config = fixture.project.read("supply-chain/config.toml");
        let left: Vec<&str> = ["alpha", "beta"].into_iter().filter(|name| config.contains(name)).collect();
        assert_eq!(left, rest, "without {filter}");
    }
}

#[test]
fn init_exempts_what_is_looked_at() {
    let fixture = with_all_rules();
    for file in ["config.toml", "audits.toml", "imports.lock"] {
        std::fs::remove_file(fixture.project.folder().join("supply-chain").join(file)).unwrap();
    }
    let run = fixture.run("vet init --locked --frozen");
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    insta::assert_snapshot!(fixture.project.read("supply-chain/config.toml"));
}

/// Names in the settings must exist: an unknown name may have been meant to keep code in.
#[test]
fn names_that_do_not_exist() {
    let fixture = fixture();
    let mut transcript = String::new();
    for settings in [
        "[graph]\ntargets = [\"x86_64-unknown-linux\", \"no-such-thing\", \"-Zhelp\", \"boards/mine.json\"]\n",
        "[graph]\nhosts = [\"x86_64-unknown-linux-gun\"]\n",
        "[graph]\nmembers = [\"app\", \"tol\"]\n",
        "[graph]\nexclude-members = [\"app\", \"tool\"]\n",
        "[graph.features]\napp = [\"epsilom\", \"alpha/std\", \"beta/x\", \"omega/x\"]\nlibrary = []\n",
        "[graph]\ntargets = [{ triple = \"mine\", like = \"x86_64-unknown-linux\" }, \
         { triple = \"x86_64-unknown-linux-gnu\", like = \"wasm32-unknown-unknown\" }]\n",
        "[graph]\nunset-cfg = [\"debug_assertions\", \"unix\", \"loom\", \"target_feature\"]\n",
    ] {
        fixture.project.write("supply-chain/vet.toml", settings);
        transcript += &fixture.transcript(&["vet --locked", "vet regenerate exemptions"]);
    }
    insta::assert_snapshot!(transcript);
    for (code, settings) in [
        ("VET0311", "[graph]\ntargets = [\"x86_64-unknown-linux\"]\n"),
        ("VET0312", "[graph]\nexclude-members = [\"fuz\"]\n"),
        ("VET0313", "[graph.features]\napp = [\"defualt\"]\n"),
    ] {
        fixture.project.write("supply-chain/vet.toml", settings);
        crate::codes::check(code, &crate::codes::says(&fixture, "vet check --locked"));
    }
}

/// What only the project shows to be wrong is reported together with what is wrong with the text.
#[test]
fn all_mistakes_are_reported_at_once() {
    let fixture = fixture();
    fixture.project.write(
        "supply-chain/vet.toml",
        "vresion = 1\n\n[graph]\nexlude-dev = true\nexclude-dev = \"yes\"\nmembers = [\"tol\", \"a b\"]\n\
         targets = [\"linux\", 7, { triple = \"mine\", like = 3 }]\nhosts = []\nunset-cfg = [\"unix\", \"a=b\"]\n\n\
         [graph.features]\napp = [\"epsilom\", \"-alpha\"]\n\n[diagnostics]\nVET0310 = \"dney\"\nVET9999 = \"allow\"\n",
    );
    insta::assert_snapshot!(fixture.transcript(&["vet --locked"]));
    for line in ["vet dump-graph", "vet settings", "vet fmt"] {
        let run = fixture.run(line);
        assert_eq!(run.stderr.matches("error[VET").count(), 15, "{line}: {}", run.stderr);
    }
}

/// An invalid condition is an error, as in cargo.
#[test]
fn conditions_that_make_no_sense() {
    let fixture = fixture();
    let tables =
        "[target.'cfg(not(unix, windows))'.dependencies]\nalpha = \"1\"\n[workspace]\nmembers = [\"tool\"]\n";
    fixture.project.package(".", "app", tables);
    insta::assert_snapshot!(fixture.transcript(&["vet --locked"]));
}

/// A target that only a compiler knows. No compiler is asked, because the checkout can choose it,
/// and the description in the checkout never makes the graph smaller.
#[test]
fn a_target_of_ones_own() {
    let fixture = fixture();
    let write = |path: &str, text: &str| fixture.project.write(path, text);
    let names_beta = |line: &str| fixture.run(line).stdout.contains("beta:1.2.0");
    let honest = "{\"arch\": \"arm\", \"target-pointer-width\": 32, \"max-atomic-width\": 32}";
    let like = "[graph]\ntargets = [{ triple = \"boards/mine.json\", like = \"thumbv7em-none-eabihf\" }]\n\
                hosts = [\"x86_64-unknown-linux-gnu\"]\n";
    let mut transcript = String::new();
    for (settings, specification, counts) in [
        ("[graph]\ntargets = [\"boards/mine.json\"]\n", honest, true),
        (like, honest, false),
        // An attacker turns it into a Windows target.
        (
            like,
            "{\"arch\": \"arm\", \"target-pointer-width\": 32, \"max-atomic-width\": 32, \"target-family\": \"windows\"}",
            true,
        ),
        (like, "no JSON", true),
    ] {
        write("supply-chain/vet.toml", settings);
        write("boards/mine.json", specification);
        assert_eq!(names_beta("vet --locked"), counts, "{settings}{specification}");
        transcript += &format!("{specification}\n{}", fixture.transcript(&["vet --locked"]));
    }
    insta::assert_snapshot!(transcript);
    crate::codes::check("VET0326", &crate::codes::says(&fixture, "vet --locked"));
    // A target that this tool does not know and that is not a file.
    write(
        "supply-chain/vet.toml",
        "[graph]\ntargets = [{ triple = \"riscv128-made-up\", like = \"riscv64gc-unknown-linux-gnu\" }]\n",
    );
    assert!(!names_beta("vet --locked"));
    write("boards/mine.json", honest);
    // On the command line, a path is relative to the current folder, and `like` cannot be given.
    assert!(!names_beta("vet --locked --target x86_64-unknown-linux-gnu"));
    assert!(names_beta("vet --locked --target boards/mine.json"));
    insta::assert_snapshot!(
        "targets_on_the_command_line",
        fixture.transcript(&["vet --locked --target made-up"])
    );
}

/// The default target of this machine does not matter.
#[test]
fn the_machine_makes_no_difference() {
    let fixture = fixture();
    fixture.project.write("supply-chain/vet.toml", LINUX);
    let expected = fixture.transcript(&["vet --locked"]);
    let with_variable = fixture.redacted(crate::run::run(
        fixture.command(".", "vet --locked").env("CARGO_BUILD_TARGET", "x86_64-pc-windows-msvc"),
    ));
    assert_eq!(with_variable.transcript("vet --locked"), expected);
}

/// Build settings of the checkout can make the check examine more, never less.
#[test]
fn the_checkout_does_not_decide_what_is_left_out() {
    let fixture = fixture();
    let project = &fixture.project;
    let config = project.read(".cargo/config.toml");
    let mut transcript = String::new();
    for (settings, path, text) in [
        (LINUX, ".cargo/config.toml", "[build]\ntarget = \"x86_64-pc-windows-msvc\"\n"),
        (
            LINUX,
            ".cargo/config.toml",
            "[build]\ntarget = [\"x86_64-unknown-linux-gnu\", \"boards/other.json\"]\n",
        ),
        (LINUX, "tool/.cargo/config.toml", "[build]\ntarget = \"x86_64-pc-windows-msvc\"\n"),
        (LINUX, ".cargo/config.toml", "[build]\nrustflags = [\"--cfg\", \"windows\"]\n"),
        (
            LINUX,
            ".cargo/config.toml",
            "[target.'cfg(all())']\nrustflags = \"--target x86_64-pc-windows-msvc\"\n",
        ),
        (LINUX, ".cargo/config.toml", "[build]\nrustc-wrapper = \"./wrapper\"\n"),
        (LINUX, "rust-toolchain", "stable-x86_64-pc-windows-msvc\n"),
        (LINUX, "rust-toolchain.toml", "[toolchain]\npath = \"compiler\"\n"),
    ] {
        project.write("supply-chain/vet.toml", settings);
        let before = if path == ".cargo/config.toml" { config.as_str() } else { "" };
        project.write(path, format!("{before}\n{text}"));
        let run = fixture.run("vet --locked");
        assert!(run.stdout.contains("beta:1.2.0"), "{text}{}{}", run.stdout, run.stderr);
        transcript += &format!("{path}: {text}{}\n", run.stderr);
        let code = match text {
            "[build]\ntarget = \"x86_64-pc-windows-msvc\"\n" if path.starts_with(".cargo") => Some("VET0325"),
            "[build]\nrustflags = [\"--cfg\", \"windows\"]\n" => Some("VET0327"),
            _ => None,
        };
        if let Some(code) = code {
            crate::codes::check(code, &crate::codes::says(&fixture, "vet --locked"));
        }
        std::fs::remove_file(project.folder().join(path)).unwrap();
        project.write(".cargo/config.toml", &config);
    }
    insta::assert_snapshot!(transcript);
    // Flags that affect no condition in use are not reported.
    project.write(
        ".cargo/config.toml",
        format!("{config}\n[build]\nrustflags = [\"-C\", \"target-cpu=native\"]\n"),
    );
    let run = fixture.run("vet --locked");
    assert!(
        !run.stdout.contains("beta:1.2.0") && !run.stderr.contains("VET03"),
        "{}{}",
        run.stdout,
        run.stderr
    );
}

/// Conditions that flags decide, and that the settings can declare as never met.
#[test]
fn names_that_are_never_set() {
    let fixture = Fixture::new();
    let project = &fixture.project;
    project
        .store(ALPHA, "", "")
        .package(
            ".",
            "app",
            "[dependencies]\nalpha = \"1\"\n[target.'cfg(loom)'.dependencies]\nbeta = \"1\"\n\
             [target.'cfg(not(debug_assertions))'.dependencies]\ngamma = \"1\"\n",
        )
        .vendor("alpha 1.0.0", "", "src/lib.rs")
        .vendor("beta 1.2.0", "", "src/lib.rs")
        .vendor("gamma 1.0.0", "", "src/lib.rs")
        .lock("app 0.0.7 -> alpha, beta, gamma\n+alpha 1.0.0\n+beta 1.2.0\n+gamma 1.0.0");
    let unset = format!("{LINUX}unset-cfg = [\"loom\"]\n");
    let config = project.read(".cargo/config.toml");
    let mut transcript = String::new();
    for (settings, flags) in [(LINUX, ""), (&unset, ""), (&unset, "build.rustflags = [\"--cfg=loom\"]\n")] {
        project.write("supply-chain/vet.toml", settings);
        project.write(".cargo/config.toml", format!("{flags}{config}"));
        transcript += &format!("{settings}{flags}{}", fixture.transcript(&["vet --locked", "vet settings"]));
    }
    insta::assert_snapshot!(transcript);
}

/// Members exchange their names, so that the settings leave out what `cargo build` builds.
#[test]
fn members_that_exchange_their_names() {
    let fixture = fixture();
    let project = &fixture.project;
    project.write("supply-chain/vet.toml", "[graph]\nexclude-members = [\"tool\"]\n");
    assert!(!fixture.run("vet --locked").stderr.contains("VET0328"));
    let exchange = |path: &str, name: &str| {
        let manifest = project.read(&format!("{path}/Cargo.toml"));
        let other = if name == "app" { "tool" } else { "app" };
        project.write(
            &format!("{path}/Cargo.toml"),
            manifest.replace(&format!("name = \"{name}\""), &format!("name = \"{other}\"")),
        );
    };
    exchange(".", "app");
    exchange("tool", "tool");
    project.lock(
        "app 0.0.7 -> zeta\n+alpha 1.0.0\n+beta 1.2.0 -> gamma\n+delta 1.0.0\n\
         +epsilon 1.0.0\n+gamma 1.0.0\ntool 0.0.7 -> alpha, beta, delta, epsilon\n+zeta 1.0.0",
    );
    insta::assert_snapshot!(fixture.transcript(&["vet --locked", "vet --locked --strict"]));
    crate::codes::check("VET0328", &crate::codes::says(&fixture, "vet --locked"));
}

/// Cargo builds default features, so they count unless the settings turn them off.
#[test]
fn default_features() {
    let fixture = fixture();
    let project = &fixture.project;
    let manifest = project.read("Cargo.toml");
    project.write("Cargo.toml", format!("{manifest}[features]\ndefault = [\"epsilon\"]\n"));
    for (features, counts) in [("", true), ("\"-default\"", false), ("\"-default\", \"default\"", true)] {
        project.write("supply-chain/vet.toml", format!("[graph.features]\napp = [{features}]\n"));
        let run = fixture.run("vet --locked");
        assert_eq!(run.stdout.contains("epsilon:1.0.0"), counts, "{features}: {}", run.stderr);
    }
}
