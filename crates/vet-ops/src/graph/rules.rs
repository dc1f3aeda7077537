//! From settings to the rules that they make.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;

use vet_fetch::rustc::Rustc;
use vet_graph::workspace::{LocalPackage, Workspace, normal};
use vet_graph::{Platform, Platforms, Rules};
use vet_store::diagnostic::{Code, Diagnostic};
use vet_store::settings::{GraphSettings, Located, MemberSettings, TargetSetting};
use vet_store::wording;

use crate::place::Place;

/// What settings are read against.
pub(super) struct Surroundings<'a> {
    pub(super) place: &'a Place,
    /// The compiler, for targets that only it knows.
    pub(super) rustc: &'a Rustc,
    /// The folder of the workspace.
    pub(super) root: &'a Path,
    pub(super) workspace: &'a Workspace,
}

/// The rules that settings make.
///
/// # Errors
///
/// Everything that they name and that does not exist.
pub(super) fn rules(settings: &GraphSettings, around: &Surroundings<'_>) -> Result<Rules, Vec<Diagnostic>> {
    let mut problems = Vec::new();
    let members = around.members(&settings.members, &mut problems);
    around.check_features(settings, &mut problems);
    let platforms = match &settings.targets {
        None => {
            // Hosts alone leave nothing out, but what is wrong with them is wrong.
            around.platforms(settings.hosts.as_deref().unwrap_or_default(), &mut problems);
            None
        }
        Some(targets) => {
            let targets = around.platforms(targets, &mut problems);
            let hosts = match &settings.hosts {
                Some(hosts) => around.platforms(hosts, &mut problems),
                None => targets.iter().filter(|target| target.can_host()).cloned().collect(),
            };
            Some(Platforms { targets, hosts })
        }
    };
    if !problems.is_empty() {
        return Err(problems);
    }
    let features = settings.features.iter().map(|(member, features)| {
        let names = features.names.iter().map(|name| name.value.clone()).collect();
        (member.clone(), names)
    });
    Ok(Rules { members, exclude_dev: settings.exclude_dev, features: features.collect(), platforms })
}

impl Surroundings<'_> {
    fn workspace_members(&self) -> impl Iterator<Item = &LocalPackage> {
        self.workspace.packages.iter().filter(|package| package.is_member)
    }

    fn member(&self, name: &str) -> Option<&LocalPackage> {
        self.workspace_members().find(|member| member.name == name)
    }

    fn members(&self, settings: &MemberSettings, problems: &mut Vec<Diagnostic>) -> Option<BTreeSet<String>> {
        let (named, is_selected) = match settings {
            MemberSettings::All => return None,
            MemberSettings::Only(named) => (named, true),
            MemberSettings::AllBut(named) => (named, false),
        };
        for name in named {
            self.check_member(name, problems);
        }
        let is_named = |member: &&LocalPackage| named.iter().any(|name| name.value == member.name);
        let selected = self.workspace_members().filter(|member| is_named(member) == is_selected);
        let selected: BTreeSet<String> = selected.map(|member| member.name.clone()).collect();
        if selected.is_empty() && problems.is_empty() {
            let problem = Diagnostic::error(Code::NothingLeft, "no member of the workspace is left")
                .help("leave at least one member in");
            problems.push(match named.last() {
                Some(last) => last.mark(problem, "the last one"),
                None => problem,
            });
        }
        Some(selected)
    }

    fn check_member(&self, name: &Located<String>, problems: &mut Vec<Diagnostic>) {
        if self.member(&name.value).is_some() {
            return;
        }
        let message = format!("the workspace has no member `{}`", wording::shown(&name.value));
        let problem = Diagnostic::error(Code::UnknownMember, message);
        let names: BTreeSet<&str> = self.workspace_members().map(|member| member.name.as_str()).collect();
        let help = match wording::nearest(&name.value, names.iter().copied()) {
            Some(meant) => format!("did you mean `{}`?", wording::shown(meant)),
            None => format!("its members are {}", wording::list(names.iter().copied(), "and")),
        };
        problems.push(name.mark(problem.help(help), "not a member"));
    }

    /// Features that do not exist would turn nothing on.
    fn check_features(&self, settings: &GraphSettings, problems: &mut Vec<Diagnostic>) {
        for features in settings.features.values() {
            let Some(member) = self.member(&features.member.value) else {
                self.check_member(&features.member, problems);
                continue;
            };
            for name in features.names.iter().filter(|name| !has_feature(member, &name.value)) {
                let (package, feature) = (wording::shown(&member.name), wording::shown(&name.value));
                let message = format!("the member `{package}` has no feature `{feature}`");
                let problem = Diagnostic::error(Code::UnknownFeature, message);
                let problem = match wording::nearest(&name.value, feature_names(member)) {
                    Some(meant) => problem.help(format!("did you mean `{}`?", wording::shown(meant))),
                    None => problem.help("features are listed in `[features]` of its manifest"),
                };
                problems.push(name.mark(problem, "not a feature"));
            }
        }
    }

    fn platforms(&self, settings: &[TargetSetting], problems: &mut Vec<Diagnostic>) -> Vec<Platform> {
        let mut platforms = Vec::with_capacity(settings.len());
        for setting in settings {
            match self.platform(setting) {
                Ok(platform) => platforms.push(platform),
                Err(problem) => problems.push(problem),
            }
        }
        platforms
    }

    /// A target that is built in, else what the compiler says.
    fn platform(&self, setting: &TargetSetting) -> Result<Platform, Diagnostic> {
        let triple = &setting.triple;
        let features = || setting.features.iter().map(|feature| feature.value.as_str());
        if let Some(platform) = Platform::built_in(&triple.value, features()) {
            return Ok(platform);
        }
        let (argument, name) = match setting.is_specification() {
            true => self.specification(triple)?,
            false => (OsString::from(&triple.value), triple.value.clone()),
        };
        let asked = match triple.value.starts_with('-') {
            // The compiler would take it for an option.
            true => Err(String::new()),
            false => self.rustc.cfg(&argument),
        };
        let described = asked.and_then(|printed| {
            Platform::described(&name, &printed, features()).map_err(|error| error.to_string())
        });
        described.map_err(|words| {
            let message = format!("the target `{}` is not known", wording::shown(&triple.value));
            let mut problem = Diagnostic::error(Code::UnknownTarget, message);
            if !words.is_empty() {
                problem = problem.note(format!("the compiler does not know it either: {words}"));
            }
            let help = match nearest_target(&triple.value) {
                _ if setting.is_specification() => {
                    "a compiler must be there that reads the specification".to_owned()
                }
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "`rustc --print target-list` lists the targets".to_owned(),
            };
            triple.mark(problem.help(help), "not a target")
        })
    }

    /// The path of a specification, and the name of the target. Paths in the settings begin at the root of the workspace, as
    /// for cargo; those of the command line where the command is run.
    fn specification(&self, triple: &Located<String>) -> Result<(OsString, String), Diagnostic> {
        let base = if triple.place.is_some() { self.root } else { &self.place.current_folder };
        let path = normal(&self.place.current_folder.join(base).join(&triple.value));
        if !path.exists() {
            let message = format!("there is no target specification `{}`", wording::shown(&triple.value));
            let problem = Diagnostic::error(Code::UnknownTarget, message)
                .help("in the settings, its path begins at the root of the workspace");
            return Err(triple.mark(problem, "not a file"));
        }
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        Ok((path.into_os_string(), name))
    }
}

/// The built-in target that is meant most likely: what was written may be the beginning of its name.
fn nearest_target(triple: &str) -> Option<&'static str> {
    let begins = format!("{triple}-");
    let mut longer = Platform::all_built_in().filter(|target| target.starts_with(&begins));
    longer.next().or_else(|| wording::nearest(triple, Platform::all_built_in()))
}

/// The features of a member, with its optional dependencies.
fn feature_names(member: &LocalPackage) -> BTreeSet<&str> {
    let optional = member.dependencies.iter().filter(|dependency| dependency.terms.optional);
    let optional = optional.map(|dependency| dependency.terms.key.as_str());
    member.features.keys().map(String::as_str).chain(optional).collect()
}

/// Whether a member has a feature: one of its own, an optional dependency, or one of a dependency, as `key/feature`.
fn has_feature(member: &LocalPackage, name: &str) -> bool {
    match name.split_once('/') {
        Some((key, _)) => {
            let key = key.strip_suffix('?').unwrap_or(key);
            member.dependencies.iter().any(|dependency| dependency.terms.key == key)
        }
        // `default` may be asked for where there is none.
        None => name == "default" || feature_names(member).contains(name),
    }
}
