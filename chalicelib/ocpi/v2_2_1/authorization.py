"""What does an eMSP answer that is asked for a token in real time? (mod_tokens 12.3.1)"""

from chalicelib.domain.hub.card import Answer
from chalicelib.domain.token.authorization import Allowed
from chalicelib.ocpi.lenient.basic import id_of
from chalicelib.ocpi.lenient.place import Place

_TEXT_MAX, _EVSES_MAX = 512, 1000


def read_answer(value: object) -> Answer:
    """An AuthorizationInfo. A word that we do not know is no permission. Raises Invalid."""
    place = Place.whole(value)
    word = place.upper("allowed")
    where = place.object("location")
    info = place.object("info")
    told = {name: info.text(name)[:_TEXT_MAX] for name in ("language", "text")}
    return Answer(
        allowed=Allowed(word) if word in Allowed.__members__ else Allowed.NOT_ALLOWED,
        evse_uids=tuple(uid for _, uid in where.each("evse_uids", _EVSES_MAX, id_of)),
        reference=place.maybe_id("authorization_reference") or "",
        info=told if all(told.values()) else {},
    )
