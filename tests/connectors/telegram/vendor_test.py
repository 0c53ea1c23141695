"""aiogram reads the Bot API as its own types: updates made at random from those types are what Telegram may send, and what aiogram reads from
them is what our events have to say."""

import datetime
import enum
import json
import types
import typing

from aiogram import types as bot_api
from aiogram.client.default import Default
from aiogram.enums import ContentType
from pydantic import BaseModel
from request_line import line, requests_of, source_of
from vendor import authentic, disagreements, verdicts, words

BOT = str(source_of("telegram")["settings"]["bot_id"])
TOKEN = source_of("telegram")["credentials"][0]["secret_token"]
HEADERS = [["Content-Type", "application/json"], ["X-Telegram-Bot-Api-Secret-Token", TOKEN]]
CONTENTS = sorted({c.value for c in ContentType} & set(bot_api.Message.model_fields))
FILES = {"animation", "audio", "document", "live_photo", "photo", "sticker", "video", "video_note", "voice"}
OWN_EVENT = {"new_chat_members": "membership.changed", "left_chat_member": "membership.changed", "migrate_to_chat_id": "conversation.linked",
             "migrate_from_chat_id": "conversation.linked", "forum_topic_created": "conversation.changed", "forum_topic_closed": "conversation.changed",
             "forum_topic_reopened": "conversation.changed", "write_access_allowed": "consent.changed", "refunded_payment": "form.submitted"}
MESSAGES = FILES | {"text", "paid_media", "contact", "location", "venue", "poll", "dice", "game", "story", "checklist", "checklist_tasks_done", "checklist_tasks_added", "invoice", "successful_payment",
                    "web_app_data", "users_shared", "chat_shared", "rich_message"}


def value(dice, kind, deep):
    """A random value of one of pydantic's annotations, as JSON has it."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        return value(dice, arguments[0], deep)
    if origin in (typing.Union, types.UnionType):
        return value(dice, dice.choice([a for a in arguments if a not in (type(None), Default)]), deep)
    if origin is typing.Literal:
        chosen = dice.choice(arguments)
        return chosen.value if isinstance(chosen, enum.Enum) else chosen
    if origin is list:
        return [value(dice, arguments[0], deep + 1) for _ in range(dice.randint(1, 2))]
    if isinstance(kind, (typing.ForwardRef, str)) or kind is typing.Any:
        return words(dice) + "x"
    if isinstance(kind, typing.TypeVar) or getattr(kind, "__value__", None) is not None:
        return words(dice) + "x"
    if issubclass(kind, enum.Enum):
        return dice.choice(list(kind)).value
    if issubclass(kind, BaseModel):
        return made(dice, kind, deep + 1)
    if issubclass(kind, bool):
        return dice.random() < 0.5
    if issubclass(kind, (datetime.datetime, datetime.timedelta)):
        return dice.randint(1, 4_000_000_000)
    if issubclass(kind, int):
        return dice.randint(1, 2**dice.choice([4, 31, 51]))
    if issubclass(kind, float):
        return dice.uniform(-90, 90)
    assert issubclass(kind, str), kind
    return words(dice) + "x"


def made(dice, model, deep=0, without=(), **given):
    """A random object of a type of the Bot API, deeper ones with less in them."""
    out = {}
    for name, field in model.model_fields.items():
        key = field.alias or name
        left_out = not field.is_required() and typing.get_origin(field.annotation) is not typing.Literal and dice.random() < 0.7 + 0.1 * deep
        if key in given or name in without or left_out:
            continue
        if model is bot_api.RichMessage or name == "blocks":
            out[key] = [{"type": "paragraph", "text": words(dice) + "x"}] if name == "blocks" else False
        else:
            out[key] = dice.randint(0, 86400) if name == "duration" else value(dice, field.annotation, deep)
    return {**out, **given}


def random_message(dice, content):
    kind = dice.choice(["private", "group", "supergroup"])
    user = made(dice, bot_api.User, 1, is_bot=False)
    chat = {"id": user["id"], "type": kind} if kind == "private" else {"id": -dice.randint(1, 2**40), "type": kind, "title": "t" + words(dice)}
    other = [c for c in CONTENTS if c != content] + ["sender_chat", "direct_messages_topic", "business_connection_id", "is_automatic_forward", "entities",
                                                    "sender_business_bot", "ephemeral_message_id", "caption_entities", "date", "reply_to_message", "forward_from_chat",
                                                    "forward_from", "forward_sender_name", "edit_date", "via_bot", "user_shared"]
    other += [] if content in FILES else ["caption"]
    message = made(dice, bot_api.Message, 0, without=other, message_id=dice.randint(1, 2**31), date=dice.randint(1, 1_777_975_000), chat=chat,
                   **{"from": user})
    if content not in message:
        message[content] = value(dice, bot_api.Message.model_fields[content].annotation, 1)
    if message[content] is False:
        message[content] = True
    if content == "migrate_to_chat_id":
        message[content] = -message[content]
    return message


def lines_of(updates):
    return [line("telegram", "POST", "/in/telegram", HEADERS, json.dumps(update, ensure_ascii=False).encode()) for update in updates]


def attachment_of(message, content):
    file = getattr(message, content)
    return file[-1] if content == "photo" else file


def check_message(message, content, events):
    event, data = events[0], events[0]["data"]
    object_id = f"{BOT}/{message.chat.id}/{message.message_id}"
    assert event["time"] == message.date.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    assert data["actor"]["identities"][0]["uri"] == f"telegram:{message.from_user.id}"
    assert data["actor"].get("display_name", "").strip() == message.from_user.full_name.strip()
    assert data["conversation"]["external_id"] == str(message.chat.id)
    assert (data["conversation"]["kind"] == "direct") == (message.chat.type == "private")
    if content in OWN_EVENT:
        assert event["type"] == f"contact.{OWN_EVENT[content]}.v1"
        return
    assert data["object"]["external_id"] == object_id
    if content not in MESSAGES:
        assert event["type"] == "contact.unsupported.v1"
        assert data["unsupported"]["kind"] == f"telegram/{content}"
        return
    assert event["type"] == "contact.message.received.v1"
    if message.text or message.caption:
        assert data["text"] == (message.text or message.caption)
    if content in FILES:
        file, ours = attachment_of(message, content), data["attachments"][0]
        assert ours["provider_ref"] == file.file_id
        assert ours.get("size") == file.file_size
        if hasattr(file, "duration"):
            assert ours["duration_ms"] == (file.duration.total_seconds() if hasattr(file.duration, "total_seconds") else file.duration) * 1000
        if getattr(file, "file_name", None):
            assert ours["name"] == file.file_name
    if content == "contact":
        assert data["message"]["contact_cards"][0]["phones"] == [message.contact.phone_number]
    if content == "location":
        assert abs(data["message"]["location"]["latitude"] - message.location.latitude) < 1e-9
    if content == "poll":
        assert [c["label"] for c in data["message"]["poll"]["choices"]] == [o.text for o in message.poll.options]
    if content == "web_app_data":
        assert data["message"]["interaction"]["payload"] == message.web_app_data.data
    if message.media_group_id:
        assert any(r["rel"] == "part_of" for r in data["related"])
    if message.forward_origin:
        assert data["message"]["forwarded"]["at"] == message.forward_origin.date.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        named = any(r["rel"] == "forwarded_from" for r in data.get("related", []))
        assert named == (message.forward_origin.type == "channel" or content == "story")


def test_messages_read_as_aiogram_reads_them(dice):
    updates, read, contents = [], [], []
    for number in range(15 * len(CONTENTS)):
        content = CONTENTS[number % len(CONTENTS)]
        update = {"update_id": number + 1, "message": random_message(dice, content)}
        updates.append(update)
        read.append(bot_api.Update.model_validate(update).message)
        contents.append(content)
    given = verdicts("telegram", lines_of(updates))
    for answer, message, content, update in zip(given, read, contents, updates):
        assert answer["outcome"] in ("accepted", "unsupported") and answer["events"], (answer["outcome"], update)
        assert message.content_type == content
        try:
            check_message(message, content, answer["events"])
        except (AssertionError, KeyError) as wrong:
            raise AssertionError(json.dumps(update, ensure_ascii=False) + "\n" + json.dumps(answer["events"], ensure_ascii=False)) from wrong
    assert len(given) > 1000


def actor_of(update, kind):
    """Who acts, as aiogram names it."""
    event = getattr(update, kind)
    who = [getattr(event, name, None) for name in ("from_user", "user", "actor_chat", "voter_chat")]
    return next((f"telegram:{each.id}" for each in who if each), None)


def test_other_updates_read_as_aiogram_reads_them(dice):
    kinds = [k for k in bot_api.Update.model_fields if k != "update_id" and not k.endswith(("message", "channel_post"))]
    updates = []
    for number in range(60 * len(kinds)):
        kind = kinds[number % len(kinds)]
        model = next(a for a in typing.get_args(bot_api.Update.model_fields[kind].annotation) if a is not type(None))
        # Dates to come are flagged, not refused.
        updates.append({"update_id": number + 1, kind: made(dice, model, 0)})
    given = verdicts("telegram", lines_of(updates))
    compared = 0
    for answer, update, number in zip(given, updates, range(len(updates))):
        kind, read = kinds[number % len(kinds)], bot_api.Update.model_validate(update)
        assert authentic(answer) and answer["events"] and not answer.get("quarantined"), update
        data, wanted = answer["events"][0]["data"], actor_of(read, kind)
        assert data["delivery_id"] == str(read.update_id)
        if wanted and kind not in ("chat_boost", "removed_chat_boost"):
            assert data["actor"]["identities"][0]["uri"] == wanted, update
            compared += 1
        if kind == "callback_query":
            assert data["message"]["interaction"].get("payload") == (read.callback_query.data or read.callback_query.game_short_name), update
    assert compared > 600


def test_only_the_token_decides(dice):
    cases = [c for c in requests_of("telegram").CASES.values() if isinstance(c["body"], dict) and "tamper" not in c]
    lines, wanted = [], []
    for number in range(3000):
        body = json.dumps(cases[number % len(cases)]["body"]).encode()
        at = dice.randrange(len(TOKEN))
        changed = TOKEN[:at] + dice.choice([c for c in "AZaz09_-" if c != TOKEN[at]]) + TOKEN[at + 1:]
        for token in (TOKEN, changed, TOKEN[:at], TOKEN + TOKEN[at]):
            lines.append(line("telegram", "POST", "/in/telegram", [HEADERS[0], [HEADERS[1][0], token]], body))
            wanted.append(token == TOKEN)
    wrong = disagreements(verdicts("telegram", lines), lines, wanted)
    assert not wrong, wrong[:3]
    assert wanted.count(True) == 3000 and wanted.count(False) == 9000
