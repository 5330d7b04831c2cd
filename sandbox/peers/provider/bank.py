"""What does the driver see when the bank asks? One page with two buttons."""

from html import escape

from sandbox.peers.provider.refusals import Thing

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Your bank</title>
<style>body{{font:18px system-ui;max-width:28em;margin:4em auto;padding:0 1em}}
button{{font:inherit;padding:.6em 1.2em;margin:.3em .6em .3em 0}}</style>
<h1>Confirm a hold</h1><p>A charging session asks to hold <b>{amount}</b> on your card.</p>
<form method="post" action="?outcome=approve"><button>Approve</button></form>
<form method="post" action="?outcome=decline"><button>Decline</button></form>
<p><small>{id} at the simulated bank: no money is real here.</small></p></html>"""


def page(intent: Thing) -> str:
    amount = f"{intent['amount'] / 100:.2f} {intent['currency'].upper()}"
    return _PAGE.format(amount=escape(amount), id=escape(intent["id"]))
