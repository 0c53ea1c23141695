"""The official CloudEvents libraries, Python and JavaScript, write events in every mode; what we read has to be what they were given."""

import base64
import datetime
import hashlib
import hmac
import json
import pathlib
import subprocess

from cloudevents.core.bindings import http
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from request_line import BASE, line, requests_of, source_of, text
from vendor import authentic, disagreements, flip, verdicts

LETTERS = "abcXYZ019 +&=%~*'\"\\<>äß€😀\u0300,;:/?#\u2028"
ROOT = pathlib.Path(__file__).resolve().parents[3]
FORMAT = JSONFormat()


def words(dice, least=1, most=20):
    return "".join(dice.choice(LETTERS) for _ in range(dice.randint(least, most)))


def spelt(dice):
    """Not blank at its ends, which a header's value cannot be, nor in quotes, which a header's reader takes off."""
    return "x" + words(dice) + "y"


def some_time(dice):
    zone = datetime.timezone(datetime.timedelta(minutes=dice.randint(-14 * 60, 14 * 60)))
    return datetime.datetime(dice.randint(1971, 2025), dice.randint(1, 12), dice.randint(1, 28), dice.randrange(24), dice.randrange(60), dice.randrange(60),
                             dice.randrange(10**6), tzinfo=zone)


def some_data(dice):
    """Numbers are short: a long one might pass for a card's, which is masked."""
    kind = dice.randrange(5)
    if kind == 0:
        return "application/json", {words(dice): [words(dice), dice.randrange(2**31), None, {"deep": True}]}
    if kind == 1:
        return "application/vnd.x+json; charset=utf-8", {"n": dice.randrange(2**31), words(dice): words(dice, 0)}
    if kind == 2:
        return dice.choice(["text/plain", "text/html; charset=utf-8", "application/xml"]), words(dice)
    if kind == 3:
        return dice.choice(["image/png", "application/octet-stream"]), dice.randbytes(dice.randint(1, 40))
    return "application/json", None


def some_event(dice, number):
    content_type, data = some_data(dice)
    attributes = {"id": f"{number} {spelt(dice)}", "source": spelt(dice), "type": "t." + spelt(dice), "time": some_time(dice), "datacontenttype": content_type}
    if dice.random() < 0.5:
        attributes["subject"] = spelt(dice)
    if dice.random() < 0.3:
        attributes["dataschema"] = "https://schemas.example/" + spelt(dice)
    for _ in range(dice.randrange(4)):
        attributes["ext" + str(dice.randrange(9))] = dice.choice([spelt(dice), dice.randint(-2**31, 2**31 - 1)])
    return CloudEvent(attributes, data)


def check(event, got):
    """`event`: what the library was given; `got`: what we made of what it wrote."""
    attributes, body = event.get_attributes(), got["data"]
    assert got["type"] == "contact.form.submitted.v1"
    origin = body["origin"]
    for name in ("id", "source", "type", "subject", "dataschema"):
        assert origin.get(name) == attributes.get(name), name
    at = attributes["time"].astimezone(datetime.timezone.utc)
    assert got["time"] == at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
    extensions = {name: str(value) for name, value in attributes.items() if name.startswith("ext")}
    assert {each["name"]: each["value"] for each in origin.get("extensions", [])} == extensions
    data, payload = event.get_data(), body["payload"]
    content_type = attributes["datacontenttype"]
    assert payload["content_type"] == (content_type.split(";")[0] if data is not None else "application/json")
    if isinstance(data, bytes):
        assert payload["blob"] == body["attachments"][0]["blob"] and body["attachments"][0]["size"] == len(data)
    elif "json" in content_type:
        assert json.loads(payload["text"]) == data
    else:
        assert payload["text"] == data


def headers_of(message):
    token = source_of("cloudevents")["credentials"][0]["token"]
    return [[name, value] for name, value in message.headers.items()] + [["Authorization", "Bearer " + token]]


def test_cloudevents_of_the_python_library_in_every_mode(dice):
    lines, given = [], []
    for number in range(3000):
        event = some_event(dice, number)
        if number % 2:
            message = http.to_binary(event, FORMAT)
            headers, body = headers_of(message), message.body
            if event.get_data() is None:
                headers = [header for header in headers if header[0] != "content-type"]
        else:
            message = http.to_structured(event, FORMAT)
            headers, body = headers_of(message), message.body
        lines.append(line("cloudevents", "POST", "/in/x", headers, body))
        given.append([event])
    for number in range(300):
        events = [some_event(dice, 10000 + 10 * number + n) for n in range(dice.randint(1, 9))]
        body = ("[" + ",".join(FORMAT.write(event).decode() for event in events) + "]").encode()
        headers = [["content-type", "application/cloudevents-batch+json"], headers_of(http.to_structured(events[0], FORMAT))[-1]]
        lines.append(line("cloudevents", "POST", "/in/x", headers, body))
        given.append(events)
    answers = verdicts("cloudevents", lines)
    wrong = disagreements(answers, lines, [True] * len(lines))
    assert not wrong, wrong[:3]
    for events, answer, sent in zip(given, answers, lines):
        assert "quarantined" not in answer, (answer["quarantined"], sent)
        assert len(answer["events"]) == len(events)
        for event, got in zip(events, answer["events"]):
            check(event, got)


def test_cloudevents_of_the_javascript_library_in_both_modes(dice):
    """It writes header values as they are, so that they are ASCII here."""
    given = []
    for number in range(600):
        event = some_event(dice, number).get_attributes()
        plain = {name: value.encode("ascii", "replace").decode() if isinstance(value, str) else value for name, value in event.items()}
        plain = {name: value.replace("%", "-") if isinstance(value, str) else value for name, value in plain.items()}
        data = dice.choice([{"text": words(dice), "n": dice.randrange(2**31)}, {"list": [words(dice)]}])
        given.append({**plain, "source": "urn:" + str(number), "dataschema": "https://schemas.example/1", "time": event["time"].isoformat(),
                      "datacontenttype": "application/json", "data": data})
    made = subprocess.run(["node", str(pathlib.Path(__file__).with_name("produce.cjs")), str(ROOT / "build" / "node")], input=json.dumps(given),
                          capture_output=True, text=True, timeout=60, check=False)
    assert made.returncode == 0, made.stderr
    messages = json.loads(made.stdout)
    assert len(messages) == 2 * len(given)
    token = source_of("cloudevents")["credentials"][0]["token"]
    lines = [line("cloudevents", "POST", "/in/x", [[name, str(value)] for name, value in message["headers"].items()] + [["Authorization", "Bearer " + token]],
                  text(message["body"])) for message in messages]
    for number, answer in enumerate(verdicts("cloudevents", lines)):
        assert answer["outcome"] == "accepted" and len(answer["events"]) == 1, answer
        want, got = given[number // 2], answer["events"][0]
        assert json.loads(got["data"]["payload"]["text"]) == want["data"]
        for name in ("id", "source", "type", "subject", "dataschema"):
            assert got["data"]["origin"].get(name) == want.get(name)
        at = datetime.datetime.fromisoformat(want["time"]).astimezone(datetime.timezone.utc)
        assert got["time"] == at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def test_cloudevents_with_other_credentials_are_refused(dice):
    """Every wrong token, login and signature fails, however little it differs; every changed body that was signed does."""
    source, lines, wanted = source_of("cloudevents"), [], []
    token, login = source["credentials"][0]["token"], "shop:correct:horse"
    body = FORMAT.write(some_event(dice, 1))
    structured = ["content-type", "application/cloudevents+json"]
    for _ in range(1000):
        good = dice.random() < 0.2
        kind = dice.randrange(3)
        if kind == 0:
            changed = token if good else flip(dice, token.encode()).decode("latin1")
            if not changed.isprintable():
                continue  # no header can hold it
            header, value = "Authorization", "Bearer " + changed
            good = changed.strip() == token
        elif kind == 1:
            changed = login.encode() if good else flip(dice, login.encode())
            header, value = "Authorization", "Basic " + base64.b64encode(changed).decode()
            good = changed == login.encode()
        else:
            signed = {name: written(hmac.new(key, body, hashlib.sha256).digest()) for name, (key, written) in requests_of("cloudevents").KEYS.items()}
            changed = body if good else flip(dice, body)
            header, value = dice.choice(sorted(signed.items()))
            good = changed == body
            lines.append(line("cloudevents", "POST", "/in/x", [structured, [header, value]], changed))
            wanted.append(good)
            continue
        lines.append(line("cloudevents", "POST", "/in/x", [structured, [header, value]], body))
        wanted.append(good)
    wrong = disagreements(verdicts("cloudevents", lines), lines, wanted)
    assert not wrong, wrong[:3]
    assert wanted.count(True) > 100 and wanted.count(False) > 500


def test_a_published_signature(tmp_path):
    source = tmp_path / "source.json"
    source.write_text(json.dumps({"connector": "cloudevents", "public_url": BASE, "credentials": [{"secret": "It's a Secret to Everybody"}]}))
    headers = [["X-Hub-Signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"]]
    first, second = verdicts("cloudevents", [line("x", "POST", "/in/x", headers, sent) for sent in (b"Hello, World!", b"Hello, World?")], str(source))
    assert authentic(first) and second["code"] == "bad_signature"
