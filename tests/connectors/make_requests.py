#!/usr/bin/env python3
"""Writes the request lines of the table tests from the bodies in <connector>/requests.py, signed as the senders sign.

    tests/connectors/make_requests.py        writes <connector>/cases/NAME.request.json
    tests/connectors/make_requests.py check  fails when a committed line differs

Twilio's and Standard Webhooks' own libraries sign; a kiosk is signed from the protocol's page. What is expected of each request stands
beside it, written by hand, in NAME.expect.json.
"""

import base64
import datetime
import hashlib
import hmac
import importlib.util
import json
import pathlib
import sys
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
RECEIVED = datetime.datetime(2026, 5, 5, 10, 0, 0, tzinfo=datetime.timezone.utc)
BASE = "https://hooks.example.com"


class MultiDict(dict):
    """Parameters with their duplicates, as Twilio's library takes them from a web framework."""

    def __init__(self, pairs):
        super().__init__(pairs)
        self.pairs = pairs

    def getall(self, name):
        return [value for each, value in self.pairs if each == name]


def text(value):
    return value if isinstance(value, bytes) else (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)).encode()


def kiosk(case, sources):
    device, method = case.get("device", "till-1"), case.get("method", "POST")
    target, body = case.get("target", "/in/kiosks"), text(case["body"])
    key = case.get("key") or next(c["key"] for c in sources["credentials"] if c["device"] == device)
    signed = b"\n".join([device.encode(), method.encode(), target.encode(), body])
    signature = "v1=" + hmac.new(key.encode(), signed, hashlib.sha256).hexdigest()
    headers = [["Content-Type", "application/json"], ["Kiosk-Device", device], ["Kiosk-Signature", signature]]
    return method, target, headers, body


def twilio_messaging(case, sources):
    from twilio.request_validator import RequestValidator
    account = case.get("account", sources["credentials"][0]["account_sid"])
    token = case.get("token") or next(c["auth_token"] for c in sources["credentials"] if c["account_sid"] == account)
    validator, method, target = RequestValidator(token), case.get("method", "POST"), case.get("target", "/in/twilio")
    headers, algorithm = [], None
    if "shared_key" in case:
        validator, algorithm = RequestValidator(case["shared_key"]), "HMAC_SHA256"
        headers.append(["X-Twilio-Webhooks-Signature-Settings", "key=webhooks_sharedkey_01,algorithm=HMAC_SHA256"])
    base = case.get("signed_base", BASE)
    if "json" in case:
        body = text(case["json"])
        target += "?bodySHA256=" + hashlib.sha256(body).hexdigest()
        signature = validator.compute_signature(base + target, {}, algorithm)
        headers.append(["Content-Type", "application/json"])
    else:
        pairs = [("AccountSid", account)] + list(case["parameters"])
        encoded = urllib.parse.urlencode(pairs, errors="surrogateescape")
        if method == "GET":
            target, body = target + "?" + encoded, b""
            signature = validator.compute_signature(base + target, {}, algorithm)
        else:
            body = encoded.encode()
            if any("\udc80" <= c <= "\udcff" for _, value in pairs for c in value):
                # The library cannot spell bytes that are no UTF-8: the same rule over bytes.
                signed = (base + target).encode() + b"".join(n.encode() + v.encode("utf-8", "surrogateescape") for n, v in sorted(set(pairs)))
                signature = base64.b64encode(hmac.new(token.encode(), signed, hashlib.sha1).digest()).decode()
            else:
                signature = validator.compute_signature(base + target, MultiDict(pairs), algorithm)
            headers.append(["Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"])
    headers += [["X-Twilio-Signature", signature], ["I-Twilio-Idempotency-Token", "2f8a-" + case["name"]]]
    return method, target, headers, body


def webhook(case, sources):
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from standardwebhooks.webhooks import Webhook
    body, identifier = text(case["body"]), case.get("id", "msg_" + case["name"])
    at = RECEIVED + datetime.timedelta(seconds=case.get("late", 0))
    seconds = str(int(at.timestamp()))
    if case.get("version") == "v1a":
        key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
        signature = "v1a," + base64.b64encode(key.sign(f"{identifier}.{seconds}.".encode() + body)).decode()
    else:
        secret = case.get("secret", sources["credentials"][0]["secret"])
        try:
            signature = Webhook(secret).sign(identifier, at, body.decode())
        except UnicodeDecodeError:  # the library takes text only: the same rule over bytes
            raw = base64.b64decode(secret.removeprefix("whsec_"))
            signature = "v1," + base64.b64encode(hmac.new(raw, f"{identifier}.{seconds}.".encode() + body, hashlib.sha256).digest()).decode()
    brand = case.get("brand", "webhook")
    headers = [["Content-Type", case.get("type", "application/json")], [brand + "-id", identifier], [brand + "-timestamp", seconds],
               [brand + "-signature", case.get("before", "") + signature]]
    return "POST", "/in/hook", headers, body


SIGNERS = {"kiosk": kiosk, "twilio_messaging": twilio_messaging, "webhook": webhook}


def line(name, case, sources):
    method, target, headers, body = SIGNERS[name](case, sources)
    # After signing: what somebody on the way did to it.
    tamper = case.get("tamper", {})
    body = tamper["body"](body) if "body" in tamper else body
    target, method = tamper.get("target", target), tamper.get("method", method)
    for header, value in tamper.get("headers", {}).items():
        headers = [h for h in headers if h[0] != header] + ([[header, value]] if value is not None else [])
    out = {"source": name, "method": method, "target": target, "headers": headers}
    try:
        out["body"] = body.decode()
    except UnicodeDecodeError:
        out["body_base64"] = base64.b64encode(body).decode()
    out["received_at"] = case.get("received_at", "2026-05-05T10:00:00.000Z")
    out["peer"] = "192.0.2.10"
    return json.dumps(out, ensure_ascii=False) + "\n"


def main():
    stale, written = [], 0
    for name in SIGNERS:
        folder = HERE / name
        spec = importlib.util.spec_from_file_location(f"{name}_requests", folder / "requests.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        sources = json.loads((folder / "source.json").read_text())
        for case_name, case in module.CASES.items():
            path = folder / "cases" / f"{case_name}.request.json"
            made = line(name, {**case, "name": case_name}, sources)
            written += 1
            if sys.argv[1:] == ["check"]:
                if not path.is_file() or path.read_text() != made:
                    stale.append(str(path.relative_to(HERE)))
            else:
                path.parent.mkdir(exist_ok=True)
                path.write_text(made)
    if stale or not written:
        sys.exit("differ from their bodies, run tests/connectors/make_requests.py: " + " ".join(stale or ["there are none"]))
    print(f"{written} requests")


if __name__ == "__main__":
    main()
