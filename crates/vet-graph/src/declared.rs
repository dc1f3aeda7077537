//! What a package declares: features, and dependencies with the terms on which they count.
//!
//! Of hundreds of packages a graph needs a little of that each. So what a package declares is a [`Declared`]: a text that can be
//! kept in a file as it is, and that is read in place ([`View`]).

mod writing;

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::manifest::{
    Declaration, DependencyKind, Features, GitOrigin, GitReference, Origin, Specification,
};
use crate::platform::Condition;

/// What a package that is not at hand as a folder declares, in lines.
///
/// The first says whether the library is a macro (`m`, `l` if not, `?` if that is not known), whether a part of what is
/// declared is missing (`p`), and what `links` names. A feature is `fNAME` and what it turns on. Features that turn no
/// dependency on, nor any feature of one, have only their names listed, in order, in the line `o`. A dependency is `n`, `b` or
/// `d` for its kind and its key; `o` if it is optional, `x` without default features; its features; the name of the package if
/// it is another than the key; its requirement; its condition; where it comes from. Fields end with tabs, and words in a field
/// with spaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared<'t>(Cow<'t, str>);

/// What a [`Declared`] says.
#[derive(Clone, Debug, Default)]
pub struct View<'t> {
    /// What `links` names: a native library that only one package may link to.
    pub links: Option<&'t str>,
    /// What each feature turns on, by name, in order; without those that turn on nothing that counts.
    pub features: Vec<(&'t str, Words<'t>)>,
    /// The names of the other features, in order, with spaces between them.
    pub(crate) other_features: &'t str,
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
    /// Where it comes from.
    pub origin: OriginView<'t>,
}

/// Where a published package says that a dependency comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OriginView<'t> {
    /// From where the package itself comes.
    Same,
    /// From crates.io.
    CratesIo,
    /// From the registry that cargo's configuration knows by this name.
    Registry(&'t str),
    /// From the registry with the index at this address.
    Index(&'t str),
    /// From a git repository: its address, and the branch, the tag or the revision.
    Git(&'t str, Option<(GitReference, &'t str)>),
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
    /// Where it comes from.
    pub origin: PublishedOrigin,
}

/// Where a published package says that a dependency comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublishedOrigin {
    /// From where the package itself comes: the same registry, or for a folder in a git repository the same revision of it.
    Same,
    /// From crates.io.
    CratesIo,
    /// From the registry that cargo's configuration knows by this name.
    Registry(String),
    /// From the registry with the index at this address.
    Index(String),
    /// From a git repository.
    Git(GitOrigin),
}

impl PublishedOrigin {
    /// What a manifest in a git repository says. A folder is one of the same repository.
    fn of(origin: &Origin) -> Self {
        match origin {
            Origin::CratesIo => PublishedOrigin::CratesIo,
            Origin::Registry(name) => PublishedOrigin::Registry(name.clone()),
            Origin::Index(address) => PublishedOrigin::Index(address.clone()),
            Origin::Git(git) => PublishedOrigin::Git(git.clone()),
            Origin::Path(_) => PublishedOrigin::Same,
        }
    }
}

impl<'t> OriginView<'t> {
    /// Reads what was written; nothing if it was damaged.
    fn read(text: &'t str) -> Option<Self> {
        if text.is_empty() {
            return Some(OriginView::Same);
        }
        let (kind, rest) = text.split_at_checked(1)?;
        match kind {
            "c" if rest.is_empty() => Some(OriginView::CratesIo),
            "r" => Some(OriginView::Registry(rest)),
            "i" => Some(OriginView::Index(rest)),
            "g" => {
                let Some((url, reference)) = cut(rest, b' ') else {
                    return Some(OriginView::Git(rest, None));
                };
                let (key, name) = cut(reference, b' ')?;
                Some(OriginView::Git(url, Some((GitReference::from_key(key)?, name))))
            }
            _ => None,
        }
    }
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

    /// Says whether the library is a macro, if that is known.
    #[must_use]
    pub fn with_proc_macro(self, is_proc_macro: Option<bool>) -> Self {
        let mark = match is_proc_macro {
            Some(true) => "m",
            Some(false) => "l",
            None => return self,
        };
        match self.0.strip_prefix(['m', 'l', '?']) {
            Some(rest) => Declared(Cow::Owned(format!("{mark}{rest}"))),
            None => self,
        }
    }

    /// Whether a part of what the package declares is missing: it stands in the manifest of a workspace that is not at hand,
    /// or only cargo understands it.
    pub fn is_partial(&self) -> bool {
        self.first_line().as_bytes().get(1) == Some(&b'p')
    }

    /// Whether another text declares the same features, `links` and dependencies, in whatever order. Where dependencies come
    /// from is not compared, because an index leaves out its own address, and a manifest does not know it. Nor are features that
    /// only stand for an optional dependency of their name, because only cargo names them all.
    pub fn agrees_with(&self, other: &Declared<'_>) -> bool {
        let (Some(one), Some(other)) = (self.view(), other.view()) else { return false };
        let sorted = |words: Words<'_>| {
            let mut words: Vec<String> = words.iter().map(str::to_owned).collect();
            words.sort_unstable();
            words.dedup();
            words
        };
        let features = |view: &View<'_>| {
            let on = view.features.iter().map(|(name, on)| ((*name).to_owned(), sorted(*on)));
            let on = on.filter(
                |(name, on)| !matches!(on.as_slice(), [only] if only.strip_prefix("dep:") == Some(name)),
            );
            let others = sorted(Words::Text(view.other_features)).into_iter().map(|name| (name, Vec::new()));
            on.chain(others).collect::<BTreeMap<String, Vec<String>>>()
        };
        let dependencies = |view: &View<'_>| {
            let lines = view.dependencies.iter().map(|dependency| {
                let TermsView { key, optional, default_features, features, condition } = dependency.terms;
                let condition = match condition {
                    Some(ConditionView::Text(text)) => text.to_owned(),
                    Some(ConditionView::Read(condition)) => condition.to_string(),
                    None => String::new(),
                };
                let terms = (key.to_owned(), optional, default_features, sorted(features), condition);
                // Cargo writes `*` where a manifest requires no version.
                let requirement =
                    if dependency.requirement.is_empty() { "*" } else { dependency.requirement };
                (dependency.kind, dependency.package.to_owned(), requirement.to_owned(), terms)
            });
            lines.collect::<BTreeSet<_>>()
        };
        one.links == other.links
            && features(&one) == features(&other)
            && dependencies(&one) == dependencies(&other)
    }

    /// Reads it; nothing if it was damaged.
    pub fn view(&self) -> Option<View<'_>> {
        let mut view = View::default();
        let mut fields = Fields(&self.0);
        let (_, links) = (fields.next()?, fields.next()?);
        view.links = Some(links).filter(|links| !links.is_empty());
        let mut rest = fields.end()?;
        while let Some(kind) = rest.bytes().next() {
            let mut fields = Fields(rest.get(1..)?);
            let kind = match kind {
                b'f' => {
                    view.features.push((fields.next()?, Words::Text(fields.next()?)));
                    rest = fields.end()?;
                    continue;
                }
                b'o' => {
                    view.other_features = fields.next()?;
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
            let origin = OriginView::read(fields.next()?)?;
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
                origin,
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

/// Whether words in order, with spaces between them, have a word.
pub(crate) fn is_word_of(mut words: &str, word: &str) -> bool {
    while !words.is_empty() {
        let middle = words.as_bytes().iter().skip(words.len() / 2).position(|&byte| byte == b' ');
        let middle = middle.map_or(words.len(), |place| words.len() / 2 + place);
        let Some((before, after)) = words.split_at_checked(middle) else { return false };
        let (earlier, found) = before.rsplit_once(' ').unwrap_or(("", before));
        match found.cmp(word) {
            Ordering::Equal => return true,
            Ordering::Greater => words = earlier,
            Ordering::Less => words = after.strip_prefix(' ').unwrap_or_default(),
        }
    }
    false
}

impl DependencyView<'_> {
    /// Whether a package of this name and version will do, wherever it comes from. A requirement that was damaged excludes
    /// nothing.
    pub(crate) fn is_met_by(&self, name: &str, version: &semver::Version) -> bool {
        self.package == name
            && (self.requirement.is_empty()
                || semver::VersionReq::parse(self.requirement).map_or(true, |wanted| wanted.matches(version)))
    }

    /// Whether a version will do. None does for a requirement that was damaged.
    pub(crate) fn is_met_by_version(&self, version: &semver::Version) -> bool {
        self.requirement.is_empty()
            || semver::VersionReq::parse(self.requirement).is_ok_and(|wanted| wanted.matches(version))
    }

    /// The name of the package, and the versions that will do.
    pub(crate) fn shown(&self) -> String {
        format!("{} {}", self.package, self.requirement).trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests;
