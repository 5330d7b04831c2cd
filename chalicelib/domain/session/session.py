"""What is one charging session to the channel, from the partner's start to the payout?

One item owns the session, its payment and its pending effects, so that one conditional write moves
all of them. Its id is the hash of the partner and its Idempotency-Key.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from chalicelib.domain.effect import Effect
from chalicelib.domain.ids import (
    AgreementId,
    EntryId,
    PartyId,
    PeerId,
    QuoteId,
    SessionId,
    TariffHash,
    TokenId,
    WindowId,
)
from chalicelib.domain.money import Money
from chalicelib.domain.payment.payment import Payment


class SessionState(StrEnum):
    REQUESTED = "requested"  # the hold is asked for
    AUTHORISED = "authorised"  # the hold stands; START_SESSION goes out
    STARTING = "starting"  # the CPO was asked; the result is not known
    CHARGING = "charging"
    STOPPING = "stopping"
    ENDED = "ended"  # the charger says COMPLETED; the CDR is awaited
    BILLED = "billed"  # the sale is in the books
    CREDITED = "credited"  # its CPO took the record back; another one may come
    REFUSED = "refused"  # never became a session: hold declined, start refused …
    ABANDONED = "abandoned"  # nothing was charged and nothing is billed


@dataclass(frozen=True, slots=True)
class Booked:
    """One entry of this session in the books, and the window whose shard it was written to."""

    name: str
    entry_id: EntryId
    window: WindowId
    hash: str


@dataclass(frozen=True, slots=True)
class Claim:
    """The excess of a CDR over the published price: a claim against the CPO, not money.

    The verdict is a word on the sums: one that is found otherwise later is no other bill, and holds
    nobody's money.
    """

    excess: Money
    published: Money
    claimed: Money
    verdict: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class Bill:
    """What the driver pays (`gross`, the price less a `rebate`) and to whom it was allocated."""

    gross: Money
    energy_kwh: Decimal
    cpo_due: Money
    partner_due: Money
    platform: Money
    vat_due: Mapping[str, Money]
    claim: Claim | None = None
    rebate: Money | None = None

    @property
    def is_of_nothing(self) -> bool:
        """Whether nobody pays and nobody earns: then there is no entry. A driver whose whole price
        somebody else pays owes nothing, and yet the CPO earns.
        """
        parts = (self.cpo_due, self.partner_due, self.platform, *self.vat_due.values())
        return not any(money.minor for money in (self.gross, *parts))

    @property
    def owes_payees(self) -> bool:
        """Whether its CPO or partner is paid anything for it."""
        return self.cpo_due.minor > 0 or self.partner_due.minor > 0


@dataclass(frozen=True, slots=True)
class CreditedSale:
    """A sale that its CPO took back, with its bill. A bill of nothing has no entries: ""."""

    bill: Bill
    cdr_id: str
    credit_cdr_id: str
    sale: str
    reversal: str


@dataclass(frozen=True, slots=True)
class Redress:
    """What disputes did to a session's bills.

    `given_back` is what the driver owes less of the present bill, and `undone` the part of it by
    which the sale itself was undone: the rest was borne by somebody, and the sale stands.
    """

    disputes: tuple[str, ...] = ()
    given_back: Money | None = None
    undone: Money | None = None
    credited: tuple[CreditedSale, ...] = ()


@dataclass(frozen=True, slots=True)
class Session:
    """`version` lives in the store. `window` is chosen once, when the first entry is booked."""

    id: SessionId
    request_hash: str  # of the request that made it: a replayed key with another body differs
    partner_id: PartyId
    agreement_id: AgreementId
    quote_id: QuoteId
    token_id: TokenId
    token_uid: str
    cpo_id: PartyId
    peer_id: PeerId
    location_id: str
    evse_uid: str
    connector_id: str
    country: str
    time_zone: str  # the location's: tariffs are read in it
    settlement_zone: str  # the CPO's: windows close at its midnight
    tariff_id: str
    tariff_hash: TariffHash
    authorization_reference: str
    state: SessionState
    payment: Payment
    requested_at: datetime
    start_not_after: datetime
    reason: str = ""  # why it was refused, abandoned or is held
    charger_session: str = ""  # the CPO's <country>*<party>*<id>
    started_at: datetime | None = None
    ended_at: datetime | None = None
    energy_kwh: Decimal = Decimal(0)
    running_cost: Money | None = None
    cdr_id: str = ""
    window: WindowId | None = None
    bill: Bill | None = None
    booked: tuple[Booked, ...] = ()
    evidence: str = ""  # the sealed pack's file name
    effects: tuple[Effect, ...] = ()
    told: int = 0  # sequence number of the last event told to the partner
    place_id: str = ""  # the location's public id `loc_…`; `location_id` is the CPO's own
    detail: Mapping[str, Any] = field(default_factory=dict)
    redress: Redress | None = None  # most sessions have no dispute
    # Further tariffs that the CDR names, as they were published when the session was asked for.
    other_tariffs: tuple[TariffHash, ...] | None = None
