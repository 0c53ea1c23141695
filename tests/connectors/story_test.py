"""The same story told by every provider, side by side: hello, a photo with a caption, a button, an opt-out, a receipt.

Each provider's cases named story-… tell it in that provider's own words. What a consumer reads must not depend on who told it.
"""

import json

import pytest
from request_line import HERE, providers

CHAPTERS = ("hello", "photo", "button", "optout", "receipt")


def told(chapter):
    """By provider: the events of its case, as `decode` writes them."""
    found = {provider: HERE / provider / "cases" / f"story-{chapter}.golden.json" for provider in providers()}
    return {provider: json.loads(path.read_text())["events"] for provider, path in found.items() if path.exists()}


TOLD = [(chapter, provider) for chapter in CHAPTERS for provider in told(chapter)]


def one(events, kind):
    chosen = [event for event in events if event["type"] == f"contact.{kind}.v1"]
    assert len(chosen) == 1, [event["type"] for event in events]
    return chosen[0]["data"]


def from_a_customer(data):
    """What every consumer relies on, whoever delivered it."""
    assert data["direction"] == "inbound" and data["capture"] == "automatic"
    assert data["authentication"]["result"] == "pass" and data["authentication"]["method"]
    assert data["actor"]["role"] == "customer"
    uris = [identity["uri"] for identity in data["actor"]["identities"]]
    assert data["customer_uri"] == uris[0], "the customer's stable identity stands first"
    assert len(uris) == len(set(uris))
    assert all(not identity.get("verified") for identity in data["actor"]["identities"] if identity.get("derived"))
    assert data["account"]["id"] and data["object"]["external_id"]
    ours = [party for party in data["recipients"] if party["role"] == "business"]
    assert ours and all(party["as"] in ("to", "envelope") for party in ours)
    if "uri" in data["account"]:
        assert data["account"]["uri"] in [identity["uri"] for party in ours for identity in party["identities"]]


def private(data):
    assert data["channel"] in ("sms", "chat", "email")
    assert data["conversation"]["kind"] in ("direct", "thread") and data["conversation"]["visibility"] == "private"


def hello(events):
    data = one(events, "message.received")
    assert data["text"] == "Hello" and data["message"]["kind"] == "text"
    assert "attachments" not in data and "interaction" not in data["message"]
    return data


def photo(events):
    data = one(events, "message.received")
    assert data["text"] == "My parcel" and data["message"]["kind"] == ("text" if data["channel"] == "email" else "media")
    attachment, = data["attachments"]
    assert attachment["role"] == "file" and attachment["kind"] == "image" and attachment["id"] == "0"
    # Meta's messengers say that it is an image, and not of which type.
    assert attachment.get("content_type", "image/").startswith("image/")
    # What travelled with the request is ours; what did not can be fetched by what is named.
    assert attachment["state"] == ("stored" if "blob" in attachment else "pending")
    assert attachment["state"] == "stored" or attachment.get("provider_ref") or attachment.get("url")
    return data


def button(events):
    data = one(events, "message.received")
    pressed = data["message"]["interaction"]
    assert data["message"]["kind"] == "interaction" and pressed["kind"] in ("button", "postback", "menu")
    assert pressed["payload"] == "track"
    assert pressed.get("title", "Track") == "Track" and data.get("text") == pressed.get("title"), "the words on the button are the customer's"
    return data


def optout(events):
    data = one(events, "consent.changed")
    assert data["consent"]["state"] == "withdrawn" and data["consent"]["scope"] in ("all", "marketing")
    assert "text" not in data
    for said in events:
        if said["type"] == "contact.message.received.v1":
            assert {"rel": "derived_from", "event_id": said["id"]}.items() <= data["related"][0].items()
    return data


def receipt(events):
    data = one(events, "receipt")
    assert data["direction"] == "system" and data["receipt"]["status"] == "delivered"
    assert "actor" not in data and "text" not in data and "message" not in data
    assert data["object"]["external_id"] and data["account"]["id"]
    assert data["customer_uri"] == data["receipt"]["recipient_uri"], "whom it reached is the customer concerned"
    return data


@pytest.mark.parametrize(("chapter", "provider"), TOLD)
def test_the_story_is_the_same(chapter, provider):
    data = {"hello": hello, "photo": photo, "button": button, "optout": optout, "receipt": receipt}[chapter](told(chapter)[provider])
    if chapter in ("hello", "photo", "button"):
        from_a_customer(data)
        private(data)


@pytest.mark.parametrize("provider", providers())
def test_one_customer_is_in_one_conversation(provider):
    conversations = {events[0]["data"]["customer_uri"]: set() for chapter in CHAPTERS for events in [told(chapter).get(provider)] if events}
    for chapter in CHAPTERS:
        for event in told(chapter).get(provider, []):
            conversations[event["data"]["customer_uri"]].add(event["subject"])
    # A mail has no other thread than the one that it names.
    if provider != "postmark":
        assert all(len(subjects) == 1 for subjects in conversations.values()), conversations


def test_who_tells_it():
    assert {provider for _, provider in TOLD} >= {"meta_instagram", "meta_messenger", "meta_whatsapp", "telegram", "twilio_messaging", "wechat"}


def events_of(provider, case):
    return json.loads((HERE / provider / "cases" / f"{case}.golden.json").read_text())["events"]


@pytest.mark.parametrize(("provider", "case"), [("meta_whatsapp", "ad"), ("meta_messenger", "ad-referral"), ("meta_instagram", "ad-referral"),
                                                ("twilio_messaging", "whatsapp-referral")])
def test_an_ad_that_brought_somebody(provider, case):
    data = one(events_of(provider, case), "message.received")
    referral = data["message"]["referral"]
    assert referral["kind"] == "ad" and referral["id"] and referral["headline"] == "Spring sale"
    assert referral["media_url"].startswith("https://cdn.example/")
    assert "context" not in data["message"], "the message answers nothing"


@pytest.mark.parametrize(("provider", "shut", "opened", "state"), [("telegram", "story-optout", "unblocked", "blocked"),
                                                                   ("wechat", "unsubscribe", "subscribe", "unfollowed")])
def test_shutting_the_door_withdraws_and_opening_it_grants_nothing(provider, shut, opened, state):
    member, consent = events_of(provider, shut)
    assert member["data"]["membership"]["state"] == state
    assert consent["data"]["consent"]["state"] == "withdrawn" and consent["data"]["consent"]["scope"] == "all"
    assert {"rel": "derived_from", "event_id": member["id"]}.items() <= consent["data"]["related"][0].items()
    assert consent["data"]["object"] == member["data"]["object"] and consent["subject"] == member["subject"]
    assert [event["type"] for event in events_of(provider, opened)] == ["contact.membership.changed.v1"]


@pytest.mark.parametrize(("provider", "case"), [("meta_whatsapp", "echo"), ("meta_messenger", "echo-from-the-inbox"), ("meta_instagram", "echo")])
def test_what_the_company_sent_elsewhere(provider, case):
    data = events_of(provider, case)[0]["data"]
    assert data["direction"] == "outbound" and "message" in data
    assert data["actor"]["role"] == "business", "no person is named"
    assert data["recipients"][0]["role"] == "customer" and data["customer_uri"] == data["recipients"][0]["identities"][0]["uri"]


@pytest.mark.parametrize(("provider", "case"), [("meta_whatsapp", "product-question"), ("meta_messenger", "product-referral"), ("meta_instagram", "product-referral")])
def test_a_message_about_a_product(provider, case):
    data = one(events_of(provider, case), "message.received")
    assert data["message"]["context"]["rel"] == "mentions" and data["message"]["context"]["kind"] == "product"
    assert "about" in [thing["rel"] for thing in data["related"]]
