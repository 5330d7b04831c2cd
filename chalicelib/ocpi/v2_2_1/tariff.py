"""What does an OCPI 2.2.1 Tariff say? (mod_tariffs 11.3 and 11.4)"""

from chalicelib.domain.tariff.tariff import FirstMatch, Tariff
from chalicelib.ocpi.lenient.cost import Shape
from chalicelib.ocpi.lenient.place import Place
from chalicelib.ocpi.lenient.tariff import Dialect, tariff_of

DIALECT = Dialect(
    money=Shape.PRICE,
    names_owner=True,
    first_match=FirstMatch.PER_DIMENSION,
    tells_tax=False,
    foreign=frozenset({"tax_included", "preauthorize_amount"}),
)


def read_tariff(value: object) -> tuple[Tariff, tuple[str, ...]]:
    """A Tariff, and what was mended in it. Raises Invalid naming the member to blame."""
    place = Place.whole(value)
    return tariff_of(place, DIALECT), place.notes.told()
