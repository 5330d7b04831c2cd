"""How does the driver of an eMSP that speaks OCPI charge, and what does that eMSP say to it?"""

from dataclasses import dataclass

from chalicelib.domain.hub.card import Whitelist

SILENT = ""
UNKNOWN = "unknown"  # it refuses the question itself


@dataclass(frozen=True, slots=True)
class Roams:
    """`says`: what the eMSP answers when it is asked for a card: OCPI's word, SILENT or UNKNOWN.

    `by_card`: the driver holds a card to the charger; else its app commands. `token` says how we
    come to know it before: "pushed", "pulled" (the push is not made), "blocked" (good at first), or
    "" for one that only a command names. `holds_again`: the driver does nothing when first allowed,
    and comes back so many minutes later.
    """

    by_card: bool = False
    token: str = ""
    whitelist: Whitelist = Whitelist.NEVER
    says: str = "ALLOWED"
    holds_again: int = 0
