"""What shall happen in a session that is yet to start? A plan, as POST /sim/plan takes it."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sandbox.peers.serving import epoch

_LONGEST_S = 24 * 3600
_UNTIL_STOPPED_S = 12 * 3600


class Fault(StrEnum):
    """Switchable faults. Several may be combined where they do not contradict each other."""

    CLEAN = "clean"
    # the start
    START_REJECTED = "start_rejected"  # the CPO says REJECTED at once
    START_REFUSED = "start_refused"  # accepted, then the charger's result is REJECTED
    START_TIMED_OUT = "start_timed_out"  # the result is TIMEOUT and nothing starts
    START_TIMED_OUT_THEN_STARTED = "start_timed_out_then_started"  # … and then it starts anyway
    START_RESULT_LOST = "start_result_lost"  # it starts, the result never comes
    START_ANSWER_LOST = "start_answer_lost"  # HTTP 500 to the command, and yet it starts
    START_WITHOUT_SESSION = "start_without_session"  # ACCEPTED twice, nothing follows
    # the stop
    STOP_REFUSED = "stop_refused"  # the charger's result is REJECTED
    STOP_IGNORED = "stop_ignored"  # ACCEPTED, and it goes on
    # the session
    STUCK_PENDING = "stuck_pending"  # PENDING for ever, no CDR
    STUCK_ACTIVE = "stuck_active"  # updates until it is full, never COMPLETED, no CDR
    # its messages
    LOST = "lost"  # every second PATCH is never sent
    PUT_LOST = "put_lost"
    COMPLETED_LOST = "completed_lost"
    SESSION_LOST = "session_lost"  # no session message at all; the CDR comes
    REPEATED = "repeated"  # each message is sent twice, the result and the CDR too
    LATE = "late"  # session messages come `late_s` after the fact, so after the CDR
    REORDERED = "reordered"  # neighbours change places
    # the CDR
    CDR_NOT_PUSHED = "cdr_not_pushed"  # GET has it
    CDR_WITHHELD = "cdr_withheld"  # neither pushed nor to be pulled
    CDR_LATE = "cdr_late"  # made and pushed `late_s` after the end
    CDR_OVERCHARGED = "cdr_overcharged"  # costs `overcharge_percent` above the embedded tariff
    CDR_UNDERCHARGED = "cdr_undercharged"
    CDR_OTHER_TARIFF = "cdr_other_tariff"  # embeds, and bills by, dearer prices than published


class PlanRefused(ValueError):
    """The plan makes no sense; the text says why."""


@dataclass(frozen=True, slots=True)
class Plan:
    """None leaves it to the others: energy = power · time; power defaults to the connector's.

    Energy and duration given: both are met exactly, and charging lasts the whole time unless
    `power_w` is given too, which makes the rest parking. `start` is exact, and may be past.
    """

    faults: frozenset[Fault] = frozenset()
    energy_wh: int | None = None
    duration_s: int | None = None
    power_w: int | None = None
    start: int | None = None
    until_stopped: bool = False
    quiet: bool = False
    update_s: int = 300
    late_s: int = 1800
    cdr_delay_s: int = 30
    overcharge_percent: int = 20

    def curve(self, connector_w: int) -> tuple[int, int, int]:
        """(energy in Wh, seconds of charging, seconds plugged in)."""
        power = self.power_w or connector_w
        if self.until_stopped:
            plugged = self.duration_s or _UNTIL_STOPPED_S
            energy = self.energy_wh if self.energy_wh is not None else power * plugged // 3600
            return energy, _seconds(energy, power), plugged
        energy = _default_energy(self, power)
        if self.duration_s is None:
            charging = _seconds(energy, power)
            return energy, charging, charging
        fits = self.power_w and _seconds(energy, power) < self.duration_s
        charging = _seconds(energy, power) if fits else self.duration_s
        return energy, charging if energy else 0, self.duration_s


def _default_energy(plan: Plan, power_w: int) -> int:
    if plan.energy_wh is not None:
        return plan.energy_wh
    return 20_000 if plan.duration_s is None else power_w * plan.duration_s // 3600


def _seconds(energy_wh: int, power_w: int) -> int:
    return -(-energy_wh * 3600 // power_w)


def read_plan(body: Mapping[str, Any]) -> Plan:
    """A plan from JSON whose numbers are Decimal; PlanRefused names what is wrong."""
    faults = body.get("fault", [])
    try:
        plan = Plan(
            faults=frozenset(map(Fault, [faults] if isinstance(faults, str) else faults)),
            energy_wh=_thousandths(body, "energy_kwh"),
            duration_s=_whole(body, "duration_s"),
            power_w=_thousandths(body, "power_kw"),
            start=epoch(body["start"]) if "start" in body else None,
            until_stopped=_ends(body.get("ends", "full")),
            quiet=bool(body.get("quiet", False)),
            **{n: int(body[n]) for n in _WHOLE if n in body},
        )
    except (ValueError, TypeError, ArithmeticError) as error:
        raise PlanRefused(str(error)) from error
    numbers = (plan.energy_wh, plan.duration_s, plan.power_w, plan.update_s)
    if min(n for n in (*numbers, 1) if n is not None) < 0:
        raise PlanRefused("numbers are not negative")
    if 0 in {plan.duration_s, plan.power_w, plan.update_s}:
        raise PlanRefused("duration_s, power_kw and update_s are above zero")
    if (plan.duration_s or 0) > _LONGEST_S:
        raise PlanRefused("a session lasts a day at most")
    return plan


_WHOLE = ("update_s", "late_s", "cdr_delay_s", "overcharge_percent")


def _whole(body: Mapping[str, Any], name: str) -> int | None:
    return int(body[name]) if body.get(name) is not None else None


def _thousandths(body: Mapping[str, Any], name: str) -> int | None:
    return int(Decimal(body[name]) * 1000) if body.get(name) is not None else None


def _ends(text: str) -> bool:
    if text not in {"full", "stop"}:
        raise ValueError('"ends" is "full" or "stop"')
    return text == "stop"


class Plans:
    """Plans that wait for their session. The most particular one applies, each of them once."""

    NAMES = ("authorization_reference", "token_uid", "evse_uid", "location_id")

    def __init__(self) -> None:
        self.waiting: dict[tuple[str, str], deque[Mapping[str, Any]]] = {}

    def add(self, body: Mapping[str, Any]) -> None:
        """Keep it under the most particular name that it gives (none: for any session)."""
        read_plan(body)
        name = next((n for n in self.NAMES if body.get(n)), "")
        self.waiting.setdefault((name, str(body.get(name, "")).lower()), deque()).append(body)

    def take(self, session: Mapping[str, str]) -> Plan:
        """The first that fits the session's names; a clean one when there is none."""
        for name in (*self.NAMES, ""):
            waiting = self.waiting.get((name, session.get(name, "").lower()))
            if waiting:
                return read_plan(waiting.popleft())
        return Plan()
