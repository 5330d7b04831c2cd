"""What is an eMSP refused that speaks OCPI with us as with its CPOs?"""

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
