"""Of what is a partner told? The catalogue of event types; a type once published keeps its name."""

EVENT_TYPES = {
    "session.action_required": "The driver's bank asks for an extra step, at `data.url`.",
    "session.started": "The car is charging.",
    "session.stopping": "The charger was asked to stop; `data.reason` says why.",
    "session.ended": "The car has stopped charging; the CPO's record is awaited.",
    "session.receipt": "The session is billed; `data.gross` is what the driver pays.",
    "session.payment_failed": "The money could not be taken after the charge.",
    "session.refunded": "Money was given back to the driver.",
    "session.held": "The session's money is held; `data.reason` says why.",
    "session.refused": "The session did not start; `data.reason` says why.",
    "session.abandoned": "The session ended without a charge; nothing is billed.",
    "test.ping": "You asked for a test message.",
}
