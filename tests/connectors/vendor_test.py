"""The vendors' own libraries sign; our verifiers have to agree with them, on what they signed and on copies that were changed on the way.

Set SWITCHBOARD_VERIFIER to the built connector_verifier. Each run prints its seed; SWITCHBOARD_SEED repeats one.
"""

import datetime
import json
import os
import pathlib
import random
import subprocess
import sys
import urllib.parse

import make_requests
import pytest
from standardwebhooks.webhooks import Webhook
from twilio.request_validator import RequestValidator

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "schemas"))
import validate  # noqa: E402

BASE = make_requests.BASE
SEED = int(os.environ.get("SWITCHBOARD_SEED", random.SystemRandom().randrange(2**32)))
LETTERS = "abcXYZ019 +&=%~*'\"<>äß€😀\u0300\n\t,;:/?#"


@pytest.fixture(scope="module")
def dice():
    print(f"SWITCHBOARD_SEED={SEED}", file=sys.stderr)
    return random.Random(SEED)


def words(dice, most=20):
    return "".join(dice.choice(LETTERS) for _ in range(dice.randint(0, most)))


def line(name, method, target, headers, body):
    out = {"source": name, "method": method, "target": target, "headers": headers, "received_at": "2026-05-05T10:00:00.000Z", "peer": "192.0.2.10"}
    try:
        out["body"] = body.decode()
    except UnicodeDecodeError:
        out["body_base64"] = make_requests.base64.b64encode(body).decode()
    return json.dumps(out)


def verdicts(name, lines, source=None):
    given = subprocess.run([os.environ["SWITCHBOARD_VERIFIER"], source or str(HERE / name / "source.json")], input="\n".join(lines) + "\n",
                           capture_output=True, text=True, timeout=120, check=False)
    assert given.returncode == 0, given.stderr
    out = [json.loads(answer) for answer in given.stdout.split("\n") if answer]
    assert len(out) == len(lines)
    return out


def authentic(answer):
    return answer["outcome"] != "rejected"


def disagreements(given, lines, wanted):
    """Where we and the signer do not agree, or what is authentic was not taken."""
    assert all(answer["status"] == 200 and (answer["events"] or answer.get("quarantined") or answer["outcome"] == "control")
               for answer in given if authentic(answer)), "what is authentic is never refused nor dropped"
    return [(answer["code"], request) for answer, request, want in zip(given, lines, wanted) if authentic(answer) != want]


def flip(dice, data):
    """One byte changed, added or taken away, or the end cut off."""
    if not data:
        return b"x"
    at, kind = dice.randrange(len(data)), dice.randrange(4)
    if kind == 0:
        return data[:at] + bytes([data[at] ^ (1 << dice.randrange(8))]) + data[at + 1:]
    if kind == 1:
        return data[:at] + bytes([dice.randrange(256)]) + data[at:]
    return data[:at] if kind == 2 else data[:at] + data[at + 1:]


def form_pairs(body):
    return urllib.parse.parse_qsl(body.decode("utf-8", "surrogateescape"), keep_blank_values=True, errors="surrogateescape")


def twilio_signed_bytes(body):
    """What a signature covers: forms that differ only in spelling are the same request."""
    return "".join(name + value for name, value in sorted(set(form_pairs(body))))


def test_twilio_signs_and_tampered_copies_fail(dice):
    sources = json.loads((HERE / "twilio_messaging" / "source.json").read_text())
    credential = sources["credentials"][0]
    validator, lines, wanted = RequestValidator(credential["auth_token"]), [], []
    for number in range(3000):
        pairs = [("AccountSid", credential["account_sid"]), ("MessageSid", f"SM{number:032x}"), ("SmsStatus", "received"), ("From", "+14155550100"),
                 ("To", "+14155550199"), ("Body", words(dice))]
        pairs += [("x" + words(dice, 5), words(dice)) for _ in range(dice.randint(0, 6))]
        pairs += [dice.choice(pairs[1:])] * dice.randint(0, 1)
        dice.shuffle(pairs)
        target = "/in/twilio" + dice.choice(["", "?a=1", "?tenant=%C3%A9&x=", "?"])
        base = BASE + dice.choice(["", ":443"])
        # The library compares both spellings; it is asked for one of them, as Twilio's back end is.
        signature = validator.compute_signature(base + target, make_requests.MultiDict(pairs))
        body = urllib.parse.urlencode(pairs).encode()
        headers = [["Content-Type", "application/x-www-form-urlencoded"], ["X-Twilio-Signature", signature]]
        lines.append(line("twilio_messaging", "POST", target, headers, body))
        wanted.append(True)
        changed = flip(dice, body)
        if twilio_signed_bytes(changed) != twilio_signed_bytes(body):
            lines.append(line("twilio_messaging", "POST", target, headers, changed))
            wanted.append(False)
        lines.append(line("twilio_messaging", "POST", target + "z", headers, body))
        wanted.append(False)
    given = verdicts("twilio_messaging", lines)
    wrong = disagreements(given, lines, wanted)
    assert not wrong, wrong[:3]
    assert wanted.count(True) == 3000 and wanted.count(False) > 5000


# Recomputed from the library's own tests: the key, the URL and the parameters, with and without ports.
PARAMETERS = {"CallSid": "CA1234567890ABCDE", "Caller": "+14158675309", "Digits": "1234", "From": "+14158675309", "To": "+18005551212"}


@pytest.mark.parametrize(("base", "parameters", "signature"), [
    ("https://mycompany.com", list(PARAMETERS.items()), "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
    ("https://mycompany.com", list(PARAMETERS.items()), "kvajT1Ptam85bY51eRf/AJRuM3w="),
    ("http://mycompany.com", list(PARAMETERS.items()), "0ZXoZLH/DfblKGATFgpif+LLRf4="),
    ("http://mycompany.com:1234", list(PARAMETERS.items()), "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
    ("https://mycompany.com", [("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234"), ("Digits", "1234")], "IK+Dwps556ElfBT0I3Rgjkr1wJU="),
    ("https://mycompany.com", '{"property": "value", "boolean": true}', "a9nBmqA0ju/hNViExpshrM61xv4="),
])
def test_twilio_published_values(tmp_path, base, parameters, signature):
    source = tmp_path / "source.json"
    source.write_text(json.dumps({"connector": "twilio-messaging", "public_url": base, "credentials": [{"auth_token": "12345"}]}))
    target = "/myapp.php?foo=1&bar=2"
    if isinstance(parameters, str):
        target += "&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
        kind, body = "application/json", parameters.encode()
    else:
        kind, body = "application/x-www-form-urlencoded", urllib.parse.urlencode(parameters).encode()
    good = line("twilio_messaging", "POST", target, [["Content-Type", kind], ["X-Twilio-Signature", signature]], body)
    bad = line("twilio_messaging", "POST", target, [["Content-Type", kind], ["X-Twilio-Signature", signature]], body + b"1")
    first, second = verdicts("twilio_messaging", [good, bad], str(source))
    assert authentic(first) and not authentic(second)


def test_standard_webhooks_signs_and_tampered_copies_fail(dice):
    secret = json.loads((HERE / "webhook" / "source.json").read_text())["credentials"][0]["secret"]
    signer, lines, wanted = Webhook(secret), [], []
    for number in range(3000):
        body = json.dumps({"type": "contact.created", "data": {words(dice, 5): words(dice), "n": dice.randrange(2**60)}},
                          ensure_ascii=dice.random() < 0.5).encode()
        identifier = f"msg.{number}." + "".join(dice.choice("abcXYZ019.-_") for _ in range(8))
        late = dice.randint(-400, 400)
        at = make_requests.RECEIVED + datetime.timedelta(seconds=late)
        brand, seconds = dice.choice(["webhook", "svix", "Webhook"]), str(int(at.timestamp()))
        headers = [["Content-Type", "application/json"], [brand + "-id", identifier], [brand + "-timestamp", seconds],
                   [brand + "-signature", dice.choice(["", "v1,c2hvcnQ= ", "v2,x "]) + signer.sign(identifier, at, body.decode())]]
        lines.append(line("webhook", "POST", "/in/hook", headers, body))
        wanted.append(abs(late) <= 300)
        lines.append(line("webhook", "POST", "/in/hook", headers, flip(dice, body)))
        wanted.append(False)
        other = [[name, value + "0" if name.lower().endswith(dice.choice(["-id", "-timestamp"])) else value] for name, value in headers]
        if other != headers:
            lines.append(line("webhook", "POST", "/in/hook", other, body))
            wanted.append(False)
    given = verdicts("webhook", lines)
    wrong = disagreements(given, lines, wanted)
    assert not wrong, wrong[:3]
    assert wanted.count(True) > 1500 and wanted.count(False) > 5000


@pytest.mark.parametrize(("credential", "timestamp", "body", "signature"), [
    ({"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}, "1614265330", '{"test": 2432232314}', "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
    ({"public_key": "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="}, "1614265330", '{"test": 2432232314}',
     "v1a,fldxM4gAKugP6nnt1hdz3sgGfZ6d99nzrMFnZOELIxbzEHoVmAb2ADpkJK7zgPePmPsle0zV9jSeGlHFG2NVAw=="),
])
def test_standard_webhooks_published_values(tmp_path, credential, timestamp, body, signature):
    source = tmp_path / "source.json"
    source.write_text(json.dumps({"connector": "webhook", "public_url": BASE, "credentials": [credential]}))
    headers = [["webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"], ["webhook-timestamp", timestamp], ["webhook-signature", signature]]
    requests = [line("webhook", "POST", "/in/hook", headers, sent.encode()) for sent in (body, body + " ")]
    requests = [request.replace("2026-05-05T10:00:00.000Z", "2021-02-25T15:02:30Z") for request in requests]
    first, second = verdicts("webhook", requests, str(source))
    assert len(first["events"]) == 1 and second["code"] == "bad_signature"


def test_kiosk_signed_from_the_protocol_page_and_tampered_copies_fail(dice):
    sources, lines, wanted = json.loads((HERE / "kiosk" / "source.json").read_text()), [], []
    for number in range(2000):
        items = [{"seq": number * 10 + n, "type": dice.choice(["suggestion", "complaint", "visit", words(dice, 5)]), "text": words(dice)} for n in range(3)]
        case = {"name": str(number), "body": {"boot_epoch": 1, "items": items}, "target": "/in/kiosks" + dice.choice(["", "?x=%41", "?"]),
                "device": dice.choice(["till-1", "door-7"])}
        method, target, headers, body = make_requests.kiosk(case, sources)
        lines.append(line("kiosk", method, target, headers, body))
        wanted.append(True)
        lines.append(line("kiosk", method, target, headers, flip(dice, body)))
        lines.append(line("kiosk", method, target + "/", headers, body))
        wanted += [False, False]
    given = verdicts("kiosk", lines)
    wrong = disagreements(given, lines, wanted)
    assert not wrong, wrong[:3]


def test_mutants_that_are_signed_again_are_never_refused(dice):
    """Whatever a sender signs is taken: as events or kept, but never answered with an error."""
    for name in make_requests.SIGNERS:
        sources = json.loads((HERE / name / "source.json").read_text())
        spec = make_requests.importlib.util.spec_from_file_location(name, HERE / name / "requests.py")
        module = make_requests.importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        lines = []
        for case_name, case in module.CASES.items():
            key = next((key for key in ("body", "json") if key in case), None)
            known = not {"tamper", "late", "token", "key", "shared_key"} & case.keys() and "unknown" not in case_name
            if not known or len(make_requests.text(case[key]) if key else b"") > 10000:
                continue
            if case.get("type", "").startswith("text") or case.get("secret"):
                continue
            for _ in range(10):
                mutant = dict(case, name=case_name)
                if key:
                    mutant[key] = flip(dice, make_requests.text(case[key]))
                else:
                    pairs = list(case["parameters"])
                    at = dice.randrange(len(pairs))
                    pairs[at] = (pairs[at][0], flip(dice, pairs[at][1].encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape"))
                    mutant["parameters"] = pairs
                method, target, headers, body = make_requests.SIGNERS[name](mutant, sources)
                lines.append(line(name, method, target, headers, body))
        assert len(lines) > 300, name
        given = verdicts(name, lines)
        wrong = disagreements(given, lines, [True] * len(lines))
        assert not wrong, (name, wrong[:3])
        assert validate.require_valid(event for answer in given for event in answer["events"]) > 30
