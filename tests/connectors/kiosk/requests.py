"""What devices send, and how they sign it: the protocol's page (docs/connectors/kiosk.md)."""

import hashlib
import hmac

from request_line import text

AT = "2026-05-05T09:59:00Z"


def batch(*items, **more):
    return {"boot_epoch": 41, "sent_at": "2026-05-05T10:00:00Z", "uptime_ms": 600000, "items": list(items), **more}


def item(seq, kind, /, **more):
    return {"seq": seq, "occurred_at": AT, "uptime_ms": 540000, "type": kind, **more}


SCALE = {"min": 1, "max": 5, "best": "max"}
PHOTO = "/9j/4AAQSkZJRgABAQ=="

CASES = {
    "rating": {"body": batch(item(1, "rating", kind="csat", score=4, scale=SCALE, text="Schnell und freundlich", language="de",
                                  about={"kind": "till", "id": "3"}))},
    "rating-kinds": {"body": batch(item(1, "rating", kind="nps", score=10), item(2, "rating", kind="smiley", score=2),
                                   item(3, "rating", kind="ces", score=6), item(4, "rating", score=0.5, scale={"min": 0, "max": 1, "best": "min"}))},
    "suggestion": {"body": batch(item(7, "suggestion", text="Bitte mehr Fahrradständer", category="request"))},
    "complaint-session": {"body": batch(
        item(8, "complaint", text="Die Kasse war wieder zu.", session="s-77", contact={"name": "Lan", "phone": "0170 1234567", "email": "Lan@Example.com"}),
        item(9, "callback", phone="+49 170 1234567", topic="Kasse", session="s-77", **{"from": "2026-05-06T08:00:00+02:00", "until": 1778054400000}))},
    "callback-from-contact": {"body": batch(item(10, "callback", contact={"phone": "+84 90 123 45 67", "customer_id": "K/99"}))},
    "callback-odd-number": {"body": batch(item(10, "callback", phone="call me 7"))},
    "survey": {"body": batch(item(11, "survey", survey={"id": "checkout", "version": "3", "response_id": "r-5"}, complete=True, answers=[
        {"question_id": "q1", "question": "Würden Sie uns empfehlen?", "kind": "nps", "score": 9},
        {"question_id": "q2", "kind": "choice", "choices": [{"id": "c1", "label": "Preis"}, {"id": "c4"}]},
        {"question_id": "q3", "kind": "text", "text": "Mehr Parkplätze"}]))},
    "survey-unscored": {"body": batch(item(12, "survey", survey={"id": "exit"}, kind="review", complete=False, answers=[
        {"question_id": "q1", "kind": "text", "text": "–"}]))},
    "visit": {"body": batch(item(13, "visit", visit_id="v-9", state="waiting", purpose="Abholung", ticket="A012", party_size=3),
                            item(14, "visit", visit_id="v-9", state="served", ticket="A012"))},
    "dropped": {"body": batch(item(15, "dropped", count=120, first_seq=20, last_seq=139, reason="storage full"))},
    "attachments": {"body": batch(item(16, "complaint", text="So kam es an", attachments=[
        {"content_type": "image/jpeg", "name": "karton.jpg", "data": PHOTO},
        {"content_type": "audio/ogg; codecs=opus", "kind": "voice", "duration_ms": 2500, "data": "T2dnUw=="}]))},
    "voice-only": {"body": batch(item(17, "suggestion", attachments=[{"content_type": "audio/ogg", "kind": "voice", "data": "T2dnUw=="}]))},
    "test-mode": {"body": batch(item(18, "suggestion", text="nur ein Test", test=True))},
    "second-device": {"device": "door-7", "body": batch(item(1, "rating", kind="smiley", score=5))},
    "rotated-key": {"key": "till-1 key that replaces it", "body": batch(item(19, "suggestion", text="neuer Schlüssel"))},
    "put-with-query": {"method": "PUT", "target": "/in/kiosks?v=2&x=%41", "body": batch(item(20, "suggestion", text="anderer Weg"))},
    "boot-id": {"body": {"boot_id": "6f1c-a", "sent_at": 1777975200000, "items": [
        {"seq": 1, "occurred_at": 1777975140123, "type": "suggestion", "text": "Millisekunden"}]}},
    "clock-slow": {"body": {**batch(item(21, "suggestion", text="Uhr geht nach")), "sent_at": "2026-05-05T09:30:00Z"}},
    "clock-unset": {"body": {**batch({"seq": 22, "occurred_at": "1970-01-01T00:09:00Z", "uptime_ms": 540000, "type": "suggestion", "text": "nie gestellt"}),
                             "sent_at": "1970-01-01T00:10:00Z"}},
    "clock-nothing": {"body": {"boot_epoch": 41, "items": [{"seq": 23, "type": "suggestion", "text": "ohne Uhr"}]}},
    "offline-days": {"body": batch(
        {"seq": 900, "boot_epoch": 40, "occurred_at": "2026-04-28T16:20:00Z", "uptime_ms": 1, "type": "complaint", "text": "vor einer Woche"},
        item(24, "suggestion", text="heute"))},
    "far-ahead": {"body": {"boot_epoch": 41, "items": [{"seq": 25, "occurred_at": "2026-05-07T10:00:00Z", "type": "suggestion", "text": "übermorgen"}]}},
    "mixed": {"body": batch(item(26, "suggestion", text="gut"), item(27, "rating", kind="csat", score=9, scale=SCALE), item(28, "hologram", x=1),
                            "no object", item(29, "suggestion", text="auch gut"))},
    "bad-items": {"body": batch(
        {"type": "suggestion", "text": "ohne Nummer"}, item(-1, "suggestion", text="x"), item(31, "rating", kind="csat", score=3),
        item(32, "rating", kind="csat", scale=SCALE), item(33, "rating", kind="love", score=1), item(34, "suggestion"), item(35, "visit", state="flying"),
        item(36, "callback"), item(37, "callback", phone="anonymous"), item(38, "suggestion", text=7), item(39, "suggestion", text="x", category="rage"),
        item(40, "survey", answers=[]), item(41, "survey", survey={"id": "s"}, answers=[{"kind": "nps"}]),
        item(42, "suggestion", attachments=[{"content_type": "image/png", "data": "not base64!"}]),
        item(43, "suggestion", attachments=[{"content_type": "image/png", "data": "QUJD" * 1400}]),
        item(44, "suggestion", attachments=[{"data": "QUJD"}]), {"seq": 45, "occurred_at": "yesterday", "type": "suggestion", "text": "x"},
        item(46, "dropped"), item(47, "rating", score=1, scale={"min": 5, "max": 1, "best": "max"}),
        item(48, "suggestion", attachments=[{"content_type": "a/b", "data": "QQ=="}] * 11), item(49, "rating", kind="csat", score="4", scale=SCALE),
        item(50, "survey", survey={"id": "s"}, answers=["x"]), item(51, "survey", survey={"id": "s"}, answers=[{"question_id": "q", "choices": [4]}]),
        item(52, "suggestion", text="x", attachments=["y"]), item(53, "survey", survey={"id": "s"}, kind="love"),
        item(54, "survey", survey={"id": "s"}, answers=[{"question_id": "q"}] * 201),
        item(55, "survey", survey={"id": "s"}, answers=[{"question_id": "q", "choices": [{"id": "c"}] * 101}]),
        item(56, "suggestion", text="x", contact="Ann"), item(57, "rating", score=True, scale=SCALE), item(58, "suggestion", text="x", test="yes"),
        item(59, "suggestion", text="x", attachments={}), item(60, "rating", score=18446744073709551615, scale=SCALE),
        {"seq": 18446744073709551615, "type": "suggestion", "text": "x"}, {"seq": 61, "occurred_at": 1e300, "type": "suggestion", "text": "x"},
        {"seq": 62, "occurred_at": True, "type": "suggestion", "text": "x"}, item(63, "suggestion\n", text="x"))},
    "duplicate-key": {"body": '{"boot_epoch":1,"items":[{"seq":1,"seq":2,"type":"suggestion","text":"a"},{"seq":3,"type":"suggestion","text":"b"}]}'},
    "duplicate-key-batch": {"body": '{"boot_epoch":1,"boot_epoch":2,"items":[]}'},
    "empty-batch": {"body": batch()},
    "no-items": {"body": {"boot_epoch": 1}},
    "no-boot": {"body": {"items": [item(1, "suggestion", text="x")]}},
    "items-no-list": {"body": {"boot_epoch": 1, "items": {}}},
    "no-object": {"body": []},
    "truncated": {"body": '{"boot_epoch":1,"items":[{"seq":1,"type":"sugg'},
    "huge-number": {"body": '{"boot_epoch":1,"items":[{"seq":123456789012345678901234567890,"type":"suggestion","text":"x"}]}'},
    "too-deep": {"body": '{"boot_epoch":1,"items":' + "[" * 70 + "]" * 70 + "}"},
    "invalid-utf8": {"body": b'{"boot_epoch":1,"items":[{"seq":1,"type":"suggestion","text":"\xff\xfe"}]}'},
    "lone-surrogate": {"body": '{"boot_epoch":1,"items":[{"seq":1,"type":"suggestion","text":"\\udc00"}]}'},
    "too-many-items": {"body": batch(*[{"seq": n, "type": "suggestion", "text": "x"} for n in range(1001)])},
    "text-escapes": {"body": batch(item(64, "suggestion", text="line\nbreak \"quoted\" <b>é😀 \u0000 end"))},
    "tampered-body": {"body": batch(item(65, "suggestion", text="fine")), "tamper": {"body": lambda b: b.replace(b"fine", b"fake")}},
    "tampered-target": {"body": batch(), "tamper": {"target": "/in/other"}},
    "tampered-method": {"body": batch(), "tamper": {"method": "PUT"}},
    "other-device": {"body": batch(), "tamper": {"headers": {"Kiosk-Device": "door-7"}}},
    "unknown-device": {"body": batch(), "device": "till-9", "key": "whatever"},
    "truncated-on-the-way": {"body": batch(item(66, "suggestion", text="half")), "tamper": {"body": lambda b: b[:40]}},
    "no-signature": {"body": batch(), "tamper": {"headers": {"Kiosk-Signature": None}}},
    "no-device": {"body": batch(), "tamper": {"headers": {"Kiosk-Device": None}}},
    "malformed-signature": {"body": batch(), "tamper": {"headers": {"Kiosk-Signature": "v1=zz"}}},
    "stored-days-ago": {"body": {"boot_epoch": 41, "sent_at": "2026-05-05T10:00:00Z", "items": [
        {"seq": 67, "occurred_at": AT, "type": "complaint", "text": "lag tagelang im Speicher"}]}, "received_at": "2026-05-09T10:00:00.000Z"},
    "replayed-days-later": {"body": batch(item(1, "rating", kind="csat", score=4, scale=SCALE)), "received_at": "2026-05-09T10:00:00.000Z"},
}


def sign(case, source):
    device, method = case.get("device", "till-1"), case.get("method", "POST")
    target, body = case.get("target", "/in/kiosks"), text(case["body"])
    key = case.get("key") or next(c["key"] for c in source["credentials"] if c["device"] == device)
    signed = b"\n".join([device.encode(), method.encode(), target.encode(), body])
    signature = "v1=" + hmac.new(key.encode(), signed, hashlib.sha256).hexdigest()
    headers = [["Content-Type", "application/json"], ["Kiosk-Device", device], ["Kiosk-Signature", signature]]
    return method, target, headers, body
