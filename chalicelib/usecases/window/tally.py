"""How many of a window's sessions kept the promise? Counted in turns: no call reads them all."""

from dataclasses import replace

from chalicelib.domain.codec import from_plain, to_plain
from chalicelib.domain.ids import WindowId
from chalicelib.domain.settlement.promise import NAMED_MAX, Shares, Tally, counted, shares_of
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.window.fates import fates_in, turns_of
from chalicelib.usecases.window.sealed import read_plain, seal_plain


def counted_on(ports: Ports, window: WindowId, so_far: str) -> tuple[str, Shares | None]:
    """Count the next turn's sessions: the file from which to go on, or the shares of all.

    `so_far` is that file, "" before the first turn. A turn that is counted again after a kill
    leaves nothing but an unread file.
    """
    before = from_plain(Tally, read_plain(ports, so_far)) if so_far else Tally()
    turns = turns_of(ports, window)
    tally, missed = counted(before, fates_in(ports, window, before.turn))
    if missed and (turns > 1 or len(missed) > NAMED_MAX):
        name = seal_plain(ports, window, "missed", to_plain(missed))
        tally = replace(tally, files=(*tally.files, name))
    if tally.turn < turns:
        return seal_plain(ports, window, "tally", to_plain(tally)), None
    return "", shares_of(tally, ports.clock.now())
