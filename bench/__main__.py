"""The command line of the benchmarks; without names all of them run."""

import argparse
import sys
from collections.abc import Callable

from bench import build, lighthouse, start, weight
from bench.machine import describe
from bench.options import MissingError, Options

BENCHMARKS: dict[str, Callable[[Options], str]] = {
    "weight": weight.run,
    "build": build.run,
    "lighthouse": lighthouse.run,
    "start": start.run,
}


def options(words: list[str]) -> tuple[list[str], Options]:
    """Read the command line: what to measure, and how."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure the site; print Markdown tables.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(BENCHMARKS)} (default: all)")
    parser.add_argument("--runs", type=int, default=3, help="how often each thing is measured (default: %(default)s)")
    parser.add_argument("--full", action="store_true", help="build: the made-up site has 1,000 pages, not 200")
    parser.add_argument("--slow", type=int, default=1, metavar="N", help="start: slow the whole browser N times")
    parser.add_argument("--slow4g", action="store_true", help="start: a link of 1.6 Mbit/s with 150 ms each way round")
    given = parser.parse_args(words)
    unknown = set(given.names) - BENCHMARKS.keys()
    if unknown or given.runs < 1 or given.slow < 1:
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}" if unknown else "numbers start at 1")
    return given.names or list(BENCHMARKS), Options(given.runs, given.full, given.slow, given.slow4g)


def main(words: list[str]) -> int:
    """Run what was asked for; a benchmark that lacks something says so, and the others go on."""
    names, settings = options(words)
    print(describe(), flush=True)
    good = True
    for name in names:
        try:
            print(f"\n{BENCHMARKS[name](settings)}", flush=True)
        except MissingError as error:
            good = False
            print(f"{name}: {error}", file=sys.stderr, flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
