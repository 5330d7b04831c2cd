"""Which paper does the payee get for its sum? A statement, sealed before any money moves."""

from dataclasses import replace
from typing import Any

from chalicelib.domain.codec import instant_text
from chalicelib.domain.ids import WindowId
from chalicelib.domain.settlement.payout import PayoutEvent, PayoutStage, advance
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Key, Put
from chalicelib.usecases import keys
from chalicelib.usecases.counterparty.record import fenced, saved
from chalicelib.usecases.statement.render import render
from chalicelib.usecases.window.lease import Outcome


def document(ports: Ports, window: WindowId, attempt: int, payout_id: str) -> Outcome:
    """`documented`, or `more` while lines are left for another call (statement/render.py).

    The files are named by content; those that the payout names are the paper.
    """
    record = fenced(ports, window, attempt, payout_id)
    payout = record.value
    if payout.stage is not PayoutStage.CONVERTED:
        return {"outcome": "documented"}
    paper = render(ports, payout)
    if paper.unfinished:
        begun = replace(payout, written=paper.unfinished)
        saved(ports, record, begun, "document_part", attempt)
        return {"outcome": "more"}
    done = replace(advance(payout, PayoutEvent.DOCUMENT), statement=paper.json, csv=paper.csv)
    done = replace(done, pdf=paper.pdf, written="")
    row = Key(keys.statements(payout.party_id), f"{window}#{payout.id}")
    body: dict[str, Any] = {"payout": payout.id, "window": window}
    body |= {"json": paper.json, "csv": paper.csv, "pdf": paper.pdf}
    body["at"] = instant_text(ports.clock.now())
    if paper.parts:
        body["parts"] = paper.parts
    saved(ports, record, done, "document", attempt, Put(row, body, expects=None))
    return {"outcome": "documented"}
