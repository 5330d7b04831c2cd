"""Everything the domain can refuse, as one small family.

DomainError
├── Rejected     the request is wrong; the same request will always be refused
├── Conflict     the request disagrees with what is already recorded
└── NotYet       the request may succeed later; the only family worth a retry

Each refusal is a subclass with a stable `code`, its data as attributes, and, where one field of
the request is to blame, `field` (a JSON path). `how_to_fix` is one sentence for the caller.
"""

from typing import ClassVar


class DomainError(Exception):
    code: ClassVar[str] = "refused"
    field: str = ""
    how_to_fix: str = ""


class Rejected(DomainError):
    code = "rejected"


class NotFound(Rejected):
    """The thing does not exist, or is not the caller's to know of: both look the same outside."""

    code = "not_found"

    def __init__(self, kind: str, id_: str, field: str = "") -> None:
        super().__init__(f"there is no {kind} {id_!r}")
        self.kind, self.id, self.field = kind, id_, field


class Invalid(Rejected):
    """One field of the request has no valid reading."""

    code = "invalid"

    def __init__(self, field: str, reason: str, how_to_fix: str = "") -> None:
        super().__init__(f"{field}: {reason}" if field else reason)
        self.field, self.reason, self.how_to_fix = field, reason, how_to_fix


class Forbidden(Rejected):
    code = "forbidden"


class Conflict(DomainError):
    code = "conflict"


class NotYet(DomainError):
    code = "not_yet"
