"""Which sessions did a CPO have that it never told, or told while we did not listen?"""

from datetime import datetime

from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.errors import Conflict, Rejected
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.charger_session.accept_report import accept_pulled


def pull(ports: Ports, connection: Connection, since: datetime, until: datetime) -> int:
    """Record every session last updated in the span as if it had been PUT; how many were news."""
    pulled = ports.cpos.sessions(connection, since, until)
    news = 0
    for received in pulled.items:
        try:
            news += accept_pulled(ports, connection, received)
        except (Rejected, Conflict):
            continue  # of another party behind the platform, or unfit: the others are good
    return news
