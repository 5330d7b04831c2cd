"""How far is a charge right now? The session with what its charger told last.

Reports do not change the session's item unless something matters, so a reader folds them.
"""

from dataclasses import replace

from chalicelib.domain.session.session import Session, SessionState
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.cdr.provisional import charging_partition
from chalicelib.usecases.charger_session.fold import fold_partition
from chalicelib.usecases.session.running import running_cost

_MOVING = frozenset({SessionState.CHARGING, SessionState.STOPPING})


def live(ports: Ports, session: Session) -> Session:
    """While it charges: energy and cost up to the last report. Otherwise as it is recorded."""
    if session.state not in _MOVING or not session.charger_session:
        return session
    report = fold_partition(ports.store, charging_partition(session))
    if report is None:
        return session
    cost = running_cost(ports, session, report)
    return replace(session, energy_kwh=report.kwh, running_cost=cost)
