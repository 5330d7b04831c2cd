"""OCPI's basic types, as strict as its tables are: what a client may build that believes them."""

from collections.abc import Callable, Iterable
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model

Opened = Callable[[Iterable[str]], Any]  # an enum's values: 2.3.0 has open enums


class Strict(BaseModel):
    """No member is null, none is converted; those that OCPI does not know may stand there."""

    model_config = ConfigDict(strict=True, extra="allow")


def shape(name: str, /, **members: Any) -> Any:
    told: dict[str, Any] = {
        key: one if isinstance(one, tuple) else (one, ...) for key, one in members.items()
    }
    return create_model(name, __base__=Strict, **told)


def ci(most: int) -> Any:
    return Annotated[str, Field(min_length=1, max_length=most, pattern=r"^[\x20-\x7e]+$")]


def seen(text: str) -> str:
    assert text.isprintable(), "OCPI's strings can be read"
    return text


def string(most: int) -> Any:
    return Annotated[str, Field(max_length=most), AfterValidator(seen)]


def one_of(known: Iterable[str]) -> Any:
    return Literal[tuple(sorted(known))]


def may(kind: Any) -> Any:
    """A member that may be absent, which is not to be null."""
    return (kind, Field(default=None))


def many(kind: Any) -> Any:
    return list[kind]


def some(kind: Any) -> Any:
    return Annotated[list[kind], Field(min_length=1)]


def matching(pattern: str, most: int = 255) -> Any:
    return Annotated[str, Field(max_length=most, pattern=f"^{pattern}$")]


def within(least: int, most: int) -> Any:
    return Annotated[int, Field(ge=least, le=most)]


MOMENT = matching(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
CLOCK = matching("([0-1][0-9]|2[0-3]):[0-5][0-9]")
DAY = matching(r"\d{4}-\d\d-\d\d")
URL = matching(r"https?://\S+")
COUNTRY = CURRENCY = matching("[A-Z]{3}")
NUMBER = int | float
WHOLE = Annotated[int, Field(ge=0)]
SPOT = {
    "latitude": matching(r"-?[0-9]{1,2}\.[0-9]{5,7}", 10),
    "longitude": matching(r"-?[0-9]{1,3}\.[0-9]{5,7}", 11),
}
GEO = shape("GeoLocation", **SPOT)
TEXT = shape("DisplayText", language=matching("[a-z]{2}"), text=string(512))
