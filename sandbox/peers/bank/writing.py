"""How does the bank say what it did? pain.002, camt.054 and camt.053, as the schemas have them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from xml.sax.saxutils import escape

from sandbox.peers.bank.reading import Order

_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"
_REPORTS = {"pain.001.001.03": "pain.002.001.03", "pain.001.001.09": "pain.002.001.10"}
_OWN_BIC = "BYLADEM1001"


@dataclass(frozen=True, slots=True)
class Booking:
    """One entry of the customer's account; a debit is negative."""

    reference: str  # the bank's own
    minor: int
    on: date
    end_to_end_id: str = ""
    reason: str = ""  # why it came back
    text: str = ""


def status_report(
    name: str, now: datetime, message_id: str, version: str, group: str, told: list[str]
) -> bytes:
    """`group` is what stands in OrgnlGrpInfAndSts, `told` the elements after it."""
    kind = _REPORTS.get(version, "pain.002.001.03")
    body = (
        f"<CstmrPmtStsRpt><GrpHdr><MsgId>{name}</MsgId><CreDtTm>{_time(now)}</CreDtTm></GrpHdr>"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{escape(message_id)}</OrgnlMsgId>"
        f"<OrgnlMsgNmId>{version}</OrgnlMsgNmId>{group}</OrgnlGrpInfAndSts>"
        f"{''.join(told)}</CstmrPmtStsRpt>"
    )
    return _document(kind, body)


def reason(code: str) -> str:
    return f"<StsRsnInf><Rsn><Cd>{code}</Cd></Rsn></StsRsnInf>" if code else ""


def transaction_status(order: Order, code: str, why: str) -> str:
    return (
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{escape(order.payment_id)}</OrgnlPmtInfId>"
        f"<TxInfAndSts><OrgnlInstrId>{escape(order.instruction_id)}</OrgnlInstrId>"
        f"<OrgnlEndToEndId>{escape(order.end_to_end_id)}</OrgnlEndToEndId>"
        f"<TxSts>{code}</TxSts>{reason(why)}</TxInfAndSts></OrgnlPmtInfAndSts>"
    )


def notice(name: str, now: datetime, iban: str, bookings: list[Booking]) -> bytes:
    """A camt.054: what was booked just now."""
    entries = "".join(_entry(booking) for booking in bookings)
    body = (
        f"<BkToCstmrDbtCdtNtfctn>{_header(name, now)}<Ntfctn><Id>{name}</Id>"
        f"<CreDtTm>{_time(now)}</CreDtTm>{_account(iban)}{entries}</Ntfctn>"
        "</BkToCstmrDbtCdtNtfctn>"
    )
    return _document("camt.054.001.08", body)


def statement(
    name: str,
    now: datetime,
    iban: str,
    number: int,
    opening: int,
    bookings: list[Booking],
    on: date,
) -> bytes:
    """A camt.053 with its two balances."""
    closing = opening + sum(booking.minor for booking in bookings)
    entries = "".join(_entry(booking) for booking in bookings)
    body = (
        f"<BkToCstmrStmt>{_header(name, now)}<Stmt><Id>{name}</Id>"
        f"<ElctrncSeqNb>{number}</ElctrncSeqNb><CreDtTm>{_time(now)}</CreDtTm>{_account(iban)}"
        f"{_balance('OPBD', opening, on)}{_balance('CLBD', closing, on)}{entries}</Stmt>"
        "</BkToCstmrStmt>"
    )
    return _document("camt.053.001.08", body)


def _header(name: str, now: datetime) -> str:
    return f"<GrpHdr><MsgId>{name}</MsgId><CreDtTm>{_time(now)}</CreDtTm></GrpHdr>"


def _account(iban: str) -> str:
    return (
        f"<Acct><Id><IBAN>{iban}</IBAN></Id><Ccy>EUR</Ccy>"
        f"<Svcr><FinInstnId><BICFI>{_OWN_BIC}</BICFI></FinInstnId></Svcr></Acct>"
    )


def _balance(kind: str, minor: int, on: date) -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>{_amount(minor)}"
        f"<Dt><Dt>{on.isoformat()}</Dt></Dt></Bal>"
    )


def _entry(booking: Booking) -> str:
    family = ("RCDT", "RRTN") if booking.reason else ("RCDT", "ESCT")
    if booking.minor < 0:
        family = ("ICDT", "ESCT")
    details = ""
    if booking.end_to_end_id:
        details = f"<Refs><EndToEndId>{escape(booking.end_to_end_id)}</EndToEndId></Refs>"
    details += _amount(booking.minor)
    if booking.text:
        details += f"<RmtInf><Ustrd>{escape(booking.text)}</Ustrd></RmtInf>"
    if booking.reason:
        details += f"<RtrInf><Rsn><Cd>{booking.reason}</Cd></Rsn></RtrInf>"
    return (
        f"<Ntry>{_amount(booking.minor)}<Sts><Cd>BOOK</Cd></Sts>"
        f"<BookgDt><Dt>{booking.on.isoformat()}</Dt></BookgDt>"
        f"<ValDt><Dt>{booking.on.isoformat()}</Dt></ValDt>"
        f"<AcctSvcrRef>{booking.reference}</AcctSvcrRef>"
        f"<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>{family[0]}</Cd><SubFmlyCd>{family[1]}</SubFmlyCd>"
        f"</Fmly></Domn></BkTxCd><NtryDtls><TxDtls>{details}</TxDtls></NtryDtls></Ntry>"
    )


def _amount(minor: int) -> str:
    units, cents = divmod(abs(minor), 100)
    side = "DBIT" if minor < 0 else "CRDT"
    return f'<Amt Ccy="EUR">{units}.{cents:02d}</Amt><CdtDbtInd>{side}</CdtDbtInd>'


def _time(now: datetime) -> str:
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")


def _document(kind: str, body: str) -> bytes:
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return f'{head}<Document xmlns="{_NAMESPACE}{kind}">{body}</Document>\n'.encode()
