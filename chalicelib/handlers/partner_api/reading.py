"""How is a request read? JSON with limits and no floats, then one model; or a clear refusal."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from chalicelib.domain.errors import Invalid, Rejected
from chalicelib.handlers.limits import MediaTypeUnsupported, check_size

BODY_BYTES_MAX = 64 * 1024
_NUMBER_LENGTH_MAX = 40
_INTEGER_LENGTH_MAX = 15
M = TypeVar("M", bound=BaseModel)

# Our codes for pydantic's, so that partners depend on ours.
_CODES = {"missing": "required", "extra_forbidden": "unknown_field"}


class MalformedJson(Rejected):
    code = "malformed_json"
    how_to_fix = "Send one JSON object in UTF-8, each name at most once."

    def __init__(self, reason: str) -> None:
        super().__init__(f"the body is not JSON: {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class FieldError:
    """`field` is a path in the body (`events[0]`), or a query parameter's name."""

    field: str
    code: str
    detail: str


class RequestInvalid(Invalid):
    """One or more fields have no valid reading; `errors` names each of them."""

    code = "invalid"

    def __init__(self, errors: Sequence[FieldError]) -> None:
        first = errors[0]
        super().__init__(first.field, first.detail)
        self.errors = tuple(errors)
        names = ", ".join(error.field or "the body" for error in errors)
        self.how_to_fix = f"Correct {names}; each shape is at /v1/docs and in /v1/openapi.json."


def check_media_type(content_type: str) -> None:
    """Pass `application/json`, with or without a UTF-8 charset."""
    kind, *parameters = (part.strip().lower() for part in content_type.split(";"))
    charset = next((p[8:].strip('"') for p in parameters if p.startswith("charset=")), "utf-8")
    if kind != "application/json" or charset not in {"utf-8", "us-ascii"}:
        raise MediaTypeUnsupported(content_type)


def read_json(raw: bytes) -> Any:  # noqa: ANN401 - JSON has no narrower type
    """The JSON value of a body; numbers with a point are exact decimals."""
    check_size(raw, BODY_BYTES_MAX)
    try:
        text = raw.decode()
        value = json.loads(
            text,
            parse_float=_number,
            parse_int=_integer,
            parse_constant=_refuse_constant,
            object_pairs_hook=_names_once,
        )
        # "\ud800" is JSON, but half a character: it could be neither stored nor hashed.
        json.dumps(value, ensure_ascii=False, default=str).encode()
    except UnicodeError as error:
        raise MalformedJson("it has text that is not Unicode") from error
    except RecursionError as error:
        raise MalformedJson("it is nested too deeply") from error
    except ValueError as error:  # JSONDecodeError is one; so is an integer of 5,000 digits
        raise MalformedJson(str(error)) from error
    return value


def read_query(parameters: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Each parameter's one value; one that is sent twice is refused rather than half ignored."""
    twice = [name for name, values in parameters.items() if len(values) > 1]
    if twice:
        raise RequestInvalid([FieldError(name, "repeated", "is sent twice") for name in twice])
    return {name: values[0] for name, values in parameters.items()}


def fit(model: type[M], value: Any) -> M:  # noqa: ANN401
    """The value as a model, or RequestInvalid naming every field that is wrong."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        raise RequestInvalid(
            [
                FieldError(
                    path(part["loc"]),
                    _CODES.get(part["type"], part["type"]),
                    _sentence(part["msg"]),
                )
                for part in found
            ]
        ) from error


def path(location: Sequence[str | int]) -> str:
    """Where in a body: ("events", 0) is `events[0]`."""
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _sentence(message: str) -> str:
    return message.removeprefix("Value error, ").removeprefix("Input ")


def _number(text: str) -> Decimal:
    """Exact, but not so large or small that writing it out would fill the memory."""
    number = Decimal(text)
    if len(text) > _NUMBER_LENGTH_MAX or abs(number.adjusted()) > _NUMBER_LENGTH_MAX:
        raise ValueError("a number has too many digits")
    return number


def _integer(text: str) -> int:
    if len(text) > _INTEGER_LENGTH_MAX:  # beyond what every JSON reader keeps exact
        raise ValueError("an integer has too many digits")
    return int(text)


def _refuse_constant(name: str) -> Any:  # noqa: ANN401
    raise ValueError(f"{name} is not a JSON number")


def _names_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("an object has the same name twice")
    return result
