"""What an operator can follow in the log: from the reply of a provider to the event in Kafka, and never what a contact says."""

import asyncio
import json

import broker as brokers
import http_client
from waiting import wait_until


def lines(node, message=None):
    """The log as JSON: every line is one object."""
    found = [json.loads(line) for line in node.log_text().splitlines()]
    return [line for line in found if message in (None, line["msg"])]


def tail(node, count, *arguments):
    told = node.command("tail", "--config", str(node.config), "--from-beginning", "--json", "--count", str(count), *arguments)
    return [json.loads(line) for line in told.stdout.splitlines()]


def post(node, path, headers=(), body=b"{}"):
    return asyncio.run(http_client.request(node.port, "POST", path, headers, body))


def deliver(node, source):
    """Posts a freshly signed sample; the reply."""
    printed = json.loads(node.command("send", source, "--print", "--config", str(node.config)).stdout)
    return post(node, printed["target"], printed["headers"], printed["body"].encode()), printed


def request_id(reply):
    return reply.headers["x-request-id"]


def contents(value, keys=("text", "uri", "display_name", "external_id", "value", "answer", "title")):
    """What the contact and its people are called and say, wherever it stands in an event."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if isinstance(inner, str) and key in keys:
                yield inner
            else:
                yield from contents(inner, keys)
    elif isinstance(value, list):
        for inner in value:
            yield from contents(inner, keys)


def test_every_request_can_be_followed(nodes):
    node = nodes({"log": {"format": "json", "requests": "all"}}).start("ready")
    asked = {}
    for source in ("kiosk", "twilio", "webhook"):
        reply, _ = deliver(node, source)
        assert reply.status in (200, 204), reply
        asked[request_id(reply)] = source
    accepted = wait_until(lambda: (found := lines(node, "request accepted")) if len(lines(node, "request accepted")) == 3 else None)
    assert {line["request"]: line["source"] for line in accepted} == asked
    logged = {event: line["source"] for line in accepted for event in line["events"].split(",")}
    published = tail(node, len(logged))
    assert {one["id"]: one["source"].rsplit("/", 1)[1] for one in published} == logged
    assert sum(line["items"] for line in accepted) >= 3 and all(line["duplicates"] == 0 and line["unit"] > 0 for line in accepted)

    said = {text for one in published for text in contents({**one["data"], "source": None, "event": None}) if len(text) > 3}
    assert any(" " in text for text in said) and any(text.startswith("tel:") for text in said), "the samples say nothing"
    log = node.log_text()
    for text in said:
        assert text not in log and json.dumps(text)[1:-1] not in log, f"the log has {text!r}"


def test_a_retry_is_told_as_one(nodes):
    node = nodes({"log": {"format": "json", "requests": "all"}}).start("ready")
    first, printed = deliver(node, "webhook")
    again = post(node, printed["target"], printed["headers"], printed["body"].encode())
    assert first.ok and again.ok and request_id(first) != request_id(again)
    one, two = wait_until(lambda: found if len(found := lines(node, "request accepted")) == 2 else None)
    assert (one["request"], two["request"]) == (request_id(first), request_id(again))
    assert one["events"] == two["events"] and (one["duplicates"], two["duplicates"]) == (0, 1)


def test_problems_have_lines_by_default(nodes):
    node = nodes({"log": {"format": "json"}})
    source = node.configuration["sources"][1]
    source.pop("tenant")
    source["accounts"] = {"AC" + "f" * 32: "acme"}
    node.write_config()
    node.start("ready")
    accepted, _ = deliver(node, "webhook")
    quarantined, _ = deliver(node, "twilio")
    unsigned = post(node, "/in/kiosk", [("X-Request-Id", "chosen-by-a-stranger")])
    unknown = post(node, "/in/nobody")
    malformed = post(node, "/in/kiosk", [("Bad Header", "x")])
    assert accepted.ok and quarantined.ok and unsigned.status in (401, 403) and unknown.status == 404 and malformed.status == 400

    ids = {request_id(reply) for reply in (accepted, quarantined, unsigned, unknown, malformed)}
    assert len(ids) == 5 and "chosen-by-a-stranger" not in node.log_text()
    kept = wait_until(lambda: lines(node, "request quarantined"))[0]
    assert kept["request"] == request_id(quarantined) and kept["reason"] == "unmapped_account" and kept["level"] == "warning"
    assert kept["events"] == tail(node, 1, "--topic", "quarantine")[0]["id"]
    rejected = {line["request"]: (line["source"], line["reason"]) for line in lines(node, "request rejected")}
    assert rejected == {request_id(unsigned): ("kiosk", "missing_signature"), request_id(unknown): ("", "unknown_path")}
    assert [(line["request"], line["reason"]) for line in lines(node, "request refused")] == [(request_id(malformed), "malformed_header")]
    assert request_id(accepted) not in node.log_text(), "what went well has no line of its own"


def test_a_flood_of_refusals_is_no_flood_of_lines(nodes):
    node = nodes({"log": {"format": "json"}}).start("ready")

    async def flood(count):
        connection = await http_client.Connection.open("127.0.0.1", node.port)
        for _ in range(count):
            await connection.exchange(http_client.encode("POST", "/in/kiosk", [], b"{}"))

    asyncio.run(flood(500))
    refused = node.metrics().sum("switchboard_app_verification_failures_total", source="kiosk", reason="missing_signature")
    told = lines(node, "request rejected")
    assert refused == 500 and 20 <= len(told) < 500

    def one_more_is_told():
        asyncio.run(flood(1))
        return any(line["left_out"] > 0 for line in lines(node, "request rejected"))

    wait_until(one_more_is_told)
    assert brokers.SECRET not in node.log_text()
