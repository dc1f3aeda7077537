#!/usr/bin/env python3
"""Shows how the time of `cargo vet --locked` grows with the size of a project.

    growth.py OURS [--runs N] [--generator BINARY] [--most-growth FACTOR]

Makes up workspaces of 1,000 to 10,000 packages and stores of 1,000 to 100,000 audits, and times OURS on each: whole
processes, the sizes taking turns. The size of a project is the number n of its packages and audits together. If time grows
as n·log n, as sorting does, then time divided by n·log2 n is the same everywhere; what a process needs in any case makes it
shrink at first. The table has it relative to the smallest project. More than FACTOR (2 unless told) means that something
grows worse, and the exit status is 1.

The generator is built with `cargo build --release -p vet-benches`, unless it is named.
"""

import argparse
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time

SIZES = [
    (1_000, 1_000),
    (2_000, 2_000),
    (5_000, 5_000),
    (10_000, 10_000),
    (1_000, 10_000),
    (1_000, 100_000),
    (10_000, 100_000),
]


def main():
    options = parse()
    with tempfile.TemporaryDirectory() as folder:
        projects = [Project(options, folder, packages, audits) for packages, audits in SIZES]
        for project in projects:
            project.check()
        for _ in range(options.runs):
            for project in projects:
                project.measure()
    sys.exit(report(projects, options))


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ours", metavar="OURS", type=os.path.abspath)
    parser.add_argument("--runs", type=int, default=11, metavar="N")
    parser.add_argument("--generator", metavar="BINARY", type=os.path.abspath)
    parser.add_argument("--most-growth", type=float, default=2.0, metavar="FACTOR")
    options = parser.parse_args()
    options.generator = options.generator or build_generator()
    return options


def build_generator():
    here = os.path.dirname(os.path.abspath(__file__))
    command = ["cargo", "build", "--release", "--quiet", "-p", "vet-benches"]
    subprocess.run(command, cwd=here, check=True)
    target = os.environ.get("CARGO_TARGET_DIR") or os.path.join(here, os.pardir, "target")
    return os.path.join(target, "release", "generate-project")


class Project:
    """A made-up project, and how long it takes to check it."""

    def __init__(self, options, folder, packages, audits):
        self.packages = packages
        self.audits = audits
        self.size = packages + audits
        self.seconds = []
        self.peaks = []
        folder = os.path.join(folder, f"{packages}-{audits}")
        subprocess.run([options.generator, folder, str(packages), str(audits)], check=True)
        self.folder = os.path.join(folder, "project")
        cache = os.path.join(folder, "cache")
        self.command = [options.ours, "vet", "--locked", "--cache-dir", cache]
        # Cargo has to play no part, so there is none.
        self.environment = {**os.environ, "CARGO": os.path.join(folder, "no-cargo")}

    def check(self):
        """The first run, for what has to be true of all others."""
        run = subprocess.run(self.command, cwd=self.folder, env=self.environment, capture_output=True, text=True)
        if run.returncode != 0 or run.stderr:
            sys.exit(f"{self.packages} packages, {self.audits} audits: status {run.returncode}\n{run.stderr}")

    def measure(self):
        start = time.perf_counter()
        process = os.fork()
        if process == 0:
            try:
                os.chdir(self.folder)
                os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
                os.execve(self.command[0], self.command, self.environment)
            finally:
                os._exit(127)
        # Not through `subprocess`, which keeps the usage of single children to itself.
        _, _, usage = os.wait4(process, 0)
        self.seconds.append(time.perf_counter() - start)
        self.peaks.append(usage.ru_maxrss)

    def median(self):
        return statistics.median(self.seconds)

    def per_size(self):
        return self.median() / (self.size * math.log2(self.size))


def report(projects, options):
    print(f"cargo vet --locked, medians of {options.runs} runs")
    print(f"{'packages':>9}{'audits':>9}{'time':>11}{'quartiles':>22}{'memory':>12}{'time/n·log n':>14}")
    smallest = min(projects, key=lambda project: project.size).per_size()
    worst = 0.0
    for project in projects:
        first, _, third = statistics.quantiles(project.seconds, n=4)
        quartiles = f"{first * 1e3:.1f} – {third * 1e3:.1f} ms"
        growth = project.per_size() / smallest
        worst = max(worst, growth)
        memory = statistics.median(project.peaks) / 1024
        print(
            f"{project.packages:>9,}{project.audits:>9,}{project.median() * 1e3:>8.1f} ms"
            f"{quartiles:>22}{memory:>8.1f} MiB{growth:>14.2f}"
        )
    if worst > options.most_growth:
        print(f"worse than n·log n: up to {worst:.2f} times the smallest project's time for the size")
        return 1
    print("no worse than n·log n")
    return 0


if __name__ == "__main__":
    main()
