"""What does the whole picture of a tariff look like?"""

from dataclasses import replace
from decimal import Decimal

from chalicelib.domain.tariff.tariff import Dimension
from sandbox.picture import svg
from sandbox.picture.chart import over_energy, over_time
from sandbox.picture.heat import depends_on_clock, heat_map
from sandbox.picture.session import Imagined, curve

_WIDTH, _HEIGHT, _HEAT_HEIGHT = 960.0, 428.0, 268.0
_LEFT, _RIGHT, _TOP = 68.0, 522.0, 112.0


def draw(imagined: Imagined) -> str:
    """SVG text. Raises TariffNotSupported and what else refuses a price."""
    tariff = imagined.tariff
    over = curve(imagined)
    currency = f"{tariff.currency} {'incl.' if over.with_vat else 'excl.'} VAT"
    powers = [imagined]
    if _time_costs(imagined):
        half, double = imagined.power_kw / 2, imagined.power_kw * 2
        powers = [_at(imagined, half), imagined, _at(imagined, double)]
    curves = [(f"{one.power_kw.normalize():f} kW", curve(_charging_only(one))) for one in powers]
    parts = [
        svg.text(32, 36, f"Tariff {tariff.id}", "title"),
        svg.text(32, 57, _scene(imagined)),
        *over_time(over, imagined, currency, _LEFT, _TOP),
        *over_energy(curves, currency, _RIGHT, _TOP),
    ]
    height = _HEIGHT
    if depends_on_clock(tariff):
        parts += heat_map(imagined, f"{currency} a kWh", _LEFT, _HEIGHT + 38)
        height += _HEAT_HEIGHT
    title = f"Price of a charging session by tariff {tariff.id}: {_scene(imagined)}"
    return svg.document(_WIDTH, height, title, parts)


def _scene(imagined: Imagined) -> str:
    begin = imagined.start.strftime("%A, %d %B %Y, %H:%M")
    power, energy = imagined.power_kw.normalize(), imagined.energy_kwh.normalize()
    hours = imagined.hours.normalize()
    return f"{energy:f} kWh at {power:f} kW, connected {hours:f} h from {begin} ({imagined.zone})"


def _time_costs(imagined: Imagined) -> bool:
    return any(
        one.type is Dimension.TIME and one.price
        for element in imagined.tariff.elements
        if element.restrictions.reservation is None
        for one in element.price_components
    )


def _at(imagined: Imagined, power_kw: Decimal) -> Imagined:
    return replace(imagined, power_kw=power_kw)


def _charging_only(imagined: Imagined) -> Imagined:
    """Connected until all energy is in the car, and no longer."""
    return replace(imagined, hours=imagined.energy_kwh / imagined.power_kw)
