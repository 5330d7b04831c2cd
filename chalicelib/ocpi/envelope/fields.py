"""How does a pydantic model read an object on the wire, leniently and saying what was mended?

The basic types are those of `chalicelib.ocpi.lenient.basic`. The list of notes travels as
pydantic's validation context. Tariffs, CDRs and sessions are read without pydantic, by `Place`.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, ValidationInfo

from chalicelib.domain.errors import Invalid
from chalicelib.ocpi.lenient.basic import (
    Mend,
    flag_of,
    id_of,
    instant_of,
    number_of,
    text_of,
    upper_of,
)

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)


class Wire(BaseModel):
    """An object on the wire: unknown members are ignored, null is as good as absent."""

    model_config = ConfigDict(
        extra="ignore", frozen=True, arbitrary_types_allowed=True, defer_build=True
    )


def note(info: ValidationInfo, what: str) -> None:
    if isinstance(info.context, list):
        info.context.append(f"{info.field_name}: {what}" if info.field_name else what)


def read(model: type[M], value: Any, mended: list[str]) -> M:  # noqa: ANN401 - any JSON
    """The object as a model. Raises Invalid naming the first member without a sensible reading."""
    if isinstance(value, list) and len(value) == 1:
        mended.append("a list of one was sent where an object belongs")
        value = value[0]
    if not isinstance(value, dict):
        raise Invalid("", "an object is expected")
    try:
        return model.model_validate(without_nulls(value), context=mended)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        path = ".".join(str(part) for part in first["loc"])
        reason = "is missing" if first["type"] == "missing" else _reason(first["msg"])
        raise Invalid(path, reason) from error


def _reason(message: str) -> str:
    return message.removeprefix("Value error, ")


def without_nulls(value: Any) -> Any:  # noqa: ANN401 - any JSON
    kind = type(value)  # exactly what a JSON decoder makes
    if kind is dict:
        return {name: without_nulls(part) for name, part in value.items() if part is not None}
    if kind is list:
        return [without_nulls(part) for part in value if part is not None]
    return value


def _by(reader: Callable[[object, Mend], T]) -> Callable[[Any, ValidationInfo], T]:
    return lambda value, info: reader(value, lambda _, words: note(info, words))


def _listed(value: Any, info: ValidationInfo) -> Any:  # noqa: ANN401
    if isinstance(value, dict | str):
        note(info, "one object was sent where a list belongs")
        return [value]
    return value


Instant = Annotated[datetime, BeforeValidator(_by(instant_of))]
Number = Annotated[Decimal, BeforeValidator(_by(number_of))]
Id = Annotated[str, BeforeValidator(_by(id_of))]  # CiString
Upper = Annotated[str, BeforeValidator(_by(upper_of))]  # country codes, party ids, enums
Text = Annotated[str, BeforeValidator(_by(text_of))]
Flag = Annotated[bool, BeforeValidator(_by(flag_of))]
Listed = BeforeValidator(_listed)


def identity(country_code: str, party_id: str) -> str:
    """`CC*PID`, upper-cased: CiStrings differ in no more than their letters' case."""
    return f"{country_code.upper()}*{party_id.upper()}"


def mended_once(mended: Sequence[str]) -> tuple[str, ...]:
    """The notes without repeats: a hundred periods are mended in the same way."""
    return tuple(dict.fromkeys(mended))
