"""What is a CPO answered that asks whether a token may charge?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from chalicelib.domain.errors import DomainError
from chalicelib.domain.token.limits import LimitReached
from chalicelib.domain.token.token import Token


class Allowed(StrEnum):
    """AllowedType (mod_tokens 12.4.1)."""

    ALLOWED = "ALLOWED"
    BLOCKED = "BLOCKED"
    EXPIRED = "EXPIRED"
    NO_CREDIT = "NO_CREDIT"
    NOT_ALLOWED = "NOT_ALLOWED"


@dataclass(frozen=True, slots=True)
class Authorization:
    """`info` is the eMSP's word to its driver, `refusal` ours to the CPO: none where it is about
    money, which is between the partner and us.
    """

    allowed: Allowed
    token: Token
    evse_uids: tuple[str, ...] = ()  # of those asked for, where it may charge
    reference: str = ""
    info: Mapping[str, str] = field(default_factory=dict)  # DisplayText; empty: none
    refusal: DomainError | None = None


def beyond(reached: LimitReached) -> Allowed:
    """What a limit that the partner set to the token is to a CPO."""
    here = reached.limit in {"place", "time"}
    return Allowed.NOT_ALLOWED if here else Allowed.NO_CREDIT
