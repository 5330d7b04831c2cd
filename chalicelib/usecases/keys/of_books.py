"""Where do the findings of reconciliation lie?"""

from chalicelib.ports.store import Key


def open_differences() -> str:
    """Partition of the differences that stand open, sk = the difference's id; people look."""
    return "differences-open"


def cleared_difference(difference_id: str, first_seen: str) -> Key:
    """A difference that was open from then on and is gone, and since when."""
    return Key(f"difference-cleared#{difference_id}", first_seen)


def brought_forward() -> Key:
    """Up to when the books agreed with everybody's, and what each place had moved until then."""
    return Key("books-brought-forward")
