"""Which elements and components can never be billed, and at which moments has a dimension no price?

One pass over the elements keeps what is still free: an element that finds nothing free is shadowed
by the ones before it together, and what is free at the end is a gap (T 10, T 11).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.domain.tariff.lint.finding import Code, Finding, component_place, element_place
from chalicelib.domain.tariff.lint.space import (
    MEMBERS,
    Box,
    Space,
    TooManyCases,
    common,
    overlap,
    space_of,
)
from chalicelib.domain.tariff.lint.words import told
from chalicelib.domain.tariff.tariff import Dimension, FirstMatch, Reservation, Tariff

_NAMED_MAX = 4
_FALLBACK = "add a last element without restrictions"


@dataclass(frozen=True, slots=True)
class _Group:
    """The elements of one use (a session, a reservation), with the moments at which they hold."""

    tariff: Tariff
    space: Space
    boxes: dict[int, Box]  # of the elements that can hold, in their order

    def has(self, element: int, kind: Dimension) -> bool:
        return any(one.type is kind for one in self.tariff.elements[element].price_components)

    def deciding(self, kind: Dimension, *, whole_elements: bool) -> list[int]:
        return [number for number in self.boxes if whole_elements or self.has(number, kind)]

    def walk(self, deciding: list[int]) -> tuple[dict[int, list[Box]], list[Box]]:
        """What each of the elements decides, and what none of them does."""
        free, decides = [self.space.whole], dict[int, list[Box]]()
        for number in deciding:
            box = self.boxes[number]
            decides[number] = [common(box, part) for part in free if overlap(box, part)]
            free = self.space.minus(free, [box])
        return decides, free

    def gap(self, kind: Dimension, *, whole_elements: bool) -> list[Box]:
        decides, free = self.walk(self.deciding(kind, whole_elements=whole_elements))
        unpriced = [
            box for number, part in decides.items() if not self.has(number, kind) for box in part
        ]
        return free + unpriced


def reach_findings(tariff: Tariff) -> Iterator[Finding]:
    rules = [element.restrictions for element in tariff.elements]
    space = space_of(rules)
    try:
        boxes = [space.box(rule) for rule in rules]
    except TooManyCases:
        yield _too_many()
        return
    yield from (found for at, box in enumerate(boxes) for found in _never(tariff, at, box))
    for use in (None, *Reservation):
        mine = {
            number: box
            for number, box in enumerate(boxes)
            if all(box) and rules[number].reservation is use
        }
        try:
            group = _Group(tariff, space, mine)
            yield from list(_shadows(group))
            if use is None and mine:
                yield from list(_gaps(group))
        except TooManyCases:
            yield _too_many()
            return


def _too_many() -> Finding:
    text = "so many restrictions that gaps and shadowed elements were not looked for; use fewer"
    return Finding(Code.TOO_MANY_CASES, "elements", text)


def _never(tariff: Tariff, element: int, box: Box) -> Iterator[Finding]:
    limits = tariff.elements[element].restrictions
    for members, mask in zip(MEMBERS, box, strict=True):
        if not mask:
            given = [name for name in members if getattr(limits, name) not in (None, ())]
            names = [name.removesuffix("_s") for name in given]
            text = f"{', '.join(names)} can never hold: correct it or drop the element"
            yield Finding(Code.NEVER_HOLDS, element_place(element, "restrictions"), text)


def _shadows(group: _Group) -> Iterator[Finding]:
    per_element = group.tariff.first_match is FirstMatch.PER_ELEMENT
    dead: dict[int, dict[Dimension, list[int]]] = {}
    for kind in Dimension:
        deciding = group.deciding(kind, whole_elements=per_element)
        decides, _ = group.walk(deciding)
        for number, part in decides.items():
            if not part and group.has(number, kind):
                before = deciding[: deciding.index(number)]
                dead.setdefault(number, {})[kind] = _coverers(group, number, before)
    for number, kinds in sorted(dead.items()):
        components = group.tariff.elements[number].price_components
        if {one.type for one in components} == set(kinds):
            by = sorted({one for part in kinds.values() for one in part})
            yield Finding(Code.SHADOWED, element_place(number), _shadow_text("element", by))
            continue
        for count, component in enumerate(components):
            if component.type in kinds:
                text = _shadow_text(f"{component.type} price", kinds[component.type])
                yield Finding(Code.SHADOWED, component_place(number, count), text)


def _coverers(group: _Group, number: int, before: list[int]) -> list[int]:
    """One earlier element that does it alone, else all that have a part in it."""
    box = group.boxes[number]
    for other in before:
        if not group.space.minus([box], [group.boxes[other]]):
            return [other]
    return [other for other in before if overlap(box, group.boxes[other])]


def _shadow_text(what: str, by: list[int]) -> str:
    names = ", ".join(f"elements[{one}]" for one in by[:_NAMED_MAX])
    names += " and others" if len(by) > _NAMED_MAX else ""
    return (
        f"this {what} is never billed: whenever it holds, {names} before it already did."
        " Put the narrower element first, or drop this one"
    )


def _gaps(group: _Group) -> Iterator[Finding]:
    space, per_element = group.space, group.tariff.first_match is FirstMatch.PER_ELEMENT
    used = [kind for kind in Dimension if any(group.has(number, kind) for number in group.boxes)]
    _, nothing = group.walk(
        [one for one in group.boxes if group.tariff.elements[one].price_components]
    )
    if nothing:
        text = f"nothing has a price {told(space, nothing)}: charging is free then. If that is not"
        yield Finding(Code.NO_FALLBACK, "elements", f"{text} meant, {_FALLBACK}")
    for kind in used:
        gap = space.minus(group.gap(kind, whole_elements=False), nothing)
        if gap and kind is not Dimension.FLAT:
            yield _gap(space, kind, gap)
        if per_element and kind is not Dimension.FLAT:
            wider = space.minus(group.gap(kind, whole_elements=True), [*nothing, *gap])
            if wider:
                yield _per_element(space, kind, wider)


def _gap(space: Space, kind: Dimension, gap: list[Box]) -> Finding:
    if kind is Dimension.ENERGY:
        text = f"ENERGY has no price {told(space, gap)}: kWh are free then. If that is not meant,"
        return Finding(Code.ENERGY_GAP, "elements", f"{text} {_FALLBACK} that prices ENERGY")
    text = (
        f"{kind} has no price {told(space, gap)}: it is free then. Nothing to do if that is meant"
    )
    return Finding(Code.FREE_TIME, "elements", text)


def _per_element(space: Space, kind: Dimension, wider: list[Box]) -> Finding:
    text = (
        f"in OCPI 2.1.1 the first element that holds decides every dimension, so {kind} has no"
        f" price {told(space, wider)}: repeat the {kind} price in the elements that hold there"
    )
    return Finding(Code.PER_ELEMENT, "elements", text)
