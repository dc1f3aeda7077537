//! `import`: using the audits of another project.

use super::Outcome;
use super::unavailable::needs_network;
use crate::printer::Printer;
use crate::request::{Import, Settings};

pub(crate) fn run(_settings: &Settings, import: Import, _printer: &Printer) -> Outcome {
    let Import { name, urls } = import;
    let what = match urls.is_empty() {
        true => format!("look up `{name}` in the public registry of audits"),
        false => format!("fetch the audits of `{name}`"),
    };
    Err(needs_network("import", &what).into())
}
