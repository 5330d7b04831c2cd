"""Is this an IBAN, and where does it bank? ISO 13616: length by country, check digits modulo 97."""

from chalicelib.domain.errors import Invalid

# Characters in all, for the countries and territories of the SEPA schemes (EPC409-09).
_KNOWN = (
    "AD24 AL28 AT20 BE16 BG22 CH21 CY28 CZ24 DE22 DK18 EE20 ES24 FI18 FR27 GB22 GI23 "
    "GR27 HR21 HU28 IE22 IS26 IT27 LI21 LT20 LU20 LV21 MC27 MD24 ME22 MK19 MT31 NL18 "
    "NO15 PL28 PT25 RO24 RS22 SE24 SI19 SK24 SM27 VA22"
)
_LENGTHS = {word[:2]: int(word[2:]) for word in _KNOWN.split()}
_MODULUS, _REMAINDER = 97, 1
_SHOWN = 4  # characters at the end that people may see
_BIC_LENGTHS = {8, 11}


def iban(text: str) -> str:
    """The IBAN without spaces in capitals, or Invalid. The message never repeats the number."""
    code = "".join(text.split()).upper()
    if not code.isascii() or not code.isalnum():
        raise Invalid("iban", "has characters other than letters and digits")
    expected = _LENGTHS.get(code[:2])
    if expected is None:
        raise Invalid("iban", f"{code[:2]!r} is no country of the SEPA schemes")
    if len(code) != expected:
        raise Invalid("iban", f"has {len(code)} characters, one of {code[:2]} has {expected}")
    if not code[2:4].isdigit() or _number(code[4:] + code[:4]) % _MODULUS != _REMAINDER:
        raise Invalid("iban", "its check digits are wrong", "compare it with the bank's own paper")
    return code


def bic(text: str) -> str:
    """The BIC (ISO 9362) in capitals, or Invalid: bank, country, place, perhaps a branch."""
    code = text.strip().upper()
    if len(code) not in _BIC_LENGTHS or not (code.isascii() and code.isalnum()):
        raise Invalid("bic", "has eight or eleven letters and digits")
    if not code[4:6].isalpha():
        raise Invalid("bic", "its fifth and sixth letters are a country")
    return code


def masked(code: str) -> str:
    """What may be shown and logged: the country and the last four characters."""
    return f"{code[:2]}…{code[-_SHOWN:]}"


def _number(code: str) -> int:
    """A to Z count 10 to 35."""
    return int("".join(str(int(char, 36)) for char in code))
