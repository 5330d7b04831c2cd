"""Bugs in handshakes and terms: a token that is good too late, a key that is never revoked."""

from dataclasses import replace
from typing import Any

from sandbox.simulation.planted.plant import Planted, instead

_USE = "chalicelib.usecases.connection."


def _without_token(right: Any) -> Any:
    """A connection is there, and the token that leads to it comes later."""
    return lambda connection: right(connection)[::2]


def _the_old_one(right: Any) -> Any:
    def agreed(ports: Any, before: Any, theirs: Any, peer: Any) -> Any:
        after = right(ports, before, theirs, peer)
        secret = before.their_token_secret or after.their_token_secret
        return replace(after, their_token_secret=secret)

    return agreed


JOINING = (
    Planted(
        "our token is good when a CPO is connected, and not before",
        f"{_USE}invite:creation",
        _without_token,
        by="we ask a CPO to join",
    ),
    Planted(
        "our next token is good when it is the only one",
        f"{_USE}renew:_offer",
        instead(lambda *_offered: None),
        by="we ask a CPO to join",
    ),
    Planted(
        "a CPO's next token is not kept",
        f"{_USE}register:agreed",
        _the_old_one,
        by="a hub joins",
    ),
    Planted(
        "what a hub tells is not kept",
        f"{_USE}client_info:accept_client_info",
        instead(lambda *_told, **_named: False),
        by="a hub joins",
    ),
    Planted(
        "a key that is revoked stays good",
        "chalicelib.usecases.access.issue_key:replace",
        instead(lambda key, **_changes: key),
        here=True,
        by="terms are signed",
    ),
    Planted(
        "terms that are made twice are there twice",
        "chalicelib.usecases.agreement.make:_same",
        instead(lambda _agreement, _known: None),
        by="terms are signed: crash_after make_agreement store.write 1",
    ),
)
