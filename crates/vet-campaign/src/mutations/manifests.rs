//! Mutations of the manifests of a checkout.

use super::{Mutation, Subject, declared};
use crate::graph::Node;
use crate::lock::Locked;
use crate::random::Random;
use crate::registry::TARGETS;

pub(super) const CATALOG: &[(&str, Mutation)] = &[
    ("new dependency", new_dependency),
    ("new dependency", new_dependency),
    ("features on", features_on),
    ("features on", features_on),
    ("optional off", optional_off),
    ("kind of a dependency", kind),
    ("condition of a dependency", condition),
    ("registry of a dependency", registry_key),
    ("requirement", requirement),
    ("decoy patch", decoy_patch),
    ("decoy patch", decoy_patch),
    ("patch of another source", patch_elsewhere),
    ("patch with git", patch_with_git),
    ("patch in manifest and configuration", patch_in_both),
    ("replace table", replace_table),
    ("no library", no_library),
    ("other workspace", other_workspace),
    ("other store", other_store),
    ("members exchanged", members_exchanged),
    ("member left out", member_left_out),
    ("resolver", resolver),
    ("path dependency", path_dependency),
    ("dependency in place of a crate", in_place_of_a_crate),
    ("renamed dependency", renamed),
    ("odd manifest", odd),
    ("lock file updated", relock),
    ("lock file updated", relock),
    ("lock file updated", relock),
];

fn relock(subject: &mut Subject<'_>, _: &mut Random) -> Option<String> {
    subject.relock = true;
    Some("by cargo".to_owned())
}

/// Adds a dependency on a published version, with or without the matching change of the lock file.
fn new_dependency(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let release = random.pick(&subject.universe.crates_io.releases).package.clone();
    let path = subject.member(random);
    let is_taken = subject.text(&path)?.contains(&format!("\n{} = ", release.name));
    let checksum = subject.universe.crates_io.find(&release.name, &release.version)?.checksum.clone();
    if is_taken {
        return None;
    }
    let plain = release.version.split('+').next().unwrap_or_default().to_owned();
    let table = *random.pick(&[
        "dependencies",
        "dependencies",
        "build-dependencies",
        "dev-dependencies",
        "target.'cfg(unix)'.dependencies",
    ]);
    let optional = if table == "dependencies" && random.chance(20) { ", optional = true" } else { "" };
    subject.add(&path, table, &format!("{} = {{ version = \"={plain}\"{optional} }}", release.name))?;
    let member = name_of_manifest(&subject.text(&path)?);
    let variant = *random.pick(&["lock stale", "locked", "locked without edge", "locked without package"]);
    if variant == "lock stale" {
        return Some(format!("{variant}, {table}"));
    }
    subject.lock(|lock| {
        if lock.meant(&release.name).is_none() && variant != "locked without package" {
            lock.packages.push(Locked {
                name: release.name.clone(),
                version: release.version.clone(),
                source: Some((*vet_testing::CRATES_IO).to_owned()),
                checksum: Some(checksum),
                ..Locked::default()
            });
        }
        let member = lock.packages.iter_mut().find(|one| one.name == member && one.source.is_none())?;
        if variant != "locked without edge" {
            member.dependencies.push(release.name.clone());
        }
        Some(format!("{variant}, {table}"))
    })
}

fn name_of_manifest(text: &str) -> String {
    let line = text.lines().find_map(|line| line.strip_prefix("name = \""));
    line.unwrap_or_default().trim_end_matches('"').to_owned()
}

fn features_on(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    match random.below(4) {
        0 => {
            let (path, line) = declared(subject, random, "version = ")?;
            let changed = match line.contains("features = [") {
                true => line.replace("features = [", "features = [\"extra\", \"std\", "),
                false => line.replace(" }", ", features = [\"extra\", \"std\"] }"),
            };
            subject.replace(&path, &line, &changed)?;
            Some("of a dependency".to_owned())
        }
        1 => {
            let (path, line) = declared(subject, random, "default-features = false")?;
            subject.replace(&path, &line, &line.replace(", default-features = false", ""))?;
            Some("default of a dependency".to_owned())
        }
        2 => {
            let path = subject.member(random);
            subject.replace(&path, "\ndefault = [", "\ndefault = [\"extra\", ")?;
            Some("default of a member".to_owned())
        }
        _ => {
            let path = subject.member(random);
            let text = subject.text(&path)?;
            let key = text.lines().find_map(|line| Some(line.split_once(" = { ")?.0.to_owned()))?;
            subject.replace(&path, "\nextra = [", &format!("\nextra = [\"{key}/extra\", "))?;
            Some("of a member".to_owned())
        }
    }
}

fn optional_off(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let (path, line) = declared(subject, random, "optional = true")?;
    let key = line.split(' ').next()?.to_owned();
    subject.replace(&path, &line, &line.replace(", optional = true", ""))?;
    if let Some(text) = subject.text(&path) {
        let without = text.replace(&format!("\"dep:{key}\""), "");
        subject.put(&path, &without.replace("[, ", "[").replace(", , ", ", ").replace(", ]", "]"));
    }
    Some("of a dependency".to_owned())
}

fn kind(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let path = subject.member(random);
    let changes = [
        ("[dev-dependencies]", "[build-dependencies]"),
        ("[dependencies]", "[dev-dependencies]"),
        ("[dev-dependencies]", "[dependencies]"),
        ("[build-dependencies]", "[dev-dependencies]"),
        ("[dependencies]", "[build-dependencies]"),
    ];
    let (from, to) = random.pick(&changes);
    subject.replace(&path, from, to)?;
    Some(format!("{from} to {to}"))
}

fn condition(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let path = subject.member(random);
    let text = subject.text(&path)?;
    let target = random.pick(TARGETS);
    let old = text.lines().find_map(|line| line.strip_prefix("[target.'")?.split('\'').next());
    match old {
        Some(old) => subject.replace(&path, &format!("'{old}'"), &format!("'{target}'"))?,
        None => subject.replace(&path, "\n[dependencies]", &format!("\n[target.'{target}'.dependencies]"))?,
    }
    Some(format!("to {target}"))
}

fn registry_key(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let (path, line) = declared(subject, random, "version = ")?;
    let variants = [
        ("alt", "registry = \"alt\"".to_owned()),
        ("crates-io", "registry = \"crates-io\"".to_owned()),
        ("index of alt", "registry-index = \"sparse+https://alt.test/index/\"".to_owned()),
        (
            "index of crates.io",
            format!("registry-index = \"{}\"", vet_testing::CRATES_IO.replace("registry+", "")),
        ),
        ("unknown", "registry = \"unknown\"".to_owned()),
    ];
    let (variant, key) = random.pick(&variants);
    subject.replace(&path, &line, &line.replace(" }", &format!(", {key} }}")))?;
    Some((*variant).to_owned())
}

fn requirement(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let (path, line) = declared(subject, random, "version = ")?;
    let start = line.find("version = \"")? + "version = \"".len();
    let end = start + line[start..].find('"')?;
    let new = *random.pick(&["*", "1", "0.1", ">=0", "=9.9.9", "3.0.0-rc.1", ""]);
    subject.replace(&path, &line, &format!("{}{new}{}", &line[..start], &line[end..]))?;
    Some(format!("to `{new}`"))
}

fn decoy(subject: &mut Subject<'_>, random: &mut Random, node: &Node, other: bool) -> String {
    let folder = format!("decoys/{}", node.name);
    let version = if other { "9.9.9" } else { &node.version };
    let rest = *random.pick(&[
        "autolib = false\n",
        "",
        "[lib]\npath = \"nowhere.rs\"\n",
        "autolib = false\n[[bin]]\nname = \"x\"\npath = \"src/main.rs\"\n",
    ]);
    let workspace = if random.chance(50) { "[workspace]\n" } else { "" };
    let text = format!(
        "[package]\nname = \"{}\"\nversion = \"{version}\"\nedition = \"2021\"\n{rest}{workspace}",
        node.name
    );
    subject.put(&format!("{folder}/Cargo.toml"), &text);
    subject.put(&format!("{folder}/src/lib.rs"), "");
    subject.put(&format!("{folder}/src/main.rs"), "fn main() {}\n");
    folder
}

fn decoy_patch(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let local: Vec<Node> =
        subject.base.graph.nodes.iter().filter(|node| node.source.is_none()).cloned().collect();
    let of_local = random.chance(40);
    let node = if of_local { random.maybe(&local)?.clone() } else { subject.victim(random)? };
    let other = random.chance(20);
    let folder = decoy(subject, random, &node, other);
    let line = match random.chance(20) {
        true => format!("x = {{ package = \"{}\", path = \"{folder}\" }}", node.name),
        false => format!("{} = {{ path = \"{folder}\" }}", node.name),
    };
    subject.add("Cargo.toml", "patch.crates-io", &line)?;
    let variant = format!(
        "of a {} package{}",
        if of_local { "local" } else { "published" },
        if other { ", other version" } else { "" }
    );
    if !of_local && random.chance(40) {
        subject.lock(|lock| {
            let locked =
                lock.packages.iter_mut().find(|one| one.name == node.name && one.version == node.version)?;
            locked.source = None;
            locked.checksum = None;
            Some(String::new())
        })?;
        return Some(format!("{variant}, locked"));
    }
    Some(variant)
}

fn patch_elsewhere(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let node = subject.victim(random)?;
    let folder = decoy(subject, random, &node, false);
    let repository = random.pick(&subject.universe.repositories).url.clone();
    let variants = [
        ("another registry", "patch.alt".to_owned()),
        ("unknown", "patch.\"https://elsewhere.test/index\"".to_owned()),
        ("git", format!("patch.\"{repository}\"")),
        ("crates.io by URL", format!("patch.\"{}\"", vet_testing::CRATES_IO.replace("registry+", ""))),
        (
            "crates.io by URL with a slash",
            format!("patch.\"{}/\"", vet_testing::CRATES_IO.replace("registry+", "")),
        ),
    ];
    let (variant, table) = random.pick(&variants);
    subject.add("Cargo.toml", table, &format!("{} = {{ path = \"{folder}\" }}", node.name))?;
    if random.chance(50) {
        subject.lock(|lock| {
            let locked =
                lock.packages.iter_mut().find(|one| one.name == node.name && one.version == node.version)?;
            locked.source = None;
            locked.checksum = None;
            locked.dependencies.clear();
            Some(String::new())
        })?;
    }
    Some((*variant).to_owned())
}

fn patch_in_both(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let node = subject.victim(random)?;
    let folder = decoy(subject, random, &node, false);
    subject.put("overrides/other/Cargo.toml", &subject.text(&format!("{folder}/Cargo.toml"))?);
    subject.put("overrides/other/src/lib.rs", "");
    let (name, crates_io) = (&node.name, vet_testing::CRATES_IO.replace("registry+", ""));
    let spellings = ["crates-io", &format!("\"{crates_io}\""), &format!("\"{crates_io}/\"")];
    let (first, second) = (*random.pick(&spellings), *random.pick(&spellings));
    let key = if random.chance(50) { name.clone() } else { "another".to_owned() };
    subject.add("Cargo.toml", &format!("patch.{first}"), &format!("{name} = {{ path = \"{folder}\" }}"))?;
    let line = format!("{key} = {{ package = \"{name}\", path = \"overrides/other\" }}");
    let variant = match random.chance(70) {
        true => {
            subject.configure(&format!("\n[patch.{second}]\n{line}\n"));
            "in both"
        }
        false => {
            subject.add("Cargo.toml", &format!("patch.{second}"), &line)?;
            "twice in the manifest"
        }
    };
    subject.relock = random.chance(60);
    Some(format!("{variant}, {}", if subject.relock { "locked" } else { "lock stale" }))
}

fn patch_with_git(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let repository = random.pick(&subject.universe.repositories).clone();
    let commit = random.pick(&repository.commits).clone();
    let (_, package) = random.pick(&commit.packages).clone();
    let line =
        format!("{} = {{ git = \"{}\", rev = \"{}\" }}", package.name, repository.url, commit.revision);
    subject.add("Cargo.toml", "patch.crates-io", &line)?;
    subject.relock = random.chance(50);
    Some(if subject.relock { "locked" } else { "lock stale" }.to_owned())
}

fn replace_table(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let node = subject.victim(random)?;
    let folder = decoy(subject, random, &node, false);
    let Node { name, version, .. } = &node;
    let (variant, key) = random
        .pick(&[
            ("plain", format!("{name}:{version}")),
            ("plain", format!("{name}@{version}")),
            ("by address", format!("https://github.com/rust-lang/crates.io-index#{name}:{version}")),
            (
                "by an odd address",
                format!("https://github.com:443/rust-lang/crates.io-index#{name}:{version}"),
            ),
            ("of another registry", format!("https://attacker.test/index#{name}:{version}")),
            ("without a version", name.clone()),
            ("another version", format!("{name}:9.9.9")),
            ("odd version", format!("{name}: {version}")),
            ("metadata of the build", format!("{name}:{}+x", version.split('+').next()?)),
        ])
        .clone();
    let rest =
        *random.pick(&["", "", "", ", package = \"x\"", ", version = \"*\"", ", features = [\"std\"]"]);
    subject.add("Cargo.toml", "replace", &format!("\"{key}\" = {{ path = \"{folder}\"{rest} }}"))?;
    subject.relock = random.chance(50);
    Some(format!("{variant}{rest}, {}", if subject.relock { "locked" } else { "lock stale" }))
}

fn no_library(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let paths: Vec<String> = subject
        .tree
        .keys()
        .filter(|path| path.ends_with("Cargo.toml") && !path.starts_with("vendor/"))
        .cloned()
        .collect();
    let path = random.maybe(&paths)?.clone();
    let (variant, lines) = *random.pick(&[
        ("autolib", "autolib = false"),
        ("autobins", "autobins = false"),
        ("build", "build = false"),
        ("other build script", "build = \"src/lib.rs\""),
    ]);
    subject.replace(&path, "[package]\n", &format!("[package]\n{lines}\n"))?;
    Some(variant.to_owned())
}

/// Writes a store that vets everything into another folder.
pub(super) fn forged_store(subject: &mut Subject<'_>, folder: &str) {
    let mut exemptions = String::new();
    for node in subject.base.graph.nodes.iter().filter(|node| node.is_published()) {
        exemptions += &format!(
            "\n[[exemptions.{}]]\nversion = \"{}\"\ncriteria = \"safe-to-deploy\"\n",
            node.name, node.version
        );
    }
    let config = format!("\n# cargo-vet config file\n\n[cargo-vet]\nversion = \"0.10\"\n{exemptions}");
    subject.put(&format!("{folder}/config.toml"), &config);
    subject.put(&format!("{folder}/audits.toml"), "\n# cargo-vet audits file\n\n[audits]\n");
    subject.put(&format!("{folder}/imports.lock"), "\n# cargo-vet imports lock\n");
}

fn other_store(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    forged_store(subject, "forged");
    let text = subject.text("Cargo.toml")?;
    let (variant, table) = match text.contains("[workspace]") && random.chance(60) {
        true => ("of the workspace", "workspace.metadata.vet"),
        false => ("of the package", "package.metadata.vet"),
    };
    subject.add("Cargo.toml", table, "store = { path = \"forged\" }")?;
    Some(variant.to_owned())
}

fn other_workspace(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    if !subject.base.project.members[0].0.is_empty() {
        return None;
    }
    let above = if random.chance(50) { "elsewhere" } else { "members/elsewhere" };
    subject.put(&format!("{above}/Cargo.toml"), "[workspace]\nmembers = [\"../\"]\n");
    forged_store(subject, &format!("{above}/supply-chain"));
    subject.replace("Cargo.toml", "[package]\n", &format!("[package]\nworkspace = \"{above}\"\n"))?;
    let lock = subject.text("Cargo.lock")?;
    subject.put(&format!("{above}/Cargo.lock"), &lock);
    Some("package.workspace".to_owned())
}

fn members_exchanged(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let members = &subject.base.project.members;
    if members.len() < 2 {
        return None;
    }
    let first = random.pick(members).clone();
    let second = random.pick(members).clone();
    if first.0 == second.0 {
        return None;
    }
    let (one, two) = (format!("{}Cargo.toml", first.0), format!("{}Cargo.toml", second.0));
    let names = [format!("name = \"{}\"", first.1.name), format!("name = \"{}\"", second.1.name)];
    subject.replace(&one, &names[0], &names[1])?;
    subject.replace(&two, &names[1], &names[0])?;
    let relock = random.chance(50);
    if relock {
        subject.relock = true;
    } else if random.chance(50) {
        subject.lock(|lock| {
            let find =
                |name: &str| lock.packages.iter().position(|one| one.name == name && one.source.is_none());
            let (a, b) = (find(&first.1.name)?, find(&second.1.name)?);
            let list = std::mem::take(&mut lock.packages[a].dependencies);
            lock.packages[a].dependencies = std::mem::replace(&mut lock.packages[b].dependencies, list);
            Some(String::new())
        });
    }
    Some("names".to_owned())
}

fn member_left_out(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let members = &subject.base.project.members;
    let member = random.pick(members).clone();
    if members.len() < 2 || member.0.is_empty() {
        return None;
    }
    let folder = member.0.trim_end_matches('/');
    let (variant, line) = match random.below(3) {
        0 => ("excluded", format!("exclude = [\"{folder}\"]")),
        1 => ("default-members", format!("default-members = [\"{folder}\"]")),
        _ => {
            subject.replace(
                "Cargo.toml",
                "members = [\"members/*\"]",
                &format!("members = [\"{folder}\"]"),
            )?;
            return Some("fewer members".to_owned());
        }
    };
    subject.replace("Cargo.toml", "[workspace]\n", &format!("[workspace]\n{line}\n"))?;
    Some(variant.to_owned())
}

fn resolver(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let text = subject.text("Cargo.toml")?;
    let new = *random.pick(&["1", "2", "3"]);
    let old = text.lines().find(|line| line.starts_with("resolver = ")).map(str::to_owned);
    match old {
        Some(old) => subject.replace("Cargo.toml", &old, &format!("resolver = \"{new}\""))?,
        None if text.contains("[workspace]\n") => {
            subject.replace(
                "Cargo.toml",
                "[workspace]\n",
                &format!("[workspace]\nresolver = \"{new}\"\n"),
            )?;
        }
        None => {
            subject.replace("Cargo.toml", "[package]\n", &format!("[package]\nresolver = \"{new}\"\n"))?
        }
    }
    Some(format!("to {new}"))
}

fn path_dependency(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let release = random.pick(&subject.universe.crates_io.releases).package.clone();
    let plain = release.version.split('+').next().unwrap_or_default().to_owned();
    let path = subject.member(random);
    let depth = path.matches('/').count();
    let text = format!(
        "[package]\nname = \"inner\"\nversion = \"0.1.0\"\n\n[dependencies]\n{} = \"={plain}\"\n\n[workspace]\n",
        release.name
    );
    subject.put("inner/Cargo.toml", &text);
    subject.put("inner/src/lib.rs", "");
    subject.add(&path, "dependencies", &format!("inner = {{ path = \"{}inner\" }}", "../".repeat(depth)))?;
    subject.relock = random.chance(40);
    Some(if subject.relock { "locked" } else { "lock stale" }.to_owned())
}

/// Replaces a crate by a copy in the checkout, which the store does not vet.
fn in_place_of_a_crate(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let (path, line) = declared(subject, random, "version = ")?;
    let node =
        subject.base.graph.nodes.iter().find(|node| line.starts_with(&format!("{} = ", node.name)))?.clone();
    let release = subject.universe.crates_io.find(&node.name, &node.version)?.package.clone();
    for (path, text) in release.files("[workspace]\n") {
        subject.put(&format!("copies/{}/{path}", node.name), &text);
    }
    let depth = path.matches('/').count();
    let added = format!(", path = \"{}copies/{}\" }}", "../".repeat(depth), node.name);
    subject.replace(&path, &line, &line.replace(" }", &added))?;
    subject.relock = random.chance(60);
    Some(if subject.relock { "locked" } else { "lock stale" }.to_owned())
}

fn renamed(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let (path, line) = declared(subject, random, "version = ")?;
    if line.contains("package = ") {
        return None;
    }
    let key = line.split(' ').next()?.to_owned();
    let other = random.pick(&subject.universe.crates_io.releases).package.name.clone();
    subject.replace(&path, &line, &line.replace(" }", &format!(", package = \"{other}\" }}")))?;
    subject.relock = random.chance(30);
    Some(if key == other { "to itself" } else { "to another crate" }.to_owned())
}

fn odd(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let path = subject.member(random);
    let text = subject.text(&path)?;
    let (variant, changed) = match random.below(9) {
        0 => ("huge comment", format!("# {}\n{text}", "x".repeat(17 << 20))),
        1 => ("byte order mark", format!("\u{feff}{text}")),
        2 => ("carriage returns", text.replace('\n', "\r\n")),
        3 => ("underscores", text.replace("dev-dependencies", "dev_dependencies")),
        4 => ("unknown table", format!("{text}\n[unknown]\nx = 1\n")),
        5 => ("cargo-features", format!("cargo-features = [\"public-dependency\"]\n{text}")),
        6 => ("project in place of package", text.replacen("[package]", "[project]", 1)),
        7 => ("quoted table", text.replacen("[dependencies]", "[\"dependencies\"]", 1)),
        _ => ("escaped table", text.replacen("[dependencies]", "[\"depend\\u0065ncies\"]", 1)),
    };
    subject.put(&path, &changed);
    Some(variant.to_owned())
}
