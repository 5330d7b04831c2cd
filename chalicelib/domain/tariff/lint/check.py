"""What should the CPO look at in a tariff that it publishes?"""

import re
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.tariff.lint.amounts import amount_findings
from chalicelib.domain.tariff.lint.finding import Code, Finding, Severity
from chalicelib.domain.tariff.lint.reach import reach_findings
from chalicelib.domain.tariff.lint.steps import step_findings
from chalicelib.domain.tariff.lint.validity import validity_findings
from chalicelib.domain.tariff.lint.vat import vat_findings
from chalicelib.domain.tariff.lint.windows import window_findings
from chalicelib.domain.tariff.tariff import Tariff

_INDEX = re.compile(r"\.(\d+)(?=\.|$)")
_ALIKE_MAX = 3  # a week by the hour may have one fault 168 times
_ORDER = list(Severity)


def lint(tariff: Tariff, at: datetime) -> tuple[Finding, ...]:
    """Errors first, each in the tariff's order; `at` is the instant it is published at."""
    found = [
        *validity_findings(tariff, at),
        *reach_findings(tariff),
        *window_findings(tariff, at),
        *step_findings(tariff),
        *amount_findings(tariff),
        *vat_findings(tariff),
    ]
    placed = [replace(one, place=json_path(one.place)) for one in found]
    return tuple(_few_alike(sorted(placed, key=lambda one: _ORDER.index(one.severity))))


def json_path(dotted: str) -> str:
    """`elements.0.price_components.1` as `elements[0].price_components[1]`."""
    return _INDEX.sub(r"[\1]", dotted)


def _few_alike(found: list[Finding]) -> list[Finding]:
    """Of many findings with one code the first few, the last of which says how many follow."""
    places: dict[Code, int] = {}
    kept: list[Finding] = []
    for one in found:
        places[one.code] = places.get(one.code, 0) + 1
        if places[one.code] <= _ALIKE_MAX:
            kept.append(one)
    last = {one.code: number for number, one in enumerate(kept)}
    for code, number in last.items():
        more = places[code] - _ALIKE_MAX
        if more > 0:
            kept[number] = replace(
                kept[number], text=f"{kept[number].text} (and {more} more alike)"
            )
    return kept
