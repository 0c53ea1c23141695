"""What senders of Standard Webhooks send, signed by the standard's own library."""

import base64
import datetime
import hashlib
import hmac
import json

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from request_line import RECEIVED, text
from standardwebhooks.webhooks import Webhook


def event(kind, /, **data):
    return {"type": kind, "timestamp": "2026-05-05T09:59:30Z", "data": data}


LARGE = {"type": "note", "data": {"list": ["x" * 100] * 900}}

CASES = {
    "feedback": {"body": event("review.created", id="r1", rating=2, text="Arrived late, and the box was open.", product="sku-7", category="complaint",
                               customer={"id": "c/9", "name": "Ann", "email": "Ann@Example.com", "phone": "+1 415 555 0100"}, language="en")},
    "feedback-text-only": {"body": event("review.created", text="No stars, just words")},
    "message": {"body": event("message.created", id="m1", thread="t-5", subject="Order 12", text="Where is it?", sequence=17, revision=2, shop="shop-2",
                              customer={"id": 42})},
    "callback": {"body": event("callback.requested", phone="+44 20 7946 0000", topic="Billing", **{"from": 1778061600, "until": "2026-05-06T12:00:00+02:00"})},
    "visit": {"body": event("visit.updated", id="v1", state="arrived", purpose="Fitting", ticket="B7", people=2, store="store-3")},
    "consent-granted": {"body": event("subscription.changed", granted=True, scope="marketing", proof="double opt-in 55", customer={"email": "a@b.example"})},
    "consent-withdrawn": {"body": event("subscription.changed", granted="withdrawn", customer={"email": "a@b.example"})},
    "consent-false": {"body": event("subscription.changed", granted=False)},
    "ignored": {"body": event("order.created", id="o1")},
    "form": {"body": event("contact.created", form="contact", form_name="Contact us", text="Do you deliver to Tromsø?",
                           customer={"email": "ann@example.com"}, topics=["delivery", "prices"], newsletter=False, amount=12.5, big=9007199254740993,
                           nothing=None, lines=[{"sku": "a"}, {"sku": "b"}])},
    "form-array": {"body": [1, 2, 3]},
    "form-scalar": {"body": '"just a text"'},
    "form-empty-object": {"body": {}},
    "form-large": {"body": LARGE},
    "form-many-fields": {"body": {f"f{n}": n for n in range(600)}},
    "text-plain": {"type": "text/plain; charset=utf-8", "body": "plain words"},
    "xml": {"type": "application/xml", "body": "<a>é</a>"},
    "binary": {"type": "application/octet-stream", "body": b"\x00\xff\x01"},
    "empty": {"type": "text/plain", "body": ""},
    "type-unknown": {"body": {"type": 5, "text": "type is no text"}},
    "time-no-time": {"body": {"type": "contact.created", "timestamp": "soon", "data": {"a": "b"}}},
    "time-milliseconds": {"body": {"type": "contact.created", "timestamp": 1777975170123, "data": {"a": "b"}}},
    "svix": {"brand": "svix", "body": event("contact.created", a="b")},
    "ed25519": {"version": "v1a", "body": event("contact.created", a="b")},
    "rotated-secret": {"secret": "whsec_bmV4dCBrZXkgb2YgdGhlIGVuZHBvaW50ISEh", "body": event("contact.created", a="b")},
    "several-signatures": {"before": "v1,AAAA v2,xyz v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= ", "body": event("contact.created", a="b")},
    "dotted-id": {"id": "msg.with.dots", "body": event("contact.created", a="b")},
    "late-but-fine": {"late": -299, "body": event("contact.created", a="b")},
    "early-but-fine": {"late": 299, "body": event("contact.created", a="b")},
    "score-out-of-scale": {"body": event("review.created", rating=9)},
    "score-no-number": {"body": event("review.created", rating="many")},
    "score-huge": {"body": '{"type":"review.created","data":{"rating":1e308}}'},
    "feedback-empty": {"body": event("review.created", id="r2")},
    "text-no-text": {"body": event("message.created", text={"a": 1})},
    "category-unknown": {"body": event("message.created", text="x", category="rage")},
    "object-with-control": {"body": event("message.created", id="a\nb", text="x")},
    "callback-without-phone": {"body": event("callback.requested", topic="x")},
    "callback-no-phone": {"body": event("callback.requested", phone="anonymous")},
    "callback-bad-time": {"body": event("callback.requested", phone="+442079460000", **{"from": "tomorrow"})},
    "visit-unknown-state": {"body": event("visit.updated", state="floating")},
    "visit-without-state": {"body": event("visit.updated")},
    "visit-people-wrong": {"body": event("visit.updated", state="left", people="two")},
    "consent-without-state": {"body": event("subscription.changed")},
    "consent-unknown": {"body": event("subscription.changed", granted="maybe")},
    "truncated": {"body": '{"type":"contact.cre'},
    "huge-number": {"body": '{"n":1e9999}'},
    "too-deep": {"body": "[" * 100 + "]" * 100},
    "invalid-utf8": {"body": b'{"a":"\xff"}'},
    "tampered-body": {"body": event("contact.created", a="b"), "tamper": {"body": lambda b: b.replace(b'"b"', b'"c"')}},
    "tampered-id": {"body": event("contact.created", a="b"), "tamper": {"headers": {"webhook-id": "msg_other"}}},
    "tampered-time": {"body": event("contact.created", a="b"), "tamper": {"headers": {"webhook-timestamp": "1777975201"}}},
    "truncated-on-the-way": {"body": event("contact.created", a="b"), "tamper": {"body": lambda b: b[:20]}},
    "replayed-later": {"late": -301, "body": event("contact.created", a="b")},
    "too-new": {"late": 301, "body": event("contact.created", a="b")},
    "no-signature": {"body": {}, "tamper": {"headers": {"webhook-signature": None}}},
    "no-id": {"body": {}, "tamper": {"headers": {"webhook-id": None}}},
    "no-time": {"body": {}, "tamper": {"headers": {"webhook-timestamp": None}}},
    "time-no-integer": {"body": {}, "tamper": {"headers": {"webhook-timestamp": "1777975200.5"}}},
    "time-out-of-range": {"body": {}, "tamper": {"headers": {"webhook-timestamp": "99999999999999"}}},
    "malformed-signature": {"body": {}, "tamper": {"headers": {"webhook-signature": "v1,abc v3,def"}}},
    "wrong-secret": {"secret": "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "body": {}},
}


def sign(case, source):
    body, identifier = text(case["body"]), case.get("id", "msg_" + case["name"])
    at = RECEIVED + datetime.timedelta(seconds=case.get("late", 0))
    seconds = str(int(at.timestamp()))
    if case.get("version") == "v1a":
        key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
        signature = "v1a," + base64.b64encode(key.sign(f"{identifier}.{seconds}.".encode() + body)).decode()
    else:
        secret = case.get("secret", source["credentials"][0]["secret"])
        try:
            signature = Webhook(secret).sign(identifier, at, body.decode())
        except UnicodeDecodeError:  # the library takes text only: the same rule over bytes
            raw = base64.b64decode(secret.removeprefix("whsec_"))
            signature = "v1," + base64.b64encode(hmac.new(raw, f"{identifier}.{seconds}.".encode() + body, hashlib.sha256).digest()).decode()
    brand = case.get("brand", "webhook")
    headers = [["Content-Type", case.get("type", "application/json")], [brand + "-id", identifier], [brand + "-timestamp", seconds],
               [brand + "-signature", case.get("before", "") + signature]]
    return "POST", "/in/hook", headers, body
