//! What a package declares: features, dependencies, and the terms on which each dependency counts.
//!
//! A graph may need this for hundreds of packages, but only a small part for each. So [`Declared`]
//! is a text that can be stored unchanged and read in place through a [`View`].

mod writing;

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::manifest::{
    Declaration, DependencyKind, Features, GitOrigin, GitReference, Origin, Specification,
};
use crate::platform::Condition;

/// What a package declares whose manifest is not in a local folder, as lines of text.
///
/// The first line says whether the library is a procedural macro (`m` if it is, `l` if not, `?` if
/// unknown), whether a part of the declarations is missing (`p`), and what `links` names. A feature
/// is `fNAME` and what it turns on. Features that turn on no dependency and no feature of a
/// dependency have only their names listed, in order, in the line `o`. A dependency is `n`, `b` or
/// `d` for its kind, followed by its key; `o` if it is optional, `x` if it has no default features;
/// its features; the name of the package if it differs from the key; its requirement; its
/// condition; its origin. Fields end with tabs. Words in a field are separated by spaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared<'t>(Cow<'t, str>);

/// The content of a [`Declared`].
#[derive(Clone, Debug, Default)]
pub struct View<'t> {
    /// What `links` names: a native library that only one package may link to.
    pub links: Option<&'t str>,
    /// What each feature turns on, by name, in order. Features that turn on nothing that counts are
    /// in `other_features`.
    pub features: Vec<(&'t str, Words<'t>)>,
    /// The names of the other features, in order, separated by spaces.
    pub(crate) other_features: &'t str,
    /// The dependencies. Those of published packages are normal and build dependencies.
    pub dependencies: Vec<DependencyView<'t>>,
}

/// A dependency in a [`Declared`].
#[derive(Clone, Copy, Debug)]
pub struct DependencyView<'t> {
    /// What needs it.
    pub kind: DependencyKind,
    /// Under which conditions it counts, and with which features.
    pub terms: TermsView<'t>,
    /// The name of the package.
    pub package: &'t str,
    /// The accepted versions; empty for any.
    requirement: &'t str,
    /// The origin.
    pub origin: OriginView<'t>,
}

/// The origin that a published package states for a dependency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OriginView<'t> {
    /// The same origin as the package itself.
    Same,
    /// From crates.io.
    CratesIo,
    /// The registry that cargo's configuration knows by this name.
    Registry(&'t str),
    /// The registry whose index has this address.
    Index(&'t str),
    /// A git repository: its address, and the branch, the tag or the revision.
    Git(&'t str, Option<(GitReference, &'t str)>),
}

/// The terms of a dependency, borrowed from a [`Terms`] or from a text.
#[derive(Clone, Copy, Debug)]
pub struct TermsView<'t> {
    /// The key in the table. Features refer to the dependency by it.
    pub key: &'t str,
    /// Whether it is needed only if a feature turns it on.
    pub optional: bool,
    /// Whether its default features are on.
    pub default_features: bool,
    /// The requested features.
    pub features: Words<'t>,
    /// The targets for which it counts; `None` for all.
    pub condition: Option<ConditionView<'t>>,
}

/// A condition, parsed or as text.
#[derive(Clone, Copy, Debug)]
pub enum ConditionView<'t> {
    /// A parsed condition.
    Read(&'t Condition),
    /// The text of a condition, as it was written to a [`Declared`].
    Text(&'t str),
}

/// Names, borrowed from a list or from a text.
#[derive(Clone, Copy, Debug)]
pub enum Words<'t> {
    /// A list.
    List(&'t [String]),
    /// A text in which spaces separate the names.
    Text(&'t str),
}

impl<'t> Words<'t> {
    /// Iterates over the names.
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
    /// What needs it.
    pub kind: DependencyKind,
    /// Under which conditions it counts, and with which features.
    pub terms: Terms,
    /// The name of the package.
    pub package: String,
    /// The accepted versions; `None` for any.
    pub requirement: Option<semver::VersionReq>,
    /// The origin.
    pub origin: PublishedOrigin,
}

/// The origin that a published package states for a dependency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublishedOrigin {
    /// The same origin as the package itself: the same registry, or for a folder in a git
    /// repository the same revision of the repository.
    Same,
    /// From crates.io.
    CratesIo,
    /// The registry that cargo's configuration knows by this name.
    Registry(String),
    /// The registry whose index has this address.
    Index(String),
    /// A git repository.
    Git(GitOrigin),
}

impl PublishedOrigin {
    /// Translates the origin in a manifest of a git repository. A folder is in the same repository.
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
    /// Parses an origin; `None` if the text is damaged.
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
    /// The key in the table. Features refer to the dependency by it.
    pub key: String,
    /// Whether it is needed only if a feature turns it on.
    pub optional: bool,
    /// Whether its default features are on.
    pub default_features: bool,
    /// The requested features.
    pub features: Vec<String>,
    /// The targets for which it counts; `None` for all.
    pub condition: Option<Arc<Condition>>,
}

impl Terms {
    /// Borrows the terms.
    pub(crate) fn view(&self) -> TermsView<'_> {
        TermsView {
            key: &self.key,
            optional: self.optional,
            default_features: self.default_features,
            features: Words::List(&self.features),
            condition: self.condition.as_deref().map(ConditionView::Read),
        }
    }

    /// Combines the terms of a declaration with what it inherits from `workspace.dependencies`.
    pub(crate) fn new(declaration: &Declaration, inherited: Option<&Specification>) -> Self {
        let default_features = match inherited.map(|inherited| inherited.default_features) {
            // A member can turn default features on, but not off.
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

/// Splits a text at the first occurrence of a byte. For short texts a loop over the bytes is the
/// fastest way.
pub(crate) fn cut(text: &str, byte: u8) -> Option<(&str, &str)> {
    let place = text.bytes().position(|other| other == byte)?;
    Some((text.get(..place)?, text.get(place + 1..)?))
}

/// The features of a package whose manifest was read.
pub(crate) fn features_in_order(features: &Features) -> Vec<(&str, Words<'_>)> {
    features.iter().map(|(name, on)| (name.as_str(), Words::List(on))).collect()
}

impl<'t> Declared<'t> {
    /// Wraps a stored text.
    pub fn from_text(text: &'t str) -> Self {
        Declared(Cow::Borrowed(text))
    }

    /// The text to store.
    pub fn text(&self) -> &str {
        &self.0
    }

    fn first_line(&self) -> &str {
        self.0.lines().next().unwrap_or_default()
    }

    /// Whether the library is a procedural macro, which the compiler loads; `None` if unknown.
    pub fn is_proc_macro(&self) -> Option<bool> {
        match self.first_line().chars().next()? {
            'm' => Some(true),
            'l' => Some(false),
            _ => None,
        }
    }

    /// Sets whether the library is a procedural macro, if that is known.
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

    /// Whether a part of the declarations is missing: it is in the manifest of a workspace that is
    /// not available, or only cargo understands it.
    pub fn is_partial(&self) -> bool {
        self.first_line().as_bytes().get(1) == Some(&b'p')
    }

    /// Whether another text declares the same features, `links` and dependencies, in any order.
    ///
    /// Origins are not compared, because an index leaves out its own address, which a manifest does
    /// not know. Features that only stand for an optional dependency of the same name are not
    /// compared either, because only cargo lists all of them.
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

    /// Parses the text; `None` if it is damaged.
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
    /// The next field; `None` if the line has no more.
    fn next(&mut self) -> Option<&'t str> {
        let place = self.0.bytes().position(|byte| byte == b'\t' || byte == b'\n')?;
        let (field, rest) = self.0.split_at_checked(place)?;
        self.0 = rest.strip_prefix('\t')?;
        Some(field)
    }

    /// The text after the line; `None` if the line has more fields.
    fn end(self) -> Option<&'t str> {
        self.0.strip_prefix('\n')
    }
}

/// Whether a text of sorted words, separated by spaces, contains a word.
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
    /// Whether a package with this name and version satisfies the dependency, whatever its source.
    /// A damaged requirement excludes nothing.
    pub(crate) fn is_met_by(&self, name: &str, version: &semver::Version) -> bool {
        self.package == name
            && (self.requirement.is_empty()
                || semver::VersionReq::parse(self.requirement).map_or(true, |wanted| wanted.matches(version)))
    }

    /// Whether a version satisfies the requirement. No version satisfies a damaged requirement.
    pub(crate) fn is_met_by_version(&self, version: &semver::Version) -> bool {
        self.requirement.is_empty()
            || semver::VersionReq::parse(self.requirement).is_ok_and(|wanted| wanted.matches(version))
    }

    /// The name of the package and the accepted versions, for messages.
    pub(crate) fn shown(&self) -> String {
        format!("{} {}", self.package, self.requirement).trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests;
