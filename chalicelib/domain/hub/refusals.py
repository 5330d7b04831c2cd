"""What is an eMSP refused that speaks OCPI with us as with its CPOs?"""

from datetime import datetime

from chalicelib.domain.errors import Forbidden, Rejected


class ReceiverUnknown(Rejected):
    """OCPI status 4001: the routing headers name nobody whom this eMSP reaches through us."""

    code = "receiver_unknown"
    field = "OCPI-to-party-id"
    how_to_fix = "Name a CPO of our credentials, us, or nobody."

    def __init__(self, identity: str) -> None:
        super().__init__(f"you reach no {identity} here")
        self.identity = identity


class LocationAmbiguous(Rejected):
    """Ids of locations are unique within a CPO only."""

    code = "location_ambiguous"
    field = "location_id"
    how_to_fix = "Name its CPO in OCPI-to-country-code and OCPI-to-party-id."

    def __init__(self, location_id: str) -> None:
        super().__init__(f"several CPOs have a location {location_id!r}")


class WrongSide(Forbidden):
    """A CPO's credentials are good for what CPOs call, an eMSP's for what eMSPs call."""

    code = "wrong_side"
    how_to_fix = "Call the endpoints that the details of our version name to you."

    def __init__(self) -> None:
        super().__init__("this endpoint is for peers of the other side")


class ConnectorsDiffer(Rejected):
    """Real-time authorization names an EVSE, and the price must be known before."""

    code = "connectors_differ"
    how_to_fix = "Give one tariff to all connectors of the EVSE, or let the driver start by app."

    def __init__(self, evse_uid: str) -> None:
        super().__init__(f"EVSE {evse_uid} has connectors of several prices, or none")
        self.evse_uid = evse_uid


class EmspSilent(Rejected):
    """Nobody says whether its driver may charge. It is not NotYet: the driver stands and waits."""

    code = "emsp_silent"
    how_to_fix = "Let the driver try again, or start by app."

    def __init__(self, identity: str) -> None:
        super().__init__(f"the driver's {identity} does not answer, and must be asked")
        self.identity = identity


class RefusedByEmsp(Rejected):
    code = "refused_by_emsp"
    how_to_fix = "The driver may ask its provider."

    def __init__(self, status: object) -> None:
        super().__init__(f"the driver's provider says {status}")
        self.status = status


class EarlierStartWaits(Rejected):
    """Money for a second start does not suffice while the first one may still become a charge."""

    code = "earlier_start_waits"

    def __init__(self, until: datetime) -> None:
        super().__init__(f"an earlier start by this card is awaited until {until:%H:%M} UTC")
        self.until = until
        self.how_to_fix = f"Let the driver plug in, or hold the card again after {until:%H:%M} UTC."
