"""In which words is an eMSP told of what CPOs tell? In those of its version of OCPI.

Tokens and commands read the same in all of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.hub.offered import Offered
from chalicelib.domain.hub.session import ToldCdr, ToldSession
from chalicelib.domain.tariff.tariff import Tariff
from chalicelib.ocpi.v2_2_1 import charge, network, price
from chalicelib.ocpi.v2_3_0 import told as taxed


@dataclass(frozen=True, slots=True)
class Words:
    """`sayable`: whether a tariff can be told exactly."""

    location: Callable[[Offered], dict[str, Any]]
    sayable: Callable[[Tariff], bool]
    tariff: Callable[[Tariff, str], dict[str, Any]]
    session: Callable[[ToldSession], dict[str, Any]]
    cdr: Callable[[ToldCdr], dict[str, Any]]


_WORDS = {
    "2.3.0": Words(
        taxed.write_location,
        taxed.sayable,
        taxed.write_tariff,
        taxed.write_session,
        taxed.write_cdr,
    ),
    "2.2.1": Words(
        network.write_offered,
        price.sayable,
        price.write_tariff,
        charge.write_session,
        charge.write_cdr,
    ),
}


def words(version: str) -> Words:
    """Of a version in which we are CPOs."""
    return _WORDS[version]
