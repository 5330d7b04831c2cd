"""How do we speak to the bank? ISO 20022 on the account that a secret names."""

import json

from chalicelib.adapters.sepa import camt, pain001, pain002
from chalicelib.adapters.sepa.document import read_document
from chalicelib.domain.bank.details import bank_details
from chalicelib.domain.bank.message import BankFile, Instruction
from chalicelib.domain.errors import DomainError
from chalicelib.ports.bank import NoBankFile
from chalicelib.ports.secrets import Secrets

_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"
_REPORT, _BOOKINGS = "pain.002.", ("camt.053.", "camt.054.")


class SepaMessages:
    """Implements ports.bank.BankMessages.

    The secret is JSON: `{"name", "iban", "bic", "version": "pain.001.001.09", "instant": false}`.
    """

    def __init__(self, secrets: Secrets, secret_name: str) -> None:
        self._secrets, self._secret_name = secrets, secret_name

    def instruction(self, instruction: Instruction) -> bytes:
        return pain001.write(instruction, self._sender())

    def read(self, content: bytes) -> BankFile:
        document = read_document(content)
        kind = document.namespace.removeprefix(_NAMESPACE)
        try:
            if kind.startswith(_REPORT):
                return BankFile(kind, reports=pain002.read(document.root))
            if kind.startswith(_BOOKINGS):
                own = self._sender().account.iban
                return BankFile(kind, statements=camt.read(document.root, own))
        except NoBankFile:
            raise
        except DomainError as error:  # a currency that is none
            raise NoBankFile(error.code) from error
        raise NoBankFile("of a kind that we do not read")

    def _sender(self) -> pain001.Sender:
        said = json.loads(self._secrets.read(self._secret_name))
        return pain001.Sender(
            bank_details(said["name"], said["iban"], said.get("bic", "")),
            pain001.Version(said.get("version", pain001.Version.V09)),
            instant=bool(said.get("instant")),
        )
