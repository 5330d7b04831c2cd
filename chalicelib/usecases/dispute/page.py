"""What does a dispute add to its session's evidence? One sealed page, once it is over."""

from chalicelib.domain.codec import instant_text, to_plain
from chalicelib.domain.dispute.dispute import Dispute
from chalicelib.domain.evidence.manifest import hashed, manifest_hash
from chalicelib.ports.bundle import Ports
from chalicelib.ports.files import FileDiffers
from chalicelib.usecases.evidence.read import PAGE
from chalicelib.usecases.evidence.seal import folder, seal
from chalicelib.usecases.window.sealed import JSON


def page_name(dispute: Dispute) -> str:
    """A bank may decide again: each end has a page."""
    return f"{folder(dispute.session_id)}{PAGE}{dispute.id}-{dispute.state.value}.json"


def seal_page(ports: Ports, dispute: Dispute) -> str:
    """The page's file name. It says what the partner may read: who decided stays with us."""
    name = page_name(dispute)
    content = ports.files.read(seal(ports, dispute.session_id))
    assert content is not None, "a pack that was sealed is there"
    decision = dispute.decision
    body = {
        "dispute": dispute.id,
        "session": dispute.session_id,
        "manifest_sha256": manifest_hash(content),
        "cause": dispute.cause.value,
        "reason": dispute.reason.value,
        "reference": dispute.reference,
        "opened_at": instant_text(dispute.opened_at),
        "asked": to_plain(dispute.money),
        "state": dispute.state.value,
        "granted": None if decision is None else to_plain(decision.money),
        "decided_at": None if decision is None else instant_text(decision.at),
        "entries": [
            {"name": each.name, "entry": each.entry_id, "window": each.window, "hash": each.hash}
            for each in dispute.booked
        ],
    }
    try:
        ports.files.seal(name, hashed(body), JSON)
    except FileDiffers:
        return name
    return name
