"""Signed by an independent library; what is verified is read as it was written, and copies that were changed on the way are refused."""

import json

from hub import signatures
from request_line import line, requests_of, source_of
from vendor import disagreements, flip, verdicts, words

requests = requests_of("meta_instagram")
SECRET = source_of("meta_instagram")["credentials"][0]["app_secret"]


def signed(body, signature):
    return line("meta_instagram", "POST", "/in/instagram", [["Content-Type", "application/json"], ["X-Hub-Signature-256", signature]], body)


def random_update(dice, number):
    """A message, an answer to a story or a comment, in the older and the newer shape, and what is to be read of it: object, text."""
    said, key = words(dice), f"x{number}"
    if number % 2 == 0:
        story = {"reply_to": {"story": {"id": "88", "url": requests.STORY}}} if dice.random() < 0.5 else {}
        one = requests.item(message={"mid": key, "text": said, **story})
        return dice.choice([requests.messaging(one), requests.changes(("messages", one))]), (key, said)
    comment = requests.comment(id=key, text=said, **dice.choice([{}, {"parent_id": "1790"}, {"from": {"id": str(dice.randrange(10**17)), "username": words(dice, 9)}}]))
    if dice.random() < 0.5:
        return requests.changes(("comments", comment)), (key, said)
    return requests.entries({"id": requests.SHOP, "time": str(requests.AT), "field": "comments", "value": comment}), (key, said)


def test_an_independent_library_signs_and_tampered_copies_fail(dice):
    written = [random_update(dice, number) for number in range(3000)]
    bodies = [json.dumps(body, ensure_ascii=dice.random() < 0.8).encode() for body, _ in written]
    lines, wanted = [], []
    for body, signature in zip(bodies, signatures(SECRET, bodies)):
        lines += [signed(body, signature), signed(flip(dice, body), signature)]
        wanted += [True, False]
    given = verdicts("meta_instagram", lines)
    wrong = disagreements(given, lines, wanted)
    assert not wrong, wrong[:3]
    for answer, (_, expected) in zip(given[::2], written):
        assert len(answer["events"]) == 1 and "quarantined" not in answer, answer
        data = answer["events"][0]["data"]
        assert (data["object"]["external_id"], data.get("text", "")) == expected
