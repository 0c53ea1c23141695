"""How Twilio packs and signs, by Twilio's own library: what the requests of its products have in common.

A case is {"parameters": [(name, value)]} or {"json": …}; beside it "method", "target", "account", "token", "shared_key", "signed_base".
"""

import base64
import hashlib
import hmac
import urllib.parse

from request_line import BASE, line, source_of, text
from twilio.request_validator import RequestValidator
from vendor import disagreements, flip, verdicts, words


class MultiDict(dict):
    """Parameters with their duplicates, as Twilio's library takes them from a web framework."""

    def __init__(self, pairs):
        super().__init__(pairs)
        self.pairs = pairs

    def getall(self, name):
        return [value for each, value in self.pairs if each == name]


def sign(case, source, hook):
    account = case.get("account", source["credentials"][0]["account_sid"])
    token = case.get("token") or next(c["auth_token"] for c in source["credentials"] if c["account_sid"] == account)
    validator, method, target = RequestValidator(token), case.get("method", "POST"), case.get("target", hook)
    headers, algorithm = [], None
    if "shared_key" in case:
        validator, algorithm = RequestValidator(case["shared_key"]), "HMAC_SHA256"
        headers.append(["X-Twilio-Webhooks-Signature-Settings", "key=webhooks_sharedkey_01,algorithm=HMAC_SHA256"])
    base = case.get("signed_base", BASE)
    if "json" in case:
        body = text(case["json"])
        target += ("&" if "?" in target else "?") + "bodySHA256=" + hashlib.sha256(body).hexdigest()
        signature = validator.compute_signature(base + target, {}, algorithm)
        headers.append(["Content-Type", "application/json"])
    else:
        pairs = [("AccountSid", account)] + list(case["parameters"])
        encoded = urllib.parse.urlencode(pairs, errors="surrogateescape")
        if method == "GET":
            target, body = target + ("&" if "?" in target else "?") + encoded, b""
            signature = validator.compute_signature(base + target, {}, algorithm)
        else:
            body = encoded.encode()
            if any("\udc80" <= c <= "\udcff" for _, value in pairs for c in value):
                # The library cannot spell bytes that are no UTF-8: the same rule over bytes.
                signed = (base + target).encode() + b"".join(n.encode() + v.encode("utf-8", "surrogateescape") for n, v in sorted(set(pairs)))
                key, digest = (case["shared_key"], hashlib.sha256) if algorithm else (token, hashlib.sha1)
                signature = base64.b64encode(hmac.new(key.encode(), signed, digest).digest()).decode()
            else:
                signature = validator.compute_signature(base + target, MultiDict(pairs), algorithm)
            headers.append(["Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"])
    headers += [["X-Twilio-Signature", signature], ["I-Twilio-Idempotency-Token", "2f8a-" + case["name"]]]
    return method, target, headers, body


def mutant(case, flip):
    """The case with one thing changed before it is signed."""
    if "json" in case:
        return {**case, "json": flip(text(case["json"]))}
    pairs = list(case["parameters"])
    at = len(case["name"]) % len(pairs)
    pairs[at] = (pairs[at][0], flip(pairs[at][1].encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape"))
    return {**case, "parameters": pairs}


def signed_bytes(body):
    """What a signature covers: forms that differ only in spelling, or in where a name ends, are the same request."""
    pairs = urllib.parse.parse_qsl(body.decode("utf-8", "surrogateescape"), keep_blank_values=True, errors="surrogateescape")
    return b"".join((name + value).encode("utf-8", "surrogateescape")
                    for name, value in sorted(set(pairs), key=lambda pair: [part.encode("utf-8", "surrogateescape") for part in pair]))


def check_signatures(provider, hook, dice, parameters, count=3000):
    """Signs thousands of requests, parameters(dice, number) and some that nobody knows, with Twilio's library; every one has to verify, every changed copy to fail."""
    credential = source_of(provider)["credentials"][0]
    validator, lines, wanted = RequestValidator(credential["auth_token"]), [], []
    for number in range(count):
        pairs = [("AccountSid", credential["account_sid"]), *parameters(dice, number)]
        pairs += [("x" + words(dice, 5), words(dice)) for _ in range(dice.randint(0, 6))]
        pairs += [dice.choice(pairs[1:])] * dice.randint(0, 1)
        dice.shuffle(pairs)
        target = hook + dice.choice(["", "?a=1", "?tenant=%C3%A9&x=", "?"])
        base = BASE + dice.choice(["", ":443"])
        # The library compares both spellings; it is asked for one of them, as Twilio's back end is.
        signature = validator.compute_signature(base + target, MultiDict(pairs))
        body = urllib.parse.urlencode(pairs).encode()
        headers = [["Content-Type", "application/x-www-form-urlencoded"], ["X-Twilio-Signature", signature]]
        lines.append(line(provider, "POST", target, headers, body))
        wanted.append(True)
        changed = flip(dice, body)
        if signed_bytes(changed) != signed_bytes(body):
            lines.append(line(provider, "POST", target, headers, changed))
            wanted.append(False)
        lines.append(line(provider, "POST", target + "z", headers, body))
        wanted.append(False)
    wrong = disagreements(verdicts(provider, lines), lines, wanted)
    assert not wrong, wrong[:3]
    assert wanted.count(True) == count and wanted.count(False) > count * 5 // 3
