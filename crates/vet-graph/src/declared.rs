//! What a package declares: features, and dependencies with the terms on which they count.
//!
//! Of hundreds of packages a graph needs a little of that each. So what a package declares is a [`Declared`]: a text that can be
//! kept in a file as it is, and that is read in place ([`View`]).

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt::{self, Write as _};
use std::sync::Arc;

use crate::manifest::{Declaration, DependencyKind, Features, Manifest, Specification};
use crate::platform::Condition;

/// What a package that is not at hand as a folder declares, in lines.
///
/// The first says whether the library is a macro (`m`, `l` if not, `?` if that is not known), and whether the terms of some
/// dependencies stand in the manifest of a workspace that is not at hand (`i`). A feature is `fNAME` and what it turns on.
/// Features that turn no dependency on, nor any feature of one, play no part and are left out. A dependency is `n`, `b` or `d`
/// for its kind and its key; `o` if it is optional, `x` without default features; its features; the name of the package if it is
/// another than the key; its requirement; its condition. Fields end with tabs, and words in a field with spaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared<'t>(Cow<'t, str>);

/// What a [`Declared`] says.
#[derive(Clone, Debug, Default)]
pub struct View<'t> {
    /// What each feature turns on, by name, in order.
    pub features: Vec<(&'t str, Words<'t>)>,
    /// The dependencies. Those of published packages are normal and build dependencies.
    pub dependencies: Vec<DependencyView<'t>>,
}

/// A dependency in a [`Declared`].
#[derive(Clone, Copy, Debug)]
pub struct DependencyView<'t> {
    /// When it is needed.
    pub kind: DependencyKind,
    /// Under which conditions, and with which features.
    pub terms: TermsView<'t>,
    /// The name of the package.
    pub package: &'t str,
    /// The versions that will do; nothing is any.
    requirement: &'t str,
}

/// The terms of a dependency, wherever they stand.
#[derive(Clone, Copy, Debug)]
pub struct TermsView<'t> {
    /// The key in the table, by which features name the dependency.
    pub key: &'t str,
    /// Whether a feature has to ask for it.
    pub optional: bool,
    /// Whether it comes with its default features.
    pub default_features: bool,
    /// The features that are asked for.
    pub features: Words<'t>,
    /// The targets for which it counts; `None` is all.
    pub condition: Option<ConditionView<'t>>,
}

/// A condition, read or not.
#[derive(Clone, Copy, Debug)]
pub enum ConditionView<'t> {
    /// Read.
    Read(&'t Condition),
    /// A text that was a condition when it was written.
    Text(&'t str),
}

/// Names, wherever they stand.
#[derive(Clone, Copy, Debug)]
pub enum Words<'t> {
    /// In a list.
    List(&'t [String]),
    /// In a text, with spaces between them.
    Text(&'t str),
}

impl<'t> Words<'t> {
    /// One after the other.
    pub fn iter(self) -> impl Iterator<Item = &'t str> {
        let (list, mut text) = match self {
            Words::List(list) => (list, ""),
            Words::Text(text) => (&[][..], text),
        };
        let words = std::iter::from_fn(move || {
            while !text.is_empty() {
                let (word, rest) = cut(text, b' ').unwrap_or((text, ""));
                text = rest;
                if !word.is_empty() {
                    return Some(word);
                }
            }
            None
        });
        list.iter().map(String::as_str).chain(words)
    }
}

/// A normal or build dependency of a published package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedDependency {
    /// When it is needed.
    pub kind: DependencyKind,
    /// Under which conditions, and with which features.
    pub terms: Terms,
    /// The name of the package.
    pub package: String,
    /// The versions that will do; `None` is any.
    pub requirement: Option<semver::VersionReq>,
}

/// The terms of a dependency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The key in the table, by which features name the dependency.
    pub key: String,
    /// Whether a feature has to ask for it.
    pub optional: bool,
    /// Whether it comes with its default features.
    pub default_features: bool,
    /// The features that are asked for.
    pub features: Vec<String>,
    /// The targets for which it counts; `None` is all.
    pub condition: Option<Arc<Condition>>,
}

impl Terms {
    /// To be read.
    pub(crate) fn view(&self) -> TermsView<'_> {
        TermsView {
            key: &self.key,
            optional: self.optional,
            default_features: self.default_features,
            features: Words::List(&self.features),
            condition: self.condition.as_deref().map(ConditionView::Read),
        }
    }

    /// The terms of a declaration, and what it inherits from `workspace.dependencies`.
    pub(crate) fn new(declaration: &Declaration, inherited: Option<&Specification>) -> Self {
        let default_features = match inherited.map(|inherited| inherited.default_features) {
            // A member can turn default features on, and not off.
            Some(Some(false)) => declaration.default_features == Some(true),
            Some(_) => true,
            None => declaration.default_features != Some(false),
        };
        let mut features = declaration.features.clone();
        features.extend(inherited.into_iter().flat_map(|inherited| inherited.features.iter().cloned()));
        Terms {
            key: declaration.key.clone(),
            optional: declaration.optional,
            default_features,
            features,
            condition: declaration.condition.clone(),
        }
    }
}

/// What precedes the first of a byte, and what follows it. In short texts that is found fastest byte by byte.
pub(crate) fn cut(text: &str, byte: u8) -> Option<(&str, &str)> {
    let place = text.bytes().position(|other| other == byte)?;
    Some((text.get(..place)?, text.get(place + 1..)?))
}

/// The features of a package whose manifest is at hand.
pub(crate) fn features_in_order(features: &Features) -> Vec<(&str, Words<'_>)> {
    features.iter().map(|(name, on)| (name.as_str(), Words::List(on))).collect()
}

impl Declared<'static> {
    /// What is declared, without the features that play no part. `is_proc_macro` is `None` if it is not known.
    pub fn new(
        features: Features,
        dependencies: &[PublishedDependency],
        is_proc_macro: Option<bool>,
    ) -> Self {
        Self::write(features, dependencies, is_proc_macro, false)
    }

    /// What a manifest declares. Published ones inherit nothing. In those of git repositories, what is inherited has the name
    /// of its key.
    pub fn of(manifest: &Manifest) -> Self {
        let needed = manifest
            .dependencies
            .iter()
            .filter(|declaration| declaration.kind != DependencyKind::Development)
            .map(|declaration| {
                let specification = declaration.specification.as_ref();
                PublishedDependency {
                    kind: declaration.kind,
                    terms: Terms::new(declaration, None),
                    package: specification.map_or_else(
                        || declaration.key.clone(),
                        |specification| specification.package.clone(),
                    ),
                    requirement: specification.and_then(|specification| specification.requirement.clone()),
                }
            });
        let needed: Vec<PublishedDependency> = needed.collect();
        let is_proc_macro = manifest.package.as_ref().map(|package| package.is_proc_macro);
        let inherits = manifest.dependencies.iter().any(|declaration| declaration.specification.is_none());
        Self::write(manifest.features.clone(), &needed, is_proc_macro, inherits)
    }

    fn write(
        features: Features,
        dependencies: &[PublishedDependency],
        is_proc_macro: Option<bool>,
        inherits: bool,
    ) -> Self {
        let mut text = String::new();
        text.push(match is_proc_macro {
            Some(true) => 'm',
            Some(false) => 'l',
            None => '?',
        });
        text.push_str(if inherits { "i\n" } else { "\n" });
        for (name, on) in that_play_a_part(features, dependencies) {
            let _ = writeln!(text, "f{}\t{}\t", Word(&name), Line(&on));
        }
        for PublishedDependency { kind, terms, package, requirement } in dependencies {
            text.push(match kind {
                DependencyKind::Normal => 'n',
                DependencyKind::Build => 'b',
                DependencyKind::Development => 'd',
            });
            let optional = if terms.optional { "o" } else { "" };
            let bare = if terms.default_features { "" } else { "x" };
            let _ = write!(text, "{}\t{optional}{bare}\t{}\t", Word(&terms.key), Line(&terms.features));
            let other_name = if *package == terms.key { "" } else { package };
            let requirement = requirement.as_ref().map(ToString::to_string).unwrap_or_default();
            let condition = terms.condition.as_ref().map(ToString::to_string).unwrap_or_default();
            let condition = condition.replace(['\t', '\n'], " ");
            let _ = writeln!(text, "{}\t{requirement}\t{condition}\t", Word(other_name));
        }
        Declared(Cow::Owned(text))
    }
}

/// A name. Cargo refuses manifests with names that have such characters, so nothing has a name with what stands for them.
struct Word<'w>(&'w str);

impl fmt::Display for Word<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.contains([' ', '\t', '\n']) {
            true => f.write_str(&self.0.replace([' ', '\t', '\n'], "\u{FFFD}")),
            false => f.write_str(self.0),
        }
    }
}

/// Names with spaces between them.
struct Line<'w>(&'w [String]);

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, word) in self.0.iter().enumerate() {
            let space = if number == 0 { "" } else { " " };
            write!(f, "{space}{}", Word(word))?;
        }
        Ok(())
    }
}

impl<'t> Declared<'t> {
    /// What was kept.
    pub fn from_text(text: &'t str) -> Self {
        Declared(Cow::Borrowed(text))
    }

    /// The text, to be kept.
    pub fn text(&self) -> &str {
        &self.0
    }

    fn first_line(&self) -> &str {
        self.0.lines().next().unwrap_or_default()
    }

    /// Whether the library is a macro, which the compiler loads; `None` if that is not known.
    pub fn is_proc_macro(&self) -> Option<bool> {
        match self.first_line().chars().next()? {
            'm' => Some(true),
            'l' => Some(false),
            _ => None,
        }
    }

    /// Whether the terms of some dependencies stand in the manifest of a workspace that is not at hand.
    pub fn inherits(&self) -> bool {
        self.first_line().ends_with('i')
    }

    /// Reads it; nothing if it was damaged.
    pub fn view(&self) -> Option<View<'_>> {
        let mut view = View::default();
        let (_, mut rest) = cut(&self.0, b'\n').unwrap_or_default();
        while let Some(kind) = rest.bytes().next() {
            let mut fields = Fields(rest.get(1..)?);
            let kind = match kind {
                b'f' => {
                    view.features.push((fields.next()?, Words::Text(fields.next()?)));
                    rest = fields.end()?;
                    continue;
                }
                b'n' => DependencyKind::Normal,
                b'b' => DependencyKind::Build,
                b'd' => DependencyKind::Development,
                _ => return None,
            };
            let (key, flags, features) = (fields.next()?, fields.next()?, fields.next()?);
            let (package, requirement, condition) = (fields.next()?, fields.next()?, fields.next()?);
            rest = fields.end()?;
            view.dependencies.push(DependencyView {
                kind,
                terms: TermsView {
                    key,
                    optional: flags.as_bytes().contains(&b'o'),
                    default_features: !flags.as_bytes().contains(&b'x'),
                    features: Words::Text(features),
                    condition: Some(condition).filter(|text| !text.is_empty()).map(ConditionView::Text),
                },
                package: if package.is_empty() { key } else { package },
                requirement,
            });
        }
        Some(view)
    }
}

/// The fields of a line.
struct Fields<'t>(&'t str);

impl<'t> Fields<'t> {
    /// The next field; nothing if the line has no more.
    fn next(&mut self) -> Option<&'t str> {
        let place = self.0.bytes().position(|byte| byte == b'\t' || byte == b'\n')?;
        let (field, rest) = self.0.split_at_checked(place)?;
        self.0 = rest.strip_prefix('\t')?;
        Some(field)
    }

    /// What follows the line; nothing if it does not end here.
    fn end(self) -> Option<&'t str> {
        self.0.strip_prefix('\n')
    }
}

impl DependencyView<'_> {
    /// Whether a package of this name and version will do. A requirement that was damaged excludes nothing.
    pub(crate) fn is_met_by(&self, name: &str, version: &semver::Version) -> bool {
        let requirement = || semver::VersionReq::parse(self.requirement);
        self.package == name
            && (self.requirement.is_empty() || requirement().map_or(true, |wanted| wanted.matches(version)))
    }
}

/// The features that turn dependencies on, or features of dependencies, by way of whatever other features; and of what they
/// turn on, what leads there. Some packages have thousands of others.
fn that_play_a_part(mut features: Features, dependencies: &[PublishedDependency]) -> Features {
    let optional = dependencies.iter().filter(|dependency| dependency.terms.optional);
    let optional: HashSet<&str> = optional.map(|dependency| dependency.terms.key.as_str()).collect();
    let leads_out = |value: &str| value.contains(['/', ':']) || optional.contains(value);
    let mut turned_on_by: HashMap<&str, Vec<&str>> = HashMap::new();
    for (name, on) in &features {
        for value in on {
            turned_on_by.entry(value).or_default().push(name);
        }
    }
    let first = turned_on_by.iter().filter(|(value, _)| leads_out(value)).flat_map(|(_, names)| names);
    let mut pending: Vec<&str> = first.copied().collect();
    let mut lead_on: HashSet<&str> = HashSet::new();
    while let Some(name) = pending.pop() {
        if lead_on.insert(name) {
            pending.extend(turned_on_by.get(name).into_iter().flatten());
        }
    }
    let lead_on: HashSet<String> = lead_on.into_iter().map(str::to_owned).collect();
    // A feature that is named like an optional dependency stands in place of it.
    features.retain(|name, _| lead_on.contains(name) || optional.contains(name.as_str()));
    for on in features.values_mut() {
        on.retain(|value| leads_out(value) || lead_on.contains(value));
    }
    features
}

#[cfg(test)]
mod tests {
    use vet_store::diagnostic::Source;

    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let text = r#"
            [package]
            name = "a"
            version = "1.0.0"
            [lib]
            proc-macro = true
            [features]
            default = ["one", "dep:b", "c?/d"]
            one = []
            "odd name" = ["b/odd\tfeature"]
            [dependencies]
            b = { version = "1", optional = true, default-features = false, features = ["x", "y"] }
            renamed = { package = "c", version = ">=1.2, <2" }
            any = { git = "https://git.example/any" }
            [build-dependencies]
            e = "0.1"
            [target.'cfg(all(unix, not(target_os = "linux")))'.dependencies]
            f = "1"
            [target.x86_64-pc-windows-gnu.dependencies]
            g = "1"
            [dev-dependencies]
            h = "1"
        "#;
        let declared = Declared::of(&Manifest::parse(&Source::new("Cargo.toml", text)).unwrap());
        insta::assert_snapshot!(declared.text().replace('\t', "|"), @r#"
        m
        fdefault|dep:b c?/d|
        fodd�name|b/odd�feature|
        nany||||||
        nb|ox|x y||^1||
        nrenamed|||c|>=1.2, <2||
        be||||^0.1||
        nf||||^1|cfg(all(unix, not(target_os = "linux")))|
        ng||||^1|x86_64-pc-windows-gnu|
        "#);
        let again = Declared::from_text(declared.text());
        assert_eq!((again.is_proc_macro(), again.inherits()), (Some(true), false));
        let view = again.view().unwrap();
        let shown = view.dependencies.iter().map(|it| {
            let DependencyView { kind, terms, package, requirement } = it;
            let features: Vec<&str> = terms.features.iter().collect();
            let condition = match terms.condition {
                Some(ConditionView::Text(text)) => text,
                Some(ConditionView::Read(_)) | None => "always",
            };
            let TermsView { key, optional, default_features, .. } = terms;
            format!("{kind:?} {key}={package} {requirement} {optional} {default_features} {features:?} {condition}\n")
        });
        insta::assert_snapshot!(shown.collect::<String>(), @r#"
        Normal any=any  false true [] always
        Normal b=b ^1 true false ["x", "y"] always
        Normal renamed=c >=1.2, <2 false true [] always
        Build e=e ^0.1 false true [] always
        Normal f=f ^1 false true [] cfg(all(unix, not(target_os = "linux")))
        Normal g=g ^1 false true [] x86_64-pc-windows-gnu
        "#);
        let met = |number: usize, name: &str, version: &str| {
            view.dependencies[number].is_met_by(name, &version.parse().unwrap())
        };
        assert!(met(2, "c", "1.3.0") && !met(2, "c", "2.0.0") && !met(2, "renamed", "1.3.0"));
        assert!(met(0, "any", "7.0.0"));
        let damaged = again.text().replace(">=1.2", "nonsense");
        let damaged = Declared::from_text(&damaged);
        assert!(damaged.view().unwrap().dependencies[2].is_met_by("c", &semver::Version::new(2, 0, 0)));
    }

    #[test]
    fn what_is_damaged_is_not_read() {
        for text in [
            "l\nnb\t\t\t\t^1\t\n",
            "l\nnb\t\t\t\t^1\t\t\t\n",
            "l\nnb\n",
            "l\nnb\t\t\t\t^1\t\t",
            "l\nzb\t\t\t\t^1\t\t\n",
            "l\n\u{E9}\t\n",
            "l\n\n",
            "l\nfa\t\n",
        ] {
            assert!(Declared::from_text(text).view().is_none(), "{text:?}");
        }
        for text in ["", "l\n", "\u{E9}"] {
            assert!(Declared::from_text(text).view().is_some(), "{text:?}");
        }
        assert_eq!(Declared::from_text("").is_proc_macro(), None);
    }

    #[test]
    fn words() {
        for (text, expected) in [("", ""), ("a", "a"), (" a  b c ", "a|b|c"), ("  ", "")] {
            assert_eq!(Words::Text(text).iter().collect::<Vec<_>>().join("|"), expected, "{text:?}");
        }
        let list = ["a".to_owned(), "b c".to_owned()];
        assert_eq!(Words::List(&list).iter().collect::<Vec<_>>(), ["a", "b c"]);
    }

    #[test]
    fn features_that_play_no_part_are_left_out() {
        let text = "[package]\nname = \"a\"\nversion = \"1.0.0\"\n\
                    [dependencies]\nb = { version = \"1\", optional = true }\nc = { version = \"1\", optional = true }\nd = \"1\"\n\
                    [features]\nnothing = []\nnothing-else = [\"nothing\", \"unheard-of\", \"around\"]\naround = [\"nothing-else\"]\n\
                    explicit = [\"dep:b\", \"nothing\"]\nimplicit = [\"c\"]\nof-dependency = [\"d/x\"]\nweak = [\"c?/x\"]\n\
                    far = [\"nothing\", \"near\"]\nnear = [\"explicit\"]\nb = []\n";
        let declared = Declared::of(&Manifest::parse(&Source::new("Cargo.toml", text)).unwrap());
        let features = declared.view().unwrap().features.into_iter();
        let shown: Vec<String> = features
            .map(|(name, on)| format!("{name}: {}", on.iter().collect::<Vec<_>>().join(" ")))
            .collect();
        assert_eq!(
            shown,
            [
                "b: ",
                "explicit: dep:b",
                "far: near",
                "implicit: c",
                "near: explicit",
                "of-dependency: d/x",
                "weak: c?/x"
            ]
        );
    }
}
