"""How does a partner tell what its driver prefers while the car charges?"""

from datetime import timedelta

from chalicelib.domain.effect import EffectKind
from chalicelib.domain.errors import NotFound
from chalicelib.domain.ids import PartyId
from chalicelib.domain.session.effects import added, without
from chalicelib.domain.session.preferences import (
    NotCharging,
    Preferences,
    as_detail,
    check_profile,
)
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.domain.tariff.tariff import Tariff
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.records import load
from chalicelib.usecases.session.read import record
from chalicelib.usecases.session.save import again, replacing


def prefer(ports: Ports, partner_id: PartyId, session_id: str, preferences: Preferences) -> Session:
    """Send the driver's wishes to the CPO; the last ones count. An event tells its answer.

    Raises NotFound, NotCharging, OtherProfile.
    """

    def decide() -> Session:
        current = record(ports, session_id)
        session, at = current.value, ports.clock.now()
        if session.partner_id != partner_id:
            raise NotFound("session", session_id, "session_id")
        if session.state is not SessionState.CHARGING or not session.charger_session:
            raise NotCharging(session_id, session.state.value)
        quoted = keys.tariff_version(session.tariff_hash)
        tariff = load(ports.store, quoted, Tariff, "tariff").value
        check_profile(tariff.type, preferences.profile)
        asked = without(session, EffectKind.SEND_PREFERENCES)
        detail = as_detail(preferences)
        asked = added(asked, EffectKind.SEND_PREFERENCES, at, after=timedelta(0), **detail)
        ports.store.write(replacing(current, asked, at))
        return asked

    return again(decide)
