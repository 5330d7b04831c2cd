"""What do requests and answers look like? The bases and common parts of all shapes of /v1."""

from datetime import UTC, datetime
from decimal import Decimal
from re import fullmatch
from typing import Annotated, Any, Generic, TypeAlias, TypeVar, Union

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)
from pydantic.json_schema import SkipJsonSchema

from chalicelib.domain.codec import instant_text
from chalicelib.domain.money import Money

T = TypeVar("T")
_DECIMAL = r"^-?[0-9]{1,18}(\.[0-9]{1,18})?$"

# An optional part of an answer is left out when there is none, rather than sent as null. Requests
# take `X | None`: null says the same as leaving it out.
Maybe: TypeAlias = Union[T, SkipJsonSchema[None]]  # noqa: UP007 - a generic alias


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must have no control characters")
    return text


def _exact(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """A JSON number or the decimal string that we send ourselves; never a float on the way."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise ValueError("must be a number, or a decimal number in a string")  # noqa: TRY004 - pydantic
    if isinstance(value, str) and not fullmatch(_DECIMAL, value):
        raise ValueError("must be a decimal number such as 12.5")
    return Decimal(value) if isinstance(value, int) else value


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("must have a time zone, e.g. 2026-11-20T09:00:00Z")
    return at.astimezone(UTC)


def _instant(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError as error:
        raise ValueError("must be an RFC 3339 instant, e.g. 2026-11-20T09:00:00Z") from error


Line = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_printable)]
OurId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.\-]{1,64}$")]
OcpiId = Annotated[str, StringConstraints(min_length=1, max_length=48), AfterValidator(_printable)]
# In answers: a decimal string, exactly as we have it.
Exact = Annotated[
    Decimal,
    PlainSerializer(lambda number: format(number, "f"), return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": _DECIMAL}),
]
# In requests: a number or a decimal string.
Number = Annotated[
    Decimal,
    BeforeValidator(_exact),
    Field(allow_inf_nan=False, max_digits=18, decimal_places=10, strict=False),
    WithJsonSchema({"type": ["number", "string"], "pattern": _DECIMAL}),
]
Instant = Annotated[
    datetime,
    BeforeValidator(_instant),
    AfterValidator(_aware),
    PlainSerializer(instant_text, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]


class Shape(BaseModel):
    """`defer_build`: a cold start builds only the shapes that its request needs."""

    model_config = ConfigDict(frozen=True, defer_build=True)


class Body(Shape):
    """A request's JSON. Types are not coerced, and a name that we do not know is refused."""

    model_config = ConfigDict(strict=True, extra="forbid")


class Query(Shape):
    """A request's query parameters: text that is read by type; unknown names are refused."""

    model_config = ConfigDict(strict=False, extra="forbid")


class Nothing(Body, Query):
    """No body, or no query parameters."""


class PageQuery(Query):
    limit: Annotated[int, Field(ge=1, le=100, description="How many objects a page has.")] = 25
    cursor: Annotated[
        str,
        Field(max_length=1000, description="`next_cursor` of the page before. Opaque."),
    ] = ""


class Answer(Shape):
    pass


class CsvFile(Answer):
    """An answer that is not JSON but a table."""

    text: str


class MoneyShape(Answer):
    """Whole minor units of an ISO 4217 currency: 1749 EUR is 17.49 euro."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"minor": 1749, "currency": "EUR"}]})

    minor: int
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]

    @classmethod
    def of(cls, money: Money) -> "MoneyShape":
        return cls(minor=money.minor, currency=money.currency)

    @classmethod
    def maybe(cls, money: Money | None) -> "MoneyShape | None":
        return None if money is None else cls.of(money)


class Page(Answer, Generic[T]):
    """One page of a list. There is a next page exactly when `has_more` is true."""

    data: list[T]
    has_more: bool
    next_cursor: Annotated[
        Maybe[str], Field(description="Send it as `cursor` to go on from here.")
    ] = None
