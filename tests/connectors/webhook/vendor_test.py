"""The standard's own library signs; our verifier has to agree with it, on what it signed and on copies that were changed on the way."""

import datetime
import json

import pytest
from request_line import BASE, RECEIVED, line, source_of
from standardwebhooks.webhooks import Webhook
from vendor import disagreements, flip, verdicts, words


def test_standard_webhooks_signs_and_tampered_copies_fail(dice):
    secret = source_of("webhook")["credentials"][0]["secret"]
    signer, lines, wanted = Webhook(secret), [], []
    for number in range(3000):
        body = json.dumps({"type": "contact.created", "data": {words(dice, 5): words(dice), "n": dice.randrange(2**60)}},
                          ensure_ascii=dice.random() < 0.5).encode()
        identifier = f"msg.{number}." + "".join(dice.choice("abcXYZ019.-_") for _ in range(8))
        late = dice.randint(-400, 400)
        at = RECEIVED + datetime.timedelta(seconds=late)
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
