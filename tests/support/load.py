"""Load that knows what it was promised: lanes that send one request after the other, and a file of every 2xx.

A lane is one key (a device, a phone number, a web form's visitor). It sends its next request only after the last one was answered with a
2xx, and repeats whatever was not: that is what providers and devices do, and what makes order checkable. The file is the client's own:
a line is written before the lane goes on, so what it holds was acknowledged, whatever happens to the program.
"""

import asyncio
import collections
import json
import pathlib
import random
import time

import broker as brokers
import http_client
import signers


class Lane:
    """One key. `items` is how many contacts the next request carries; each has a token, t:<lane>:<n>, as the first word of its text."""

    source = ""

    def __init__(self, name, batch=(1, 1)):
        self.name, self.next, self.batch = name, 0, batch

    def tokens(self, dice):
        count = dice.randint(*self.batch)
        tokens = [f"t:{self.name}:{n}" for n in range(self.next, self.next + count)]
        self.next += count
        return tokens

    def request(self, tokens):
        """method, target, headers, body; called again for every attempt, so that a signature over the time is fresh."""
        raise NotImplementedError


class KioskLane(Lane):
    source = "kiosk"

    def __init__(self, number, batch=(1, 20)):
        super().__init__(f"kiosk{number}", batch)
        self.device, self.key = f"device-{number}", f"{brokers.KIOSK_KEY}-{number}"
        self.epoch, self.sequence, self.occurred_at = 1, 0, None
        self._made = {}

    def body(self, tokens):
        items = []
        for token in tokens:
            self.sequence += 1
            items.append({"seq": self.sequence, "type": "complaint", "occurred_at": self.occurred_at or now(), "session": self.name,
                          "text": f"{token} The till was closed again."})
        return json.dumps({"boot_epoch": self.epoch, "sent_at": now(), "items": items}).encode()

    def request(self, tokens):
        # A device repeats the very bytes it stored.
        if tokens[0] not in self._made:
            self._made = {tokens[0]: self.body(tokens)}
        body = self._made[tokens[0]]
        return "POST", "/in/kiosk", signers.kiosk(self.key, self.device, "POST", "/in/kiosk", body), body


class TwilioLane(Lane):
    source = "twilio"

    def __init__(self, number):
        super().__init__(f"twilio{number}")
        self.phone = f"+1415555{number:04d}"

    def request(self, tokens):
        parameters = {"MessageSid": "SM" + hash128(tokens[0]), "AccountSid": brokers.TWILIO_ACCOUNT, "From": self.phone, "To": "+14155550000",
                      "Body": f"{tokens[0]} Where is my order?", "NumMedia": "0", "NumSegments": "1", "SmsStatus": "received", "ApiVersion": "2010-04-01"}
        headers, body = signers.twilio(brokers.TWILIO_TOKEN, brokers.PUBLIC_URL + "/in/twilio", parameters)
        return "POST", "/in/twilio", headers, body


class WebhookLane(Lane):
    source = "webhook"

    def __init__(self, number, text="My parcel is late."):
        super().__init__(f"web{number}")
        self.visitor, self.text, self._made = f"visitor-{number}", text, {}

    def request(self, tokens):
        # The body stays over retries; only webhook-timestamp and the signature are fresh.
        at = self._made.setdefault(tokens[0], now())
        self._made = {tokens[0]: at}
        body = json.dumps({"type": "contact.created", "timestamp": at, "data": {"customer": self.visitor, "text": f"{tokens[0]} {self.text}"}}).encode()
        return "POST", "/in/webhook", signers.webhook(brokers.WEBHOOK_SECRET_BYTES, "msg_" + hash128(tokens[0]), int(time.time()), body), body


def now():
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + ".000Z"


def hash128(text):
    import hashlib
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def lanes(kiosks=100, twilios=50, webhooks=50, batch=(1, 20)):
    return [KioskLane(n, batch) for n in range(kiosks)] + [TwilioLane(n) for n in range(twilios)] + [WebhookLane(n) for n in range(webhooks)]


class Acknowledged:
    """The client's own file."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self._file = open(self.path, "a", buffering=1)

    def write(self, tokens, node, status, attempts):
        self._file.write("".join(json.dumps({"token": token, "node": node, "status": status, "attempts": attempts}) + "\n" for token in tokens))

    def read(self):
        self._file.flush()
        return [json.loads(line) for line in self.path.read_text().splitlines()]


class Load:
    """Runs lanes against one broker, with a share of the retries against a second one.

    `active` holds the exchange of every request that is written and not yet answered, by lane; `unacknowledged` the lanes whose request was
    sent at least once and has no 2xx yet.
    """

    def __init__(self, broker, lanes, path, second=None, second_share=0.1, seed=1, pause=(0.02, 0.1), think=0.0, patience=30):
        self.broker, self.second, self.second_share = broker, second, second_share
        self.lanes, self.acknowledged = list(lanes), Acknowledged(path)
        self.dice, self.pause, self.think, self.patience = random.Random(seed), pause, think, patience
        self.active, self.unacknowledged, self.statuses, self.answered = {}, set(), collections.Counter(), 0
        self.elsewhere = set()          # tokens that were ever sent to the second broker
        self.slowest = 0.0
        self._stopping, self._tasks, self._abandon = False, [], False

    # --- life ---
    def start(self):
        self._tasks = [asyncio.create_task(self._run(lane)) for lane in self.lanes]

    async def finish(self, seconds=60):
        """No new requests; those under way are repeated until they are acknowledged."""
        self._stopping = True
        done, pending = await asyncio.wait(self._tasks, timeout=seconds)
        for task in pending:
            task.cancel()
        for task in done:
            task.result()
        if pending:
            raise AssertionError(f"{len(pending)} lanes were not acknowledged within {seconds} s; answers: {dict(self.statuses)}")

    async def answers(self, count, seconds=30):
        """Waits for that many more 2xx."""
        wanted, deadline = self.answered + count, time.monotonic() + seconds
        while self.answered < wanted:
            self.check()
            if time.monotonic() > deadline:
                raise AssertionError(f"{count} acknowledgements did not come within {seconds} s; answers: {dict(self.statuses)}")
            await asyncio.sleep(0.005)

    def check(self):
        for task in self._tasks:
            if task.done():
                task.result()

    # --- inside ---
    async def _run(self, lane):
        connections = {}
        try:
            while not self._stopping:
                await self._deliver(lane, lane.tokens(self.dice), connections)
                if self.think:
                    await asyncio.sleep(self.dice.uniform(0, 2 * self.think))
        finally:
            for connection in connections.values():
                connection.close()

    async def _deliver(self, lane, tokens, connections):
        attempts, first = 0, time.monotonic()
        while True:
            attempts += 1
            self.unacknowledged.add(lane.name)
            node = self.broker
            if attempts > 1 and self.second is not None and self.dice.random() < self.second_share:
                node = self.second
            status = await self._attempt(lane, tokens, node, connections)
            self.statuses[status] += 1
            if isinstance(status, int) and 200 <= status < 300:
                self.acknowledged.write(tokens, node.name, status, attempts)
                self.unacknowledged.discard(lane.name)
                self.answered += 1
                self.slowest = max(self.slowest, time.monotonic() - first)
                return
            if status in (400, 401, 403, 404, 405, 413, 415):
                raise AssertionError(f"{lane.name}: an authentic request was refused with {status}")
            await asyncio.sleep(self.dice.uniform(*self.pause))

    async def _attempt(self, lane, tokens, node, connections):
        if node is self.second:
            self.elsewhere.update(tokens)
        try:
            connection = connections.get(node.name)
            if connection is None or not connection.usable:
                connection = connections[node.name] = await http_client.Connection.open("127.0.0.1", node.port)
            waiter = connection.exchange(http_client.encode(*lane.request(tokens), host="hooks.example.test"))
            self.active[lane.name] = waiter
            try:
                return (await asyncio.wait_for(waiter, self.patience)).status
            finally:
                self.active.pop(lane.name, None)
        except (OSError, asyncio.TimeoutError) as error:
            if isinstance(error, asyncio.TimeoutError):
                connections.pop(node.name).close()
            return type(error).__name__


async def unanswered(waiters, seconds=10):
    """Of these exchanges: how many ended without a response, once their connections are gone."""
    if waiters:
        await asyncio.wait(waiters, timeout=seconds)
    return sum(1 for waiter in waiters if not waiter.done() or waiter.cancelled() or waiter.exception() is not None)
