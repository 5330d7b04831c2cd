"""How is one credit transfer instructed? A pain.001 with one transaction, the same bytes each time.

The two versions that banks of the SEPA schemes take (rulebooks of 2009 and 2019/2023) differ in the
execution date and in the BIC's name; SEPA Instant is the local instrument INST.
"""

from dataclasses import dataclass
from datetime import UTC
from enum import StrEnum
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from chalicelib.adapters.sepa.amounts import amount_text, latin
from chalicelib.domain.bank.details import BankDetails
from chalicelib.domain.bank.message import Instruction

_NAME_MAX, _TEXT_MAX = 70, 140
_INDENT = "  "
_FRANKFURT = ZoneInfo("Europe/Berlin")  # whose day a SEPA bank's is


class Version(StrEnum):
    V03 = "pain.001.001.03"
    V09 = "pain.001.001.09"


@dataclass(frozen=True, slots=True)
class Sender:
    """Our account, and how this bank wants to be written to."""

    account: BankDetails
    version: Version = Version.V09
    instant: bool = False


Tree = tuple[str, "str | list[Tree]"]  # an element's opening tag, and its text or its elements


def write(instruction: Instruction, sender: Sender) -> bytes:
    """The file, in UTF-8. `instruction` decides every byte of it, so that a repeat is the same."""
    document: Tree = (
        f'Document xmlns="urn:iso:std:iso:20022:tech:xsd:{sender.version}"',
        [
            (
                "CstmrCdtTrfInitn",
                [_header(instruction, sender), _payment(instruction, sender)],
            )
        ],
    )
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + _written(document, 0)).encode()


def _header(instruction: Instruction, sender: Sender) -> Tree:
    made_at = instruction.made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return (
        "GrpHdr",
        [
            ("MsgId", instruction.id),
            ("CreDtTm", made_at),
            ("NbOfTxs", "1"),
            ("CtrlSum", amount_text(instruction.money)),
            ("InitgPty", [("Nm", latin(sender.account.name, _NAME_MAX))]),
        ],
    )


def _payment(instruction: Instruction, sender: Sender) -> Tree:
    # SEPA Instant settles on every day of the year, TARGET's closing days included.
    today = instruction.made_at.astimezone(_FRANKFURT).date()
    day = (today if sender.instant else instruction.execute_on).isoformat()
    execute_on: str | list[Tree] = day if sender.version is Version.V03 else [("Dt", day)]
    instant: list[Tree] = [("LclInstrm", [("Cd", "INST")])] if sender.instant else []
    return (
        "PmtInf",
        [
            ("PmtInfId", instruction.id),
            ("PmtMtd", "TRF"),
            ("BtchBookg", "false"),  # each debit is booked alone, with its own reference
            ("NbOfTxs", "1"),
            ("CtrlSum", amount_text(instruction.money)),
            ("PmtTpInf", [("SvcLvl", [("Cd", "SEPA")]), *instant]),
            ("ReqdExctnDt", execute_on),
            ("Dbtr", [("Nm", latin(sender.account.name, _NAME_MAX))]),
            ("DbtrAcct", [("Id", [("IBAN", sender.account.iban)])]),
            ("DbtrAgt", [("FinInstnId", _bank(sender.account.bic, sender.version))]),
            ("ChrgBr", "SLEV"),
            _transaction(instruction, sender.version),
        ],
    )


def _transaction(instruction: Instruction, version: Version) -> Tree:
    creditor = instruction.creditor
    agent: list[Tree] = []
    if creditor.bic:
        agent = [("CdtrAgt", [("FinInstnId", _bank(creditor.bic, version))])]
    return (
        "CdtTrfTxInf",
        [
            ("PmtId", [("InstrId", instruction.id), ("EndToEndId", instruction.id)]),
            (
                "Amt",
                [
                    (
                        f'InstdAmt Ccy="{instruction.money.currency}"',
                        amount_text(instruction.money),
                    )
                ],
            ),
            *agent,
            ("Cdtr", [("Nm", latin(creditor.name, _NAME_MAX))]),
            ("CdtrAcct", [("Id", [("IBAN", creditor.iban)])]),
            ("RmtInf", [("Ustrd", latin(instruction.text, _TEXT_MAX))]),
        ],
    )


def _bank(bic: str, version: Version) -> list[Tree]:
    """A bank by its BIC, or by nothing: the scheme's own word for "see the IBAN"."""
    if not bic:
        return [("Othr", [("Id", "NOTPROVIDED")])]
    return [("BIC" if version is Version.V03 else "BICFI", bic)]


def _written(tree: Tree, depth: int) -> str:
    tag, content = tree
    name, pad = tag.partition(" ")[0], _INDENT * depth
    if isinstance(content, str):
        return f"{pad}<{tag}>{escape(content)}</{name}>\n"
    inside = "".join(_written(child, depth + 1) for child in content)
    return f"{pad}<{tag}>\n{inside}{pad}</{name}>\n"
