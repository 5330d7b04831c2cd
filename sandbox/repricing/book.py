"""By which tariffs is a CDR priced: those published when its session started, or its own?"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from chalicelib.domain.errors import Invalid
from chalicelib.domain.tariff.prepare import PreparedTariff, prepare
from chalicelib.domain.tariff.tariff import Tariff
from chalicelib.domain.tariff.usage import Usage
from sandbox import documents

_KEPT_MAX = 2_000
Prepared = Mapping[str, PreparedTariff]


class Book:
    """`published` are all versions known; none: each CDR is priced by the tariffs in it."""

    def __init__(self, published: Iterable[Tariff], zone: str) -> None:
        self._zone = zone
        self._versions: dict[str, list[Tariff]] = {}
        for tariff in sorted(published, key=lambda one: one.last_updated):
            self._versions.setdefault(tariff.id.lower(), []).append(tariff)
        self._ready: dict[tuple[str, datetime], PreparedTariff] = {}
        self._inside: dict[str, Prepared] = {}
        self._always: Prepared | None = None
        if len(self._versions) == 1:
            ((name, (first, *later)),) = self._versions.items()
            self._always = None if later else {name: self._in_force(name, first.last_updated)}

    def tariffs_for(self, usage: Usage, members: dict[str, Any], ocpi: str = "") -> Prepared:
        """By id in lower case; empty where no tariff is meant that is known. Raises Rejected."""
        if self._always is not None:
            return self._always
        if not self._versions:
            return self._of_its_own(members, ocpi)
        named = {period.tariff_id.lower() for period in usage.periods} & self._versions.keys()
        if not named and len(self._versions) == 1:
            named = set(self._versions)
        return {name: self._in_force(name, usage.start) for name in named}

    def _in_force(self, name: str, start: datetime) -> PreparedTariff:
        """The version published last before the start; the first there is, if all came later."""
        tariff, *later = self._versions[name]
        for one in later:
            if one.last_updated <= start:
                tariff = one
        key = name, tariff.last_updated
        ready = self._ready.get(key)
        if ready is None:
            ready = self._ready[key] = prepare(tariff, self._zone)
        return ready

    def _of_its_own(self, members: dict[str, Any], ocpi: str) -> Prepared:
        """The same tariff stands in CDR after CDR: it is read and made ready once."""
        told = members.get("tariffs")
        if not told:
            raise Invalid("tariffs", "the CDR has no tariff", "name the published ones: --tariffs")
        key = repr(told)
        found = self._inside.get(key)
        if found is None:
            if len(self._inside) >= _KEPT_MAX:
                self._inside.clear()
            tariffs = documents.read_cdr(members, ocpi)[0].tariffs
            if not tariffs:
                raise Invalid("tariffs", "none of the CDR's tariffs has a reading")
            found = {one.id.lower(): prepare(one, self._zone) for one in tariffs}
            self._inside[key] = found
        return found
