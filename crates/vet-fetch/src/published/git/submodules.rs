//! The submodules that `.gitmodules` names.
//!
//! Cargo checks out every submodule of a commit, and refuses the commit if it cannot. The tree
//! names the commit of each submodule; `.gitmodules` only says where to fetch it, and whether to.
//! This module reads only the plain form that git writes: with any other form, cargo may leave a
//! submodule out, or refuse the commit.

use std::collections::{HashMap, HashSet};

/// A submodule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Submodule {
    pub(super) url: String,
    /// Recent versions of cargo leave some submodules out.
    pub(super) is_checked_out: bool,
}

/// Reads `.gitmodules`. Returns the submodules by path, or `None` if versions of cargo may read the
/// file differently.
pub(super) fn parse(text: &str) -> Option<HashMap<String, Submodule>> {
    if text.contains(|char: char| char.is_control() && !matches!(char, '\n' | '\r' | '\t')) {
        return None;
    }
    let mut sections: Vec<HashMap<String, &str>> = Vec::new();
    let mut names = HashSet::new();
    for line in text.lines().map(|line| line.trim_matches([' ', '\t'])) {
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = line.strip_prefix("[submodule \"") {
            let name = name.strip_suffix("\"]").filter(|name| is_plain_path(name))?;
            names.insert(name).then_some(())?;
            sections.push(HashMap::new());
            continue;
        }
        let (key, value) = line.split_once('=')?;
        let (key, value) = (key.trim_end_matches([' ', '\t']), value.trim_start_matches([' ', '\t']));
        let is_key = key.starts_with(|char: char| char.is_ascii_alphabetic())
            && key.chars().all(|char| char.is_ascii_alphanumeric() || char == '-');
        let is_odd = |char: char| matches!(char, '"' | '\\' | '#' | ';') || char.is_control();
        if !is_key || value.is_empty() || value.contains(is_odd) {
            return None;
        }
        // Keys ignore case. If a key appears twice, cargo takes the last.
        sections.last_mut()?.insert(key.to_ascii_lowercase(), value).is_none().then_some(())?;
    }
    let mut submodules = HashMap::new();
    for section in sections {
        let is_one_of =
            |key: &str, values: &[&str]| section.get(key).is_none_or(|value| values.contains(value));
        let is_known = is_one_of("update", &["checkout", "none"])
            && is_one_of("ignore", &["none", "untracked", "dirty", "all"])
            && is_one_of("fetchrecursesubmodules", &["true", "false", "on-demand"]);
        let path = section.get("path").filter(|path| is_known && is_plain_path(path))?;
        let url = section.get("url").filter(|url| is_plain_url(url))?;
        let is_checked_out = section.get("update") != Some(&"none");
        let submodule = Submodule { url: (*url).to_owned(), is_checked_out };
        // Cargo refuses two with the same path.
        submodules.insert((*path).to_owned(), submodule).is_none().then_some(())?;
    }
    Some(submodules)
}

/// Whether a path is the only way to write a folder of the repository.
fn is_plain_path(path: &str) -> bool {
    path.split('/').all(|part| {
        !matches!(part, "" | "." | "..")
            && !part.starts_with('-')
            && !part.ends_with([' ', '.'])
            && part.chars().all(|char| char.is_ascii_alphanumeric() || "-_.+@ ".contains(char))
    })
}

/// Whether cargo accepts a URL, whatever the URL of the repository is.
fn is_plain_url(url: &str) -> bool {
    let is_plain =
        |text: &str| text.chars().all(|char| char.is_ascii_alphanumeric() || "-_.+~/".contains(char));
    if let Some(path) = url.strip_prefix("./").or_else(|| url.strip_prefix("../")) {
        return is_plain(path);
    }
    if let Some(path) = url.strip_prefix("file:///") {
        return is_plain(path);
    }
    let rest = ["https://", "http://", "git://", "ssh://git@", "ssh://"]
        .iter()
        .find_map(|scheme| url.strip_prefix(scheme));
    let Some((host, path)) = rest.and_then(|rest| rest.split_once('/')) else { return false };
    // A host whose last part is a number is an IP address, possibly an invalid one. A host with
    // `xn--` would have to be decoded.
    let is_plain_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with("xn--")
            && label.chars().all(|char| char.is_ascii_alphanumeric() || char == '-')
    };
    let is_named =
        host.rsplit('.').next().is_some_and(|last| last.starts_with(|char: char| char.is_ascii_alphabetic()));
    is_named && host.to_ascii_lowercase().split('.').all(is_plain_label) && is_plain(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_writes() {
        let text = "# A comment.\n[submodule \"a b\"]\n\tpath = mods/a\r\n\turl = https://git.example/a.git\n\
                    \tbranch = main\n\tshallow = true\n\n[submodule \"b\"]\nPath=b\nurl = ../b\nupdate = none\n";
        let found = parse(text).unwrap();
        let submodule = |url: &str, is_checked_out| Some(Submodule { url: url.to_owned(), is_checked_out });
        assert_eq!(found.get("mods/a").cloned(), submodule("https://git.example/a.git", true));
        assert_eq!(found.get("b").cloned(), submodule("../b", false));
        assert_eq!(found.len(), 2);
        assert_eq!(parse(""), Some(HashMap::new()));
    }

    #[test]
    fn everything_else_is_not_certain() {
        let plain = "[submodule \"m\"]\n\tpath = m\n\turl = https://git.example/m\n";
        assert!(parse(plain).is_some());
        for (from, to) in [
            ("path = m", "path = ../m"),
            ("path = m", "path = m/"),
            ("path = m", "path = -m"),
            ("path = m", "path = \"m\""),
            ("path = m", "path = m # n"),
            ("path = m", "path = m\n\tpath = n"),
            ("path = m", "path = m\n\tPATH = m"),
            ("path = m", "path"),
            ("path = m", "path = m\\"),
            ("path = m", "path = m\n\tupdate = !sh"),
            ("path = m", "path = m\n\tupdate = rebase"),
            ("path = m", "path = m\n\tignore = x"),
            ("\tpath = m\n", ""),
            ("\turl = https://git.example/m\n", ""),
            ("[submodule \"m\"]\n", ""),
            ("[submodule \"m\"]", "[submodule \"../m\"]"),
            ("[submodule \"m\"]", "[submodule \"m\"] path = n"),
            ("[submodule \"m\"]", "[submodule.m]"),
            ("[submodule \"m\"]", "[include]\n\tpath = other\n[submodule \"m\"]"),
            ("https://git.example/m", "git@git.example:m"),
            ("https://git.example/m", "https://git.example"),
            ("https://git.example/m", "https://256.0.0.1/m"),
            ("https://git.example/m", "https://git.example:x/m"),
            ("https://git.example/m", "https://xn--a.example/m"),
            ("https://git.example/m", "https://git..example/m"),
            ("https://git.example/m", "ext::sh"),
            ("https://git.example/m", "-u"),
            ("https://git.example/m", "m"),
        ] {
            let changed = plain.replace(from, to);
            assert_ne!(changed, plain);
            assert_eq!(parse(&changed), None, "{changed}");
        }
        assert_eq!(parse(&format!("{plain}{plain}")), None);
        assert_eq!(parse(&format!("{plain}{}", plain.replace("\"m\"", "\"n\""))), None);
    }
}
