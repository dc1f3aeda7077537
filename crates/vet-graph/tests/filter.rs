//! The language of `--filter-graph`: valid filters, invalid filters, and which packages pass.

use proptest::prelude::*;
use vet_graph::{Graph, GraphFilter, Package};

/// A package for every possible combination of properties, and versions of all forms.
fn sample() -> Graph {
    vet_testing::graph(
        "*app -> *lib, serde 1.0.9, git+fork 0.1.0@git:0123456789abcdef0123456789abcdef01234567
         *lib => cc 1.0.0+build
         *app ~> *testutil, tempfile 3.0.0-rc.1
         *testutil -> ./local
         tempfile 3.0.0-rc.1 -> serde 2.0.0, ./local-dev",
    )
}

/// The names of the packages that pass a filter, or the problem with the filter.
fn passing(filter: &str) -> String {
    let filter = match GraphFilter::parse(filter) {
        Ok(filter) => filter,
        Err(error) => return error.to_string(),
    };
    let sample = sample();
    let names = sample.packages().filter(|package| filter.passes(*package)).map(|package| package.name());
    names.collect::<Vec<_>>().join(" ")
}

#[test]
fn queries() {
    let everything = "app cc fork lib local local-dev serde serde tempfile testutil";
    for (filter, expected) in [
        ("include(name(serde))", "serde serde"),
        ("include(name(Serde))", ""),
        ("include(name(serd))", ""),
        ("include(version(1.0.9))", "serde"),
        ("include(version(3.0.0))", ""),
        ("include(version(3.0.0-rc.1))", "tempfile"),
        ("include(version(1.0.0+build))", "cc"),
        ("include(version(0.1.0@git:0123456789abcdef0123456789abcdef01234567))", "fork"),
        ("include(version(0.1.0))", ""),
        ("include(is_root(true))", "app testutil"),
        ("include(is_root(false))", "cc fork lib local local-dev serde serde tempfile"),
        ("include(is_workspace_member(true))", "app lib testutil"),
        ("include(is_workspace_member(false))", "cc fork local local-dev serde serde tempfile"),
        ("include(is_third_party(true))", "cc serde serde tempfile"),
        ("include(is_third_party(false))", "app fork lib local local-dev testutil"),
        ("include(is_dev_only(true))", "local-dev serde tempfile"),
        ("include(is_dev_only(false))", "app cc fork lib local serde testutil"),
        ("exclude(name(serde))", "app cc fork lib local local-dev tempfile testutil"),
        ("include(not(name(serde)))", "app cc fork lib local local-dev tempfile testutil"),
        ("exclude(not(name(serde)))", "serde serde"),
        ("include(not(not(name(serde))))", "serde serde"),
        ("include(any(name(cc)))", "cc"),
        ("include(all(name(cc)))", "cc"),
        ("include(any(name(cc),name(lib),name(none)))", "cc lib"),
        ("include(all(name(serde),version(2.0.0),is_dev_only(true)))", "serde"),
        ("include(all(name(serde),version(2.0.0),is_dev_only(false)))", ""),
        ("include(all(any(name(cc),name(lib)),not(is_root(true)),is_workspace_member(true)))", "lib"),
        ("include(any(all(name(cc),name(lib)),all(name(cc),not(name(lib)))))", "cc"),
        ("include(not(any(all(name(cc),is_root(true)),name(none))))", everything),
        ("exclude(any(is_dev_only(true), name(serde_derive)))", "app cc fork lib local serde testutil"),
    ] {
        assert_eq!(passing(filter), expected, "{filter}");
    }
}

#[test]
fn a_package_has_to_pass_all_filters() {
    for (filters, expected) in [
        (&[][..], "app cc fork lib local local-dev serde serde tempfile testutil"),
        (&["exclude(name(cc))", "exclude(name(serde))"], "app fork lib local local-dev tempfile testutil"),
        // A package that passes must also be reachable through packages that pass.
        (&["include(any(name(app), name(cc)))"], "app"),
        (&["include(is_third_party(true))"], ""),
        (&["exclude(name(app))", "exclude(name(local))"], "cc lib testutil"),
        (&["include(name(app))", "exclude(name(app))"], ""),
    ] {
        let filters: Vec<GraphFilter> = filters.iter().map(|filter| filter.parse().unwrap()).collect();
        let sample = sample();
        let filtered = sample.filtered_by(&filters);
        let names: Vec<&str> = filtered.packages().map(|package| package.name()).collect();
        assert_eq!(names.join(" "), expected, "{filters:?}");
    }
}

/// Each of these was also tested with the original.
#[test]
fn blanks_stand_between_what_is_complete() {
    for (filter, expected) in [
        ("  include(  name(  cc  )  )  ", "cc"),
        ("include(any(name(cc) ,name(lib) , name(fork)))", "cc fork lib"),
        ("include( not( is_root( false ) ) )", "app testutil"),
        ("\t\r\n include(\nany(\rname(\tcc)\t,\nname(\r\nlib)\n)\n)\n", "cc lib"),
        ("include(is_root(\ttrue\n))", "app testutil"),
        ("include(version( 1.0.9 ))", "serde"),
        // A name ends at a space. Anything else before the parenthesis is part of it.
        ("include(name(cc\t))", ""),
        ("include(name(cc\n))", ""),
        ("include(name(cc\u{a0}))", ""),
        ("include(name(\u{c}cc))", ""),
        ("include(name(cc,name(lib))", ""),
        ("include(any(name(cc,lib),name(fork)))", "fork"),
        ("include(name(\"cc\"))", ""),
        ("include(version(1.0.0\t@\tgit:0123456789abcdef0123456789abcdef01234567))", ""),
    ] {
        assert_eq!(passing(filter), expected, "{filter:?}");
    }
}

/// The original refuses each of these too. `^` precedes the place of the problem.
#[test]
fn mistakes() {
    let begins = "a filter begins with `include(` or `exclude(`";
    let cases = [
        // The filter
        ("^", begins),
        (" ^", begins),
        ("^name(cc)", begins),
        ("^INCLUDE(name(cc))", begins),
        ("^,include(name(cc))", begins),
        ("^\u{b}include(name(cc))", begins),
        ("^\u{a0}include(name(cc))", begins),
        ("include^", "expected `(` right after `include`"),
        ("exclude^ (name(cc))", "expected `(` right after `exclude`"),
        ("include(name(cc))^x", "the filter ends before this"),
        ("include(name(cc)) ^include(name(lib))", "the filter ends before this"),
        ("include(name(cc))^, include(name(lib))", "the filter ends before this"),
        ("include(is_root(true))^)", "the filter ends before this"),
        ("include(name(cc)^,name(lib))", "expected `)`"),
        ("include(name(cc)^", "expected `)`"),
        ("include(name(cc) ^x)", "expected `)`"),
        // Queries
        ("include(^", "a query is missing"),
        ("include(^)", "a query is missing"),
        ("include( ^(name(cc)))", "a query is missing"),
        ("exclude(^eq(name(serde)))", "`eq` is not a query"),
        ("include(^include(name(cc)))", "`include` is not a query"),
        ("include(^NAME(cc))", "`NAME` is not a query"),
        ("include(^is_member(true))", "`is_member` is not a query"),
        ("include(^is_root=true)", "`is_root=true` is not a query"),
        ("include(^grün)", "`grün` is not a query"),
        ("include(name^ (cc))", "expected `(` right after `name`"),
        ("include(is_root^ (true))", "expected `(` right after `is_root`"),
        ("include(not^)", "expected `(` right after `not`"),
        // Lists
        ("include(any(^))", "a query is missing"),
        ("include(all( ^))", "a query is missing"),
        ("include(not(^))", "a query is missing"),
        ("include(any(name(cc),^))", "a query is missing"),
        ("include(any(^,name(cc)))", "a query is missing"),
        ("include(any^ (name(cc)))", "expected `(` right after `any`"),
        ("include(any(name(cc) ^name(lib)))", "expected `,` or `)`"),
        ("include(any(name(cc)^;name(lib)))", "expected `,` or `)`"),
        ("include(any(name(cc))^", "expected `)`"),
        ("include(any(name(cc)^", "expected `,` or `)`"),
        ("include(not(name(cc)^,name(lib)))", "expected `)`"),
        // Values
        ("include(name(^))", "the name of a package is missing"),
        ("include(name( ^))", "the name of a package is missing"),
        ("include(name(^", "the name of a package is missing"),
        ("include(name(cc ^lib))", "expected `)`"),
        ("include(name(cc(lib))^)", "the filter ends before this"),
        ("include(is_root(^))", "expected `true` or `false`"),
        ("include(is_root(^True))", "expected `true` or `false`"),
        ("include(is_root(^1))", "expected `true` or `false`"),
        ("include(is_root(true^x))", "expected `)`"),
        ("include(is_root(true ^false))", "expected `)`"),
        ("include(version(^))", "`` is not a full version such as `1.2.3`"),
        ("include(version(^1.0))", "`1.0` is not a full version such as `1.2.3`"),
        ("include(version(^v1.0.0))", "`v1.0.0` is not a full version such as `1.2.3`"),
        ("include(version(^*))", "`*` is not a full version such as `1.2.3`"),
        ("include(version(^=1.0.0))", "`=1.0.0` is not a full version such as `1.2.3`"),
        ("include(version( ^1.0.0\t))", "`1.0.0\t` is not a full version such as `1.2.3`"),
        ("include(version(^1.0.0@git:0123))", "`0123` is not a git revision of 40 hexadecimal digits"),
        ("include(version(1.0.0 ^@git:0123456789abcdef0123456789abcdef01234567))", "expected `)`"),
    ];
    for (marked, expected) in cases {
        let (before, _) = marked.split_once('^').unwrap();
        let filter = marked.replacen('^', "", 1);
        let error = GraphFilter::parse(&filter).expect_err(&filter);
        let offset = before.len();
        assert_eq!(error.span.start, offset, "{filter}: {error}");
        assert!(filter.get(error.span.clone()).is_some(), "{filter}: {:?}", error.span);
        let says = error.problem.to_string();
        assert!(says.starts_with(expected), "{filter}: {says}");
        assert_eq!(error.to_string(), format!("at byte {offset}: {says}"));
        assert!(!error.help().is_empty());
    }
}

#[test]
fn what_is_wrong_is_marked() {
    for (filter, marked) in [
        ("exclude(eq(name(serde)))", "eq"),
        ("include(is_root(maybe))", "maybe"),
        ("include(version( 1.0 ))", "1.0"),
        ("include(name(cc))) (", ") ("),
        ("foo(bar)", "foo"),
        ("include(any())", ""),
    ] {
        let error = GraphFilter::parse(filter).unwrap_err();
        assert_eq!(filter.get(error.span), Some(marked), "{filter}");
    }
}

#[test]
fn depth_costs_no_stack() {
    const DEPTH: usize = 100_000;
    let sample = sample();
    let nested = |open: &str, inner: &str, close: &str| {
        let filter = format!("include({}{inner}{})", open.repeat(DEPTH), close.repeat(DEPTH));
        let small = std::thread::Builder::new().stack_size(64 * 1024);
        let sample = sample.clone();
        let names = move || {
            let filter = GraphFilter::parse(&filter).unwrap();
            let copy = filter.clone();
            assert!(copy == filter);
            sample.packages().filter(|package| copy.passes(*package)).count()
        };
        small.spawn(names).unwrap().join().unwrap()
    };
    assert_eq!(nested("not(", "name(cc)", ")"), 1);
    assert_eq!(nested("any(", "name(cc)", ")"), 1);
    assert_eq!(nested("all(", "name(serde)", ")"), 2);
    assert_eq!(nested("any(all(is_third_party(true),", "name(serde)", "))"), 2);
    assert_eq!(nested("all(any(", "name(serde)", ",name(cc)),is_dev_only(true))"), 1);
    assert!(GraphFilter::parse(&"include(not(".repeat(DEPTH)).is_err());
    assert!(GraphFilter::parse(&format!("include({}", "any(".repeat(DEPTH))).is_err());
}

/// A query as a tree, evaluated by a simple reader of the grammar.
#[derive(Clone, Debug)]
enum Query {
    Name(&'static str),
    Version(&'static str),
    Property(&'static str, bool),
    Not(Box<Query>),
    Any(Vec<Query>),
    All(Vec<Query>),
}

impl Query {
    fn holds(&self, package: Package<'_>) -> bool {
        match self {
            Query::Name(name) => package.name() == *name,
            Query::Version(version) => package.version().to_string() == *version,
            Query::Property("is_root", value) => package.is_root() == *value,
            Query::Property("is_workspace_member", value) => package.is_member() == *value,
            Query::Property("is_third_party", value) => package.is_third_party() == *value,
            Query::Property(_, value) => package.is_dev_only() == *value,
            Query::Not(query) => !query.holds(package),
            Query::Any(queries) => queries.iter().any(|query| query.holds(package)),
            Query::All(queries) => queries.iter().all(|query| query.holds(package)),
        }
    }

    /// The query with whitespace wherever the grammar allows it.
    fn print(&self, blanks: &mut dyn FnMut() -> &'static str) -> String {
        let (before, inside, after) = (blanks(), blanks(), blanks());
        let query = match self {
            // After a name or a version, only a space is whitespace.
            Query::Name(name) => format!("name({inside}{name}{}", " ".repeat(after.len())),
            Query::Version(version) => format!("version({inside}{version}{}", " ".repeat(after.len())),
            Query::Property(property, value) => format!("{property}({inside}{value}{after}"),
            Query::Not(query) => format!("not({inside}{}{after}", query.print(blanks)),
            Query::Any(queries) => format!("any({inside}{}{after}", Query::print_list(queries, blanks)),
            Query::All(queries) => format!("all({inside}{}{after}", Query::print_list(queries, blanks)),
        };
        format!("{before}{query}){}", blanks())
    }

    fn print_list(queries: &[Query], blanks: &mut dyn FnMut() -> &'static str) -> String {
        queries.iter().map(|query| query.print(blanks)).collect::<Vec<_>>().join(",")
    }
}

fn query() -> impl Strategy<Value = Query> {
    const PROPERTIES: &[&str] = &["is_root", "is_workspace_member", "is_third_party", "is_dev_only"];
    let leaf = prop_oneof![
        prop::sample::select(&["app", "cc", "serde", "local-dev", "none"]).prop_map(Query::Name),
        prop::sample::select(&["1.0.0", "1.0.9", "3.0.0-rc.1", "1.0.0+build"]).prop_map(Query::Version),
        (prop::sample::select(PROPERTIES), any::<bool>())
            .prop_map(|(name, value)| Query::Property(name, value)),
    ];
    leaf.prop_recursive(6, 40, 4, |inner| {
        let list = prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            inner.prop_map(|query| Query::Not(query.into())),
            list.clone().prop_map(Query::Any),
            list.prop_map(Query::All),
        ]
    })
}

proptest! {
    #[test]
    fn printed_queries_mean_what_they_say(
        query in query(),
        is_exclude in any::<bool>(),
        blanks in prop::collection::vec(prop::sample::select(&["", "", " ", "\t", "\n", "\r\n", "  \t "]), 1..20),
    ) {
        let mut blanks = blanks.into_iter().cycle();
        let printed = query.print(&mut || blanks.next().unwrap_or_default());
        let printed = format!("{}({printed})", if is_exclude { "exclude" } else { "include" });
        let filter = GraphFilter::parse(&printed);
        prop_assert!(filter.is_ok(), "{printed:?}: {}", filter.unwrap_err());
        let filter = filter.unwrap();
        for package in sample().packages() {
            prop_assert_eq!(filter.passes(package), query.holds(package) != is_exclude, "{:?}", &printed);
        }
    }

    #[test]
    fn any_text_is_read_or_refused(
        text in prop::collection::vec(
            prop::sample::select(&[
                "include(", "exclude", "any(", "all(", "not(", "name(a", "name(", "version(1.0.0", "version(é",
                "is_root(true", "is_root(", ")", ")", ")", ",", " ", "\t", "é", "\u{0}",
            ]),
            0..20,
        ),
    ) {
        let text = text.concat();
        if let Err(error) = GraphFilter::parse(&text) {
            prop_assert!(text.get(error.span.clone()).is_some(), "{text:?}: {error}");
        }
    }
}
