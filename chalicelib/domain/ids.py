"""What are things called? Ids caused outside are hashes of their cause; ours come from a port."""

from collections.abc import Iterable
from hashlib import sha256
from typing import NewType

PartyId = NewType("PartyId", str)  # par_… (partner), cpo_…, "channel"
PeerId = NewType("PeerId", str)  # peer_…: one OCPI connection
AgreementId = NewType("AgreementId", str)  # agr_…
TokenId = NewType("TokenId", str)  # tok_…: one driver's OCPI token
QuoteId = NewType("QuoteId", str)  # quo_…
SessionId = NewType("SessionId", str)  # ses_…
EntryId = NewType("EntryId", str)  # ent_…: one journal entry
PayoutId = NewType("PayoutId", str)  # pay_…
WindowId = NewType("WindowId", str)  # <date>.<zone with - for />, e.g. 2026-11-20.Europe-Berlin
TariffHash = NewType("TariffHash", str)  # sha256 of a tariff version's canonical content

CHANNEL = PartyId("channel")


def same_ids(one: Iterable[str], other: Iterable[str]) -> bool:
    """OCPI's ids are case-insensitive (CiString), and some peers change their case on the way."""
    return [id_.lower() for id_ in one] == [id_.lower() for id_ in other]


def external_id(prefix: str, *cause: str) -> str:
    """The id of something caused outside: the same cause always has the same id.

    The parts are length-prefixed, so that ("ab", "c") and ("a", "bc") differ.
    """
    text = "".join(f"{len(part)}:{part}" for part in cause)
    return f"{prefix}_{sha256(text.encode()).hexdigest()[:32]}"
