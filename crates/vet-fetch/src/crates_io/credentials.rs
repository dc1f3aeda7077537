//! Tokens for registries, from cargo's credential providers.
//!
//! Providers are asked in cargo's order, once, and only when the registry requires a token.
//! Providers that are built into cargo and use the system's keychain cannot be asked from here.

mod program;
mod protocol;

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use program::{Program, Silence};
use protocol::{PATIENCE, Registry, Said};
use vet_project::{Provider, RegistryConfiguration, RegistryEnvironment, Token};

/// The token that cargo itself stores, unencrypted.
const OF_CARGO: &str = "cargo:token";
/// A program that prints a token.
const FROM_STDOUT: &str = "cargo:token-from-stdout";

/// The providers for a registry, and their answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Credentials {
    /// The URL of the index, as cargo writes it.
    index: String,
    registry: Option<String>,
    /// In the order in which they are asked.
    providers: Vec<Provider>,
    /// The token from files and variables.
    of_cargo: Option<Token>,
    found: OnceLock<ProvidedToken>,
}

/// The answer of the providers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ProvidedToken {
    /// The token.
    pub(super) token: Option<Token>,
    /// Why there is no token, or why some providers could not be asked.
    pub(super) problems: Vec<String>,
    /// What programs printed to stderr.
    pub(super) complaints: Vec<String>,
}

impl Credentials {
    /// Determines the providers for a registry, without asking them yet.
    pub(super) fn new(
        index: &str,
        registry: Option<&str>,
        configuration: &RegistryConfiguration,
        environment: &RegistryEnvironment,
        cargo_home: Option<&Path>,
    ) -> Self {
        let providers = configuration.providers();
        let own =
            registry.and_then(|name| environment.provider(name).or_else(|| providers.of_registry(name)));
        let global = providers.global().iter().chain(environment.global_providers()).rev();
        let mut providers: Vec<Provider> = match own {
            Some(own) => vec![providers.resolved(own)],
            None => global.map(|provider| providers.resolved(provider)).collect(),
        };
        if providers.is_empty() {
            providers.extend(Provider::from_words(OF_CARGO, Path::new("")));
        }
        let of_cargo = registry.and_then(|name| {
            let of_credentials = || RegistryConfiguration::of_credentials(cargo_home?).token(name).cloned();
            let token = environment.token(name).cloned().or_else(of_credentials);
            token.or_else(|| configuration.token(name).cloned())
        });
        Credentials {
            index: index.to_owned(),
            registry: registry.map(str::to_owned),
            providers,
            of_cargo,
            found: OnceLock::new(),
        }
    }

    /// The answer. Programs are asked on the first call.
    pub(super) fn found(&self) -> &ProvidedToken {
        self.found.get_or_init(|| self.ask(PATIENCE))
    }

    /// The answer, if it is already known.
    pub(super) fn known(&self) -> Option<&ProvidedToken> {
        self.found.get()
    }

    /// Whether tokens in files and variables count.
    pub(super) fn takes_those_of_cargo(&self) -> bool {
        self.providers.iter().any(|provider| provider.program == OF_CARGO)
    }

    fn ask(&self, patience: Duration) -> ProvidedToken {
        let mut found = ProvidedToken::default();
        // Tokens are not sent over plain HTTP.
        if !self.index.starts_with("sparse+https://") {
            return found;
        }
        for provider in &self.providers {
            let said = match provider.program.as_str() {
                OF_CARGO => self.of_cargo.clone().map_or(Ok(None), |token| Ok(Some(token))),
                FROM_STDOUT => self.ask_command(provider, patience, &mut found.complaints),
                built_in if built_in.starts_with("cargo:") => {
                    found
                        .problems
                        .push(format!("`{built_in}` is part of cargo and cannot be run separately"));
                    Ok(None)
                }
                _ => self.ask_plugin(provider, patience, &mut found.complaints),
            };
            match said {
                Ok(None) => {}
                Ok(Some(token)) => {
                    found.token = Some(token);
                    break;
                }
                // The failed provider might have had a better answer than later ones.
                Err(problem) => {
                    found.problems.push(problem);
                    break;
                }
            }
        }
        found
    }

    /// Asks a program that prints one line.
    fn ask_command(
        &self,
        provider: &Provider,
        patience: Duration,
        complaints: &mut Vec<String>,
    ) -> Result<Option<Token>, String> {
        let Some((name, arguments)) = provider.arguments.split_first() else {
            return Err(format!("`{FROM_STDOUT}` is configured without a command"));
        };
        let mut command = Command::new(name);
        command.args(arguments.iter().map(|argument| argument.replace("{index_url}", &self.index)));
        command.env("CARGO_REGISTRY_INDEX_URL", &self.index);
        match &self.registry {
            Some(registry) => command.env("CARGO_REGISTRY_NAME_OPT", registry),
            None => command.env_remove("CARGO_REGISTRY_NAME_OPT"),
        };
        self.talk(name, command, patience, complaints, |program| {
            program.end_of_questions();
            let (first, second) = (program.line()?, program.line()?);
            program.wait()?;
            Ok(match (first, second) {
                (Some(token), None) if !token.is_empty() => Said::Token(token),
                (_, Some(_)) => Said::Problem("prints more than one line".to_owned()),
                _ => Said::Problem("prints no token".to_owned()),
            })
        })
    }

    /// Asks a program that speaks cargo's protocol.
    fn ask_plugin(
        &self,
        provider: &Provider,
        patience: Duration,
        complaints: &mut Vec<String>,
    ) -> Result<Option<Token>, String> {
        let mut command = Command::new(&provider.program);
        command.arg("--cargo-plugin");
        let registry = Registry { index_url: &self.index, name: self.registry.as_deref() };
        self.talk(&provider.name, command, patience, complaints, |program| {
            protocol::ask(program, registry, &provider.arguments)
        })
    }

    /// Runs a program for one conversation.
    fn talk(
        &self,
        name: &str,
        command: Command,
        patience: Duration,
        complaints: &mut Vec<String>,
        conversation: impl FnOnce(&mut Program) -> Result<Said, Silence>,
    ) -> Result<Option<Token>, String> {
        let problem = |what: &dyn std::fmt::Display| format!("the credential provider `{name}` {what}");
        let mut program = Program::start(command, patience).map_err(|silence| problem(&silence))?;
        let said = conversation(&mut program);
        let mut complaint = program.end();
        if let Ok(Said::Token(token)) = &said
            && !token.is_empty()
        {
            complaint = complaint.replace(token.as_str(), "…");
        }
        let lines = complaint.lines().map(str::trim_end).filter(|line| !line.is_empty());
        complaints.extend(lines.map(|line| format!("{name}: {line}")));
        match said {
            Ok(Said::Token(token)) => Ok(Some(Token::new(token))),
            Ok(Said::Nothing) => Ok(None),
            Ok(Said::Problem(what)) => Err(problem(&what)),
            Err(silence) => Err(problem(&silence)),
        }
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
