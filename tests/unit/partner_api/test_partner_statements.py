"""Does a partner see what was settled with it, in both forms, and nobody else's?"""

import csv
from base64 import b64decode
from dataclasses import replace
from hashlib import sha256
from io import StringIO
from typing import Any

import pytest

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.ids import EntryId, WindowId
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.party.party import PartyKind
from chalicelib.domain.session.charged import ChargerStatus
from chalicelib.domain.settlement.line_file import rows_of
from chalicelib.domain.settlement.netting import Line
from chalicelib.domain.settlement.payout import Payout, PayoutStage, payout_id
from chalicelib.ports.store import Key, Put
from chalicelib.usecases import keys
from chalicelib.usecases.records import create
from chalicelib.usecases.statement import parts
from chalicelib.usecases.statement.render import render
from chalicelib.usecases.window.lines import seal_lines

SHARE = Money(70, Currency("EUR"))


def settle(api: Any, day: str) -> Payout:
    """One session of the partner, and the payout of its window, documented and accepted."""
    world = api.world
    session = world.report(world.start(), ChargerStatus.COMPLETED, "30", 60)
    window = WindowId(f"{day}.Europe-Berlin")
    line = Line(
        party_id=api.partner_id,
        kind=PartyKind.PARTNER,
        session=session.id,
        entry_id=EntryId("ent_1"),
        event="sale",
        minor=SHARE.minor,
        currency=SHARE.currency,
    )
    id_ = payout_id(window, api.partner_id, PartyKind.PARTNER)
    payout = Payout(
        id=id_,
        window=window,
        party_id=api.partner_id,
        kind=PartyKind.PARTNER,
        stage=PayoutStage.ACCEPTED,
        due=(SHARE,),
        lines=seal_lines(world.ports, window, rows_of([line])),
        sessions=1,
        money=SHARE,
        reference="po_1",
        accepted_at=world.ports.clock.now(),
    )
    paper = render(world.ports, payout)
    payout = replace(payout, statement=paper.json, csv=paper.csv, pdf=paper.pdf)
    row = Put(Key(keys.statements(api.partner_id), f"{window}#{id_}"), {"payout": id_})
    world.ports.store.write(create(keys.payout(id_), payout), row)
    return payout


@pytest.fixture
def payout(api: Any) -> Payout:
    return settle(api, "2026-11-16")


def test_a_statement_is_listed_with_how_its_payment_stands(api: Any, payout: Payout) -> None:
    (head,) = api.get("/v1/statements").json["data"]
    assert head["id"] == payout.id
    assert head["total"] == {"minor": 70, "currency": "EUR"}
    assert (head["state"], head["reference"]) == ("accepted", "po_1")
    assert "credited_at" not in head


def test_a_statement_has_a_line_a_posting_and_sums_up(api: Any, payout: Payout) -> None:
    statement = api.get(f"/v1/statements/{payout.id}").json
    (line,) = statement["lines"]
    assert line["amount"] == statement["total"] == {"minor": 70, "currency": "EUR"}
    assert line["energy_kwh"] == "30"
    assert line["session"].startswith("ses_")
    assert (statement["day"], statement["time_zone"]) == ("2026-11-16", "Europe/Berlin")
    assert statement["state"] == "accepted"


def test_a_long_statement_is_read_part_by_part(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "LINES_A_PART", 1)
    of = f"/v1/statements/{settle(api, '2026-11-16').id}"
    whole = api.get(of).json
    assert (whole["parts"], whole["lines"]) == (1, [])
    (line,) = api.get(f"{of}?part=1").json["lines"]
    assert line["amount"] == whole["total"]
    (row,) = csv.DictReader(StringIO(api.get(f"{of}/csv?part=1").text))
    assert row["session"] == line["session"]
    for path in ("", "/csv"):
        answer = api.get(f"{of}{path}?part=2")
        assert (answer.status, answer.json["code"]) == (404, "not_found")


def test_the_csv_says_the_same(api: Any, payout: Payout) -> None:
    answer = api.get(f"/v1/statements/{payout.id}/csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    (row,) = csv.DictReader(StringIO(answer.text))
    assert (row["amount"], row["currency"]) == ("0.70", "EUR")


def test_the_pdf_is_what_was_sealed(api: Any, payout: Payout) -> None:
    answer = api.get(f"/v1/statements/{payout.id}/pdf").json
    content = b64decode(answer["base64"])
    assert content.startswith(b"%PDF-1.7")
    assert sha256(content).hexdigest() == answer["sha256"]


def test_another_partners_statement_is_not_there(api: Any, payout: Payout) -> None:
    other = api.as_partner(PaymentMethod.INVOICE)
    assert other.get("/v1/statements").json["data"] == []
    for path in ("", "/csv", "/pdf"):
        answer = other.get(f"/v1/statements/{payout.id}{path}")
        assert (answer.status, answer.json["code"]) == (404, "not_found")


def test_statements_come_newest_first_in_pages(api: Any) -> None:
    made = [settle(api, f"2026-11-{day}").id for day in (16, 17, 18)]
    seen, query = [], "limit=2"
    while query:
        page = api.get(f"/v1/statements?{query}").json
        seen += [head["id"] for head in page["data"]]
        query = f"limit=2&cursor={page['next_cursor']}" if page["has_more"] else ""
    assert seen == made[::-1]
