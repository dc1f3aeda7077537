//! `settings`: shows the settings in force.

use vet_diagnostics::{Code, Levels, Located, Source};
use vet_store::settings::{Settings, TargetSetting};
use vet_store::{Text, setting_place};

use crate::operation::context::{Context, SettingOverrides};
use crate::operation::events::Observer;
use crate::operation::report::Report;
use crate::session::settings::{bytes, file_in, settings_of};

/// The effective value of each setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsInForce {
    /// The path of the file, as the user would write it, if the file exists.
    pub file: Option<String>,
    /// All settings, in the order of the file.
    pub settings: Vec<SettingInForce>,
}

/// One setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingInForce {
    /// Its path of keys.
    pub keys: Vec<String>,
    /// The value.
    pub value: SettingValue,
    /// Where the value comes from.
    pub origin: Origin,
}

/// The value of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingValue {
    /// Nothing is left out.
    All,
    /// The targets that can host a compiler.
    HostsAmongTargets,
    /// A switch.
    Flag(bool),
    /// Names, such as those of members.
    Names(Vec<String>),
    /// Targets.
    Targets(Vec<TargetSetting>),
    /// The level of a warning, and what the warning is about.
    Level(vet_diagnostics::Level, Code),
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It is the default.
    Default,
    /// A line of the file, counted from 1.
    Line(usize),
    /// The command line.
    CommandLine,
}

/// Returns the effective settings and their origins.
///
/// # Errors
///
/// Everything that is wrong with the file, or the file cannot be read.
pub fn settings_in_force(context: &Context, observer: &dyn Observer) -> Report<SettingsInForce> {
    Report::of(observer, &context.overrides.levels, |run| {
        let project = context.project()?;
        let file = file_in(&project.store_folder(context.store_path.as_deref())?)?;
        let settings = settings_of(file.as_ref().map(bytes), &project, context, run)?;
        let text = file.as_ref().map(|file| Text::decode(&file.name, &file.bytes)).transpose()?;
        let text = text.as_ref().map(|text| text.source.as_ref());
        let listing = Listing { text, overrides: &context.overrides, all: Vec::new() };
        Ok(SettingsInForce { file: file.map(|file| file.name), settings: listing.list(&settings) })
    })
}

struct Listing<'a> {
    text: Option<&'a Source>,
    overrides: &'a SettingOverrides,
    all: Vec<SettingInForce>,
}

impl Listing<'_> {
    fn list(mut self, settings: &Settings) -> Vec<SettingInForce> {
        use vet_store::settings::MemberSettings;

        let graph = &settings.graph;
        let targets = |targets: &Option<Vec<TargetSetting>>| targets.clone().map(SettingValue::Targets);
        let is_overridden = self.overrides.targets.is_some();
        let origin = if is_overridden { Origin::CommandLine } else { self.origin(&["graph", "targets"]) };
        self.add(&["graph", "targets"], targets(&graph.targets).unwrap_or(SettingValue::All), origin);
        self.add_from_file(
            &["graph", "hosts"],
            targets(&graph.hosts).unwrap_or(SettingValue::HostsAmongTargets),
        );
        if !graph.unset_cfg.is_empty() {
            self.add_from_file(&["graph", "unset-cfg"], names(&graph.unset_cfg));
        }
        self.add_from_file(&["graph", "exclude-dev"], SettingValue::Flag(graph.exclude_dev));
        let (key, members) = match &graph.members {
            MemberSettings::All => ("members", SettingValue::All),
            MemberSettings::Only(names) => ("members", self::names(names)),
            MemberSettings::AllBut(names) => ("exclude-members", self::names(names)),
        };
        self.add_from_file(&["graph", key], members);
        for (member, features) in &graph.features {
            self.add_from_file(&["graph", "features", member], names(&features.names));
        }
        if graph.features.is_empty() {
            self.add(&["graph", "features"], SettingValue::All, Origin::Default);
        }
        self.levels(&settings.diagnostics);
        self.all
    }

    fn levels(&mut self, levels: &Levels) {
        for (code, level) in levels.iter() {
            let origin = match &level.place {
                Some(place) => Origin::Line(place.line()),
                None => Origin::CommandLine,
            };
            let code_text = code.to_string();
            self.add(&["diagnostics", &code_text], SettingValue::Level(level.value, code), origin);
        }
    }

    fn add_from_file(&mut self, keys: &[&str], value: SettingValue) {
        let origin = self.origin(keys);
        self.add(keys, value, origin);
    }

    fn add(&mut self, keys: &[&str], value: SettingValue, origin: Origin) {
        let keys = keys.iter().map(|&key| key.to_owned()).collect();
        self.all.push(SettingInForce { keys, value, origin });
    }

    fn origin(&self, keys: &[&str]) -> Origin {
        let place = self.text.and_then(|text| Some((text, setting_place(&text.text, keys)?)));
        let Some((text, span)) = place else { return Origin::Default };
        let before = text.text.get(..span.start).unwrap_or_default();
        Origin::Line(1 + before.matches('\n').count())
    }
}

fn names(names: &[Located<String>]) -> SettingValue {
    SettingValue::Names(names.iter().map(|name| name.value.clone()).collect())
}
