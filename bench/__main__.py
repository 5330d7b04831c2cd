"""Is the channel as fast, small and cheap as it promises? `make bench` prints every budget."""

import argparse
import sys

from rich.console import Console

from bench.budget import Budget, verdicts
from bench.sections import SECTIONS

_WIDTH_MIN = 100
_EPILOG = """\
sections:
  pricing   sessions priced a second, against a loop that only multiplies (bench/plain_decimal.py)
  parsing   CDRs a second from JSON text to total, numbers exact, by a prepared tariff
  patch     a session PATCH through Chalice, our handler and boto3, against the sum of those parts
  units     DynamoDB write units of a whole session, itemised by write, for each way to pay
  ledger    postings a second through the books in memory, each entry checked that it balances
  cost      what AWS asks for a thousand sessions: counted calls times dated prices
  search    requests, read units and time of searches among 100,000 EVSEs, through AWS's client
  keys      write units of the busiest partition key at 1,000 sessions/s, by kind of key
  freeze    a window's entries sealed from its shards, file by file: memory and time against size
  window    a million sessions netted, instructed and proved from the window's sealed files
  records   microseconds a session where the settlement reads its records: three-way reconciliation,
            statements, evidence, the 48-hour shares
  imports   import of app.py and first requests, in processes of their own, and the size of the
            deployment zip

Times here are ratios: both sides take turns in one run, because a laptop's speed drifts. The write
units are counted, and the same at every run. The zip is that of the last `make package`.

examples:
  python -m bench                    everything, in a few minutes
  python -m bench units --strict     only the write units; exit status 1 if one is over its budget
"""


def main() -> int:
    """Print the tables, then a line a budget; 1 when one is not kept and `--strict` asks."""
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description=__doc__,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "section", nargs="*", help=f"any of {', '.join(SECTIONS)}; all of them when none is named"
    )
    parser.add_argument(
        "--strict", action="store_true", help="exit status 1 when a budget is not kept"
    )
    asked = parser.parse_args()
    if unknown := set(asked.section) - set(SECTIONS):
        parser.error(f"no section {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}")
    console = Console()
    console.width = max(console.width, _WIDTH_MIN)
    budgets: list[Budget] = []
    for name in asked.section or SECTIONS:
        with console.status(f"measuring {name} …"):
            section = SECTIONS[name]()
        for table in section.tables:
            console.print(table)
        budgets.extend(section.budgets)
    console.print(verdicts(budgets))
    missed = sum(not budget.kept for budget in budgets)
    if missed:
        console.print(f"[bold red]{missed} of {len(budgets)} budgets are not kept[/]")
    return int(asked.strict and missed > 0)


if __name__ == "__main__":
    sys.exit(main())
