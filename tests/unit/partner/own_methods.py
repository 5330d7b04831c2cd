"""A partner that saves a card for itself and tops up from it, for the tests of its balance."""

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.ids import PartyId
from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.book import balance, balances
from chalicelib.domain.money import Money
from chalicelib.domain.payment.saved_method import MethodKind, SavedMethod
from chalicelib.domain.payment.top_up import TopUp
from chalicelib.ports.payment_events import PaymentEvent
from chalicelib.usecases import keys
from chalicelib.usecases.effect.sweep import sweep
from chalicelib.usecases.partner.collect import ask_top_up
from chalicelib.usecases.partner.credit import balances_of
from chalicelib.usecases.payment.receive_event import receive_event
from chalicelib.usecases.payment.save_method import ask_method
from chalicelib.usecases.records import find, load
from sandbox.memory.world import EUR, PARTNERS, World

PREPAID = PARTNERS[PaymentMethod.PREPAID]
SEED = 50_000  # the world's insurer begins with it


def saved(world: World, partner_id: PartyId, source: str, token_id: str = "") -> SavedMethod:
    """The method once its form is filled in with `pm_…`; `pm_sepa_…` is a direct debit."""
    kind = MethodKind.SEPA_DEBIT if "sepa" in source else MethodKind.CARD
    asked = ask_method(world.ports, partner_id, token_id, kind, f"save {source} {token_id}")
    world.settle()
    reference = method(world, asked.id).reference
    world.ports.payments.confirm_setup(reference, source)
    event = PaymentEvent(f"evt_{asked.id}", "setup_intent.succeeded", reference, owner=asked.id)
    receive_event(world.ports, "stripe", event, b"{}")
    world.settle()
    return method(world, asked.id)


def method(world: World, id_: str) -> SavedMethod:
    return load(world.ports.store, keys.method_setup(id_), SavedMethod, "method").value


def eur(minor: int) -> Money:
    return Money(minor, EUR)


def asked(world: World, source: str = "pm_card_visa", key: str = "k1") -> TopUp:
    method = saved(world, PREPAID, source).id
    back = "https://app.example/back"
    top_up = ask_top_up(world.ports, PREPAID, eur(10_000), method, key, back)
    world.settle()
    return known(world, top_up.id)


def known(world: World, id_: str) -> TopUp:
    record = find(world.ports.store, keys.top_up(id_), TopUp)
    assert record is not None
    return record.value


def available(world: World) -> int:
    (purse,) = balances_of(world.ports, PREPAID)
    book = balances(world.everything())
    owed = -balance(book, Account(Purpose.PREPAID, PREPAID), EUR).minor
    assert owed == (purse.funded - purse.used).minor, "purse and books say the same"
    return purse.available.minor


def later(world: World, hours: int) -> None:
    for _ in range(hours // 6):
        world.ports.clock.forward(hours=6)
        sweep(world.ports)
        world.settle()
