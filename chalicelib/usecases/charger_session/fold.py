"""What is a charger's session by now, from everything that its CPO has told?"""

from chalicelib.domain.codec import from_plain
from chalicelib.domain.errors import NotFound
from chalicelib.domain.ids import PeerId
from chalicelib.domain.session.charged import ReportedSession
from chalicelib.domain.session.report import Report, folded, order
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Store
from chalicelib.usecases import keys

_PAGE = 50


def fold(
    store: Store, peer_id: PeerId, country_code: str, party_id: str, id_: str
) -> ReportedSession:
    """The session as the CPO last told it. NotFound when it never told the whole of it."""
    session = fold_partition(store, keys.charging(peer_id, country_code, party_id, id_))
    if session is None:
        raise NotFound("charger session", id_, "session_id")
    return session


def fold_partition(store: Store, pk: str) -> ReportedSession | None:
    """As `fold`, by the partition's key; None when there is nothing to fold."""
    return folded(reports_since_put(store, pk))


def newest_report(store: Store, pk: str) -> Report | None:
    """What was told last, by `last_updated`."""
    newest = store.query(pk, limit=1, descending=True)
    return from_plain(Report, newest[0].body) if newest else None


def reports_since_put(store: Store, pk: str) -> list[Report]:
    """The newest reports back to the newest PUT, which makes all older ones irrelevant.

    Reports of the PUT's own instant are read too: they may have come after it.
    """
    reports: list[Report] = []
    put_at = None
    after = ""
    while True:
        items = store.query(pk, after=after, limit=_PAGE, descending=True)
        for item in items:
            report = from_plain(Report, item.body)
            if put_at is not None and report.last_updated < put_at:
                return reports
            reports.append(report)
            if report.whole is not None:
                put_at = put_at or report.last_updated
        if len(items) < _PAGE:
            return reports
        after = items[-1].key.sk


def messages(ports: Ports, pk: str) -> list[tuple[bool, str]]:
    """The JSON texts that make up the session, oldest first; True: it tells the whole."""
    reports = sorted(reports_since_put(ports.store, pk), key=order)
    return [(report.whole is not None, _raw(ports, report)) for report in reports]


def _raw(ports: Ports, report: Report) -> str:
    if not report.raw_name:
        return report.raw
    content = ports.files.read(report.raw_name)
    assert content is not None, f"{report.raw_name} was sealed before its report was written"
    return content.decode()
