"""Who are we in OCPI? The party that peers register, and that our tokens belong to."""

COUNTRY_CODE = "DE"
PARTY_ID = "PLG"
NAME = "Plugrail"
HUB_VERSIONS = ("2.3.0", "2.2.1")  # of OCPI, in which we are the CPOs of an eMSP
REFERENCE_PREFIX = "ses_"  # of every authorization_reference: it is the session's own id
