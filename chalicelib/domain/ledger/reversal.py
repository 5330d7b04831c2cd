"""How is an entry corrected? By its exact contrary, which names it; never by a change.

The contrary belongs to the same owner, under a name that follows from what it undoes: booked twice
it is the same entry, so that an owner's "booked once" is what keeps a second reversal out.
"""

from collections.abc import Collection
from datetime import datetime

from chalicelib.domain.errors import Conflict, Rejected
from chalicelib.domain.ids import EntryId
from chalicelib.domain.ledger.entry import Entry, Event, entry

REVERSES, AGREEMENT = "reverses", "agreement"


class ReversalNotReversible(Rejected):
    """What was undone by mistake is booked anew, under a name of its own."""

    code = "reversal_not_reversible"

    def __init__(self, entry_id: str) -> None:
        super().__init__(f"entry {entry_id} is itself a reversal: book the event anew")
        self.entry_id = entry_id


class AlreadyReversed(Conflict):
    code = "entry_already_reversed"

    def __init__(self, entry_id: str) -> None:
        super().__init__(f"entry {entry_id} is reversed already")
        self.entry_id = entry_id


def reversal_name(original: Entry) -> str:
    """The name under which the original's owner books its reversal."""
    return f"reversal:{original.id}"


def reverses(reversal: Entry) -> EntryId | None:
    """The entry that this one undoes."""
    named = reversal.refs.get(REVERSES)
    return None if named is None else EntryId(named)


def reversal_entry(
    original: Entry,
    at: datetime,
    *,
    name: str = "",
    event: Event = Event.REVERSAL,
    booked: Collection[str] = (),
    **refs: str,
) -> Entry:
    """The contrary of `original`, owed under the same agreement, if it names one.

    `booked` are the names that its owner has booked.
    Refuses ReversalNotReversible, and AlreadyReversed when the owner has booked it.
    """
    if reverses(original) is not None:
        raise ReversalNotReversible(original.id)
    chosen = name or reversal_name(original)
    if chosen in booked:
        raise AlreadyReversed(original.id)
    postings = ((posting.account, -posting.money) for posting in original.postings)
    under = {name: ref for name, ref in original.refs.items() if name == AGREEMENT}
    named = {REVERSES: original.id, **under, **refs}
    return entry(original.owner, chosen, event, at, postings, **named)
