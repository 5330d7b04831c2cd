"""Which JSON did a peer send, exactly? Numbers stay decimal, and raw text stays reachable."""

import json
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn

from chalicelib.domain.errors import Rejected

BYTES_MAX = 8_000_000  # a page of a hundred CDRs with signed meter data
_DEPTH_MAX = 32
_NUMBER_DIGITS_MAX = 64


class MalformedJson(Rejected):
    """HTTP 400 in OCPI: the message never reached the protocol's own layer."""

    code = "malformed_json"
    how_to_fix = "Send one JSON value (RFC 8259) in UTF-8."


@dataclass(frozen=True, slots=True)
class Sent:
    """A JSON value and the text that it was read from."""

    value: Any
    text: str


def _number(text: str) -> Decimal:
    if len(text) > _NUMBER_DIGITS_MAX:
        raise MalformedJson("a number has more digits than anything that is measured")
    return Decimal(text)


def _integer(text: str) -> int:
    if len(text) > _NUMBER_DIGITS_MAX:
        raise MalformedJson("a number has more digits than anything that is measured")
    return int(text)


def _refuse_constant(text: str) -> NoReturn:
    raise MalformedJson(f"{text} is not JSON")


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):  # two readers would read two different objects
        raise MalformedJson("an object names a member twice")
    return found


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_BRACKETS = ("{", "[")
_DECODER = json.JSONDecoder(
    parse_float=_number,
    parse_int=_integer,
    parse_constant=_refuse_constant,
    object_pairs_hook=_pairs,
)


def parse(raw: bytes | str) -> Any:  # noqa: ANN401 - JSON has no narrower type
    """The value of a JSON text. Raises MalformedJson."""
    text = text_of(raw)
    try:
        value, end = _DECODER.raw_decode(text, 0 if text[:1] in _BRACKETS else _skip(text, 0))
    except (ArithmeticError, ValueError, RecursionError) as error:
        raise MalformedJson(f"the body is not JSON: {error}") from error
    if end != len(text) and _skip(text, end) != len(text):
        raise MalformedJson(f"the body is not JSON: it goes on after its end, at {end}")
    if text.count("{") + text.count("[") > _DEPTH_MAX:  # fewer cannot nest deeper
        _check_depth(value, _DEPTH_MAX)
    if "\\u" in text:
        _check_characters(value)
    return value


def parse_object(raw: bytes | str) -> dict[str, Any]:
    """As `parse`, where an object is the only sensible answer."""
    value = parse(raw)
    if not isinstance(value, dict):
        raise MalformedJson("the body is JSON, but not an object")
    return value


def parse_items(raw: bytes | str) -> tuple[dict[str, Any], list[Sent]]:
    """An envelope whose `data` is a list: its other members, and each item with its own text."""
    text = text_of(raw)
    envelope = parse_object(text)
    if not isinstance(envelope.get("data"), list):
        return envelope, []
    values = envelope.pop("data")
    texts = _item_texts(text)
    return envelope, [Sent(value, item) for value, item in zip(values, texts, strict=True)]


def dump(value: Any) -> str:  # noqa: ANN401 - JSON has no narrower type
    """A JSON text in which decimals are numbers with all their digits (json would need floats)."""
    with suppress(TypeError):  # decimals; without them, and mostly there are none, this is quicker
        return _ENCODER.encode(value)
    if isinstance(value, dict):
        members = (f"{json.dumps(name, ensure_ascii=False)}:{dump(v)}" for name, v in value.items())
        return f"{{{','.join(members)}}}"
    if isinstance(value, list | tuple):
        return f"[{','.join(dump(item) for item in value)}]"
    if isinstance(value, Decimal):
        assert value.is_finite(), "no measurement is infinite"
        return str(value)
    return json.dumps(value, ensure_ascii=False)


def text_of(raw: bytes | str) -> str:
    """UTF-8, with or without a byte order mark. Raises MalformedJson."""
    if len(raw) > BYTES_MAX:
        raise MalformedJson(f"the body is larger than {BYTES_MAX:,} bytes")
    if isinstance(raw, str):
        return raw
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MalformedJson("the body is not UTF-8") from error


def _check_characters(value: Any) -> None:  # noqa: ANN401
    """An escape may name half a character, which is JSON but could be neither kept nor hashed."""
    try:
        dump(value).encode()
    except UnicodeEncodeError as error:
        raise MalformedJson("a text has half a character in it") from error


def _check_depth(value: Any, left: int) -> None:  # noqa: ANN401
    if left == 0:
        raise MalformedJson(f"the body is nested deeper than {_DEPTH_MAX} levels")
    if isinstance(value, dict):
        for part in value.values():
            _check_depth(part, left - 1)
    elif isinstance(value, list):
        for part in value:
            _check_depth(part, left - 1)


def _item_texts(text: str) -> list[str]:
    """The texts of the items of the member `data` of an object that is known to be valid."""
    at = _skip(text, _skip(text, 0) + 1)
    while True:
        name, at = _DECODER.raw_decode(text, at)
        at = _skip(text, _skip(text, at) + 1)  # the colon
        if name == "data":
            return _list_texts(text, at)
        _, at = _DECODER.raw_decode(text, at)
        at = _skip(text, _skip(text, at) + 1)  # the comma


def _list_texts(text: str, at: int) -> list[str]:
    texts: list[str] = []
    at = _skip(text, at + 1)
    while text[at] != "]":
        _, end = _DECODER.raw_decode(text, at)
        texts.append(text[at:end])
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)
    return texts


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at
