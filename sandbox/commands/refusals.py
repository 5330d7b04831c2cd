"""How is a refusal said? What is wrong, with what, and what to do next."""

import sys

from chalicelib.domain.errors import DomainError, NotFound

LISTED_BY = {
    "party": "party list",
    "partner": "party list",
    "agreement": "agreement list PARTNER",
    "dispute": "dispute list",
    "window": "window list",
    "open proposal": "destination list PARTY",
    "unmatched line": "bank list",
}


def refuse(refused: DomainError) -> int:
    """On standard error; the exit status."""
    print(f"refused ({refused.code}): {refused}", file=sys.stderr)
    fix = refused.how_to_fix
    if isinstance(refused, NotFound) and refused.kind in LISTED_BY:
        fix = f"see `python -m sandbox admin {LISTED_BY[refused.kind]}`"
    if fix:
        print(f"to fix it: {fix}", file=sys.stderr)
    return 1


def said(error: OSError) -> str:
    """Of which file, and what is wrong with it."""
    return f"{error.filename}: {(error.strerror or str(error)).lower()}"
