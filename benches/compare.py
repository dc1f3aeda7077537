#!/usr/bin/env python3
"""Times two binaries of cargo-vet against each other on a project, as whole processes.

    compare.py PROJECT OURS THEIRS [--runs N] [--warmup N] [--cargo-home-ours DIR] [--cargo-home-theirs DIR]
               [--plan] [--folders DIR] [--fresh cache|home]... [--requests FILE] [--pause SECONDS] [-- ARGS]

ARGS are given to both after `vet`; without any, `--locked`. The runs of the two alternate, so a busy machine slows
down both. Medians are compared, because a few disturbed runs do not change them. First, both must print the same on
stdout and end with the same status: a fast wrong answer is of no use.

Peak memory is that of the largest process of a run: a child that a binary starts (cargo, say) counts on its own.

With --plan, both answer in JSON what there is to audit, as `suggest` does. Then the two need not agree on that: it is enough
if they draw the same conclusion, and OURS has no more lines to read than THEIRS. Both totals are printed.

With --folders, each binary has its own copy of the project, cargo home and cache below DIR. `--fresh cache` empties the
cache before every run that is measured, `--fresh home` cargo's home. With --requests, the lines that are added to FILE are
counted: the log of a proxy that answers for the outside, with the number of bytes at the end of each line. With --pause,
such a proxy can settle before every run.

A cargo-vet that runs cargo finds it through the variable CARGO, as cargo would set it; unless it is set, it is looked up.
"""

import argparse
import json
import os
import shutil
import statistics
import sys
import time


def main():
    own, rest = split(sys.argv[1:])
    options = parse(own)
    arguments = rest or ["--locked"]
    ours = Binary("ours", options.ours, options, options.cargo_home_ours)
    theirs = Binary("theirs", options.theirs, options, options.cargo_home_theirs)

    answers = [binary.answer(arguments) for binary in (ours, theirs)]
    agree = no_more_to_read if options.plan else lambda ours, theirs: ours == theirs
    if not agree(*answers):
        for binary, (status, stdout) in zip((ours, theirs), answers):
            text = stdout.decode(errors="replace").rstrip() or "nothing"
            print(f"{binary.label}: exit status {status}, and on stdout: {text[:1000]}", file=sys.stderr)
        sys.exit("the two do not agree; nothing was timed")

    for _ in range(options.warmup):
        ours.run(arguments)
        theirs.run(arguments)
    for _ in range(options.runs):
        ours.measure(arguments)
        theirs.measure(arguments)

    print(f"vet {' '.join(arguments)}: {options.runs} runs each, alternating, with the same answer")
    print(f"{'':8}{'median':>10}{'quartiles':>21}{'cpu':>10}{'memory':>11}")
    for binary in (ours, theirs):
        print(binary.row())
    time_ratio = theirs.median() / ours.median()
    memory_ratio = theirs.memory() / ours.memory()
    print(f"ours is {time_ratio:.1f} times as fast, and needs 1/{memory_ratio:.1f} of the memory")


def no_more_to_read(*answers):
    """Whether two answers are the same but for the plan, and the first plan has no more lines."""
    plans, verdicts = [], []
    for status, stdout in answers:
        try:
            answer = json.loads(stdout)
            plans.append(answer["suggest"]["total_lines"])
            verdicts.append((status, answer["conclusion"], answer["failures"]))
        except (ValueError, KeyError):
            return False
    print(f"to read: {plans[0]:,} lines, theirs {plans[1]:,}")
    return verdicts[0] == verdicts[1] and plans[0] <= plans[1]


def split(arguments):
    """The arguments before and after `--`."""
    if "--" not in arguments:
        return arguments, []
    at = arguments.index("--")
    return arguments[:at], arguments[at + 1 :]


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", metavar="PROJECT", help="the folder to run in")
    parser.add_argument("ours", metavar="OURS", type=os.path.abspath)
    parser.add_argument("theirs", metavar="THEIRS", type=os.path.abspath)
    parser.add_argument("--runs", type=int, default=21, metavar="N")
    parser.add_argument("--warmup", type=int, default=2, metavar="N")
    parser.add_argument("--cargo-home-ours", type=os.path.abspath, metavar="DIR")
    parser.add_argument("--cargo-home-theirs", type=os.path.abspath, metavar="DIR")
    parser.add_argument("--plan", action="store_true")
    parser.add_argument("--folders", type=os.path.abspath, metavar="DIR")
    parser.add_argument("--fresh", action="append", default=[], choices=["cache", "home"])
    parser.add_argument("--requests", type=os.path.abspath, metavar="FILE")
    parser.add_argument("--pause", type=float, default=0, metavar="SECONDS")
    options = parser.parse_args(arguments)
    if options.runs < 2:
        parser.error("quartiles need at least two runs")
    if options.fresh and not options.folders:
        parser.error("only what is below --folders is emptied")
    return options


class Binary:
    """A binary, how it is run, and what was measured."""

    def __init__(self, label, path, options, cargo_home=None):
        self.label = label
        self.path = path
        self.project = options.project
        self.requests_log = options.requests
        self.pause = options.pause
        self.options = []
        self.fresh = []
        self.environment = dict(os.environ)
        self.environment.setdefault("CARGO", shutil.which("cargo") or "cargo")
        if options.folders:
            folder = os.path.join(options.folders, label)
            self.project = os.path.join(folder, "project")
            shutil.rmtree(self.project, ignore_errors=True)
            shutil.copytree(options.project, self.project)
            cache = os.path.join(folder, "cache")
            cargo_home = cargo_home or os.path.join(folder, "home")
            os.makedirs(cargo_home, exist_ok=True)
            self.options = ["--cache-dir", cache]
            self.fresh = [{"cache": cache, "home": cargo_home}[name] for name in options.fresh]
        if cargo_home:
            self.environment["CARGO_HOME"] = cargo_home
        self.seconds = []
        self.cpu_seconds = []
        self.peaks = []
        self.requests = []
        self.bytes = []

    def answer(self, arguments):
        """The exit status, and what is printed on stdout."""
        reader, writer = os.pipe()
        process = self.start(arguments, writer)
        os.close(writer)
        with os.fdopen(reader, "rb") as pipe:
            stdout = pipe.read()
        _, status = os.waitpid(process, 0)
        return os.waitstatus_to_exitcode(status), stdout

    def run(self, arguments):
        """The seconds that one run takes, those that it computes, and its peak memory in KiB."""
        with open(os.devnull, "wb") as nowhere:
            start = time.perf_counter()
            process = self.start(arguments, nowhere.fileno())
            # Not through `subprocess`, which keeps the usage of single children to itself.
            _, _, usage = os.wait4(process, 0)
            seconds = time.perf_counter() - start
        return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss

    def start(self, arguments, stdout):
        process = os.fork()
        if process == 0:
            try:
                os.chdir(self.project)
                os.dup2(stdout, 1)
                os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
                os.execve(self.path, [self.path, "vet", *arguments, *self.options], self.environment)
            finally:
                os._exit(127)
        return process

    def measure(self, arguments):
        for folder in self.fresh:
            shutil.rmtree(folder, ignore_errors=True)
            os.makedirs(folder)
        time.sleep(self.pause)
        before = self.logged()
        seconds, cpu_seconds, peak = self.run(arguments)
        requests = self.logged()[len(before) :]
        self.requests.append(len(requests))
        self.bytes.append(sum(int(line.rsplit(b" ", 1)[-1]) for line in requests))
        self.seconds.append(seconds)
        self.cpu_seconds.append(cpu_seconds)
        self.peaks.append(peak)

    def logged(self):
        """The lines in the log of requests so far."""
        if not self.requests_log:
            return []
        with open(self.requests_log, "rb") as log:
            return log.read().splitlines()

    def median(self):
        return statistics.median(self.seconds)

    def memory(self):
        return statistics.median(self.peaks)

    def row(self):
        first, _, third = statistics.quantiles(self.seconds, n=4)
        cpu = statistics.median(self.cpu_seconds)
        return (
            f"{self.label:8}{self.median() * 1e3:7.1f} ms"
            f"{first * 1e3:10.1f} – {third * 1e3:.1f} ms"
            f"{cpu * 1e3:7.1f} ms{self.memory() / 1024:7.1f} MiB"
            + self.traffic()
        )

    def traffic(self):
        if not self.requests_log:
            return ""
        requests, size = statistics.median(self.requests), statistics.median(self.bytes)
        return f"{requests:8.0f} requests{size / 2**20:8.1f} MiB"


if __name__ == "__main__":
    main()
