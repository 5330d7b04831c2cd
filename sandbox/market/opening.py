"""How does a market open? Parties, terms and keys are made, CPOs register, money comes in.

Everything goes the way it goes in the field: staff through the use cases behind `sandbox admin`,
CPOs through the credentials handshake over HTTP, money through the provider and the bank.
"""

from dataclasses import dataclass, field

from chalicelib.domain.access.key import Stage
from chalicelib.domain.ids import PartyId
from chalicelib.domain.money import Money
from chalicelib.usecases.access.issue_key import issue_key
from chalicelib.usecases.agreement.make import make_agreement
from chalicelib.usecases.channel.add_float import add_float
from chalicelib.usecases.connection.invite import invite
from chalicelib.usecases.partner.top_up import top_up
from chalicelib.usecases.party.register import register
from sandbox.market import roaming
from sandbox.market.banking import join, limit_payouts, pay_by_bank, pay_in
from sandbox.market.cast import THE_CAST
from sandbox.market.house import WEBHOOK_SECRET, House
from sandbox.market.roles import Cast, CpoRole, PartnerRole
from sandbox.peers.processes import Running


@dataclass
class Opened:
    """`keys` are the partners' API keys by role name."""

    keys: dict[str, str] = field(default_factory=dict)


def open_market(house: House, cast: Cast = THE_CAST) -> Opened:
    """Everything that must be there before the first driver comes."""
    opened = Opened()
    ports = house.ports
    register(ports, cast.channel)
    hook = {"url": f"{house.url}/webhooks/stripe", "secret": WEBHOOK_SECRET}
    house.tell(house.provider, "webhook", **hook)
    for role in cast.cpos:
        join(house, role.party)
        if role.iban:
            pay_by_bank(house, role)
        _connect(house, role, house.cpos[role.party.id.removeprefix("cpo_")])
    limit_payouts(house, [*cast.floats, *([cast.at_bank] if cast.at_bank else [])])
    for money in cast.floats:
        add_float(ports, money, _bank_transfer(house, money, "float"))
    if cast.at_bank is not None:
        pay_in(house, cast.at_bank)
    for partner in cast.partners:
        opened.keys[partner.name] = _join(house, partner)
    if cast.emsp is not None:
        roaming.join(house, cast.emsp)
    house.aws.invoke("pull_networks")
    house.aws.invoke("import_rates")
    return opened


def _join(house: House, partner: PartnerRole) -> str:
    ports, party = house.ports, partner.party
    join(house, party)
    for agreement in partner.agreements:
        make_agreement(ports, agreement)
    if partner.paid_in is not None:
        top_up(ports, party.id, partner.paid_in, _bank_transfer(house, partner.paid_in, party.id))
    key = issue_key(ports, PartyId(party.id), Stage.SANDBOX, label="market").text
    if partner.hears:
        secret = _webhook_endpoint(house, key, partner.name)
        house.http.post(
            f"{house.receiver.url}/sim/hook", json={"name": partner.name, "secret": secret}
        ).raise_for_status()
    return key


def _webhook_endpoint(house: House, key: str, name: str) -> str:
    answer = house.http.post(
        f"{house.url}/v1/webhook-endpoints",
        json={"url": f"{house.receiver.url}/hooks/{name}", "events": ["*"]},
        headers={"Authorization": f"Bearer {key}"},
    )
    answer.raise_for_status()
    secret: str = answer.json()["secret"]
    return secret


def _connect(house: House, role: CpoRole, peer: Running) -> None:
    """The CPO's staff enters our invitation; its system registers with ours."""
    identity = {f"{role.country_code}*{role.party_code}": role.party.id}
    invitation = invite(house.ports, role.party.id, identity)
    house.tell(
        peer,
        "connect",
        versions_url=invitation.versions_url,
        token=invitation.token,
        url=f"{peer.url}/ocpi/cpo/versions",
    )


def _bank_transfer(house: House, money: Money, owner: str) -> str:
    """Money arrives at the provider from a bank; the provider's reference."""
    said = {"amount": money.minor, "currency": money.currency.lower()}
    made = house.tell(house.provider, "bank-transfer", **said, metadata={"owner": owner})
    reference: str = made["id"]
    return reference
