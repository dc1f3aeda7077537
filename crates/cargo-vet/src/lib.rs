//! The command line of cargo-vet.
//!
//! A run has three stages: the arguments as typed (`command_line`), the validated request
//! (`request`), and the command, which runs an operation and shows its outcome. Each command has
//! one file (`commands`), with its arguments and what it may do.
//!
//! # What this crate never does
//!
//! - It makes no decisions, and does not access files or the network: the crates below do.
//! - It writes to stdout and stderr only through `printer`, except when there is no printer: errors
//!   on the command line, help, and output files that cannot be opened.
//! - It reads environment variables only in `env_vars`, and the clock only once, at the start.
//! - It never panics because of untrusted input. Diagnostics report it, and each code has a page.

mod args;
mod codes;
mod colors;
mod command_line;
mod commands;
mod completion;
mod env_vars;
mod exit_status;
mod failure;
mod interrupts;
mod log;
mod look;
mod manual;
mod options;
mod printer;
mod programs;
mod progress;
mod prompter;
mod request;
mod single_keys;

use std::ffi::OsString;
use std::io::{self, Write};
use std::time::{Instant, SystemTime};

use clap::FromArgMatches;
use vet_diagnostics::Diagnostic;
use vet_report::diagnostics::{self, Look};

pub use exit_status::ExitStatus;

use crate::args::Verbosity;
use crate::command_line::{CargoCommand, CommandLine};
use crate::env_vars::{ColorEnvironment, Environment};
use crate::printer::Printer;
use crate::request::{Refusal, Request};

/// Runs the tool with the arguments of the process.
pub fn run() -> ExitStatus {
    let args: Vec<OsString> = std::env::args_os().collect();
    let color = colors::choice_in(&args, &ColorEnvironment::read());
    let words: Vec<String> = args.iter().map(|arg| arg.to_string_lossy().into_owned()).collect();
    let parsed = command_line::parser().try_get_matches_from(args);
    let parsed = parsed.and_then(|matches| CommandLine::from_arg_matches(&matches));
    let parsed = parsed.map_err(|error| args::with_version_in_use(error, &words));
    let request =
        parsed.map_err(Refusal::Usage).and_then(|CommandLine { cargo: CargoCommand::Vet(args) }| {
            Request::new(args, Environment::read(), SystemTime::now().into())
        });
    match request {
        Ok(request) => carry_out(request),
        Err(Refusal::Usage(error)) => show_help_or_mistake(&error, color),
        Err(Refusal::Value(mistake)) => {
            complain(&[mistake], look::of_stderr(color, &ColorEnvironment::read()));
            ExitStatus::Usage
        }
    }
}

fn carry_out(request: Request) -> ExitStatus {
    let stderr = look::of_stderr(request.streams.color, &request.streams.color_environment);
    let printer = match Printer::new(&request.streams) {
        Ok(printer) => printer,
        Err(failure) => {
            complain(failure.diagnostics(), stderr);
            return ExitStatus::Failure;
        }
    };
    let started = Instant::now();
    let outcome = request.carry_out(&printer);
    printer.log(Verbosity::Debug, format_args!("finished ({:.3} s)", started.elapsed().as_secs_f64()));
    let (status, answered) = match outcome {
        Ok(_) if printer.objections() => (ExitStatus::Failure, false),
        Ok(status) => (status, true),
        Err(failure) => {
            let failure = failure.and(printer.take_denied());
            (ExitStatus::Failure, printer.failure(&failure))
        }
    };
    if !answered {
        printer.abandon();
        return status;
    }
    match printer.finish() {
        Ok(()) => status,
        Err(failure) => {
            complain(failure.diagnostics(), stderr);
            ExitStatus::Failure
        }
    }
}

/// Shows findings when there is no printer. They go to stderr, even if JSON or files were
/// requested.
fn complain(findings: &[Diagnostic], stderr: Look) {
    let text = diagnostics::human(findings, stderr);
    // This error cannot be reported anywhere.
    let _ = io::stderr().write_all(text.as_bytes());
}

/// Requested help and version are an answer and go to stdout; errors on the command line go to
/// stderr.
fn show_help_or_mistake(error: &clap::Error, choice: args::ColorChoice) -> ExitStatus {
    let text = error.render();
    let environment = ColorEnvironment::read();
    let show = |stream: &mut dyn Write, colored| {
        let text = if colored { text.ansi().to_string() } else { text.to_string() };
        stream.write_all(text.as_bytes()).and_then(|()| stream.flush())
    };
    // If the reader is gone, the help is not needed.
    let _ = match error.use_stderr() {
        true => show(&mut io::stderr(), colors::enabled(choice, &environment, &io::stderr())),
        false => show(&mut io::stdout(), colors::enabled(choice, &environment, &io::stdout())),
    };
    if error.use_stderr() { ExitStatus::Usage } else { ExitStatus::Success }
}

/// Makes a panic print a short request to report the bug.
pub fn install_panic_hook() {
    std::panic::set_hook(Box::new(|panic| {
        // Not `eprintln`: it panics if stderr is closed.
        let _ = writeln!(
            io::stderr(),
            "cargo-vet is broken: {panic}\n\
             This is a bug in version {}, never your fault. Please report it together with the command line.",
            env!("CARGO_PKG_VERSION"),
        );
    }));
}
