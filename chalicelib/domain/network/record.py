"""How reliable is an EVSE, by the sessions that were seen to work or fail there?"""

from dataclasses import dataclass

# Before anything was seen, one start in twenty is expected to fail, with the weight of 20 starts.
_EXPECTED_FAILED, _EXPECTED = 1, 20
_WHOLE = 1000
_REMEMBERED = 100  # starts; then all counts are halved, so that what is long ago fades


@dataclass(frozen=True, slots=True)
class Record:
    """Since the first failure that is still remembered."""

    failed: int = 0
    worked: int = 0

    def per_mille(self) -> int:
        """The share of starts that is expected to work, in thousandths."""
        failed, all_ = self.failed + _EXPECTED_FAILED, self.failed + self.worked + _EXPECTED
        return _WHOLE * (all_ - failed) // all_

    def and_one_more(self, *, worked: bool) -> "Record":
        failed, good = self.failed + (not worked), self.worked + worked
        if failed + good > _REMEMBERED:
            failed, good = failed // 2, good // 2
        return Record(failed, good)


UNSEEN = Record()
