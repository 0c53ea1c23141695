"""What Meta sends for Messenger and Pages: JSON with everything beyond ASCII escaped, signed with the app secret."""

import hashlib
import hmac
import json

PAGE, ANN, BOB = "108", "9001", "7001"
SENT = 1777975199000  # 2026-05-05T09:59:59Z
AT = SENT // 1000


def entries(*each):
    return {"object": "page", "entry": list(each)}


def item(sender=ANN, recipient=PAGE, timestamp=SENT, **kind):
    return {"sender": {"id": sender}, "recipient": {"id": recipient}, "timestamp": timestamp, **kind}


def messaging(*items, page=PAGE, member="messaging"):
    return entries({"id": page, "time": SENT + 500, member: list(items)})


def message(**parts):
    return messaging(item(message={"mid": "m_1", **parts}))


def attachment(kind, **payload):
    return {"type": kind, "payload": payload}


def echo(**parts):
    return messaging(item(PAGE, ANN, message={"mid": "m_e1", "is_echo": True, **parts}))


def changes(*each, page=PAGE):
    return entries({"id": page, "time": AT + 1, "changes": [{"field": field, "value": value} for field, value in each]})


def comment(verb="add", **parts):
    return changes(("feed", {"item": "comment", "verb": verb, "from": {"id": BOB, "name": "Bob"}, "post_id": "108_50", "comment_id": "50_60",
                             "parent_id": "108_50", "created_time": AT, **parts}))


def feed(**value):
    return changes(("feed", {"from": {"id": BOB, "name": "Bob"}, "created_time": AT, **value}))


def rating(**value):
    return changes(("ratings", {"item": "rating", "verb": "add", "open_graph_story_id": "99", "reviewer_id": "7", "reviewer_name": "Ann",
                                "created_time": AT, **value}))


IMAGE = attachment("image", url="https://cdn.example/p.jpg?oh=1")
LIKE = 369239263222822
MARKETING = {"type": "notification_messages", "payload": "weekly", "notification_messages_token": "tok-1", "title": "Weekly offers",
             "notification_messages_timezone": "Europe/Vienna", "token_expiry_timestamp": SENT + 86400000, "user_token_status": "NOT_REFRESHED"}
SURVEY = {"feedback_screens": [{"screen_id": "0", "questions": {
    "q1": {"type": "csat", "payload": "4", "follow_up": {"type": "free_form", "payload": "Quick answer"}},
    "q2": {"type": "nps", "payload": "9"}, "q3": {"type": "ces", "payload": "none"}}}]}

CASES = {
    # The same story as every other provider tells it.
    "story-hello": {"body": message(text="Hello")},
    "story-photo": {"body": message(text="My parcel", attachments=[IMAGE])},
    "story-button": {"body": message(text="Track", quick_reply={"payload": "track"})},
    "story-optout": {"body": messaging(item(optin={**MARKETING, "notification_messages_status": "STOP NOTIFICATIONS"}))},
    "story-receipt": {"body": messaging(item(delivery={"mids": ["m_e1"], "watermark": SENT - 1000}))},
    # Messages.
    "text-unicode": {"body": message(text="Grüße / <b> 100% @ 😀 Việt Nam")},
    "text-slashes": {"body": '{"object":"page","entry":[{"id":"108","time":1777975199500,"messaging":[{"sender":{"id":"9001"},"recipient":{"id":"108"},'
                             '"timestamp":1777975199000,"message":{"mid":"m_1","text":"\\u00e4\\/\\u003Ca\\u003E\\u0025\\u0040"}}]}]}'},
    "reply": {"body": message(text="Yes, that one", reply_to={"mid": "m_e0"})},
    "attachments": {"body": message(attachments=[IMAGE, attachment("video", url="https://cdn.example/v.mp4"), attachment("audio", url="https://cdn.example/a.mp4"),
                                                 attachment("file", url="https://cdn.example/f.pdf")])},
    "like": {"body": message(sticker_id=LIKE, attachments=[attachment("image", url="https://cdn.example/like.png", sticker_id=LIKE)])},
    "sticker": {"body": message(attachments=[attachment("image", url="https://cdn.example/s.png", sticker_id=7),
                                             attachment("sticker", url="https://cdn.example/s.png", sticker_id=7)])},
    "reels": {"body": message(attachments=[attachment("ig_reel", url="/reel/1", title="Look", reel_video_id=55), attachment("reel", url="https://fb.example/reel/2")])},
    "shares": {"body": message(text="https://shop.example/1", attachments=[
        {"type": "fallback", "title": "Shoes", "URL": "https://shop.example/1", "payload": None}, attachment("post", url="https://fb.example/p/1", title="Our post"),
        {"type": "fallback"}])},
    "location": {"body": message(attachments=[{"type": "location", "title": "Ann's Location", "url": "https://maps.example/1",
                                               "payload": {"coordinates": {"lat": 48.2082, "long": 16.3738}}}])},
    "location-out-of-range": {"body": message(attachments=[attachment("location", coordinates={"lat": 148.2, "long": 16})])},
    "appointment": {"body": message(attachments=[attachment("appointment_booking", title="Fitting, 6 May")])},
    "product-template": {"body": message(text="Is it in stock?", attachments=[attachment("template", product={"elements": [
        {"id": "501", "retailer_id": "SKU-1", "image_url": "https://cdn.example/1.jpg", "title": "Red shoe", "subtitle": "$50"}, {"id": "502", "title": "Blue shoe"}]})])},
    "product-referral": {"body": message(text="This one?", referral={"product": {"id": "501"}})},
    "ad-referral": {"body": message(text="Is this available?", referral={
        "ref": "spring", "ad_id": "61", "source": "ADS", "type": "OPEN_THREAD",
        "ads_context_data": {"ad_title": "Spring sale", "photo_url": "https://cdn.example/ad.jpg", "post_id": "70", "product_id": "501"}})},
    "chat-plugin": {"body": message(text="Hi", tags=[{"source": "customer_chat_plugin"}])},
    "first-after-opting-in": {"body": messaging({**item(message={"mid": "m_1", "text": "Hi"}), "prior_message": {"source": "checkbox_plugin", "identifier": "cart 6"}})},
    "nothing-readable": {"body": message()},
    "unknown-attachment": {"body": message(attachments=[attachment("hologram", url="https://cdn.example/h")])},
    "edit": {"body": messaging(item(message_edit={"mid": "m_1", "text": "Hello there", "num_edit": 1}))},
    "edit-counted-as-text": {"body": messaging(item(message_edit={"mid": "m_1", "text": "Hello there!", "num_edit": "2"}))},
    "echo-of-an-app": {"body": echo(text="How can we help?", app_id=1517776481860111, metadata="case 7")},
    "echo-from-the-inbox": {"body": echo(attachments=[IMAGE])},
    "echo-template": {"body": echo(attachments=[attachment("template", template_type="button", text="Choose")])},
    "postback": {"body": messaging(item(postback={"mid": "m_2", "title": "Get started", "payload": "GET_STARTED",
                                                  "referral": {"ref": "poster", "source": "SHORTLINK", "type": "OPEN_THREAD"}}))},
    "postback-without-mid": {"body": messaging(item(postback={"title": "Get started"}))},
    "standby": {"body": messaging(item(message={"mid": "m_3", "text": "Anybody?"}), item(postback={"mid": "m_4", "title": "Menu"}), member="standby")},
    # Referrals and choices.
    "referral-link": {"body": messaging(item(referral={"ref": "poster", "source": "SHORTLINK", "type": "OPEN_THREAD"}))},
    "referral-ad": {"body": messaging(item(referral={"ref": "spring", "ad_id": "61", "source": "ADS", "type": "OPEN_THREAD",
                                                     "ads_context_data": {"ad_title": "Spring sale", "video_url": "https://cdn.example/v", "post_id": "70"}}))},
    "referral-plugin": {"body": messaging(item(referral={"source": "CUSTOMER_CHAT_PLUGIN", "type": "OPEN_THREAD", "referer_uri": "https://shop.example/help"}))},
    "optin-plugin": {"body": messaging(item(optin={"ref": "checkout-5"}))},
    "optin-user-ref": {"body": entries({"id": PAGE, "time": SENT, "messaging": [{"recipient": {"id": PAGE}, "timestamp": SENT,
                                                                              "optin": {"ref": "checkout-6", "user_ref": "cart 6"}}]})},
    "optin-once": {"body": messaging(item(optin={"type": "one_time_notif_req", "payload": "back-in-stock", "one_time_notif_token": "tok-2"}))},
    "optin-marketing": {"body": messaging(item(optin=MARKETING))},
    "optin-resumed": {"body": messaging(item(optin={**MARKETING, "notification_messages_status": "RESUME NOTIFICATIONS"}))},
    "optin-unknown": {"body": messaging(item(optin={"type": "telepathy"}))},
    # Receipts and reactions.
    "delivered-many": {"body": messaging(item(delivery={"mids": ["m_e1", "m_e2", 7], "watermark": SENT, "seq": 37}))},
    "delivered-up-to": {"body": messaging(item(delivery={"watermark": SENT - 1000}))},
    "read": {"body": messaging(item(read={"watermark": SENT - 500}))},
    "reaction": {"body": messaging(item(reaction={"mid": "m_e1", "action": "react", "emoji": "❤", "reaction": "love"}))},
    "reaction-taken-back": {"body": messaging(item(reaction={"mid": "m_e1", "action": "unreact"}))},
    # Hand-over and the account.
    "thread-passed": {"body": messaging(item(pass_thread_control={"new_owner_app_id": "111", "previous_owner_app_id": None, "metadata": "to a person"}))},
    "thread-taken": {"body": messaging(item(take_thread_control={"previous_owner_app_id": "111", "new_owner_app_id": 222, "metadata": ""}))},
    "thread-requested": {"body": messaging(item(request_thread_control={"requested_owner_app_id": 333, "metadata": "x"}))},
    "app-roles": {"body": entries({"id": PAGE, "time": SENT, "messaging": [{"recipient": {"id": PAGE}, "timestamp": SENT, "app_roles": {"333": ["primary_receiver"]}}]})},
    "account-linked": {"body": messaging(item(account_linking={"status": "linked", "authorization_code": "customer 42"}))},
    "account-unlinked": {"body": messaging(item(account_linking={"status": "unlinked"}))},
    "policy-enforcement": {"body": entries({"id": PAGE, "time": SENT, "messaging": [
        {"recipient": {"id": PAGE}, "timestamp": SENT, "policy-enforcement": {"action": "block", "reason": "spam"}},
        {"recipient": {"id": PAGE}, "timestamp": SENT + 1, "policy_enforcement": {"action": "unblock"}}]})},
    # Answers.
    "survey": {"body": messaging(item(messaging_feedback=SURVEY))},
    "survey-malformed": {"body": messaging(item(messaging_feedback={"feedback_screens": [{"questions": 5}]}))},
    "response-feedback": {"body": messaging(item(response_feedback={"feedback": "Good response", "mid": "m_e1"}),
                                            item(timestamp=SENT + 1, response_feedback={"feedback": "odd", "mid": "m_e2"}))},
    "customer-information": {"body": messaging(item(messaging_customer_information={"screens": [
        {"screen_id": "contact", "responses": [{"key": "email", "value": "ann@example.com"}, {"key": "zip", "value": 1010}, {"key": "note"}]}]}))},
    "game": {"body": messaging(item(game_play={"game_id": "g1", "player_id": "p1", "context_type": "SOLO", "context_id": "c1", "score": 12345, "payload": "x"}))},
    # Times, shapes.
    "in-seconds": {"body": messaging(item(timestamp=AT, message={"mid": "m_5", "text": "seconds"}))},
    "in-text": {"body": changes(("messages", {"sender": {"id": ANN}, "recipient": {"id": PAGE}, "timestamp": "1777975199", "message": {"mid": "m_6", "text": "text"}}))},
    "without-time": {"body": messaging({"sender": {"id": ANN}, "recipient": {"id": PAGE}, "message": {"mid": "m_7", "text": "when?"}})},
    "without-any-time": {"body": entries({"id": PAGE, "messaging": [{"sender": {"id": ANN}, "recipient": {"id": PAGE}, "postback": {"title": "Menu"}}]})},
    "unknown-kind": {"body": messaging(item(telepathy={"thought": "hi"}))},
    "retired-kinds": {"body": messaging(item(payment={"payload": "x"}))},
    # The Page's feed.
    "comment": {"body": comment(message="Where is my order?", post={"id": "108_50", "permalink_url": "https://fb.example/50", "status_type": "added_photos"})},
    "comment-reply": {"body": comment(message="Same here", comment_id="50_61", parent_id="50_60")},
    "comment-by-us": {"body": comment(message="We are looking into it", comment_id="50_62", parent_id="50_60", **{"from": {"id": PAGE, "name": "Shop"}})},
    "comment-edited": {"body": comment("edited", message="Where is my parcel?", edited_time=AT + 60)},
    "comment-removed": {"body": comment("remove")},
    "comment-hidden": {"body": comment("hide", message="Rude words")},
    "comment-shown-again": {"body": comment("unhide", message="Rude words")},
    "comment-photo": {"body": comment(photo="https://cdn.example/c.jpg")},
    "comment-without-author": {"body": comment(message="Who am I?", **{"from": None})},
    "feed-reaction": {"body": feed(item="reaction", verb="add", post_id="108_50", parent_id="108_50", reaction_type="love")},
    "feed-reaction-changed": {"body": feed(item="reaction", verb="edit", post_id="108_50", comment_id="50_60", reaction_type="angry")},
    "feed-reaction-removed": {"body": feed(item="reaction", verb="remove", post_id="108_50", reaction_type="love")},
    "feed-like": {"body": feed(item="like", verb="add", post_id="108_50")},
    "page-liked": {"body": feed(item="like", verb="add")},
    "page-unfollowed": {"body": feed(item="follow", verb="remove")},
    "visitor-post": {"body": feed(item="status", verb="add", post_id="108_51", message="Great shop", photos=["https://cdn.example/1.jpg", "https://cdn.example/2.jpg"],
                                  published=1)},
    "visitor-post-edited": {"body": feed(item="status", verb="edited", post_id="108_51", message="Great shop!", published=1)},
    "visitor-post-removed": {"body": feed(item="status", verb="remove", post_id="108_51")},
    "page-post": {"body": feed(item="photo", verb="add", post_id="108_52", photo_id="8", link="https://cdn.example/3.jpg", message="New shoes", published=1,
                               **{"from": {"id": PAGE, "name": "Shop"}})},
    "page-post-with-videos": {"body": changes(*[("feed", {"item": "video", "verb": "add", "post_id": "108_53", "video_id": video, "link": f"https://cdn.example/{video}.mp4",
                                                          "from": {"id": PAGE}, "created_time": AT}) for video in ("v1", "v2")])},
    "page-post-unpublished": {"body": feed(item="status", verb="add", post_id="108_54", message="Draft", published=0, **{"from": {"id": PAGE}})},
    "share": {"body": feed(item="share", verb="add", post_id="7001_9", message="Look at this", share_id="10", link="https://fb.example/50")},
    "post-moved": {"body": feed(item="post", verb="mute", post_id="108_50")},
    "feed-unknown-item": {"body": feed(item="hologram", verb="add", post_id="108_50")},
    # Reviews, mentions, leads.
    "review": {"body": rating(recommendation_type="negative", review_text="Slow")},
    "review-with-stars": {"body": rating(rating=4, review_text="Good")},
    "review-edited": {"body": rating(verb="edit", recommendation_type="positive", review_text="Better now")},
    "review-removed": {"body": rating(verb="remove")},
    "review-comment": {"body": rating(item="comment", comment_id="99_1", message="We are sorry", reviewer_id=None, reviewer_name=None, **{"from": {"id": PAGE}})},
    "review-reaction": {"body": rating(item="reaction", reaction_type="like")},
    "review-unknown-item": {"body": rating(item="hologram")},
    "mention": {"body": changes(("mention", {"item": "comment", "verb": "add", "post_id": "7002_3", "comment_id": "3_4", "sender_id": BOB, "sender_name": "Bob",
                                             "message": "Ask @Shop", "created_time": AT}))},
    "mention-in-a-post": {"body": changes(("mention", {"item": "post", "verb": "add", "post_id": "7002_5", "sender_id": BOB, "sender_name": "Bob", "created_time": AT}))},
    "lead": {"body": changes(("leadgen", {"leadgen_id": "444", "page_id": PAGE, "form_id": "555", "ad_id": "61", "adgroup_id": "62", "created_time": AT}))},
    "live-video": {"body": changes(("live_videos", {"id": "5", "status": "live_stopped"}))},
    "unknown-field": {"body": changes(("page_upcoming_change", {"x": 1}))},
    # Batches, and what does not fit.
    "batch": {"body": entries({"id": PAGE, "time": SENT, "messaging": [item(message={"mid": "m_8", "text": "one"}), item(read={"watermark": SENT})],
                               "standby": [item(message={"mid": "m_9", "text": "two"})], "changes": [comment(message="three")["entry"][0]["changes"][0]]},
                              {"id": "109", "time": SENT, "messaging": [item(recipient="109", message={"mid": "m_10", "text": "four"})]})},
    "bad-items": {"body": entries({"id": PAGE, "time": SENT, "messaging": [
        5, item(message={"text": "no mid"}), item(message={"mid": 7, "text": "mid of a wrong type"}), item(message={"mid": "m_11", "text": ["x"]}),
        item(message="x"), {"recipient": {"id": PAGE}, "timestamp": SENT, "message": {"mid": "m_12", "text": "nobody"}}, item(message={"mid": "m_13", "text": "good"})],
        "changes": [7, {"field": "feed"}, {"value": {}}, {"field": "feed", "value": {"item": "comment", "verb": "add"}}]}, 9, {"time": SENT})},
    "dashboard-test": {"body": entries({"id": "0", "time": SENT, "changes": [{"field": "feed", "value": {"item": "status", "verb": "add", "post_id": "44444444_444444444",
                                                                                                          "message": "Example post content."}}]})},
    "empty-entry": {"body": entries({"id": PAGE, "time": SENT})},
    "no-entries": {"body": entries()},
    "other-object": {"body": {"object": "user", "entry": [{"id": "1", "time": 1, "changes": []}]}},
    "without-entry": {"body": {"object": "page"}},
    "entry-of-a-wrong-type": {"body": {"object": "page", "entry": {"id": PAGE}}},
    "a-list": {"body": [1, 2]},
    "truncated": {"body": '{"object":"page","ent'},
    "too-deep": {"body": '{"object":"page","entry":[' + "[" * 80 + "]" * 80 + "]}"},
    "too-many": {"body": messaging(*[item(read={"watermark": n}) for n in range(1001)])},
    "huge-number": {"body": '{"object":"page","entry":[{"id":"108","time":1e999}]}'},
    "huge-times": {"body": messaging(item(timestamp=2**63 - 1, message={"mid": "m_14", "text": "far"}), item(timestamp=2**64 - 1, message={"mid": "m_15", "text": "farther"}))},
    "invalid-utf8": {"body": b'{"object":"page","entry":[{"id":"108","time":1,"messaging":[{"message":{"mid":"m","text":"\xff\xfe"}}]}]}'},
    "lone-surrogate": {"body": '{"object":"page","entry":[{"id":"108","messaging":[{"message":{"mid":"m","text":"\\udc00"}}]}]}'},
    # Authenticity.
    "rotated-secret": {"secret": "rotated6789abcdef0123456789abcdef", "body": message(text="rotated")},
    "replayed-days-later": {"body": message(text="Hello"), "received_at": "2026-05-09T10:00:00.000Z"},
    "wrong-secret": {"secret": "guess", "body": message(text="Hello")},
    "tampered-body": {"body": message(text="pay 10"), "tamper": {"body": lambda b: b.replace(b"10", b"99")}},
    "re-encoded-on-the-way": {"body": message(text="ä"), "tamper": {"body": lambda b: json.dumps(json.loads(b), ensure_ascii=False).encode()}},
    "truncated-on-the-way": {"body": message(text="half"), "tamper": {"body": lambda b: b[:-1]}},
    "no-signature": {"body": message(text="Hello"), "tamper": {"headers": {"X-Hub-Signature-256": None, "X-Hub-Signature": None}}},
    "malformed-signature": {"body": message(text="Hello"), "tamper": {"headers": {"X-Hub-Signature-256": "sha256=xyz"}}},
    "handshake": {"method": "GET", "target": "/in/messenger?hub.mode=subscribe&hub.verify_token=meatyhamhock&hub.challenge=1158201444"},
    "handshake-with-another-token": {"method": "GET", "target": "/in/messenger?hub.mode=subscribe&hub.verify_token=guess&hub.challenge=1158201444"},
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
    return "POST", "/in/messenger", headers, body
