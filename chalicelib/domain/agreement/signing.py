"""Who agreed to exactly which terms? Two signatures of the two sides on one content hash."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.errors import Forbidden, Rejected
from chalicelib.domain.person import named


class Side(StrEnum):
    PARTNER = "partner"
    SELLER = "seller"  # the CPO, or for terms with every CPO the channel


@dataclass(frozen=True, slots=True)
class Signature:
    """`hash` is the content that was read; `person` says who signed for the side."""

    side: Side
    person: str
    at: datetime
    hash: str


class SameSide(Forbidden):
    """Terms need the other side's word; one side (or one person) cannot give both."""

    code = "same_side"
    how_to_fix = "the other side countersigns, by another person"

    def __init__(self, first: Signature) -> None:
        super().__init__(f"{first.person} proposed these terms for the {first.side.value}")
        self.side, self.person = first.side, first.person


class OtherTerms(Rejected):
    """What was countersigned is not what is proposed: somebody read another version."""

    code = "other_terms"
    field = "hash"
    how_to_fix = "read the proposal again, and send the hash that it has now"

    def __init__(self, agreement_id: str, proposed: str) -> None:
        super().__init__(f"{agreement_id} is proposed with the content {proposed}")
        self.agreement_id, self.proposed = agreement_id, proposed


def signed(side: Side, person: str, at: datetime, hash_: str) -> Signature:
    """A person's signature for a side."""
    return Signature(side, named(person, "signed_by"), at, hash_)


def check_countersigned(first: Signature, second: Signature) -> None:
    """Raises SameSide unless it is the other side's, by another person."""
    if first.side is second.side or first.person == second.person:
        raise SameSide(first)
