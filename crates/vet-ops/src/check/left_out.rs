//! What settings leave out of the graph, and how it is reported.

use std::borrow::Cow;
use std::sync::Arc;

use vet_diagnostics::{Code, Diagnostic, TextPlace, wording};
use vet_graph::{Graph, Package, Rule};
use vet_resolver::{Resolver, StoreUpdate, UpdateMode, update};
use vet_store::settings::MemberSettings;
use vet_store::{Loaded, Version, exemption_place, setting_place};

use crate::evaluation::outcome::{LeftOut, WhyLeftOut, rule_name, words};
use crate::operation::report::Run;
use crate::session::Session;

/// The rule that leaves a package out, and where it is set.
pub(crate) struct Reason {
    why: WhyLeftOut,
    text: Option<TextPlace>,
}

impl Reason {
    pub(crate) fn into_why(self) -> WhyLeftOut {
        self.why
    }

    /// The warning if the user names a package that is left out.
    pub(crate) fn warning(&self, name: &str) -> Diagnostic {
        let message =
            format!("`{}` is left out of the graph: {}", wording::shown(name), words(self.why.rule));
        let mut warning = Diagnostic::warning(Code::LeftOut, message);
        if let Some(TextPlace { source, span }) = &self.text {
            warning = warning.at(source, span.clone(), "left out by this");
        }
        warning.note("the check ignores it while it is left out; its entries stay in the store")
    }
}

impl Session<'_> {
    /// What the settings leave out, if they leave anything out.
    pub fn left_out(&self) -> Option<LeftOut> {
        self.has_rules().then(|| LeftOut::of(self.whole()))
    }

    /// Warns if all packages of the named crate are left out.
    pub(crate) fn warn_if_left_out(&self, name: &str, run: &Run<'_>) {
        if let Some(reason) = self.why_left_out(name, None) {
            run.found(reason.warning(name));
        }
    }

    /// The graph that shows the requirements of a crate: the checked part, or the whole graph if
    /// the crate is left out.
    pub(crate) fn view_of(&self, name: &str) -> Cow<'_, Graph> {
        match self.whole_view() {
            Some(whole) if self.why_left_out(name, None).is_some() => whole,
            _ => Cow::Borrowed(self.view()),
        }
    }

    /// Why packages of a name are left out; `None` if some are checked, or if the lock file has
    /// none. If a version is given, only that version counts.
    pub(crate) fn why_left_out(&self, name: &str, version: Option<&Version>) -> Option<Reason> {
        let is_meant = |package: &Package<'_>| {
            package.name() == name && version.is_none_or(|version| package.version() == version)
        };
        if self.graph.packages().any(|package| is_meant(&package)) {
            return None;
        }
        let rule = self.whole().packages().filter(is_meant).find_map(|package| package.left_out())?;
        let setting = match (rule, &self.settings.graph.members) {
            (Rule::Members, MemberSettings::AllBut(_)) => "exclude-members",
            _ => rule_name(rule),
        };
        let is_overridden = rule == Rule::Targets && self.context.overrides.targets.is_some();
        let source = self.settings_source().filter(|_| !is_overridden);
        let text = source.and_then(|source| {
            let span = setting_place(&source.text, &["graph", setting])?;
            Some(TextPlace { source: Arc::clone(source), span })
        });
        let place = text.as_ref().map(|text| (text.source.name.clone(), text.line()));
        Some(Reason { why: WhyLeftOut { rule, setting, place }, text })
    }
}

/// A warning about exemptions that only packages need which are left out. Pruning with these
/// packages ignored would remove them; normal pruning keeps them. `pruned` is what normal pruning
/// keeps.
pub(crate) fn unbuilt(resolver: &Resolver<'_>, pruned: &StoreUpdate, loaded: &Loaded) -> Option<Diagnostic> {
    const MOST_PLACES: usize = 5;
    let needed = update(resolver, |_| UpdateMode::PRUNE).exemptions;
    let source = &loaded.texts.config.source;
    let (mut crates, mut count, mut places) = (Vec::new(), 0, Vec::new());
    for (name, exemptions) in &pruned.exemptions {
        let of_crate = needed.get(name);
        let is_needed = |version: &Version| of_crate.into_iter().flatten().any(|it| it.version == *version);
        let unbuilt: Vec<&Version> =
            exemptions.iter().map(|it| &it.version).filter(|version| !is_needed(version)).collect();
        if unbuilt.is_empty() {
            continue;
        }
        crates.push(name.as_str());
        count += unbuilt.len();
        let written = loaded.store.config.exemptions.get(name).into_iter().flatten().enumerate();
        let written = written.filter(|(_, exemption)| unbuilt.contains(&&exemption.version));
        places.extend(written.filter_map(|(position, _)| exemption_place(&source.text, name, position)));
    }
    if crates.is_empty() {
        return None;
    }
    let exemptions = wording::count(count, "exemption is", "exemptions are");
    let message =
        format!("{exemptions} needed only by packages that are left out: {}", wording::abbreviated(&crates));
    let warning = Diagnostic::warning(Code::Unbuilt, message);
    let places = places.into_iter().take(MOST_PLACES);
    let warning = places
        .fold(warning, |warning, span| warning.at(source, span, "needed only by packages that are left out"));
    Some(warning.help("run `cargo vet prune --unbuilt` to remove them; no other command does"))
}
