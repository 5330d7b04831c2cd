"""How is a tariff made ready, once, to price many sessions at one place?"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chalicelib.domain.errors import Invalid, Rejected
from chalicelib.domain.tariff.candidate import (
    Candidate,
    Candidates,
    Spans,
    candidates_of,
    spans,
)
from chalicelib.domain.tariff.edges import Edges, edges_of
from chalicelib.domain.tariff.schedule import Schedule, Slot
from chalicelib.domain.tariff.tariff import Dimension, FirstMatch, Reservation, Restrictions, Tariff

_RESERVABLE = (Dimension.TIME, Dimension.FLAT)


class TariffNotSupported(Rejected):
    """The tariff says something that has no reading here; `names` says what."""

    code = "tariff_not_supported"
    field = "elements"
    how_to_fix = "publish a tariff without the named parts"

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(f"the tariff cannot be priced: {', '.join(names)}")
        self.names = names
        if names:  # each begins with its JSON path
            self.field = names[0].partition(" ")[0]


class Always(NamedTuple):
    """The one component of each kind of a tariff without restrictions; None: it has none."""

    energy: Candidate | None
    time: Candidate | None
    parking: Candidate | None
    flat: Candidate | None


@dataclass(frozen=True, slots=True, eq=False)
class PreparedTariff:
    """Candidates of each dimension in the tariff's order; `always`: no restriction matters.

    `otherwise` is the tariff as the other reading of "the first element" has it, where they differ.
    """

    tariff: Tariff
    zone: ZoneInfo
    energy: Candidates
    time: Candidates
    parking: Candidates
    flat: Candidates
    reserved_time: Candidates
    reserved_flat: Candidates
    expired_time: Candidates
    expired_flat: Candidates
    edges: Edges
    always: Always | None
    schedule: Schedule
    timed: Candidates  # of time and parking: what there is to pay for an hour
    spans: Spans
    plain: bool  # neither limits nor components with remarks
    otherwise: "PreparedTariff | None" = None


def prepare(tariff: Tariff, time_zone: str) -> PreparedTariff:
    """Raises TariffNotSupported by name, and Invalid for a zone that is not in the IANA list."""
    if tariff.unsupported:
        raise TariffNotSupported(tariff.unsupported)
    try:
        zone = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Invalid("time_zone", f"{time_zone!r} is not an IANA time zone") from error
    if tariff.first_match is FirstMatch.PER_DIMENSION:
        return _prepared(tariff, zone, None)
    by_dimension = replace(tariff, first_match=FirstMatch.PER_DIMENSION)
    if _kills(tariff):
        found = _prepared(by_dimension, zone, _prepared(tariff, zone, None))
        return replace(found, tariff=tariff)
    return _prepared(tariff, zone, _prepared(by_dimension, zone, None))


def _kills(tariff: Tariff) -> bool:
    """An element that always holds stands before others, which it would make dead letters.

    OCPI 2.1.1's own complex example begins with a FLAT like that, so it cannot mean it: such a
    tariff is read as later versions say, each dimension by itself.
    """
    session = [one.restrictions for one in tariff.elements if one.restrictions.reservation is None]
    return any(limits == Restrictions() for limits in session[:-1])


def _prepared(tariff: Tariff, zone: ZoneInfo, otherwise: PreparedTariff | None) -> PreparedTariff:
    session = {kind: candidates_of(tariff, kind, None) for kind in Dimension}
    reserved = {kind: candidates_of(tariff, kind, Reservation.RESERVATION) for kind in _RESERVABLE}
    expired = {
        kind: candidates_of(tariff, kind, Reservation.RESERVATION_EXPIRES) + reserved[kind]
        for kind in _RESERVABLE
    }
    edges = edges_of(tariff)
    everything = Slot(
        energy=session[Dimension.ENERGY],
        time=session[Dimension.TIME],
        parking=session[Dimension.PARKING_TIME],
        flat=session[Dimension.FLAT],
    )
    return PreparedTariff(
        tariff=tariff,
        zone=zone,
        energy=everything.energy,
        time=everything.time,
        parking=everything.parking,
        flat=everything.flat,
        reserved_time=reserved[Dimension.TIME],
        reserved_flat=reserved[Dimension.FLAT],
        expired_time=expired[Dimension.TIME],
        expired_flat=expired[Dimension.FLAT],
        edges=edges,
        always=_always(everything),
        schedule=Schedule(edges, everything),
        timed=tuple(one for one in (*everything.time, *everything.parking) if not one.blocks),
        spans=spans(tariff),
        plain=_plain(tariff, (*everything, *reserved.values(), *expired.values())),
        otherwise=otherwise,
    )


def _always(everything: Slot) -> Always | None:
    if any(one.tests or one.blocks for part in everything for one in part):
        return None
    return Always(*(part[0] if part else None for part in everything))


def _plain(tariff: Tariff, parts: Iterable[Candidates]) -> bool:
    limited = tariff.min_price is not None or tariff.max_price is not None
    return not limited and not any(one.remarks for part in parts for one in part)
