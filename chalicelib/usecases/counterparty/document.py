"""Which paper does the payee get for its sum? A statement, sealed before any money moves."""

from dataclasses import replace

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
    """`documented`. The files are named by content; those that the payout names are the paper."""
    record = fenced(ports, window, attempt, payout_id)
    payout = record.value
    if payout.stage is not PayoutStage.CONVERTED:
        return {"outcome": "documented"}
    paper = render(ports, payout)
    done = replace(advance(payout, PayoutEvent.DOCUMENT), statement=paper.json, csv=paper.csv)
    done = replace(done, pdf=paper.pdf)
    row = Key(keys.statements(payout.party_id), f"{window}#{payout.id}")
    body = {"payout": payout.id, "window": window, "json": paper.json, "csv": paper.csv}
    body["pdf"], body["at"] = paper.pdf, instant_text(ports.clock.now())
    saved(ports, record, done, "document", attempt, Put(row, body, expects=None))
    return {"outcome": "documented"}
