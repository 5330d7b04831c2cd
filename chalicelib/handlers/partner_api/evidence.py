"""/v1/sessions/{id}/evidence: what proves a session's price, tax, split and payment?"""

from typing import Annotated

from pydantic import Field

from chalicelib.domain.access.key import Scope
from chalicelib.domain.errors import NotFound
from chalicelib.handlers.partner_api.endpoint import Call, endpoint
from chalicelib.handlers.partner_api.shapes import Answer, Nothing
from chalicelib.usecases.evidence.read import EvidenceNotSealed, read_pack


class EvidenceFile(Answer):
    """One sealed file. `manifest.json` names the hash of each file that it seals."""

    name: str
    sha256: Annotated[str, Field(description="Of `content` in UTF-8, in hex.")]
    content: Annotated[str, Field(description="Exactly the sealed text: write it as it is.")]


class EvidencePack(Answer):
    """All files of a session's pack. Written to a folder, anybody can check them offline."""

    session_id: str
    files: list[EvidenceFile]


@endpoint(
    "GET",
    "/v1/sessions/{session_id}/evidence",
    scope=Scope.SESSIONS_READ,
    refusals=(NotFound, EvidenceNotSealed),
)
def read_the_evidence(call: Call[Nothing, Nothing], session_id: str) -> EvidencePack:
    """Read a session's evidence pack.

    Quote, tariff version, the charger's messages, the CPO's record, the price explained line by
    line, tax, split and payment references. `comparison` holds what the CPO asked for against its
    published tariff and against the tariff in its record, part by part; `claim` is there when it
    asked for more, with the reason that was found. After settlement also the addendum that links
    them to the payout. A bill that replaced a credited one has a pack of its own, below `bill-2/`.
    Each file is sealed: it never changes.
    """
    files = read_pack(call.ports, call.partner_id, session_id)
    return EvidencePack(
        session_id=session_id,
        files=[
            EvidenceFile(name=file.name, sha256=file.sha256, content=file.content) for file in files
        ],
    )
