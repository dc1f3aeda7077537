//! The files that cargo reads and writes, and what `cargo vet` remembers about the packages in
//! them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use vet_testing::CRATES_IO;

use crate::packages::{Member, Packages, Published};

/// Every manifest, the source files of members, and `Cargo.lock`.
pub(crate) fn files(packages: &Packages) -> Vec<(String, String)> {
    let mut files = vec![
        ("Cargo.toml".to_owned(), root_manifest(packages)),
        ("Cargo.lock".to_owned(), lock_file(packages)),
    ];
    for member in &packages.members {
        let folder = folder(member);
        let source = if member.is_library { "lib.rs" } else { "main.rs" };
        files.push((format!("{folder}/Cargo.toml"), manifest(packages, member)));
        files.push((format!("{folder}/src/{source}"), String::new()));
    }
    files
}

/// What an index says of a published package.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) checksum: String,
    pub(crate) line: String,
}

/// What an index says of every published package.
pub(crate) fn entries(packages: &Packages) -> Vec<Entry> {
    let entry = |package: &Published| {
        let version = package.version_text();
        let dependencies = package.dependencies.iter().filter_map(|&index| packages.published.get(index));
        let dependencies: Vec<String> = dependencies
            .enumerate()
            .map(|(number, package)| {
                let (name, version) = (&package.name, package.version_text());
                format!("{{\"name\":\"d{number}\",\"package\":\"{name}\",\"req\":\"={version}\"}}")
            })
            .collect();
        let line = format!(
            "{{\"name\":\"{}\",\"vers\":\"{version}\",\"cksum\":\"{}\",\"deps\":[{}],\"features\":{{\"std\":[]}}}}\n",
            package.name,
            package.checksum,
            dependencies.join(",")
        );
        Entry { name: package.name.clone(), version, checksum: package.checksum.clone(), line }
    };
    packages.published.iter().map(entry).collect()
}

fn folder(member: &Member) -> String {
    format!("members/{}", member.name)
}

/// The members inherit the packages that are the only version of their crate.
fn root_manifest(packages: &Packages) -> String {
    let mut text = String::from("[workspace]\nresolver = \"3\"\nmembers = [\n");
    for member in &packages.members {
        let _ = writeln!(text, "    \"{}\",", folder(member));
    }
    text.push_str(
        "]\n\n[workspace.package]\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace.dependencies]\n",
    );
    for member in packages.members.iter().filter(|member| member.is_library) {
        let _ = writeln!(text, "{} = {{ path = \"{}\", version = \"0.1.0\" }}", member.name, folder(member));
    }
    let mut used: Vec<&Published> = packages
        .members
        .iter()
        .flat_map(|member| member.normal.iter().chain(&member.build).chain(&member.dev))
        .filter_map(|&index| packages.published.get(index))
        .filter(|package| package.is_only)
        .collect();
    used.sort_by(|a, b| a.name.cmp(&b.name));
    used.dedup_by(|a, b| a.name == b.name);
    for package in used {
        let _ = writeln!(text, "{} = \"{}\"", package.name, package.version_text());
    }
    text
}

fn manifest(packages: &Packages, member: &Member) -> String {
    let mut text = format!(
        "[package]\nname = \"{}\"\nversion.workspace = true\nedition.workspace = true\n\
         description = \"A member of a workspace that was made to be measured\"\n\n[features]\ndefault = []\n",
        member.name
    );
    text.push_str("\n[dependencies]\n");
    for other in member.members.iter().filter_map(|&index| packages.members.get(index)) {
        let _ = writeln!(text, "{}.workspace = true", other.name);
    }
    let tables =
        [("", &member.normal), ("build-dependencies", &member.build), ("dev-dependencies", &member.dev)];
    for (table, dependencies) in tables {
        if !table.is_empty() && !dependencies.is_empty() {
            let _ = writeln!(text, "\n[{table}]");
        }
        for package in dependencies.iter().filter_map(|&index| packages.published.get(index)) {
            let name = &package.name;
            let _ = match package.is_only {
                true => writeln!(text, "{name} = {{ workspace = true, features = [\"std\"] }}"),
                false => writeln!(text, "{name} = {{ version = \"{}\" }}", package.version_text()),
            };
        }
    }
    text
}

fn lock_file(packages: &Packages) -> String {
    let mut blocks: BTreeMap<(&str, String), String> = BTreeMap::new();
    for package in &packages.published {
        let version = package.version_text();
        let mut block = start_of_block(&package.name, &version);
        let _ = writeln!(block, "source = \"{}\"\nchecksum = \"{}\"", *CRATES_IO, package.checksum);
        push_dependencies(&mut block, references(packages, &package.dependencies));
        blocks.insert((&package.name, version), block);
    }
    for member in &packages.members {
        let version = "0.1.0".to_owned();
        let mut block = start_of_block(&member.name, &version);
        let published = [&member.normal, &member.build, &member.dev];
        let published = published.into_iter().flat_map(|list| references(packages, list));
        let members = member.members.iter().filter_map(|&index| packages.members.get(index));
        let members = members.map(|member| member.name.clone());
        push_dependencies(&mut block, published.chain(members).collect());
        blocks.insert((&member.name, version), block);
    }
    let mut text = String::from(
        "# This file is automatically @generated by Cargo.\n# It is not intended for manual editing.\nversion = 4\n",
    );
    text.extend(blocks.into_values());
    text
}

fn start_of_block(name: &str, version: &str) -> String {
    format!("\n[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n")
}

fn push_dependencies(block: &mut String, mut references: Vec<String>) {
    references.sort();
    if references.is_empty() {
        return;
    }
    block.push_str("dependencies = [\n");
    for reference in references {
        let _ = writeln!(block, " \"{reference}\",");
    }
    block.push_str("]\n");
}

/// Packages as a lock file refers to them: with the version only where it is needed.
fn references(packages: &Packages, indices: &[usize]) -> Vec<String> {
    let packages = indices.iter().filter_map(|&index| packages.published.get(index));
    packages
        .map(|package| match package.is_only {
            true => package.name.clone(),
            false => format!("{} {}", package.name, package.version_text()),
        })
        .collect()
}
