"""What does a CPO need to accept or dispute our claim for what it asked above its own tariff?

Ids, amounts, both computations line by line, the reason that was found, and plain words.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from chalicelib.domain.ids import external_id
from chalicelib.domain.money import Money
from chalicelib.domain.tariff.claim.parts import Match, PartCheck
from chalicelib.domain.tariff.claim.reason import Explains, Reason
from chalicelib.domain.tariff.claim.report import Computation, Report
from chalicelib.domain.tariff.result import ComponentSum
from chalicelib.domain.tariff.tariff import Dimension

FORMAT = "plugrail-claim-1"
_SHOWN = Decimal("0.0001")
_UNIT = {
    Dimension.ENERGY: "kWh",
    Dimension.TIME: "s of charging",
    Dimension.PARKING_TIME: "s of parking",
    Dimension.FLAT: "session",
}
_PER = {
    Dimension.ENERGY: "kWh",
    Dimension.TIME: "h",
    Dimension.PARKING_TIME: "h",
    Dimension.FLAT: "session",
}


@dataclass(frozen=True, slots=True)
class Subject:
    """What the claim is about: our session, and the CPO's own names for it."""

    session_id: str
    cpo: str  # <country>*<party>, as in the CDR
    cdr_id: str
    cdr_hash: str  # SHA-256 of the CDR's bytes as received
    charger_session: str
    location_id: str
    evse_uid: str
    connector_id: str


@dataclass(frozen=True, slots=True)
class Amounts:
    """Gross, to the minor unit. `driver_pays` is never above `published`."""

    claimed: Money
    published: Money
    excess: Money
    driver_pays: Money


@dataclass(frozen=True, slots=True)
class ClaimDocument:
    """`computed` is the price by the version that the driver agreed to; `in_cdr` by the CDR's."""

    id: str
    subject: Subject
    amounts: Amounts
    verdict: str
    reason: Reason
    other_reasons: tuple[Reason, ...]
    computed: Computation
    in_cdr: Computation | None
    text: tuple[str, ...]
    to_accept: str
    to_dispute: str
    format: str = FORMAT


def claim_document(subject: Subject, amounts: Amounts, found: Report) -> ClaimDocument:
    """For a report whose totals differ: it has at least one reason, if only that none is known."""
    assert found.reasons, "what agrees is not claimed"
    assert found.published.comparison is not None, "the pinned version has a price"
    reason, *others = found.reasons
    own_credit = f"a credit CDR for {subject.cdr_id}, then a CDR"
    return ClaimDocument(
        id=external_id("clm", subject.cpo, subject.cdr_id, subject.session_id),
        subject=subject,
        amounts=amounts,
        verdict=found.published.comparison.verdict.value,
        reason=reason,
        other_reasons=tuple(others),
        computed=found.published,
        in_cdr=found.in_cdr,
        text=tuple(_words(subject, amounts, found, reason)),
        to_accept=f"Nothing has to be sent: {amounts.published} is settled. To set your own books "
        f"right send {own_credit} of {amounts.published}.",
        to_dispute="Name the line that is wrong and why: the tariff version that was "
        "published when the session began, or the charging period and its measured volume.",
    )


def _words(subject: Subject, amounts: Amounts, found: Report, reason: Reason) -> Iterator[str]:
    yield (
        f"CDR {subject.cdr_id} of {subject.cpo} asks {amounts.claimed} for session "
        f"{subject.session_id}; by the published tariff {_ids(found.published)} it costs "
        f"{amounts.published}. The driver pays {amounts.driver_pays}; {amounts.excess} is disputed."
    )
    yield _reason_words(reason)
    yield "By the published tariff, excl. VAT:"
    price = found.published.price
    assert price is not None, "the pinned version has a price"
    yield from (f"- {_line_words(line)}" for line in price.components)
    if price.limit:
        yield f"- the total is the tariff's {price.limit}"
    yield "Part by part, excl. VAT:"
    yield from (f"- {_part_words(check)}" for check in found.published.parts)
    if found.in_cdr is not None:
        yield _inside_words(found.in_cdr, same=found.in_cdr_is_published)


def _reason_words(reason: Reason) -> str:
    if reason.explains is Explains.ALL:
        return f"Most likely: {reason.text}. Computed so, the total and every part come out."
    if reason.explains is Explains.TOTAL:
        return f"Most likely: {reason.text}. Computed so, the total comes out."
    return f"No certain reason: {reason.text}."


def _line_words(line: ComponentSum) -> str:
    basis = line.basis
    words = f"{_number(line.quantity)} {_UNIT[basis.dimension]} at {_number(basis.price)} per "
    words += f"{_PER[basis.dimension]} (element {basis.element}) = {_number(line.excl_vat)}"
    if line.step_extra:
        words += f"; step_size added {_number(line.step_extra)}"
    return words


def _part_words(check: PartCheck) -> str:
    name, ours = check.part.value, _number(check.computed.excl_vat)
    if check.claimed is None:
        return f"{name}: computed {ours}, not stated in the CDR"
    words = f"{name}: computed {ours}, claimed {_number(check.claimed.excl_vat)}"
    if check.match is Match.DIFFERS and check.excl_more is not None:
        return f"{words}, a difference of {_number(check.excl_more)}"
    if check.tolerance is not None:
        return f"{words}, the same by {check.tolerance.whose.value}: {check.tolerance.rule}"
    return f"{words}, the same"


def _inside_words(one: Computation, *, same: bool) -> str:
    if same:
        return f"The tariff {_ids(one)} in the CDR is the published one."
    if one.price is None:
        return f"The tariff {_ids(one)} in the CDR gives no price: {one.refused}."
    words = f"The tariff {_ids(one)} in the CDR is not the published version; "
    return f"{words}by it the session costs {_number(one.price.excl_vat)} excl. VAT."


def _ids(one: Computation) -> str:
    return " and ".join(version.id for version in one.tariffs)


def _number(amount: Decimal) -> str:
    """At most 4 decimals, as OCPI tells its numbers."""
    return f"{amount.quantize(_SHOWN).normalize():f}"
