"""What does a customer ask the bank for? A pain.001 that the published schema accepts, or a no.

It shares no code with the channel: schemas and validator are others' (sepaxml, xmlschema).
"""

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any
from xml.etree import ElementTree as ET

import xmlschema

_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"
VERSIONS = ("pain.001.001.03", "pain.001.001.09")


class Refused(Exception):
    """The whole file, with the reason that its status report gives."""

    def __init__(self, reason: str, message_id: str = "NOTPROVIDED") -> None:
        super().__init__(reason)
        self.reason, self.message_id = reason, message_id


@dataclass(frozen=True, slots=True)
class Order:
    """One transfer asked for; `minor` of `currency`."""

    version: str
    message_id: str
    payment_id: str
    instruction_id: str
    end_to_end_id: str
    debtor: str
    creditor: str
    minor: int
    currency: str
    instant: bool


def read_orders(content: bytes) -> list[Order]:
    """Every transfer of the file; Refused when the bank cannot take the file as it is."""
    try:
        root = ET.fromstring(content)  # noqa: S314 - the channel's own file, on loopback
    except ET.ParseError:
        raise Refused("FF01") from None
    version = root.tag.partition("}")[0].removeprefix("{").removeprefix(_NAMESPACE)
    names = {"n": f"{_NAMESPACE}{version}"}
    message_id = _text(root, "n:CstmrCdtTrfInitn/n:GrpHdr/n:MsgId", names) or "NOTPROVIDED"
    if version not in VERSIONS or not schema(version).is_valid(root):
        raise Refused("FF01", message_id)
    orders = [
        _order(version, message_id, payment, transfer, names)
        for payment in root.iterfind("n:CstmrCdtTrfInitn/n:PmtInf", names)
        for transfer in payment.iterfind("n:CdtTrfTxInf", names)
    ]
    if int(_text(root, "n:CstmrCdtTrfInitn/n:GrpHdr/n:NbOfTxs", names)) != len(orders):
        raise Refused("AM18", message_id)
    said = _text(root, "n:CstmrCdtTrfInitn/n:GrpHdr/n:CtrlSum", names)
    if said and _cents(said) != sum(order.minor for order in orders):
        raise Refused("AM10", message_id)
    return orders


@cache
def schema(version: str) -> Any:  # noqa: ANN401 - xmlschema's own class
    """The published schema of a pain.001, as sepaxml ships it."""
    file = resources.files("sepaxml") / "schemas" / f"{version}.xsd"
    return xmlschema.XMLSchema(file.read_text())


def _order(version: str, message_id: str, payment: Any, transfer: Any, names: Any) -> Order:  # noqa: ANN401
    amount = transfer.find("n:Amt/n:InstdAmt", names)
    instant = _text(payment, "n:PmtTpInf/n:LclInstrm/n:Cd", names) == "INST"
    return Order(
        version=version,
        message_id=message_id,
        payment_id=_text(payment, "n:PmtInfId", names),
        instruction_id=_text(transfer, "n:PmtId/n:InstrId", names),
        end_to_end_id=_text(transfer, "n:PmtId/n:EndToEndId", names),
        debtor=_text(payment, "n:DbtrAcct/n:Id/n:IBAN", names),
        creditor=_text(transfer, "n:CdtrAcct/n:Id/n:IBAN", names),
        minor=_cents(amount.text),
        currency=amount.get("Ccy"),
        instant=instant,
    )


def _text(element: Any, path: str, names: dict[str, str]) -> str:  # noqa: ANN401
    return str(element.findtext(path, "", names))


def _cents(text: str) -> int:
    units, _, decimals = text.partition(".")
    return int(units) * 100 + int((decimals + "00")[:2])
