"""What does an eMSP tell of its drivers' tokens? Each gets one of ours, under which it is charged.

The eMSP's own token lies in the personal table, under the id of ours. Ours has a card's uid, which
chargers read; a uid that two eMSPs tell is the first one's.
"""

from chalicelib.domain.codec import from_plain, instant_text, to_plain
from chalicelib.domain.connection.dates import is_older
from chalicelib.domain.connection.refusals import TokenUnknown, UpdateOutdated
from chalicelib.domain.hub.token import EmspToken
from chalicelib.domain.ids import PartyId, TokenId
from chalicelib.domain.token.token import RFID, Token
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import ABSENT, Put, WriteConflict
from chalicelib.usecases import keys
from chalicelib.usecases.session.save import again
from chalicelib.usecases.token.issue import Terms, issue, token_id_of, withdraw
from chalicelib.usecases.token.read import token_by_id


def accept_token(ports: Ports, partner_id: PartyId, token: EmspToken) -> bool:
    """Keep a token as it now is; True when it was news. Raises UpdateOutdated."""
    return again(lambda: _accept(ports, partner_id, token))


def _accept(ports: Ports, partner_id: PartyId, token: EmspToken) -> bool:
    id_ = token_id_of(ports, partner_id, token.reference)
    item = ports.personal.get(keys.emsp_token(id_))
    known = None if item is None else from_plain(EmspToken, item.body)
    older = known is not None and is_older(
        token.last_updated, known.last_updated, ports.clock.now()
    )
    if known is not None and (known == token or older):
        if not known.valid:  # an older telling that died half way may have left ours good
            withdraw(ports, partner_id, id_)
        if known == token:
            return False
        raise UpdateOutdated("token", token.uid, instant_text(known.last_updated))
    _make_so(ports, partner_id, token, first=known is None)
    # Last, so that whatever was not done is done when the eMSP repeats it.
    expects = ABSENT if item is None else item.version
    try:
        ports.personal.write(Put(keys.emsp_token(id_), to_plain(token), expects=expects))
    except WriteConflict:
        told = emsp_token(ports, id_)
        if told is not None:  # another telling was faster: ours is as that says, until we look anew
            _make_so(ports, partner_id, told, first=False)
        raise
    return True


def _make_so(ports: Ports, partner_id: PartyId, token: EmspToken, *, first: bool) -> None:
    """Ours is as good as the eMSP's."""
    ours = _issued(ports, partner_id, token, first=first)
    if not token.valid and ours.valid:
        withdraw(ports, partner_id, ours.id)


def is_anothers_card(ports: Ports, partner_id: PartyId, token: EmspToken) -> bool:
    """Whether a card that was accepted is no card at chargers, since its uid was told before."""
    if not token.is_card:
        return False
    ours = token_by_id(ports, partner_id, token_id_of(ports, partner_id, token.reference))
    return ours.type != RFID


def token_told(ports: Ports, partner_id: PartyId, reference: str, uid: str) -> EmspToken:
    """As the eMSP last told it, by `EmspToken.reference`. Raises TokenUnknown."""
    found = emsp_token(ports, token_id_of(ports, partner_id, reference))
    if found is None:
        raise TokenUnknown(uid)
    return found


def emsp_token(ports: Ports, token_id: TokenId) -> EmspToken | None:
    """The eMSP's token behind one of ours."""
    item = ports.personal.get(keys.emsp_token(token_id))
    return None if item is None else from_plain(EmspToken, item.body)


def _issued(ports: Ports, partner_id: PartyId, token: EmspToken, *, first: bool) -> Token:
    """Ours. Limits that the partner set to it by the API stay."""
    if first:
        card = token.uid if token.is_card else ""
        return issue(ports, partner_id, token.reference, card=card)
    ours = token_by_id(ports, partner_id, token_id_of(ports, partner_id, token.reference))
    if ours.valid or not token.valid:
        return ours
    terms = Terms(ours.payment_source, ours.vehicle, ours.cost_centre, ours.limits)
    return issue(ports, partner_id, token.reference, terms=terms)
