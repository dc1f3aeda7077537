//! Settings of the checkout that are ignored, or that prove nothing.

use vet_diagnostics::{Code, Diagnostic, Problems, wording};
use vet_graph::lock_file::LockedPackage;
use vet_graph::workspace::Workspace;
use vet_project::Project;

use super::reading::Reading;
use crate::operation::events::Event;

impl Reading<'_> {
    /// Reports settings of the checkout that are ignored when the network is used, settings in the
    /// folders of members, and packages from registries that only the checkout names.
    pub(super) fn report_checkout(&self) -> Result<(), Problems> {
        if let Some(ignored) = self.configuration.ignored(&self.context.registries) {
            match self.context.locked {
                false => self.run.found(ignored),
                true => self.run.notice(Event::Info(ignored.message)),
            }
        }
        if let Some(warning) = configured_in_members(self.project, self.workspace) {
            self.doubt(warning)?;
        }
        let environment = &self.context.registries;
        let is_unknown = |(_, package): &(usize, &LockedPackage)| {
            let address = package.registry();
            address.is_some_and(|address| !self.configuration.knows_registry(address, environment))
        };
        let (numbers, unknown): (Vec<usize>, Vec<&LockedPackage>) =
            self.lock.packages.iter().enumerate().filter(is_unknown).unzip();
        let Some(first) = unknown.first() else { return Ok(()) };
        let names: Vec<String> =
            unknown.iter().map(|package| format!("{} {}", package.name, package.version)).collect();
        let message = format!(
            "{} {} from a registry that only the checkout names",
            wording::list(names.iter().map(String::as_str), "and"),
            if names.len() == 1 { "comes" } else { "come" },
        );
        let address = first.source.as_deref().unwrap_or_default();
        let address = wording::shown(address.strip_prefix("registry+").unwrap_or(address)).into_owned();
        let doubt = Diagnostic::warning(Code::RegistryOfCheckout, message)
            .note("a pull request can name any registry, so the index of this one proves nothing")
            .help(format!(
                "name the registry in the configuration in cargo's home: `[registries.NAME]` with `index = \"{address}\"`"
            ));
        self.doubt(self.lock.mark(doubt, &numbers, "from that registry"))
    }
}

/// A warning about settings that cargo uses only if it is started in the folder of a member.
fn configured_in_members(project: &Project, workspace: &Workspace) -> Option<Diagnostic> {
    let settings = project.configured_in_members(workspace);
    if settings.is_empty() {
        return None;
    }
    let message = format!("the check does not use {}", settings.join(", "));
    Some(
        Diagnostic::warning(Code::ConfigurationOfMember, message)
            .note("cargo uses that configuration if it is started in that folder, and may then build other packages")
            .help("move the settings to the configuration in the folder of the workspace"),
    )
}
