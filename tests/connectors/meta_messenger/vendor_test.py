"""Signed by an independent library; what is verified is read as it was written, and copies that were changed on the way are refused."""

import json

from hub import signatures
from request_line import line, requests_of, source_of
from vendor import authentic, disagreements, flip, verdicts, words

requests = requests_of("meta_messenger")
SECRET = source_of("meta_messenger")["credentials"][0]["app_secret"]


def signed(body, signature):
    return line("meta_messenger", "POST", "/in/messenger", [["Content-Type", "application/json"], ["X-Hub-Signature-256", signature]], body)


def random_update(dice, number):
    """A message, a comment or a review, and what is to be read of it: type, object, text."""
    said, name = words(dice), words(dice, 8)
    if number % 3 == 0:
        parts = {"mid": f"m_{number}", "text": said, **dice.choice([{}, {"attachments": [requests.IMAGE]}, {"nlp": {"entities": {}}}, {name or "x": 1}])}
        return requests.messaging(requests.item(message=parts)), ("contact.message.received.v1", f"m_{number}", said)
    if number % 3 == 1:
        return requests.comment(message=said, comment_id=f"50_{number}", **{"from": {"id": "7001", "name": name}}), ("contact.message.received.v1", f"50_{number}", said)
    return (requests.rating(open_graph_story_id=str(number), reviewer_name=name, review_text=said, recommendation_type=dice.choice(["positive", "negative"])),
            ("contact.feedback.submitted.v1", str(number), said))


def test_an_independent_library_signs_and_tampered_copies_fail(dice):
    written = [random_update(dice, number) for number in range(3000)]
    # Meta escapes all but ASCII; libraries that do not are to be taken as well.
    bodies = [json.dumps(body, ensure_ascii=dice.random() < 0.8, separators=dice.choice([(",", ":"), None])).encode() for body, _ in written]
    lines, wanted = [], []
    for body, signature in zip(bodies, signatures(SECRET, bodies)):
        lines += [signed(body, signature), signed(flip(dice, body), signature), signed(body, signature[:-1] + ("0" if signature[-1] != "0" else "1"))]
        wanted += [True, False, False]
    given = verdicts("meta_messenger", lines)
    wrong = disagreements(given, lines, wanted)
    assert not wrong, wrong[:3]
    for answer, (_, expected) in zip(given[::3], written):
        assert len(answer["events"]) == 1 and "quarantined" not in answer, answer
        event = answer["events"][0]
        assert (event["type"], event["data"]["object"]["external_id"], event["data"].get("text", "")) == expected


# Composed with the rule that Meta's page gives: the escapes are signed as they are sent.
VECTOR = br'{"object":"page","entry":[{"id":"1","time":1,"messaging":[{"message":{"mid":"m1","text":"\u00e4\u00f6\u00e5"}}]}]}'
VECTOR_SIGNATURE = "sha256=18a8800949f03d6db40358f59dfd88abf68b006d9f0715f127a6edb5766c1d46"


def test_the_signature_covers_the_escapes(tmp_path):
    source = tmp_path / "source.json"
    source.write_text(json.dumps({"connector": "meta-messenger", "public_url": "https://hooks.example.com", "credentials": [{"app_secret": "appsecret"}]}))
    decoded = json.dumps(json.loads(VECTOR), ensure_ascii=False, separators=(",", ":")).encode()
    first, second = verdicts("meta_messenger", [signed(VECTOR, VECTOR_SIGNATURE), signed(decoded, VECTOR_SIGNATURE)], str(source))
    assert authentic(first) and not authentic(second)
    assert signatures("appsecret", [VECTOR]) == [VECTOR_SIGNATURE]
