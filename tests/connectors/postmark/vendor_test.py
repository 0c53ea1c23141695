"""django-anymail, a library that many applications read Postmark's webhooks with, reads the same mails and receipts as we do; and what is sent
with other credentials than ours is refused."""

import base64
import datetime
import hashlib
import json

import django.conf
import pytest
import requests.auth
from request_line import line, requests_of, source_of
from vendor import authentic, disagreements, flip, verdicts, words

if not django.conf.settings.configured:
    django.conf.settings.configure(USE_TZ=True, ANYMAIL={"WEBHOOK_SECRET": "user:password"})

from anymail.webhooks.postmark import PostmarkInboundWebhookView, PostmarkTrackingWebhookView  # noqa: E402  (needs the settings)

cases = requests_of("postmark")
SAFE = "abcXYZ019 äß€😀'-."


def requested(bodies):
    source, lines = source_of("postmark"), []
    for number, body in enumerate(bodies):
        lines.append(line("postmark", *cases.sign({"name": str(number), "body": body}, source)))
    return lines


def name(dice):
    return " ".join("".join(dice.choice(SAFE) for _ in range(dice.randint(0, 12))).split())


def address(dice):
    return "".join(dice.choice("abcXYZ019-+_") + dice.choice(["", "."]) for _ in range(dice.randint(0, 6))) + "a@" + dice.choice(["x.org", "Mail.Example.com", "acme.example"])


def person(dice):
    return cases.person(address(dice), name(dice))


def random_mail(dice, number):
    files = [cases.file(f"{n}-{name(dice)}.bin", dice.randbytes(dice.randint(1, 300)), dice.choice(["image/png", "application/pdf", "application/octet-stream"]),
                        content_id=dice.choice(["", f"<{n}@x>"])) for n in range(dice.randint(0, 3))]
    if dice.random() < 0.2:
        files = [{**{k: v for k, v in f.items() if k != "Content"}, "Data": f["Content"]} for f in files]
    more = {"FromFull": person(dice), "ToFull": [person(dice) for _ in range(dice.randint(1, 3))], "CcFull": [person(dice) for _ in range(dice.randint(0, 2))],
            "BccFull": [person(dice) for _ in range(dice.randint(0, 1))], "Subject": name(dice), "TextBody": words(dice).replace("\r", "") + "x",
            "StrippedTextReply": words(dice), "OriginalRecipient": address(dice), "Attachments": files}
    when = datetime.datetime(2026, dice.randint(1, 12), dice.randint(1, 28), dice.randint(0, 23), dice.randint(0, 59), dice.randint(0, 59),
                             tzinfo=datetime.timezone(datetime.timedelta(minutes=dice.choice([0, 120, -420, 330]))))
    more["FromName"] = more["FromFull"]["Name"]
    more["Date"] = when.strftime("%a, %d %b %Y %H:%M:%S %z")
    spam = cases.header(X_Spam_Status=dice.choice(["Yes", "No"])) if dice.random() < 0.5 else []
    return cases.mail(number, spam, **more)


def uri(each):
    return "mailto:" + each.addr_spec.lower()


def milliseconds(when):
    at = when.astimezone(datetime.timezone.utc)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}Z"


def test_anymail_reads_the_same_mails(dice):
    mails = [random_mail(dice, n) for n in range(1500)]
    view, files, spam = PostmarkInboundWebhookView(), 0, 0
    for body, answer in zip(mails, verdicts("postmark", requested(mails))):
        theirs = view.esp_to_anymail_event(json.loads(json.dumps(body)))
        message, data = theirs.message, answer["events"][0]["data"]
        assert data["delivery_id"] == theirs.event_id
        assert data["customer_uri"] == data["actor"]["identities"][0]["uri"] == uri(message.from_email)
        assert data["actor"].get("display_name", "") == message.from_email.display_name
        for field in ("to", "cc", "bcc"):
            ours = [(r["identities"][0]["uri"], r.get("display_name", "")) for r in data["recipients"] if r["as"] == field]
            assert ours == [(uri(each), each.display_name) for each in getattr(message, field)], body
        assert [r["identities"][0]["uri"] for r in data["recipients"] if r["as"] == "envelope"] == ["mailto:" + message.envelope_recipient.lower()]
        assert data["message"].get("subject", "") == message.subject
        assert data["text"] == message.text.replace("\r\n", "\n").removesuffix("\n") or data["text"] == message.text
        assert data.get("text_unquoted", "") == message.stripped_text
        assert data["event"]["time"] == milliseconds(message.date)
        assert data["message"]["mail"]["message_id"] == message["Message-ID"]
        assert ({"method": "spam", "result": "yes"} in data["message"]["mail"].get("results", [])) == message.spam_detected
        parts = message.attachments + message.inlines
        theirs_hashed = sorted((p.get_content_type(), hashlib.sha256(p.get_content_bytes()).hexdigest()) for p in parts)
        assert sorted((a["content_type"], a["sha256"]) for a in data.get("attachments", [])) == theirs_hashed
        files, spam = files + len(parts), spam + message.spam_detected
    assert files > 1000 and spam > 100


# What anymail calls it, and what it is here. It tells no grades of a failure by whether sending again helps; we tell no opinion about a mail that a
# server took for spam from one that its reader complained about.
SAME = {"delivered": "delivered", "opened": "read", "clicked": "clicked", "bounced": "bounced", "deferred": ("delayed", "bounced"), "rejected": ("bounced", "failed"),
        "failed": "failed", "inbound_failed": "failed", "unknown": "bounced", "complained": ("withdrawn", "bounced"), "unsubscribed": "withdrawn",
        "subscribed": "granted", "autoresponded": "auto_reply"}


def random_receipt(dice, number):
    kind = dice.choice(["Bounce", "Bounce", "SpamComplaint", "Delivery", "Open", "Click", "SubscriptionChange"])
    zone = dice.choice(["Z", "+02:00", "-04:00"])
    at = f"2026-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}T{dice.randint(0, 23):02}:00:00.{dice.randint(0, 9999999):07}{zone}"
    body = cases.sent(kind, number, Metadata={"order": words(dice) + "x"})
    if kind in ("Bounce", "SpamComplaint"):
        known = [name for name in PostmarkTrackingWebhookView.event_types if name != "ManualSuppression"]
        body.update(ID=dice.randrange(2**63), Type=dice.choice(known) if kind == "Bounce" else "SpamComplaint", Email=address(dice), BouncedAt=at, Details="550 " + name(dice))
    elif kind == "SubscriptionChange":
        block = dice.random() < 0.7
        body.update(Recipient=address(dice), ChangedAt=at, SuppressSending=block, Origin=dice.choice(["Recipient", "Customer", "Admin"]),
                    SuppressionReason=dice.choice(["HardBounce", "SpamComplaint", "ManualSuppression"]) if block else None)
    else:
        body.update(Recipient=address(dice), **{"DeliveredAt" if kind == "Delivery" else "ReceivedAt": at})
    if kind == "Click":
        body["OriginalLink"] = "https://acme.example/" + name(dice)
    return body


def state_of(data):
    if "receipt" in data:
        return data["receipt"]["status"]
    return data["consent"]["state"] if "consent" in data else data["automated"]


def test_anymail_reads_the_same_receipts(dice):
    bodies = [random_receipt(dice, n) for n in range(2000)]
    view, seen = PostmarkTrackingWebhookView(), set()
    for body, answer in zip(bodies, verdicts("postmark", requested(bodies))):
        theirs = view.esp_to_anymail_event(json.loads(json.dumps(body)))
        data = answer["events"][0]["data"]
        wanted = SAME[theirs.event_type]
        assert state_of(data) in (wanted if isinstance(wanted, tuple) else (wanted,)), body
        assert data["customer_uri"] == "mailto:" + theirs.recipient.lower()
        assert data["event"]["time"] == milliseconds(theirs.timestamp)
        assert data.get("delivery_id") == theirs.event_id
        if "receipt" in data:
            assert data["receipt"].get("url") == theirs.click_url and data["object"]["external_id"] == theirs.message_id
            assert {"name": "order", "value": theirs.metadata["order"]} in data["receipt"]["metadata"]
            if "error" in data["receipt"] and body["RecordType"] == "Bounce":
                assert data["receipt"]["error"]["title"] == theirs.mta_response
        seen.add(theirs.event_type)
    assert seen == set(SAME)


def test_only_our_credentials_are_taken(dice):
    lines, wanted = [], []
    for number in range(3000):
        user, password = "postmark", "the password: with colons"
        good = dice.random() < 0.5
        if not good:
            changed = flip(dice, f"{user}:{password}".encode()).decode("latin-1")
            user, _, password = changed.partition(":")
            good = (user, password) == ("postmark", "the password: with colons")
        request = requests.auth.HTTPBasicAuth(user.encode("latin-1"), password.encode("latin-1"))(requests.Request("POST", "https://x", headers={}).prepare())
        body = json.dumps(cases.mail(number, TextBody=words(dice))).encode()
        lines.append(line("postmark", "POST", "/in/postmark", [["Content-Type", "application/json"], *map(list, request.headers.items())], body))
        wanted.append(good)
    wrong = disagreements(verdicts("postmark", lines), lines, wanted)
    assert not wrong, wrong[:3]
    assert 1000 < wanted.count(True) < 2000


@pytest.mark.parametrize("bad", ["", "Basic", "Basic !", "basic " + base64.b64encode(b"postmark").decode(), "Digest x", "Basic " + base64.b64encode(b":").decode()])
def test_what_is_no_credential_is_refused(bad):
    answer, = verdicts("postmark", [line("postmark", "POST", "/in/postmark", [["Authorization", bad]], b"{}")])
    assert not authentic(answer)
