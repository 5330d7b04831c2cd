"""Do engine and reference agree about N random sessions? With a bar to watch, on several cores.

python -m tests.properties.random_pairs --pairs 1000000 --seed 1 --processes 2
python -m tests.properties.random_pairs --seed 1 --only 4711        (one pair, in full)
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from random import Random
from time import perf_counter

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from tests.properties.pair_notation import written
from tests.properties.price_differences import compared
from tests.properties.random_tariffs import Pair, random_pair

BATCH = 1_000
SHOWN = 5
TOLD = 100_000


@dataclass
class Outcome:
    """How many pairs were compared, what occurred in them, and where the two disagree."""

    pairs: int = 0
    traits: Counter[str] = field(default_factory=Counter)
    differing: dict[int, list[str]] = field(default_factory=dict)

    def add(self, other: "Outcome") -> None:
        self.pairs += other.pairs
        self.traits += other.traits
        self.differing |= other.differing


def pair_of(seed: int, number: int) -> Pair:
    """Each pair has a chance of its own, so that one can be made again without the others."""
    return random_pair(Random((seed << 40) + number))


def compare_numbers(seed: int, numbers: range) -> Outcome:
    found = Outcome()
    for number in numbers:
        try:
            differences, traits = compared(pair_of(seed, number))
        except Exception as error:
            error.add_note(f"pair {number} of seed {seed}")
            raise
        found.pairs += 1
        found.traits.update(traits)
        if differences:
            found.differing[number] = differences
    return found


def compare_pairs(seed: int, pairs: int, processes: int) -> Iterator[Outcome]:
    """A piece at a time; pieces differ in nothing but their numbers, whoever works on them."""
    pieces = [range(first, min(first + BATCH, pairs)) for first in range(0, pairs, BATCH)]
    work = partial(compare_numbers, seed)
    if processes == 1:
        yield from map(work, pieces)
        return
    with get_context("spawn").Pool(processes) as pool:
        yield from pool.imap_unordered(work, pieces)


def run(seed: int, pairs: int, processes: int, console: Console) -> Outcome:
    total, begun = Outcome(), perf_counter()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]:,.0f}/s"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[differing]} differ"),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("pricing twice", total=pairs, rate=0, differing=0)
        for piece in compare_pairs(seed, pairs, processes):
            total.add(piece)
            for number in piece.differing:  # at once: the rest may take an hour
                console.print(f"pair {number} of seed {seed} differs", style="red")
            rate = total.pairs / (perf_counter() - begun)
            bar.update(task, completed=total.pairs, rate=rate, differing=len(total.differing))
            if not console.is_terminal and total.pairs % TOLD == 0:  # a log has no bar
                console.print(f"{total.pairs:,} pairs, {len(total.differing)} differ")
    console.print(
        f"{total.pairs:,} pairs (seed {seed}) in {perf_counter() - begun:,.0f} s: "
        f"{len(total.differing)} differences"
    )
    return total


def tell(total: Outcome, seed: int, console: Console) -> None:
    table = Table("what occurred", "pairs", "share")
    for trait, count in total.traits.most_common():
        table.add_row(trait, f"{count:,}", f"{count / total.pairs:.2%}")
    console.print(table)
    for number in sorted(total.differing)[:SHOWN]:
        console.print(f"\npair {number} of seed {seed}", style="bold")
        console.print(written(pair_of(seed, number)), highlight=False, markup=False)
        console.print("\n".join(total.differing[number]), style="red", markup=False)


def main() -> int:
    """1 when any pair differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--pairs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--only", type=int, metavar="NUMBER", help="show this pair alone")
    asked = parser.parse_args()
    console = Console()
    if asked.only is not None:
        total = compare_numbers(asked.seed, range(asked.only, asked.only + 1))
        console.print(written(pair_of(asked.seed, asked.only)), highlight=False, markup=False)
    else:
        total = run(asked.seed, asked.pairs, asked.processes, console)
    tell(total, asked.seed, console)
    return bool(total.differing)


if __name__ == "__main__":
    sys.exit(main())
