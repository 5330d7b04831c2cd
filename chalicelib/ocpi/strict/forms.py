"""In which form is a value passed on that we do not use ourselves? In OCPI's, or not at all.

A form makes of what a CPO told what OCPI asks for, or raises ValueError; the member is left out
then, and an object without a member that it must have is left out whole. What OCPI does not know
stays as it was told.
"""

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from decimal import Decimal
from hashlib import sha256
from typing import Any

from chalicelib.domain.codec import instant_text
from chalicelib.ocpi.lenient.basic import flag_of, id_of, instant_of, number_of, text_of, upper_of
from chalicelib.ocpi.lenient.countries import alpha_2, alpha_3
from chalicelib.ocpi.lenient.place import without_nulls

Form = Callable[[object], object]
Forms = Mapping[str, Form]
_FRACTION_LEAST, _FRACTION_MOST = 5, 7
_HASH_DIGITS = 16
_URL_MAX, _LETTERS = 255, 2


def in_form(told: Mapping[str, Any], forms: Forms) -> dict[str, Any]:
    """An object's members as OCPI writes them; what cannot be is left out, as nulls are."""
    found = {}
    for name, value in without_nulls(dict(told)).items():
        with suppress(ValueError):
            found[name] = forms[name](value) if name in forms else value
    return found


def group(required: Forms, optional: Forms | None = None) -> Form:
    forms = {**required, **(optional or {})}

    def form(value: object) -> object:
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if not isinstance(value, dict):
            raise ValueError("is not an object")  # noqa: TRY004 - as all readers
        found = in_form(value, forms)
        if required.keys() - found.keys():
            raise ValueError("lacks a member")
        return found

    return form


def listed(one: Form) -> Form:
    """Those that have the form; a list without any is not told."""

    def form(value: object) -> object:
        found = []
        for each in value if isinstance(value, list) else [value]:
            with suppress(ValueError):
                found.append(one(each))
        if not found:
            raise ValueError("lists nothing")
        return found

    return form


def text(most: int) -> Form:
    return lambda value: printable(text_of(value), most)


def printable(told: str, most: int) -> str:
    """OCPI's strings have no line breaks, tabs or other signs that cannot be seen."""
    return "".join(sign if sign.isprintable() else " " for sign in told)[:most]


def ident(most: int) -> Form:
    """A CiString; one that is too long would be another when it is cut."""

    def form(value: object) -> object:
        told = id_of(value)
        if len(told) > most:
            raise ValueError(f"has more than {most} characters")
        return told

    return form


def short(id_: str, most: int) -> str:
    """An id that must be told, and that its CPO made too long."""
    if len(id_) <= most:
        return id_
    digest = sha256(id_.encode()).hexdigest()[:_HASH_DIGITS]
    return f"{id_[: most - _HASH_DIGITS - 1]}-{digest}"


def word(known: Collection[str] = (), *, more: bool = False) -> Form:
    """A value of an enum; `more`: others may come, as in OCPI's open enums."""
    spelled = {one.upper(): one for one in known}

    def form(value: object) -> object:
        told = upper_of(value)
        if told not in spelled and not more:
            raise ValueError("is not one of the words")
        return spelled.get(told, told)

    return form


def whole(most: int) -> Form:
    def form(value: object) -> object:
        number = round(number_of(value))
        if not 0 <= number <= most:
            raise ValueError(f"is not from 0 to {most}")
        return number

    return form


def url(value: object) -> object:
    told = text_of(value).strip()
    whole_url = told.startswith(("http://", "https://")) and len(told) <= _URL_MAX
    if not whole_url or " " in told or not told.isprintable():
        raise ValueError("is not a URL")
    return told


def instant(value: object) -> object:
    return instant_text(instant_of(value))


def language(value: object) -> object:
    """ISO 639-1: of `de-DE` the first two letters."""
    told = text_of(value).strip()[:_LETTERS].lower()
    if len(told) < _LETTERS or not (told.isascii() and told.isalpha()):
        raise ValueError("is not a language")
    return told


def country(value: object) -> object:
    """ISO 3166-1 alpha-3; many tell two letters."""
    two = alpha_2(upper_of(value))
    if not two:
        raise ValueError("is not a country")
    return alpha_3(two)


def degrees(most: int, characters: int) -> Form:
    def form(value: object) -> object:
        number = number_of(value)
        if abs(number) > most:
            raise ValueError("is not on earth")
        return degrees_text(number, characters)

    return form


def degrees_text(value: Decimal, characters: int) -> str:
    """With 5 to 7 decimals, as many as were told and as there is room for."""
    room = characters - len(f"{value:.0f}") - 1 - (value > -1 and value < 0)
    fraction = -int(value.as_tuple().exponent)
    return f"{value:.{min(max(fraction, _FRACTION_LEAST), _FRACTION_MOST, room)}f}"


LATITUDE, LONGITUDE = degrees(90, 10), degrees(180, 11)
FLAG: Form = flag_of
NUMBER: Form = number_of
