"""How is the simulated CPO told what to do? The /sim side: time, plans, faults, and a look inside.

It acts only when told: a tick sends everything that is due by then, in order, before it answers.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sandbox.peers.cpo import objects, registration, wire
from sandbox.peers.cpo.commands import plug_in
from sandbox.peers.cpo.connection import Caller, Connection
from sandbox.peers.cpo.envelope import Refusal
from sandbox.peers.cpo.plan import read_plan
from sandbox.peers.cpo.sender import Sent, send_next, send_result
from sandbox.peers.cpo.state import Operator
from sandbox.peers.serving import epoch, instant

Json = dict[str, Any]


class Control:
    """Bodies are JSON objects with exact numbers; answers are JSON too."""

    def __init__(self, operator: Operator, caller: Caller) -> None:
        self._operator = operator
        self._caller = caller
        self._ticking = asyncio.Lock()

    async def tick(self, body: Mapping[str, Any]) -> Json:
        """`now`, and `parallel` (default 1): how many sessions may send at the same time."""
        async with self._ticking:
            self._operator.advance(epoch(body["now"]))
            sent = await self._send_due(int(body.get("parallel", 1)))
        told = [line.to_json() for line in sent]
        return {"now": self._operator.now_text(), "sent": told, **await self.next({})}

    async def _send_due(self, parallel: int) -> list[Sent]:
        sent: list[Sent] = []
        while self._operator.results:
            sent.append(await send_result(self._operator, self._caller))

        async def work() -> None:
            while (name := self._operator.pop_due()) is not None:
                # Due messages of one session go out one after the other, even when in parallel.
                sent.extend(await send_next(self._operator, self._caller, name))

        await asyncio.gather(*(work() for _ in range(max(1, parallel))))
        return sent

    async def plan(self, body: Any) -> Json:  # noqa: ANN401 - JSON, one plan or a list
        plans = body if isinstance(body, list) else [body]
        for each in plans:
            read_plan(each)
        for each in plans:
            self._operator.plan(each)
        return {"planned": len(plans)}

    async def connect(self, body: Mapping[str, Any]) -> Json:
        """Register at the eMSP: `versions_url` and its token A as `token`, `url` as it sees us."""
        operator, token_b = self._operator, registration.new_token()
        operator.connect(Connection(shown=token_b))  # they call us back before they answer
        ours = self._ours(token_b, body["url"])
        try:
            made = await registration.connect(
                self._caller, body["versions_url"], body["token"], operator.versions, ours
            )
        except Refusal:
            operator.connect(Connection())
            raise
        operator.connect(made)
        return {"connected": True, "version": made.version, "endpoints": made.endpoints}

    async def renew(self, body: Mapping[str, Any]) -> Json:
        """PUT new credentials to the eMSP, in `version`; `url` is our own versions URL."""
        operator, before = self._operator, self._operator.connection
        ours = self._ours(registration.new_token(), body["url"])
        # They fetch our versions with the new token before they answer.
        operator.connect(replace(before, shown=ours["token"]))
        try:
            made = await registration.connect(
                self._caller, before.versions_url, before.ours, (body["version"],), ours, "PUT"
            )
        except Refusal:
            operator.connect(before)
            raise
        operator.connect(made)
        return {"renewed": True, "version": made.version}

    def _ours(self, token: str, url: str) -> Json:
        network = self._operator.network
        party, name = network.party, network.name
        return {"token": token, "versions_url": url, "party": party, "name": name}

    async def invite(self, body: Mapping[str, Any]) -> Json:
        """Give out a new token A, which ends the present registration."""
        self._operator.connect(Connection(token_a=body["token"]))
        return {"invited": True}

    async def pull_tokens(self, _: Mapping[str, Any]) -> Json:
        """Read the eMSP's whole list of tokens, page by page."""
        connection, count = self._operator.connection, 0
        url = connection.endpoints["tokens.SENDER"]
        while url:
            answer = await self._caller.functional(connection, "GET", url)
            if not answer.good:
                raise Refusal(200, answer.status, f"GET tokens: {answer.http}")
            for token in answer.data:
                party = {"country_code": connection.country_code, "party_id": connection.party_id}
                read = wire.token_read(connection.version, token, party)
                self._operator.keep_token(read)
                count += 1
            url = _next_page(answer.headers.get("Link", ""))
        return {"tokens": count}

    async def authorize(self, body: Mapping[str, Any]) -> Json:
        """A driver presents a token at a charger: what does the eMSP say?"""
        connection = self._operator.connection
        base = connection.endpoints["tokens.SENDER"].rstrip("/")
        type_ = wire.type_written(connection.version, body.get("type", "RFID"))
        url = f"{base}/{body['uid']}/authorize?type={type_}"
        place = {n: body[n] for n in ("location_id", "evse_uids") if n in body}
        answer = await self._caller.functional(connection, "POST", url, place or None)
        return {"http": answer.http, "status": answer.status, "data": answer.data}

    async def card(self, body: Mapping[str, Any]) -> Json:
        """A driver holds a card to an EVSE and, where the eMSP allows it, charges."""
        asked = await self.authorize({**body, "evse_uids": [body["evse_uid"]]})
        told = asked["data"] or {}
        if told.get("allowed") == "ALLOWED":
            token = told.get("token") or self._operator.tokens[body["uid"].lower()]
            reference = told.get("authorization_reference", "")
            plug_in(self._operator, token, reference, body)
        return asked

    async def tariff(self, body: Mapping[str, Any]) -> Json:
        """Publish a tariff or its next version; pushed if the eMSP takes pushes, else pulled."""
        tariff = dict(self._operator.publish(body))
        told = wire.written(self._operator.connection.version, "tariffs", tariff)
        return await self._push("PUT", "tariffs", [tariff["id"]], told)

    async def evse(self, body: Mapping[str, Any]) -> Json:
        """Staff set an EVSE's status: OUTOFORDER, AVAILABLE …"""
        location_id, evse_uid = body["location_id"], body["evse_uid"]
        self._operator.set_status(location_id, evse_uid, body["status"])
        change = {"status": body["status"], "last_updated": self._operator.now_text()}
        return await self._push("PATCH", "locations", [location_id, evse_uid], change)

    async def outage(self, body: Mapping[str, Any]) -> Json:
        """Answer the next `requests` OCPI requests with HTTP 503."""
        self._operator.outage = int(body["requests"])
        return {"requests": self._operator.outage}

    async def _push(self, method: str, module: str, path: list[str], body: Json) -> Json:
        connection, party = self._operator.connection, self._operator.network.party
        base = connection.endpoints.get(f"{module}.RECEIVER", "").rstrip("/")
        if not base:
            return {"pushed": False}
        url = "/".join([base, party["country_code"], party["party_id"], *path])
        answer = await self._caller.functional(connection, method, url, body)
        return {"pushed": True, "http": answer.http, "status": answer.status}

    async def state(self, _: Mapping[str, Any]) -> Json:
        operator = self._operator
        return {
            "now": operator.now_text(),
            **await self.next({}),
            "connected": operator.connection.registered,
            "tokens": len(operator.tokens),
            "complaints": operator.complaints,
            "reservations": operator.reservations,
            "sessions": [self._session(name) for name in operator.visits],
        }

    async def next(self, _: Mapping[str, Any]) -> Json:
        """What a tick's answer says of the next message, without a tick."""
        due = self._operator.next_due()
        return {"next": instant(due) if due is not None else None}

    async def about(self, _: Mapping[str, Any]) -> Json:
        party = self._operator.network.party
        return {"peer": "simulated CPO", "versions": "/ocpi/cpo/versions", **party}

    def _session(self, name: str) -> Json:
        operator = self._operator
        visit = operator.visits[name]
        cdr = operator.cdr(name)
        return {
            "session_id": name,
            "authorization_reference": visit.authorization_reference,
            "faults": sorted(visit.plan.faults),
            "status": objects.status(visit, operator.now),
            "start": instant(visit.charge.start),
            "end": instant(visit.charge.end),
            "energy_wh": visit.charge.energy_at(operator.now),
            "messages_sent": operator.sent.get(name, 0),
            "cdr_id": cdr["id"] if cdr else "",
            "cdr_url": operator.cdr_urls.get(name, ""),
            "total_cost": _texts(cdr["total_cost"]) if cdr else None,
        }


def _texts(price: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(amount) for name, amount in price.items()}


def _next_page(link: str) -> str:
    """The URL of `<…>; rel="next"`, or nothing."""
    url, _, relation = link.partition(";")
    return url.strip().strip("<>") if 'rel="next"' in relation else ""
