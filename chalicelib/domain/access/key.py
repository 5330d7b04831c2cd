"""Who is calling, and what may they do? API keys with a stage and scopes, kept only as hashes."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from chalicelib.domain.errors import Forbidden, Rejected
from chalicelib.domain.ids import PartyId

_PREFIX = "plugrail"  # lets a scanner of repositories and logs recognise a leaked key
_KEY_LENGTH_MAX = 200


class Stage(StrEnum):
    """A key works in the stage that made it: each stage has a table of its own."""

    SANDBOX = "sandbox"
    LIVE = "live"


class Scope(StrEnum):
    LOCATIONS_READ = "locations:read"
    QUOTES_WRITE = "quotes:write"
    SESSIONS_READ = "sessions:read"
    SESSIONS_WRITE = "sessions:write"
    DISPUTES_READ = "disputes:read"
    DISPUTES_WRITE = "disputes:write"
    TOKENS_READ = "tokens:read"
    TOKENS_WRITE = "tokens:write"
    AGREEMENTS_READ = "agreements:read"
    AGREEMENTS_WRITE = "agreements:write"
    STATEMENTS_READ = "statements:read"
    BALANCE_READ = "balance:read"
    BALANCE_WRITE = "balance:write"
    EVENTS_READ = "events:read"
    EVENTS_WRITE = "events:write"
    WEBHOOKS_READ = "webhooks:read"
    WEBHOOKS_WRITE = "webhooks:write"


ALL_SCOPES = tuple(Scope)


class Unauthenticated(Rejected):
    """One answer for a missing, malformed, unknown and revoked key: a guesser learns nothing."""

    code = "unauthenticated"
    field = "Authorization"
    how_to_fix = (
        "Send `Authorization: Bearer <your API key>`, a key of this stage that is not revoked."
    )

    def __init__(self) -> None:
        super().__init__("the request carries no API key that is valid here")


class ScopeMissing(Forbidden):
    code = "scope_missing"

    def __init__(self, scope: Scope, held: tuple[Scope, ...]) -> None:
        super().__init__(f"this API key does not have the scope {scope.value}")
        self.scope, self.held = scope, held
        self.how_to_fix = f"Use a key with the scope {scope.value}, or ask for one."


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key at rest. `hash` is the SHA-256 of its text, which is 256 random bits and a prefix."""

    id: str  # key_…: safe to say and to log
    hash: str
    partner_id: PartyId
    stage: Stage
    scopes: tuple[Scope, ...]
    label: str
    made_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """The partner that a valid key speaks for."""

    partner_id: PartyId
    key_id: str
    stage: Stage
    scopes: tuple[Scope, ...]

    def require(self, scope: Scope) -> None:
        """Pass, or refuse with ScopeMissing."""
        if scope not in self.scopes:
            raise ScopeMissing(scope, self.scopes)


def key_text(stage: Stage, secret: str) -> str:
    """What the partner is given, once: `plugrail_<stage>_<256 random bits>`."""
    return f"{_PREFIX}_{stage.value}_{secret}"


def key_hash(text: str) -> str:
    """Where a key is looked up. A fast hash suffices: 256 random bits cannot be guessed."""
    return sha256(text.encode(errors="replace")).hexdigest()


def plausible(text: str) -> bool:
    """Whether a text could be a key at all; refuses before the table is asked."""
    return len(text) <= _KEY_LENGTH_MAX and text.isascii() and text.startswith(f"{_PREFIX}_")


def caller_of(key: ApiKey, text: str) -> Caller:
    """The caller that shows this text, compared in constant time, or Unauthenticated."""
    same = hmac.compare_digest(key.hash, key_hash(text))
    if not same or key.revoked_at is not None:
        raise Unauthenticated
    return Caller(key.partner_id, key.id, key.stage, key.scopes)
