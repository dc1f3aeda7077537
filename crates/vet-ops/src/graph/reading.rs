//! The files that a graph is built from, while it is being built.

use vet_diagnostics::{Diagnostic, Problems};
use vet_fetch::archives::Sources;
use vet_fetch::crates_io::Registries;
use vet_fetch::http::Client;
use vet_fetch::published::KnownPackages;
use vet_graph::workspace::Workspace;
use vet_graph::{LockFile, Rules};
use vet_project::{CargoConfiguration, NetworkConfiguration, Project};

use crate::operation::context::Context;
use crate::operation::events::{Event, Stage};
use crate::operation::report::{Run, as_errors};

/// The maximum number of reasons that are reported.
pub(super) const MOST_REASONS: usize = 10;

/// A project whose graph is being read.
pub(super) struct Reading<'a> {
    pub(super) configuration: &'a CargoConfiguration,
    pub(super) context: &'a Context,
    pub(super) project: &'a Project,
    pub(super) workspace: &'a Workspace,
    pub(super) lock: &'a LockFile,
    pub(super) rules: &'a Rules,
    pub(super) run: &'a Run<'a>,
    /// Where to find the sources of packages.
    pub(super) sources: &'a Sources,
    /// Why indexes could not be asked.
    pub(super) unasked: Vec<Diagnostic>,
}

impl Reading<'_> {
    /// Asks the user's indexes about packages that are not remembered, and reads git commits.
    pub(super) fn learn(
        &mut self,
        known: &mut KnownPackages,
        registries: &Registries<'_>,
        network: &NetworkConfiguration,
    ) {
        let (published, of_git) = known.lacking(self.lock);
        if let Some(cargo_home) = self.context.cargo_home() {
            known.read_commits(self.lock, &of_git, cargo_home);
        }
        if published.is_empty() {
            return;
        }
        let report = |done: usize, total: usize| {
            self.run.notice(Event::Progress { stage: Stage::Index, done, total });
        };
        let client = self.context.client(network).map_err(Problems::from);
        let asked = client.and_then(|client: Client| {
            Ok(known.ask_indexes(self.lock, &published, registries, &client, &report)?)
        });
        self.unasked = asked.err().into_iter().flatten().collect();
    }

    pub(super) fn info(&self, text: String) {
        self.run.notice(Event::Info(text));
    }

    /// Reports that a check may have missed something; with `--strict`, this is an error.
    pub(super) fn doubt(&self, warning: Diagnostic) -> Result<(), Problems> {
        if self.context.strict {
            return Err(as_errors(vec![warning]).into());
        }
        self.run.found(warning);
        Ok(())
    }

    /// The first packages, and the number of the others.
    pub(super) fn names(&self, packages: &[usize]) -> String {
        let name = |index: &usize| {
            let package = self.lock.packages.get(*index)?;
            Some(format!("`{} {}`", package.name, package.version))
        };
        let first = packages.first().and_then(name).unwrap_or_default();
        match packages.len() {
            0 | 1 => first,
            2 => format!("{first} and 1 other package"),
            number => format!("{first} and {} other packages", number - 1),
        }
    }
}
