"""Does the simulation reach every use case with an outside call, and can each such call fail?"""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from chalicelib.ports import (
    bank,
    cpo,
    emsp,
    files,
    machine,
    payments,
    payouts,
    rates,
    secrets,
    store,
    web,
)
from sandbox.simulation import outside
from sandbox.simulation.kinds import SCENARIOS
from sandbox.simulation.play import play_calm
from sandbox.simulation.runner import quiet_process

_USECASES = Path(outside.__file__).parents[2] / "chalicelib" / "usecases"
_PORTS = "|".join(outside.GUARDED)
_CALLS = re.compile(rf"(?<!chalicelib\.)\bports\.({_PORTS})[.,)]")

# What no history does, and why it need not.
NOT_REACHED = {
    "it reads only": (
        "access/authenticate",
        "dispute/read",
        "evidence/read",
        "network/listed",
        "network/search",
        "quote/read",
        "reconciliation/waiting",
        "statement/read",
        "tariff/findings",
        "token/list",
    ),
    "one write, that is there or not; whoever asked asks again": ("statement/invoice_records",),
    "only after a bug of ours, which fails the history": ("effect/quarantine", "effect/redrive"),
}


@pytest.fixture(scope="module")
def reached() -> set[str]:
    """The modules under usecases/ that stood behind some port's call in fair weather."""
    found: set[str] = set()
    guarded = outside._guarded

    def noting(*args: Any) -> Callable[..., Any]:
        call = guarded(*args)

        def noted(*given: Any, **named: Any) -> Any:
            frame: FrameType | None = sys._getframe(1)
            while frame is not None and "simulation/running" not in frame.f_code.co_filename:
                found.add(frame.f_code.co_filename)
                frame = frame.f_back
            return call(*given, **named)

        return noted

    with pytest.MonkeyPatch.context() as patch, quiet_process():
        patch.setattr(outside, "_guarded", noting)
        for scenario in SCENARIOS:
            assert play_calm(scenario).found == []
    return {_name(Path(each)) for each in found if each.startswith(str(_USECASES))}


def _name(path: Path) -> str:
    return str(path.relative_to(_USECASES).with_suffix(""))


def test_every_use_case_with_an_outside_call_is_reached_or_named(reached: set[str]) -> None:
    calling = {_name(path) for path in _USECASES.rglob("*.py") if _CALLS.search(path.read_text())}
    assert calling - reached == {each for group in NOT_REACHED.values() for each in group}


@pytest.mark.parametrize(
    ("name", "port"),
    [
        ("store", store.Store),
        ("personal", store.Store),
        ("files", files.Files),
        ("payments", payments.Payments),
        ("payouts", payouts.Payouts),
        ("cpos", cpo.ChargePoints),
        ("emsps", emsp.Emsps),
        ("rates", rates.RateFeed),
        ("machine", machine.Machine),
        ("mailbox", bank.Mailbox),
        ("secrets", secrets.Secrets),
        ("web", web.Web),
    ],
)
def test_each_method_of_a_port_is_a_site(name: str, port: type) -> None:
    methods = {each for each in vars(port) if not each.startswith("_")}
    assert set(outside.GUARDED[name]) == methods
