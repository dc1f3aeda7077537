//! The width and colours of findings.

use std::io;

use vet_report::diagnostics::Look;

use crate::args::ColorChoice;
use crate::colors;
use crate::env_vars::ColorEnvironment;

/// The width for outputs that are not terminals, such as the log of a build server.
const WIDTH: usize = 120;

/// The width of a terminal that does not say how wide it is.
const USUAL_WIDTH: usize = 80;

/// The width of the terminal that stdout is.
pub(crate) fn columns_of_stdout() -> usize {
    let size = terminal_size::terminal_size_of(io::stdout());
    size.map(|(width, _)| width.0.into()).filter(|width| *width > 0).unwrap_or(USUAL_WIDTH)
}

/// The look of findings on stderr.
pub(crate) fn of_stderr(choice: ColorChoice, environment: &ColorEnvironment) -> Look {
    let size = terminal_size::terminal_size_of(io::stderr());
    let width = size.map_or(WIDTH, |(width, _)| if width.0 == 0 { USUAL_WIDTH } else { width.0.into() });
    Look { colored: colors::enabled(choice, environment, &io::stderr()), width }
}

/// The look of findings in a file.
pub(crate) const IN_FILE: Look = Look { colored: false, width: WIDTH };
