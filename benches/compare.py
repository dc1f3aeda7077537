#!/usr/bin/env python3
"""Times two binaries of cargo-vet against each other on a project, as whole processes.

    compare.py PROJECT OURS THEIRS [--runs N] [--warmup N] [--cargo-home-ours DIR] [--cargo-home-theirs DIR] [-- ARGS]

ARGS are given to both after `vet`; without any, `--locked`. The runs of the two alternate, such that a machine that is
busy for a while is busy for both, and medians are compared, which a few disturbed runs do not move. First of all, both
have to print the same on stdout and end with the same status: speed at giving another answer is of no use.

Peak memory is that of the largest process of a run: a child that a binary starts (cargo, say) counts on its own.

A cargo-vet that runs cargo finds it through the variable CARGO, as cargo would set it; unless it is set, it is looked up.
"""

import argparse
import os
import shutil
import statistics
import sys
import time


def main():
    own, rest = split(sys.argv[1:])
    options = parse(own)
    arguments = rest or ["--locked"]
    ours = Binary("ours", options.ours, options.cargo_home_ours)
    theirs = Binary("theirs", options.theirs, options.cargo_home_theirs)

    answers = [binary.answer(options.project, arguments) for binary in (ours, theirs)]
    if answers[0] != answers[1]:
        for binary, (status, stdout) in zip((ours, theirs), answers):
            text = stdout.decode(errors="replace").rstrip() or "nothing"
            print(f"{binary.label}: exit status {status}, and on stdout: {text[:1000]}", file=sys.stderr)
        sys.exit("the two do not agree; nothing was timed")

    for _ in range(options.warmup):
        ours.run(options.project, arguments)
        theirs.run(options.project, arguments)
    for _ in range(options.runs):
        ours.measure(options.project, arguments)
        theirs.measure(options.project, arguments)

    print(f"vet {' '.join(arguments)}: {options.runs} runs each, alternating, with the same answer")
    print(f"{'':8}{'median':>10}{'quartiles':>21}{'cpu':>10}{'memory':>11}")
    for binary in (ours, theirs):
        print(binary.row())
    time_ratio = theirs.median() / ours.median()
    memory_ratio = theirs.memory() / ours.memory()
    print(f"ours is {time_ratio:.1f} times as fast, and needs 1/{memory_ratio:.1f} of the memory")


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
    options = parser.parse_args(arguments)
    if options.runs < 2:
        parser.error("quartiles need at least two runs")
    return options


class Binary:
    """A binary, how it is run, and what was measured."""

    def __init__(self, label, path, cargo_home=None):
        self.label = label
        self.path = path
        self.environment = dict(os.environ)
        self.environment.setdefault("CARGO", shutil.which("cargo") or "cargo")
        if cargo_home:
            self.environment["CARGO_HOME"] = cargo_home
        self.seconds = []
        self.cpu_seconds = []
        self.peaks = []

    def answer(self, project, arguments):
        """The exit status, and what is printed on stdout."""
        reader, writer = os.pipe()
        process = self.start(project, arguments, writer)
        os.close(writer)
        with os.fdopen(reader, "rb") as pipe:
            stdout = pipe.read()
        _, status = os.waitpid(process, 0)
        return os.waitstatus_to_exitcode(status), stdout

    def run(self, project, arguments):
        """The seconds that one run takes, those that it computes, and its peak memory in KiB."""
        with open(os.devnull, "wb") as nowhere:
            start = time.perf_counter()
            process = self.start(project, arguments, nowhere.fileno())
            # Not through `subprocess`, which keeps the usage of single children to itself.
            _, _, usage = os.wait4(process, 0)
            seconds = time.perf_counter() - start
        return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss

    def start(self, project, arguments, stdout):
        process = os.fork()
        if process == 0:
            try:
                os.chdir(project)
                os.dup2(stdout, 1)
                os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
                os.execve(self.path, [self.path, "vet", *arguments], self.environment)
            finally:
                os._exit(127)
        return process

    def measure(self, project, arguments):
        seconds, cpu_seconds, peak = self.run(project, arguments)
        self.seconds.append(seconds)
        self.cpu_seconds.append(cpu_seconds)
        self.peaks.append(peak)

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
        )


if __name__ == "__main__":
    main()
