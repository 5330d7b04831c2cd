"""What became of a trip when its driver arrived?"""

from dataclasses import dataclass, field

from sandbox.market.script import Trip


@dataclass
class Taken:
    """A trip's way through the channel: its session, or why there is none."""

    trip: Trip
    session_id: str = ""
    refused: str = ""
    statuses: list[str] = field(default_factory=list)
