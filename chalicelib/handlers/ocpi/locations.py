"""How does a CPO tell of its locations, EVSEs and connectors? (mod_locations 8.2.2)"""

from typing import Any

from chalicelib.domain.connection.refusals import LocationUnknown
from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.domain.ids import same_ids
from chalicelib.handlers.ocpi.endpoint import Call, Reply, serve
from chalicelib.ocpi.envelope.body import dump, parse_object
from chalicelib.ocpi.lenient.update import merged_update
from chalicelib.ports.store import WriteConflict
from chalicelib.usecases.connection.authenticate import speaks_for
from chalicelib.usecases.hub.news import place_changed
from chalicelib.usecases.network.accept_location import accept_location
from chalicelib.usecases.network.read import location_told
from chalicelib.usecases.network.told_again import redated

_TRIES = 5


def show(call: Call) -> Reply:
    """The Location, EVSE or Connector as it is kept here."""
    value, _ = _known(call)
    for segment, members, name in (
        ("evse_uid", "evses", "uid"),
        ("connector_id", "connectors", "id"),
    ):
        if segment in call.ids:
            id_ = call.ids[segment]
            listed = value.get(members) or ()
            found = [one for one in listed if same_ids([str(one.get(name))], [id_])]
            if not found:
                raise NotFound(segment.partition("_")[0], id_, segment)
            value = found[0]
    return Reply(value)


def put(call: Call) -> Reply:
    update = call.body
    if "evse_uid" in call.ids:
        return _merge(call, update, whole=True)
    return _accept(call, update, call.text)


def patch(call: Call) -> Reply:
    return _merge(call, call.body, whole=False)


def _merge(call: Call, update: dict[str, Any], *, whole: bool) -> Reply:
    """Parts may be told of at once: what was merged into what is no more there is merged anew."""
    for _ in range(_TRIES - 1):
        try:
            return _merged(call, update, whole=whole)
        except WriteConflict:
            continue
    return _merged(call, update, whole=whole)


def _merged(call: Call, update: dict[str, Any], *, whole: bool) -> Reply:
    evse, connector = call.ids.get("evse_uid", ""), call.ids.get("connector_id", "")
    dated = call.language.dated_patches
    value, seen = _known(call)
    merged = merged_update(value, evse, connector, update, whole=whole, dated=dated)
    return _accept(call, merged, dump(merged), seen)


def _accept(
    call: Call, value: dict[str, Any], raw: str, over: tuple[int, int] | None = None
) -> Reply:
    connection = call.connection
    read = call.language.read_location
    location, mended = read(value, connection.id, connection.identities, call.owner)
    told = (location.country_code, location.party_id, location.id)
    if not same_ids(told, _url(call)):
        raise Invalid("id", f"{'/'.join(told)} is not the {'/'.join(_url(call))} of the URL")
    if accept_location(call.ports, connection, location, raw, *mended, over=over):
        identity = f"{location.country_code}*{location.party_id}"
        place_changed(call.ports, identity, location.id, call.ids.get("evse_uid", ""))
    return Reply()


def _known(call: Call) -> tuple[dict[str, Any], tuple[int, int]]:
    """As last told, and which versions that is made of."""
    country, party, id_ = _url(call)
    speaks_for(call.connection, country, party)
    told = location_told(call.ports, call.connection.id, country, party, id_)
    if told is None:
        raise LocationUnknown(id_)
    return redated(parse_object(told.raw), told.dates()), told.seen


def _url(call: Call) -> tuple[str, str, str]:
    ids = call.ids
    return ids["country_code"].upper(), ids["party_id"].upper(), ids["location_id"]


_VIEWS = {"GET": show, "PUT": put, "PATCH": patch}
_PATH = "/locations/{country_code}/{party_id}/{location_id}"
serve(_PATH, _VIEWS)
serve(f"{_PATH}/{{evse_uid}}", _VIEWS)
serve(f"{_PATH}/{{evse_uid}}/{{connector_id}}", _VIEWS)
