"""Terms between a partner and a CPO, as they lie in the table."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from chalicelib.domain.agreement.agreement import Agreement, PaymentMethod
from chalicelib.domain.agreement.signing import Side, Signature
from chalicelib.domain.codec import to_plain
from chalicelib.domain.ids import AgreementId, PartyId
from chalicelib.domain.money import Currency
from chalicelib.domain.party.party import Party, PartyKind
from chalicelib.ports.store import Key, Put
from chalicelib.usecases import keys
from sandbox.memory.ports import MemoryPorts


def agreed(ports: MemoryPorts, partner_id: PartyId, cpo_id: PartyId, at: datetime) -> None:
    """Terms for a year, signed at an instant."""
    party = Party(partner_id, PartyKind.PARTNER, "P", "DE", Currency("EUR"))
    unsigned = Agreement(
        id=AgreementId("agr_1"),
        partner_id=partner_id,
        cpo_id=cpo_id,
        commission=Decimal(0),
        partner_share=Decimal(0),
        payment_method=PaymentMethod.PREPAID,
        since=at.date(),
        until=at.date() + timedelta(days=365),
    )
    signatures = tuple(Signature(side, "A. B.", at, unsigned.hash) for side in Side)
    key = Key(keys.agreements(partner_id), f"agreement#{cpo_id}#{at.date()}")
    ports.store.write(
        Put(keys.party(partner_id), to_plain(party), expects=None),
        Put(Key(keys.parties(), partner_id), {}, expects=None),
        Put(key, to_plain(replace(unsigned, signatures=signatures))),
    )
