"""What does the bank say of our payment files? pain.002, per transaction, batch or whole file."""

from collections.abc import Iterator

from chalicelib.adapters.sepa.document import Element
from chalicelib.domain.bank.message import STATUSES, Status, StatusLine, StatusReport
from chalicelib.ports.bank import NoBankFile

_REASON = ("StsRsnInf/Rsn/Cd", "StsRsnInf/Rsn/Prtry")


def read(root: Element) -> tuple[StatusReport, ...]:
    """One report. A file has three levels; the innermost that speaks of a transfer counts.

    As each of our messages has one transfer, and one id for all of it, what is said of a message or
    of its payment information is said of the transfer.
    """
    report = root.one("CstmrPmtStsRpt")
    group = None if report is None else report.one("OrgnlGrpInfAndSts")
    if report is None or group is None:
        raise NoBankFile("a status report without its original group")
    lines = {line.reference: line for line in _lines(report, group)}  # inner ones come last
    return (StatusReport(report.said("GrpHdr/MsgId"), tuple(lines.values())),)


def _lines(report: Element, group: Element) -> Iterator[StatusLine]:
    message = group.said("OrgnlMsgId")
    yield from _line(group, message, "GrpSts", "")
    for payment in report.all("OrgnlPmtInfAndSts"):
        outer = payment.said(*_REASON) or group.said(*_REASON)
        yield from _line(payment, payment.said("OrgnlPmtInfId"), "PmtInfSts", outer)
        for transaction in payment.all("TxInfAndSts"):
            reference = transaction.said("OrgnlEndToEndId", "OrgnlInstrId")
            yield from _line(transaction, reference, "TxSts", outer)


def _line(element: Element, reference: str, status: str, outer: str) -> Iterator[StatusLine]:
    """A level may say no status: then the one around it holds."""
    code = element.said(status)
    if not code or not reference:
        return
    reason = element.said(*_REASON) or outer
    yield StatusLine(reference, STATUSES.get(code, Status.PENDING), code, reason)
