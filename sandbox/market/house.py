"""Which processes make a market on one laptop? AWS, the API, CPOs, provider and bank.

`House` is a context manager: whatever happens inside, nothing that it started stays behind.
"""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from chalicelib.domain.codec import instant_text
from chalicelib.ports.bundle import Ports
from chalicelib.wiring import Adapters, Settings
from sandbox.aws import local
from sandbox.aws.local import LocalAws
from sandbox.aws.package import build
from sandbox.market.roles import CpoRole, EmspRole
from sandbox.memory.bank import BANK_ACCOUNT, OWN_IBAN, own_account
from sandbox.peers.clock import FILE, Clock
from sandbox.peers.processes import Processes, Running, free_port

PACKAGE = Path("build/package-local")
WEBHOOK_SECRET = "whsec_the_laptops_payment_provider"
API_KEY = "sk_test_plugrail"
_TIMEOUT_S = 120


@dataclass
class House:
    """Everything is on 127.0.0.1. `http` speaks to the peers' controls."""

    directory: Path
    opens: datetime
    cpo_roles: tuple[CpoRole, ...]
    port: int = 0
    provider_config: dict[str, Any] = field(default_factory=dict)
    workers: int = 2
    emsp_role: EmspRole | None = None
    aws: LocalAws = field(init=False)
    clock: Clock = field(init=False)
    provider: Running = field(init=False)
    receiver: Running = field(init=False)
    bank: Running | None = None  # where a CPO is paid by SEPA
    emsp: Running | None = None  # where a partner's speaks OCPI
    front: Running = field(init=False)
    cpos: dict[str, Running] = field(default_factory=dict)
    ports: Ports = field(init=False)
    http: httpx.Client = field(init=False)
    _processes: Processes = field(init=False)
    _before: dict[str, str | None] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self._processes = Processes(self.directory / "logs")
        self.http = httpx.Client(timeout=_TIMEOUT_S, trust_env=False)
        try:
            self._start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.http.close()
        self._processes.stop_all()
        for name, value in self._before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock.now(), UTC)

    def set_clock(self, at: datetime) -> None:
        self.clock.set(int(at.timestamp()))

    def tell(self, peer: Running, control: str, **said: object) -> Any:  # noqa: ANN401 - JSON
        """A peer's answer to POST /sim/<control>; its refusal is a bug of the market."""
        answer = self.http.post(f"{peer.url}/sim/{control}", json=said)
        if answer.is_error:
            raise RuntimeError(f"{peer.name} refused {control}: {answer.text}")
        return answer.json()

    def _start(self) -> None:
        self.port = self.port or free_port()
        now = instant_text(self.opens)
        start = self._processes.start_module
        package = build(PACKAGE, libraries=False)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.clock = Clock(self.directory.resolve() / "clock")
        self.set_clock(self.opens)
        clock = {FILE: str(self.clock.file)}
        with ThreadPoolExecutor() as at_once:  # each takes half a second to import its own
            rates = at_once.submit(start, "ecb", "sandbox.peers.ecb", environment=clock)
            provider = at_once.submit(
                start,
                "provider",
                "sandbox.peers.provider",
                ("--config", self._written("provider", self.provider_config)),
                environment=clock,
            )
            receiver = at_once.submit(start, "receiver", "sandbox.peers.partner")
            aws = at_once.submit(local.start, self.directory / "aws", self._processes)
            cpos = {
                role.party.id.removeprefix("cpo_"): at_once.submit(self._start_cpo, role, now)
                for role in self.cpo_roles
            }
            emsp = self.emsp_role and at_once.submit(self._start_emsp, self.emsp_role, now)
        self.emsp = emsp.result() if emsp else None
        self.provider, self.receiver, self.aws = provider.result(), receiver.result(), aws.result()
        self.cpos = {name: started.result() for name, started in cpos.items()}
        # boto3 reads it: the adapters of this process reach no other AWS while the house stands
        self._before = {name: os.environ.get(name) for name in self.aws.environment}
        os.environ.update(self.aws.environment)
        self._deploy(package, rates.result().url)

    def _deploy(self, package: Any, rates_url: str) -> None:  # noqa: ANN401 - sandbox.aws.package
        parameters = {
            "PublicUrl": self.url,
            "ClockFile": str(self.clock.file),
            "StripeApiBase": self.provider.url,
            "AllowPrivateUrls": "true",
            "RatesUrl": rates_url,
            "SettleWaitS": "1800",
            "SchedulesState": "DISABLED",
        }
        self.aws.deploy(package, parameters)
        variables: dict[str, str] = {}
        for environment in self.aws.stack.environments.values():
            variables.update(environment)
        self.ports = Adapters(Settings(variables))
        self.ports.secrets.write("stripe/key", API_KEY)
        self.ports.secrets.write("stripe/read-key", API_KEY)
        self.ports.secrets.write("stripe/webhook", json.dumps([WEBHOOK_SECRET]))
        self.ports.secrets.write("personal/salt", "the laptop's salt")
        if any(role.iban for role in self.cpo_roles):
            self.bank = self._start_bank(variables["BANK_BUCKET"])
        self.front = self.aws.front(self.port, workers=self.workers)

    def _start_cpo(self, role: CpoRole, now: str) -> Running:
        config = self._written(role.party_code, role.config(now))
        name = role.party.id.removeprefix("cpo_")
        return self._processes.start_module(name, "sandbox.peers.cpo", ("--config", config))

    def _start_emsp(self, role: EmspRole, now: str) -> Running:
        config = self._written(role.party_code, role.config(now))
        return self._processes.start_module("emsp", "sandbox.peers.emsp", ("--config", config))

    def _start_bank(self, mailbox: str) -> Running:
        self.ports.secrets.write(BANK_ACCOUNT, own_account())
        arguments = ("--bucket", mailbox, "--iban", OWN_IBAN, "--now", instant_text(self.opens))
        return self._processes.start_module(
            "bank", "sandbox.peers.bank", arguments, environment=self.aws.environment
        )

    def _written(self, name: str, config: dict[str, Any]) -> str:
        path = self.directory / "config" / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(config, default=float, indent=1))
        return str(path)
