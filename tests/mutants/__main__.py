"""Which broken versions of the tariff room does nobody notice, and is each of them judged?

python -m tests.mutants [--processes 2] [--only limit.py meter.py]

`verdicts.toml` says of each survivor why no test can notice it. One without a verdict fails the
run, and so does a verdict whose mutant is gone.
"""

import argparse
import gc
import os
import resource
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from tests.mutants.breaking import BrokenModules, Change, Mutant, mutants, switch_on

ROOT = Path(__file__).parents[2]
ROOM = ROOT / "chalicelib" / "domain" / "tariff"
PREFIX = "chalicelib.domain.tariff."
VERDICTS = Path(__file__).with_name("verdicts.toml")
# Values without a rule, and rooms beside the price: quotes and what a driver is shown.
LEFT_OUT = {"__init__", "tariff", "usage", "quote", "planned", "worst", "display", "promise"}
CPU_S_MAX = 12  # of the processor, not of the clock: the machine may be busy
TOLD = 100


def ruling_files() -> list[Path]:
    return sorted(file for file in ROOM.glob("*.py") if file.stem not in LEFT_OUT)


def survivors(found: list[Mutant], processes: int, console: Console) -> Iterator[Mutant]:
    """Each in a process of its own; one that hangs is noticed."""
    waiting, running = found[::-1], dict[int, Mutant]()
    with Progress(console=console) as bar:
        task = bar.add_task("breaking", total=len(found))
        while waiting or running:
            while waiting and len(running) < processes:
                mutant = waiting.pop()
                running[_start(mutant)] = mutant
            child, status = os.wait()
            mutant = running.pop(child)
            bar.advance(task)
            done = len(found) - len(waiting) - len(running)
            if not console.is_terminal and done % TOLD == 0:  # a log has no bar
                console.print(f"{done} of {len(found)}")
            if status == 0:
                _tell("survives", [mutant.change], console)
                yield mutant


def _start(mutant: Mutant | None) -> int:
    child = os.fork()
    if child:
        return child
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(1, 2)
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S_MAX, CPU_S_MAX))
    if mutant is not None:
        switch_on(mutant)
    noticed = 1
    try:
        from tests.mutants.quick_look import look  # noqa: PLC0415 - imported broken, by then

        look()
        noticed = 0
    finally:
        os._exit(noticed)


def judged() -> Iterator[Change]:
    """Those of each verdict are written as they are told: where, what was, and what is now."""
    for verdict in tomllib.loads(VERDICTS.read_text())["verdict"]:
        where = was = ""
        for line in verdict["survive"].strip().splitlines():
            mark, _, text = line.strip().partition(" ")
            if mark == "-":
                was = text
            elif mark == "+":
                yield Change(where, was, text)
            else:
                where = mark


def _tell(what: str, changes: Iterable[Change], console: Console) -> None:
    for change in sorted(changes):
        lines = f"{what}: {change.where}", f"  - {change.was}", f"  + {change.now}"
        console.print("\n".join(lines), highlight=False, markup=False, soft_wrap=True)


def main() -> int:
    """1 when a survivor has no verdict, or a verdict no survivor."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--only", metavar="FILE", nargs="+", help="of the room")
    asked = parser.parse_args()
    files = [file for file in ruling_files() if asked.only is None or file.name in asked.only]
    BrokenModules(ROOT, files).install()
    from tests.mutants import quick_look  # noqa: F401, PLC0415 - imports the broken modules, once

    console = Console()
    gc.freeze()  # children share what is there by now
    _, status = os.waitpid(_start(None), 0)
    if status:
        console.print("the look fails although nothing is broken: see tests/mutants/quick_look.py")
        return 1
    found = list(mutants(PREFIX))
    alive = {mutant.change for mutant in survivors(found, asked.processes, console)}
    broken = {file.stem for file in files}
    known = {change for change in judged() if change.where.partition(".")[0] in broken}
    _tell("no verdict", alive - known, console)
    _tell("noticed by now", known - alive, console)
    unjudged = len(alive - known)
    console.print(f"{len(found)} mutants, {len(alive)} survive, {unjudged} without a verdict")
    return bool(alive ^ known)


if __name__ == "__main__":
    sys.exit(main())
