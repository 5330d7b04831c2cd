"""What does an OCPI 2.2.1 CDR say? (mod_cdrs 10.3.1)"""

from chalicelib.domain.session.charged import ReceivedCdr
from chalicelib.ocpi.lenient.cdr import cdr_of, charged_at
from chalicelib.ocpi.lenient.place import Place
from chalicelib.ocpi.v2_2_1.tariff import DIALECT


def read_cdr(value: object, raw_hash: str = "") -> tuple[ReceivedCdr, tuple[str, ...]]:
    """A CDR, and what was mended in it. Raises Invalid naming the member to blame.

    An embedded tariff without a reading is left out and noted: the price is not taken from it.
    """
    place = Place.whole(value)
    return cdr_of(place, charged_at(place), DIALECT, raw_hash), place.notes.told()
