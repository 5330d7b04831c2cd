"""How does a CDR's claim stand against the pinned tariff version, and against the CDR's own tariff?

The driver pays the lower of the published price and the claim in any case. What a CPO says its
tariff was is told beside it: it explains a difference, and never makes a price.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from chalicelib.domain.errors import DomainError
from chalicelib.domain.tariff.claim.parts import PartCheck, check_parts
from chalicelib.domain.tariff.claim.reason import Reason, reasons
from chalicelib.domain.tariff.claim.trial import Case, NamedTariff
from chalicelib.domain.tariff.compare import Comparison, Verdict, compare
from chalicelib.domain.tariff.prepare import PreparedTariff, prepare
from chalicelib.domain.tariff.price import price_session
from chalicelib.domain.tariff.promise import promised
from chalicelib.domain.tariff.result import Price
from chalicelib.domain.tariff.tariff import Tariff
from chalicelib.domain.tariff.usage import Costs, Part, Usage
from chalicelib.domain.tariff.version import tariff_hash

IN_CDR = "in the CDR"
_REASONS_MAX = 5


@dataclass(frozen=True, slots=True)
class Version:
    id: str
    hash: str


@dataclass(frozen=True, slots=True)
class Computation:
    """One price of the session: by which versions, and why it could not be computed, if so."""

    tariffs: tuple[Version, ...]
    price: Price | None = None
    comparison: Comparison | None = None
    parts: tuple[PartCheck, ...] = ()
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """`reasons` are empty where the totals agree; else the likeliest stands first.

    `in_cdr` is None where the CDR carries no tariff that has a reading.
    """

    published: Computation
    in_cdr: Computation | None
    in_cdr_is_published: bool
    reasons: tuple[Reason, ...]


def report(
    pinned: Sequence[PreparedTariff],
    usage: Usage,
    claimed: Costs,
    embedded: Sequence[Tariff],
    published: Sequence[NamedTariff],
    minor: Decimal,
) -> Report:
    """`pinned`: the tariff that the driver agreed to, and others that the CDR's periods name.

    `embedded`: the tariffs in the CDR; `published`: other versions that the CPO published.
    """
    agreed, *others = pinned
    own = promised(agreed, others, usage)
    hash_ = tariff_hash(agreed.tariff)
    zone = agreed.zone.key
    versions = tuple(_version(one.tariff) for one in pinned)
    first = _judged(versions, own, claimed, minor)
    inside = _computed(_used(embedded, usage), zone, usage, claimed, minor)
    found: tuple[Reason, ...] = ()
    assert first.comparison is not None, "a price is compared"
    if first.comparison.verdict is not Verdict.AGREES:
        seen = (*published, *_named(embedded, zone))
        known = {one.hash: one for one in seen if one.hash != hash_}
        together = None if inside is None else inside.price
        case = Case(tuple(pinned), usage, own, claimed, tuple(known.values()), together, minor)
        found = reasons(case)[:_REASONS_MAX]
    same = inside is not None and all(one.hash == hash_ for one in inside.tariffs)
    return Report(first, inside, same, found)


def _version(tariff: Tariff) -> Version:
    return Version(tariff.id, tariff_hash(tariff))


def _used(embedded: Sequence[Tariff], usage: Usage) -> list[Tariff]:
    """The tariffs that the periods name; all of them where the periods name none."""
    named = {period.tariff_id.lower() for period in usage.periods} - {""}
    return [one for one in embedded if one.id.lower() in named] or list(embedded)


def _computed(
    tariffs: Sequence[Tariff], zone: str, usage: Usage, claimed: Costs, minor: Decimal
) -> Computation | None:
    """By each period's own tariff; a period that names none is priced by the first."""
    if not tariffs:
        return None
    versions = tuple(_version(one) for one in tariffs)
    try:
        prepared = {one.id: prepare(one, zone) for one in tariffs}
        found = price_session(prepared, usage, prepared[tariffs[0].id])
    except DomainError as refusal:
        return Computation(versions, refused=str(refusal))
    return _judged(versions, found, claimed, minor)


def _judged(
    versions: tuple[Version, ...], found: Price, claimed: Costs, minor: Decimal
) -> Computation:
    return Computation(
        tariffs=versions,
        price=found,
        comparison=compare(found, claimed[Part.TOTAL], minor),
        parts=check_parts(found, claimed, minor),
    )


def _named(embedded: Sequence[Tariff], zone: str) -> list[NamedTariff]:
    found = []
    for tariff in embedded:
        try:
            found.append(NamedTariff(IN_CDR, tariff_hash(tariff), prepare(tariff, zone)))
        except DomainError:
            continue
    return found
