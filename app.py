"""Which entry points are there? The maps of them: each names the module that serves it.

HTTP paths are served by one function behind API Gateway; the other functions are invoked by the
table's stream, the schedules and the settlement machine (infra/). Modules are below
`chalicelib.handlers`, and are imported when they are first needed: docs/adr/0016.
"""

from chalice.app import Chalice

from chalicelib.handlers.ocpi.routes import OCPI
from chalicelib.handlers.partner_api.form import in_our_form
from chalicelib.handlers.partner_api.routes import PARTNER_API
from chalicelib.handlers.routing import METHODS, Route, add_functions, add_routes

ROUTES = (
    *PARTNER_API,  # /v1/…, /health
    *OCPI,  # /ocpi/versions, /ocpi/2.2.1/…
    Route("/webhooks/stripe", METHODS, "webhooks.stripe"),
)
FUNCTIONS = {
    "run_effects": "effects.stream",
    "sweep_effects": "effects.schedules",
    "import_rates": "rates.functions",
    "pull_networks": "network.functions",
    "open_due_windows": "settlement.opening",
    "settle_window": "settlement.functions",
    "settle_counterparty": "settlement.functions",
    "reconcile_books": "reconciliation.functions",
    "read_bank_files": "bank.functions",
}

app = Chalice(app_name="plugrail")
app.register_middleware(in_our_form, "http")
add_routes(app, ROUTES)
add_functions(app, FUNCTIONS)
