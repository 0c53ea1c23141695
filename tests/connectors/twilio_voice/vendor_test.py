"""Twilio's own library signs requests and writes TwiML: our verifier has to agree with the one, and to answer with the other."""

import json
import urllib.parse
import xml.etree.ElementTree as ElementTree

import pytest
import twilio_requests
from request_line import line, source_of
from twilio.twiml.voice_response import Gather, VoiceResponse
from vendor import authentic, verdicts, words

CALLERS = ["+14155550100", "anonymous", "sip:ann@example.com", "client:ann", ""]


def request(dice, number):
    """A request of some kind, with values that nobody sends."""
    kinds = [[("CallStatus", "ringing")], [("CallStatus", "in-progress"), ("Digits", words(dice, 8))],
             [("CallStatus", "in-progress"), ("SpeechResult", words(dice)), ("Confidence", words(dice, 3))],
             [("CallStatus", "completed"), ("CallDuration", words(dice, 4)), ("Timestamp", words(dice, 8))],
             [("CallStatus", "completed"), ("RecordingUrl", words(dice)), ("RecordingSid", words(dice, 4))],
             [("DialCallStatus", words(dice, 6)), ("DialCallSid", words(dice, 6))],
             [("ConferenceSid", words(dice, 6)), ("StatusCallbackEvent", words(dice)), ("SequenceNumber", words(dice, 2))],
             [("TranscriptionEvent", "transcription-content"), ("TranscriptionSid", "GT1"), ("TranscriptionData", words(dice))]]
    return [("CallSid", f"CA{number:032x}"), ("From", dice.choice(CALLERS)), ("To", "+14155550199"), *dice.choice(kinds)]


def test_twilio_signs_and_tampered_copies_fail(dice):
    twilio_requests.check_signatures("twilio_voice", "/in/twilio-voice", dice, request)


def document(dice):
    out = VoiceResponse()
    for _ in range(dice.randint(1, 4)):
        kind = dice.randrange(4)
        if kind == 0:
            out.say(words(dice), voice=words(dice, 6), language="de-DE")
        elif kind == 1:
            out.play("https://a.example/?a=1&b=" + words(dice, 6))
        elif kind == 2:
            out.record(max_length=dice.randint(1, 600), action="/in/twilio-voice?a=1&b=2", transcribe=True)
        else:
            gather = Gather(num_digits=1, action="/in/twilio-voice?prompt=menu")
            gather.say(words(dice))
            out.append(gather)
    return str(out)


def test_documents_of_twilios_library_are_taken_and_sent(dice, tmp_path):
    source, path = source_of("twilio_voice"), tmp_path / "source.json"
    incoming = twilio_requests.sign({"name": "x", "parameters": [("CallSid", "CA1"), ("From", "+14155550100"), ("To", "+14155550199"), ("CallStatus", "ringing")]},
                                    source, "/in/twilio-voice")
    for _ in range(40):
        written = document(dice)
        path.write_text(json.dumps({**source, "settings": {"twiml": {"incoming": written}}}))
        given = verdicts("twilio_voice", [line("twilio_voice", *incoming)], str(path))[0]
        assert authentic(given)
        assert ElementTree.canonicalize(given["reply"]["body"]) == ElementTree.canonicalize(written)


@pytest.mark.parametrize(("parameters", "signature"), [
    # From the library's own tests.
    ({"CallSid": "CA1234567890ABCDE", "Caller": "+14158675309", "Digits": "1234", "From": "+14158675309", "To": "+18005551212"}, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
])
def test_published_call(tmp_path, parameters, signature):
    path = tmp_path / "source.json"
    path.write_text(json.dumps({"connector": "twilio-voice", "public_url": "https://mycompany.com", "credentials": [{"auth_token": "12345"}]}))
    headers = [["Content-Type", "application/x-www-form-urlencoded"], ["X-Twilio-Signature", signature]]
    body = urllib.parse.urlencode(parameters).encode()
    given = verdicts("twilio_voice", [line("twilio_voice", "POST", "/myapp.php?foo=1&bar=2", headers, body),
                                      line("twilio_voice", "POST", "/myapp.php?foo=1&bar=2", headers, body.replace(b"1234", b"1235", 1))], str(path))
    assert authentic(given[0]) and not authentic(given[1])
    assert given[0]["events"][0]["data"]["input"] == {"kind": "dtmf", "digits": "1234"}
