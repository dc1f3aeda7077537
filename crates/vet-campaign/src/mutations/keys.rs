//! Mutations of single keys and tables of manifests.

use super::{Mutation, Reading, Subject, declared};
use crate::random::Random;

pub(super) const CATALOG: &[(&str, Mutation)] = &[
    ("key of a package", of_package),
    ("key of a package", of_package),
    ("key of a dependency", of_dependency),
    ("key of a dependency", of_dependency),
    ("entry of a feature", of_feature),
    ("entry of a feature", of_feature),
    ("table of a manifest", table),
    ("table of the workspace", of_workspace),
    ("odd condition", odd_condition),
    ("huge file", huge),
];

/// Files that a line of a manifest needs, with their content.
type Files = &'static [(&'static str, &'static str)];

/// Lines for `[package]`.
const OF_PACKAGE: &[(&str, &str, Files)] = &[
    ("edition 2015", "edition = \"2015\"", &[]),
    ("edition 2018", "edition = \"2018\"", &[]),
    ("edition 2024", "edition = \"2024\"", &[]),
    ("future edition", "edition = \"2027\"", &[]),
    ("inherited edition", "edition.workspace = true", &[]),
    ("build script", "build = \"x.rs\"", &[("x.rs", "fn main() { println!(\"x\"); }\n")]),
    ("build script by default", "build = true", &[("build.rs", "fn main() {}\n")]),
    ("build script that is the library", "build = \"src/lib.rs\"", &[]),
    ("build script outside", "build = \"../build.rs\"", &[]),
    ("old edition", "edition = \"1999\"", &[]),
    ("edition that is a number", "edition = 2021", &[]),
    ("edition with a blank", "edition = \"2021 \"", &[]),
    ("rust-version of old", "rust-version = \"1.0\"", &[]),
    ("rust-version inherited", "rust-version.workspace = true", &[]),
    ("rust-version that is none", "rust-version = \"new\"", &[]),
    ("unknown resolver", "resolver = \"4\"", &[]),
    ("metabuild", "metabuild = [\"x\"]", &[]),
    ("autolib", "autolib = false", &[]),
    ("workspace", "workspace = \".\"", &[]),
    ("build script that is missing", "build = \"nowhere.rs\"", &[]),
    (
        "several build scripts",
        "build = [\"x.rs\", \"y.rs\"]",
        &[("x.rs", "fn main() {}\n"), ("y.rs", "fn main() {}\n")],
    ),
    ("no build script", "build = false", &[]),
    ("links", "links = \"foo\"", &[("build.rs", "fn main() {}\n")]),
    ("rust-version", "rust-version = \"1.99\"", &[]),
    ("resolver", "resolver = \"1\"", &[]),
    ("resolver of a member", "resolver = \"3\"", &[]),
    ("default-run", "default-run = \"extra\"", &[]),
    ("publish", "publish = [\"alt\"]", &[]),
    ("autobins", "autobins = false", &[]),
    ("autotests", "autotests = false", &[]),
    ("forced target", "forced-target = \"x86_64-pc-windows-msvc\"", &[]),
    ("default target", "default-target = \"x86_64-pc-windows-msvc\"", &[]),
    ("im-a-teapot", "im-a-teapot = true", &[]),
    ("include", "include = [\"nothing\"]", &[]),
    ("metadata of the tool", "metadata.vet = { note = \"x\" }", &[]),
    ("metadata of the tool, list", "metadata.vet = [1]", &[]),
    ("unknown", "unknown-key = 1", &[]),
    ("license inherited", "license = { workspace = true }", &[]),
];

fn of_package(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let path = subject.member(random);
    let (variant, line, files) = *random.pick(OF_PACKAGE);
    let key = line.split([' ', '.']).next()?;
    let text = subject.text(&path)?;
    let start = text.find("[package]")?;
    let end = text[start..].find("\n[").map_or(text.len(), |end| start + end + 1);
    let (head, rest) = text.split_at(end);
    let kept: String = head
        .lines()
        .filter(|one| one.split([' ', '.']).next() != Some(key))
        .map(|one| format!("{one}\n"))
        .collect();
    subject
        .put(&path, &format!("{}{rest}", kept.replacen("[package]\n", &format!("[package]\n{line}\n"), 1)));
    let folder = path.trim_end_matches("Cargo.toml").to_owned();
    for (file, text) in files {
        subject.put(&format!("{folder}{file}"), text);
    }
    Some(variant.to_owned())
}

/// Parts of an inline table. They replace a part with the same key.
const OF_DEPENDENCY: &[&str] = &[
    "default-features = false",
    "default-features = true",
    "default_features = false",
    "features = []",
    "features = [\"default\"]",
    "features = [\"std\", \"extra\", \"unknown\"]",
    "optional = true",
    "optional = false",
    "optional = \"true\"",
    "public = true",
    "artifact = \"bin\"",
    "artifact = [\"bin\"], lib = true",
    "target = \"x86_64-pc-windows-msvc\"",
    "workspace = true",
    "branch = \"main\"",
    "tag = \"v1\"",
    "rev = \"0000000000000000000000000000000000000000\"",
    "path = \"nowhere\"",
    "git = \"https://git.test/x\"",
    "base = \"x\", path = \"x\"",
    "registry = \"crates-io\"",
    "unknown = 1",
    "lib = true",
    "artifact = \"cdylib\", lib = true, target = \"target\"",
    "artifact = \"staticlib\"",
    "links = \"x\"",
    "rev = \"main\", branch = \"main\"",
    "registry-index = \"https://github.com/rust-lang/crates.io-index\", registry = \"alt\"",
    "package = \"acorn\"",
];

fn of_dependency(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let (path, line) = declared(subject, random, "")?;
    let part = *random.pick(OF_DEPENDENCY);
    let key = part.split(' ').next()?;
    let (name, inner) = line.split_once(" = { ")?;
    let inner = inner.strip_suffix(" }")?;
    // Lists are not split.
    let mut kept: Vec<String> = Vec::new();
    for piece in inner.split(", ") {
        match kept.last_mut().filter(|last| last.contains('[') && !last.contains(']')) {
            Some(last) => *last += &format!(", {piece}"),
            None => kept.push(piece.to_owned()),
        }
    }
    kept.retain(|piece| piece.split(' ').next() != Some(key));
    kept.push(part.to_owned());
    subject.replace(&path, &line, &format!("{name} = {{ {} }}", kept.join(", ")))?;
    subject.relock = random.chance(30);
    Some(part.to_owned())
}

/// Values of a feature, with `KEY` for the key of a dependency.
const OF_FEATURE: &[&str] = &[
    "dep:KEY",
    "KEY",
    "KEY/std",
    "KEY?/std",
    "KEY/extra",
    "KEY?/extra",
    "KEY/default",
    "dep:KEY/std",
    "dep:dep:KEY",
    "KEY/",
    "default",
    "extra",
    "nothing",
    "KEY/std/extra",
];

fn of_feature(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let path = subject.member(random);
    let text = subject.text(&path)?;
    let keys: Vec<&str> = text
        .lines()
        .filter_map(|line| Some(line.split_once(" = { ")?.0))
        .filter(|key| !key.contains(' '))
        .collect();
    let entry = *random.pick(OF_FEATURE);
    let feature = *random.pick(&["default", "std", "extra", "new"]);
    let key = *random.maybe(&keys)?;
    let value = entry.replace("KEY", key);
    let start = format!("\n{feature} = [");
    match text.contains(&start) {
        true => {
            let changed = text.replacen(&start, &format!("{start}\"{value}\", "), 1);
            subject.put(&path, &changed);
        }
        false => subject.add(&path, "features", &format!("{feature} = [\"{value}\"]"))?,
    }
    subject.relock = random.chance(40);
    let feature = if feature == "new" { "a new feature" } else { feature };
    Some(format!("{entry} in {feature}"))
}

/// Tables that a manifest may have.
const TABLES: &[(&str, &str)] = &[
    ("lints", "[lints.rust]\nunsafe_code = \"forbid\"\n"),
    (
        "lints, unexpected cfg",
        "[lints.rust]\nunexpected_cfgs = { level = \"warn\", check-cfg = ['cfg(foo)'] }\n",
    ),
    ("lints inherited", "[lints]\nworkspace = true\n"),
    ("profile", "[profile.dev]\ndebug-assertions = false\npanic = \"abort\"\n"),
    ("profile of a package", "[profile.dev.package.\"*\"]\nopt-level = 3\n"),
    ("profile of the build", "[profile.release.build-override]\ndebug-assertions = true\n"),
    ("profile by another name", "[profile.mine]\ninherits = \"release\"\n"),
    ("profile with flags", "[profile.dev]\nrustflags = [\"--cfg\", \"foo\"]\n"),
    ("library as a macro", "[lib]\nproc-macro = true\n"),
    ("library that is no macro", "[lib]\nproc-macro = false\n"),
    ("library as another type", "[lib]\ncrate-type = [\"cdylib\", \"rlib\"]\n"),
    ("library only for C", "[lib]\ncrate-type = [\"staticlib\"]\n"),
    ("library with another name", "[lib]\nname = \"another_name\"\n"),
    ("library elsewhere", "[lib]\npath = \"src/lib.rs\"\n"),
    (
        "program that needs a feature",
        "[[bin]]\nname = \"extra\"\npath = \"src/lib.rs\"\nrequired-features = [\"extra\"]\n",
    ),
    ("example", "[[example]]\nname = \"e\"\npath = \"src/lib.rs\"\ncrate-type = [\"lib\"]\n"),
    ("benchmark", "[[bench]]\nname = \"b\"\npath = \"src/lib.rs\"\nharness = false\n"),
    ("badges", "[badges]\nmaintenance = { status = \"none\" }\n"),
    ("metadata of the tool", "[package.metadata.vet]\nstore = { path = \"supply-chain\" }\n"),
    ("metadata of the tool, not a path", "[package.metadata.vet]\nstore = \"forged\"\n"),
    ("metadata of another tool", "[package.metadata.docs.rs]\nall-features = true\n"),
    ("hints", "[hints]\nmostly-unused = true\n"),
    ("target without a condition", "[target]\n"),
    ("empty dependencies", "[dev_dependencies]\n"),
    ("dependencies under project", "[project]\nname = \"x\"\n"),
];

fn table(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let path = subject.member(random);
    let (variant, text) = *random.pick(TABLES);
    let header = text.lines().next()?;
    if subject.text(&path)?.contains(&format!("\n{header}\n")) {
        return None;
    }
    subject.append(&path, &format!("\n{text}"));
    Some(variant.to_owned())
}

const OF_WORKSPACE: &[(&str, &str)] = &[
    ("package", "[workspace.package]\nedition = \"2021\"\nversion = \"9.9.9\"\n"),
    ("lints", "[workspace.lints.rust]\nunsafe_code = \"forbid\"\n"),
    ("metadata", "[workspace.metadata.vet]\nstore = { path = \"supply-chain\" }\n"),
    ("metadata, other keys", "[workspace.metadata.vet]\nexempt = true\n"),
    ("features of cargo", "[workspace.metadata]\nx = 1\n"),
];

fn of_workspace(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    if random.chance(40) {
        let (variant, line) = *random.pick(&[
            ("exclude of nothing", "exclude = [\"nothing\"]"),
            ("exclude of everything", "exclude = [\"members\"]"),
            ("exclude of a pattern", "exclude = [\"members/*\"]"),
            ("exclude of itself", "exclude = [\".\"]"),
            ("default members", "default-members = [\".\"]"),
            ("no default members", "default-members = []"),
            ("unknown key", "unknown = 1"),
        ]);
        subject.replace("Cargo.toml", "[workspace]\n", &format!("[workspace]\n{line}\n"))?;
        return Some(variant.to_owned());
    }
    let (variant, text) = *random.pick(OF_WORKSPACE);
    let manifest = subject.text("Cargo.toml")?;
    if manifest.contains(text.lines().next()?) {
        return None;
    }
    subject.append("Cargo.toml", &format!("\n{text}"));
    Some(variant.to_owned())
}

/// Conditions for tables that are rare, invalid, or never hold. Some hold for other versions of
/// cargo or of the compiler: these have a condition that holds for each version.
pub(super) const CONDITIONS: &[(&str, Option<&str>)] = &[
    ("'cfg(all())'", None),
    ("'cfg(not(any()))'", None),
    ("'cfg(true)'", None),
    ("'cfg(false)'", None),
    ("'cfg(not(true))'", ALWAYS),
    ("'cfg(not(false))'", None),
    ("'cfg(all(unix, not(true)))'", Some("'cfg(unix)'")),
    ("'cfg(any(not(true), windows))'", ALWAYS),
    ("'cfg(not(all(true, unix)))'", ALWAYS),
    ("'cfg(True)'", None),
    ("'cfg( unix )'", None),
    ("'cfg(\tunix\t)'", None),
    ("'cfg (unix)'", None),
    ("' cfg(unix)'", None),
    ("'cfg(unix) '", None),
    ("'CFG(unix)'", None),
    ("'cfg(UNIX)'", None),
    ("'cfg(not(UNIX))'", None),
    ("'cfg(Unix = \"\")'", None),
    ("'cfg(unix = \"\")'", None),
    ("'cfg(target_os=\"linux\")'", None),
    ("'cfg(target_os = \"Linux\")'", None),
    ("'cfg(not(target_os = \"Linux\"))'", None),
    ("'cfg(target_os = \"linux \")'", None),
    ("\"cfg(target_os = \\\"linux\\\")\"", None),
    ("\"cfg(unix)\"", None),
    ("\"cfg(\\u0075nix)\"", None),
    ("'cfg(not(not(unix)))'", None),
    ("'cfg(not(not(not(windows))))'", None),
    ("'cfg(not(all(not(unix), any(windows, not(windows)))))'", None),
    ("'cfg(any(all(), unix,))'", None),
    ("'cfg(all(any(), unix))'", None),
    ("'cfg(not())'", None),
    ("'cfg(not(unix, windows))'", None),
    ("'cfg(unix, windows)'", None),
    ("'cfg()'", None),
    ("'cfg(all)'", None),
    ("'cfg(not)'", None),
    ("'cfg(any = \"x\")'", None),
    ("'cfg(none(windows))'", None),
    ("'cfg(r#unix)'", None),
    ("'cfg(not(r#windows))'", None),
    ("'cfg(feature = \"std\")'", None),
    ("'cfg(not(feature = \"std\"))'", None),
    ("'cfg(r#true)'", None),
    ("'cfg(not(r#true))'", None),
    ("'cfg(version(\"1.0\"))'", None),
    ("'cfg(target(os = \"linux\"))'", None),
    ("'cfg(accessible(std))'", None),
    ("'cfg(unix,)'", None),
    ("'cfg(unix'", None),
    ("'cfg'", None),
    ("'*'", None),
    ("x86_64-unknown-linux-gnu", None),
    ("X86_64-unknown-linux-gnu", None),
    ("x86_64-unknown-linux", None),
    ("\"x86_64-unknown-linux-gnu.json\"", None),
    ("\"x86_64-unknown-linux-gnu \"", None),
    ("'my target'", None),
    ("''", None),
    ("'cfg(all(unix, not(unix)))'", None),
    ("'cfg(target_has_atomic = \"64\")'", None),
    ("'cfg(target_has_atomic)'", ALWAYS),
    ("'cfg(all(unix, target_has_atomic))'", Some("'cfg(unix)'")),
    ("'cfg(any(target_has_atomic, windows))'", ALWAYS),
    ("'cfg(target_has_atomic_load_store)'", ALWAYS),
    ("'cfg(target_has_atomic_equal_alignment = \"64\")'", ALWAYS),
    ("'cfg(target_has_reliable_f16)'", ALWAYS),
    ("'cfg(target_thread_local)'", ALWAYS),
    ("'cfg(ub_checks)'", ALWAYS),
    ("'cfg(overflow_checks)'", ALWAYS),
    ("'cfg(relocation_model = \"pic\")'", ALWAYS),
    ("'cfg(target_pointer_width = \"64\")'", None),
    ("'cfg(target_env)'", None),
    ("'cfg(not(target_os))'", None),
    ("'cfg(target_abi = \"\")'", None),
    ("'cfg(unknown_name)'", None),
    ("'cfg(not(unknown_name = \"x\"))'", None),
    ("'cfg(proc_macro)'", None),
    ("'cfg(test)'", None),
    ("'cfg(not(test))'", None),
    ("'cfg(doc)'", None),
];

/// A condition that holds.
const ALWAYS: Option<&str> = Some("'cfg(all())'");

fn odd_condition(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let path = subject.member(random);
    let (condition, other) = *random.pick(CONDITIONS);
    let text = subject.text(&path)?;
    let kinds = ["[dependencies]", "[build-dependencies]", "[dev-dependencies]"];
    let with: Vec<&str> = kinds.into_iter().filter(|kind| text.contains(&format!("\n{kind}\n"))).collect();
    let kind = random.maybe(&with)?;
    let table = kind.trim_matches(['[', ']']);
    subject.replace(&path, &format!("\n{kind}\n"), &format!("\n[target.{condition}.{table}]\n"))?;
    if let Some(other) = other {
        subject.readings.push(Reading::new(&path, condition, other));
    }
    Some(condition.to_owned())
}

/// Adds text without meaning that exceeds the size limit.
fn huge(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let manifest = subject.member(random);
    let paths = ["Cargo.lock", "Cargo.toml", &manifest, subject.config];
    let path = (*random.pick(&paths)).to_owned();
    let text = subject.text(&path).unwrap_or_default();
    let size = if random.chance(15) { 65 << 20 } else { 17 << 20 };
    let (variant, changed) = match random.below(3) {
        0 => ("comment before", format!("# {}\n{text}", "x".repeat(size))),
        1 => ("comment after", format!("{text}\n# {}\n", "x".repeat(size))),
        _ => ("blank lines before", format!("{}{text}", "\n".repeat(size))),
    };
    subject.put(&path, &changed);
    let what = if path == manifest { "manifest" } else { path.rsplit('/').next()? };
    Some(format!("{variant}, {what}"))
}
