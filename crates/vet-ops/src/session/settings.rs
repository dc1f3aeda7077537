//! The settings of a project, with overrides from the command line.

use vet_diagnostics::{Located, Problems};
use vet_project::Project;
use vet_project::store_folder::{NamedBytes, StoreFolder};
use vet_store::settings::{Settings, TargetSetting};
use vet_store::{Bytes, Parsed, Text, parse_settings};

use crate::graph;
use crate::operation::context::{Context, SettingOverrides, TargetOverride};
use crate::operation::report::Run;

/// Parses `vet.toml` and applies overrides from the command line. From then on, findings have their
/// configured levels.
///
/// # Errors
///
/// Everything that is wrong with the file. If something is, this includes names that do not exist
/// in the project; otherwise these are found when the graph is read. Levels from the command line
/// apply anyway.
pub(crate) fn settings_of(
    file: Option<Bytes<'_>>,
    project: &Project,
    context: &Context,
    run: &Run<'_>,
) -> Result<Settings, Problems> {
    let Parsed { value, problems } = match file {
        Some(file) => parse_settings(&Text::decode(file.name, file.bytes)?.source),
        None => Parsed { value: Settings::default(), problems: Vec::new() },
    };
    let settings = merged(value, &context.overrides);
    if !problems.is_empty() {
        let names = graph::problems_of_settings(project, context, settings.graph);
        return Err(names.after(problems).into());
    }
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
    settings_of(file.as_ref().map(bytes), project, context, run)
}

pub(crate) fn file_in(folder: &StoreFolder) -> Result<Option<NamedBytes>, Problems> {
    folder.read_settings().map_err(Problems::from)
}

pub(crate) fn bytes(file: &NamedBytes) -> Bytes<'_> {
    Bytes { name: &file.name, bytes: &file.bytes }
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
