"""Plugrail's code: domain, use cases, protocols and adapters. Refuses to run without assertions."""

import sys

if sys.flags.optimize:  # -O strips assertions, and assertions guard the books.
    sys.exit("Plugrail does not run under -O: its assertions are part of the design.")
