#!/usr/bin/env python3
"""Writes the request lines of the table tests from the cases in <provider>/requests.py, signed as the senders sign.

    tests/connectors/make_requests.py [PROVIDER…]   writes <provider>/cases/NAME.request.json
    tests/connectors/make_requests.py check         fails when a committed line differs

What is expected of each request stands beside it, written by hand, in NAME.expect.json.
"""

import sys

from request_line import HERE, line, providers, requests_of, source_of


def request_of(provider, name, case):
    method, target, headers, body = requests_of(provider).sign({**case, "name": name}, source_of(provider))
    # After signing: what somebody on the way did to it.
    tamper = case.get("tamper", {})
    body = tamper["body"](body) if "body" in tamper else body
    target, method = tamper.get("target", target), tamper.get("method", method)
    for header, value in tamper.get("headers", {}).items():
        headers = [h for h in headers if h[0] != header] + ([[header, value]] if value is not None else [])
    return line(provider, method, target, headers, body, case.get("received_at", "2026-05-05T10:00:00.000Z")) + "\n"


def main():
    check = sys.argv[1:] == ["check"]
    chosen = providers() if check or not sys.argv[1:] else sys.argv[1:]
    stale, written = [], 0
    for provider in chosen:
        for name, case in requests_of(provider).CASES.items():
            path, made = HERE / provider / "cases" / f"{name}.request.json", request_of(provider, name, case)
            written += 1
            if not check:
                path.parent.mkdir(exist_ok=True)
                path.write_text(made)
            elif not path.is_file() or path.read_text() != made:
                stale.append(str(path.relative_to(HERE)))
    if stale or not written:
        sys.exit("differ from their cases, run tests/connectors/make_requests.py: " + " ".join(stale or ["there are none"]))
    print(f"{written} requests")


if __name__ == "__main__":
    main()
