"""Where do handlers get their ports? One bundle a process, or the one that a test put in place."""

from typing import TYPE_CHECKING

from chalicelib.wiring.adapters import Adapters, settlement_machine, stripe_events
from chalicelib.wiring.settings import Settings

if TYPE_CHECKING:
    from chalicelib.ports.bundle import Ports
    from chalicelib.ports.machine import Machine
    from chalicelib.ports.payment_events import PaymentEvents

_ports: "Ports | None" = None
_settings: Settings | None = None
_machine: "Machine | None" = None


def ports() -> "Ports":
    """The port bundle of this process, made at the first call."""
    global _ports  # noqa: PLW0603 - the one composition root of a process
    if _ports is None:
        _ports = Adapters(settings())
    return _ports


def settings() -> Settings:
    """The environment of this process, read at the first call."""
    global _settings  # noqa: PLW0603 - read once; Lambda's environment does not change
    if _settings is None:
        _settings = Settings.of_process()
    return _settings


def machine() -> "Machine":
    """The settlement machine. Only `open_due_windows` starts it, so it is no port of the rest."""
    global _machine  # noqa: PLW0603 - see `ports`
    if _machine is None:
        _machine = settlement_machine(settings())
    return _machine


def payment_events() -> "PaymentEvents":
    """Proof of what the provider's webhooks say. Only their route needs it."""
    return stripe_events(ports().secrets, settings())


def use(
    ports: "Ports | None", settings: Settings | None = None, machine: "Machine | None" = None
) -> None:
    """Put another bundle (and environment, machine) in place; None is the process's own again."""
    global _ports, _settings, _machine
    _ports, _settings, _machine = ports, settings, machine


__all__ = ["Adapters", "Settings", "machine", "payment_events", "ports", "settings", "use"]
