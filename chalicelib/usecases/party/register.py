"""How does a company join, and how are its facts changed later?"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from chalicelib.domain.errors import Conflict, Invalid
from chalicelib.domain.ids import CHANNEL, PartyId
from chalicelib.domain.money import in_use
from chalicelib.domain.party.party import Party, PartyKind
from chalicelib.domain.settlement.window import day_of, window_id
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Key, Put, WriteConflict
from chalicelib.usecases import keys
from chalicelib.usecases.records import create, find, load

_TRIES = 5


class PartyDiffers(Conflict):
    code = "party_differs"
    how_to_fix = "change the party instead of registering it again"

    def __init__(self, party_id: PartyId) -> None:
        super().__init__(f"{party_id} is already registered with other facts")
        self.party_id = party_id


class DestinationNeedsTwo(Conflict):
    code = "destination_needs_two"
    how_to_fix = "`admin destination propose` the account, and let another person approve it"

    def __init__(self, party_id: PartyId) -> None:
        super().__init__(f"where {party_id} is paid is two people's word, the first account too")
        self.party_id = party_id


def register(ports: Ports, party: Party) -> Party:
    """Register a party once. The same facts again are success; others raise PartyDiffers.

    Its first payout account, too, is two people's word (party/destination.py). Raises
    CurrencyEnded for one in which nobody is paid any more.
    """
    if party.payout_account:
        raise DestinationNeedsTwo(party.id)
    _check(ports, party)
    in_use(party.settlement_currency, ports.clock.now().date())
    _note_zone(ports, party)
    key = keys.party(party.id)
    listed = Put(Key(keys.parties(), party.id), {"kind": party.kind.value}, expects=None)
    try:
        ports.store.write(create(key, party), listed)
    except WriteConflict:
        recorded = find(ports.store, key, Party)
        if recorded is None:
            raise
        if replace(recorded.value, payout_account="") != party:
            raise PartyDiffers(party.id) from None
    return party


def change(ports: Ports, party_id: PartyId, how: Callable[[Party], Party]) -> Party:
    """Change a party's facts (KYC, VAT status, settlement currency …); its id and kind stay.

    Where it is paid is two people's word (party/destination.py). Raises CurrencyEnded.
    """
    key = keys.party(party_id)
    for attempt in range(_TRIES):
        record = load(ports.store, key, Party, "party")
        changed = how(record.value)
        assert (changed.id, changed.kind) == (party_id, record.value.kind), "these never change"
        if record.value.payout_account != changed.payout_account:
            raise DestinationNeedsTwo(party_id)
        if record.value.settlement_currency != changed.settlement_currency:
            in_use(changed.settlement_currency, ports.clock.now().date())
        _check(ports, changed)
        try:
            ports.store.write(record.put(changed))
        except WriteConflict:
            if attempt == _TRIES - 1:
                raise
        else:
            return changed
    raise AssertionError("the last try returns or raises")


def _note_zone(ports: Ports, party: Party) -> None:
    """The first window of a zone is that of the day on which somebody of it joins.

    Written before the party: nothing can be booked in a zone that has none.
    """
    if party.kind is not PartyKind.PARTNER:
        first = day_of(window_id(ports.clock.now(), party.time_zone))
        with suppress(WriteConflict):  # the zone is known
            ports.store.write(Put(Key(keys.zones(), party.time_zone), {"next": first.isoformat()}))


def _check(ports: Ports, party: Party) -> None:
    if (party.id == CHANNEL) != (party.kind is PartyKind.CHANNEL):
        raise Invalid("id", f"the id {CHANNEL!r} is the channel's, and only the channel's")
    _country("country", party.country)
    for registration in party.vat:
        _country("vat.country", registration.country)
        if registration.until is not None and registration.until <= registration.since:
            raise Invalid("vat.until", "a registration ends after it begins")
    least = party.payout_minimum
    if least is not None and (least.currency != party.settlement_currency or least.minor < 0):
        raise Invalid("payout_minimum", f"{least} is no sum in {party.settlement_currency}")
    window_id(ports.clock.now(), party.time_zone)  # a zone that is none is refused here


def _country(field: str, code: str) -> None:
    if len(code) != 2 or not code.isascii() or not code.isalpha() or not code.isupper():  # noqa: PLR2004 - ISO 3166-1
        raise Invalid(field, f"{code!r} is not an ISO 3166-1 alpha-2 country", "e.g. DE, GR, GB")
