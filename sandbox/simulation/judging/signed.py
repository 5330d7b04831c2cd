"""Are the terms in force that both sides were told of, once, and are keys good until revoked?"""

from chalicelib.domain.access.key import Unauthenticated
from chalicelib.usecases.access.authenticate import authenticate
from chalicelib.usecases.agreement.find import agreements_between
from sandbox.memory.world import CPO
from sandbox.simulation.judging.found import Found, Lines


def terms_and_keys_hold(found: Found) -> Lines:
    signed, ports = found.history.acts.signed, found.history.ports
    yield from (f"terms that both sides signed were refused: {code}" for code in signed.refused)
    for told in signed.agreed:
        same_day = [
            one
            for one in agreements_between(ports, told.partner_id, CPO)
            if one.since == told.since
        ]
        if [(one.id, one.in_order) for one in same_day] != [(told.id, True)]:
            yield f"{told.id} was agreed on, and {[one.id for one in same_day]} is in force"
    for text in signed.keys:
        good, revoked = _is_good(found, text), text in signed.revoked
        if good is revoked:
            yield f"a key is good: {good}, it was revoked: {revoked}"


def _is_good(found: Found, text: str) -> bool:
    try:
        authenticate(found.history.ports, text)
    except Unauthenticated:
        return False
    return True
