"""pywa reads the same requests: what it makes of thousands of updates is what our events say. Meta's rule for signatures, over random bodies."""

import contextlib
import hashlib
import hmac
import json

import pytest
from pywa import WhatsApp, utils
from pywa.types import CallbackButton, CallbackSelection, FlowCompletion
from pywa.types.base_update import RawUpdate
from pywa.types.calls import CallConnect, CallPermissionUpdate, CallTerminate
from pywa.types.message import DeletedMessage, EditedMessage, Message
from pywa.types.message_status import MessageStatus
from pywa.types.system import PhoneNumberChange
from pywa.types.user_preferences import UserMarketingPreferences
from request_line import line, requests_of, source_of
from vendor import authentic, disagreements, flip, verdicts, words

WA = requests_of("meta_whatsapp")
CLIENT = WhatsApp(phone_id=WA.NUMBER, token="none")


def signed(body, secret=None):
    method, target, headers, raw = WA.sign({"body": body, **({"secret": secret} if secret else {})}, source_of("meta_whatsapp"))
    return line("meta_whatsapp", method, target, headers, raw), headers, raw


def test_pywa_takes_what_is_signed_and_so_do_we(dice):
    secret, lines, wanted = source_of("meta_whatsapp")["credentials"][0]["app_secret"], [], []
    for _ in range(1500):
        request, headers, raw = signed(WA.one(WA.message("text", {"body": words(dice)}))["body"])
        signature = headers[-1][1]
        assert utils.webhook_updates_validator(app_secret=secret, request_body=raw, x_hub_signature=signature)
        lines.append(request)
        wanted.append(True)
        changed = flip(dice, raw)
        assert not utils.webhook_updates_validator(app_secret=secret, request_body=changed, x_hub_signature=signature)
        lines.append(line("meta_whatsapp", "POST", "/in/whatsapp", headers, changed))
        wanted.append(False)
    wrong = disagreements(verdicts("meta_whatsapp", lines), lines, wanted)
    assert not wrong, wrong[:3]


def test_composed_signature_of_the_facts(tmp_path):
    body = br'{"object":"page","entry":[{"id":"1","time":1,"messaging":[{"message":{"mid":"m1","text":"\u00e4\u00f6\u00e5"}}]}]}'
    signature = "sha256=18a8800949f03d6db40358f59dfd88abf68b006d9f0715f127a6edb5766c1d46"
    assert signature == "sha256=" + hmac.new(b"appsecret", body, hashlib.sha256).hexdigest()
    source = tmp_path / "source.json"
    source.write_text(json.dumps({"connector": "meta-whatsapp", "public_url": "https://hooks.example.com", "credentials": [{"app_secret": "appsecret"}]}))
    headers = [["Content-Type", "application/json"], ["X-Hub-Signature-256", signature]]
    good, bad = (line("meta_whatsapp", "POST", "/in/x", headers, given) for given in (body, body.decode("unicode_escape").encode()))
    first, second = verdicts("meta_whatsapp", [good, bad], str(source))
    assert authentic(first) and not authentic(second)


# --- what pywa reads, in the words of our event
def millis(at):
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def user(data, who):
    """The same person, under the same ids."""
    uris = [identity["uri"] for identity in data["actor"]["identities"]]
    wanted = [f"whatsapp:{WA.WABA}/{each}" for each in (who.bsuid, who.parent_bsuid) if each] + ([f"whatsapp:+{who.wa_id}", f"tel:+{who.wa_id}"] if who.wa_id else [])
    assert uris == wanted and data["actor"].get("display_name") == (who.name or who.username)


def common(data, update):
    assert data["event"]["time"] == millis(update.timestamp)
    assert data["account"]["id"] == update.metadata.phone_number_id


def content(data, read):
    kind = read.type.value
    if kind == "text":
        assert data.get("text", "") == read.text
    elif read.media:
        attachment, = data["attachments"]
        assert attachment["provider_ref"] == read.media.id and attachment["content_type"] == read.media.mime_type and data.get("text") == (read.caption or None)
        assert attachment["kind"] == ("voice" if read.voice else kind)
    elif kind == "location":
        place = data["message"]["location"]
        assert (place["latitude"], place["longitude"], place.get("name")) == (read.location.latitude, read.location.longitude, read.location.name or None)
    elif kind == "order":
        order = data["message"]["order"]
        assert order["catalog_id"] == read.order.catalog_id and data.get("text") == (read.order.text or None)
        assert [(item["sku"], item["quantity"], float(item["unit_price"]["amount"]), item["unit_price"]["currency"]) for item in order["items"]] == \
            [(product.sku, product.quantity, product.price, product.currency) for product in read.order.products]
    elif kind == "unsupported":
        assert data["message"]["kind"] == "unsupported" and data["message"].get("subject") == (read.unsupported.type if read.unsupported else None)
    elif kind == "reaction":
        assert data["reaction"].get("emoji") == (read.reaction.emoji or None) and data["object"]["external_id"] == read.reaction.message_id


def message(data, read):
    common(data, read)
    user(data, read.from_user)
    content(data, read)
    assert data["conversation"]["kind"] == ("group" if read.chat.type.value == "GROUP" else "direct")
    if "reaction" in data:
        return
    assert data["object"]["external_id"] == read.id
    context = [thing["external_id"] for thing in data.get("related", []) if thing["rel"] == "in_reply_to"]
    assert context == ([read.reply_to_message.id] if read.reply_to_message else [])
    assert (data["message"].get("forwarded") is not None) == bool(read.forwarded)
    if read.forwarded:
        assert data["message"]["forwarded"]["often"] == read.forwarded_many_times
    if read.referral:
        told = data["message"]["referral"]
        assert (told.get("id"), told.get("url"), told.get("headline"), told.get("text"), told.get("click_id")) == \
            (read.referral.source_id, read.referral.source_url, read.referral.headline, read.referral.body, read.referral.ctwa_clid)


def edited(data, read):
    common(data, read)
    user(data, read.from_user)
    assert data["object"]["external_id"] == read.original_message_id and data["delivery_id"] == read.id
    content(data, read.message)


def deleted(data, read):
    common(data, read)
    assert data["object"]["external_id"] == read.original_message_id and data["delivery_id"] == read.id


def pressed(data, read):
    common(data, read)
    user(data, read.from_user)
    said = data["message"]["interaction"]
    assert (said["payload"], said["title"]) == (read.data, read.title) and data["text"] == read.title
    if isinstance(read, CallbackSelection):
        assert said["kind"] == "list" and [f["value"] for f in said.get("fields", [])] == ([read.description] if read.description else [])


def flow(data, read):
    common(data, read)
    fields = {f["name"]: f for f in data["message"]["interaction"].get("fields", [])}
    assert fields.pop("flow_token", {}).get("value") == read.token
    assert {name: value for name, value in read.response.items() if isinstance(value, str) and value} == {name: f["value"] for name, f in fields.items() if "value" in f}
    assert {name: value for name, value in read.response.items() if isinstance(value, list)} == {name: f["values"] for name, f in fields.items() if "values" in f}


def permission(data, read):
    common(data, read)
    assert data["message"]["interaction"]["payload"] == read.response.value


def receipt(data, read):
    common(data, read)
    told = data["receipt"]
    assert data["object"]["external_id"] == read.id and told["status"] == read.status.value
    assert told["recipient_uri"] == (f"whatsapp:{WA.WABA}/{read.from_user.bsuid}" if read.from_user.bsuid else f"whatsapp:+{read.from_user.wa_id}")
    assert told.get("error", {}).get("code") == (str(read.error.code) if read.error else None)
    assert [each["value"] for each in told.get("metadata", [])] == ([read.tracker] if read.tracker else [])
    billing = told.get("billing")
    assert (billing and billing["category"]) == (read.pricing.category.value if read.pricing else None)
    assert [thing["external_id"] for thing in data.get("related", [])] == ([read.conversation.id] if read.conversation else [])


def preference(data, read):
    common(data, read)
    user(data, read.from_user)
    assert data["consent"] == {"state": "granted" if read else "withdrawn", "scope": "marketing", "evidence": read.detail}


def call(data, read):
    common(data, read)
    assert data["call"]["id"] == read.id and data["direction"] == ("inbound" if read.direction.value == "USER_INITIATED" else "outbound")
    if isinstance(read, CallTerminate):
        assert data["call"]["state"] == read.status.value.lower() and data["call"].get("duration_ms") == (read.duration * 1000 if read.duration is not None else None)
        assert data["call"].get("answered_at") == (millis(read.start_time) if read.start_time else None)


def new_number(data, read):
    common(data, read)
    assert (data["link"]["from"], data["link"]["to"], data["link"]["relation"]) == (f"whatsapp:+{read.old_wa_id}", f"whatsapp:+{read.new_wa_id}", "replaces")


# --- random updates
def content_of(dice):
    """A type and its content."""
    some, number = lambda: words(dice, 12) or "x", lambda: str(dice.randrange(10 ** 15))
    media = {"id": number(), "mime_type": "application/octet-stream", "sha256": "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg="}
    return dice.choice([
        ("text", {"body": some()}), ("image", {**media, "caption": some()}), ("video", media), ("document", {**media, "filename": some(), "caption": some()}),
        ("audio", {**media, "voice": dice.random() < 0.5}), ("sticker", {**media, "animated": False}),
        ("location", {"latitude": round(dice.uniform(-90, 90), 6), "longitude": round(dice.uniform(-180, 180), 6), **({"name": some()} if dice.random() < 0.5 else {})}),
        ("order", {"catalog_id": number(), "text": some(), "product_items": [
            {"product_retailer_id": number(), "quantity": dice.randint(1, 9), "item_price": round(dice.uniform(0, 1e6), 2), "currency": "VND"} for _ in range(dice.randint(1, 4))]}),
    ])


def person(dice):
    phone, bsuid = "8490" + str(dice.randrange(10 ** 6, 10 ** 7)), "VN." + str(dice.randrange(10 ** 18))
    contact = {"profile": {"name": words(dice, 8).strip() or "Ann"}, "user_id": bsuid}
    contact["profile"]["name"] = "".join(letter for letter in contact["profile"]["name"] if letter.isprintable()) or "Ann"
    if dice.random() < 0.3:
        contact["parent_user_id"] = "VN.ENT." + str(dice.randrange(10 ** 18))
    if dice.random() < 0.8:
        contact["wa_id"] = phone
    return contact


def update_of(dice):
    """A request of one update, pywa's class for it and how the two are compared."""
    contact, at = person(dice), str(dice.randrange(1_600_000_000, 1_900_000_000))
    mid = f"wamid.{dice.randrange(10 ** 20)}"
    head = {"id": mid, "timestamp": at, "from_user_id": contact["user_id"], **({"from": contact["wa_id"]} if "wa_id" in contact else {})}
    wrap = lambda field, **value: WA.request(WA.entry(WA.change(field, **{"contacts": [contact], **value})))
    kind, inner = content_of(dice)
    body, choice = {**head, "type": kind, kind: inner}, dice.randrange(14)
    if choice < 4:
        extra = dice.choice([{}, {"context": WA.reply_to("wamid.Q")}, {"context": {"forwarded": True}}, {"context": {"forwarded": True, "frequently_forwarded": True}},
                             {"referral": WA.AD}, {"group_id": WA.GROUP}])
        return wrap("messages", messages=[{**body, **extra}]), Message, message
    if choice == 4:
        return wrap("messages", messages=[{**head, "type": "reaction", "reaction": {"message_id": "wamid.Q", "emoji": dice.choice(["👍", ""])}}]), Message, message
    if choice == 5:
        return wrap("messages", messages=[{**head, "type": "unsupported", "errors": [WA.GONE], **dice.choice([{}, {"unsupported": {"type": "pin"}}])}]), Message, message
    if choice == 6:
        return wrap("messages", messages=[{**head, "type": "edit", "edit": {"original_message_id": "wamid.O", "message": {"type": kind, kind: inner}}}]), EditedMessage, edited
    if choice == 7:
        return wrap("messages", messages=[{**head, "type": "revoke", "revoke": {"original_message_id": "wamid.O"}}]), DeletedMessage, deleted
    if choice == 8:
        data, title = words(dice, 9) or "d", words(dice, 9) or "t"
        reply = dice.choice([{"type": "button", "button": {"payload": data, "text": title}},
                             {"type": "interactive", "interactive": {"type": "button_reply", "button_reply": {"id": data, "title": title}}}])
        if dice.random() < 0.4:
            row = {"id": data, "title": title, **dice.choice([{}, {"description": "more"}])}
            return wrap("messages", messages=[{**head, "type": "interactive", "interactive": {"type": "list_reply", "list_reply": row}, "context": WA.reply_to("wamid.Q")}]), \
                CallbackSelection, pressed
        return wrap("messages", messages=[{**head, **reply, "context": WA.reply_to("wamid.Q")}]), CallbackButton, pressed
    if choice == 9:
        answers = {"flow_token": "t", **{f"q{number}": dice.choice(["a", words(dice, 5) or "b", ["x", "y"]]) for number in range(dice.randint(0, 5))}}
        return wrap("messages", messages=[{**head, "type": "interactive", "context": WA.reply_to("wamid.Q"), "interactive": {
            "type": "nfm_reply", "nfm_reply": {"name": "flow", "body": "Sent", "response_json": json.dumps(answers)}}}]), FlowCompletion, flow
    if choice == 10:
        return wrap("messages", messages=[{**head, "type": "interactive", "interactive": {"type": "call_permission_reply", "call_permission_reply": {
            "response": dice.choice(["accept", "reject"]), "response_source": "automatic"}}}]), CallPermissionUpdate, permission
    if choice == 11:
        given = {"id": mid, "timestamp": at, "status": dice.choice(["sent", "delivered", "read", "played", "failed"]), "recipient_user_id": contact["user_id"],
                 **dice.choice([{}, {"pricing": WA.PRICING}]), **dice.choice([{}, {"biz_opaque_callback_data": words(dice, 9)}]), **dice.choice([{}, {"errors": [WA.ERROR]}]),
                 **dice.choice([{}, {"conversation": {"id": "c1", "origin": {"type": "service"}}}])}
        return wrap("messages", statuses=[given]), MessageStatus, receipt
    if choice == 12:
        value = dice.choice(["stop", "resume", "signup"])
        return wrap("user_preferences", user_preferences=[{"user_id": contact["user_id"], "detail": "User asked", "category": "marketing_messages", "value": value,
                                                           "timestamp": int(at)}]), UserMarketingPreferences, preference
    if dice.random() < 0.3:
        new = {"from": "8490" + str(dice.randrange(10 ** 6, 10 ** 7)), "id": mid, "timestamp": at, "type": "system",
               "system": {"type": "user_changed_number", "body": "x", "wa_id": "8491" + str(dice.randrange(10 ** 6, 10 ** 7))}}
        return wrap("messages", messages=[new], contacts=[]), PhoneNumberChange, new_number
    direction = dice.choice(["USER_INITIATED", "BUSINESS_INITIATED"])
    if dice.random() < 0.5:
        return wrap("calls", calls=[{"id": mid, "timestamp": at, "event": "connect", "direction": direction}]), CallConnect, call
    ends = dice.choice([{"status": "FAILED"}, {"status": "COMPLETED", "start_time": at, "end_time": at, "duration": dice.randrange(1000)}])
    return wrap("calls", calls=[{"id": mid, "timestamp": at, "event": "terminate", "direction": direction, **ends}]), CallTerminate, call


def test_pywa_reads_the_same(dice):
    made = [update_of(dice) for _ in range(4000)]
    answers = verdicts("meta_whatsapp", [signed(body)[0] for body, _, _ in made])
    seen = set()
    for (body, kind, compare), answer in zip(made, answers):
        assert answer["outcome"] == "accepted" and "quarantined" not in answer, (answer, body)
        read = kind.from_update(CLIENT, RawUpdate(WA.written(body), hmac_header=None, update_hash=""))
        seen.add(kind)
        with explained(body, answer):
            compare(answer["events"][0]["data"], read)
    assert len(seen) == 12, seen


@contextlib.contextmanager
def explained(body, answer):
    try:
        yield
    except AssertionError as wrong:
        pytest.fail(f"{wrong}\n{json.dumps(body)}\n{json.dumps(answer['events'])}")
