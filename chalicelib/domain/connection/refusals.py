"""What is a peer refused, and under which name?"""

from datetime import datetime

from chalicelib.domain.errors import Conflict, Forbidden, NotFound, Rejected


class Unauthenticated(Rejected):
    """No token, an unknown one, or one that is not good for this endpoint (yet, or any more)."""

    code = "unauthenticated"
    how_to_fix = "Send `Authorization: Token <Base64 of your credentials token>`."

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class IdentityNotBound(Forbidden):
    """A peer may announce any party (ocpi issue 284): only those bound to its token count."""

    code = "identity_not_bound"
    how_to_fix = "Use a country_code and party_id that were agreed for these credentials."

    def __init__(self, identity: str) -> None:
        super().__init__(f"these credentials do not speak for {identity}")
        self.identity = identity


class AlreadyRegistered(Conflict):
    code = "already_registered"
    how_to_fix = "PUT new credentials, or DELETE the old ones first."

    def __init__(self, peer_id: str) -> None:
        super().__init__("this peer is registered already")
        self.peer_id = peer_id


class NotRegistered(Conflict):
    code = "not_registered"
    how_to_fix = "POST your credentials first."

    def __init__(self, peer_id: str) -> None:
        super().__init__("this peer is not registered")
        self.peer_id = peer_id


class PeerUnusable(Rejected):
    """What we asked of the peer during its handshake did not work (OCPI status 3001 to 3003)."""

    code = "peer_unusable"

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class WrongReceiver(Rejected):
    """The routing headers name a party that is not us."""

    code = "wrong_receiver"
    field = "OCPI-to-party-id"
    how_to_fix = "Send OCPI-to-country-code and OCPI-to-party-id of our credentials, or neither."

    def __init__(self, identity: str) -> None:
        super().__init__(f"this message is for {identity}")
        self.identity = identity


class TokenUnknown(NotFound):
    code = "token_unknown"

    def __init__(self, uid: str) -> None:
        super().__init__("token", uid, "token_uid")


class StartTooLate(Rejected):
    """What was started is about to be given up: whatever is charged now would be unsecured."""

    code = "start_too_late"
    field = "token_uid"
    how_to_fix = "Let the driver start again by app."

    def __init__(self, not_after: datetime) -> None:
        super().__init__(f"it was started to begin until {not_after:%H:%M} UTC")
        self.not_after = not_after


class TooLittleInformation(Rejected):
    """OCPI status 2002: without a location it cannot be said whether the token may be used."""

    code = "too_little_information"
    field = "location_id"
    how_to_fix = "Send LocationReferences in the body."


class LocationUnknown(NotFound):
    code = "location_unknown"

    def __init__(self, location_id: str) -> None:
        super().__init__("location", location_id, "location_id")


class UpdateOutdated(Conflict):
    """What we have was updated later: order is by `last_updated`, and older news is dropped."""

    code = "update_outdated"
    field = "last_updated"
    how_to_fix = "GET the object, then PUT its present state."

    def __init__(self, kind: str, id_: str, ours: str) -> None:
        super().__init__(f"{kind} {id_!r} is known as of {ours} already")
        self.kind, self.id, self.ours = kind, id_, ours


class UpdateOfUnknown(NotFound):
    """A PATCH changes what we do not have: the sender then PUTs the whole object."""

    code = "update_of_unknown"
    how_to_fix = "PUT the whole object."


class SessionIsFinal(Conflict):
    code = "session_is_final"
    field = "status"

    def __init__(self, id_: str, status: str) -> None:
        super().__init__(f"session {id_!r} is {status}, which is final")
        self.id, self.status = id_, status
