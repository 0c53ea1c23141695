"""Whatever a sender signs is taken: as events or kept, but never answered with an error."""

import json

import pytest
import validate
from request_line import HERE, line, providers, requests_of, source_of, text
from vendor import disagreements, flip, verdicts


def flipped_body(case, change):
    return {**case, "body": change(text(case["body"]))} if "body" in case else None


@pytest.mark.parametrize("provider", providers())
def test_mutants_that_are_signed_again_are_never_refused(dice, provider):
    module, lines = requests_of(provider), []
    for name, case in module.CASES.items():
        expected = json.loads((HERE / provider / "cases" / f"{name}.expect.json").read_text())
        if expected["outcome"] in ("rejected", "control"):
            continue
        for _ in range(10):
            mutant = getattr(module, "mutant", flipped_body)({**case, "name": name}, lambda data: flip(dice, data))
            if mutant is None or sum(len(text(value)) for key, value in mutant.items() if key in ("body", "json")) > 20000:
                continue
            method, target, headers, body = module.sign(mutant, source_of(provider))
            lines.append(line(provider, method, target, headers, body))
    assert len(lines) > 200
    given = verdicts(provider, lines)
    wrong = disagreements(given, lines, [True] * len(lines))
    assert not wrong, wrong[:3]
    assert validate.require_valid(event for answer in given for event in answer["events"]) > 30


def test_every_provider_has_requests():
    assert len(providers()) >= 3
