use std::ffi::OsString;

use clap::FromArgMatches;

use super::*;
use crate::args::{ColorChoice, OutputFormat, Verbosity};
use crate::command_line::{CargoCommand, CommandLine, parser};
use crate::commands::entry::CommandEntry;
use crate::options::Features;

/// The request of a command line, or the first line of its error.
fn request(line: &str) -> Result<Request, String> {
    let environment = Environment {
        cargo: Some("/bin/cargo".into()),
        cargo_home: Some("/home/alice/.cargo".into()),
        cache_dir: "/home/alice/.cache/cargo-vet-rs".into(),
        state_dir: "/home/alice/.local/state/cargo-vet-rs".into(),
        ..Environment::default()
    };
    let clock = "2026-11-23T12:00:00Z".parse().unwrap();
    // `~` stands for a space within an argument.
    let args = line.split_whitespace().map(|arg| OsString::from(arg.replace('~', " ")));
    let args = ["cargo-vet".into(), "vet".into()].into_iter().chain(args);
    parser()
        .try_get_matches_from(args)
        .and_then(|matches| CommandLine::from_arg_matches(&matches))
        .map_err(Refusal::Usage)
        .and_then(|CommandLine { cargo: CargoCommand::Vet(args) }| Request::new(args, environment, clock))
        .map_err(|refusal| match refusal {
            Refusal::Usage(error) => error.to_string().lines().next().unwrap_or_default().to_owned(),
            Refusal::Value(mistake) => format!("{}: {}", mistake.code, mistake.message),
        })
}

fn options(line: &str) -> Options {
    request(line).map(|request| request.options).unwrap()
}

/// A table with each line, and the result of `show` for its request.
fn table(lines: &[&str], show: impl Fn(Request) -> String) -> String {
    let shown = |line: &&str| match request(line) {
        Ok(request) => format!("{line}\n    {}\n", show(request)),
        Err(error) => format!("{line}\n    {error}\n"),
    };
    lines.iter().map(shown).collect()
}

#[test]
fn commands() {
    let lines = [
        "",
        "--locked",
        "check",
        "inspect a 1.0.0",
        "inspect a 1.0.0 --mode crates.io",
        "inspect a 1.0.0 --mode custom_url=https://x/{package}",
        "inspect a 1.0.0 --mode sourcegraph",
        "inspect a 1.0",
        "inspect a 1.0.0@git:0123456789abcdef0123456789abcdef01234567",
        "diff a 1.0.0 1.0.1 --mode local",
        "diff a 1.0.0 1.0.1 --mode crates.io",
        "diff a 1.0.0 1.0.1 --mode custom_url=file:///bin/sh",
        "diff a 1.0.0 1.0.1 --tool meld",
        "diff a 1.0.0 1.0.1 --tool",
        "diff a 1.0.0 1.0.1 --tool --mode local",
        "diff --tool a 1.0.0 1.0.1",
        "status",
        "status a",
        "certify",
        "certify a",
        "certify a 1.0.0 --criteria x,y --criteria z --accept-all",
        "certify a 1.0.0 1.0.1 --no-collapse --who Bob --who= --who Eve --notes n --force",
        "certify a --wildcard github:o/r --start-date 2026-1-5 --end-date 2027-01-05",
        "certify a 1.0.0 --start-date 2026-01-05",
        "certify --end-date 2026-01-05",
        "certify a 1.0.0 --wildcard b",
        "certify --wildcard b",
        "certify a 1.0.0 --no-collapse",
        "certify a --wildcard b --start-date 2026-02-30",
        "import acme",
        "import acme https://a https://b",
        "trust",
        "trust a",
        "trust a b --criteria x --start-date 2026-01-05",
        "trust a --allow-multiple-publishers",
        "trust --all b",
        "trust --all b --allow-multiple-publishers",
        "trust a --all b",
        "regenerate exemptions",
        "regenerate imports",
        "regenerate audit-as-crates-io",
        "regenerate unpublished",
        "add-exemption a 1.0.0",
        "add-exemption a 1.0.0 --criteria x --notes n --no-suggest --force",
        "add-exemption a",
        "record-violation a 1.0",
        "record-violation a <1.0.10,~>=1 --criteria x --who Bob --notes n --force",
        "record-violation a foo",
        "fmt",
        "prune",
        "prune --no-imports --no-exemptions --no-audits",
        "aggregate sources.list",
        "explain-audit a",
        "explain-audit a 1.0.0 x",
        "explain-audit a safe-to-run",
        "dump-graph",
        "dump-graph --depth full",
        "gc",
        "gc --max-package-age-days 0.5",
        "gc --max-package-age-days=-1",
        "gc --max-package-age-days 1e30",
        "gc --max-package-age-days 1 --clean",
        "renew",
        "renew a",
        "renew --expiring",
        "renew --expiring --include-inactive",
        "renew a --include-inactive",
        "renew a --expiring",
        "explain",
        "explain VET0101",
        "completions zsh",
        "man nosuch",
        "help-markdown",
    ];
    insta::assert_snapshot!(table(&lines, |request| request.facts.name.to_owned()));
}

#[test]
fn options_have_defaults() {
    let Request { options, streams, .. } = request("check").map_err(|error| panic!("{error}")).unwrap();
    assert_eq!(options.project.manifest_path, None);
    assert_eq!(options.project.features, Features { all: true, default: true, named: vec![] });
    assert!(options.project.filters.is_empty());
    assert_eq!(options.project.cargo, "/bin/cargo");
    assert!(options.project.cargo_args.is_empty());
    assert_eq!(options.store_path, None);
    assert_eq!(options.network, NetworkAccess::Open);
    assert_eq!((options.dry_run, options.strict), (false, false));
    assert_eq!(options.overrides.targets, None);
    assert_eq!(options.overrides.levels.iter().count(), 0);
    assert_eq!((options.use_git_credentials, options.registry_suggestions), (false, true));
    assert_eq!(options.cache.folder().to_str(), Some("/home/alice/.cache/cargo-vet-rs"));
    assert_eq!(options.cargo_home.as_deref().and_then(|home| home.to_str()), Some("/home/alice/.cargo"));
    assert!(options.shell.is_none());
    assert_eq!(options.inspected, None);
    assert_eq!(options.now.to_rfc3339(), "2026-11-23T12:00:00+00:00");
    assert_eq!((streams.format, streams.verbosity), (OutputFormat::Human, Verbosity::Warn));
    assert_eq!((streams.output_file, streams.log_file), (None, None));
    assert_eq!((streams.quiet, streams.color), (false, ColorChoice::Auto));
}

/// What a command may do follows from its facts, not from a second list.
#[test]
fn flags_are_for_commands_that_have_a_use_for_them() {
    let mut listed = String::new();
    for (entry, name) in every_command() {
        let takes = |flag: &str| {
            let arguments = arguments_of(&name);
            request(&format!("{name} {arguments} {flag}")).is_ok()
        };
        let flags = ["--strict", "--dry-run", "--target=a", "--locked --target=a"].map(takes);
        let shown = flags.map(|takes| if takes { "yes" } else { "no" });
        listed += &format!("{name}: {}\n", shown.join(" "));
        assert_eq!(flags[0], entry.facts.strict, "{name}");
    }
    insta::assert_snapshot!(listed);
}

/// The commands that do something, with their full names.
fn every_command() -> Vec<(&'static CommandEntry, String)> {
    let mut all = Vec::new();
    for entry in ALL {
        let below =
            entry.below.iter().map(|below| (below, format!("{} {}", entry.facts.name, below.facts.name)));
        all.extend(below);
        if entry.below.is_empty() {
            all.push((entry, entry.facts.name.to_owned()));
        }
    }
    all
}

/// The arguments that a command requires.
fn arguments_of(name: &str) -> &'static str {
    match name {
        "inspect" | "add-exemption" | "record-violation" => "a 1.0.0",
        "diff" => "a 1.0.0 1.0.1",
        "import" | "trust" | "renew" | "explain-audit" => "a",
        "aggregate" => "sources.list",
        "completions" => "bash",
        _ => "",
    }
}

#[test]
fn options_stand_on_both_sides_of_the_name() {
    let lines = [
        "--locked check --frozen",
        "check --frozen",
        "--frozen",
        "--frozen --locked",
        "regenerate --locked exemptions",
        "--locked regenerate --frozen exemptions --locked",
        "--locked --locked check",
        "check --no-all-features --no-all-features",
        "--store-path a check --store-path b",
        "regenerate --store-path a exemptions --store-path a",
        "--verbose info check --verbose debug",
        "--filter-graph include(name(a)) check --filter-graph include(name(b))",
        "--filter-graph include(name(a)) --filter-graph include(name(b)) check",
        "--filter-graph include(name(a)) check --filter-graph b",
    ];
    let show = |Request { options, .. }: Request| {
        format!("{:?} {:?} {:?}", options.network, options.store_path, options.project.filters)
    };
    let table = table(&lines, show);
    insta::assert_snapshot!(table);
}

#[test]
fn filters_are_read_closely() {
    let cases = [
        ("--filter-graph exclude(any(is_dev_only(true),~name(b)))", None),
        ("--filter-graph=", Some("VET0307: a filter begins with `include(` or `exclude(`")),
        ("dump-graph --filter-graph exclude(eq(name(a)))", Some("VET0307: `eq` is not a query")),
        (
            "--filter-graph include(foo) check --filter-graph include(bar)",
            Some("VET0307: `foo` is not a query"),
        ),
        (
            "--filter-graph foo --store-path a check --store-path b",
            Some("error: the argument '--store-path <STORE_PATH>' cannot be used multiple times"),
        ),
    ];
    for (line, expected) in cases {
        assert_eq!(request(line).err().as_deref(), expected, "{line}");
    }
}

/// The example in the help is valid.
#[test]
fn the_filter_in_the_help_can_be_read() {
    let definition = definition();
    let vet = definition.find_subcommand("vet").unwrap();
    let option = vet.get_arguments().find(|arg| arg.get_id() == "filter_graph").unwrap();
    let help = option.get_long_help().unwrap().to_string();
    let (_, example) = help.split_once("--filter-graph '").unwrap();
    let (example, _) = example.split_once('\'').unwrap();
    assert!(filters::read(&[example.to_owned()]).is_ok(), "{example}");
}

#[test]
fn features_are_separated_by_blanks_and_commas() {
    let cases = [
        ("", &[][..]),
        ("--features a", &["a"]),
        ("--features a~b,c --features d", &["a", "b", "c", "d"]),
        ("--features , --features ~", &[]),
        ("--features dep/feature", &["dep/feature"]),
    ];
    for (line, expected) in cases {
        assert_eq!(options(line).project.features.named, expected, "{line}");
    }
    let features = options("--no-all-features --no-default-features").project.features;
    assert_eq!(features, Features { all: false, default: false, named: vec![] });
}

#[test]
fn the_present_has_a_time_and_a_zone() {
    let cases = [
        ("--current-time 2026-01-31T23:30:00Z", "2026-01-31"),
        ("--current-time 2026-01-31~23:30:00Z", "2026-01-31"),
        ("--current-time 2026-01-31T23:30:00-01:00", "2026-02-01"),
        ("", "2026-11-23"),
    ];
    for (line, expected) in cases {
        assert_eq!(options(line).today().to_string(), expected, "{line}");
    }
    for line in ["--current-time 2026-01-31", "--current-time 2026-01-31T23:30:00", "--current-time now"] {
        assert!(request(line).is_err(), "{line}");
    }
}

#[test]
fn empty_values_are_refused_for_paths_only() {
    for line in ["--manifest-path=", "--store-path=", "--output-file=", "--cache-dir="] {
        assert!(request(line).is_err(), "{line}");
    }
    for line in ["--features=", "certify --who=", "certify --notes="] {
        assert!(request(line).is_ok(), "{line}");
    }
}

#[test]
fn targets_are_for_commands_that_write_nothing() {
    let lines = [
        "--target a --locked",
        "--target a check --target b --locked --frozen",
        "check --target a",
        "--target a",
        "suggest --target a --target a",
        "status --target all",
        "settings --target all --target a",
        "explain-audit x --target a",
        "dump-graph --target a",
        "prune --target a --locked",
        "inspect a 1.0.0 --target a",
        "gc --target a",
        "explain --target a",
    ];
    insta::assert_snapshot!(table(&lines, |request| format!("{:?}", request.options.overrides.targets)));
}

#[test]
fn levels() {
    let lines = [
        "",
        "--allow VET0803 fmt --deny 804 --warn vet0310 --deny 804",
        "--allow VET0803 --deny VET0803",
        "fmt --allow VET9999",
        "fmt --deny VET0102",
        "explain --warn VET0803",
    ];
    insta::assert_snapshot!(table(&lines, |request| {
        let levels = request.options.overrides.levels;
        let shown = levels.iter().map(|(code, level)| format!("{} {code}", level.value.name()));
        shown.collect::<Vec<_>>().join(", ")
    }));
}
