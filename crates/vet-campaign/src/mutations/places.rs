//! Mutations of where the files of a checkout are: links, submodules, and workspaces beside and
//! around the project.

use super::{Mutation, Subject};
use crate::mutations::manifests::forged_store;
use crate::random::Random;
use crate::tree::link;

pub(super) const CATALOG: &[(&str, Mutation)] = &[
    ("link to a folder", folder_link),
    ("link to a folder", folder_link),
    ("link to a file", file_link),
    ("link in a loop", loop_link),
    ("link out of the checkout", outside_link),
    ("submodule", submodule),
    ("nested workspace", nested),
    ("workspace around the project", around),
    ("path dependency elsewhere", elsewhere),
    ("path dependency elsewhere", elsewhere),
];

/// Moves all files of a folder.
fn move_folder(subject: &mut Subject<'_>, from: &str, to: &str) -> Option<()> {
    let prefix = format!("{from}/");
    let paths: Vec<String> = subject.tree.keys().filter(|path| path.starts_with(&prefix)).cloned().collect();
    for path in &paths {
        let bytes = subject.tree.remove(path)?;
        subject.tree.insert(path.replacen(from, to, 1), bytes);
    }
    (!paths.is_empty()).then_some(())
}

fn folder_link(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let member = random.pick(&subject.base.project.members).0.trim_end_matches('/').to_owned();
    let source = if member.is_empty() { "src".to_owned() } else { format!("{member}/src") };
    let folders = [
        ("member", member.as_str()),
        ("all members", "members"),
        ("sources", source.as_str()),
        ("vendored sources", "vendor"),
        ("patches", "patches"),
        ("configuration", ".cargo"),
    ];
    let (variant, folder) = *random.pick(&folders);
    if folder.is_empty() {
        return None;
    }
    // A place in the project, in the repository, or outside of it.
    let (where_to, above) = *random.pick(&[("", 0), ("", 0), ("../", 1), ("../../outside/", 2)]);
    let name = folder.replace(['/', '.'], "-");
    move_folder(subject, folder, &format!("{where_to}real/{name}"))?;
    let up = "../".repeat(folder.matches('/').count());
    subject.tree.insert(folder.to_owned(), link(&format!("{up}{where_to}real/{name}")));
    let place = ["in the project", "in the repository", "beyond the repository"][above];
    Some(format!("{variant}, {place}"))
}

fn file_link(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let manifest = subject.member(random);
    let files = [
        ("lock file", "Cargo.lock"),
        ("manifest of the root", "Cargo.toml"),
        ("manifest of a member", manifest.as_str()),
        ("configuration", ".cargo/config.toml"),
    ];
    let (variant, file) = *random.pick(&files);
    let bytes = subject.tree.remove(file)?;
    let (place, where_to) =
        *random.pick(&[("in the project", ""), ("beyond the repository", "../../outside/")]);
    subject.tree.insert(format!("{where_to}real/file"), bytes);
    let up = "../".repeat(file.matches('/').count());
    subject.tree.insert(file.to_owned(), link(&format!("{up}{where_to}real/file")));
    Some(format!("{variant}, {place}"))
}

fn loop_link(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let (variant, links): (_, &[(&str, &str)]) = *random.pick(&[
        ("to itself", &[("loop", "loop")] as &[_]),
        ("to the root", &[("loop", ".")]),
        ("two to the root", &[("members/a", ".."), ("members/b", "..")]),
        ("member that is the root", &[("members/again", "..")]),
        ("to each other", &[("one", "two"), ("two", "one")]),
        ("vendored sources", &[("vendor/loop", ".")]),
        ("configuration", &[(".cargo/config", "config")]),
    ]);
    for (path, target) in links {
        if subject.tree.contains_key(*path) {
            return None;
        }
        subject.tree.insert((*path).to_owned(), link(target));
    }
    if random.chance(30) {
        let path = subject.member(random);
        subject.add(&path, "dependencies", "looped = { path = \"loop/loop/loop\", optional = true }")?;
        return Some(format!("{variant}, and a dependency through one"));
    }
    Some(variant.to_owned())
}

/// Adds a member that is outside of the repository, behind a link.
fn outside_link(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let release = random.pick(&subject.universe.crates_io.releases).package.clone();
    let plain = release.version.split('+').next().unwrap_or_default().to_owned();
    let text = format!(
        "[package]\nname = \"outsider\"\nversion = \"0.1.0\"\n\n[dependencies]\n{} = \"={plain}\"\n",
        release.name
    );
    subject.put("../../outside/outsider/Cargo.toml", &text);
    subject.put("../../outside/outsider/src/lib.rs", "");
    subject.tree.insert("members/outsider".to_owned(), link("../../../outside/outsider"));
    subject.relock = random.chance(40);
    Some(if subject.relock { "member, locked" } else { "member, lock stale" }.to_owned())
}

/// Makes a member, the project or the vendored sources look like a separate repository.
fn submodule(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let folder = random.pick(&subject.base.project.members).0.clone();
    let up = "../".repeat(folder.matches('/').count());
    let variant = match random.below(3) {
        0 if !folder.is_empty() => {
            subject.put(&format!("{folder}.git"), &format!("gitdir: {up}../.git/modules/member\n"));
            "member"
        }
        1 => {
            subject.put(".git", "gitdir: ../.git/modules/project\n");
            "project"
        }
        _ => {
            subject.put("vendor/.git", "gitdir: ../../.git/modules/vendor\n");
            "vendored sources"
        }
    };
    subject.put(".gitmodules", "[submodule \"member\"]\n\tpath = member\n\turl = https://git.test/member\n");
    Some(variant.to_owned())
}

/// Adds a workspace inside the workspace. A member belongs to it or is its root.
fn nested(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let member = random.pick(&subject.base.project.members).0.clone();
    let lock = subject.text("Cargo.lock")?;
    let variant = match random.below(3) {
        0 if !member.is_empty() => {
            subject.append(&format!("{member}Cargo.toml"), "\n[workspace]\n");
            subject.put(&format!("{member}Cargo.lock"), &lock);
            "member as a root"
        }
        1 => {
            subject.put("members/Cargo.toml", "[workspace]\nmembers = [\"*\"]\n");
            subject.put("members/Cargo.lock", &lock);
            forged_store(subject, "members/supply-chain");
            "around the members"
        }
        _ => {
            subject.put("members/inner/Cargo.toml", "[workspace]\nmembers = [\"deep\"]\n");
            subject.put("members/inner/deep/Cargo.toml", "[package]\nname = \"deep\"\nversion = \"0.1.0\"\n");
            subject.put("members/inner/deep/src/lib.rs", "");
            "beside the members"
        }
    };
    Some(variant.to_owned())
}

/// Adds a workspace in the folder above, with a store that vets everything.
fn around(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let lock = subject.text("Cargo.lock")?;
    let (variant, members) = *random
        .pick(&[("with the project", "[\"project\"]"), ("with its members", "[\"project/members/*\"]")]);
    subject.put("../Cargo.toml", &format!("[workspace]\nmembers = {members}\n"));
    subject.put("../Cargo.lock", &lock);
    forged_store(subject, "../supply-chain");
    Some(variant.to_owned())
}

/// Adds a dependency in a folder of the project, of the repository, outside of it, or behind a
/// link.
fn elsewhere(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let release = random.pick(&subject.universe.crates_io.releases).package.clone();
    let plain = release.version.split('+').next().unwrap_or_default().to_owned();
    let path = subject.member(random);
    let up = "../".repeat(path.matches('/').count());
    let (variant, folder, named) = *random.pick(&[
        ("in the repository", "../beside", "../beside"),
        ("beyond the repository", "../../outside/beyond", "../../outside/beyond"),
        ("through a link", "../../outside/linked", "linked"),
        ("with detours", "inner", "nowhere/../inner"),
        ("with a link and detours", "../../outside/linked", "linked/../linked"),
    ]);
    if named.starts_with("linked") {
        subject.tree.insert("linked".to_owned(), link("../../outside/linked"));
    }
    let text = format!(
        "[package]\nname = \"inner\"\nversion = \"0.1.0\"\n\n[dependencies]\n{} = \"={plain}\"\n\n[workspace]\n",
        release.name
    );
    subject.put(&format!("{folder}/Cargo.toml"), &text);
    subject.put(&format!("{folder}/src/lib.rs"), "");
    subject.add(&path, "dependencies", &format!("inner = {{ path = \"{up}{named}\" }}"))?;
    subject.relock = random.chance(60);
    Some(format!("{variant}, {}", if subject.relock { "locked" } else { "lock stale" }))
}
