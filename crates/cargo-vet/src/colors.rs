//! Whether to use colours in a stream.

use std::ffi::{OsStr, OsString};
use std::io::IsTerminal;

use clap::ValueEnum;

use crate::args::ColorChoice;
use crate::env_vars::ColorEnvironment;

/// Decides whether to use colours in a stream. If so, makes the terminal interpret them.
pub(crate) fn enabled(choice: ColorChoice, environment: &ColorEnvironment, stream: &impl IsTerminal) -> bool {
    let wanted = wanted(choice, environment, stream.is_terminal());
    if wanted {
        // Only Windows needs this. A terminal that cannot do it is too old to support.
        let _ = anstyle_query::windows::enable_ansi_colors();
    }
    wanted
}

/// An explicit choice takes precedence, then `CLICOLOR_FORCE`; otherwise all conditions must allow
/// colours.
fn wanted(choice: ColorChoice, environment: &ColorEnvironment, is_terminal: bool) -> bool {
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => {
            let agreed =
                is_terminal && environment.capable_term && !environment.no_color && !environment.clicolor_off;
            environment.clicolor_force || agreed
        }
    }
}

/// The value of `--color` in arguments that are not parsed yet, or that of cargo's variable, for
/// the parser's own messages.
///
/// Only values that the parser accepts count; the parser reports any other.
pub(crate) fn choice_in(args: &[OsString], environment: &ColorEnvironment) -> ColorChoice {
    let of_cargo = environment.cargo.as_deref();
    let of_cargo = of_cargo.and_then(|value| ColorChoice::from_str(value, false).ok());
    let mut choice = of_cargo.unwrap_or_default();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        if arg == "--" {
            break;
        }
        let value: Option<&OsStr> = if arg == "--color" {
            args.next().map(OsString::as_os_str)
        } else {
            arg.to_str().and_then(|arg| arg.strip_prefix("--color=")).map(OsStr::new)
        };
        let value = value.and_then(OsStr::to_str).and_then(|value| ColorChoice::from_str(value, false).ok());
        choice = value.unwrap_or(choice);
    }
    choice
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environment_and_terminal_decide() {
        let terminal = ColorEnvironment { capable_term: true, ..ColorEnvironment::default() };
        let with = |change: fn(&mut ColorEnvironment)| {
            let mut environment = terminal.clone();
            change(&mut environment);
            environment
        };
        // The environment, and the result on a terminal and elsewhere.
        let cases = [
            (terminal.clone(), true, false),
            (with(|env| env.no_color = true), false, false),
            (with(|env| env.clicolor_off = true), false, false),
            (with(|env| env.capable_term = false), false, false),
            (with(|env| env.clicolor_force = true), true, true),
            (with(|env| (env.clicolor_force, env.no_color) = (true, true)), true, true),
            (with(|env| (env.clicolor_force, env.capable_term) = (true, false)), true, true),
        ];
        for (environment, on_terminal, elsewhere) in cases {
            assert_eq!(wanted(ColorChoice::Auto, &environment, true), on_terminal, "{environment:?}");
            assert_eq!(wanted(ColorChoice::Auto, &environment, false), elsewhere, "{environment:?}");
            assert!(wanted(ColorChoice::Always, &environment, false), "{environment:?}");
            assert!(!wanted(ColorChoice::Never, &environment, true), "{environment:?}");
        }
    }

    #[test]
    fn choice_is_found_before_parsing() {
        let never = ColorEnvironment { cargo: Some("never".to_owned()), ..ColorEnvironment::default() };
        assert_eq!(choice_in(&["vet".into()], &never), ColorChoice::Never);
        assert_eq!(choice_in(&["vet".into(), "--color=always".into()], &never), ColorChoice::Always);
        let cases: [(&[&str], ColorChoice); 7] = [
            (&["vet", "check"], ColorChoice::Auto),
            (&["vet", "--color", "never"], ColorChoice::Never),
            (&["vet", "--color=always", "check"], ColorChoice::Always),
            (&["vet", "--color"], ColorChoice::Auto),
            (&["vet", "--color=red"], ColorChoice::Auto),
            (&["vet", "--", "--color=never"], ColorChoice::Auto),
            (&["vet", "--notes=--color=never"], ColorChoice::Auto),
        ];
        for (args, expected) in cases {
            let args: Vec<OsString> = args.iter().map(OsString::from).collect();
            assert_eq!(choice_in(&args, &ColorEnvironment::default()), expected, "{args:?}");
        }
    }
}
