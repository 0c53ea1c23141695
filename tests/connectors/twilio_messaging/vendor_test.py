"""Twilio's own library signs; our verifier has to agree with it, on what it signed and on copies that were changed on the way."""

import json
import urllib.parse

import pytest
import twilio_requests
from request_line import line
from vendor import authentic, verdicts, words


def message(dice, number):
    return [("MessageSid", f"SM{number:032x}"), ("SmsStatus", "received"), ("From", "+14155550100"), ("To", "+14155550199"), ("Body", words(dice))]


def test_twilio_signs_and_tampered_copies_fail(dice):
    twilio_requests.check_signatures("twilio_messaging", "/in/twilio", dice, message)


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
