//! Filters of a graph, as `--filter-graph` takes them.
//!
//! ```text
//! filter := _ ("include(" | "exclude(") query ")" _
//! query  := _ ("any(" | "all(") query ("," query)* ")" _
//!         | _ "not(" query ")" _
//!         | _ ("name(" NAME | "version(" VERSION | PROPERTY "(" _ ("true" | "false")) _ ")" _
//! ```
//!
//! `_` is any number of blanks, tabs and line ends. A NAME and a VERSION end at a `)` or a blank.
//!
//! How deep queries are nested is the user's choice, so nothing here recurses: a filter is a list of steps that work on
//! one result, and an `any` or `all` that is decided skips the rest of its list.

use std::borrow::Cow;
use std::ops::Range;
use std::str::FromStr;

use vet_store::Version;
use vet_store::version::VersionError;

use crate::graph::{Graph, Package};

/// Which packages are looked at.
///
/// ```
/// use vet_graph::GraphFilter;
///
/// let filter: GraphFilter = "exclude(any(is_dev_only(true), name(serde_derive)))".parse()?;
/// # Ok::<(), vet_graph::FilterError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphFilter {
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// The result is whether the package has this name.
    Name(String),
    /// The result is whether the package has this version, build metadata and git revision included.
    Version(Version),
    /// The result is whether the property has this value.
    Property(Property, bool),
    /// Turns the result around.
    Not,
    /// Continues further down if the result is this.
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
    /// What it is about, as byte offsets into the text; empty if something is missing there.
    pub span: Range<usize>,
    /// What is wrong.
    pub problem: FilterProblem,
}

/// What is wrong in a filter.
#[derive(Debug, thiserror::Error)]
pub enum FilterProblem {
    /// Something else than `include` or `exclude` comes first.
    #[error("a filter begins with `include(` or `exclude(`")]
    NotAFilter,
    /// A query has to stand here, but nothing does.
    #[error("a query is missing")]
    NoQuery,
    /// There is no such query.
    #[error("`{0}` is not a query")]
    NotAQuery(String),
    /// Something else than a parenthesis follows a keyword.
    #[error("expected `(` right after `{0}`")]
    NotOpened(&'static str),
    /// Something else than the end of a list, or its next element, follows an element.
    #[error("expected `,` or `)`")]
    NotContinued,
    /// Something else than a closing parenthesis follows what is complete.
    #[error("expected `)`")]
    NotClosed,
    /// Something follows the filter.
    #[error("the filter ends before this")]
    NotTheEnd,
    /// The name is empty.
    #[error("the name of a package is missing")]
    NoName,
    /// A version is missing or malformed.
    #[error(transparent)]
    NotAVersion(VersionError),
    /// A property has another value than `true` and `false`.
    #[error("expected `true` or `false`")]
    NotABool,
}

impl GraphFilter {
    /// Reads a filter.
    ///
    /// # Errors
    ///
    /// The text does not follow the grammar, which is that of cargo-vet 0.10.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        Parser { text, at: 0, steps: Vec::new(), open: Vec::new(), skips: Vec::new() }.filter()
    }

    /// Whether a package is looked at, by its properties in the whole graph.
    pub fn passes(&self, package: Package<'_>) -> bool {
        let mut result = true;
        let mut next = 0;
        while let Some(step) = self.steps.get(next) {
            next += 1;
            match step {
                Step::Name(name) => result = package.name() == name,
                Step::Version(version) => result = package.version() == version,
                Step::Property(property, value) => result = property.of(package) == *value,
                Step::Not => result = !result,
                Step::Skip { on, to } if result == *on => next = *to,
                Step::Skip { .. } => {}
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
    /// The part of the graph that is reached through packages that pass all filters; see [`Graph::filtered`].
    ///
    /// Without filters that is the graph itself.
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
    /// The way out.
    pub fn help(&self) -> &'static str {
        match self.problem {
            FilterProblem::NotAFilter => {
                "write `include(QUERY)` to look only at the packages that match, or `exclude(QUERY)` to leave them out"
            }
            FilterProblem::NoQuery | FilterProblem::NotAQuery(_) => {
                "the queries are `any(QUERY, …)`, `all(QUERY, …)`, `not(QUERY)`, `name(NAME)`, `version(VERSION)`,\n\
                 `is_root(BOOL)`, `is_workspace_member(BOOL)`, `is_third_party(BOOL)` and `is_dev_only(BOOL)`"
            }
            FilterProblem::NotOpened(_) => {
                "a keyword takes its argument in parentheses, without a blank before them"
            }
            FilterProblem::NotContinued => {
                "the elements of a list are separated by commas, and a `)` ends it"
            }
            FilterProblem::NotClosed => {
                "only `any` and `all` take several arguments, and every parenthesis has to be closed"
            }
            FilterProblem::NotTheEnd => "give each filter on its own: a package has to pass all of them",
            FilterProblem::NoName => "name one package, as in `name(serde)`",
            FilterProblem::NotAVersion(_) => {
                "name one version in full, as in `version(1.2.3)`; code from git has its revision in it: `1.2.3@git:…`"
            }
            FilterProblem::NotABool => "write for instance `is_root(true)`",
        }
    }
}

/// A keyword and what it begins.
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
    /// An `any` is decided by `true`, an `all` by `false`. The skips that wait for its end begin at an index.
    List {
        decided_by: bool,
        first_skip: usize,
    },
}

struct Parser<'t> {
    text: &'t str,
    /// How far the text has been read, in bytes.
    at: usize,
    steps: Vec<Step>,
    /// The queries that are open, the innermost one last.
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
            self.steps.push(Step::Not);
        }
        Ok(GraphFilter { steps: self.steps })
    }

    /// Reads until a query without others in it is complete.
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

    /// After a complete query, closes those that it is the last one of. Tells whether none is left; else another query
    /// follows.
    fn end_queries(&mut self) -> Result<bool, FilterError> {
        while let Some(&open) = self.open.last() {
            match open {
                Open::Not => {
                    self.close(FilterProblem::NotClosed)?;
                    self.steps.push(Step::Not);
                }
                Open::List { decided_by, .. } if self.take(",") => {
                    self.skips.push(self.steps.len());
                    // Where to, will be known at the end of the list.
                    self.steps.push(Step::Skip { on: decided_by, to: usize::MAX });
                    return Ok(false);
                }
                Open::List { first_skip, .. } => {
                    self.close(FilterProblem::NotContinued)?;
                    let end = self.steps.len();
                    for skip in self.skips.drain(first_skip..) {
                        if let Some(Step::Skip { to, .. }) = self.steps.get_mut(skip) {
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
        self.steps.push(Step::Name(name.to_owned()));
        self.at += name.len();
        self.close(FilterProblem::NotClosed)
    }

    fn version(&mut self) -> Result<(), FilterError> {
        let text = self.value();
        let version =
            text.parse().map_err(|error| self.error(text.len(), FilterProblem::NotAVersion(error)))?;
        self.steps.push(Step::Version(version));
        self.at += text.len();
        self.close(FilterProblem::NotClosed)
    }

    fn property(&mut self, property: Property) -> Result<(), FilterError> {
        self.blanks();
        let value = self.take("true");
        if !value && !self.take("false") {
            return Err(self.error(self.word().len(), FilterProblem::NotABool));
        }
        self.steps.push(Step::Property(property, value));
        self.close(FilterProblem::NotClosed)
    }

    /// Reads a keyword and its parenthesis. If none of these keywords is there, nothing is read.
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

    /// Reads a closing parenthesis, and the blanks around it.
    fn close(&mut self, otherwise: FilterProblem) -> Result<(), FilterError> {
        self.blanks();
        if !self.take(")") {
            return Err(self.error(0, otherwise));
        }
        self.blanks();
        Ok(())
    }

    /// What stands here up to a `)` or a blank, and as it is: a line end belongs to it.
    fn value(&mut self) -> &'t str {
        self.blanks();
        self.rest().split([')', ' ']).next().unwrap_or_default()
    }

    /// What a reader would take for a word.
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

/// Other characters without ink are part of names, as far as the grammar goes.
fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}
