//! Outcomes as text and as JSON, compared with the original's output for the same stores and
//! graphs.

#![expect(clippy::unwrap_used, reason = "what fails in a test should stop it, with the line that is wrong")]

use vet_graph::{Graph, Rule};
use vet_ops::check::explain_audit::ExplainAuditOutcome;
use vet_ops::evaluation::outcome::{CheckOutcome, Checked, PackageId};
use vet_ops::evaluation::outcome::{LeftOut, WhyLeftOut};
use vet_report::dump_graph::Depth;
use vet_report::suggest::Form;
use vet_report::{check, dump_graph, explain_audit};
use vet_resolver::{Explanation, Resolver, explain};
use vet_store::fetched::{Fresh, FreshOfPeer};
use vet_store::{Bytes, Date, Loaded, Store, StoreBytes, load};

/// Both formats, one below the other.
fn shown(outcome: &CheckOutcome) -> String {
    format!("{}-----\n{}", human(outcome), json(outcome))
}

fn human(outcome: &CheckOutcome) -> String {
    check::human(&Checked { outcome: outcome.clone(), left_out: None }, Form::default())
}

fn json(outcome: &CheckOutcome) -> String {
    check::json(&Checked { outcome: outcome.clone(), left_out: None })
}

fn package(text: &str) -> PackageId {
    let (name, version) = text.split_once(' ').unwrap();
    PackageId { name: name.to_owned(), version: version.parse().unwrap() }
}

fn store(config: &str, audits: &str, imports: &str) -> Loaded {
    let bytes = |text| Bytes { name: "", bytes: str::as_bytes(text) };
    let files = StoreBytes { config: bytes(config), audits: bytes(audits), imports: bytes(imports) };
    load(files, Date::from_ymd_opt(2022, 6, 1).unwrap()).unwrap()
}

macro_rules! store {
    ($name:literal) => {
        store(
            include_str!(concat!("stores/", $name, "/config.toml")),
            include_str!(concat!("stores/", $name, "/audits.toml")),
            include_str!(concat!("stores/", $name, "/imports.lock")),
        )
    };
}

#[test]
fn success_counts_what_there_is() {
    let packages = |names: &[&str]| -> Vec<PackageId> { names.iter().map(|name| package(name)).collect() };
    let success = |fully: &[&str], partially: &[&str], exempted: &[&str]| CheckOutcome::Success {
        fully_audited: packages(fully),
        partially_audited: packages(partially),
        exempted: packages(exempted),
    };
    let first_lines = [
        success(&[], &[], &[]),
        success(&["a 1.0.0", "b 1.0.0"], &[], &[]),
        success(&[], &[], &["a 1.0.0"]),
        success(&["a 1.0.0"], &["b 1.0.0"], &[]),
    ];
    insta::assert_snapshot!(first_lines.iter().map(human).collect::<String>(), @"
    Vetting Succeeded (because you have no third-party dependencies)
    Vetting Succeeded (2 fully audited)
    Vetting Succeeded (1 exempted)
    Vetting Succeeded (1 fully audited, 1 partially audited)
    ");
    let all = success(
        &["alpha 1.0.0", "alpha 2.0.0-rc.1+b"],
        &["beta 1.0.0@git:0123456789012345678901234567890123456789"],
        &["gamma 0.1.0"],
    );
    insta::assert_snapshot!(shown(&all), @r#"
    Vetting Succeeded (2 fully audited, 1 partially audited, 1 exempted)
    -----
    {
      "conclusion": "success",
      "vetted_fully": [
        {
          "name": "alpha",
          "version": "1.0.0"
        },
        {
          "name": "alpha",
          "version": "2.0.0-rc.1+b"
        }
      ],
      "vetted_partially": [
        {
          "name": "beta",
          "version": "1.0.0@git:0123456789012345678901234567890123456789"
        }
      ],
      "vetted_with_exemptions": [
        {
          "name": "gamma",
          "version": "0.1.0"
        }
      ]
    }
    "#);
    insta::assert_snapshot!(json(&success(&[], &[], &[])), @r#"
    {
      "conclusion": "success",
      "vetted_fully": [],
      "vetted_partially": [],
      "vetted_with_exemptions": []
    }
    "#);
}

#[test]
fn what_is_missing_is_listed() {
    let failure = |name: &str, missing: &[&str]| {
        (package(name), missing.iter().map(|&criterion| criterion.to_owned()).collect())
    };
    let one = CheckOutcome::Unvetted {
        failures: vec![failure("alpha 1.0.0", &["safe-to-deploy"])],
        suggestions: None,
    };
    insta::assert_snapshot!(shown(&one), @r#"
    Vetting Failed!

    1 unvetted dependencies:
      alpha:1.0.0 missing ["safe-to-deploy"]
    -----
    {
      "conclusion": "fail (vetting)",
      "failures": [
        {
          "name": "alpha",
          "version": "1.0.0",
          "missing_criteria": [
            "safe-to-deploy"
          ]
        }
      ],
      "suggest": null
    }
    "#);
    let several = CheckOutcome::Unvetted {
        failures: vec![
            failure("alpha 1.0.0", &["safe-to-deploy", "odd\"\u{1b}"]),
            failure("alpha 1.10.0", &["safe-to-run"]),
        ],
        suggestions: None,
    };
    insta::assert_snapshot!(shown(&several), @r#"
    Vetting Failed!

    2 unvetted dependencies:
      alpha:1.0.0 missing ["safe-to-deploy", "odd\"\u{1b}"]
      alpha:1.10.0 missing ["safe-to-run"]
    -----
    {
      "conclusion": "fail (vetting)",
      "failures": [
        {
          "name": "alpha",
          "version": "1.0.0",
          "missing_criteria": [
            "safe-to-deploy",
            "odd\"\u001b"
          ]
        },
        {
          "name": "alpha",
          "version": "1.10.0",
          "missing_criteria": [
            "safe-to-run"
          ]
        }
      ],
      "suggest": null
    }
    "#);
}

#[test]
fn violations_are_shown_with_what_contradicts_them() {
    let Loaded { store, criteria, .. } = store!("violations");
    let graph = vet_testing::graph("*app -> alpha 0.9.0, alpha 0.10.0, beta 2.0.0");
    let resolver = Resolver::new(&graph, &store, &criteria);
    let outcome = CheckOutcome::decide(&graph, &criteria, &resolver);
    insta::assert_snapshot!("violations", human(&outcome));
    insta::assert_snapshot!("violations_json", json(&outcome));
}

#[test]
fn notes_of_others_do_not_steer_the_terminal() {
    let audits = "[[audits.a]]\nwho = \"\\u001B[2J\"\ncriteria = 'safe-to-run'\nversion = '1.0.0'\nnotes = \"\"\"\n\\u001B]0;x\\u0007\tü\n\"\"\"\n\n\
        [[audits.a]]\ncriteria = 'safe-to-run'\nviolation = '*'\n";
    let Loaded { store, criteria, .. } = store("", audits, "");
    let graph = vet_testing::graph("*app -> a");
    let resolver = Resolver::new(&graph, &store, &criteria);
    let outcome = CheckOutcome::decide(&graph, &criteria, &resolver);
    insta::assert_snapshot!(human(&outcome), @r#"
    Violations Found!
      a:1.0.0
        the own audit 1.0.0
          criteria: ["safe-to-run"]
          who: \u{1b}[2J
          notes: \u{1b}]0;x\u{7}	ü

        conflicts with own violation against *
          criteria: ["safe-to-run"]
    "#);
}

#[test]
fn chains_of_audits_are_explained() {
    let Loaded { store, criteria, .. } = store!("chains");
    let questions = [
        "alpha 1.2.0",
        "alpha 0.9.0",
        "beta 2.0.0-rc.1",
        "gamma 0.2.0",
        "gamma 0.3.0",
        "nosuch 1.0.0",
        "wild 1.0.0",
        "wild 2.0.0",
        "trus 1.0.0",
        "trus 2.0.0",
        "alpha 9.9.9",
    ];
    let mut text = String::new();
    for question in questions {
        let package = package(question);
        let explanation = explain(&store, &criteria, &package.name, &package.version, 1);
        let criterion = "safe-to-deploy".to_owned();
        text +=
            &explain_audit::human(&ExplainAuditOutcome { package, criterion, explanation, left_out: None })
                .unwrap();
    }
    insta::assert_snapshot!("chains", text);
}

#[test]
fn fresh_statements_are_marked() {
    let Loaded { mut store, criteria, .. } = store!("chains");
    let Store { imports, fetched, .. } = &mut store;
    fetched.peers.extend(imports.audits.iter().map(|(name, file)| (name.clone(), FreshOfPeer::all(file))));
    fetched.publisher = Fresh::all(&imports.publisher);
    fetched.unpublished = Fresh::all(&imports.unpublished);
    let explained = |question: &str| {
        let package = package(question);
        let explanation = explain(&store, &criteria, &package.name, &package.version, 1);
        let criterion = "safe-to-deploy".to_owned();
        explain_audit::human(&ExplainAuditOutcome { package, criterion, explanation, left_out: None })
            .unwrap()
    };
    let text: String = ["beta 2.0.0-rc.1", "wild 1.0.0", "trus 1.0.0"].map(explained).concat();
    insta::assert_snapshot!(text, @"
    The package beta 2.0.0-rc.1 certifies for safe-to-deploy
    1) [lima (uncached)] full audit for 1.9.0 by Lima
    2) [local (uncached)] auditing unpublished version 2.0.0-rc.1 as 1.9.0
    The package wild 1.0.0 certifies for safe-to-deploy
    1) [local (uncached)] wildcard audit for 1.0.0 (published by: pub) by Bo, Cy, and Ann Longname <ann@a.example>
    The package trus 1.0.0 certifies for safe-to-deploy
    1) [local (uncached)] trusted entry for 1.0.0 (published by: pub)
    ");
}

#[test]
fn a_contradiction_has_no_explanation() {
    let Loaded { store, criteria, .. } = store!("violations");
    let package = package("beta 2.0.0");
    let explanation = explain(&store, &criteria, &package.name, &package.version, 1);
    assert!(matches!(explanation, Explanation::Conflicts(_)));
    let criterion = "safe-to-deploy".to_owned();
    let problem =
        explain_audit::human(&ExplainAuditOutcome { package, criterion, explanation, left_out: None })
            .unwrap_err();
    let look = vet_report::diagnostics::Look { colored: false, width: 80 };
    insta::assert_snapshot!(vet_report::diagnostics::human(&[problem], look), @r#"
    error[VET0604]: statements about `beta` contradict each other
     |
     = note: the own audit 2.0.0
               criteria: ["safe-to-run"]
             conflicts with own violation against ^2
               criteria: ["safe-to-run", "fast"]
               who: Cy, Di
     = help: run `cargo vet check`, and sort out which statement is wrong
    "#);
}

const GRAPH: &str = "
    *app 0.1.0 -> *lib 0.2.0, thiserror 2.0.0, syn 3.0.0, quote 1.0.0
    app 0.1.0 ~> ./devdep, *tool 0.3.0
    lib 0.2.0 -> ./dep 1.0.0-rc.1+b
    lib 0.2.0 => ./dep2
    lib 0.2.0 ~> fastrand 2.0.0
    tool 0.3.0 -> lib 0.2.0
    dep 1.0.0-rc.1+b -> autocfg, dep2
    dep2 -> thiserror 2.0.0
    devdep -> cfg-if
    thiserror 2.0.0 -> thiserror-impl 2.0.0
    thiserror-impl 2.0.0 -> proc-macro2, quote 1.0.0, syn 3.0.0
    syn 3.0.0 -> ./proc-macro2, quote 1.0.0, unicode-ident
    quote 1.0.0 -> proc-macro2
    proc-macro2 -> unicode-ident
";

#[test]
fn a_graph_is_drawn_to_any_depth() {
    let graph = vet_testing::graph(GRAPH);
    let depths =
        [Depth::Roots, Depth::Workspace, Depth::FirstParty, Depth::FirstPartyAndDirects, Depth::Full];
    let text: String =
        depths.iter().map(|&depth| format!("## {depth:?}\n{}", dump_graph::mermaid(&graph, depth))).collect();
    insta::assert_snapshot!("graph", text);
}

#[test]
fn a_graph_is_an_array() {
    let graph = vet_testing::graph("*app ~> lib\n*app => *tool\ntool -> lib");
    insta::assert_snapshot!(dump_graph::json(&graph), @r#"
    [
      {
        "name": "app",
        "version": "1.0.0",
        "normal_deps": [],
        "build_deps": [
          2
        ],
        "dev_deps": [
          1
        ],
        "normal_and_build_deps": [
          2
        ],
        "all_deps": [
          1,
          2
        ],
        "reverse_deps": [],
        "is_workspace_member": true,
        "is_third_party": false,
        "is_root": true,
        "is_dev_only": false
      },
      {
        "name": "lib",
        "version": "1.0.0",
        "normal_deps": [],
        "build_deps": [],
        "dev_deps": [],
        "normal_and_build_deps": [],
        "all_deps": [],
        "reverse_deps": [
          0,
          2
        ],
        "is_workspace_member": false,
        "is_third_party": true,
        "is_root": false,
        "is_dev_only": false
      },
      {
        "name": "tool",
        "version": "1.0.0",
        "normal_deps": [
          1
        ],
        "build_deps": [],
        "dev_deps": [],
        "normal_and_build_deps": [
          1
        ],
        "all_deps": [
          1
        ],
        "reverse_deps": [
          0
        ],
        "is_workspace_member": true,
        "is_third_party": false,
        "is_root": false,
        "is_dev_only": false
      }
    ]
    "#);
    insta::assert_snapshot!(dump_graph::json(&vet_testing::graph("")), @"[]");
    insta::assert_snapshot!(dump_graph::mermaid(&vet_testing::graph(""), Depth::Full), @"
    graph LR
        subgraph roots
        end
        subgraph workspace-members
        end
        subgraph first-party
        end
        subgraph third-party
        end
    ");
}

fn left_out(packages: &[(&str, Rule)]) -> Checked {
    let outcome = CheckOutcome::Success {
        fully_audited: Vec::new(),
        partially_audited: Vec::new(),
        exempted: Vec::new(),
    };
    let packages = packages.iter().map(|(name, rule)| (package(name), *rule)).collect();
    Checked { outcome, left_out: Some(LeftOut { packages }) }
}

#[test]
fn what_is_left_out_is_counted_by_rule() {
    let answers: String = [
        left_out(&[]),
        left_out(&[("a 1.0.0", Rule::Development)]),
        left_out(&[("a 1.0.0", Rule::Targets), ("b 1.0.0", Rule::Members), ("c 1.0.0", Rule::Targets)]),
    ]
    .iter()
    .map(|checked| {
        let form = Form::default();
        check::human(checked, form) + &check::suggested(checked, form) + &check::json(checked) + "\n"
    })
    .collect();
    insta::assert_snapshot!(answers);
}

#[test]
fn what_is_left_out_is_grey() {
    let mut data = vet_testing::graph_data("*app -> lib, away\n*app => *tool\ntool -> lib\naway -> lib");
    for package in &mut data.packages {
        package.left_out = match package.name.as_str() {
            "away" => Some(Rule::Targets),
            "tool" => Some(Rule::Members),
            _ => None,
        };
    }
    let graph = Graph::new(data, |_, _| false);
    insta::assert_snapshot!(
        [Depth::Workspace, Depth::Full, Depth::Roots]
            .map(|depth| dump_graph::mermaid(&graph, depth))
            .concat()
    );
    insta::assert_snapshot!(dump_graph::json(&graph));
}

#[test]
fn it_is_explained_why_nothing_is_looked_at() {
    let explained = |rule, setting, place: Option<(&str, usize)>| {
        let place = place.map(|(file, line)| (file.to_owned(), line));
        let left_out = Some(WhyLeftOut { rule, setting, place });
        let explanation = Explanation::NotCertified(Vec::new());
        let outcome = ExplainAuditOutcome {
            package: package("away 1.0.0"),
            criterion: "safe-to-run".to_owned(),
            explanation,
            left_out,
        };
        explain_audit::human(&outcome).unwrap()
    };
    let text = [
        explained(Rule::Members, "exclude-members", Some(("supply-chain/vet.toml", 3))),
        explained(Rule::Development, "exclude-dev", Some(("supply-chain/vet.toml", 2))),
        explained(Rule::Features, "features", Some(("supply-chain/vet.toml", 9))),
        explained(Rule::Targets, "targets", None),
    ];
    insta::assert_snapshot!(text.concat());
}
