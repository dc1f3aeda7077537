//! Messages about packages that settings leave out.

use serde::Serialize;
use vet_diagnostics::wording;
use vet_ops::evaluation::outcome::{LeftOut, WhyLeftOut, rule_name, words};

/// How many packages are left out, and by which rules; empty if there are none.
pub fn summary(left_out: &LeftOut) -> String {
    let parts = left_out.counts().into_iter().enumerate().map(|(index, (rule, count))| match index {
        0 => {
            let packages = wording::count(count, "third-party package", "third-party packages");
            format!("{packages} by {}", rule_name(rule))
        }
        _ => format!("{count} by {}", rule_name(rule)),
    });
    match parts.collect::<Vec<_>>().join(", ") {
        parts if parts.is_empty() => String::new(),
        parts => format!("Left out: {parts} (see `cargo vet settings`)\n"),
    }
}

/// Why a package is left out, for the end of a sentence.
pub(crate) fn reason(why: &WhyLeftOut) -> String {
    let place = match &why.place {
        Some((file, line)) => format!("`{}`, {file}:{line}", why.setting),
        // Only this rule can also be given on the command line.
        None => "`--target`".to_owned(),
    };
    format!("{} ({place})", words(why.rule))
}

#[derive(Serialize)]
pub(crate) struct LeftOutJson<'a> {
    name: &'a str,
    version: String,
    rule: &'static str,
}

pub(crate) fn json(left_out: &LeftOut) -> Vec<LeftOutJson<'_>> {
    let packages = left_out.packages.iter().map(|(package, rule)| LeftOutJson {
        name: &package.name,
        version: package.version.to_string(),
        rule: rule_name(*rule),
    });
    packages.collect()
}
