"""The bank's mailbox in memory, and our own account at the simulated bank."""

import json
from hashlib import sha256

from chalicelib.ports.bank import MailboxUnavailable
from chalicelib.ports.files import FileDiffers

BANK_ACCOUNT = "bank/account"
OWN_IBAN, OWN_BIC = "DE02120300000000202051", "BYLADEM1001"  # published as an example


def own_account(version: str = "pain.001.001.09", *, instant: bool = False) -> str:
    """The secret that names it."""
    said = {"name": "Plugrail GmbH", "iban": OWN_IBAN, "bic": OWN_BIC}
    return json.dumps({**said, "version": version, "instant": instant})


class MemoryMailbox:
    """`sent` is what the bank can take, `brought` what it answers, both by name."""

    def __init__(self) -> None:
        self.sent: dict[str, bytes] = {}
        self.brought: dict[str, bytes] = {}
        self._lost: bool | None = None

    def lose_next(self, *, after: bool = True) -> None:
        """The next put gets no answer, and took place or not."""
        self._lost = after

    def put(self, name: str, content: bytes) -> None:
        lost, self._lost = self._lost, None
        if lost is False:
            raise MailboxUnavailable(f"no answer to {name}")
        if self.sent.setdefault(name, content) != content:
            raise FileDiffers(name)
        if lost:
            raise MailboxUnavailable(f"no answer to {name}")

    def was_put(self, name: str) -> bool:
        return name in self.sent

    def answers(self) -> dict[str, str]:
        return {name: sha256(self.brought[name]).hexdigest() for name in sorted(self.brought)}

    def read(self, name: str) -> bytes:
        return self.brought[name]

    # The bank's side.

    def instructions(self) -> list[str]:
        """What we have put, in order of names."""
        return sorted(self.sent)

    def take(self, name: str) -> bytes:
        return self.sent[name]

    def bring(self, name: str, content: bytes) -> None:
        """As a gateway does: the same file again is the same file."""
        self.brought[name] = content
