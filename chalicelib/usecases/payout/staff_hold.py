"""Do people hold a party or a payout? They say why, and so do those who release it.

`python -m sandbox admin hold` and `release`. A party's payouts are held by every window until its
release; a held payout waits for its own, and the zone's next window then takes it over.
"""

from chalicelib.domain.codec import from_plain
from chalicelib.domain.ids import PartyId
from chalicelib.domain.party.party import Party
from chalicelib.domain.settlement.payout import Payout, PayoutStage
from chalicelib.domain.settlement.staff import NotHeld, PayoutUnderway, StaffHold, said
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import ABSENT, Require
from chalicelib.usecases import keys
from chalicelib.usecases.records import Record, find, load

STAFF_HOLD = "staff_hold"
_PAGE = 100
_S = PayoutStage
_UNHEARD = frozenset(
    {_S.NETTED, _S.SCREENED, _S.CONVERTED, _S.DOCUMENTED, _S.ASKED, _S.APPROVED, _S.FUNDED, _S.HELD}
)


def hold_party(ports: Ports, party_id: PartyId, reason: str, person: str) -> StaffHold:
    """From now on nothing is sent to this party. What a rail has been asked for goes its way."""
    load(ports.store, keys.party(party_id), Party, "party")
    return _write(ports, party_id, reason, person)


def hold_payout(ports: Ports, payout_id: str, reason: str, person: str) -> StaffHold:
    """Hold one payout that no rail has heard of. Raises NotFound, PayoutUnderway."""
    record = load(ports.store, keys.payout(payout_id), Payout, "payout")
    if record.value.stage not in _UNHEARD:
        raise PayoutUnderway(payout_id, record.value.stage.value)
    return _write(ports, payout_id, reason, person, Require(record.key, record.version))


def release(ports: Ports, subject: str, reason: str, person: str) -> StaffHold:
    """Release a party or a payout; why stays on record. Raises NotHeld."""
    record = _find(ports, subject)
    if record is None or not record.value.held:
        raise NotHeld(subject)
    word = said("release", person, reason, ports.clock.now())
    released = StaffHold(subject, held=False, said=(*record.value.said, word))
    ports.store.write(record.put(released))
    return released


def staff_holds(ports: Ports) -> list[StaffHold]:
    """Every party and payout that people ever held, with what they said."""
    pk, found, after = keys.staff_hold("").pk, list[StaffHold](), ""
    while True:
        page = ports.store.query(pk, after=after, limit=_PAGE)
        found += [from_plain(StaffHold, row.body) for row in page]
        if len(page) < _PAGE:
            return found
        after = page[-1].key.sk


def held_by_staff(ports: Ports, *subjects: str) -> bool:
    """Whether people hold any of these: a payout's id, its party's."""
    rows = ports.store.get_many([keys.staff_hold(subject) for subject in subjects])
    return any(from_plain(StaffHold, row.body).held for row in rows.values())


def unheld(ports: Ports, payout: Payout) -> tuple[Require, ...] | None:
    """What a write must require so that nobody's hold comes between; None when it is held now."""
    wanted = [keys.staff_hold(payout.id), keys.staff_hold(payout.party_id)]
    rows = ports.store.get_many(wanted)
    if any(from_plain(StaffHold, row.body).held for row in rows.values()):
        return None
    return tuple(Require(key, rows[key].version if key in rows else ABSENT) for key in wanted)


def _write(ports: Ports, subject: str, reason: str, person: str, *also: Require) -> StaffHold:
    record = _find(ports, subject)
    before = () if record is None else record.value.said
    word = said("hold", person, reason, ports.clock.now())
    held = StaffHold(subject, held=True, said=(*before, word))
    known = record or Record(keys.staff_hold(subject), held, ABSENT)
    ports.store.write(known.put(held), *also)
    return held


def _find(ports: Ports, subject: str) -> Record[StaffHold] | None:
    return find(ports.store, keys.staff_hold(subject), StaffHold)
