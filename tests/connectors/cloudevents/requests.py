"""CloudEvents as their senders write them: what the official library would not write stands here by hand; vendor_test.py has the library."""

import base64
import hashlib
import hmac
import json

from request_line import text

JSON, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"
DATA = {"appinfoA": "abc", "appinfoB": 123, "appinfoC": True}


def event(type="com.example.someevent", /, **more):
    return {"specversion": "1.0", "id": "A234-1234-1234", "source": "/mycontext", "type": type, "time": "2026-05-05T09:59:30Z", **more}


def without(name, **more):
    return {key: value for key, value in event(**more).items() if key != name}


def structured(body, type=JSON, **more):
    return {"type": type, "body": body, **more}


def binary(headers=(), body=DATA, type="application/json; charset=utf-8", **more):
    attributes = {"ce-specversion": "1.0", "ce-id": "A234-1234-1234", "ce-source": "/mycontext", "ce-type": "com.example.someevent",
                  "ce-time": "2026-05-05T11:59:30+02:00", **dict(headers)}
    return {"type": type, "headers": [[name, value] for name, value in attributes.items() if value is not None], "body": body, **more}


def options(origin="eventgrid.azure.net", **headers):
    return {"method": "OPTIONS", "auth": None, "type": None, "body": "",
            "headers": ([["WebHook-Request-Origin", origin]] if origin else []) + [["WebHook-Request-" + name, value] for name, value in headers.items()]}


CUSTOMER = {"id": "c/9", "name": "Ann", "email": "Ann@Example.com", "phone": "+1 415 555 0100"}
REVIEW = {"id": "r1", "rating": 2, "text": "Arrived late, and the box was open.", "product": "sku-7", "category": "complaint", "customer": CUSTOMER, "language": "en"}
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
EXTENSIONS = {"traceparent": TRACE, "tracestate": "rojo=1", "partitionkey": "ann", "sequence": "0000042", "sampledrate": 30, "sensitive": False,
              "dataref": "https://files.example/17"}

CASES = {
    # Structured mode
    "structured": structured(event(subject="123", dataschema="https://example.com/schema/1", datacontenttype="application/json", data=DATA)),
    "structured-charset": structured(event(data=DATA), type="Application/CloudEvents+JSON; charset=UTF-8"),
    "extensions": structured(event(data=DATA, **EXTENSIONS)),
    "time-offset": structured(event(data=DATA, **{"time": "2026-05-05T15:29:30.123456789+05:30"})),
    "no-time": structured(without("time", data=DATA)),
    "no-data": structured(event()),
    "data-null": structured(event(data=None)),
    "data-text": structured(event(datacontenttype="text/plain", data="Where is my parcel?\nIt is late.")),
    "data-xml": structured(event(datacontenttype="text/xml", data="<much wow=\"xml\"/>")),
    "data-json-text": structured(event(data="just a string")),
    "data-number": structured(event(data=9007199254740993)),
    "data-list": structured(event(datacontenttype="application/vnd.example+json", data=[1, "zwei", None])),
    "data-large": structured(event(datacontenttype="text/plain", data="é" * 40000)),
    "base64-image": structured(event(datacontenttype="image/png", data_base64=base64.b64encode(PNG).decode())),
    "base64-text": structured(event(datacontenttype="text/plain; charset=utf-8", data_base64=base64.b64encode("Grüße".encode()).decode())),
    "base64-latin1": structured(event(datacontenttype="text/plain; charset=iso-8859-1", data_base64=base64.b64encode("Grüße".encode("latin1")).decode())),
    "base64-json": structured(event("com.example.review.created", datacontenttype="application/json",
                                    data_base64=base64.b64encode(json.dumps(REVIEW).encode()).decode())),
    "base64-untyped": structured(event(data_base64="AAEC")),
    "foreign-switchboard": structured(event("contact.message.received.v1", source="/tenants/other/sources/wa", subject="mfzxg5dfojuw4z3tmvzxg2lpny",
                                            data={"event": {"tenant": "other"}, "channel": "chat", "text": "hi", "message": {"kind": "text"}})),
    "unicode": structured(event("com.example.Überraschung", id="ид-1", source="/källa/€", subject="😀", data={"text": "नमस्ते"})),
    # Mapped
    "feedback": structured(event("com.example.review.created", data=REVIEW)),
    "message": structured(event("com.example.message.created", sequence="7", data={"id": "m1", "thread": "t-5", "subject": "Order 12", "text": "Where is it?",
                                                                                   "sequence": 17, "revision": 2, "customer": {"id": 42}})),
    "form": structured(event("com.example.contact.submitted", data={"form": "contact", "text": "Do you deliver to Tromsø?", "customer": {"email": "ann@example.com"},
                                                                    "topics": ["delivery", "prices"]})),
    "callback": structured(event("com.example.callback.requested", data={"phone": "+44 20 7946 0000", "topic": "Billing"})),
    "visit": structured(event("com.example.visit.updated", data={"id": "v1", "state": "arrived", "ticket": "B7", "store": "store-3"})),
    "consent": structured(event("com.example.subscription.changed", data={"granted": False, "scope": "marketing", "customer": {"email": "a@b.example"}})),
    "ignored": structured(event("com.example.order.created", data={"id": "o1"})),
    "ignored-text": structured(event("com.example.order.created", datacontenttype="text/plain", data="o1")),
    "mapped-binary": binary({"ce-type": "com.example.review.created"}, REVIEW),
    "mapped-no-data": structured(event("com.example.callback.requested")),
    "mapped-out-of-scale": structured(event("com.example.review.created", data={"rating": 9})),
    "mapped-text": structured(event("com.example.message.created", datacontenttype="text/plain", data="no pointer leads here")),
    # Binary mode
    "binary": binary(),
    "binary-quoted": binary({"ce-subject": '"Euro \\"quoted\\" %E2%82%AC"', "CE-Dataschema": '"#x"'}),
    "binary-percent": binary({"ce-subject": "Euro%20%E2%82%AC%20%F0%9F%98%80", "ce-id": "100%25%2541", "ce-source": "/%6Dycontext"}),
    "binary-percent-broken": binary({"ce-subject": "100% of %zz %4"}),
    "binary-utf8": binary({"ce-subject": "Grüße"}),
    "binary-upper": binary({"ce-type": None, "CE-TYPE": "com.example.someevent", "Ce-MyExt": "Value"}),
    "binary-datacontenttype": binary({"ce-datacontenttype": "text/plain"}),
    "binary-extensions": binary({"ce-traceparent": TRACE, "ce-sequence": "43", "traceparent": "00-11111111111111111111111111111111-2222222222222222-01"}),
    "binary-text": binary(body="plain words", type="text/plain"),
    "binary-xml": binary(body="<a>é</a>", type="application/xml"),
    "binary-image": binary(body=PNG, type="image/png"),
    "binary-untyped-json": binary(type=None),
    "binary-untyped-bytes": binary(body=b"\x00\xff\x01", type=None),
    "binary-empty": binary(body="", type=None),
    "binary-form": binary(body="a=b&c=d", type="application/x-www-form-urlencoded"),
    # Batches
    "batch": structured([event(id="1", data={"a": 1}), event("com.example.review.created", id="2", data=REVIEW), event(id="3", datacontenttype="text/plain", data="three")], BATCH),
    "batch-one-bad": structured([event(id="1", data=1), without("id", data=2), "no event", event(id="4", time="yesterday"), event("com.example.visit.updated", id="5", data={"state": "lost"}),
                                 event(id="6", data=6)], BATCH),
    "batch-repeated": structured([event(id="1", data=1), event(id="1", data=1)], BATCH),
    "batch-empty": structured([], BATCH),
    "batch-charset": structured([event(id="1", data=1)], BATCH + ";charset=utf-8"),
    "batch-object": structured(event(), BATCH),
    "batch-too-many": structured([event(id=str(n)) for n in range(1001)], BATCH),
    "batch-truncated": structured(json.dumps([event(id="1")])[:-20], BATCH),
    # What is not of the standard
    "avro": structured(b"Obj\x01\x00\xff", "application/cloudevents+avro"),
    "protobuf-batch": structured(b"\x0a\x02\x08\x01", "application/cloudevents-batch+protobuf"),
    "xml": structured("<event/>", "application/cloudevents+xml"),
    "no-format": structured(event(), "application/cloudevents"),
    "version-0.3": structured({"specversion": "0.3", "id": "1", "type": "t", "source": "/s", "data": {}}),
    "binary-version-2": binary({"ce-specversion": "2.0"}),
    "version-number": structured(event(specversion=1.0)),
    "no-version": structured(without("specversion")),
    "no-id": structured(without("id")),
    "no-source": structured(without("source")),
    "no-type": structured(without("type")),
    "empty-id": structured(event(id="")),
    "number-id": structured(event(id=17)),
    "long-id": structured(event(id="x" * 1025)),
    "control-in-id": structured(event(id="a\nb")),
    "time-no-time": structured(event(time="yesterday")),
    "time-no-text": structured(event(time=1777975200)),
    "time-no-zone": structured(event(time="2026-05-05T09:59:30")),
    "time-far": structured(event(time="9999-12-31T23:59:59-12:00")),
    "extension-object": structured(event(data=1, myext={"a": [1]})),
    "too-many-extensions": structured(event(**{f"ext{n}": "x" for n in range(65)})),
    "both-data": structured(event(data={}, data_base64="AAEC")),
    "base64-broken": structured(event(datacontenttype="image/png", data_base64="A*")),
    "base64-number": structured(event(data_base64=7)),
    "base64-json-broken": structured(event(datacontenttype="application/json", data_base64=base64.b64encode(b"{").decode())),
    "data-no-text": structured(event(datacontenttype="text/plain", data={"a": 1})),
    "duplicate-key": structured('{"specversion":"1.0","id":"1","id":"2","source":"/s","type":"t"}'),
    "not-an-object": structured("[1]"),
    "plain-json": structured(event(data=DATA), "application/json"),
    "binary-no-id": binary({"ce-id": None}),
    "binary-repeated-id": binary({"Ce-Id": "another"}),
    "binary-invalid-utf8": binary({"ce-subject": "%FF"}),
    "binary-invalid-extension": binary({"ce-myext": "%FF"}),
    "binary-json-broken": binary(body='{"a":'),
    "truncated": structured(json.dumps(event(data=DATA))[:60]),
    "huge-number": structured('{"specversion":"1.0","id":"1","source":"/s","type":"t","data":1e9999}'),
    "too-deep": structured('{"specversion":"1.0","id":"1","source":"/s","type":"t","data":' + "[" * 100 + "]" * 100 + "}"),
    "invalid-utf8": structured(b'{"specversion":"1.0","id":"\xff","source":"/s","type":"t"}'),
    "lone-surrogate": structured('{"specversion":"1.0","id":"\\udc00","source":"/s","type":"t"}'),
    # Who may
    "second-token": structured(event(data=DATA), auth="Bearer the-next-token-while-both-are-good"),
    "query-token": structured(event(data=DATA), auth=None, query="?a=b&access_token=a-token-of-thirty-two-bytes-or-so"),
    "basic": structured(event(data=DATA), auth="Basic " + base64.b64encode(b"shop:correct:horse").decode()),
    "hmac": structured(event(data=DATA), auth=None, hmac="X-Hub-Signature-256"),
    "hmac-base64": structured(event(data=DATA), auth=None, hmac="X-Body-Signature"),
    "no-credential": structured(event(), auth=None),
    "wrong-token": structured(event(), auth="Bearer a-token-of-thirty-two-bytes-or-sO"),
    "empty-token": structured(event(), auth="Bearer "),
    "wrong-query-token": structured(event(), auth=None, query="?access_token=x"),
    "wrong-password": structured(event(), auth="Basic " + base64.b64encode(b"shop:wrong").decode()),
    "tampered": structured(event(data=DATA), auth=None, hmac="X-Hub-Signature-256", tamper={"body": lambda body: body.replace(b"abc", b"abd")}),
    "tampered-truncated": structured(event(data=DATA), auth=None, hmac="X-Body-Signature", tamper={"body": lambda body: body[:-1]}),
    "hmac-no-prefix": structured(event(), auth=None, tamper={"headers": {"X-Hub-Signature-256": "ab" * 32}}),
    "hmac-short": structured(event(), auth=None, tamper={"headers": {"X-Hub-Signature-256": "sha256=abcd"}}),
    # The handshake
    "handshake": options(Rate="60"),
    "handshake-case": options("EventGrid.Azure.net"),
    "handshake-callback": options("sender.example", Callback="https://callback.example/grant?id=1", Rate="*"),
    "handshake-callback-elsewhere": options("sender.example", Callback="https://169.254.169.254/latest"),
    "handshake-stranger": options("stranger.example"),
    "handshake-no-origin": options(None),
    "handshake-with-event": {**options(), "type": JSON, "body": event(data=DATA)},
    "get": {**options(), "method": "GET"},
}

KEYS = {"X-Hub-Signature-256": (b"It's a Secret to Everybody", lambda mac: "sha256=" + mac.hex()),
        "X-Body-Signature": (b"another key", lambda mac: base64.b64encode(mac).decode())}


def sign(case, source):
    body = text(case["body"])
    headers = ([["Content-Type", case["type"]]] if case["type"] else []) + case.get("headers", [])
    authorization = case.get("auth", "Bearer " + source["credentials"][0]["token"])
    if authorization:
        headers = headers + [["Authorization", authorization]]
    if "hmac" in case:
        key, written = KEYS[case["hmac"]]
        headers = headers + [[case["hmac"], written(hmac.new(key, body, hashlib.sha256).digest())]]
    return case.get("method", "POST"), "/in/events" + case.get("query", ""), headers, body
