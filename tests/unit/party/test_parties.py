from dataclasses import replace
from datetime import date

import pytest

from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.domain.ids import CHANNEL, PartyId
from chalicelib.domain.money import Currency
from chalicelib.domain.party.party import Kyc, Party, PartyKind, VatRegistration
from chalicelib.domain.settlement.window import ZoneUnknown, window_id
from chalicelib.usecases.party.read import channel, parties, party
from chalicelib.usecases.party.register import PartyDiffers, change, register
from chalicelib.usecases.window.open_due import open_due
from sandbox.memory.machine import MemoryMachine
from sandbox.memory.ports import MemoryPorts

EUR = Currency("EUR")
CPO = Party(
    PartyId("cpo_1"),
    PartyKind.CPO,
    "Nordstrom",
    "DE",
    EUR,
    time_zone="Europe/Berlin",
    vat=(VatRegistration("DE", "DE811111111", date(2024, 1, 1), reseller=True),),
)


def test_a_party_is_read_as_it_was_registered() -> None:
    ports = MemoryPorts()
    us = Party(CHANNEL, PartyKind.CHANNEL, "Channel", "DE", EUR)
    register(ports, us)
    register(ports, CPO)
    assert register(ports, CPO) == CPO
    assert (party(ports, CPO.id), channel(ports)) == (CPO, us)
    assert parties(ports) == [us, CPO]


def test_other_facts_under_the_same_id_are_a_conflict() -> None:
    ports = MemoryPorts()
    register(ports, CPO)
    with pytest.raises(PartyDiffers):
        register(ports, replace(CPO, name="Other"))
    assert party(ports, CPO.id) == CPO


def test_facts_are_changed_on_purpose() -> None:
    ports = MemoryPorts()
    register(ports, CPO)
    changed = change(ports, CPO.id, lambda known: replace(known, kyc=Kyc.VERIFIED))
    assert party(ports, CPO.id) == changed
    assert changed.kyc is Kyc.VERIFIED
    with pytest.raises(NotFound):
        change(ports, PartyId("cpo_2"), lambda known: known)


@pytest.mark.parametrize(
    "wrong",
    [
        replace(CPO, id=CHANNEL),
        replace(CPO, kind=PartyKind.CHANNEL),
        replace(CPO, country="GER"),
        replace(CPO, country="de"),
        replace(CPO, vat=(VatRegistration("D", "1", date(2024, 1, 1)),)),
        replace(CPO, vat=(VatRegistration("DE", "1", date(2024, 1, 1), date(2024, 1, 1)),)),
    ],
)
def test_facts_that_cannot_be_are_refused(wrong: Party) -> None:
    with pytest.raises(Invalid):
        register(MemoryPorts(), wrong)


def test_a_cpo_in_no_time_zone_is_refused() -> None:
    with pytest.raises(ZoneUnknown):
        register(MemoryPorts(), replace(CPO, time_zone="Mars/Olympus"))


def test_a_zones_windows_begin_on_the_day_on_which_somebody_of_it_joins() -> None:
    ports = MemoryPorts()
    register(ports, CPO)
    joined = window_id(ports.clock.now(), CPO.time_zone)
    ports.clock.forward(days=10)
    register(ports, replace(CPO, id=PartyId("cpo_2")))  # the zone goes on where it is
    opened = open_due(ports, MemoryMachine(ports))["opened"]
    assert opened == [joined]
