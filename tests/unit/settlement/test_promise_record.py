"""Does a window's record stay small, however many sessions missed the promise?"""

from datetime import UTC, datetime

from chalicelib.domain.settlement.promise import Fate, for_record, shares

AT = datetime(2026, 11, 20, tzinfo=UTC)


def test_a_record_names_the_first_exceptions_and_counts_all() -> None:
    fates = [Fate(f"ses_{number:05}", AT, reason="unfunded") for number in range(5000)]
    kept = for_record(shares(fates, AT))
    assert (kept["missed"], len(kept["exceptions"])) == (5000, 100)
    assert kept["exceptions"][0] == {"session": "ses_00000", "reason": "unfunded"}
