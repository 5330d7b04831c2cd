"""How do we and the bank exchange files, and what do they say? A mailbox and a language.

The mailbox is what a bank's EBICS or SFTP gateway offers: it sends what we put, and brings what the
bank answers. That a file was put says nothing of the bank.
"""

from typing import Protocol

from chalicelib.domain.bank.message import BankFile, Instruction
from chalicelib.domain.errors import NotYet, Rejected


class MailboxUnavailable(NotYet):
    """No answer: whether a file was put is unknown. Look it up."""

    code = "bank_mailbox_unavailable"


class NoBankFile(Rejected):
    """Not a file of a kind that we read, or a hostile one. `reason` names no content."""

    code = "bank_file_unreadable"

    def __init__(self, reason: str) -> None:
        super().__init__(f"the bank's file cannot be read: {reason}")
        self.reason = reason


class Mailbox(Protocol):
    def put(self, name: str, content: bytes) -> None:
        """Hand a file to the bank under a stable name, once for ever.

        The same name and content again is success and sends nothing; other content under a name
        that was used raises ports.files.FileDiffers. Raises MailboxUnavailable.
        """

    def was_put(self, name: str) -> bool:
        """Whether the file was handed over: a strong look-up, also after an unknown outcome."""

    def answers(self) -> dict[str, str]:
        """The names of what the bank has brought and we still keep there, in order.

        Each with a mark, which changes when other content comes under the name.
        """

    def read(self, name: str) -> bytes:
        """One of `answers`."""


class BankMessages(Protocol):
    """ISO 20022 on the channel's own account."""

    def instruction(self, instruction: Instruction) -> bytes:
        """The payment file of one transfer: the same bytes for the same instruction."""

    def read(self, content: bytes) -> BankFile:
        """A bank's file, or NoBankFile."""
