#!/usr/bin/env python3
"""Writes the seeds of the fuzz targets, fuzz/corpus/<connector>/, from the request lines of the table tests.

A seed's first byte says how the body is packed (tests/connectors/support/fuzz.cpp); what the fuzzer found stays beside them.
"""

import base64
import json
import pathlib
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
TYPES = {"application/x-www-form-urlencoded": 0, "application/json": 1, "text/plain": 2, "": 3, "application/octet-stream": 4}


def main():
    for name in ("kiosk", "twilio_messaging", "webhook"):
        folder = HERE / "fuzz" / "corpus" / name
        folder.mkdir(parents=True, exist_ok=True)
        for path in sorted((HERE / name / "cases").glob("*.request.json")):
            request = json.loads(path.read_text())
            body = base64.b64decode(request["body_base64"]) if "body_base64" in request else request["body"].encode()
            headers = {key.lower(): value for key, value in request["headers"]}
            choice = TYPES.get(headers.get("content-type", "").split(";")[0], 2) << 1
            if request["method"] == "GET":
                choice, body = choice | 1, urllib.parse.urlsplit(request["target"]).query.encode()
            if headers.get("kiosk-device") == "door-7":
                choice |= 64
            if headers.get("kiosk-device") == "till-9":
                choice |= 128
            if len(body) < 20000 and not path.name.startswith("tampered"):
                (folder / path.name.removesuffix(".request.json")).write_bytes(bytes([choice]) + body)
    common = HERE / "fuzz" / "corpus" / "common"
    common.mkdir(parents=True, exist_ok=True)
    for name, seed in {"form": b"a=1&b=%C3%A9+x&&c&%zz", "json": b'{"a":[1,2.5,"\\ud83d\\ude00",null,true],"time":"2026-05-05T10:00:00Z","seq":7}',
                       "surrogate": b'["\\ude00"]', "base64": b"aGk=", "date": b"Tue, 05 May 2026 10:00:00 +0200", "url": b"https://a.example:1/x?y",
                       "overlong": b"\xc0\xaf\xed\xa0\x80\xf4\x90", "language": b"zh-Hant-TW"}.items():
        (common / name).write_bytes(seed)


if __name__ == "__main__":
    main()
