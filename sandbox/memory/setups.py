"""What does the provider in memory know of saved means of payment?"""

from dataclasses import replace

from chalicelib.ports.payments import PaymentRefused, Setup, SetupRequest, SetupState


class Setups:
    def __init__(self) -> None:
        self._known: dict[str, Setup] = {}
        self._kinds: dict[str, str] = {}
        self._by_key: dict[str, str] = {}
        self._detached: set[str] = set()

    def set_up(self, request: SetupRequest, key: str) -> Setup:
        if key in self._by_key:
            return self._known[self._by_key[key]]
        number = len(self._known) + 1
        reference = f"seti_{number:024d}"
        customer = request.customer or f"cus_{number:014d}"
        secret = f"{reference}_secret_memory"
        self._known[reference] = Setup(
            reference, SetupState.ACTION_REQUIRED, customer, secret=secret
        )
        self._kinds[reference], self._by_key[key] = request.kind, reference
        return self._known[reference]

    def read(self, reference: str) -> Setup:
        if reference not in self._known:
            raise PaymentRefused("resource_missing", f"no such setup_intent: {reference!r}")
        return self._known[reference]

    def confirm(self, reference: str, method: str, reason: str) -> None:
        setup = self._known[reference]
        if reason:
            self._known[reference] = replace(setup, reason=reason)
            return
        debit = "sepa:" if self._kinds[reference] == "sepa_debit" else ""
        source = f"{debit}{setup.customer}/{method}"
        saved = replace(setup, state=SetupState.SAVED, source=source, secret="", reason="")
        self._known[reference] = saved

    def detach(self, source: str, key: str) -> None:
        assert key, "a call that changes something has a key"
        self._detached.add(source)

    def is_detached(self, source: str) -> bool:
        return source in self._detached
