"""What Meta sends for Instagram: JSON with everything beyond ASCII escaped, signed with the app secret."""

import hashlib
import hmac
import json

SHOP, ANN = "17841400000000017", "5005"
SENT = 1777975199000  # 2026-05-05T09:59:59Z
AT = SENT // 1000
STORY = "https://lookaside.example/story?id=88"


def entries(*each):
    return {"object": "instagram", "entry": list(each)}


def item(sender=ANN, recipient=SHOP, timestamp=SENT, **kind):
    return {"sender": {"id": sender}, "recipient": {"id": recipient}, "timestamp": timestamp, **kind}


def messaging(*items, member="messaging"):
    return entries({"id": SHOP, "time": SENT + 500, member: list(items)})


def message(**parts):
    return messaging(item(message={"mid": "aWc_1", **parts}))


def attachment(kind, **payload):
    return {"type": kind, "payload": payload}


def changes(*each):
    return entries({"id": SHOP, "time": AT, "changes": [{"field": field, "value": value} for field, value in each]})


def comment(**parts):
    return {"id": "1790", "text": "Where is my order?", "from": {"id": ANN, "username": "ann.example"},
            "media": {"id": "1780", "media_product_type": "FEED"}, **parts}


IMAGE = attachment("image", url="https://cdn.example/p.jpg?oh=1")
MARKETING = {"type": "notification_messages", "payload": "weekly", "notification_messages_token": "tok-1", "title": "Weekly offers",
             "notification_messages_timezone": "Europe/Vienna", "token_expiry_timestamp": SENT + 86400000, "user_token_status": "NOT_REFRESHED"}

CASES = {
    # The same story as every other provider tells it.
    "story-hello": {"body": message(text="Hello")},
    "story-photo": {"body": message(text="My parcel", attachments=[IMAGE])},
    "story-button": {"body": message(text="Track", quick_reply={"payload": "track"})},
    "story-optout": {"body": messaging(item(optin={**MARKETING, "notification_messages_status": "STOP NOTIFICATIONS"}))},
    # Messages.
    "text-unicode": {"body": message(text="Grüße / <b> 100% @ 😀 Việt Nam")},
    "reply": {"body": message(text="Yes, that one", reply_to={"mid": "aWc_0"})},
    "story-reply": {"body": message(text="nice", reply_to={"story": {"id": "88", "url": STORY}})},
    "story-mention": {"body": message(attachments=[attachment("story_mention", url=STORY)])},
    "attachments": {"body": message(attachments=[IMAGE, attachment("video", url="https://cdn.example/v.mp4"), attachment("audio", url="https://cdn.example/a.mp4"),
                                                 attachment("file", url="https://cdn.example/f.pdf")])},
    "shares": {"body": message(attachments=[attachment("share", url="https://cdn.example/post"), attachment("ig_post", ig_post_media_id="1781", title="New shoes", url="https://cdn.example/post")])},
    "reels": {"body": message(attachments=[attachment("ig_reel", reel_video_id="55", title="Look", url="https://cdn.example/r.mp4"), attachment("reel", url="/reel/2")])},
    "like-heart": {"body": message(attachments=[{"type": "like_heart"}])},
    "ephemeral": {"body": message(attachments=[{"type": "ephemeral"}])},
    "product-template": {"body": message(attachments=[attachment("template", product={"elements": [{"id": "501", "retailer_id": "SKU-1", "image_url": "https://cdn.example/1.jpg",
                                                                                                   "title": "Red shoe", "subtitle": "$50"}]})])},
    "product-referral": {"body": message(text="This one?", referral={"product": {"id": "501"}})},
    "ad-referral": {"body": message(text="Is this available?", referral={"ref": "spring", "ad_id": "61", "source": "ADS", "type": "OPEN_THREAD",
                                                                        "ads_context_data": {"ad_title": "Spring sale", "photo_url": "https://cdn.example/ad.jpg", "video_url": "https://cdn.example/ad.mp4"}})},
    "unsent": {"body": message(is_deleted=True)},
    "unsent-by-us": {"body": messaging(item(SHOP, ANN, message={"mid": "aWc_e1", "is_echo": True, "is_deleted": True}))},
    "unsupported": {"body": message(is_unsupported=True)},
    "edit": {"body": messaging(item(message_edit={"mid": "aWc_1", "text": "Hello there", "num_edit": 1}))},
    "echo": {"body": messaging(item(SHOP, ANN, message={"mid": "aWc_e1", "text": "How can we help?", "is_echo": True}))},
    "to-ourselves": {"body": messaging(item(SHOP, SHOP, message={"mid": "aWc_s1", "text": "note", "is_echo": True, "is_self": True}))},
    "ice-breaker": {"body": messaging(item(postback={"mid": "aWc_2", "title": "Opening hours?", "payload": "HOURS"}))},
    "postback-by-us": {"body": messaging(item(SHOP, ANN, is_self=False, postback={"mid": "aWc_3", "title": "Menu", "payload": "M"}))},
    "standby": {"body": messaging(item(message={"mid": "aWc_4", "text": "Anybody?"}), member="standby")},
    "referral": {"body": messaging(item(referral={"ref": "bio", "source": "IGME-SOURCE-LINK", "type": "OPEN_THREAD"}))},
    "optin-marketing": {"body": messaging(item(optin=MARKETING))},
    "seen": {"body": messaging(item(read={"mid": "aWc_e1"}))},
    "reaction": {"body": messaging(item(reaction={"mid": "aWc_e1", "action": "react", "reaction": "love", "emoji": "\u2764\ufe0f"}))},
    "reaction-taken-back": {"body": messaging(item(reaction={"mid": "aWc_e1", "action": "unreact"}))},
    "reaction-by-us": {"body": messaging(item(SHOP, ANN, reaction={"mid": "aWc_1", "action": "react", "reaction": "other", "emoji": "👀"}))},
    "thread-passed": {"body": messaging(item(pass_thread_control={"previous_owner_app_id": "111", "new_owner_app_id": "222", "metadata": "x"}))},
    "unknown-kind": {"body": messaging(item(story_poll_response={"vote": 1}))},
    # The shapes of the newer pages: field and value in the entry, texts everywhere.
    "message-in-the-entry": {"body": entries({"id": SHOP, "time": AT, "field": "messages", "value": {
        "sender": {"id": ANN}, "recipient": {"id": SHOP}, "timestamp": "1777975199", "message": {"mid": "aWc_5", "text": "texts"}}})},
    "postback-in-changes": {"body": changes(("messaging_postbacks", {"sender": {"id": ANN}, "recipient": {"id": SHOP}, "timestamp": "1777975199000",
                                                                   "postback": {"mid": "aWc_6", "title": "Talk", "payload": "HUMAN"}}))},
    "comment-in-the-entry": {"body": entries({"id": SHOP, "time": str(AT), "field": "comments", "value": comment()})},
    "in-seconds": {"body": messaging(item(timestamp=AT, message={"mid": "aWc_7", "text": "seconds"}))},
    # Comments and mentions.
    "comment": {"body": changes(("comments", comment()))},
    "comment-reply": {"body": changes(("comments", comment(id="1791", text="Same here", parent_id="1790")))},
    "comment-by-us": {"body": changes(("comments", comment(id="1792", text="We are looking into it", parent_id="1790", **{"from": {"id": SHOP, "username": "shop"}})))},
    "comment-on-an-ad": {"body": changes(("comments", comment(id="1793", media={"id": "1782", "media_product_type": "AD", "ad_id": "61", "ad_title": "Spring sale", "original_media_id": "1780"})))},
    "comment-scoped": {"body": changes(("comments", comment(id="1794", **{"from": {"id": ANN, "username": "ann.example", "self_ig_scoped_id": "6006"}})))},
    "comment-without-author": {"body": changes(("comments", {"id": "1795", "text": "Who am I?", "media": {"id": "1780"}}))},
    "live-comment": {"body": changes(("live_comments", comment(id="1796", text="Hi from the live", media={"id": "1783", "media_product_type": "LIVE"})))},
    "comment-on-a-story": {"body": changes(("comments", comment(id="1797", media={"id": "1784", "media_product_type": "STORY"})))},
    "mention-in-a-comment": {"body": changes(("mentions", {"media_id": "1785", "comment_id": "1798"}))},
    "mention-in-a-caption": {"body": changes(("mentions", {"media_id": "1785"}))},
    "story-insights": {"body": changes(("story_insights", {"media_id": "88", "impressions": 444, "reach": 200, "taps_forward": 5, "taps_back": 1, "exits": 3, "replies": -1}))},
    "unknown-field": {"body": changes(("share_to_story", {"x": 1}))},
    # Batches, and what does not fit.
    "batch": {"body": entries({"id": SHOP, "time": SENT, "messaging": [item(message={"mid": "aWc_8", "text": "one"}), item(read={"mid": "aWc_e1"})]},
                              {"id": "18", "time": AT, "changes": [{"field": "comments", "value": comment(text="two")}]})},
    "bad-items": {"body": entries({"id": SHOP, "time": AT, "messaging": [item(message={"mid": "aWc_9", "text": "good"}), item(read={}), item(message={"is_deleted": True})],
                                   "changes": [{"field": "comments", "value": {"text": "no id"}}, {"field": "comments", "value": []}, {"field": "mentions", "value": {}},
                                               {"field": "comments", "value": comment(media=7)}, {"field": "story_insights", "value": {"reach": 1}}]})},
    "dashboard-test": {"body": entries({"id": "0", "time": AT, "changes": [{"field": "comments", "value": {"id": "17865799348089039", "text": "This is an example."}}]})},
    "other-object": {"body": {"object": "page", "entry": [{"id": SHOP, "time": 1, "changes": []}]}},
    "without-entry": {"body": {"object": "instagram", "field": "comments", "value": {}}},
    "empty-entry": {"body": entries({"id": SHOP, "time": AT, "changes": []})},
    "truncated": {"body": '{"object":"instagram","ent'},
    "too-deep": {"body": '{"object":"instagram","entry":[' + "[" * 80 + "]" * 80 + "]}"},
    "too-many": {"body": messaging(*[item(read={"mid": f"m{n}"}) for n in range(1001)])},
    "huge-number": {"body": '{"object":"instagram","entry":[{"id":"17","time":1e999}]}'},
    "invalid-utf8": {"body": b'{"object":"instagram","entry":[{"id":"17","messaging":[{"message":{"mid":"m","text":"\xff\xfe"}}]}]}'},
    # Authenticity.
    "rotated-secret": {"secret": "rotated6789abcdef0123456789abcdef", "body": message(text="rotated")},
    "replayed-days-later": {"body": message(text="Hello"), "received_at": "2026-05-09T10:00:00.000Z"},
    "wrong-secret": {"secret": "guess", "body": message(text="Hello")},
    "tampered-body": {"body": message(text="pay 10"), "tamper": {"body": lambda b: b.replace(b"10", b"99")}},
    "truncated-on-the-way": {"body": message(text="half"), "tamper": {"body": lambda b: b[:-1]}},
    "no-signature": {"body": message(text="Hello"), "tamper": {"headers": {"X-Hub-Signature-256": None, "X-Hub-Signature": None}}},
    "handshake": {"method": "GET", "target": "/in/instagram?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=meatyhamhock"},
    "handshake-with-another-token": {"method": "GET", "target": "/in/instagram?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=guess"},
}


def sign(case, source):
    if case.get("method") == "GET":
        return "GET", case["target"], [["Accept", "*/*"]], b""
    body = case["body"]
    if not isinstance(body, bytes):
        body = (body if isinstance(body, str) else json.dumps(body, separators=(",", ":"))).encode()
    key = case.get("secret", source["credentials"][0]["app_secret"]).encode()
    headers = [["Content-Type", "application/json"], ["X-Hub-Signature", "sha1=" + hmac.new(key, body, hashlib.sha1).hexdigest()],
               ["X-Hub-Signature-256", "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest()]]
    return "POST", "/in/instagram", headers, body
