"""Signed from the protocol's page, and copies that were changed on the way."""

from request_line import line, requests_of, source_of
from vendor import disagreements, flip, verdicts, words

sign = requests_of("kiosk").sign


def test_kiosk_signed_from_the_protocol_page_and_tampered_copies_fail(dice):
    source, lines, wanted = source_of("kiosk"), [], []
    for number in range(2000):
        items = [{"seq": number * 10 + n, "type": dice.choice(["suggestion", "complaint", "visit", words(dice, 5)]), "text": words(dice)} for n in range(3)]
        case = {"name": str(number), "body": {"boot_epoch": 1, "items": items}, "target": "/in/kiosks" + dice.choice(["", "?x=%41", "?"]),
                "device": dice.choice(["till-1", "door-7"])}
        method, target, headers, body = sign(case, source)
        lines.append(line("kiosk", method, target, headers, body))
        wanted.append(True)
        lines.append(line("kiosk", method, target, headers, flip(dice, body)))
        lines.append(line("kiosk", method, target + "/", headers, body))
        wanted += [False, False]
    given = verdicts("kiosk", lines)
    wrong = disagreements(given, lines, wanted)
    assert not wrong, wrong[:3]
