"""/v1/statements: what was settled with the partner, and was it paid?"""

from base64 import b64encode
from datetime import date
from hashlib import sha256
from typing import Annotated, Any

from pydantic import Field

from chalicelib.domain.access.key import Scope
from chalicelib.domain.errors import NotFound
from chalicelib.handlers.partner_api import cursor as cursors
from chalicelib.handlers.partner_api.endpoint import Call, endpoint
from chalicelib.handlers.partner_api.shapes import (
    Answer,
    CsvFile,
    Exact,
    Instant,
    Maybe,
    MoneyShape,
    Nothing,
    Page,
    PageQuery,
    Query,
)
from chalicelib.usecases.statement.read import StatementHead, head, page, read, read_csv, read_pdf


class StatementHeadShape(Answer):
    """One statement: what a settlement window owes the partner, and its payment as it is now."""

    id: str
    window: Annotated[str, Field(description="Date and time zone, e.g. 2026-11-20.Europe-Berlin.")]
    total: MoneyShape
    state: Annotated[str, Field(description="The payment's state.")]
    reason: Annotated[Maybe[str], Field(description="Why it is held or failed.")] = None
    reference: Annotated[Maybe[str], Field(description="The payout at the bank or provider.")] = (
        None
    )
    accepted_at: Maybe[Instant] = None
    credited_at: Maybe[Instant] = None
    carried_into: Annotated[
        Maybe[str], Field(description="The later statement that took this sum over.")
    ] = None


class StatementLineShape(Answer):
    """One posting: a session's share, a refund, a correction."""

    session: str
    event: str
    amount: MoneyShape
    entry: Annotated[str, Field(description="The journal entry, as evidence names it.")]
    ended_at: Maybe[Instant] = None
    energy_kwh: Maybe[Exact] = None
    cdr: Maybe[str] = None
    of: Annotated[
        Maybe[str], Field(description="The window in which the session ended, when it is another.")
    ] = None
    history: Annotated[
        Maybe[list[dict[str, str]]], Field(description="What else was booked for that session.")
    ] = None


class PartQuery(Query):
    part: Annotated[
        int,
        Field(ge=0, description="Of a statement in `parts`: the lines of one of them, from 1 on."),
    ] = 0


class StatementShape(StatementHeadShape):
    """A statement as it was sealed, and its payment as it is now."""

    day: date
    time_zone: str
    parts: Annotated[
        int,
        Field(
            description="More than 5000 lines are in so many parts: read each with `part`. 0: all"
            " lines are in `lines`, and in `carried`."
        ),
    ] = 0
    lines: list[StatementLineShape]
    carried: Annotated[
        list[dict[str, Any]],
        Field(
            description="What earlier windows had held back, and `into` which statement it went;"
            " with its lines where it had no paper of its own."
        ),
    ]
    due: Annotated[list[MoneyShape], Field(description="The sum by currency, before conversion.")]
    set_off: list[dict[str, Any]] = Field(
        default_factory=list, description="Kept for what was owed since earlier statements."
    )
    left_owing: list[dict[str, Any]] = Field(
        default_factory=list,
        description="Owed to us, by agreement: carried forward, invoiced after 30 days.",
    )
    conversions: Annotated[
        list[dict[str, Any]],
        Field(
            description="Each with the reference rate, its day and source, and an agreed margin."
        ),
    ]
    remainder: Annotated[
        Maybe[MoneyShape],
        Field(description="Too small for a bank to move: the next statement carries it."),
    ] = None


class StatementPdf(Answer):
    """A statement on paper: a PDF, in base64 so that no gateway in between reads it as text."""

    name: str
    base64: str
    sha256: Annotated[str, Field(description="Of the PDF's bytes, in hexadecimal.")]


class StatementPage(Page[StatementHeadShape]):
    """Statements, newest first."""


@endpoint("GET", "/v1/statements", scope=Scope.STATEMENTS_READ, refusals=(cursors.CursorInvalid,))
def list_statements(call: Call[Nothing, PageQuery]) -> StatementPage:
    """List statements, newest first."""
    after = ""
    if call.query.cursor:
        (after,) = cursors.decode("statements", call.query.cursor, "after")
    heads, beyond = page(call.ports, call.partner_id, after, call.query.limit)
    return StatementPage(
        data=[StatementHeadShape(**_head(found)) for found in heads],
        has_more=bool(beyond),
        next_cursor=cursors.encode("statements", after=beyond) if beyond else None,
    )


@endpoint("GET", "/v1/statements/{statement_id}", scope=Scope.STATEMENTS_READ, refusals=(NotFound,))
def read_a_statement(call: Call[Nothing, PartQuery], statement_id: str) -> StatementShape:
    """Read a statement with its lines."""
    paper = read(call.ports, call.partner_id, statement_id, call.query.part)
    now = head(call.ports, call.partner_id, statement_id)
    parts = len(paper.get("parts", ()))
    return StatementShape.model_validate({**paper, **_head(now), "parts": parts})


@endpoint(
    "GET",
    "/v1/statements/{statement_id}/csv",
    scope=Scope.STATEMENTS_READ,
    refusals=(NotFound,),
)
def read_a_statement_as_csv(call: Call[Nothing, PartQuery], statement_id: str) -> CsvFile:
    """Read a statement's lines as CSV (RFC 4180), as they were sealed."""
    return CsvFile(text=read_csv(call.ports, call.partner_id, statement_id, call.query.part))


@endpoint(
    "GET",
    "/v1/statements/{statement_id}/pdf",
    scope=Scope.STATEMENTS_READ,
    refusals=(NotFound,),
)
def read_a_statement_as_pdf(call: Call[Nothing, Nothing], statement_id: str) -> StatementPdf:
    """Read a statement for people, as it was sealed."""
    content = read_pdf(call.ports, call.partner_id, statement_id)
    return StatementPdf(
        name=f"{statement_id}.pdf",
        base64=b64encode(content).decode(),
        sha256=sha256(content).hexdigest(),
    )


def _head(found: StatementHead) -> dict[str, Any]:
    return {
        "id": found.id,
        "window": found.window,
        "total": MoneyShape.of(found.total),
        "state": found.state,
        "reason": found.reason or None,
        "reference": found.reference or None,
        "accepted_at": found.accepted_at,
        "credited_at": found.credited_at,
        "carried_into": found.carried_into or None,
    }
