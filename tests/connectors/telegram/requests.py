"""What Telegram sends: updates of the Bot API 10.3, and the secret token that setWebhook was given."""

from request_line import text

BOT = {"id": 7201234567, "is_bot": True, "first_name": "Acme", "username": "acme_bot"}
ANN = {"id": 42, "is_bot": False, "first_name": "Ann", "last_name": "Lee", "username": "ann", "language_code": "de"}
BOB = {"id": 43, "is_bot": False, "first_name": "Bob"}
OWNER = {"id": 77, "is_bot": False, "first_name": "Olga", "username": "olga_acme"}
PRIVATE = {"id": 42, "type": "private", "first_name": "Ann", "last_name": "Lee", "username": "ann"}
GROUP = {"id": -1001, "type": "supergroup", "title": "Acme help"}
FORUM = {"id": -1002, "type": "supergroup", "title": "Acme forum", "username": "acme_forum", "is_forum": True}
CHANNEL = {"id": -1003, "type": "channel", "title": "Acme news", "username": "acme_news"}
DIRECT = {"id": -1004, "type": "supergroup", "title": "Acme news", "is_direct_messages": True}
AT = 1777975140  # 2026-05-05T09:59:00Z
POST = {"message_id": 70, "sender_chat": CHANNEL, "chat": CHANNEL, "date": AT}


def update(kind, value, number=81, **more):
    return {"body": {"update_id": number, kind: value}, **more}


def said(number=81, kind="message", **more):
    """A message of Ann's to the bot; what is None is left out."""
    given = {"message_id": 7, "from": ANN, "chat": PRIVATE, "date": AT, **more}
    return update(kind, {name: value for name, value in given.items() if value is not None}, number)


def business(**more):
    return said(kind=more.pop("kind", "business_message"), business_connection_id="bc-1", **more)


def file(ref, **more):
    return {"file_id": f"file-{ref}", "file_unique_id": f"unique-{ref}", **more}


def member(status, user, **more):
    return {"status": status, "user": user, **more}


def changed(kind, chat, actor, old, new, **more):
    return update(kind, {"chat": chat, "from": actor, "date": AT, "old_chat_member": old, "new_chat_member": new, **more})


def reacted(old, new, **more):
    given = {"chat": GROUP, "message_id": 7, "user": ANN, "date": AT, "old_reaction": old, "new_reaction": new, **more}
    return update("message_reaction", {name: value for name, value in given.items() if value is not None})


def emoji(sign):
    return {"type": "emoji", "emoji": sign}


PHOTO = [file("s", width=90, height=67, file_size=1378), file("m", width=320, height=240, file_size=20001), file("y", width=1280, height=960, file_size=98765)]
VCARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Lan Nguyen\r\nitem1.EMAIL;TYPE=work:lan@example.com\r\nTEL:+84901234567\r\nORG:Acme;Sales\r\nADR;TYPE=work:;;Pariser Platz 1;Berlin;;;\r\nURL:https://lan.example\r\nNOTE:\r\nnonsense\r\nEND:VCARD\r\n"
KEYBOARD = {"inline_keyboard": ["no row", [{"text": "Track", "callback_data": "track"}, {"text": "Shop", "url": "https://acme.example"}], ["no button"]]}
ASKED = {"message_id": 6, "from": BOT, "chat": PRIVATE, "date": AT - 60, "text": "How can we help?", "reply_markup": KEYBOARD}
POLL = {"id": "5001", "question": "Which colour?", "options": [{"persistent_id": "p1", "text": "Red", "voter_count": 3}, {"text": "Blue", "voter_count": 1}],
        "total_voter_count": 4, "is_closed": False, "is_anonymous": True, "type": "regular", "allows_multiple_answers": False, "allows_revoting": True,
        "members_only": False}
ADDRESS = {"country_code": "DE", "state": "", "city": "Berlin", "street_line1": "Pariser Platz 1", "street_line2": "", "post_code": "10117"}
PAYMENT = {"currency": "EUR", "total_amount": 1995, "invoice_payload": "order-9", "telegram_payment_charge_id": "tch-1", "provider_payment_charge_id": "pch-1",
           "order_info": {"name": "Ann Lee", "email": "ann@example.com"}}
LINK = {"invite_link": "https://t.me/+AbC", "creator": OWNER, "creates_join_request": False, "is_primary": False, "is_revoked": False, "name": "spring flyer"}
BOOST = {"source": "premium", "user": ANN}
RICH = {"blocks": [
    {"type": "heading", "text": "My order", "size": 1},
    {"type": "paragraph", "text": ["It is ", {"type": "bold", "text": "late"}, {"type": "custom_emoji", "custom_emoji_id": "1", "alternative_text": "😡"}, 7]},
    {"type": "list", "items": [{"label": "1.", "blocks": [{"type": "paragraph", "text": "box"}]}, "no item"]},
    {"type": "table", "cells": [[{"text": "A", "align": "left", "valign": "top"}, {"text": "B"}], "no row"]},
    {"type": "details", "summary": "More", "blocks": [{"type": "mathematical_expression", "expression": "1+1"}]},
    {"type": "table"}, {"type": "paragraph", "text": ""}, {"type": "divider"},
    {"type": "photo", "photo": PHOTO, "caption": {"text": "the box", "credit": "me"}}]}
COMMAND = [{"type": "bot_command", "offset": 0, "length": 6}]

CASES = {
    "story-hello": said(text="Hello"),
    "story-photo": said(photo=PHOTO, caption="My parcel"),
    "story-button": update("callback_query", {"id": "4382bfdwdsb323b2d9", "from": ANN, "message": ASKED, "chat_instance": "-3", "data": "track"}),
    "story-optout": changed("my_chat_member", PRIVATE, ANN, member("member", BOT), member("kicked", BOT, until_date=0)),

    "text-unicode": said(text="Grüße 😀 \"Việt Nam\"\n<b>zwei</b>", entities=[{"type": "bold", "offset": 0, "length": 5}]),
    "rotated-token": {**said(text="new token"), "token": 1},
    "start-payload": said(text="/start flyer-17", entities=COMMAND),
    "start-plain": said(text="/start", entities=COMMAND),
    "command-in-group": said(chat=GROUP, text="/track@acme_bot 5", entities=[{"type": "bot_command", "offset": 0, "length": 15}]),
    "photo-without-caption": said(photo=PHOTO),
    "video": said(video=file("v", width=640, height=360, duration=12, mime_type="video/quicktime", file_name="box.mov", file_size=4000000000), caption="look"),
    "animation": said(animation=file("g", width=1, height=1, duration=2, mime_type="video/mp4"), document=file("g", mime_type="video/mp4")),
    "voice": said(voice=file("o", duration=3, mime_type="audio/ogg", file_size=9000)),
    "audio": said(audio=file("a", duration=200, performer="Band", title="Song")),
    "video-note": said(video_note=file("n", length=240, duration=5)),
    "document": said(document=file("d", mime_type="application/pdf", file_name="Rechnung.pdf", file_size=12345), caption="the bill"),
    "document-picture": said(document=file("d", mime_type="image/png", file_name="shot.png")),
    "sticker": said(sticker=file("k", type="regular", width=512, height=512, is_animated=False, is_video=False, emoji="👍", set_name="set")),
    "sticker-animated": said(sticker=file("k", type="regular", width=512, height=512, is_animated=True, is_video=False)),
    "sticker-video": said(sticker=file("k", type="regular", width=512, height=512, is_animated=False, is_video=True)),
    "live-photo": said(live_photo=file("l", width=1, height=1, duration=1), caption="moves"),
    "paid-media": said(paid_media={"star_count": 5, "paid_media": [{"type": "photo", "photo": PHOTO}, {"type": "preview", "width": 1},
                                                                   {"type": "video", "video": file("v", duration=4)}]}),
    "file-without-ids": said(document={"file_name": "x.bin", "file_size": -1}),
    "album": said(photo=PHOTO, media_group_id="14000", caption="one of two"),
    "contact-own": said(contact={"phone_number": "491701234567", "first_name": "Ann", "last_name": "Lee", "user_id": 42}),
    "contact-other": said(contact={"phone_number": "+84901234567", "first_name": "Lan", "user_id": 99, "vcard": VCARD}),
    "contact-empty": said(contact={}),
    "location": said(location={"latitude": 52.5162746, "longitude": 13.3777041, "horizontal_accuracy": 12.5}),
    "live-location-moves": update("edited_message", {"message_id": 7, "from": ANN, "chat": PRIVATE, "date": AT - 60, "edit_date": AT,
                                                     "location": {"latitude": 52, "longitude": 13.5, "live_period": 2147483647, "heading": 90}}),
    "location-nonsense": said(location={"latitude": 152.5, "longitude": 13.3}),
    "venue": said(venue={"location": {"latitude": 52.5, "longitude": 13.25}, "title": "Tor", "address": "Pariser Platz"},
                  location={"latitude": 52.5, "longitude": 13.25}),
    "poll-message": said(poll=POLL),
    "dice": said(dice={"emoji": "🎲", "value": 4}),
    "game": said(game={"title": "Boxes", "description": "stack them", "photo": PHOTO, "animation": file("g", duration=1)}),
    "story": said(story={"chat": CHANNEL, "id": 5}),
    "reply-to-story": said(text="nice", reply_to_story={"chat": CHANNEL, "id": 5}),
    "invoice": said(invoice={"title": "Box", "description": "a box", "start_parameter": "s", "currency": "JPY", "total_amount": 500}),
    "successful-payment": said(successful_payment=PAYMENT),
    "successful-payment-stars": said(successful_payment={**PAYMENT, "currency": "XTR", "total_amount": 50, "order_info": None}),
    "successful-payment-small": said(successful_payment={**PAYMENT, "currency": "KWD", "total_amount": 5}),
    "successful-payment-no-currency": said(successful_payment={**PAYMENT, "currency": "euro"}),
    "refunded-payment": said(refunded_payment={"currency": "XTR", "total_amount": 50, "invoice_payload": "order-9", "telegram_payment_charge_id": "tch-1"}),
    "web-app-data": said(web_app_data={"data": '{"rating":4,"comment":"gut","tags":["a"]}', "button_text": "Feedback"}),
    "web-app-data-plain": said(web_app_data={"data": "plain {", "button_text": "Feedback"}),
    "users-shared": said(users_shared={"request_id": 3, "users": [{"user_id": 99, "first_name": "Lan"}, {"user_id": 98}]}),
    "chat-shared": said(chat_shared={"request_id": 4, "chat_id": -1009, "title": "Neighbours"}),
    "checklist": said(checklist={"title": "Return", "tasks": [{"id": 1, "text": "pack", "completed_by_user": ANN, "completion_date": AT}, {"id": 2, "text": "send"}]}),
    "checklist-tasks-done": said(chat=GROUP, checklist_tasks_done={"checklist_message": {"message_id": 3, "chat": GROUP, "date": AT},
                                                                   "marked_as_done_task_ids": [1, 2], "marked_as_not_done_task_ids": [3]}),
    "checklist-tasks-added": said(checklist_tasks_added={"tasks": [{"id": 4, "text": "label"}]}),
    "rich-message": said(rich_message=RICH),
    "rich-message-words": said(rich_message={"blocks": [{"type": "paragraph", "text": "only words"}]}),
    "write-access-allowed": said(write_access_allowed={"from_request": True}),
    "passport-data": said(passport_data={"data": [], "credentials": {}}),
    "pinned-message": said(chat=GROUP, pinned_message={"message_id": 3, "chat": GROUP, "date": 0}),
    "gift": said(gift={"gift": {"id": "1"}}),
    "unheard-of-content": said(hologram={"x": 1}),
    "without-content": said(),

    "reply": said(text="yes", reply_to_message={"message_id": 5, "chat": PRIVATE, "date": AT, "from": BOT, "text": "?"}, quote={"text": "?", "position": 0}),
    "reply-short": said(text="yes", reply_to_message={"message_id": 5}),
    "external-reply": said(text="this one", external_reply={"origin": {"type": "channel", "date": AT, "chat": CHANNEL, "message_id": 70}, "chat": CHANNEL,
                                                            "message_id": 70}),
    "forward-channel": said(text="news", forward_origin={"type": "channel", "date": AT, "chat": CHANNEL, "message_id": 70}),
    "forward-user": said(text="look", forward_origin={"type": "user", "date": AT, "sender_user": BOB}),
    "forward-hidden": said(text="look", forward_origin={"type": "hidden_user", "date": AT, "sender_user_name": "Somebody"}),
    "forward-chat": said(text="look", forward_origin={"type": "chat", "date": AT, "sender_chat": GROUP}),
    "forward-old": said(text="look", forward_from_chat=CHANNEL, forward_from_message_id=70, forward_date=AT),
    "forward-old-user": said(text="look", forward_from=BOB, forward_date=AT),
    "forward-old-hidden": said(text="look", forward_sender_name="Somebody", forward_date=AT),
    "via-bot": said(text="found", via_bot={"id": 8, "is_bot": True, "first_name": "Gif"}),
    "private-topic": said(text="in a topic", message_thread_id=11, is_topic_message=True),
    "without-names": said(text="hi", **{"from": {"id": 42, "is_bot": False, "first_name": "", "username": "ann"}}),
    "date-zero": said(text="when?", date=0),
    "ephemeral": said(chat=GROUP, text="psst", message_id=0, ephemeral_message_id=3, receiver_user=BOT),

    "group": said(chat=GROUP, text="hi all"),
    "group-topic": said(chat=FORUM, text="in the topic", message_thread_id=12, is_topic_message=True),
    "group-thread-is-no-topic": said(chat=GROUP, text="answer", message_thread_id=5, reply_to_message={"message_id": 5, "chat": GROUP, "date": AT}),
    "group-anonymous-admin": said(chat=GROUP, text="We are on it", sender_chat=GROUP, author_signature="Support lead",
                                  **{"from": {"id": 1087968824, "is_bot": True, "first_name": "Group"}}),
    "group-as-channel": said(chat=GROUP, text="my channel says", sender_chat={"id": -1009, "type": "channel", "title": "Bob's"},
                             **{"from": {"id": 136817688, "is_bot": True, "first_name": "Channel"}}),
    "group-other-bot": said(chat=GROUP, text="beep", **{"from": {"id": 8, "is_bot": True, "first_name": "Beeper"}}),
    "group-own-bot": said(chat=GROUP, text="beep", **{"from": BOT}),
    "group-automatic-forward": said(chat=GROUP, text="news", sender_chat=CHANNEL, is_automatic_forward=True,
                                    forward_origin={"type": "channel", "date": AT, "chat": CHANNEL, "message_id": 70},
                                    **{"from": {"id": 777000, "is_bot": False, "first_name": "Telegram"}}),
    "group-comment": said(chat=GROUP, text="great", message_thread_id=60, reply_to_message={
        "message_id": 60, "chat": GROUP, "date": AT, "sender_chat": CHANNEL, "is_automatic_forward": True,
        "forward_origin": {"type": "channel", "date": AT, "chat": CHANNEL, "message_id": 70}, "text": "news"}),
    "direct-messages": said(chat=DIRECT, text="a question", direct_messages_topic={"topic_id": 900, "user": ANN}),
    "direct-messages-answer": said(chat=DIRECT, text="an answer", sender_chat=CHANNEL, direct_messages_topic={"topic_id": 900, "user": ANN}, **{"from": OWNER}),
    "guest-message": said(kind="guest_message", chat=GROUP, text="@acme_bot when do you open?", guest_query_id="gq-1"),

    "edited": said(kind="edited_message", text="hi there", edit_date=AT + 30),
    "edited-without-date": said(kind="edited_message", text="hi there"),
    "edited-unheard-of": said(kind="edited_message", hologram={}, edit_date=AT + 30),
    "channel-post": update("channel_post", {**POST, "text": "We open at 9", "author_signature": "Olga"}),
    "channel-post-signed": update("channel_post", {"message_id": 71, "chat": CHANNEL, "date": AT, "text": "by me", "from": OWNER}),
    "edited-channel-post": update("edited_channel_post", {**POST, "text": "We open at 10", "edit_date": AT + 30}),

    "business-connection": update("business_connection", {"id": "bc-1", "user": OWNER, "user_chat_id": 77, "date": AT, "is_enabled": True, "rights": {}}),
    "business-connection-ended": update("business_connection", {"id": "bc-1", "user": OWNER, "user_chat_id": 77, "date": AT, "is_enabled": False}),
    "business-message": business(text="Are you open?"),
    "business-message-owner": business(text="Yes", **{"from": OWNER}),
    "business-message-away": business(text="We are away", is_from_offline=True, **{"from": OWNER}),
    "business-message-bot": business(text="The bot answers", sender_business_bot=BOT, **{"from": OWNER}),
    "edited-business-message": business(kind="edited_business_message", text="Are you open today?", edit_date=AT + 30),
    "edited-business-message-owner": business(kind="edited_business_message", text="Yes!", edit_date=AT + 30, **{"from": OWNER}),
    "deleted-business-messages": update("deleted_business_messages", {"business_connection_id": "bc-1", "chat": PRIVATE, "message_ids": [7, "x", 8]}),

    "callback-group": update("callback_query", {"id": "2", "from": BOB, "message": {**ASKED, "chat": GROUP}, "chat_instance": "-3", "data": "gone"}),
    "callback-inaccessible": update("callback_query", {"id": "3", "from": ANN, "message": {"message_id": 6, "chat": PRIVATE, "date": 0}, "chat_instance": "-3",
                                                       "data": "track"}),
    "callback-inline": update("callback_query", {"id": "4", "from": ANN, "inline_message_id": "BAAA", "chat_instance": "-3", "data": "x"}),
    "callback-game": update("callback_query", {"id": "5", "from": ANN, "message": ASKED, "chat_instance": "-3", "game_short_name": "boxes"}),
    "callback-business": update("callback_query", {"id": "6", "from": ANN, "message": {**ASKED, "business_connection_id": "bc-1"}, "chat_instance": "-3",
                                                   "data": "track"}),
    "inline-query": update("inline_query", {"id": "888", "from": ANN, "query": "red box", "offset": "", "chat_type": "sender"}),
    "chosen-inline-result": update("chosen_inline_result", {"result_id": "r-1", "from": ANN, "query": "red box", "inline_message_id": "BAAA"}),
    "reaction-added": reacted([], [emoji("👍")]),
    "reaction-removed": reacted([emoji("👍")], []),
    "reaction-replaced": reacted([emoji("👍")], [{"type": "custom_emoji", "custom_emoji_id": "5301"}]),
    "reaction-one-more": reacted([emoji("👍")], [emoji("👍"), {"type": "paid"}]),
    "reaction-anonymous": reacted([], [emoji("🔥")], user=None, actor_chat=CHANNEL),
    "reaction-private": reacted([], [emoji("❤")], chat=PRIVATE),
    "reaction-count": update("message_reaction_count", {"chat": CHANNEL, "message_id": 70, "date": AT, "reactions": [
        {"type": emoji("👍"), "total_count": 12}, {"type": {"type": "paid"}, "total_count": 2}]}),
    "reaction-count-none": update("message_reaction_count", {"chat": CHANNEL, "message_id": 70, "date": AT, "reactions": []}),

    "unblocked": changed("my_chat_member", PRIVATE, ANN, member("kicked", BOT, until_date=0), member("member", BOT)),
    "bot-added": changed("my_chat_member", GROUP, OWNER, member("left", BOT), member("member", BOT)),
    "bot-removed": changed("my_chat_member", GROUP, OWNER, member("member", BOT), member("kicked", BOT, until_date=0)),
    "bot-promoted": changed("my_chat_member", GROUP, OWNER, member("member", BOT), member("administrator", BOT)),
    "bot-left-private": changed("my_chat_member", PRIVATE, ANN, member("member", BOT), member("member", BOT)),
    "member-joined-by-link": changed("chat_member", GROUP, ANN, member("left", ANN), member("member", ANN), invite_link=LINK),
    "member-left": changed("chat_member", GROUP, ANN, member("member", ANN), member("left", ANN)),
    "member-banned": changed("chat_member", GROUP, OWNER, member("restricted", ANN, is_member=True), member("kicked", ANN, until_date=0)),
    "member-restricted": changed("chat_member", GROUP, OWNER, member("member", ANN), member("restricted", ANN, is_member=True)),
    "member-followed": changed("chat_member", CHANNEL, ANN, member("left", ANN), member("member", ANN)),
    "member-unfollowed": changed("chat_member", CHANNEL, ANN, member("member", ANN), member("left", ANN)),
    "new-members": said(chat=GROUP, new_chat_members=[ANN, BOB, BOT]),
    "left-member": said(chat=GROUP, left_chat_member=ANN),
    "left-member-removed": said(chat=GROUP, left_chat_member=ANN, **{"from": OWNER}),
    "migrate-to": said(chat={"id": -5, "type": "group", "title": "Acme help"}, migrate_to_chat_id=-1001),
    "migrate-from": said(chat=GROUP, migrate_from_chat_id=-5),
    "topic-created": said(chat=FORUM, message_thread_id=12, is_topic_message=True, forum_topic_created={"name": "Order 5", "icon_color": 7322096}),
    "topic-closed": said(chat=FORUM, message_thread_id=12, is_topic_message=True, forum_topic_closed={}),
    "join-request": update("chat_join_request", {"chat": GROUP, "from": ANN, "user_chat_id": 42, "date": AT, "bio": "I like boxes", "invite_link": LINK}),
    "boost": update("chat_boost", {"chat": CHANNEL, "boost": {"boost_id": "b-1", "add_date": AT, "expiration_date": AT + 86400, "source": BOOST}}),
    "boost-removed": update("removed_chat_boost", {"chat": CHANNEL, "boost_id": "b-1", "remove_date": AT, "source": {"source": "giveaway", "giveaway_message_id": 9}}),

    "poll": update("poll", POLL),
    "poll-empty": update("poll", {"id": "5001"}),
    "poll-answer": update("poll_answer", {"poll_id": "5001", "user": ANN, "option_ids": [0, 1], "option_persistent_ids": ["p1", "p2"]}),
    "poll-answer-old": update("poll_answer", {"poll_id": "5001", "user": ANN, "option_ids": [0]}),
    "poll-answer-retracted": update("poll_answer", {"poll_id": "5001", "voter_chat": CHANNEL, "option_ids": [], "option_persistent_ids": []}),
    "shipping-query": update("shipping_query", {"id": "s-1", "from": ANN, "invoice_payload": "order-9", "shipping_address": ADDRESS}),
    "pre-checkout-query": update("pre_checkout_query", {"id": "c-1", "from": ANN, "currency": "EUR", "total_amount": 1995, "invoice_payload": "order-9",
                                                        "order_info": {"name": "Ann Lee", "phone_number": "491701234567"}}),
    "purchased-paid-media": update("purchased_paid_media", {"from": ANN, "paid_media_payload": "album-3"}),
    "subscription": update("subscription", {"user": ANN, "invoice_payload": "plan-1", "state": "canceled"}),
    "managed-bot": update("managed_bot", {"user": OWNER, "bot_user": {"id": 9, "is_bot": True, "first_name": "Child", "username": "child_bot"}}),
    "managed-bot-empty": update("managed_bot", {"user": OWNER}),
    "stopped-generation": update("stopped_message_generation", {"chat": PRIVATE, "draft_id": 31}),
    "stopped-generation-group": update("stopped_message_generation", {"chat": GROUP, "draft_id": 31, "message_thread_id": 4}),

    "unknown-update": update("telepathy", {"from": ANN}),
    "unknown-update-scalar": update("telepathy", 7),
    "nothing-in-it": {"body": {"update_id": 81}},
    "two-facts": {"body": {"update_id": 81, "message": said(text="hi")["body"]["message"], "my_chat_member": changed(
        "my_chat_member", PRIVATE, ANN, member("member", BOT), member("kicked", BOT))["body"]["my_chat_member"], "poll": None}},
    "message-no-object": update("message", "hi"),
    "message-without-chat": said(chat=None, text="hi"),
    "message-without-id": said(message_id=None, text="hi"),
    "message-id-huge": {"body": '{"update_id":81,"message":{"message_id":9223372036854775808,"date":1777975140,"chat":{"id":42,"type":"private"},"text":"hi"}}'},
    "wrong-types": said(text="hi", date="soon", entities={}, reply_to_message=7, forward_origin=[], via_bot=None, **{"from": "Ann"}),
    "ids-missing": {"body": {"update_id": 81, "callback_query": {"from": ANN}, "inline_query": {"from": ANN}, "message_reaction": {"chat": GROUP},
                             "message_reaction_count": {"chat": GROUP}, "poll": {}, "poll_answer": {}, "chat_member": {"chat": GROUP}, "my_chat_member": {},
                             "business_connection": {}, "purchased_paid_media": {}, "stopped_message_generation": {}, "deleted_business_messages": {}}},
    "deleted-none": update("deleted_business_messages", {"business_connection_id": "bc-1", "chat": PRIVATE, "message_ids": []}),
    "deleted-too-many": update("deleted_business_messages", {"business_connection_id": "bc-1", "chat": PRIVATE, "message_ids": list(range(1001))}),
    "too-many-members": {"body": {"update_id": 81, **{f"kind_{n}": {} for n in range(1001)}}},
    "no-update-id": {"body": {"message": said(text="hi")["body"]["message"]}},
    "update-id-huge": {"body": '{"update_id":18446744073709551615,"message":{}}'},
    "no-object": {"body": [1]},
    "empty": {"body": ""},
    "truncated": {"body": '{"update_id":81,"message":{"mess'},
    "huge-number": {"body": '{"update_id":123456789012345678901234567890}'},
    "too-deep": {"body": '{"update_id":81,"message":' + "[" * 70 + "]" * 70 + "}"},
    "invalid-utf8": {"body": b'{"update_id":81,"message":{"text":"\xff\xfe"}}'},
    "lone-surrogate": {"body": '{"update_id":81,"message":{"text":"\\udc00"}}'},

    "replayed-days-later": {**said(text="Hello"), "received_at": "2026-05-09T10:00:00.000Z"},
    "far-ahead": said(text="from the future", date=AT + 86400),
    "wrong-token": {**said(text="hi"), "tamper": {"headers": {"X-Telegram-Bot-Api-Secret-Token": "guess"}}},
    "token-cut": {**said(text="hi"), "tamper": {"headers": {"X-Telegram-Bot-Api-Secret-Token": "6dO1-first_secret_of_the_year_202"}}},
    "token-empty": {**said(text="hi"), "tamper": {"headers": {"X-Telegram-Bot-Api-Secret-Token": ""}}},
    "no-token": {**said(text="hi"), "tamper": {"headers": {"X-Telegram-Bot-Api-Secret-Token": None}}},
    "tampered-body": {**said(text="pay 10"), "tamper": {"body": lambda b: b.replace(b"10", b"99")}},
    "truncated-on-the-way": {**said(text="half"), "tamper": {"body": lambda b: b[:40]}},
}


def sign(case, source):
    token = source["credentials"][case.get("token", 0)]["secret_token"]
    return "POST", "/in/telegram", [["Content-Type", "application/json"], ["X-Telegram-Bot-Api-Secret-Token", token]], text(case["body"])
