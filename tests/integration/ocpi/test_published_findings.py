"""Is a tariff checked as it arrives, and can its CPO and staff read what was found?"""

import argparse
import json
from typing import Any

import pytest

from chalicelib.domain.tariff.tariff import Tariff
from chalicelib.ocpi.envelope.body import parse
from chalicelib.ocpi.v2_2_1.tariff import read_tariff
from chalicelib.usecases import keys
from chalicelib.usecases.network.pull import pull_peer
from sandbox.commands import admin
from sandbox.memory.ports import MemoryPorts

_GOOD: dict[str, Any] = {
    "country_code": "DE",
    "party_id": "NRD",
    "id": "T1",
    "currency": "EUR",
    "elements": [
        {"price_components": [{"type": "ENERGY", "price": 0.49, "vat": 19, "step_size": 1}]}
    ],
    "last_updated": "2026-11-16T07:00:00Z",
}
_BAD = _GOOD | {
    "elements": [
        *_GOOD["elements"],
        {"price_components": [{"type": "ENERGY", "price": 49, "vat": 19, "step_size": 1}]},
    ],
    "last_updated": "2026-11-16T07:20:00Z",
}
_MENDED = _GOOD | {"currency": "EUR", "type": "REGULAR", "last_updated": "2026-11-16T07:40:00Z"}
_PATH = "/ocpi/2.2.1/tariffs/DE/NRD/T1"


def _rows(ports: MemoryPorts, peer: Any) -> list[Any]:
    return list(ports.store.query(keys.tariff_versions(peer.connection.id, "DE", "NRD", "T1")))


def _admin(ports: MemoryPorts, capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    parser = argparse.ArgumentParser()
    admin.register(parser.add_subparsers())
    assert admin.run(parser.parse_args(["admin", "tariffs", *words]), ports) == 0
    return json.loads(capsys.readouterr().out)


def _read(sent: dict[str, Any]) -> Tariff:
    return read_tariff(parse(json.dumps(sent)))[0]


def test_a_clean_tariff_is_kept_without_a_word_or_a_byte_more(
    ports: MemoryPorts, peer: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "findings" not in peer.send("PUT", _PATH, _GOOD).message
    (row,) = _rows(ports, peer)
    assert set(row.body) == {"last_updated", "raw_name", "mended"}
    assert not ports.store.query(keys.tariff_findings(peer.connection.id))
    assert _admin(ports, capsys, "list") == []


def test_the_cpo_is_told_in_the_reply_and_the_tariff_is_accepted(
    ports: MemoryPorts, peer: Any
) -> None:
    for _ in range(2):  # sent again unchanged, it is told again
        answer = peer.send("PUT", _PATH, _BAD)
        assert answer.status == 1000
        message = answer.message
        assert message.startswith("accepted, 2 findings: shadowed elements[1]; price_in_cents")
        assert len(message) <= 255
    assert len(_rows(ports, peer)) == 1


def test_staff_list_what_was_found_until_the_cpo_mends_it(
    ports: MemoryPorts, peer: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    peer.send("PUT", _PATH, _GOOD)
    ports.clock.forward(seconds=60)
    peer.send("PUT", _PATH, _BAD)
    (listed,) = _admin(ports, capsys, "list")
    assert (listed["tariff"], listed["connection"]) == ("DE*NRD#t1", peer.connection.id)
    assert [one["code"] for one in listed["findings"]] == ["shadowed", "price_in_cents"]
    assert "Put the narrower element first" in listed["findings"][0]["text"]
    ports.clock.forward(seconds=60)
    peer.send("PUT", _PATH, _MENDED)
    assert _admin(ports, capsys, "list") == []
    shown = _admin(ports, capsys, "show", peer.connection.id, "DE*NRD", "T1")
    assert [len(one["findings"]) for one in shown] == [0, 2, 0]  # the versions keep theirs


def test_a_withdrawn_tariff_is_listed_no_more(
    ports: MemoryPorts, peer: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    peer.send("PUT", _PATH, _BAD)
    assert peer.send("DELETE", _PATH).status == 1000
    assert _admin(ports, capsys, "list", "--connection", peer.connection.id) == []


def test_a_tariff_of_a_thousand_faults_is_a_small_row(ports: MemoryPorts, peer: Any) -> None:
    element = {"price_components": [{"type": "ENERGY", "price": 49, "step_size": 7000}]}
    peer.send("PUT", _PATH, _GOOD | {"elements": [element] * 900, "type": "X", "currency": "SEK"})
    (row,) = _rows(ports, peer)
    assert len(json.dumps(row.body)) < 4_000


def test_a_tariff_that_is_pulled_is_checked_and_its_cpo_reads_it_where_it_asks_for_ours(
    ports: MemoryPorts, peer: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """A pull has no reply in which to tell: our own copy of the tariff tells it."""
    ports.cpos.prices.append(_read(_BAD))
    assert pull_peer(ports, peer.connection).failed == ()
    (listed,) = _admin(ports, capsys, "list")
    assert [one["code"] for one in listed["findings"]] == ["shadowed", "price_in_cents"]
    assert peer.send("GET", _PATH).message.startswith("accepted, 2 findings: shadowed elements[1]")
    ports.clock.forward(hours=1)
    ports.cpos.prices[:] = [_read(_MENDED)]
    pull_peer(ports, peer.connection)
    assert _admin(ports, capsys, "list") == []
    assert "findings" not in peer.send("GET", _PATH).message
