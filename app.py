"""Which entry points are there? The map of them: every Blueprint of the channel is registered here.

HTTP paths are served by one function behind API Gateway; the other functions are invoked by the
table's stream, the schedules and the settlement machine (infra/).
"""

from chalice.app import Chalice

from chalicelib.handlers.bank.functions import bank
from chalicelib.handlers.effects.schedules import scheduled_effects
from chalicelib.handlers.effects.stream import stream_effects
from chalicelib.handlers.ocpi.routes import ocpi
from chalicelib.handlers.partner_api.routes import partner_api
from chalicelib.handlers.settlement.functions import settlement
from chalicelib.handlers.webhooks.stripe import stripe_webhooks

app = Chalice(app_name="plugrail")

# HTTP
app.register_blueprint(partner_api)  # /v1/…, /health
app.register_blueprint(ocpi)  # /ocpi/versions, /ocpi/2.2.1/…
app.register_blueprint(stripe_webhooks)  # /webhooks/stripe

# Functions
app.register_blueprint(stream_effects)  # run_effects
app.register_blueprint(scheduled_effects)  # sweep_effects, import_rates, pull_networks
app.register_blueprint(settlement)  # the settlement machine, its schedules
app.register_blueprint(bank)  # read_bank_files
