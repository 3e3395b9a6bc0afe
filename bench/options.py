"""What the command line can ask of every benchmark."""

from dataclasses import dataclass

from bench.conditions import CONDITIONS, Condition


class MissingError(RuntimeError):
    """Something that a benchmark needs is not there; the message says what to do."""


@dataclass(frozen=True)
class Options:
    """How to measure."""

    runs: int = 3
    conditions: tuple[Condition, ...] = tuple(CONDITIONS.values())
    """What browsers are hindered by, in the benchmarks that hinder them."""

    def among(self, *known: Condition) -> list[Condition]:
        """Return those of the wanted conditions that a benchmark knows.

        Raises
        ------
        MissingError
            If it knows none of them.
        """
        found = [condition for condition in known if condition in self.conditions]
        if not found:
            raise MissingError(f"is measured with --conditions {','.join(item.name for item in known)} only")
        return found
