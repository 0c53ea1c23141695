#!/usr/bin/env python3
"""Writes the seeds of the fuzz targets, <provider>/corpus/, from the request lines of the table tests. What a fuzzer found stays beside them.

    tests/connectors/make_corpus.py [PROVIDER…]

tests/connectors/support/fuzz.hpp describes the format of a seed.
"""

import base64
import json
import sys

from request_line import HERE, providers

LARGEST = 20000


def seed_of(request):
    body = base64.b64decode(request["body_base64"]) if "body_base64" in request else request["body"].encode()
    head = "\n".join([f"{request['method']} {request['target']} somebody"] + [f"{name}: {value}" for name, value in request["headers"]])
    return head.encode() + b"\n\n" + body


def main():
    for provider in sys.argv[1:] or providers():
        folder = HERE / provider / "corpus"
        folder.mkdir(exist_ok=True)
        for path in sorted((HERE / provider / "cases").glob("*.request.json")):
            seed = seed_of(json.loads(path.read_text()))
            if len(seed) < LARGEST:
                (folder / path.name.removesuffix(".request.json")).write_bytes(seed)


if __name__ == "__main__":
    main()
