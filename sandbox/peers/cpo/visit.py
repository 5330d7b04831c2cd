"""What happened, and will happen, in one session at a simulated charger?

A visit is decided when START_SESSION is accepted. All messages are functions of it and of an
instant: nothing else needs to be remembered, and a restart goes on where the last message stopped.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from sandbox.peers.cpo import tariff as pricing
from sandbox.peers.cpo.charge import Charge, Cut, Period, periods
from sandbox.peers.cpo.plan import Fault, Plan

_TIMEOUT_S = 30
_LATE_START_S = 90


@dataclass(frozen=True, slots=True)
class Stop:
    """One STOP_SESSION: when it came and where its result goes."""

    at: int
    response_url: str


@dataclass(frozen=True, slots=True)
class Visit:
    """`place` is the CdrLocation, `token` the CdrToken, `tariff` as published at the start."""

    number: int
    commanded_at: int
    response_url: str
    authorization_reference: str
    token: Mapping[str, Any]
    place: Mapping[str, Any]
    time_zone: str
    tariff: Mapping[str, Any]
    plan: Plan
    charge: Charge
    obstacle: str = ""  # CommandResultType of a charger that cannot start: EVSE_OCCUPIED …
    stops: tuple[Stop, ...] = ()
    cuts: tuple[Cut, ...] = field(default=(), compare=False)

    def has(self, *faults: Fault) -> bool:
        return not self.plan.faults.isdisjoint(faults)

    @property
    def begins(self) -> bool:
        """Whether a session comes into being at all."""
        return not self.obstacle and not self.has(
            Fault.START_REJECTED,
            Fault.START_REFUSED,
            Fault.START_TIMED_OUT,
            Fault.START_WITHOUT_SESSION,
        )

    @property
    def billed(self) -> bool:
        return self.begins and not self.has(Fault.STUCK_PENDING, Fault.STUCK_ACTIVE)

    def occupies(self, at: int) -> bool:
        """Whether a car stands there; a recorded session (exact start) never blocks another."""
        return self.begins and self.plan.start is None and at < self.charge.end

    def periods(self, since: int, until: int) -> list[Period]:
        return periods(self.charge, self.cuts, since, until)

    def price(self, until: int, by: Mapping[str, Any] | None = None) -> pricing.Price:
        """By the published tariff unless another is given."""
        start = self.charge.start
        told = self.periods(start, until)
        return pricing.price(by or self.tariff, self.time_zone, start, told)

    def stopped(self, stop: Stop, seconds: int) -> "Visit":
        """Obey a STOP_SESSION after some seconds, unless the plan says otherwise."""
        stops = (*self.stops, stop)
        if self.has(Fault.STOP_IGNORED, Fault.STOP_REFUSED):
            return replace(self, stops=stops)
        end = min(self.charge.end, max(stop.at + seconds, self.charge.start + 1))
        return replace(self, stops=stops, charge=replace(self.charge, end=end))


def begin(number: int, plan: Plan, connector_w: int, start_after_s: int, **known: Any) -> Visit:  # noqa: ANN401 - the fields of Visit
    """A visit whose curve, start and end follow from the plan."""
    energy_wh, charging_s, plugged_s = plan.curve(connector_w)
    late = Fault.START_TIMED_OUT_THEN_STARTED in plan.faults
    start = plan.start
    if start is None:
        start = known["commanded_at"] + (_TIMEOUT_S + _LATE_START_S if late else start_after_s)
    charge = Charge(start, start + plugged_s, energy_wh, charging_s)
    visit = Visit(number=number, plan=plan, charge=charge, **known)
    return replace(visit, cuts=tuple(pricing.cuts(visit.tariff, visit.time_zone, charge)))


def to_json(visit: Visit) -> dict[str, Any]:
    body = asdict(visit)
    body["plan"]["faults"] = sorted(visit.plan.faults)
    return body


def from_json(body: Mapping[str, Any]) -> Visit:
    plan = {**body["plan"], "faults": frozenset(map(Fault, body["plan"]["faults"]))}
    return Visit(
        **{
            **body,
            "plan": Plan(**plan),
            "charge": Charge(**body["charge"]),
            "stops": tuple(Stop(**stop) for stop in body["stops"]),
            "cuts": tuple(Cut(**cut) for cut in body["cuts"]),
        }
    )


def timeout_s() -> int:
    """What CommandResponse promises: later than that, no result will come."""
    return _TIMEOUT_S
