"""For tests in which a vendor's own library signs or parses: asks our verifier, and says where the two disagree.

Set SWITCHBOARD_VERIFIER to the built connector_verifier. The fixture `dice` (conftest.py) prints its seed; SWITCHBOARD_SEED repeats a run.
"""

import json
import os
import subprocess

from request_line import HERE

LETTERS = "abcXYZ019 +&=%~*'\"<>äß€😀\u0300\n\t,;:/?#"


def words(dice, most=20):
    return "".join(dice.choice(LETTERS) for _ in range(dice.randint(0, most)))


def verdicts(provider, lines, source=None):
    """What `decode` says of each line; `source`: another file than the provider's source.json."""
    given = subprocess.run([os.environ["SWITCHBOARD_VERIFIER"], source or str(HERE / provider / "source.json")], input="\n".join(lines) + "\n",
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
