"""What can be wrong with a published tariff, by which stable code, and how bad is it?"""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    ERROR = "error"  # the tariff cannot mean this
    WARNING = "warning"  # somebody will probably be billed what nobody meant
    NOTE = "note"  # a choice that is worth a second look


class Code(StrEnum):
    """Stable: programs and tickets name them. docs/tariffs.md has a row for each."""

    ALL_FREE = "all_free"
    COMPONENT_TWICE = "component_twice"
    COMPONENT_UNUSED = "component_unused"
    CURRENCY_UNUSUAL = "currency_unusual"
    ELEMENT_EMPTY = "element_empty"
    ELEMENT_PAST = "element_past"
    ENDS_AT_2359 = "ends_at_2359"
    ENDS_BEFORE_START = "ends_before_start"
    ENERGY_GAP = "energy_gap"
    EXPIRY_ALONE = "expiry_alone"
    FREE_TIME = "free_time"
    LIMIT_ZERO = "limit_zero"
    LIMITS_CROSSED = "limits_crossed"
    MENDED = "mended"
    NEVER_HOLDS = "never_holds"
    NO_FALLBACK = "no_fallback"
    NOT_YET_VALID = "not_yet_valid"
    PAST = "past"
    PER_ELEMENT = "per_element"
    POWER_OR_CURRENT = "power_or_current"
    PRICE_HIGH = "price_high"
    PRICE_IN_CENTS = "price_in_cents"
    PRICE_LOW = "price_low"
    PRICE_NEGATIVE = "price_negative"
    PRICE_PRECISION = "price_precision"
    PRICE_ZERO = "price_zero"
    RESERVATION_WITHOUT_EXPIRY = "reservation_without_expiry"
    SEVERAL_FLATS = "several_flats"
    SHADOWED = "shadowed"
    STEP_IGNORED = "step_ignored"
    STEP_LARGE = "step_large"
    STEP_UNIT = "step_unit"
    STEP_ZERO = "step_zero"
    STEPS_DIFFER = "steps_differ"
    TOO_MANY_CASES = "too_many_cases"
    TYPE_UNKNOWN = "type_unknown"
    UNREADABLE = "unreadable"
    UNSUPPORTED = "unsupported"
    UPDATED_LATER = "updated_later"
    VAT_DIFFERS = "vat_differs"
    VAT_IMPLAUSIBLE = "vat_implausible"
    VAT_MISSING = "vat_missing"
    VAT_PARTLY = "vat_partly"
    WINDOW_ZERO = "window_zero"


_ERRORS = frozenset(
    {
        Code.COMPONENT_TWICE,
        Code.ENDS_BEFORE_START,
        Code.LIMITS_CROSSED,
        Code.NEVER_HOLDS,
        Code.PAST,
        Code.UNREADABLE,
        Code.UNSUPPORTED,
    }
)
_NOTES = frozenset(
    {
        Code.CURRENCY_UNUSUAL,
        Code.ELEMENT_PAST,
        Code.EXPIRY_ALONE,
        Code.FREE_TIME,
        Code.MENDED,
        Code.NOT_YET_VALID,
        Code.POWER_OR_CURRENT,
        Code.PRICE_PRECISION,
        Code.PRICE_ZERO,
        Code.RESERVATION_WITHOUT_EXPIRY,
        Code.SEVERAL_FLATS,
        Code.STEP_IGNORED,
        Code.STEP_ZERO,
        Code.TOO_MANY_CASES,
        Code.TYPE_UNKNOWN,
        Code.VAT_DIFFERS,
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """`place` is the JSON path in the published object, "" for the tariff as a whole.

    `text` says what is the matter and what to do, for people who publish tariffs.
    """

    code: Code
    place: str
    text: str

    @property
    def severity(self) -> Severity:
        if self.code in _ERRORS:
            return Severity.ERROR
        return Severity.NOTE if self.code in _NOTES else Severity.WARNING


def element_place(element: int, member: str = "") -> str:
    return f"elements[{element}]{'.' if member else ''}{member}"


def component_place(element: int, component: int, member: str = "") -> str:
    return element_place(element, f"price_components[{component}]{'.' if member else ''}{member}")
