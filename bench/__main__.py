"""The command line of the benchmarks; without names all of them run."""

import argparse
import sys
from collections.abc import Callable

from bench import build, embeds, engines, frames, gestures, lighthouse, many, memory, start, weight
from bench.conditions import CONDITIONS, Condition
from bench.machine import describe
from bench.options import MissingError, Options

BENCHMARKS: dict[str, Callable[[Options], str]] = {
    "start": start.run,
    "engines": engines.run,
    "gestures": gestures.run,
    "frames": frames.run,
    "memory": memory.run,
    "many": many.run,
    "embeds": embeds.run,
    "weight": weight.run,
    "build": build.run,
    "lighthouse": lighthouse.run,
}
DEFAULT = [name for name in BENCHMARKS if name != "lighthouse"]
"""What runs unless something is named: Lighthouse takes minutes more, and simulates what is measured elsewhere."""


def options(words: list[str]) -> tuple[list[str], Options]:
    """Read the command line: what to measure, and how."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure the site; print Markdown tables.")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"{', '.join(BENCHMARKS)} (default: all but lighthouse)"
    )
    parser.add_argument("--runs", type=int, default=3, help="how often each thing is measured (default: %(default)s)")
    parser.add_argument(
        "--conditions",
        type=conditions,
        default=tuple(CONDITIONS.values()),
        metavar=",".join(CONDITIONS),
        help="what browsers are hindered by, where that matters (default: all of these)",
    )
    given = parser.parse_args(words)
    unknown = sorted(set(given.names) - BENCHMARKS.keys())
    if unknown:
        parser.error(f"there is no benchmark {', '.join(unknown)}, only {', '.join(BENCHMARKS)}")
    if given.runs < 1:
        parser.error("--runs starts at 1")
    return given.names or list(DEFAULT), Options(given.runs, given.conditions)


def conditions(text: str) -> tuple[Condition, ...]:
    """Read a list of conditions, in whatever order, and return them in ours.

    >>> [condition.name for condition in conditions("slow,full")]
    ['full', 'slow']
    """
    wanted = set(text.split(","))
    unknown = sorted(wanted - CONDITIONS.keys())
    if unknown:
        raise argparse.ArgumentTypeError(f"there is no {', '.join(unknown)}, only {', '.join(CONDITIONS)}")
    return tuple(condition for name, condition in CONDITIONS.items() if name in wanted)


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
