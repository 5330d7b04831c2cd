"""What does an OCPI 2.3.0 Tariff say? (mod_tariffs 11.3 and 11.4)

`preauthorize_amount` belongs to its second edition with payments. `booking` restrictions of the
bookings edition price no charging session: a tariff with one is kept and not priced.
"""

from chalicelib.domain.tariff.tariff import FirstMatch, Tariff
from chalicelib.ocpi.lenient.cost import Shape
from chalicelib.ocpi.lenient.place import Place
from chalicelib.ocpi.lenient.tariff import Dialect, tariff_of

DIALECT = Dialect(
    money=Shape.TAXED,
    names_owner=True,
    first_match=FirstMatch.PER_DIMENSION,
    tells_tax=True,
)


def read_tariff(value: object) -> tuple[Tariff, tuple[str, ...]]:
    """A Tariff, and what was mended in it. Raises Invalid naming the member to blame."""
    place = Place.whole(value)
    return tariff_of(place, DIALECT), place.notes.told()
