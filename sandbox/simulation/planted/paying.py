"""Bugs in how money is asked for: a reused key, a retry without a look-up, a swallowed error."""

from dataclasses import replace
from itertools import count
from typing import Any

from chalicelib.domain.errors import NotYet
from chalicelib.domain.money import Money
from chalicelib.domain.session.effects import settled
from chalicelib.ports.store import Key, Put
from chalicelib.usecases.effect.outcome import Outcome
from sandbox.simulation.planted.plant import Planted, instead

_USE = "chalicelib.usecases."
_EFFECT = f"{_USE}effect."
_NOWHERE = Put(Key("nowhere"), {}, expects=None)
_numbers = count()


def _swallowed(_: Any) -> Any:
    return lambda _ports, session, effect, *_refusal: Outcome(settled(session, effect))


def _silence_is_no(right: Any) -> Any:
    def capture(ports: Any, session: Any, effect: Any) -> Outcome:
        try:
            outcome: Outcome = right(ports, session, effect)
        except NotYet:
            from chalicelib.usecases.effect import capture as capturing  # noqa: PLC0415 - after the plants stand

            return capturing._failed(ports, settled(session, effect), "no_answer")
        return outcome

    return capture


def _sent_before(right: Any) -> Any:
    def start(ports: Any, session: Any, effect: Any) -> Outcome:
        outcome: Outcome = right(ports, session, effect)
        if outcome.after is not None:
            outcome.after()
        return replace(outcome, after=None)

    return start


def _free(right: Any) -> Any:
    def captured(owner: Any, partner: Any, taken: Any, fee: Any, at: Any, **named: Any) -> Any:
        return right(owner, partner, taken, Money.zero(fee.currency), at, **named)

    return captured


def _as_claimed(right: Any) -> Any:
    def bill(ports: Any, session: Any, cdr: Any, *more: Any) -> Any:
        billing = right(ports, session, cdr, *more)
        if billing.claimed <= billing.published:
            return billing
        day, kwh = cdr.end.date(), cdr.total_energy_kwh
        split = billing.terms.allocate(billing.claimed, kwh, session.country, day)
        return replace(billing, gross=billing.claimed, allocation=split)

    return bill


def _unmarked(_ports: Any, session: Any, _at: Any) -> Any:
    kept = {name: value for name, value in session.detail.items() if name != "provisional"}
    return replace(session, detail=kept), _NOWHERE


PAYING = (
    Planted(
        "one key for all calls of a session",
        f"{_EFFECT}answer:key_of",
        instead(lambda session, _effect: session.id),
        by="card",
    ),
    Planted(
        "a new key for each attempt",
        f"{_EFFECT}answer:key_of",
        instead(lambda _session, _effect: f"key-{next(_numbers)}"),
        by="debit: lost_after run_effects:session payments.charge 1",
    ),
    Planted(
        "an effect that failed is taken for done", f"{_EFFECT}run:_later", _swallowed, by="seed 6"
    ),
    Planted(
        "silence is taken for a no",
        f"{_EFFECT}capture:capture",
        _silence_is_no,
        by="card: lost_after run_effects:session payments.capture 1",
    ),
    Planted(
        "a start is sent before it is recorded",
        f"{_EFFECT}charging:start_charging",
        _sent_before,
        by="card: crash_after run_effects:session cpos.start_session 1",
    ),
    Planted(
        "a start has no last moment",
        f"{_USE}session.start:START_WITHIN",
        lambda right: right * 1000,
        by="bank is answered late",
    ),
    Planted(
        "the provider's fee is not booked",
        "chalicelib.domain.ledger.cash:captured_entry",
        _free,
        by="card",
    ),
    Planted(
        "what was captured too much is kept",
        f"{_USE}cdr.accept:_after_provisional",
        instead(lambda session, _gross, _at: session),
        by="CDR comes after days, lower",
    ),
    Planted(
        "a provisional entry is not reversed",
        f"{_USE}cdr.provisional:reverse_provisional",
        instead(_unmarked),
        by="CDR comes after days",
    ),
    Planted(
        "a refused start keeps the hold",
        f"{_USE}session.start_result:added",
        instead(lambda session, *_args, **_named: session),
        here=True,
        by="charger fails",
    ),
    Planted(
        "a stopped start keeps the hold",
        f"{_USE}session.stop:added",
        instead(lambda session, *_args, **_named: session),
        here=True,
        by="stopped at once",
    ),
    Planted(
        "a reservation is not given back",
        f"{_USE}partner.credit:give_back",
        lambda right: lambda *args: replace(right(*args), writes=()),
        by="charger fails, prepaid",
    ),
    Planted(
        "a purse is billed and nobody writes it down",
        f"{_USE}partner.credit:settle",
        lambda right: lambda *args: replace(right(*args), writes=()),
        by="seed 0",
    ),
    Planted(
        "the CPO's claim is billed", f"{_USE}session.bill:bill", _as_claimed, by="CDR claims more"
    ),
    Planted(
        "a partner is told again under another id",
        f"{_EFFECT}telling:external_id",
        instead(lambda *_parts: f"evt_{next(_numbers)}"),
        here=True,
        by="card: crash_before run_effects:session store.write 3",
    ),
)
