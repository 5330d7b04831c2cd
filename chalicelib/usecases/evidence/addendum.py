"""How does a session's evidence go on after its bill? Each settlement adds a linked page, once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.codec import to_plain
from chalicelib.domain.evidence.manifest import hashed, manifest_hash
from chalicelib.domain.fx.rates import Conversion
from chalicelib.domain.ids import EntryId, WindowId
from chalicelib.domain.settlement.netting import Line
from chalicelib.domain.settlement.payout import Payout
from chalicelib.ports.bundle import Ports
from chalicelib.ports.files import FileDiffers
from chalicelib.usecases.evidence.seal import EvidenceNotReady, folder, seal
from chalicelib.usecases.window.sealed import JSON


@dataclass(frozen=True, slots=True)
class Sealed:
    """An entry and the file of its window that names it."""

    file: str
    entry_id: EntryId
    hash: str


def add_settlement(
    ports: Ports,
    window: WindowId,
    session_id: str,
    sealed: Sequence[Sealed],
    paid: Sequence[tuple[Payout, Sequence[Line]]],
    *,
    part: str = "",
) -> str:
    """Seal the page of a part of a window; its file name. A page that is there stays as it is.

    Tried again after a kill, a payout may have moved on meanwhile: the first page is as true.
    """
    name = f"{folder(session_id)}settlement-{window}{f'-{part}' if part else ''}.json"
    body = {
        "session": session_id,
        "window": window,
        "manifest_sha256": _manifest_hash(ports, session_id),
        "entries": to_plain(list(sealed)),
        "payouts": [_shown(payout, lines) for payout, lines in paid],
    }
    try:
        ports.files.seal(name, hashed(body), JSON)
    except FileDiffers:
        return name
    return name


def _manifest_hash(ports: Ports, session_id: str) -> str:
    try:
        content = ports.files.read(seal(ports, session_id))
    except EvidenceNotReady:
        return ""  # an entry without a bill: there is no pack to link to
    assert content is not None, "a pack that was sealed is there"
    return manifest_hash(content)


def _shown(payout: Payout, lines: Sequence[Line]) -> dict[str, Any]:
    """This session's lines of a payout. Its total is other sessions' business: a partner reads this
    page and would learn a CPO's turnover.
    """
    return {
        "id": payout.id,
        "window": payout.window,
        "payee": payout.party_id,
        "kind": payout.kind.value,
        "lines": to_plain(list(lines)),
        "rates": [_rate(conversion) for conversion in payout.conversions],
        "statement": payout.statement,
        "state": payout.stage.value,
        "reason": payout.reason,
        "transfer": payout.transfer,
        "reference": payout.reference,
        "accepted_at": to_plain(payout.accepted_at),
    }


def _rate(conversion: Conversion) -> dict[str, str]:
    margin = {"margin": str(conversion.margin)} if conversion.margin else {}
    return margin | {
        "from": conversion.given.currency,
        "to": conversion.got.currency,
        "rate": format(conversion.rate, "f"),
        "day": conversion.day.isoformat(),
        "source": conversion.source,
    }
