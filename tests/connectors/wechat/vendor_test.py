"""wechatpy signs and seals; our verifier has to agree with it, on what it made and on copies that were changed on the way. And it reads what we answer."""

import json
import re
import urllib.parse

import pytest
import wechatpy
from request_line import line, requests_of, source_of
from vendor import authentic, disagreements, flip, verdicts, words
from wechatpy.crypto import PrpCrypto, WeChatCrypto

requests = requests_of("wechat")
TYPES = ["text", "image", "voice", "video", "location", "link", "event", "hologram"]
EVENTS = ["subscribe", "SCAN", "CLICK", "TEMPLATESENDJOBFINISH", "subscribe_msg_popup_event", "user_get_card", "hologram"]


def random_message(dice, number):
    members = {"MsgType": dice.choice(TYPES), "MsgId": number, "Event": dice.choice(EVENTS), "Content": words(dice), "EventKey": words(dice), "Status": words(dice)}
    if dice.random() < 0.3:
        return requests.program(**members)
    return {"body": requests.xml(**{name: value if isinstance(value, int) else value.translate(dict.fromkeys(range(32))) for name, value in members.items()})}


def sealed_text(body):
    """What the signature covers of an encrypted request: bodies that differ only in spelling are the same."""
    if body.startswith(b"{"):
        try:
            return json.loads(body)["Encrypt"].encode()
        except (ValueError, KeyError, AttributeError):
            return None
    found = re.search(rb"<Encrypt><!\[CDATA\[(.*?)\]\]></Encrypt>", body, re.DOTALL)
    return found and found.group(1)


def test_wechatpy_signs_and_tampered_copies_fail(dice):
    source, lines, wanted = source_of("wechat"), [], []
    for number in range(1500):
        case = {**random_message(dice, number), "credential": dice.randrange(2), "mode": dice.choice(["aes", "compatible"])}
        method, target, headers, body = requests.sign(case, source)
        sealed = sealed_text(body)
        changed = body.replace(sealed, flip(dice, sealed))
        lines += [line("wechat", method, target, headers, body), line("wechat", method, target, headers, changed),
                  line("wechat", method, target.replace("msg_signature=", "msg_signature=0"), headers, body)]
        wanted += [True, sealed_text(changed) == sealed, False]
    wrong = disagreements(verdicts("wechat", lines), lines, wanted)
    assert not wrong, wrong[:3]
    assert wanted.count(False) > 2900


def test_wechatpy_signs_in_plain_mode(dice):
    source, lines, wanted = source_of("wechat"), [], []
    for number in range(500):
        case = {**random_message(dice, number), "credential": 2, "mode": "plain"}
        method, target, headers, body = requests.sign(case, source)
        changed = target.replace("nonce=xx", "nonce=" + dice.choice(["xy", "x", "%78y", "xxx"]))
        lines += [line("wechat", method, target, headers, body), line("wechat", method, changed, headers, body)]
        wanted += [True, False]
    assert not disagreements(verdicts("wechat", lines), lines, wanted)


def reply_of(answer, credential):
    """The reply as wechatpy reads it: it checks the signature and the app's id, and opens it."""
    sealed = wechatpy.utils.to_text(answer["reply"]["body"])
    time, nonce, signature = (re.search(f"<{name}>(.*?)</{name}>", sealed).group(1) for name in ("TimeStamp", "Nonce", "MsgSignature"))
    opened = WeChatCrypto(credential["token"], credential["encoding_aes_key"], credential["app_id"]).decrypt_message(sealed, signature, time, nonce)
    return sealed, wechatpy.parse_message(opened)


def test_wechatpy_reads_our_replies():
    source, lines = source_of("wechat"), []
    for number in range(400):
        case = {**requests.message("text", Content="x" * number, MsgId=number), "credential": number % 2}
        lines.append(line("wechat", *requests.sign(case, source)))
    given, seen = verdicts("wechat", lines), set()
    for number, answer in enumerate(given):
        sealed, reply = reply_of(answer, source["credentials"][number % 2])
        assert (reply.type, reply.source, reply.target, reply.time) == ("text", "gh_1", "oA", 1777975200)
        assert reply.content == source["settings"]["replies"]["text"]
        seen.add(sealed)
    assert len(seen) == 400, "each request has an answer of its own"
    assert verdicts("wechat", lines) == given, "and the same request has the same answer"


@pytest.mark.parametrize(("case", "kind"), [("image", "transfer_customer_service"), ("voice", "transfer_customer_service"), ("subscribe-qr", "text")])
def test_wechatpy_reads_what_settings_say(case, kind):
    source = source_of("wechat")
    answer, = verdicts("wechat", [line("wechat", *requests.sign(requests.CASES[case], source))])
    sealed = reply_of(answer, source["credentials"][0])[1]
    assert sealed._data["MsgType"] == kind
    assert sealed._data.get("Content") == (source["settings"]["replies"]["subscribe"] if kind == "text" else None)


# wechatpy's own tests: an echo, and a message.
TOKEN, KEY, APP = "123456", "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR", "wx49f0ab532d5d035a"
ECHO = "4ByGGj+sVCYcvGeQYhaKIk1o0pQRNbRjxybjTGblXrBaXlTXeOo1+bXFXDQQb1o6co6Yh9Bv41n7hOchLF6p+Q=="
SEALED = ("RgqEoJj5A4EMYlLvWO1F86ioRjZfaex/gePD0gOXTxpsq5Yj4GNglrBb8I2BAJVODGajiFnXBu7mCPatfjsu6IHCrsTyeDXzF6Bv283dGymzxh6ydJRvZsryDyZbLTE7rhnus50qGPMfp2wASFlz"
          "EgMW9z1ef/RD8XzaFYgm7iTdaXpXaG4+BiYyolBug/gYNx410cvkKR2/nPwBiT+P4hIiOAQqGp/TywZBtDh1yCF2KOd0gpiMZ5jSw3e29mTvmUHzkVQiMS6td7vXUaWOMZnYZlF3So2SjHnwh4jY"
          "FxdgpkHHqIrH/54SNdshoQgWYEvccTKe7FS709/5t6NMxuGhcUGAPOQipvWTT4dShyqio7mlsl5noTrb++x6En749zCpQVhDpbV6GDnTbcX2e8K9QaNWHp91eBdCRxthuL0=")


def published(tmp_path, method, query, body=b"", token=TOKEN, key=KEY):
    source = tmp_path / "source.json"
    source.write_text(json.dumps({"connector": "wechat", "public_url": "https://hooks.example.com", "credentials": [
        {"token": token, "encoding_aes_key": key, "app_id": APP} if key else {"token": token}]}))
    answer, = verdicts("wechat", [line("wechat", method, "/in/wechat?" + urllib.parse.urlencode(query), [["Content-Type", "text/xml"]], body)], str(source))
    return answer


def test_published_echo(tmp_path):
    query = {"msg_signature": "dd6b9c95b495b3f7e2901bfbc76c664930ffdb96", "timestamp": "1411443780", "nonce": "437374425", "echostr": ECHO}
    answer = published(tmp_path, "GET", query)
    assert answer["outcome"] == "control" and answer["reply"]["body"] == "5927782489442352469"
    assert not authentic(published(tmp_path, "GET", {**query, "nonce": "437374426"}))


def test_published_message(tmp_path):
    query = {"msg_signature": "74d92dfeb87ba7c714f89d98870ae5eb62dff26d", "timestamp": "1411525903", "nonce": "461056294"}
    body = f"<xml><ToUserName><![CDATA[wx49f0ab532d5d035a]]></ToUserName><Encrypt><![CDATA[{SEALED}]]></Encrypt></xml>".encode()
    answer = published(tmp_path, "POST", query, body)
    data = answer["events"][0]["data"]
    assert (data["text"], data["object"]["external_id"]) == ("test", "4363689963896700987")
    assert data["actor"]["identities"][0]["uri"].endswith("/messense")
    assert not authentic(published(tmp_path, "POST", query, body.replace(b"RgqE", b"rgqE")))


def test_published_plain_signature(tmp_path):
    query = {"signature": "48062c83b0a00f9fdf280a85313c7376cf2b0f1b", "timestamp": "1409304348", "nonce": "xxxxxx", "echostr": "42"}
    assert published(tmp_path, "GET", query, token="mytoken", key=None)["reply"]["body"] == "42"
    assert not authentic(published(tmp_path, "GET", {**query, "timestamp": "1409304349"}, token="mytoken", key=None))


def test_what_we_cannot_open_the_library_cannot_either(dice):
    """Sealed texts cut, grown and changed under a right signature: kept, never an event that the library does not read too."""
    source, lines, readable = source_of("wechat"), [], []
    credential = source["credentials"][0]
    for number in range(800):
        sealed = requests.seal(requests.message("text", Content=words(dice), MsgId=number + 1), credential)
        sealed = flip(dice, sealed.encode()).decode("latin-1")
        lines.append(line("wechat", *requests.sign({"body": "", "sealed": sealed}, source)))
        try:
            readable.append(PrpCrypto(WeChatCrypto(TOKEN, KEY, APP).key).decrypt(sealed, APP))
        except Exception:  # pylint: disable=broad-except
            readable.append(None)
    given = verdicts("wechat", lines)
    assert all(authentic(answer) and answer["status"] == 200 for answer in given)
    assert not [request for answer, request, text in zip(given, lines, readable) if answer["events"] and text is None]
    assert sum(bool(answer.get("quarantined")) for answer in given) > 300
