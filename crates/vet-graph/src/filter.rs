//! Filters of a graph, as the option `--filter-graph` takes them.
//!
//! ```text
//! filter := _ ("include(" | "exclude(") query ")" _
//! query  := _ ("any(" | "all(") query ("," query)* ")" _
//!         | _ "not(" query ")" _
//!         | _ ("name(" NAME | "version(" VERSION | PROPERTY "(" _ ("true" | "false")) _ ")" _
//! ```
//!
//! `_` is any number of spaces, tabs and line ends. A NAME and a VERSION end at a `)` or a space.
//!
//! The user decides how deep queries are nested, so nothing here recurses. A filter is a list of
//! steps that work on one result. An `any` or `all` that is decided skips the rest of its list.

use std::borrow::Cow;
use std::ops::Range;
use std::str::FromStr;

use vet_store::Version;
use vet_store::version::VersionError;

use crate::graph::{Graph, Package};

/// Decides which packages are kept.
///
/// ```
/// use vet_graph::GraphFilter;
///
/// let filter: GraphFilter = "exclude(any(is_dev_only(true), name(serde_derive)))".parse()?;
/// # Ok::<(), vet_graph::FilterError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphFilter {
    steps: Vec<FilterStep>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum FilterStep {
    /// Sets the result to whether the package has this name.
    Name(String),
    /// Sets the result to whether the package has this version, including build metadata and git
    /// revision.
    Version(Version),
    /// Sets the result to whether the property has this value.
    Property(Property, bool),
    /// Negates the result.
    Not,
    /// Continues at step `to` if the result is `on`.
    Skip { on: bool, to: usize },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Property {
    Root,
    WorkspaceMember,
    ThirdParty,
    DevOnly,
}

/// Why a text is not a [`GraphFilter`].
#[derive(Debug, thiserror::Error)]
#[error("at byte {}: {problem}", span.start)]
pub struct FilterError {
    /// The place of the problem, as byte offsets into the text; empty if something is missing
    /// there.
    pub span: Range<usize>,
    /// The problem.
    pub problem: FilterProblem,
}

/// The kinds of problems in a filter.
#[derive(Debug, thiserror::Error)]
pub enum FilterProblem {
    /// The text does not start with `include` or `exclude`.
    #[error("a filter begins with `include(` or `exclude(`")]
    NotAFilter,
    /// A query is missing.
    #[error("a query is missing")]
    NoQuery,
    /// There is no such query.
    #[error("`{0}` is not a query")]
    NotAQuery(String),
    /// A keyword is not followed by a parenthesis.
    #[error("expected `(` right after `{0}`")]
    NotOpened(&'static str),
    /// An element of a list is followed by neither `,` nor `)`.
    #[error("expected `,` or `)`")]
    NotContinued,
    /// A complete element is not followed by a closing parenthesis.
    #[error("expected `)`")]
    NotClosed,
    /// The text continues after the filter.
    #[error("the filter ends before this")]
    NotTheEnd,
    /// The name is empty.
    #[error("the name of a package is missing")]
    NoName,
    /// A version is missing or malformed.
    #[error(transparent)]
    NotAVersion(VersionError),
    /// The value of a property is neither `true` nor `false`.
    #[error("expected `true` or `false`")]
    NotABool,
}

impl GraphFilter {
    /// Parses a filter.
    ///
    /// # Errors
    ///
    /// The text does not follow the grammar, which is that of cargo-vet 0.10.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        Parser { text, at: 0, steps: Vec::new(), open: Vec::new(), skips: Vec::new() }.filter()
    }

    /// Whether a package passes, by its properties in the whole graph.
    pub fn passes(&self, package: Package<'_>) -> bool {
        let mut result = true;
        let mut next = 0;
        while let Some(step) = self.steps.get(next) {
            next += 1;
            match step {
                FilterStep::Name(name) => result = package.name() == name,
                FilterStep::Version(version) => result = package.version() == version,
                FilterStep::Property(property, value) => result = property.of(package) == *value,
                FilterStep::Not => result = !result,
                FilterStep::Skip { on, to } if result == *on => next = *to,
                FilterStep::Skip { .. } => {}
            }
        }
        result
    }
}

impl FromStr for GraphFilter {
    type Err = FilterError;

    /// As [`GraphFilter::parse`].
    fn from_str(text: &str) -> Result<Self, FilterError> {
        GraphFilter::parse(text)
    }
}

impl Graph {
    /// The part of the graph that is reachable through packages that pass all filters; see
    /// [`Graph::filtered`]. Without filters, the graph itself.
    pub fn filtered_by(&self, filters: &[GraphFilter]) -> Cow<'_, Graph> {
        match filters {
            [] => Cow::Borrowed(self),
            filters => {
                Cow::Owned(self.filtered(|package| filters.iter().all(|filter| filter.passes(package))))
            }
        }
    }
}

impl Property {
    fn of(self, package: Package<'_>) -> bool {
        match self {
            Property::Root => package.is_root(),
            Property::WorkspaceMember => package.is_member(),
            Property::ThirdParty => package.is_third_party(),
            Property::DevOnly => package.is_dev_only(),
        }
    }
}

impl FilterError {
    /// What the user can do about the problem.
    pub fn help(&self) -> &'static str {
        match self.problem {
            FilterProblem::NotAFilter => {
                "write `include(QUERY)` to check only matching packages, or `exclude(QUERY)` to leave them out"
            }
            FilterProblem::NoQuery | FilterProblem::NotAQuery(_) => {
                "the queries are `any(QUERY, …)`, `all(QUERY, …)`, `not(QUERY)`, `name(NAME)`, `version(VERSION)`,\n\
                 `is_root(BOOL)`, `is_workspace_member(BOOL)`, `is_third_party(BOOL)` and `is_dev_only(BOOL)`"
            }
            FilterProblem::NotOpened(_) => {
                "write the argument of a keyword in parentheses, without a space before them"
            }
            FilterProblem::NotContinued => "separate the elements of a list with commas, and end it with `)`",
            FilterProblem::NotClosed => {
                "only `any` and `all` take several arguments; close every parenthesis"
            }
            FilterProblem::NotTheEnd => "pass each filter separately: a package must pass all of them",
            FilterProblem::NoName => "name one package, as in `name(serde)`",
            FilterProblem::NotAVersion(_) => {
                "name one version in full, as in `version(1.2.3)`; a git version includes its revision: `1.2.3@git:…`"
            }
            FilterProblem::NotABool => "write `is_root(true)`, for example",
        }
    }
}

/// The words that start a filter or a query.
#[derive(Clone, Copy)]
enum Keyword {
    Any,
    All,
    Not,
    Name,
    Version,
    Property(Property),
}

const QUERIES: [(&str, Keyword); 9] = [
    ("any", Keyword::Any),
    ("all", Keyword::All),
    ("not", Keyword::Not),
    ("name", Keyword::Name),
    ("version", Keyword::Version),
    ("is_root", Keyword::Property(Property::Root)),
    ("is_workspace_member", Keyword::Property(Property::WorkspaceMember)),
    ("is_third_party", Keyword::Property(Property::ThirdParty)),
    ("is_dev_only", Keyword::Property(Property::DevOnly)),
];

/// A query whose parenthesis is open.
#[derive(Clone, Copy)]
enum Open {
    Not,
    /// `true` decides an `any`, `false` an `all`. `skips` from this index on wait for the end of
    /// the list.
    List {
        decided_by: bool,
        first_skip: usize,
    },
}

struct Parser<'t> {
    text: &'t str,
    /// The position in the text, in bytes.
    at: usize,
    steps: Vec<FilterStep>,
    /// The open queries, innermost last.
    open: Vec<Open>,
    /// The steps that skip to the ends of the open lists.
    skips: Vec<usize>,
}

impl<'t> Parser<'t> {
    fn filter(mut self) -> Result<GraphFilter, FilterError> {
        self.blanks();
        let is_exclude = match self.keyword([("include", false), ("exclude", true)])? {
            Some(is_exclude) => is_exclude,
            None => return Err(self.error(self.word().len(), FilterProblem::NotAFilter)),
        };
        loop {
            self.begin_query()?;
            if self.end_queries()? {
                break;
            }
        }
        self.close(FilterProblem::NotClosed)?;
        if self.at < self.text.len() {
            return Err(self.error(self.rest().len(), FilterProblem::NotTheEnd));
        }
        if is_exclude {
            self.steps.push(FilterStep::Not);
        }
        Ok(GraphFilter { steps: self.steps })
    }

    /// Reads until a query without nested queries is complete.
    fn begin_query(&mut self) -> Result<(), FilterError> {
        loop {
            self.blanks();
            let Some(keyword) = self.keyword(QUERIES)? else {
                let word = self.word();
                let problem = match word {
                    "" => FilterProblem::NoQuery,
                    word => FilterProblem::NotAQuery(word.to_owned()),
                };
                return Err(self.error(word.len(), problem));
            };
            let first_skip = self.skips.len();
            match keyword {
                Keyword::Any => self.open.push(Open::List { decided_by: true, first_skip }),
                Keyword::All => self.open.push(Open::List { decided_by: false, first_skip }),
                Keyword::Not => self.open.push(Open::Not),
                Keyword::Name => return self.name(),
                Keyword::Version => return self.version(),
                Keyword::Property(property) => return self.property(property),
            }
        }
    }

    /// Closes all queries that the query just read completes. Returns whether none is left open;
    /// otherwise another query follows.
    fn end_queries(&mut self) -> Result<bool, FilterError> {
        while let Some(&open) = self.open.last() {
            match open {
                Open::Not => {
                    self.close(FilterProblem::NotClosed)?;
                    self.steps.push(FilterStep::Not);
                }
                Open::List { decided_by, .. } if self.take(",") => {
                    self.skips.push(self.steps.len());
                    // The target is known at the end of the list.
                    self.steps.push(FilterStep::Skip { on: decided_by, to: usize::MAX });
                    return Ok(false);
                }
                Open::List { first_skip, .. } => {
                    self.close(FilterProblem::NotContinued)?;
                    let end = self.steps.len();
                    for skip in self.skips.drain(first_skip..) {
                        if let Some(FilterStep::Skip { to, .. }) = self.steps.get_mut(skip) {
                            *to = end;
                        }
                    }
                }
            }
            self.open.pop();
        }
        Ok(true)
    }

    fn name(&mut self) -> Result<(), FilterError> {
        let name = self.value();
        if name.is_empty() {
            return Err(self.error(0, FilterProblem::NoName));
        }
        self.steps.push(FilterStep::Name(name.to_owned()));
        self.at += name.len();
        self.close(FilterProblem::NotClosed)
    }

    fn version(&mut self) -> Result<(), FilterError> {
        let text = self.value();
        let version =
            text.parse().map_err(|error| self.error(text.len(), FilterProblem::NotAVersion(error)))?;
        self.steps.push(FilterStep::Version(version));
        self.at += text.len();
        self.close(FilterProblem::NotClosed)
    }

    fn property(&mut self, property: Property) -> Result<(), FilterError> {
        self.blanks();
        let value = self.take("true");
        if !value && !self.take("false") {
            return Err(self.error(self.word().len(), FilterProblem::NotABool));
        }
        self.steps.push(FilterStep::Property(property, value));
        self.close(FilterProblem::NotClosed)
    }

    /// Reads a keyword and its parenthesis. Reads nothing if none of these keywords follows.
    fn keyword<T, const N: usize>(
        &mut self,
        keywords: [(&'static str, T); N],
    ) -> Result<Option<T>, FilterError> {
        let word = self.word();
        let Some((keyword, meaning)) = keywords.into_iter().find(|(keyword, _)| *keyword == word) else {
            return Ok(None);
        };
        self.at += word.len();
        if self.take("(") { Ok(Some(meaning)) } else { Err(self.error(0, FilterProblem::NotOpened(keyword))) }
    }

    /// Reads a closing parenthesis and the whitespace around it.
    fn close(&mut self, otherwise: FilterProblem) -> Result<(), FilterError> {
        self.blanks();
        if !self.take(")") {
            return Err(self.error(0, otherwise));
        }
        self.blanks();
        Ok(())
    }

    /// Reads up to the next `)` or space, unchanged: line ends are part of the value.
    fn value(&mut self) -> &'t str {
        self.blanks();
        self.rest().split([')', ' ']).next().unwrap_or_default()
    }

    /// The next word, for messages.
    fn word(&self) -> &'t str {
        self.rest().split(|c: char| is_blank(c) || "(),".contains(c)).next().unwrap_or_default()
    }

    fn blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches(is_blank).len();
    }

    fn take(&mut self, token: &str) -> bool {
        let is_there = self.rest().starts_with(token);
        if is_there {
            self.at += token.len();
        }
        is_there
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn error(&self, length: usize, problem: FilterProblem) -> FilterError {
        FilterError { span: self.at..self.at + length, problem }
    }
}

/// Whether the grammar skips a character. It counts all other whitespace as part of names.
fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}
