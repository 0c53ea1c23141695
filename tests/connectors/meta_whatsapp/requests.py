"""What WhatsApp sends, written and signed as Meta does it: JSON in ASCII with escaped slashes, HMAC over those bytes."""

import hashlib
import hmac
import json
import urllib.parse

WABA, NUMBER, SECOND = "102290129340398", "106540352242922", "106540352242923"
USER, PARENT, PHONE, AT = "VN.13491208655302741918", "VN.ENT.11815799212886844830", "84901234567", "1777975199"
ANN = {"profile": {"name": "Ann"}, "wa_id": PHONE, "user_id": USER}
GROUP = "Y2FwaV9ncm91cDox"
ERROR = {"code": 131026, "title": "Message undeliverable", "message": "Message undeliverable", "error_data": {"details": "Not on WhatsApp."},
         "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/"}
GONE = {"code": 131051, "title": "Message type unknown", "message": "Message type unknown", "error_data": {"details": "Message type is currently not supported."}}


def change(field, number=NUMBER, shown="+1 555-078-3881", **value):
    return {"field": field, "value": {"messaging_product": "whatsapp", "metadata": {"display_phone_number": shown, "phone_number_id": number}, **value}}


def entry(*changes, waba=WABA, **more):
    return {"id": waba, **more, "changes": list(changes)}


def request(*entries):
    return {"object": "whatsapp_business_account", "entry": list(entries)}


def message(kind, content=None, mid="wamid.A", **more):
    out = {"from": PHONE, "from_user_id": USER, "id": mid, "timestamp": AT, "type": kind, **more}
    return out if content is None else {**out, kind: content}


def one(*messages, contacts=(ANN,), **more):
    return {"body": request(entry(change("messages", contacts=list(contacts), messages=list(messages), **more)))}


def interactive(kind, content, **more):
    return one(message("interactive", {"type": kind, kind: content}, **more))


def status(name, mid="wamid.S", **more):
    return {"id": mid, "status": name, "timestamp": AT, "recipient_id": PHONE, "recipient_user_id": USER, **more}


def statuses(*given, **more):
    return {"body": request(entry(change("messages", statuses=list(given), **more)))}


def field(name, time=1777975199, **value):
    return {"body": request(entry({"field": name, "value": value}, time=time))}


def call(event, direction="USER_INITIATED", **more):
    ends = {"from": PHONE, "to": "15550783881"} if direction == "USER_INITIATED" else {"from": "15550783881", "to": PHONE}
    return {"id": "wacid.C", **ends, "event": event, "timestamp": AT, "direction": direction, **more}


def group(name, **more):
    return {"body": request(entry(change(name, groups=[{"timestamp": AT, "group_id": GROUP, **more}])))}


def system(kind, contacts=(), **more):
    return one({"from": "84900000001", "id": "wamid.Y", "timestamp": AT, "type": "system", "system": {"type": kind, "body": "Ann changed", **more}}, contacts=contacts)


def echo(kind, content, **more):
    return {"from": "15550783881", "to": PHONE, "to_user_id": USER, "id": "wamid.E", "timestamp": AT, "type": kind, kind: content, **more}


def preference(value, **more):
    return {"wa_id": PHONE, "user_id": USER, "detail": f"User requested to {value} marketing messages", "category": "marketing_messages", "value": value,
            "timestamp": 1777975199, **more}


def reply_to(mid):
    return {"from": "15550783881", "id": mid}


IMAGE = {"caption": "My parcel", "mime_type": "image/jpeg", "sha256": "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=", "id": "1037543291543636",
         "url": "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1"}
CARD = {"name": {"formatted_name": "Dr. Jo Doe", "first_name": "Jo", "last_name": "Doe", "prefix": "Dr."}, "birthday": "1990-01-02", "org": {"company": "Acme"},
        "phones": [{"phone": "+1 415 555 0100", "wa_id": "14155550100", "type": "CELL"}, {"wa_id": "14155550101"}], "emails": [{"email": "jo@example.com", "type": "WORK"}],
        "urls": [{"url": "https://example.com", "type": "WORK"}], "addresses": [{"city": "Berlin"}]}
UNFORMATTED = {"name": {"first_name": "Jo", "last_name": "Doe"}}
ORDER = {"catalog_id": "cat-1", "text": "Please wrap it", "product_items": [
    {"product_retailer_id": "sku-1", "quantity": 2, "item_price": 12.5, "currency": "EUR"}, {"product_retailer_id": "sku-2", "quantity": "1", "item_price": "7", "currency": "EUR"},
    {"product_retailer_id": "sku-3", "quantity": 1.0, "item_price": 1000000000, "currency": "VND"}]}
AD = {"source_url": "https://fb.me/x", "source_id": "ad-1", "source_type": "ad", "headline": "Spring sale", "body": "Everything must go", "media_type": "image",
      "image_url": "https://cdn.example/a.jpg", "ctwa_clid": "clid-9", "welcome_message": {"text": "Hi"}}
ANSWERS = json.dumps({"flow_token": "t1", "rating": "4", "comment": "gut", "tags": ["a", "b"], "agreed": True, "address": {"zip": "1"}, "none": None, "": 1})
PRICING = {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "utility"}
HISTORY = {"metadata": {"phase": 0, "chunk_order": 1, "progress": 55}, "threads": [{"id": PHONE, "messages": [
    {"from": PHONE, "id": "wamid.H1", "timestamp": "1777000000", "type": "text", "text": {"body": "Are you open?"}, "history_context": {"status": "READ"}},
    {"from": "15550783881", "to": PHONE, "id": "wamid.H2", "timestamp": "1777000060", "type": "text", "text": {"body": "Yes"}, "history_context": {"status": "PLAYED"}},
    {"from": PHONE, "id": "wamid.H3", "timestamp": "1777000120", "type": "media_placeholder", "history_context": {"status": "READ"}}]}]}

CASES = {
    "story-hello": one(message("text", {"body": "Hello"})),
    "story-photo": one(message("image", IMAGE)),
    "story-button": one(message("button", {"payload": "track", "text": "Track"}, context=reply_to("wamid.Q"))),
    "story-optout": {"body": request(entry(change("user_preferences", contacts=[ANN], user_preferences=[preference("stop")])))},
    "story-receipt": statuses(status("delivered")),
    "text-escapes": one(message("text", {"body": "Grüße </b> 100% @you 😀 Việt Nam"})),
    "text-empty": one(message("text", {"body": ""})),
    "number-only": one({"from": PHONE, "id": "wamid.A", "timestamp": AT, "type": "text", "text": {"body": "old style"}}, contacts=[{"profile": {"name": "Ann"}, "wa_id": PHONE}]),
    "number-with-plus": one(message("text", {"body": "plus"}, **{"from": "+" + PHONE}), contacts=[{**ANN, "wa_id": "+" + PHONE}]),
    "no-number": one({"from_user_id": USER, "from_parent_user_id": PARENT, "id": "wamid.A", "timestamp": AT, "type": "text", "text": {"body": "no number"}},
                     contacts=[{"profile": {"username": "ann.lee"}, "user_id": USER, "parent_user_id": PARENT}]),
    "id-in-contacts-only": one({"from": PHONE, "id": "wamid.A", "timestamp": AT, "type": "text", "text": {"body": "hi"}}, contacts=[{**ANN, "parent_user_id": PARENT}]),
    "nobody": one({"id": "wamid.A", "timestamp": AT, "type": "text", "text": {"body": "who?"}}, contacts=[]),
    "two-contacts": one(message("text", {"body": "a"}), message("text", {"body": "b"}, "wamid.B", **{"from": "84907654321", "from_user_id": "VN.2"}),
                        contacts=[{"profile": {"name": "Bob"}, "wa_id": "84907654321", "user_id": "VN.2"}, ANN]),
    "video": one(message("video", {"mime_type": "video/mp4", "sha256": "no hash", "id": 42, "caption": "look"})),
    "voice": one(message("audio", {"mime_type": "audio/ogg; codecs=opus", "sha256": "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=", "id": "7", "voice": True})),
    "audio": one(message("audio", {"mime_type": "audio/mpeg", "id": "8", "voice": False})),
    "document": one(message("document", {"caption": "The invoice", "filename": "Rechnung 5.pdf", "mime_type": "application/pdf", "id": "9"})),
    "sticker": one(message("sticker", {"mime_type": "image/webp", "id": "10", "animated": True})),
    "location": one(message("location", {"latitude": 52.5162746, "longitude": 13.3777041, "name": "Brandenburger Tor", "address": "Pariser Platz", "url": "https://e.example"})),
    "location-here": one(message("location", {"latitude": -33, "longitude": 151.2})),
    "location-nowhere": one(message("location", {"latitude": 91, "longitude": 0})),
    "contacts": one(message("contacts", [CARD, UNFORMATTED])),
    "order": one(message("order", ORDER)),
    "order-by-weight": one(message("order", {"catalog_id": "cat-1", "product_items": [
        {"product_retailer_id": "sku-1", "quantity": 1.25, "item_price": 3.2, "currency": "EUR"},
        {"product_retailer_id": "sku-2", "quantity": "0.4", "item_price": "12,50", "currency": "EUR"},
        {"product_retailer_id": "sku-3", "quantity": 3, "item_price": "7.00", "currency": "eur"}]})),
    "product-question": one(message("text", {"body": "Is it blue?"}, context={**reply_to("wamid.Q"), "referred_product": {"catalog_id": "cat-1", "product_retailer_id": "sku-1"}})),
    "reply": one(message("text", {"body": "Yes"}, context=reply_to("wamid.Q"))),
    "forwarded": one(message("text", {"body": "look"}, context={"forwarded": True})),
    "frequently-forwarded": one(message("text", {"body": "look"}, context={"frequently_forwarded": True, "forwarded": True})),
    "ad": one(message("text", {"body": "Is this still there?"}, referral=AD)),
    "ad-film": one(message("text", {"body": "And this?"}, referral={"source_id": "ad-2", "source_type": "ad", "media_type": "video",
                                                                     "video_url": "https://cdn.example/a.mp4", "thumbnail_url": "https://cdn.example/t.jpg"})),
    "post": one(message("text", {"body": "?"}, referral={"source_id": "post-1", "source_type": "post"})),
    "button-reply": interactive("button_reply", {"id": "yes", "title": "Yes, please"}, context=reply_to("wamid.Q")),
    "list-reply": interactive("list_reply", {"id": "row-3", "title": "Returns", "description": "Send it back"}),
    "flow": interactive("nfm_reply", {"name": "flow", "body": "Sent", "response_json": ANSWERS}),
    "flow-no-object": interactive("nfm_reply", {"name": "flow", "body": "Sent", "response_json": "[1,"}),
    "address": interactive("nfm_reply", {"name": "address_message", "body": "Way 1", "response_json": '{"values":{"city":"Pune"}}'}),
    "call-permission": interactive("call_permission_reply", {"response": "accept", "expiration_timestamp": 1778580000, "response_source": "user_action"}),
    "call-permission-refused": interactive("call_permission_reply", {"response": "reject", "response_source": "user_action"}),
    "call-permission-automatic": interactive("call_permission_reply", {"response": "accept", "expiration_timestamp": 1778580000, "response_source": "automatic"}),
    "interactive-unknown": interactive("dance_reply", {"id": "1"}),
    "interactive-missing": one(message("interactive", errors=[GONE])),
    "reaction": one(message("reaction", {"message_id": "wamid.Q", "emoji": "👍"})),
    "reaction-removed": one(message("reaction", {"message_id": "wamid.Q"})),
    "edit": one(message("edit", {"original_message_id": "wamid.A", "message": {"type": "text", "text": {"body": "Hello again"}, "context": {"id": "M0", "from": PHONE}}}, "wamid.X")),
    "edit-caption": one(message("edit", {"original_message_id": "wamid.A", "message": {"type": "image", "image": IMAGE}}, "wamid.X")),
    "edit-unknown": one(message("edit", {"original_message_id": "wamid.A", "message": {"type": "poll", "poll": {}}}, "wamid.X")),
    "revoke": one(message("revoke", {"original_message_id": "wamid.A"}, "wamid.X")),
    "welcome": one(message("request_welcome")),
    "unsupported": one(message("unsupported", {"type": "poll_creation"}, errors=[GONE])),
    "unsupported-old": one(message("unknown", errors=[GONE])),
    "message-of-a-new-type": one(message("hologram", {"id": "1"})),
    "number-changed": system("user_changed_number", wa_id="84909999999", user_id="VN.2", previous_user_id=USER),
    "number-changed-old": system("customer_changed_number", new_wa_id="84909999999", customer="84900000001"),
    "number-changed-into-nothing": system("user_changed_number"),
    "user-id-changed": one({"id": "wamid.Y", "timestamp": AT, "type": "system", "system": {
        "type": "user_changed_user_id", "body": "x", "user_id": "VN.2", "previous_user_id": USER, "parent_user_id": "VN.ENT.2", "previous_parent_user_id": PARENT}}, contacts=[]),
    "identity-changed": one({"from": PHONE, "id": "wamid.Y", "timestamp": AT, "type": "system", "system": {"type": "customer_identity_changed", "body": "x"},
                             "identity": {"acknowledged": True, "created_timestamp": "1777975100", "hash": "Zm9v"}}),
    "system-of-a-new-type": system("user_changed_mood"),
    "group-text": one(message("text", {"body": "Hi all"}, group_id=GROUP)),
    "sent": statuses(status("sent", biz_opaque_callback_data="order-7", pricing={**PRICING, "type": "free_customer_service", "billable": False},
                            conversation={"id": "conv-1", "expiration_timestamp": "1778061600", "origin": {"type": "service"}})),
    "read": statuses(status("read", pricing=PRICING), contacts=[ANN]),
    "played": statuses(status("played")),
    "failed": statuses({"id": "wamid.S", "status": "failed", "timestamp": AT, "recipient_id": PHONE, "errors": [ERROR]}),
    "failed-for-now": statuses(status("failed", errors=[{"code": 130429, "title": "Rate limit hit"}])),
    "status-by-contact": statuses({"id": "wamid.S", "status": "delivered", "timestamp": AT, "recipient_id": PHONE}, contacts=[ANN]),
    "status-of-a-new-kind": statuses(status("teleported")),
    "payment-failed": statuses(status("failed", type="payment", payment={"reference_id": "ref-1"})),
    "errors-beside-a-message": one(message("text", {"body": "hi"}), errors=[{"code": 130497, "title": "Restricted"}]),
    "group-statuses": statuses(status("delivered", recipient_id=GROUP, recipient_user_id=None, recipient_type="group", recipient_participant_id="84901111111"),
                               status("delivered", recipient_id=GROUP, recipient_user_id=None, recipient_type="group", participant_recipient_id="84902222222")),
    "marketing-resumed": {"body": request(entry(change("user_preferences", user_preferences=[preference("resume", timestamp=AT), preference("signup", signup_id="su-1"),
                                                                                              preference("later")])))},
    "call": {"body": request(entry(change("calls", contacts=[ANN], calls=[call("connect", session={"sdp_type": "offer", "sdp": "v=0"})])))},
    "call-ended": {"body": request(entry(change("calls", contacts=[ANN], calls=[
        call("terminate", status="COMPLETED", start_time="1777975100", end_time="1777975160", duration=60, biz_opaque_callback_data="t")])))},
    "call-failed": {"body": request(entry(change("calls", calls=[call("terminate", "BUSINESS_INITIATED", status="FAILED")], errors=[{"code": 138021, "title": "Not answered"}])))},
    "call-of-ours": {"body": request(entry(change("calls", contacts=[ANN], statuses=[
        {"id": f"wacid.{name}", "type": "call", "status": name, "timestamp": AT, "recipient_id": PHONE} for name in ("RINGING", "ACCEPTED", "REJECTED", "PAUSED")])))},
    "call-of-a-new-kind": {"body": request(entry(change("calls", calls=[call("hold")])))},
    "echo": {"body": request(entry(change("smb_message_echoes", message_echoes=[
        echo("text", {"body": "We are on it"}), {**echo("edit", {"original_message_id": "wamid.E", "message": {"type": "text", "text": {"body": "We were"}}}), "id": "wamid.E2"},
        {**echo("revoke", {"original_message_id": "wamid.E"}), "id": "wamid.E3"}])))},
    "history": {"body": request(entry(change("history", history=[HISTORY])))},
    "history-media": {"body": request(entry(change("history", messages=[{"from": PHONE, "id": "wamid.H3", "timestamp": "1777000120", "type": "image", "image": IMAGE}])))},
    "history-declined": {"body": request(entry(change("history", history=[{"errors": [{"code": 2593109, "title": "Declined"}]}]), time=1777975199))},
    "contacts-synced": {"body": request(entry(change("smb_app_state_sync", state_sync=[
        {"type": "contact", "contact": {"full_name": "Ann Lee", "phone_number": PHONE}, "action": "add", "metadata": {"timestamp": "1777975199"}}]), time=1777975199))},
    "group-joined": group("group_participants_update", type="group_participants_add", reason="invite_link", added_participants=[{"wa_id": PHONE}, {"input": "84902222222"}]),
    "group-left": group("group_participants_update", type="group_participants_remove", initiated_by="participant", removed_participants=[{"wa_id": PHONE}]),
    "group-removed": group("group_participants_update", type="group_participants_remove", initiated_by="business", request_id="r-1", removed_participants=[{"wa_id": PHONE}]),
    "group-created": group("group_lifecycle_update", type="group_create", subject="Neighbours", invite_link="https://chat.example/x"),
    "group-join-request": group("group_participants_update", type="group_join_request_created", join_request_id="j-1", wa_id=PHONE),
    "account-errors": {"body": request(entry(change("messages", errors=[{"code": 131031, "title": "Account locked"}]), time=1777975199))},
    "template-status": field("message_template_status_update", event="APPROVED", message_template_id=12345678901234567890, message_template_name="hello"),
    "account-update": field("account_update", time="1777975199123", event="DISABLED_UPDATE", ban_info={"waba_ban_state": "DISABLE", "waba_ban_date": "May 5"}),
    "field-without-time": {"body": request(entry({"field": "flows", "value": "what"}))},
    "app-test": {"body": request(entry(change("messages", "123456123", "16505551111", contacts=[{"profile": {"name": "test user name"}, "wa_id": "16315551181"}], messages=[
        {"from": "16315551181", "id": "ABGGFlA5Fpa", "timestamp": "1504902988", "type": "text", "text": {"body": "this is a text message"}}]), waba="0"))},
    "standby": {"body": request(entry(change("standby", contacts=[ANN], messages=[message("text", {"body": "to the agent"})])))},
    "batch": {"body": request(entry(change("messages", contacts=[ANN], messages=[message("text", {"body": "one"}, "wamid.1"), 7, {"type": "text", "text": {"body": "no id"}},
                                                                                     message("text", {"body": {"a": 1}}, "wamid.2"), message("text", {"body": "two"}, "wamid.3")]),
                                    change("messages", statuses=[status("read")]), {"field": "messages"}, {"field": "messages", "value": 1}),
                              entry(change("messages", SECOND, "15550783882", messages=[message("text", {"body": "other number"}, "wamid.4")]), waba="102290129340399"), 5)},
    "no-metadata": {"body": request(entry({"field": "messages", "value": {"messages": [message("text", {"body": "where to?"})]}}))},
    "no-messages": {"body": request(entry(change("messages", messages=[])))},
    "time-missing": one({**message("text", {"body": "when?"}), "timestamp": None}),
    "time-absurd": one({**message("text", {"body": "when?"}), "timestamp": "99999999999999999999"}),
    "huge-number": {"body": b'{"object":"whatsapp_business_account","entry":[{"id":"1","time":1e999}]}'},
    "wrong-types": {"body": request({"id": WABA, "changes": [{"field": "messages", "value": {
        "metadata": {"display_phone_number": 5, "phone_number_id": NUMBER}, "contacts": "?", "messages": {"0": 1}, "statuses": [[]]}}]})},
    "other-object": {"body": {"object": "page", "entry": [{"id": "1", "messaging": []}]}},
    "no-object": {"body": {"entry": []}},
    "no-entries": {"body": request()},
    "empty-body": {"body": b""},
    "no-json": {"body": b"hub=1"},
    "truncated": {"body": b'{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"fi'},
    "too-deep": {"body": b"[" * 80 + b"]" * 80},
    "too-many": {"body": request(entry(*[{"field": "x", "value": {}}] * 5001))},
    "invalid-utf8": {"body": b'{"object":"whatsapp_business_account","entry":[{"id":"\xff\xfe"}]}'},
    "lone-surrogate": {"body": b'{"object":"whatsapp_business_account","entry":[{"id":"\\udc00"}]}'},
    "replayed-days-later": {**one(message("text", {"body": "Hello"})), "received_at": "2026-05-12T10:00:00.000Z"},
    "rotated-secret": {**one(message("text", {"body": "Hello"})), "secret": "rotated6789abcdef0123456789abcdef"},
    "wrong-secret": {**one(message("text", {"body": "Hello"})), "secret": "guess"},
    "tampered-body": {**one(message("text", {"body": "pay 10"})), "tamper": {"body": lambda b: b.replace(b"10", b"99")}},
    "tampered-escapes": {**one(message("text", {"body": "ä"})), "tamper": {"body": lambda b: b.replace(b"\\u00e4", "ä".encode())}},
    "truncated-on-the-way": {**one(message("text", {"body": "half"})), "tamper": {"body": lambda b: b[:100]}},
    "no-signature": {**one(message("text", {"body": "Hello"})), "tamper": {"headers": {"X-Hub-Signature-256": None}}},
    "malformed-signature": {**one(message("text", {"body": "Hello"})), "tamper": {"headers": {"X-Hub-Signature-256": "sha256=abc"}}},
    "sha1-signature": {**one(message("text", {"body": "Hello"})), "tamper": {"headers": {"X-Hub-Signature-256": "sha1=" + "0" * 40}}},
    "put": {**one(message("text", {"body": "Hello"})), "tamper": {"method": "PUT"}},
    "challenge": {"query": {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": "our-word"}},
    "challenge-second-word": {"query": {"hub.mode": "subscribe", "hub.challenge": "a b&c", "hub.verify_token": "a second word"}},
    "challenge-wrong-word": {"query": {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": "guess"}},
    "challenge-without-mode": {"query": {"hub.challenge": "1158201444", "hub.verify_token": "our-word"}},
    "get-of-nothing": {"query": {}},
}


def written(value):
    """As Meta writes JSON: everything beyond ASCII as lower-case escapes, slashes escaped."""
    return json.dumps(value, separators=(",", ":")).replace("/", "\\/").encode()


def sign(case, source):
    if "query" in case:
        return "GET", "/in/whatsapp?" + urllib.parse.urlencode(case["query"]), [["User-Agent", "facebookplatform/1.0"]], b""
    body = case["body"] if isinstance(case["body"], bytes) else written(case["body"])
    secret = case.get("secret", source["credentials"][0]["app_secret"])
    signature = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return "POST", "/in/whatsapp", [["Content-Type", "application/json"], ["User-Agent", "facebookexternalua"], ["X-Hub-Signature-256", signature]], body
