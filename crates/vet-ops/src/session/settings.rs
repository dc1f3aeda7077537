//! The settings of a project, with overrides from the command line.

use std::sync::Arc;

use vet_diagnostics::{Located, Problems, Source};
use vet_project::Project;
use vet_project::store_folder::{NamedBytes, StoreFolder};
use vet_store::settings::{Settings, TargetSetting};
use vet_store::{Bytes, Text, parse_settings};

use crate::operation::context::{Context, SettingOverrides, TargetOverride};
use crate::operation::report::Run;

/// Parses `vet.toml` and applies overrides from the command line. From then on, findings have their
/// configured levels.
///
/// # Errors
///
/// Everything that is wrong with the file. Levels from the command line apply anyway.
pub(crate) fn settings_of(
    file: Option<Bytes<'_>>,
    context: &Context,
    run: &Run<'_>,
) -> Result<Settings, Problems> {
    let settings = match file {
        Some(file) => read(file)?.0,
        None => Settings::default(),
    };
    let settings = merged(settings, &context.overrides);
    run.set_levels(&settings.diagnostics);
    Ok(settings)
}

/// Reads the settings without the store and applies overrides from the command line. From then on,
/// findings have their configured levels.
///
/// # Errors
///
/// Everything that is wrong with the file, or the file cannot be read.
pub(crate) fn settings_without_store(
    project: &Project,
    context: &Context,
    run: &Run<'_>,
) -> Result<Settings, Problems> {
    let file = file_in(&project.store_folder(context.store_path.as_deref())?)?;
    settings_of(file.as_ref().map(bytes), context, run)
}

pub(crate) fn file_in(folder: &StoreFolder) -> Result<Option<NamedBytes>, Problems> {
    folder.read_settings().map_err(Problems::from)
}

pub(crate) fn bytes(file: &NamedBytes) -> Bytes<'_> {
    Bytes { name: &file.name, bytes: &file.bytes }
}

pub(crate) fn read(file: Bytes<'_>) -> Result<(Settings, Arc<Source>), Problems> {
    let text = Text::decode(file.name, file.bytes)?;
    Ok((parse_settings(&text.source).into_result()?, text.source))
}

fn merged(mut settings: Settings, overrides: &SettingOverrides) -> Settings {
    match &overrides.targets {
        None => {}
        Some(TargetOverride::All) => settings.graph.targets = None,
        Some(TargetOverride::Only(triples)) => {
            let target = |triple: &String| TargetSetting {
                triple: Located::on_command_line(triple.clone()),
                like: None,
                features: Vec::new(),
            };
            settings.graph.targets = Some(triples.iter().map(target).collect());
        }
    }
    settings.diagnostics = overrides.levels.clone().or(&settings.diagnostics);
    settings
}
