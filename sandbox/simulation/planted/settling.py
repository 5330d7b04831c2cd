"""Bugs in the settlement: a second payout too early, an entry in no window or in two."""

from dataclasses import replace
from itertools import count
from typing import Any

from chalicelib.domain.ids import PayoutId
from chalicelib.domain.party.party import Party
from chalicelib.domain.settlement.window import window_id
from chalicelib.ports.store import Key, Put
from chalicelib.usecases import keys
from chalicelib.usecases.counterparty.hold import held
from chalicelib.usecases.counterparty.record import saved
from chalicelib.usecases.effect import sweep as sweeping
from chalicelib.usecases.records import load
from sandbox.simulation.planted.plant import Planted, instead

_USE = "chalicelib.usecases."
_RAIL = "sandbox.simulation.provider:SimulatedPayouts."
_numbers = count()


def _always_anew(right: Any) -> Any:
    def asked(rail: Any, payout_id: str, account: str, money: Any, _key: str) -> Any:
        return right(rail, payout_id, account, money, f"key-{next(_numbers)}")

    return asked


_UNSEEN = instead(lambda *_args: None)


def _cursor_first(right: Any) -> Any:
    """The cursor moves before the rows behind it are looked at."""

    def rows(ports: Any, place: Any, now: Any) -> Any:
        found = list(right(ports, place, now))
        if found:
            cursor = sweeping._CURSOR
            body = sweeping._body(found[-1][1])
            ports.store.write(Put(cursor, body, expects=None))
        return iter(found)

    return rows


def _own_window(ended: Any, zone: str, _at: Any) -> Any:
    return window_id(ended, zone)


def _held_unreversed(ports: Any, record: Any, attempt: int) -> Any:
    kept, row = held(record.value, record.value.reason, ports.clock.now())
    return saved(ports, record, kept, "held", attempt, row)


def _first_only(right: Any) -> Any:
    def gather(*args: Any) -> Any:
        found = right(*args)
        for lines in found.values():
            for key in list(lines.sums)[:1]:
                lines.sums[key] += 1
        return found

    return gather


def _of_yesterday(right: Any) -> Any:
    def in_shards(ports: Any, run: Any) -> Any:
        shown = list(right(ports, run))
        return iter(shown[: len(shown) // 2])

    return in_shards


def _where_the_payee_is_paid_now(right: Any) -> Any:
    def step(ports: Any, record: Any, attempt: int) -> Any:
        payout = record.value
        party = load(ports.store, keys.party(payout.party_id), Party, "party").value
        moved = replace(record, value=replace(payout, account=party.payout_account))
        return right(ports, moved, attempt)

    return step


def _paid_whatever(right: Any) -> Any:
    return lambda rail, payout_id: right(rail, payout_id) or f"tr_{payout_id}"


SETTLING = (
    Planted(
        "a transfer is asked for again with a new key",
        f"{_RAIL}transfer",
        _always_anew,
        also=((f"{_RAIL}find_transfer", _UNSEEN),),
        by="card: lost_after settle:pay payouts.transfer 1",
    ),
    Planted(
        "a payout is asked for again with a new key",
        f"{_RAIL}pay",
        _always_anew,
        also=((f"{_RAIL}find_payout", _UNSEEN),),
        by="no money on the rail: crash_after settle:pay payouts.pay 1",
    ),
    Planted(
        "a second rail is asked too early",
        f"{_USE}counterparty.pay:_transfer",
        _where_the_payee_is_paid_now,
        by="paid by bank, while a payout is asked for: lost_after settle:pay payouts.transfer 1",
    ),
    Planted(
        "people are believed although the rail shows the call",
        f"{_USE}payout.unknown:_is_shown",
        instead(lambda _ports, _payout: False),
        also=((f"{_RAIL}find_transfer", _UNSEEN),),
        by="a transfer is made in silence",
    ),
    Planted(
        "a key is used when the rail has forgotten it",
        f"{_USE}counterparty.pay:_check_key_lives",
        instead(lambda *_call: None),
        also=((f"{_RAIL}find_transfer", _UNSEEN),),
        by="a transfer is made in silence",
    ),
    Planted("unknown is taken for paid", f"{_RAIL}find_transfer", _paid_whatever, by="card"),
    Planted(
        "a window does not adopt what came late",
        f"{_USE}window.sealing:LOOK_BACK",
        instead(0),
        by="CDR comes after days",
    ),
    Planted("half of the shards are read", f"{_USE}keys:ENTRY_SHARDS", instead(4), by="card"),
    Planted(
        "a shard is read before its late writers",
        f"{_USE}window.sealing:_in_shards",
        _of_yesterday,
        by="card",
    ),
    Planted(
        "what an earlier window sealed is sealed again",
        f"{_USE}window.sealing:_named",
        instead(lambda _ports, _run: []),
        by="card",
    ),
    Planted(
        "a payout's id is new each time",
        "chalicelib.domain.settlement.payout:payout_id",
        instead(lambda *_parts: PayoutId(f"pay_{next(_numbers)}")),
        by="card: crash_after settle:net store.write 1",
    ),
    Planted(
        "an entry is keyed by its session's window for ever",
        "chalicelib.domain.settlement.window:window_to_book",
        instead(_own_window),
        by="CDR comes when the hold is gone",
    ),
    Planted(
        "a payout is paid again before its money is back",
        f"{_USE}payout.reverse:reverse",
        instead(_held_unreversed),
        by="payout comes back",
    ),
    Planted(
        "a return is not booked",
        f"{_USE}payout.accept:_return",
        instead(lambda payout, _rail, _at: (payout, Put(Key("nowhere"), {}, None))),
        by="payout comes back",
    ),
    Planted(
        "the rail is never asked",
        f"{_USE}payout.sweep:_due",
        instead(lambda _ports: []),
        by="seed 154",
    ),
    Planted(
        "the sweeper moves on before it has looked",
        f"{_USE}effect.sweep:_rows",
        _cursor_first,
        by="seed 16",
    ),
    Planted(
        "a payee's first sum is a cent more", f"{_USE}window.lines:gather", _first_only, by="card"
    ),
    Planted(
        "held payouts are not taken over",
        f"{_USE}window.net:_waiting",
        instead(lambda _ports, _window: {}),
        by="payout comes back",
    ),
    Planted(
        "a window that died is not started again",
        f"{_USE}window.open_due:_open",
        instead(lambda _ports: []),
        by="seed 3",
    ),
    Planted(
        "a day is left out",
        f"{_USE}window.open_due:timedelta",
        lambda right: (
            lambda **named: right(**{k: v * 2 if k == "days" else v for k, v in named.items()})
        ),
        here=True,
        by="seed 12",
    ),
)
