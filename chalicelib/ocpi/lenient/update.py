"""What is an object after a PUT or PATCH of it, or of a part of it? (mod_locations 8.2.2)"""

from datetime import datetime
from typing import Any

from chalicelib.domain.connection.refusals import UpdateOfUnknown, UpdateOutdated
from chalicelib.domain.errors import Invalid
from chalicelib.ocpi.lenient.basic import instant


def merged_update(
    raw: dict[str, Any],
    evse_uid: str,
    connector_id: str,
    update: dict[str, Any],
    *,
    whole: bool,
    dated: bool = True,
) -> dict[str, Any]:
    """The raw Location after a PUT (`whole`) or PATCH of it, of one EVSE, or of one Connector.

    An update is compared with the object that it names, since EVSEs change independently; the
    parents' `last_updated` follows (mod_locations 8.2.2.3). Unless updates must be `dated` (2.1.1's
    own examples are not), one without a date is as old as what it changes. Raises Invalid,
    UpdateOutdated, and UpdateOfUnknown when a PATCH names what is not there.
    """
    if not dated and "last_updated" not in update:
        update = {**update, "last_updated": _known_date(raw, evse_uid, connector_id)}
    if not evse_uid:
        return merged("location", raw, update, whole=whole)
    evses = list(raw.get("evses") or ())
    at = _index(evses, "uid", evse_uid)
    if not connector_id:
        evses = _put("EVSE", evses, at, {"uid": evse_uid}, update, whole=whole)
        return _newer({**raw, "evses": evses}, update)
    if at is None:
        raise UpdateOfUnknown("EVSE", evse_uid, "evse_uid")
    connectors = list(evses[at].get("connectors") or ())
    named = _index(connectors, "id", connector_id)
    connectors = _put("connector", connectors, named, {"id": connector_id}, update, whole=whole)
    evses[at] = _newer({**evses[at], "connectors": connectors}, update)
    return _newer({**raw, "evses": evses}, update)


def merged(
    kind: str, known: dict[str, Any], update: dict[str, Any], *, whole: bool
) -> dict[str, Any]:
    """One object after an update. Raises Invalid and UpdateOutdated."""
    ours = _readable(known)
    if ours is not None and _updated(update) < ours:
        shown = str(known["last_updated"])
        raise UpdateOutdated(kind, str(known.get("uid") or known.get("id")), shown)
    return dict(update) if whole else {**known, **update}


def _known_date(raw: dict[str, Any], evse_uid: str, connector_id: str) -> object:
    """Of the object that is meant; of its parent where it is not there yet, or has none."""
    found = raw
    for members, name, id_ in (("evses", "uid", evse_uid), ("connectors", "id", connector_id)):
        items = list(found.get(members) or ())
        at = _index(items, name, id_) if id_ else None
        found = found if at is None else items[at]
    return (found if _readable(found) else raw).get("last_updated")


def _put(
    kind: str,
    items: list[dict[str, Any]],
    at: int | None,
    name: dict[str, str],
    update: dict[str, Any],
    *,
    whole: bool,
) -> list[dict[str, Any]]:
    ((member, id_),) = name.items()
    if str(update.get(member, id_)).lower() != id_.lower():
        raise Invalid(member, f"{update[member]!r} is not the {id_!r} of the URL")
    if at is not None:
        return [*items[:at], merged(kind, items[at], update, whole=whole), *items[at + 1 :]]
    if not whole:
        raise UpdateOfUnknown(kind, id_, member)
    _updated(update)
    return [*items, {**name, **update}]


def _newer(parent: dict[str, Any], update: dict[str, Any]) -> dict[str, Any]:
    ours = _readable(parent)
    if ours is not None and ours >= _updated(update):
        return parent
    return {**parent, "last_updated": update["last_updated"]}


def _readable(known: dict[str, Any]) -> datetime | None:
    """When it was updated; None also for what no reading of it had to understand: a connector's."""
    text = known.get("last_updated")
    try:
        return instant(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _updated(update: dict[str, Any]) -> datetime:
    text = update.get("last_updated")
    if not isinstance(text, str):
        raise Invalid("last_updated", "is missing", "every update carries `last_updated`")
    try:
        return instant(text)
    except ValueError as error:
        raise Invalid("last_updated", str(error)) from error


def _index(items: list[dict[str, Any]], name: str, id_: str) -> int | None:
    wanted = id_.lower()  # CiStrings
    return next((i for i, item in enumerate(items) if str(item.get(name)).lower() == wanted), None)
