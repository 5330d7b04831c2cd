"""Which function is which step of the settlement machine? Outcomes are data."""

from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.domain.errors import Invalid
from chalicelib.domain.ids import WindowId
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.window.close import close
from chalicelib.usecases.window.freeze import freeze
from chalicelib.usecases.window.lease import Outcome, Superseded
from chalicelib.usecases.window.net import net_window
from chalicelib.usecases.window.prove import prove
from chalicelib.usecases.window.pull_missing import pull_missing
from chalicelib.usecases.window.reconcile import reconcile

_Step = Callable[[Ports, WindowId, int], Outcome]
STEPS: Mapping[str, _Step] = {
    "freeze": freeze,
    "pull_missing": pull_missing,
    "reconcile": reconcile,
    "net": net_window,
    "prove": prove,
    "close": close,
}


def window_step(ports: Ports, event: Mapping[str, Any]) -> Outcome:
    """Run `{"step", "window", "attempt"}`; `superseded` when a later attempt has the window."""
    step = STEPS.get(str(event.get("step")))
    if step is None:
        raise Invalid("step", f"{event.get('step')!r} is no step of a window")
    try:
        return step(ports, WindowId(str(event["window"])), int(event["attempt"]))
    except Superseded:
        return {"outcome": "superseded", "pages": [], "payouts": []}
