//! Turns settings into rules.

use std::cell::LazyCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use vet_diagnostics::{Code, Diagnostic, Located, Problems, wording};
use vet_graph::platform::is_set_by_compilers;
use vet_graph::workspace::{LocalPackage, Workspace, normal};
use vet_graph::{FeaturesOn, Platform, Platforms, Rules};
use vet_project::{BuildSettings, Project, Redirection, StatedTarget};
use vet_store::settings::{GraphSettings, MemberSettings, TargetSetting};

use super::first_problems::FirstProblems;
use crate::operation::context::Context;

/// What is needed to interpret settings.
pub(super) struct Surroundings<'a> {
    pub(super) context: &'a Context,
    pub(super) project: &'a Project,
    pub(super) workspace: &'a Workspace,
}

/// The rules from settings, and why they do not leave out everything that the settings name.
pub(super) struct ReadRules {
    pub(super) rules: Rules,
    /// Warnings. The packages that they concern stay in the graph.
    pub(super) findings: Vec<Diagnostic>,
}

/// The rules from settings.
///
/// # Errors
///
/// One finding for everything that the settings name and that does not exist.
pub(super) fn rules(
    settings: &GraphSettings,
    around: &Surroundings<'_>,
    redirection: &Redirection,
) -> Result<ReadRules, Problems> {
    let mut problems = FirstProblems::default();
    let mut findings = Vec::new();
    let members = around.members(&settings.members, &mut problems);
    findings.extend(members.as_ref().and_then(|members| around.built_though_left_out(members)));
    around.check_features(settings, &mut problems);
    check_unset(settings, &mut problems);
    let platforms = around.all_platforms(settings, &mut problems, &mut findings);
    if !problems.is_empty() {
        return Err(problems.after(Vec::new()).into());
    }
    let can_be_off = LazyCell::new(|| around.project.default_features_can_be_off());
    let features = settings.features.iter().map(|(member, features)| {
        let names = features.named().map(|name| name.value.clone()).collect();
        let default = features.default_is_on() || !*can_be_off;
        (member.clone(), FeaturesOn { names, default })
    });
    let mut rules =
        Rules { members, exclude_dev: settings.exclude_dev, features: features.collect(), platforms };
    findings.extend(described_elsewhere(redirection, &mut rules));
    Ok(ReadRules { rules, findings })
}

/// What is wrong with the names in settings from which values that cannot be read are missing.
pub(super) fn problems_of(
    mut settings: GraphSettings,
    project: &Project,
    context: &Context,
    workspace: &Workspace,
) -> FirstProblems {
    let around = Surroundings { context, project, workspace };
    let mut problems = FirstProblems::default();
    if matches!(&settings.members, MemberSettings::Only(named) if named.is_empty()) {
        settings.members = MemberSettings::All;
    }
    around.members(&settings.members, &mut problems);
    around.check_features(&settings, &mut problems);
    check_unset(&settings, &mut problems);
    around.all_platforms(&settings, &mut problems, &mut Vec::new());
    problems
}

/// Reports names that compilers set themselves: settings cannot unset them.
fn check_unset(settings: &GraphSettings, problems: &mut FirstProblems) {
    for name in settings.unset_cfg.iter().filter(|name| is_set_by_compilers(&name.value)) {
        problems.push(|| {
            let message = format!("`{}` cannot be unset", wording::shown(&name.value));
            let problem = Diagnostic::error(Code::InvalidValue, message).help(
                "use `targets` and `hosts` to describe targets; other names that compilers set count as unknown",
            );
            name.mark(problem, "compilers set it")
        });
    }
}

impl Surroundings<'_> {
    fn workspace_members(&self) -> impl Iterator<Item = &LocalPackage> {
        self.workspace.packages.iter().filter(|package| package.is_member)
    }

    fn member(&self, name: &str) -> Option<&LocalPackage> {
        self.workspace_members().find(|member| member.name == name)
    }

    fn members(&self, settings: &MemberSettings, problems: &mut FirstProblems) -> Option<BTreeSet<String>> {
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
            problems.push(|| {
                let problem = Diagnostic::error(Code::NothingLeft, "no member of the workspace is left")
                    .help("keep at least one member");
                match named.last() {
                    Some(last) => last.mark(problem, "the last one"),
                    None => problem,
                }
            });
        }
        Some(selected)
    }

    fn check_member(&self, name: &Located<String>, problems: &mut FirstProblems) {
        if self.member(&name.value).is_some() {
            return;
        }
        problems.push(|| {
            let message = format!("the workspace has no member `{}`", wording::shown(&name.value));
            let problem = Diagnostic::error(Code::UnknownMember, message);
            let names: BTreeSet<&str> = self.workspace_members().map(|member| member.name.as_str()).collect();
            let help = match wording::nearest(&name.value, names.iter().copied()) {
                Some(meant) => format!("did you mean `{}`?", wording::shown(meant)),
                None => format!("its members are {}", wording::list(names.iter().copied(), "and")),
            };
            name.mark(problem.help(help), "not a member")
        });
    }

    /// Reports features that do not exist, because they would turn nothing on.
    fn check_features(&self, settings: &GraphSettings, problems: &mut FirstProblems) {
        for features in settings.features.values() {
            let Some(member) = self.member(&features.member.value) else {
                self.check_member(&features.member, problems);
                continue;
            };
            for name in features.named().filter(|name| !has_feature(member, &name.value)) {
                problems.push(|| {
                    let (package, feature) = (wording::shown(&member.name), wording::shown(&name.value));
                    let message = format!("the member `{package}` has no feature `{feature}`");
                    let problem = Diagnostic::error(Code::UnknownFeature, message);
                    let problem = match wording::nearest(&name.value, feature_names(member)) {
                        Some(meant) => problem.help(format!("did you mean `{}`?", wording::shown(meant))),
                        None => problem.help("features are listed in `[features]` of its manifest"),
                    };
                    name.mark(problem, "not a feature")
                });
            }
        }
    }

    /// Warns of a member that is left out although `cargo build` builds it by default. It may have
    /// exchanged names with another member.
    fn built_though_left_out(&self, selected: &BTreeSet<String>) -> Option<Diagnostic> {
        let built = self.workspace_members().filter(|member| {
            !selected.contains(&member.name) && self.project.is_named_to_be_built(&member.folder)
        });
        let names: Vec<&str> = built.map(|member| member.name.as_str()).collect();
        let listed = wording::list(names.iter().copied(), "and");
        let message = match names.as_slice() {
            [] => return None,
            [_] => format!("the member {listed} is left out, but `cargo build` builds it"),
            _ => format!("the members {listed} are left out, but `cargo build` builds them"),
        };
        let finding = Diagnostic::warning(Code::BuiltThoughLeftOut, message)
            .note("`cargo build` builds the package in the workspace folder, or those in `default-members`")
            .help("include them, or always build with `--package` and allow this warning");
        Some(finding)
    }

    /// The targets that the project is built for, and the hosts that run build scripts.
    fn all_platforms(
        &self,
        settings: &GraphSettings,
        problems: &mut FirstProblems,
        findings: &mut Vec<Diagnostic>,
    ) -> Option<Platforms> {
        let named = settings.hosts.as_deref().map(|hosts| self.platforms(hosts, problems, findings));
        // Hosts alone leave nothing out, but errors in them are still reported.
        let targets = settings.targets.as_deref()?;
        let mut targets = self.platforms(targets, problems, findings);
        let mut hosts = named;
        let build = self.project.build_settings(self.workspace, self.context.cargo_home());
        for stated in &build.targets {
            let (platform, is_known) = self.stated(stated, settings);
            if is_known {
                continue;
            }
            if let Some(hosts) = hosts.as_mut().filter(|_| stated.is_host) {
                hosts.push(platform.clone());
            }
            targets.push(platform);
            let message = format!(
                "cargo builds for `{}` because of {}, but the settings do not name that target",
                wording::shown(&stated.name),
                stated.place
            );
            findings.push(
                Diagnostic::warning(Code::TargetNotNamed, message)
                    .note("packages built for it are checked")
                    .help("add it to `targets`, or remove it there"),
            );
        }
        let mut hosts = hosts.unwrap_or_else(|| {
            // The same target with other features is a different target.
            targets.iter().filter(|target| target.can_host()).cloned().collect()
        });
        let unset = || settings.unset_cfg.iter().map(|name| name.value.clone());
        for platform in targets.iter_mut().chain(&mut hosts) {
            *platform = platform.clone().without(unset());
            platform.apply(&build.flags);
        }
        let changes = |name: &str| build.flags.names.contains(name);
        let matters = build.flags.changes_everything
            || build.flags.names.iter().any(|name| Platform::is_property(name))
            || unset().any(|name| changes(&name))
            || (changes("target_feature") && platforms_have_features(settings));
        findings.extend(matters.then(|| conditions_changed(&build)));
        let elsewhere: Vec<&String> =
            self.workspace.packages.iter().flat_map(|package| &package.other_targets).collect();
        if let Some(first) = elsewhere.first() {
            let message = format!("nothing is left out by `targets`, because of {first}");
            findings.push(
                Diagnostic::warning(Code::ConditionsChanged, message)
                    .note("there, cargo builds for other targets than the requested ones"),
            );
            return None;
        }
        Some(Platforms { targets, hosts })
    }

    /// A target that the checkout configures for cargo, and whether the settings name it.
    fn stated(&self, stated: &StatedTarget, settings: &GraphSettings) -> (Platform, bool) {
        let named = || settings.targets.iter().flatten();
        let is_host = |triple: &str| {
            let named =
                settings.hosts.as_ref().map(|hosts| hosts.iter().any(|one| one.triple.value == triple));
            !stated.is_host || named.unwrap_or(true)
        };
        if let Some(path) = &stated.specification {
            let is_known = named().any(|one| self.path_of(one).as_ref() == Some(path));
            return (Platform::unknown(&stem(path)), is_known);
        }
        let is_known = named().any(|one| one.triple.value == stated.name) && is_host(&stated.name);
        let platform = Platform::built_in(&stated.name, []);
        (platform.unwrap_or_else(|| Platform::unknown(&stated.name)), is_known)
    }

    fn platforms(
        &self,
        settings: &[TargetSetting],
        problems: &mut FirstProblems,
        findings: &mut Vec<Diagnostic>,
    ) -> Vec<Platform> {
        let mut platforms = Vec::with_capacity(settings.len());
        for setting in settings {
            match self.platform(setting, findings) {
                Ok(platform) => platforms.push(platform),
                Err(wrong) => problems.push(|| wrong.into()),
            }
        }
        platforms
    }

    /// A built-in target, or one that the settings describe with `like`. No compiler is asked,
    /// because the checkout can decide which compiler that is and what it reads.
    fn platform<'s>(
        &self,
        setting: &'s TargetSetting,
        findings: &mut Vec<Diagnostic>,
    ) -> Result<Platform, WrongTarget<'s>> {
        let triple = &setting.triple;
        let features = || setting.features.iter().map(|feature| feature.value.as_str());
        if let Some(platform) = Platform::built_in(&triple.value, features()) {
            return match &setting.like {
                None => Ok(platform),
                Some(like) => Err(WrongTarget::BuiltIn { triple, like }),
            };
        }
        let path = self.path_of(setting);
        if path.as_ref().is_some_and(|path| !path.exists()) {
            return Err(WrongTarget::NoFile(triple));
        }
        let name = path.as_deref().map_or_else(|| triple.value.clone(), stem);
        let Some(like) = &setting.like else {
            return match path {
                Some(_) => {
                    findings.push(undescribed(triple, "the settings do not name a similar target"));
                    Ok(Platform::unknown(&name))
                }
                None => Err(WrongTarget::Unknown(triple)),
            };
        };
        let Some(mut platform) = Platform::like(&name, &like.value, features()) else {
            return Err(WrongTarget::Unknown(like));
        };
        if let Some(path) = path {
            let read = self.project.read_file(&path).map_err(|_| "it cannot be read".to_owned());
            let compared = match read {
                Ok(source) => platform.compare(&source.text).map_err(|problem| problem.to_string()),
                Err(why) => {
                    platform = Platform::unknown(&name);
                    Err(why)
                }
            };
            match compared {
                Ok(differ) if differ.is_empty() => {}
                Ok(differ) => {
                    let names = wording::list(differ, "and");
                    findings.push(undescribed(triple, &format!("its specification differs in {names}")));
                }
                Err(why) => findings.push(undescribed(triple, &why)),
            }
        }
        Ok(platform)
    }

    /// The path of a target specification. Paths in the settings are relative to the workspace
    /// root, as in cargo; paths on the command line are relative to the current folder.
    fn path_of(&self, setting: &TargetSetting) -> Option<PathBuf> {
        let current = &self.context.current_folder;
        let base = if setting.triple.place.is_some() { self.project.root_folder() } else { current };
        let path = || normal(&current.join(base).join(&setting.triple.value));
        setting.is_specification().then(path)
    }
}

/// If another registry than the one asked here describes packages, cargo may build what the
/// conditions and features of this one leave out.
fn described_elsewhere(redirection: &Redirection, rules: &mut Rules) -> Option<Diagnostic> {
    let leaves_out = rules.platforms.is_some() || !rules.features.is_empty();
    if !redirection.describes_packages || !leaves_out {
        return None;
    }
    rules.platforms = None;
    rules.features.clear();
    let settings = redirection.settings.iter().chain(&redirection.ignored).map(String::as_str);
    let message = format!(
        "nothing is left out by `targets` and `features`, because of {} in the checkout's cargo configuration",
        wording::list(settings, "and")
    );
    Some(
        Diagnostic::warning(Code::ConditionsChanged, message)
            .note("cargo uses the conditions and features that it finds there"),
    )
}

fn platforms_have_features(settings: &GraphSettings) -> bool {
    let all = settings.targets.iter().chain(&settings.hosts).flatten();
    all.into_iter().any(|target| !target.features.is_empty())
}

/// The name of the target that a file describes.
fn stem(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

fn conditions_changed(build: &BuildSettings) -> Diagnostic {
    let message = match build.flags.changes_everything {
        true => "the checkout may change every condition".to_owned(),
        false => {
            let names = wording::list(build.flags.names.iter().map(String::as_str), "and");
            format!("the checkout changes the conditions with {names}")
        }
    };
    let mut finding = Diagnostic::warning(Code::ConditionsChanged, message)
        .note("if a condition might apply, its dependencies are checked");
    for reason in &build.reasons {
        finding = finding.note(format!("because of {reason}"));
    }
    finding
}

fn undescribed(triple: &Located<String>, why: &str) -> Diagnostic {
    let message = format!("too little is known about the target `{}`: {why}", wording::shown(&triple.value));
    let finding = Diagnostic::warning(Code::TargetUndescribed, message)
        .note("if a condition might apply, its dependencies are checked")
        .help("name the built-in target that has the same properties: `{ triple = …, like = \"…\" }`");
    triple.mark(finding, "this target")
}

/// Why a setting is not a target.
enum WrongTarget<'s> {
    BuiltIn { triple: &'s Located<String>, like: &'s Located<String> },
    NoFile(&'s Located<String>),
    Unknown(&'s Located<String>),
}

impl From<WrongTarget<'_>> for Diagnostic {
    fn from(wrong: WrongTarget<'_>) -> Self {
        match wrong {
            WrongTarget::BuiltIn { triple, like } => {
                let message = format!(
                    "`{}` is a built-in target, so it cannot have `like`",
                    wording::shown(&triple.value)
                );
                let problem = Diagnostic::error(Code::SettingsConflict, message).help("remove `like`");
                like.mark(problem, "used with a built-in target")
            }
            WrongTarget::NoFile(triple) => {
                let message = format!("there is no target specification `{}`", wording::shown(&triple.value));
                let problem = Diagnostic::error(Code::UnknownTarget, message)
                    .help("in the settings, the path is relative to the root of the workspace");
                triple.mark(problem, "not a file")
            }
            WrongTarget::Unknown(triple) => unknown(triple),
        }
    }
}

fn unknown(triple: &Located<String>) -> Diagnostic {
    let message = format!("unknown target `{}`", wording::shown(&triple.value));
    let problem = Diagnostic::error(Code::UnknownTarget, message);
    let problem = match nearest_target(&triple.value) {
        Some(meant) => problem.help(format!("did you mean `{meant}`?")),
        None if triple.place.is_none() => {
            problem.help("`rustc --print target-list` lists all targets; `all` means all of them")
        }
        None => problem.help(
            "for a target that this tool does not know, add the built-in one that has the same properties: \
             `{ triple = …, like = \"…\" }`",
        ),
    };
    triple.mark(problem, "not a target")
}

/// The built-in target that the user most likely means. The text may be the name of an operating
/// system, or only the beginning of a target's name.
fn nearest_target(text: &str) -> Option<&'static str> {
    const COMMON: [&str; 7] = [
        "x86_64-unknown-linux-gnu",
        "x86_64-pc-windows-msvc",
        "aarch64-apple-darwin",
        "wasm32-unknown-unknown",
        "aarch64-linux-android",
        "aarch64-apple-ios",
        "x86_64-unknown-freebsd",
    ];
    let text = match text.to_ascii_lowercase().as_str() {
        "macos" | "osx" | "mac" | "apple" => "darwin".to_owned(),
        "wasm" => "wasm32".to_owned(),
        text => text.to_owned(),
    };
    let begins = format!("{text}-");
    let mut common = COMMON.iter().copied();
    common
        .find(|target| target.split('-').any(|part| part == text) || target.starts_with(&begins))
        .or_else(|| Platform::all_built_in().find(|target| target.starts_with(&begins)))
        .or_else(|| wording::nearest(&text, Platform::all_built_in()))
}

/// The features of a member, including its optional dependencies.
fn feature_names(member: &LocalPackage) -> BTreeSet<&str> {
    let optional = member.dependencies.iter().filter(|dependency| dependency.terms.optional);
    let optional = optional.map(|dependency| dependency.terms.key.as_str());
    member.features.keys().map(String::as_str).chain(optional).collect()
}

/// Whether a member has a feature: its own, an optional dependency, or a feature of a dependency,
/// written `key/feature`.
fn has_feature(member: &LocalPackage, name: &str) -> bool {
    match name.split_once('/') {
        Some((key, _)) => {
            let key = key.strip_suffix('?').unwrap_or(key);
            member.dependencies.iter().any(|dependency| dependency.terms.key == key)
        }
        // `default` may be requested even if it is not defined.
        None => name == "default" || feature_names(member).contains(name),
    }
}
