"""Which tokens has an eMSP that it did not push, or whose push was lost? Its own list says it.

A token that is blocked there and good here would charge on: pulled every hour, as CPOs' lists are.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.codec import instant_text
from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.connection.health import PeerHealth, Rest, due, pulled
from chalicelib.domain.connection.refusals import IdentityNotBound, UpdateOutdated
from chalicelib.domain.errors import Conflict, NotYet, Rejected
from chalicelib.domain.hub.token import EmspToken
from chalicelib.domain.ids import PeerId
from chalicelib.ports.bundle import Ports
from chalicelib.ports.cpo import CpoRefused, Pulled
from chalicelib.usecases.connection.authenticate import speaks_for
from chalicelib.usecases.connection.health import change_health, healths
from chalicelib.usecases.connection.read import emsps
from chalicelib.usecases.hub.tokens import accept_token

_OVERLAP = timedelta(minutes=15)  # offset pages skip rows when objects change under them
_MODULE = "tokens"
_BUDGET = timedelta(seconds=120)  # of wall time: who comes after it is asked in the next run


@dataclass(frozen=True, slots=True)
class TokensPull:
    """Counts only: a token's uid is its driver's."""

    peer_id: PeerId
    news: int = 0
    refused: int = 0
    failed: str = ""


def pull_tokens(ports: Ports) -> list[TokensPull]:
    """Ask each eMSP that lists its tokens and whose hour has come for what is new."""
    at, until = ports.clock.now(), ports.clock.wall() + _BUDGET
    listing = [one for one in emsps(ports) if f"{_MODULE}.SENDER" in one.endpoints]
    known = healths(ports, [one.id for one in listing])
    asked = [one for one in listing if due(known[one.id], at)]
    return [_pull(ports, one, known[one.id], at) for one in asked if ports.clock.wall() < until]


def _pull(ports: Ports, connection: Connection, health: PeerHealth, at: datetime) -> TokensPull:
    cursor, rest = health.cursors.get(_MODULE), health.rests.get(_MODULE)
    since = None if cursor is None else datetime.fromisoformat(cursor) - _OVERLAP
    try:
        told = ports.emsps.tokens(connection, since, rest.place if rest else "")
    except (NotYet, CpoRefused) as error:
        why = f"{_MODULE}: {error.code}"
        change_health(
            ports,
            connection.id,
            lambda known: pulled(replace(known, rests={}), connection.id, at, (why,)),
        )
        return TokensPull(connection.id, failed=why)
    news, refused = _taken(ports, connection, told)
    reached = min(at, told.at or at, rest.began if rest else at)
    rests = {_MODULE: Rest(told.rest, reached)} if told.rest else {}
    cursors = dict(health.cursors) if told.rest else {_MODULE: instant_text(reached)}
    change_health(
        ports,
        connection.id,
        lambda known: pulled(
            replace(known, cursors=cursors, rests=rests),
            connection.id,
            at,
            (),
            more=bool(told.rest),
        ),
    )
    return TokensPull(connection.id, news, refused + len(told.refused))


def _taken(ports: Ports, connection: Connection, told: Pulled) -> tuple[int, int]:
    """How many were news, and how many could not be taken: those of others among them."""
    news = refused = 0
    for received in told.items:
        token = received.value
        assert isinstance(token, EmspToken), "tokens are pulled from the tokens module"
        try:
            speaks_for(connection, token.country_code, token.party_id)
            with suppress(UpdateOutdated):  # a push was faster
                news += accept_token(ports, connection.partner, token)
        except (IdentityNotBound, Rejected, Conflict):
            refused += 1
    return news, refused
