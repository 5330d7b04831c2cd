"""What is in a session's evidence pack? Every sealed file of it, exactly as it was sealed."""

from dataclasses import dataclass
from hashlib import sha256

from chalicelib.domain.errors import NotYet
from chalicelib.domain.evidence.manifest import PACK, unpacked
from chalicelib.domain.ids import PartyId
from chalicelib.domain.session.redress import bills_of
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.evidence.seal import folder
from chalicelib.usecases.session import read as sessions

ADDENDUM = "settlement-"
PAGE = "dispute-"


class EvidenceNotSealed(NotYet):
    code = "evidence_not_sealed"
    how_to_fix = "Ask again after the session is billed and paid; `evidence_sealed` tells."

    def __init__(self, session_id: str) -> None:
        super().__init__(f"the evidence of {session_id} is not sealed yet")
        self.session_id = session_id


@dataclass(frozen=True, slots=True)
class SealedFile:
    """`name` within the pack; `sha256` of exactly the bytes of `content` in UTF-8."""

    name: str
    sha256: str
    content: str


def read_pack(ports: Ports, partner_id: PartyId, session_id: str) -> list[SealedFile]:
    """The files of the partner's own session's pack, the settlement's addenda among them.

    A bill that replaced a credited one has a pack of its own, below `bill-2/`.
    """
    session = sessions.read(ports, partner_id, session_id)
    if not session.evidence:
        raise EvidenceNotSealed(session_id)
    home, files = folder(session_id), dict[str, bytes]()
    for number in range(1, len(bills_of(session)) + 1):
        files |= _files(ports, folder(session_id, number))
    pages = [name for page in (ADDENDUM, PAGE) for name in ports.files.names(f"{home}{page}")]
    files |= {name: _content(ports, name) for name in pages}
    return [_sealed(name.removeprefix(home), content) for name, content in files.items()]


def _files(ports: Ports, home: str) -> dict[str, bytes]:
    """One bill's pack, if it is sealed, by full names."""
    pack = ports.files.read(home + PACK)
    files = {} if pack is None else unpacked({PACK: pack})
    return {home + name: content for name, content in files.items()}


def _content(ports: Ports, name: str) -> bytes:
    content = ports.files.read(name)
    assert content is not None, "it was listed a moment ago, and is never deleted"
    return content


def _sealed(name: str, content: bytes) -> SealedFile:
    return SealedFile(name, sha256(content).hexdigest(), content.decode())
