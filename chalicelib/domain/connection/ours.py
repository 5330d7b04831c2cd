"""Who are we in OCPI? The party that peers register, and that our tokens belong to."""

COUNTRY_CODE = "DE"
PARTY_ID = "PLG"
NAME = "Plugrail"
REFERENCE_PREFIX = "ses_"  # of every authorization_reference: it is the session's own id
