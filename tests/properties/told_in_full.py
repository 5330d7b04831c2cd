"""A location, a tariff and a CDR with all that OCPI knows, as CPOs seldom tell them."""

from typing import Any

from tests.properties import test_ocpi_reading as told

SPOT = {"latitude": "52.51234", "longitude": "13.41234"}
TEXTS = [{"language": "de", "text": "Hinten links"}]
IMAGE = {
    "url": "https://a.example/1.png",
    "thumbnail": "https://a.example/2.png",
    "category": "CHARGER",
    "type": "png",
    "width": 640,
    "height": 480,
}
BUSINESS = {"name": "Alfa", "website": "https://a.example", "logo": IMAGE}
MIX = {
    "is_green_energy": False,
    "energy_sources": [{"source": "WIND", "percentage": 60}],
    "environ_impact": [{"category": "CARBON_DIOXIDE", "amount": 2}],
    "supplier_name": "Wind AG",
    "energy_product_name": "Brise",
}
SPAN = {"period_begin": "2026-12-24T00:00:00Z", "period_end": "2026-12-26T00:00:00Z"}
HOURS = {
    "twentyfourseven": False,
    "regular_hours": [{"weekday": 5, "period_begin": "22:00", "period_end": "06:00"}],
    "exceptional_openings": [SPAN],
    "exceptional_closings": [SPAN],
}
PLUG = {
    **told.CONNECTOR,
    "format": "CABLE",
    "max_voltage": 400,
    "max_amperage": 125,
    "max_electric_power": 50_000,
    "terms_and_conditions": "https://a.example/terms",
    "last_updated": told.AT,
    "capabilities": ["ISO_15118_2_PLUG_AND_CHARGE"],
}
EVSE = {
    **told.EVSE,
    "evse_id": "DE*ALF*E1",
    "connectors": [PLUG],
    "status_schedule": [{**SPAN, "status": "RESERVED"}],
    "capabilities": ["RFID_READER"],
    "floor_level": "-1",
    "coordinates": SPOT,
    "physical_reference": "7",
    "directions": TEXTS,
    "parking_restrictions": ["EV_ONLY"],
    "images": [IMAGE],
    "parking": [{"parking_id": "P", "evse_position": "LEFT"}],
}
PARKING = {
    "id": "P",
    "vehicle_types": ["TRUCK"],
    "restricted_to_type": False,
    "reservation_required": False,
    "time_limit": 60,
    "roofed": True,
    "images": [IMAGE],
}
LOCATION: dict[str, Any] = {
    **told.LOCATION,
    "publish": True,
    "name": "Hof",
    "postal_code": "10115",
    "state": "BE",
    "related_locations": [{**SPOT, "name": TEXTS[0]}],
    "parking_type": "PARKING_LOT",
    "evses": [EVSE],
    "directions": TEXTS,
    "operator": BUSINESS,
    "facilities": ["CAFE"],
    "opening_times": HOURS,
    "charging_when_closed": True,
    "images": [IMAGE],
    "energy_mix": MIX,
    "help_phone": "+49 30 1",
    "parking_places": [PARKING],
}
TARIFF: dict[str, Any] = {
    **told.TARIFF,
    "type": "REGULAR",
    "tariff_alt_text": TEXTS,
    "tariff_alt_url": "https://a.example/t",
    "start_date_time": told.AT,
    "energy_mix": MIX,
    "preauthorize_amount": 50,
}
VALUE = {"nature": "End", "plain_data": "p", "signed_data": "s"}
CHARGED = {
    "meter_id": "M",
    "remark": "none",
    "home_charging_compensation": False,
    "signed_data": {"encoding_method": "OCMF", "signed_values": [VALUE], "public_key": "k"},
    "cdr_location": {
        "id": "L",
        "name": "Hof",
        "address": "A",
        "city": "C",
        "postal_code": "10115",
        "country": "DE",
        "coordinates": SPOT,
        "evse_uid": "E",
        "evse_id": "DE*ALF*E1",
        "connector_id": "1",
        "connector_standard": "CHADEMO",
        "connector_format": "CABLE",
        "connector_power_type": "DC",
    },
}
