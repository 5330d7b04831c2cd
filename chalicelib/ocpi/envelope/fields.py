"""How are OCPI's basic types read: leniently, exactly, and saying what was mended?

Source: OCPI 2.2.1 types.asciidoc. Real feeds send numbers as strings, ids as numbers, timestamps
with an offset and lower-case currencies: one sensible reading is taken and noted, none is refused.
The list of notes travels as pydantic's validation context.
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, ValidationInfo

from chalicelib.domain.errors import Invalid

ID_CHARACTERS_MAX = 255  # OCPI says 36; longer ones occur, and refusing them helps nobody
_TEXT_CHARACTERS_MAX = 4096
_EXPONENT_MAX = 12
_YEARS = range(1970, 2200)
_PRINTABLE = re.compile(r"[ -~]*")
NOT_AVAILABLE = "#NA"

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


def _instant(value: Any, info: ValidationInfo) -> datetime:  # noqa: ANN401
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        message = "is not a timestamp such as 2026-11-20T09:00:00Z"
        raise ValueError(message)  # noqa: TRY004 - pydantic reports ValueErrors with their path
    return instant(value, lambda what: note(info, what))


def instant(text: str, mend: Callable[[str], None] = lambda _: None) -> datetime:
    """An OCPI DateTime in UTC; without a zone it is UTC. Raises ValueError."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError as error:
        message = f"{text[:40]!r} is not a timestamp such as 2026-11-20T09:00:00Z"
        raise ValueError(message) from error
    if "T" not in text.upper():
        mend(f"{text!r} has no T between date and time")
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    elif not text.strip().upper().endswith("Z"):
        mend(f"{text} was sent with an offset, not in UTC")
    if at.year not in _YEARS:
        message = f"{text[:40]!r} is in no year of electric driving"
        raise ValueError(message)
    return at.astimezone(UTC)


def _decimal(value: Any, info: ValidationInfo) -> Decimal:  # noqa: ANN401
    if isinstance(value, str):
        note(info, "a number was sent as text")
        value = value.strip()
    elif isinstance(value, bool) or not isinstance(value, int | Decimal):
        message = "is not a number"
        raise ValueError(message)  # noqa: TRY004 - pydantic reports ValueErrors with their path
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        message = f"{str(value)[:40]!r} is not a number"
        raise ValueError(message) from error
    if not number.is_finite() or (number and abs(number.adjusted()) > _EXPONENT_MAX):
        message = f"{str(value)[:40]} is beyond anything that is measured"
        raise ValueError(message)
    return number


def _id(value: Any, info: ValidationInfo) -> str:  # noqa: ANN401
    if isinstance(value, int) and not isinstance(value, bool):
        note(info, "an id was sent as a number")
        value = str(value)
    if not isinstance(value, str):
        message = "is not a text"
        raise ValueError(message)  # noqa: TRY004 - pydantic reports ValueErrors with their path
    text = value.strip()
    if not 0 < len(text) <= ID_CHARACTERS_MAX or not _PRINTABLE.fullmatch(text):
        message = f"is not an id of 1 to {ID_CHARACTERS_MAX} printable ASCII characters"
        raise ValueError(message)
    return text


def _upper(value: Any, info: ValidationInfo) -> str:  # noqa: ANN401
    text = _id(value, info)
    if text != text.upper():
        note(info, f"{text!r} was sent in lower case")
    return text.upper()


def _text(value: Any, info: ValidationInfo) -> str:  # noqa: ANN401
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        note(info, "a text was sent as a number")
        return str(value)
    if not isinstance(value, str):
        message = "is not a text"
        raise ValueError(message)  # noqa: TRY004 - pydantic reports ValueErrors with their path
    return value[:_TEXT_CHARACTERS_MAX]


def _flag(value: Any, info: ValidationInfo) -> bool:  # noqa: ANN401
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        note(info, "a truth value was sent as text")
        return value.lower() == "true"
    if not isinstance(value, bool):
        message = "is neither true nor false"
        raise ValueError(message)  # noqa: TRY004 - pydantic reports ValueErrors with their path
    return value


def _listed(value: Any, info: ValidationInfo) -> Any:  # noqa: ANN401
    if isinstance(value, dict | str):
        note(info, "one object was sent where a list belongs")
        return [value]
    return value


Instant = Annotated[datetime, BeforeValidator(_instant)]
Number = Annotated[Decimal, BeforeValidator(_decimal)]
Id = Annotated[str, BeforeValidator(_id)]  # CiString
Upper = Annotated[str, BeforeValidator(_upper)]  # country codes, party ids, currencies, enums
Text = Annotated[str, BeforeValidator(_text)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Listed = BeforeValidator(_listed)


def identity(country_code: str, party_id: str) -> str:
    """`CC*PID`, upper-cased: CiStrings differ in no more than their letters' case."""
    return f"{country_code.upper()}*{party_id.upper()}"


def mended_once(mended: Sequence[str]) -> tuple[str, ...]:
    """The notes without repeats: a hundred periods are mended in the same way."""
    return tuple(dict.fromkeys(mended))
