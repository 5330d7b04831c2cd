"""Bugs towards eMSPs: a push that is forgotten, a command that is done twice, a no unheard."""

from itertools import count
from typing import Any

from chalicelib.domain.hub.card import Answer
from chalicelib.domain.token.authorization import Allowed
from chalicelib.ports.cpo import CpoUnavailable
from chalicelib.ports.store import Key, Put
from chalicelib.usecases.hub.told import RECEIPT
from sandbox.simulation.planted.plant import Planted, instead

_HUB = "chalicelib.usecases.hub."
_ACCEPTED = 204
_numbers = count()


def _only_when_new(right: Any) -> Any:
    """Whoever died between the event and its push has pushed it."""

    def deliver(ports: Any, endpoint: Any, event: Any, *, is_new: bool = False) -> None:
        if is_new or endpoint.peer_id is None:
            right(ports, endpoint, event, is_new=is_new)

    return deliver


def _silence_is_yes(right: Any) -> Any:
    def status(call: Any) -> int:
        return right(call) or _ACCEPTED

    return status


def _never_the_same(right: Any) -> Any:
    def attempt(ports: Any, partner_id: Any, peer_id: Any, asked: str, **named: Any) -> Any:
        return right(ports, partner_id, peer_id, f"{asked} {next(_numbers)}", **named)

    return attempt


def _silence_lets_charge(right: Any) -> Any:
    def asked(ports: Any, emsp: Any, driver: Any, where: Any) -> Any:
        try:
            ports.emsps.authorize(emsp, driver, where)
        except CpoUnavailable:
            return Answer(Allowed.ALLOWED)
        return right(ports, emsp, driver, where)

    return asked


def _blocked_stays(right: Any) -> Any:
    def accept(ports: Any, partner_id: Any, token: Any) -> Any:
        return token.valid and right(ports, partner_id, token)

    return accept


ROAMING = (
    Planted(
        "a push to an eMSP is forgotten after a crash",
        "chalicelib.usecases.event.deliver:deliver_first",
        _only_when_new,
        by="eMSP commands: crash_before run_effects:session emsps.post_cdr 1",
    ),
    Planted(
        "an eMSP's silence is taken for its yes",
        f"{_HUB}push:_status",
        _silence_is_yes,
        by="eMSP is away",
    ),
    Planted(
        "a CDR that is taken back is not told",
        f"{_HUB}push:_OF_BILLS",
        instead(frozenset({RECEIPT})),
        by="eMSP's CDR is taken back",
    ),
    Planted(
        "a START_SESSION that is repeated begins another charge",
        f"{_HUB}attempt:attempt",
        _never_the_same,
        by="eMSP commands: crash_after emsp_start store.write 6",
    ),
    Planted(
        "a card may charge when its eMSP is silent",
        f"{_HUB}card:_asked",
        _silence_lets_charge,
        by="eMSP is silent",
    ),
    Planted(
        "a token that is blocked stays good",
        f"{_HUB}tokens:accept_token",
        _blocked_stays,
        by="eMSP's card is blocked",
    ),
    Planted(
        "no row leads the sweeper to what eMSPs are told",
        f"{_HUB}news:due_row",
        instead(lambda _at, pk: Put(Key("nowhere", pk), {}, expects=None)),
        here=True,
        by="eMSP is told of prices and places: crash_before withdraw_tariff store.get 2",
    ),
)
