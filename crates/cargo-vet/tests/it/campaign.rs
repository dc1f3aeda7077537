//! A short campaign that looks for false passes, with a fixed seed. `docs/src/security-campaign.md`
//! says how to run a long one.

use vet_campaign::{Job, Programs, Settings, find_cargo};

/// Checks what an attacker makes of projects in one universe.
#[test]
fn no_false_pass() {
    let settings = Settings {
        seed: 1,
        checkouts: 8,
        projects: 25,
        compared: 0,
        classes: Vec::new(),
        keep: None,
        programs: Programs {
            tool: env!("CARGO_BIN_EXE_cargo-vet").into(),
            cargo: find_cargo().unwrap(),
            original: None,
            baseline: None,
        },
    };
    let mut job = Job::new(&settings, 0);
    for project in 0..8 {
        job.project(project, None);
    }
    let report = job.report;
    let wrong: Vec<_> = report.findings.iter().filter(|finding| finding.wrong.is_false_pass()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(report.checkouts > 20, "{report:#?}");
    // If no project passed, the campaign could not find a false pass.
    assert!(report.passing * 10 >= report.projects * 3, "{report:#?}");
}
