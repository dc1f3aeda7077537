//! Mutations of the format of a lock file.

use super::{Mutation, Subject};
use crate::lock::{Lock, Locked};
use crate::random::Random;

pub(super) const CATALOG: &[(&str, Mutation)] = &[
    ("source text", source_text),
    ("source text", source_text),
    ("source text", source_text),
    ("git source text", git_source_text),
    ("dependencies as a string", dependencies_as_a_string),
    ("form of the lock file", form),
    ("form of the lock file", form),
    ("version of the lock file", version),
    ("form of version 1", version_1),
    ("checksum text", checksum_text),
    ("a package twice", package_twice),
];

type Change = (&'static str, fn(&str) -> String);

const SOURCES: &[Change] = &[
    ("capitals in the host", |source| source.replace("github", "GitHub")),
    ("capitals in the path", |source| source.replace("rust-lang", "Rust-Lang")),
    ("capitals in the scheme", |source| source.replace("https", "HTTPS")),
    ("port", |source| source.replace(".com/", ".com:443/")),
    ("other port", |source| source.replace(".com/", ".com:8443/")),
    (".git", |source| format!("{source}.git")),
    ("/./", |source| source.replace("/rust-lang", "/./rust-lang")),
    ("x/../", |source| source.replace("/rust-lang", "/x/../rust-lang")),
    ("double slash", |source| source.replace("/crates", "//crates")),
    ("trailing slash", |source| format!("{source}/")),
    ("trailing space", |source| format!("{source} ")),
    ("leading space", |source| format!(" {source}")),
    ("space after plus", |source| source.replace('+', "+ ")),
    ("tab", |source| format!("{source}\\t")),
    ("newline", |source| format!("{source}\\n")),
    ("tab inside", |source| source.replace("rust-", "rust-\\t")),
    ("single slash", |source| source.replace("://", ":/")),
    ("no slash", |source| source.replace("://", ":")),
    ("backslash", |source| source.replace("://", ":\\\\\\\\")),
    ("at", |source| source.replace("://", "://@")),
    ("user", |source| source.replace("://", "://user@")),
    ("http", |source| source.replace("https:", "http:")),
    ("sparse", |source| source.replace("registry+", "sparse+")),
    ("registry twice", |source| source.replace("registry+", "registry+registry+")),
    ("registry+sparse", |source| source.replace("registry+", "registry+sparse+")),
    ("fragment", |source| format!("{source}#")),
    ("fragment with text", |source| format!("{source}#x")),
    ("query", |source| format!("{source}?")),
    ("query with text", |source| format!("{source}?a=b")),
    ("percent", |source| source.replace("rust-lang", "rust%2Dlang")),
    ("trailing dot of the host", |source| source.replace(".com/", ".com./")),
    ("empty", |_| String::new()),
    ("no kind", |source| source.replace("registry+", "")),
    ("other kind", |source| source.replace("registry+", "local-registry+")),
    ("capital kind", |source| source.replace("registry+", "Registry+")),
    ("escaped letter", |source| source.replace('g', "\\u0067")),
];

fn source_text(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let (variant, change) = random.pick(SOURCES);
    let victim = subject.victim(random)?;
    let text = subject.text("Cargo.lock")?;
    let source = format!("source = \"{}\"", *vet_testing::CRATES_IO);
    let changed = format!("source = \"{}\"", change(&vet_testing::CRATES_IO));
    let head = format!("name = \"{}\"\nversion = \"{}\"\n{source}", victim.name, victim.version);
    let all = random.chance(20);
    let result = match all {
        true => text.replace(&source, &changed),
        false => text.replace(&head, &head.replace(&source, &changed)),
    };
    if result == text {
        return None;
    }
    subject.put("Cargo.lock", &result);
    Some((*variant).to_owned())
}

const GIT_SOURCES: &[Change] = &[
    ("short revision", |source| source[..source.len() - 28].to_owned()),
    ("no revision", |source| source.split('#').next().unwrap_or_default().to_owned()),
    ("empty revision", |source| format!("{}#", source.split('#').next().unwrap_or_default())),
    ("trailing space", |source| format!("{source} ")),
    ("trailing tab", |source| format!("{source}\\t")),
    ("trailing newline", |source| format!("{source}\\n")),
    ("capital revision", |source| {
        source
            .split_once('#')
            .map(|(start, end)| format!("{start}#{}", end.to_uppercase()))
            .unwrap_or_default()
    }),
    ("branch added", |source| source.replace('#', "?branch=master#")),
    ("no query", |source| match (source.find('?'), source.find('#')) {
        (Some(query), Some(fragment)) => format!("{}{}", &source[..query], &source[fragment..]),
        _ => source.to_owned(),
    }),
    ("trailing slash", |source| source.replace('#', "/#")),
    (".git", |source| source.replace('#', ".git#")),
    ("rev as tag", |source| source.replace("?rev=", "?tag=")),
];

fn git_source_text(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let (variant, change) = random.pick(GIT_SOURCES);
    let text = subject.text("Cargo.lock")?;
    let sources: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("source = \"git+")).collect();
    let source = format!("git+{}", random.maybe(&sources)?.trim_end_matches('"'));
    let changed = change(&source);
    let result = match random.chance(50) {
        true => text.replace(&source, &changed),
        false => text.replacen(&source, &changed, 1),
    };
    (result != text).then(|| subject.put("Cargo.lock", &result))?;
    Some((*variant).to_owned())
}

fn dependencies_as_a_string(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let victim = subject.victim(random)?;
    let text = subject.text("Cargo.lock")?;
    let list = format!("dependencies = [\n \"{}\",\n]", victim.name);
    let variants = [
        ("a string", format!("dependencies = \"{}\"", victim.name)),
        ("a number", "dependencies = 1".to_owned()),
        ("a table", format!("dependencies = {{ name = \"{}\" }}", victim.name)),
        ("a list in a list", format!("dependencies = [[\"{}\"]]", victim.name)),
        ("another key", list.replace("dependencies", "dependency")),
        ("on one line", format!("dependencies = [\"{}\"]", victim.name)),
        ("a comment", list.replace(" \"", " #\"")),
    ];
    let (variant, changed) = random.pick(&variants);
    let result = text.replace(&list, changed);
    (result != text).then(|| subject.put("Cargo.lock", &result))?;
    Some((*variant).to_owned())
}

const FORMS: &[Change] = &[
    ("carriage returns", |text| text.replace('\n', "\r\n")),
    ("byte order mark", |text| format!("\u{feff}{text}")),
    ("no head", |text| text[text.find("version = ").unwrap_or(0)..].to_owned()),
    ("comments", |text| text.replace("\n[[package]]\n", "\n# a comment\n[[package]]\n")),
    ("literal strings", |text| text.replace('"', "'")),
    ("long strings", |text| {
        text.replace("name = \"", "name = \"\"\"").replace("\"\nversion", "\"\"\"\nversion")
    }),
    ("no spaces", |text| text.replace(" = ", "=")),
    ("more spaces", |text| text.replace("[[package]]", "[[ package ]]")),
    ("quoted keys", |text| text.replace("name =", "\"name\" =")),
    ("escaped keys", |text| text.replace("name =", "\"n\\u0061me\" =")),
    ("no final newline", |text| text.trim_end().to_owned()),
    ("blank lines", |text| text.replace("\n\n", "\n\n\n")),
    ("unknown key", |text| text.replace("\nsource = ", "\nx = 1\nsource = ")),
    ("metadata", |text| format!("{text}\n[metadata]\nx = \"y\"\n")),
    ("a root", |text| format!("{text}\n[root]\nname = \"app\"\nversion = \"0.0.7\"\n")),
    ("packages backwards", |text| {
        let mut parts: Vec<&str> = text.split("\n[[package]]\n").collect();
        if let Some(rest) = parts.get_mut(1..) {
            rest.reverse();
        }
        parts.join("\n[[package]]\n")
    }),
    ("full names of dependencies", |text| text.replace("\",\n", " 1.0.0\",\n")),
    ("spaces in dependencies", |text| text.replace("\",\n", " \",\n")),
    ("empty", |_| String::new()),
    ("null byte", |text| format!("{text}\0")),
    ("merge conflict", |text| format!("{text}\n<<<<<<< a\n=======\n>>>>>>> b\n")),
    ("keys in another order", |text| {
        let line = |block: &str| {
            let mut lines: Vec<&str> = block.lines().collect();
            if lines.len() > 1 {
                lines.swap(0, 1);
            }
            lines.join("\n") + "\n"
        };
        let mut parts = text.split("\n[[package]]\n");
        let head = parts.next().unwrap_or_default().to_owned();
        parts.fold(head, |all, block| all + "\n[[package]]\n" + &line(block))
    }),
];

fn form(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let (variant, change) = random.pick(FORMS);
    let text = subject.text("Cargo.lock")?;
    let result = change(&text);
    (result != text).then(|| subject.put("Cargo.lock", &result))?;
    Some((*variant).to_owned())
}

fn version(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let text = subject.text("Cargo.lock")?;
    let line = format!("version = {}\n", subject.base.project.lock_version);
    let other = *random.pick(&[
        "version = 1\n",
        "version = 2\n",
        "version = 3\n",
        "version = 4\n",
        "version = 5\n",
        "",
    ]);
    let result = text.replacen(&line, other, 1);
    (result != text).then(|| subject.put("Cargo.lock", &result))?;
    Some(if other.is_empty() { "none".to_owned() } else { other.trim().to_owned() })
}

/// Writes the first version of the format, with full names and with checksums at the end.
fn version_1(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let mut lock = Lock::parse(&subject.text("Cargo.lock")?)?;
    let plain = lock.clone();
    let mut metadata = String::from("\n[metadata]\n");
    for package in &mut lock.packages {
        for dependency in &mut package.dependencies {
            let Locked { name, version, source, .. } = plain.meant(dependency)?;
            *dependency = match source {
                Some(source) => format!("{name} {version} ({})", source.split('#').next()?),
                None => format!("{name} {version}"),
            };
        }
        if let (Some(source), Some(checksum)) = (&package.source, package.checksum.take()) {
            let Locked { name, version, .. } = package;
            metadata += &format!("\"checksum {name} {version} ({source})\" = \"{checksum}\"\n");
        }
    }
    let victim = subject.victim(random)?;
    let without_one = metadata.replace(&format!("\"checksum {} ", victim.name), "\"x ");
    let (variant, metadata) = *random.pick(&[
        ("honest", metadata.as_str()),
        ("without checksums", ""),
        ("with a checksum missing", &without_one),
    ]);
    let text = lock.text();
    let line = format!("version = {}\n", subject.base.project.lock_version);
    subject.put("Cargo.lock", &format!("{}{metadata}", text.replacen(&line, "", 1)));
    Some(variant.to_owned())
}

fn checksum_text(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let victim = subject.victim(random)?;
    let release = subject.universe.crates_io.find(&victim.name, &victim.version)?;
    let checksum = &release.checksum;
    let variants = [
        ("capitals", checksum.to_uppercase()),
        ("space", format!("{checksum} ")),
        ("empty", String::new()),
        ("none", "<none>".to_owned()),
        ("short", checksum[..32].to_owned()),
        ("long", format!("{checksum}00")),
    ];
    let (variant, changed) = random.pick(&variants);
    let text = subject.text("Cargo.lock")?;
    let result = text.replace(checksum.as_str(), changed);
    (result != text).then(|| subject.put("Cargo.lock", &result))?;
    Some((*variant).to_owned())
}

fn package_twice(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let victim = subject.victim(random)?;
    let text = subject.text("Cargo.lock")?;
    let head = format!("\n[[package]]\nname = \"{}\"\nversion = \"{}\"\n", victim.name, victim.version);
    let start = text.find(&head)?;
    let end = text[start + 1..].find("\n[[package]]").map_or(text.len(), |end| start + 1 + end);
    let block = &text[start..end];
    let (variant, second) = match random.below(3) {
        0 => ("the same", block.to_owned()),
        1 => ("without a source", head),
        _ => ("without dependencies", block.split("dependencies").next().unwrap_or_default().to_owned()),
    };
    let result = match random.chance(50) {
        true => format!("{}{second}{}", &text[..end], &text[end..]),
        false => format!("{}{second}{}", &text[..start], &text[start..]),
    };
    subject.put("Cargo.lock", &result);
    Some(variant.to_owned())
}
