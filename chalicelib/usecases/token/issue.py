"""How does a partner's driver get a token, and how is it taken back? Tokens are never deleted."""

from dataclasses import dataclass, fields, replace
from hashlib import sha256
from hmac import new as hmac
from typing import Any

from chalicelib.domain.errors import Invalid
from chalicelib.domain.ids import PartyId, TokenId, external_id
from chalicelib.domain.token.contract import contract_id
from chalicelib.domain.token.limits import Limits
from chalicelib.domain.token.token import APP_USER, RFID, PaymentSourceTaken, Token, is_one_card
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Delete, Put, Write, WriteConflict
from chalicelib.usecases import keys
from chalicelib.usecases.records import Record, create, find
from chalicelib.usecases.token.read import row_key, token_record

_REFERENCE_CHARACTERS_MAX = 200
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Terms:
    """What a token is good for: how it pays, whose budgets it uses, and its limits."""

    payment_source: str = ""
    vehicle: str = ""
    cost_centre: str = ""
    limits: Limits | None = None


def issue(
    ports: Ports,
    partner_id: PartyId,
    driver_reference: str,
    payment_source: str = "",
    terms: Terms | None = None,
    *,
    card: str = "",
) -> Token:
    """The driver's token: made at the first call, and the same one at every later call.

    A later call with other terms, or after a withdrawal, changes the token. The driver's
    reference goes to the personal table; the token knows its salted hash. With the uid of a `card`
    it is that card, unless another driver's has the uid already: then it is as without. A card
    that was given for another driver's token is refused. Raises Invalid, PaymentSourceTaken.
    """
    if not 0 < len(driver_reference) <= _REFERENCE_CHARACTERS_MAX:
        reason = f"is not 1 to {_REFERENCE_CHARACTERS_MAX} characters long"
        raise Invalid("driver_reference", reason)
    driver_hash = _driver_hash(ports, partner_id, driver_reference)
    terms = terms or Terms(payment_source)
    for _ in range(_TRIES - 1):
        try:
            return _issue(ports, partner_id, driver_reference, driver_hash, terms, card)
        except WriteConflict:
            continue
    return _issue(ports, partner_id, driver_reference, driver_hash, terms, card)


def token_id_of(ports: Ports, partner_id: PartyId, driver_reference: str) -> TokenId:
    """The id that the driver's token has or will have."""
    return _id(partner_id, _driver_hash(ports, partner_id, driver_reference))


def withdraw(ports: Ports, partner_id: PartyId, token_id: str) -> Token:
    """`valid` becomes false. Raises NotFound; a token that is withdrawn already stays as it is."""
    record = token_record(ports, partner_id, token_id)
    if not record.value.valid:
        return record.value
    return _change(ports, record, replace(record.value, valid=False))


def _issue(
    ports: Ports,
    partner_id: PartyId,
    reference: str,
    driver_hash: str,
    terms: Terms,
    card: str,
) -> Token:
    id_ = _id(partner_id, driver_hash)
    taken = _taken(ports, id_, terms.payment_source)
    pointer = ports.store.get(keys.token_id(id_))
    if pointer is not None:
        record = find(ports.store, keys.token(str(pointer.body["uid"])), Token)
        assert record is not None, "a pointer and its token are written together"
        wanted = replace(record.value, valid=True, **_parts(terms))
        return record.value if wanted == record.value else _change(ports, record, wanted, *taken)
    person = {"partner_id": partner_id, "reference": reference}
    ports.personal.write(Put(keys.driver(driver_hash), person, expects=None))
    type_ = RFID if card and ports.store.get(keys.token(card)) is None else APP_USER
    uid = card if type_ == RFID else ports.ids.new("PLG")
    token = Token(
        id=id_,
        partner_id=partner_id,
        uid=uid,
        contract_id=contract_id(uid),
        driver_hash=driver_hash,
        valid=True,
        last_updated=ports.clock.now(),
        type=type_,
        **_parts(terms),
    )
    ports.store.write(
        create(keys.token(uid), token),
        Put(keys.token_id(id_), {"uid": uid}),
        Put(row_key(token), {"of": partner_id}),
        Put(keys.partner_token(partner_id, id_), {"uid": uid}),
        *taken,
    )
    return token


def _taken(ports: Ports, id_: TokenId, source: str) -> tuple[Write, ...]:
    """What makes a card its driver's, for ever; nothing when it is that already."""
    if not is_one_card(source):
        return ()
    known = ports.store.get(keys.payment_source(source))
    if known is None:
        return (Put(keys.payment_source(source), {"token": id_}),)
    if known.body["token"] != id_:
        raise PaymentSourceTaken(source)
    return ()


def _id(partner_id: PartyId, driver_hash: str) -> TokenId:
    return TokenId(external_id("tok", partner_id, driver_hash))


def _parts(terms: Terms) -> dict[str, Any]:
    return {part.name: getattr(terms, part.name) for part in fields(terms)}


def _change(ports: Ports, record: Record[Token], wanted: Token, *more: Write) -> Token:
    changed = replace(wanted, last_updated=ports.clock.now())
    before, after = row_key(record.value), row_key(changed)
    moved = [] if before == after else [Delete(before)]
    row = Put(after, {"of": changed.partner_id}, expects=None)
    ports.store.write(record.put(changed), row, *moved, *more)
    return changed


def _driver_hash(ports: Ports, partner_id: PartyId, reference: str) -> str:
    salt = ports.personal_salt
    return hmac(salt.encode(), f"{partner_id}\n{reference}".encode(), sha256).hexdigest()
