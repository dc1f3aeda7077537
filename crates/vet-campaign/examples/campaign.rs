//! Runs a long campaign. See `docs/src/security-campaign.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use vet_campaign::mutations::catalog;
use vet_campaign::{Job, Programs, Report, Settings, Wrong, find_cargo};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let value = |name: &str| {
        let place = arguments.iter().position(|argument| argument == name)?;
        arguments.get(place + 1).cloned()
    };
    let number = |name: &str, default: u64| {
        value(name)
            .map_or(default, |text| text.parse().unwrap_or_else(|_| stop(&format!("{name}: not a number"))))
    };
    let path = |variable: &str| std::env::var_os(variable).map(PathBuf::from);
    let Some(tool) = value("--tool").map(PathBuf::from).or_else(|| path("VET_CAMPAIGN_TOOL")) else {
        stop("--tool PATH is missing: the binary to be tested")
    };
    // Programs run in the checkout, so the path must be absolute.
    let Ok(tool) = tool.canonicalize() else { stop("the binary to be tested does not exist") };
    let Ok(cargo) = find_cargo() else { stop("there is no cargo") };
    let settings = Settings {
        seed: number("--seed", 1),
        checkouts: number("--checkouts", 40),
        projects: 25,
        compared: number("--compared", 5) as usize,
        classes: value("--classes")
            .map(|list| list.split(',').map(str::to_owned).collect())
            .unwrap_or_default(),
        keep: value("--keep").map(PathBuf::from),
        programs: Programs {
            tool,
            cargo,
            original: path("VET_CAMPAIGN_ORIGINAL"),
            baseline: path("VET_CAMPAIGN_BASELINE"),
        },
    };
    let only = value("--only").map(|_| number("--only", 0));
    let count = number("--count", 1000);
    let per_universe = settings.projects * settings.checkouts;
    let first = number("--start", 0) / per_universe;
    let next = AtomicU64::new(first);
    let end = first + count.div_ceil(per_universe);
    let total = Mutex::new(Report::default());
    let start = Instant::now();
    if let Some(only) = only {
        let project = only / settings.checkouts;
        let mut job = Job::new(&settings, project / settings.projects);
        job.project(project, Some(only));
        print(&job.report, start);
        return;
    }
    thread::scope(|scope| {
        for _ in 0..number("--jobs", 2) {
            scope.spawn(|| {
                loop {
                    let universe = next.fetch_add(1, Ordering::Relaxed);
                    if universe >= end {
                        return;
                    }
                    // A panic in the campaign only loses one universe.
                    let made =
                        thread::scope(|scope| scope.spawn(|| run(&settings, universe, first, count)).join());
                    let Ok(report) = made else {
                        eprintln!("universe {universe} was given up");
                        continue;
                    };
                    let mut total = total.lock().unwrap_or_else(|error| error.into_inner());
                    total.add(report);
                    eprintln!(
                        "{} checkouts, {} findings, {:?}",
                        total.checkouts,
                        total.findings.len(),
                        start.elapsed()
                    );
                }
            });
        }
    });
    let total = total.into_inner().unwrap_or_else(|error| error.into_inner());
    print(&total, start);
    if total.findings.iter().any(|finding| finding.wrong.is_false_pass()) {
        std::process::exit(1);
    }
}

/// Checks the projects and checkouts of one universe: `count` checkouts, starting with number
/// `first`.
fn run(settings: &Settings, universe: u64, first: u64, count: u64) -> Report {
    let mut job = Job::new(settings, universe);
    let per_universe = settings.projects * settings.checkouts;
    let mut left = count.saturating_sub((universe - first) * per_universe);
    for project in universe * settings.projects..(universe + 1) * settings.projects {
        if left == 0 {
            break;
        }
        left = left.saturating_sub(settings.checkouts);
        job.project(project, None);
    }
    job.report
}

fn stop(message: &str) -> ! {
    eprintln!("{message}");
    std::process::exit(2)
}

fn print(report: &Report, start: Instant) {
    println!("projects {}, passing {}, with rules {}", report.projects, report.passing, report.with_rules);
    for (reason, count) in &report.unusable {
        println!("not used: {count} times, {reason}");
    }
    println!("projects with cargo {} (before: {})", report.with_cargo, report.with_cargo_before);
    for (reason, count) in &report.reasons_for_cargo {
        println!("with cargo: {count} times, {reason}");
    }
    for (reason, count) in &report.not_judged {
        println!("not judged: {count} times, {reason}");
    }
    println!(
        "checkouts {}, passes {}, without --locked {}, passes then {}, compared with the original {}, {:?}",
        report.checkouts,
        report.passes,
        report.online.0,
        report.online.1,
        report.compared,
        start.elapsed()
    );
    for class in catalog().into_iter().map(|(class, _)| class).collect::<BTreeSet<_>>() {
        let (applied, passed) = report.applied.get(class).copied().unwrap_or_default();
        println!("class: {applied} checkouts, {passed} passed | {class}");
    }
    let mut groups: BTreeMap<(Wrong, String), (u64, u64, &str)> = BTreeMap::new();
    for finding in &report.findings {
        let mut lines = finding.details.lines().map(str::trim).filter(|line| !line.is_empty());
        let error = lines.clone().find(|line| line.starts_with("error"));
        let details = error.or_else(|| lines.next()).unwrap_or_default();
        let group = groups.entry((finding.wrong, finding.classes.join(" + "))).or_insert((
            0,
            finding.number,
            details,
        ));
        group.0 += 1;
    }
    for ((wrong, classes), (count, number, details)) in groups {
        println!("{wrong:?} | {classes} | {count} times, first {number} | {details}");
    }
}
