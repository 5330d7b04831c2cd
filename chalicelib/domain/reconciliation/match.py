"""Is what we booked what the provider moved? Pair by pair, to the cent, and by each balance.

Paired by place, movement and our own id; what has no id of ours by a reference, then by the sum.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.money import Currency, Money
from chalicelib.domain.reconciliation.difference import Difference, DifferenceKind
from chalicelib.domain.reconciliation.forward import BroughtForward
from chalicelib.domain.reconciliation.moves import Move, Movement

# A bank books a day or a long weekend after it has accepted; a provider's answer is its booking.
IN_TRANSIT = {"sepa": timedelta(days=5)}
Sums = Mapping[Currency, int]
_Places = dict[tuple[str, Currency], int]


@dataclass(frozen=True, slots=True)
class Closing:
    """A place in one currency: booked + in transit = stated, or `difference` says what is off.

    `in_transit` is what we booked and the bank has still to book, taken out again.
    """

    place: str
    currency: Currency
    booked: int
    in_transit: int
    stated: int

    @property
    def difference(self) -> int:
        return self.booked + self.in_transit - self.stated


@dataclass(frozen=True, slots=True)
class Matched:
    """`paired` counts the moves that agree to the cent."""

    paired: int
    in_transit: tuple[Move, ...]
    differences: tuple[Difference, ...]
    closings: tuple[Closing, ...]


_Key = tuple[str, Movement, str]


def match(
    booked: Iterable[Move],
    stated: Iterable[Move],
    at: datetime,
    since: BroughtForward | None = None,
) -> Matched:
    """Every move of both sides is paired, in transit, or named by a difference.

    With `since`, both sides begin there, and the oldest moves are only there to be found.
    """
    ours = list(booked)
    theirs = _owned(ours, stated)
    pairs = _by_owner(ours, theirs)
    alone_ours = [move for key, (mine, others) in pairs.items() if not others for move in mine]
    alone_theirs = [move for key, (mine, others) in pairs.items() if not mine for move in others]
    both = {key: sides for key, sides in pairs.items() if all(sides)}
    paired = sum(len(mine) for mine, _ in both.values())
    judged = since.judges if since else any
    found = [
        d
        for key, sides in both.items()
        if judged((*sides[0], *sides[1]))
        for d in _unequal(key, *sides)
    ]
    reunited, alone_ours, alone_theirs = _without_owner(alone_ours, alone_theirs)
    waiting = [move for move in alone_ours if _in_transit(move, at)]
    found += [_alone(DifferenceKind.NOT_BOOKED, move) for move in alone_theirs if judged((move,))]
    found += [
        _alone(DifferenceKind.NOT_AT_PROVIDER, move)
        for move in alone_ours
        if judged((move,)) and not _in_transit(move, at)
    ]
    closings = tuple(_closings(_by_place(ours), _by_place(theirs), _by_place(waiting), since))
    found += [_not_closed(closing) for closing in closings if closing.difference]
    return Matched(paired + reunited, tuple(waiting), tuple(found), closings)


def _owned(ours: Iterable[Move], theirs: Iterable[Move]) -> list[Move]:
    """The provider's moves, with our id also where its line lacks it and names what we booked.

    A transfer that is taken back leaves the payee's account by a line that has none of our ids.
    """
    known = {
        (move.place, move.what, reference): move.owner
        for move in ours
        if move.owner
        for reference in move.references
    }
    return [move if move.owner else replace(move, owner=_owner(known, move)) for move in theirs]


def _owner(known: Mapping[_Key, str], move: Move) -> str:
    names = ((move.place, move.what, reference) for reference in sorted(move.references))
    return next((known[name] for name in names if name in known), "")


def _by_owner(
    ours: Iterable[Move], theirs: Iterable[Move]
) -> dict[_Key, tuple[list[Move], list[Move]]]:
    pairs: defaultdict[_Key, tuple[list[Move], list[Move]]] = defaultdict(lambda: ([], []))
    for side, moves in enumerate((ours, theirs)):
        for move in moves:
            # Without an owner each is its own: a reference or a sum may still find it.
            owner = move.owner or f"{side}#{move.subject}"
            pairs[move.place, move.what, owner][side].append(move)
    return {key: sides for key, sides in pairs.items() if all(sides) or not _is_nothing(sides[0])}


def _is_nothing(ours: list[Move]) -> bool:
    """What only we moved, and took back: a bank never sees a transfer that it has refused.

    What only the provider moved there and back is something: nobody asked it to.
    """
    return bool(ours) and not any(_net(ours).values())


def _without_owner(ours: list[Move], theirs: list[Move]) -> tuple[int, list[Move], list[Move]]:
    """How many of the moves left over find each other, and who is still alone."""
    alone: list[Move] = []
    left = list(theirs)
    for move in ours:
        other = next((o for o in left if _alike(move, o, by_reference=True)), None)
        other = other or next((o for o in left if _alike(move, o, by_reference=False)), None)
        if other is None:
            alone.append(move)
        else:
            left.remove(other)
    return len(ours) - len(alone), alone, left


def _alike(mine: Move, other: Move, *, by_reference: bool) -> bool:
    """Same place and sum, and a reference or the movement; never across two ids of ours."""
    if mine.place != other.place or mine.net != other.net or (mine.owner and other.owner):
        return False
    if by_reference:  # what a bank calls a charge may be float that we took off
        return bool(mine.references & other.references)
    return mine.what is other.what


def _unequal(key: _Key, ours: list[Move], theirs: list[Move]) -> Iterator[Difference]:
    place, what, owner = key
    subject = f"{place}/{what.value}/{owner}"
    mine, other = _net(ours), _net(theirs)
    if mine == other and len(theirs) > len(ours) and _turns(theirs):
        detail = f"there and back: {_text(other)} in {len(theirs)} lines, booked in {len(ours)}"
        yield Difference(DifferenceKind.MOVED_TWICE, detail, subject)
        return
    if mine == other:
        fees, charged = _fee(ours), _fee(theirs)
        if fees != charged:
            detail = f"booked {_text(fees)}, provider {_text(charged)}"
            yield Difference(DifferenceKind.FEE_DIFFERS, detail, subject)
        return
    more = any(abs(minor) > abs(mine.get(code, 0)) for code, minor in other.items())
    twice = more and len(theirs) > len(ours)
    kind = DifferenceKind.MOVED_TWICE if twice else DifferenceKind.AMOUNT_DIFFERS
    detail = f"booked {_text(mine)} in {len(ours)}, provider {_text(other)} in {len(theirs)}"
    yield Difference(kind, detail, subject)


def _turns(moves: Iterable[Move]) -> bool:
    """Whether money went both ways. Several lines one way are one sum: a capture of more holds."""
    return len({minor > 0 for move in moves for minor in move.net.values()}) > 1


def _alone(kind: DifferenceKind, move: Move) -> Difference:
    subject = f"{move.place}/{move.what.value}/{move.owner or move.subject}"
    return Difference(kind, _text(move.net), subject)


def _in_transit(move: Move, at: datetime) -> bool:
    grace = IN_TRANSIT.get(move.place)
    return grace is not None and move.at is not None and at - move.at <= grace


def _closings(
    booked: _Places, stated: _Places, transit: _Places, since: BroughtForward | None
) -> Iterator[Closing]:
    before = (since.booked, since.stated) if since else ({}, {})
    earlier = {(place, Currency(code)) for sums in before for place, _, code in _named(sums)}
    for place, code in sorted(booked.keys() | stated.keys() | earlier):
        key, name = (place, code), f"{place}/{code}"
        yield Closing(
            place,
            code,
            booked.get(key, 0) + before[0].get(name, 0),
            -transit.get(key, 0),
            stated.get(key, 0) + before[1].get(name, 0),
        )


def _named(sums: Mapping[str, int]) -> Iterator[tuple[str, str, str]]:
    return (name.rpartition("/") for name in sums)


def _by_place(moves: Iterable[Move]) -> _Places:
    sums: defaultdict[tuple[str, Currency], int] = defaultdict(int)
    for move in moves:
        for code, minor in move.net.items():
            sums[move.place, code] += minor
    return dict(sums)


def _not_closed(closing: Closing) -> Difference:
    code = closing.currency
    detail = (
        f"booked {Money(closing.booked, code)}, in transit {Money(closing.in_transit, code)},"
        f" stated {Money(closing.stated, code)}"
    )
    return Difference(DifferenceKind.CASH_NOT_CLOSED, detail, f"{closing.place}/{code}")


def _net(moves: Iterable[Move]) -> dict[Currency, int]:
    return _sum(move.net for move in moves)


def _fee(moves: Iterable[Move]) -> dict[Currency, int]:
    return _sum(move.fee for move in moves)


def _sum(parts: Iterable[Sums]) -> dict[Currency, int]:
    sums: defaultdict[Currency, int] = defaultdict(int)
    for part in parts:
        for code, minor in part.items():
            sums[code] += minor
    return {code: minor for code, minor in sums.items() if minor}


def _text(sums: Sums) -> str:
    return ", ".join(str(Money(minor, code)) for code, minor in sorted(sums.items())) or "nothing"
