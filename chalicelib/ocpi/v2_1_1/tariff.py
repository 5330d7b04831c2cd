"""What does an OCPI 2.1.1 Tariff say? (mod_tariffs.md 3 and 4)

It names no owner (its URL does), knows neither VAT nor limits nor reservations, and the first
element that holds decides every dimension.
"""

from chalicelib.domain.tariff.tariff import FirstMatch, Tariff
from chalicelib.ocpi.lenient.cost import Shape
from chalicelib.ocpi.lenient.place import Place
from chalicelib.ocpi.lenient.tariff import Dialect, Owner, tariff_of

DIALECT = Dialect(
    money=Shape.NUMBER,
    names_owner=False,
    first_match=FirstMatch.PER_ELEMENT,
    tells_tax=False,
    foreign=frozenset(
        {
            *("type", "min_price", "max_price", "start_date_time", "end_date_time"),
            *("tax_included", "preauthorize_amount"),
        }
    ),
    foreign_in_component=frozenset({"vat"}),
    foreign_in_restrictions=frozenset({"min_current", "max_current", "reservation"}),
)
UNKNOWN = Owner()


def read_tariff(value: object, owner: Owner = UNKNOWN) -> tuple[Tariff, tuple[str, ...]]:
    """A Tariff, and what was mended in it. Raises Invalid naming the member to blame."""
    place = Place.whole(value)
    return tariff_of(place, DIALECT, owner), place.notes.told()
