"""What did the bank book? Statements (camt.053) and notices (camt.054), in any common version.

Versions differ in where a status stands (`Sts` or `Sts/Cd`) and in what we do not read. An entry
may hold several transactions, each with an amount of its own, or none: then it is one itself.
"""

from collections.abc import Iterator

from chalicelib.adapters.sepa.amounts import amount, day
from chalicelib.adapters.sepa.document import Element
from chalicelib.domain.bank.iban import masked
from chalicelib.domain.bank.message import BookedLine, Statement
from chalicelib.domain.money import Money
from chalicelib.ports.bank import NoBankFile

_KINDS = {
    "BkToCstmrStmt": "Stmt",
    "BkToCstmrDbtCdtNtfctn": "Ntfctn",
}
_BOOKED, _DEBIT = "BOOK", "DBIT"
_OPENINGS = ("OPBD", "PRCD")  # opening, or the closing of the statement before
_CLOSING = "CLBD"
_RETURNS = ("RRTN", "RPCR")  # bank transaction sub-family: returned, reversed credit transfer
_REFERENCES = (
    "Refs/EndToEndId",
    "Refs/InstrId",
    "Refs/PmtInfId",
    "Refs/MsgId",
)
_NONE_GIVEN = {"NOTPROVIDED", "NONREF"}


def read(root: Element, own_iban: str) -> tuple[Statement, ...]:
    """Every statement or notice of the file; those of accounts that are not ours say so."""
    for name, part in _KINDS.items():
        body = root.one(name)
        if body is not None:
            return tuple(_statement(found, own_iban) for found in body.all(part))
    raise NoBankFile("neither statements nor notices")


def _statement(element: Element, own_iban: str) -> Statement:
    iban = element.said("Acct/Id/IBAN", "Acct/Id/Othr/Id").replace(" ", "").upper()
    closing = _balance(element, (_CLOSING,))
    opening = _balance(element, _OPENINGS)
    number = element.said("ElctrncSeqNb", "LglSeqNb")
    return Statement(
        message_id=element.said("Id"),
        account=masked(iban),
        ours=iban == own_iban,
        lines=tuple(line for entry in element.all("Ntry") for line in _entry(entry)),
        number=int(number) if number.isascii() and number.isdigit() else 0,
        opening=None if opening is None else _signed(opening),
        closing=None if closing is None else _signed(closing),
        closing_on=None if closing is None else day(closing.one("Dt")),
    )


def _balance(statement: Element, kinds: tuple[str, ...]) -> Element | None:
    for balance in statement.all("Bal"):
        if balance.said("Tp/CdOrPrtry/Cd") in kinds:
            return balance
    return None


def _entry(entry: Element) -> Iterator[BookedLine]:
    """Pending entries are no bookings; they come again when they are."""
    if entry.said("Sts/Cd", "Sts") != _BOOKED:
        return
    details = list(entry.all("NtryDtls/TxDtls"))
    if len(details) <= 1:
        yield _line(entry, details[0] if details else entry, entry)
        return
    lines = [_line(entry, detail, detail) for detail in details]
    if sum(line.money.minor for line in lines) != _signed(entry).minor:
        raise NoBankFile("an entry's transactions do not sum to it")
    yield from lines


def _line(entry: Element, detail: Element, sum_of: Element) -> BookedLine:
    booked_on = day(entry.one("BookgDt")) or day(entry.one("ValDt"))
    if booked_on is None:
        raise NoBankFile("an entry has no date")
    code = detail.said("BkTxCd/Domn/Fmly/SubFmlyCd") or entry.said("BkTxCd/Domn/Fmly/SubFmlyCd")
    reason = detail.said("RtrInf/Rsn/Cd", "RtrInf/Rsn/Prtry")
    references = (detail.said(path) for path in _REFERENCES)
    found = dict.fromkeys(ref for ref in references if ref and ref not in _NONE_GIVEN)
    money = _signed(sum_of, entry)
    return BookedLine(
        references=tuple(found),
        money=money,
        booked_on=booked_on,
        is_return=money.minor > 0 and (bool(reason) or code in _RETURNS),
        reason=reason,
        bank_reference=detail.said("Refs/AcctSvcrRef") or entry.said("AcctSvcrRef", "NtryRef"),
        text=detail.said("RmtInf/Ustrd")[:140],
    )


def _signed(element: Element, entry: Element | None = None) -> Money:
    """An amount with the sign of its own indicator, or of its entry's where it has none."""
    indicator = element.said("CdtDbtInd") or (entry.said("CdtDbtInd") if entry else "")
    if indicator not in {_DEBIT, "CRDT"}:
        raise NoBankFile("an amount is neither debit nor credit")
    found = element.one("Amt") or element.one("AmtDtls/TxAmt/Amt")
    return amount(found, debit=indicator == _DEBIT)
