//! Reads the three files of a store together and validates them.

use std::sync::Arc;

use vet_diagnostics::{Code, Diagnostic, Severity, Source};

use crate::criteria::Criteria;
use crate::entries::Date;
use crate::fetched::FetchedFacts;
use crate::files::{AuditsFile, ConfigFile, FolderFile, ImportsFile, StoreFile};
use crate::read::{self, Parsed};
use crate::store::Store;
use crate::text::{Text, Texts};
use crate::validate::{Conditional, validate};

/// The content of a file, and the name to show for it.
#[derive(Clone, Copy, Debug)]
pub struct Bytes<'a> {
    /// A path, as the user would write it.
    pub name: &'a str,
    /// The whole content.
    pub bytes: &'a [u8],
}

/// The contents of the three files.
#[derive(Clone, Copy, Debug)]
pub struct StoreBytes<'a> {
    /// `config.toml`
    pub config: Bytes<'a>,
    /// `audits.toml`
    pub audits: Bytes<'a>,
    /// `imports.lock`
    pub imports: Bytes<'a>,
}

/// A store that was read and is valid.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The content.
    pub store: Store,
    /// The criteria of the project.
    pub criteria: Criteria,
    /// The texts that the store was read from.
    pub texts: Texts,
    /// Problems that do not make a command fail.
    pub warnings: Vec<Diagnostic>,
    /// Problems that are errors only under a condition.
    pub conditional: Vec<Conditional>,
}

/// Reads and validates the three files of a store.
///
/// # Errors
///
/// Returns everything that is wrong with any of the files, in the order of files and lines. If a
/// newer version of the format wrote the store, that is the only finding.
pub fn load(files: StoreBytes<'_>, today: Date) -> Result<Loaded, Vec<Diagnostic>> {
    let (config, (audits, criteria_are_known), imports) = read_all(files);
    if config.problems.iter().any(|problem| problem.code == Code::StoreTooNew) {
        return Err(config.problems);
    }
    let mut problems: Vec<Diagnostic> =
        [config.problems, audits.problems, imports.problems].into_iter().flatten().collect();
    let store = Store {
        config: config.value,
        audits: audits.value,
        imports: imports.value,
        fetched: FetchedFacts::default(),
    };
    let (Some(config), Some(audits), Some(imports)) = (config.text, audits.text, imports.text) else {
        return Err(problems);
    };
    let texts = Texts { config, audits, imports };
    // Without the criteria, every use of a criterion would be reported as a mistake.
    if criteria_are_known {
        let validation = validate(&store, Some(&texts), today);
        let (errors, warnings): (Vec<_>, Vec<_>) =
            validation.problems.into_iter().partition(|problem| problem.severity == Severity::Error);
        problems.extend(errors);
        if problems.is_empty() {
            let (criteria, conditional) = (validation.criteria, validation.conditional);
            return Ok(Loaded { store, criteria, texts, warnings, conditional });
        }
    }
    problems.sort_by_key(|problem| place(problem, &texts));
    Err(problems)
}

/// Returns what is wrong with one file alone, for when the others cannot be read.
pub fn problems_of(file: FolderFile, bytes: Bytes<'_>) -> Vec<Diagnostic> {
    match file {
        FolderFile::Store(StoreFile::Config) => read_file(bytes, read::parse_config).problems,
        FolderFile::Store(StoreFile::Audits) => read_file(bytes, read::parse_audits).problems,
        FolderFile::Store(StoreFile::Imports) => read_file(bytes, read::parse_imports).problems,
        FolderFile::Settings => read_file(bytes, read::parse_settings).problems,
    }
}

/// Returns the file and the offset of the main excerpt.
fn place(problem: &Diagnostic, texts: &Texts) -> Option<(usize, usize)> {
    let excerpt = problem.excerpts.first()?;
    let file = StoreFile::ALL.iter().position(|&file| texts.get(file).source == excerpt.source)?;
    Some((file, excerpt.span.start))
}

/// The result of reading one file.
struct FileRead<T> {
    text: Option<Text>,
    value: T,
    problems: Vec<Diagnostic>,
}

type AllRead = (FileRead<ConfigFile>, (FileRead<AuditsFile>, bool), FileRead<ImportsFile>);

fn read_all(files: StoreBytes<'_>) -> AllRead {
    // For smaller files, starting a thread costs more time than it saves.
    const WORTH_A_THREAD: usize = 50_000;
    let audits = || {
        let mut criteria_are_known = false;
        let file = read_file(files.audits, |source| {
            let (parsed, known) = read::parse_audits_and_criteria(source);
            criteria_are_known = known;
            parsed
        });
        (file, criteria_are_known)
    };
    let config = || read_file(files.config, read::parse_config);
    let imports = || read_file(files.imports, read::parse_imports);
    if files.audits.bytes.len().min(files.imports.bytes.len()) < WORTH_A_THREAD {
        return (config(), audits(), imports());
    }
    std::thread::scope(|scope| {
        let audits = scope.spawn(audits);
        let (config, imports) = (config(), imports());
        match audits.join() {
            Ok(audits) => (config, audits, imports),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

fn read_file<T: Default>(file: Bytes<'_>, parse: impl FnOnce(&Arc<Source>) -> Parsed<T>) -> FileRead<T> {
    match Text::decode(file.name, file.bytes) {
        Ok(text) => {
            let Parsed { value, problems } = parse(&text.source);
            FileRead { text: Some(text), value, problems }
        }
        Err(problem) => FileRead { text: None, value: T::default(), problems: vec![problem] },
    }
}
