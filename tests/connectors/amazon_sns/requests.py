"""What Amazon SNS posts, signed by the rule of Amazon's documentation with keys of our own; vendor_test.py has Amazon's validator agree."""

import base64
import datetime
import functools
import json

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from request_line import RECEIVED

TOPIC = "arn:aws:sns:eu-central-1:111122223333:fb"
OTHER = "arn:aws:sns:eu-central-1:111122223333:other"
HOST = "https://sns.eu-central-1.amazonaws.com/"
ONE = HOST + "SimpleNotificationService-one.pem"
LOGIN = "Basic " + base64.b64encode(b"sns:raw-delivery-7").decode()
REVIEW = {"type": "review.created", "id": "r1", "at": "2026-05-05T09:00:00Z", "customer": "c-9", "rating": 2, "text": "Arrived late."}


def swap(old, new):
    return {"body": lambda body: body.replace(old.encode(), new.encode(), 1)}


def elsewhere(url):
    return {"message": "hi", "url": url}


CASES = {
    "text": {"message": "Please call me back.\nAnn", "subject": "Callback wanted"},
    "no-subject": {"message": "hi"},
    "subject-null": {"message": "hi", "more": {"Subject": None}},
    "unicode": {"message": 'Grüße "aus" Tromsø \\ 😀\t\u2028end', "subject": "Ärger 😀"},
    "unicode-escaped": {"message": 'Grüße "aus" Tromsø \\ 😀\t\u2028end', "subject": "Ärger 😀", "ascii": True},
    "text-that-is-a-number": {"message": "5"},
    "text-that-is-quoted": {"message": '"quoted"'},
    "json": {"message": {"alarm": "queue", "depth": 17}, "subject": "ALARM"},
    "json-list": {"message": [1, 2, 3]},
    "json-with-space": {"message": ' \n{"alarm": "queue"}'},
    "version-1": {"message": "hi", "version": "1"},
    "attributes": {"message": "hi", "more": {"MessageAttributes": {"kind": {"Type": "String", "Value": "x"}, "n": {"Type": "Number", "Value": "1"}},
                                             "SomethingNew": {"a": [1]}}},
    "review": {"message": REVIEW, "subject": "A review"},
    "message": {"message": {"type": "message.created", "id": "m1", "customer": "c-9", "text": "Where is it?"}, "subject": "Order 12"},
    "form": {"message": {"type": "contact.created", "text": "Do you deliver?", "topics": ["delivery", "prices"], "newsletter": False}},
    "ignored": {"message": {"type": "order.created", "id": "o1"}, "subject": "An order"},
    "large": {"message": "x" * 100000},
    "other-topic": {"message": "hi", "topic": OTHER},
    "opt-in-region": {"message": "hi", "topic": "arn:aws:sns:af-south-1:111122223333:fb",
                      "url": "https://sns.af-south-1.amazonaws.com/SimpleNotificationService-one.pem"},
    "china": {"message": "hi", "topic": "arn:aws-cn:sns:cn-north-1:111122223333:fb",
              "url": "https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-one.pem"},
    "rotated-certificate": {"message": "hi", "key": 1, "url": HOST + "SimpleNotificationService-two.pem"},
    "old-but-fine": {"message": "hi", "late": -6 * 86400},
    "subscription": {"type": "SubscriptionConfirmation", "message": f"You have chosen to subscribe to the topic {TOPIC}."},
    "subscription-version-1": {"type": "SubscriptionConfirmation", "version": "1", "message": "You have chosen to subscribe."},
    "subscription-url-elsewhere": {"type": "SubscriptionConfirmation", "message": "You have chosen to subscribe.",
                                   "subscribe_url": "https://evil.example/?Action=ConfirmSubscription"},
    "unsubscription": {"type": "UnsubscribeConfirmation", "message": "You have chosen to deactivate the subscription."},
    "unsubscription-token-unsigned": {"type": "UnsubscribeConfirmation", "message": "You have chosen to deactivate.", "unsigned": ["Token"]},
    # authentic, and in quarantine
    "json-truncated": {"message": '{"type":"review.cre'},
    "json-too-deep": {"message": "[" * 100 + "]" * 100},
    "json-huge-number": {"message": '{"n":1e9999}'},
    "score-out-of-scale": {"message": {**REVIEW, "rating": 9}},
    "time-no-time-mapped": {"message": {**REVIEW, "at": "soon"}},
    # raw delivery
    "raw-login": {"raw": True, "login": LOGIN, "message": REVIEW},
    "raw-url-key": {"raw": True, "url_key": "f3a9c2d4e5", "message": "plain words"},
    "raw-binary": {"raw": True, "login": LOGIN, "message": b"\x00\xff\x01"},
    "raw-empty": {"raw": True, "login": LOGIN, "message": ""},
    "raw-truncated": {"raw": True, "login": LOGIN, "message": '{"type":"rev'},
    "raw-without-id": {"raw": True, "login": LOGIN, "message": "hi", "tamper": {"headers": {"x-amz-sns-message-id": None}}},
    "raw-without-login": {"raw": True, "message": "hi"},
    "raw-wrong-login": {"raw": True, "login": "Basic " + base64.b64encode(b"sns:guess").decode(), "message": "hi"},
    "raw-wrong-key": {"raw": True, "url_key": "f3a9c2d4e6", "message": "hi"},
    "raw-no-base64": {"raw": True, "login": "Basic !!!", "message": "hi"},
    "raw-foreign-topic": {"raw": True, "login": LOGIN, "topic": "arn:aws:sns:eu-central-1:999999999999:fb", "message": "hi"},
    "raw-by-header-only": {"message": "hi", "tamper": {"headers": {"x-amz-sns-rawdelivery": "true"}}},
    # refused
    "foreign-topic": {"message": "hi", "topic": "arn:aws:sns:eu-central-1:999999999999:fb"},
    "foreign-subscription": {"type": "SubscriptionConfirmation", "message": "You have chosen to subscribe.",
                             "topic": "arn:aws:sns:eu-central-1:999999999999:fb"},
    "tampered-message": {"message": "pay 10", "tamper": swap("pay 10", "pay 99")},
    "tampered-subject": {"message": "hi", "subject": "A", "tamper": swap('"Subject": "A"', '"Subject": "B"')},
    "tampered-subject-added": {"message": "hi", "tamper": swap('"Message"', '"Subject": "B", "Message"')},
    "tampered-subject-removed": {"message": "hi", "subject": "A", "tamper": swap('"Subject": "A"', '"Subject": null')},
    "tampered-time": {"message": "hi", "tamper": swap("10:00:00.000Z", "10:00:00.001Z")},
    "tampered-token": {"type": "SubscriptionConfirmation", "message": "You have chosen to subscribe.", "tamper": swap("2336412f37", "2336412f38")},
    "tampered-topic": {"message": "hi", "tamper": {"body": lambda body: body.replace(TOPIC.encode(), OTHER.encode()),
                                                   "headers": {"x-amz-sns-topic-arn": OTHER}}},
    "tampered-type": {"type": "SubscriptionConfirmation", "message": "You have chosen to subscribe.",
                      "tamper": {**swap('"SubscriptionConfirmation"', '"Notification"'), "headers": {"x-amz-sns-message-type": "Notification"}}},
    "truncated-on-the-way": {"message": "hi", "tamper": {"body": lambda body: body[:80]}},
    "signed-by-another-key": {"message": "hi", "key": 1},
    "signed-by-sha1-named-2": {"message": "hi", "version": "1", "tamper": swap('"SignatureVersion": "1"', '"SignatureVersion": "2"')},
    "version-3": {"message": "hi", "tamper": swap('"SignatureVersion": "2"', '"SignatureVersion": "3"')},
    "no-signature": {"message": "hi", "without": ["Signature"]},
    "no-certificate-url": {"message": "hi", "without": ["SigningCertURL"]},
    "malformed-signature": {"message": "hi", "tamper": swap('"Signature": "', '"Signature": "!')},
    "short-signature": {"message": "hi", "more": {"Signature": "AAAA"}},
    "certificate-unknown": elsewhere(HOST + "SimpleNotificationService-new.pem"),
    "certificate-expired": elsewhere(HOST + "SimpleNotificationService-expired.pem"),
    "certificate-not-valid-yet": elsewhere(HOST + "SimpleNotificationService-early.pem"),
    "certificate-of-a-stranger": elsewhere(HOST + "SimpleNotificationService-stranger.pem"),
    "certificate-elsewhere": elsewhere("https://evil.example/one.pem"),
    "certificate-lookalike": elsewhere("https://sns.eu-central-1.amazonaws.com.evil.example/one.pem"),
    "certificate-by-http": elsewhere(ONE.replace("https", "http")),
    "certificate-with-port": elsewhere("https://sns.eu-central-1.amazonaws.com:8443/one.pem"),
    "certificate-with-user": elsewhere("https://sns.eu-central-1.amazonaws.com@evil.example/one.pem"),
    "certificate-of-another-region": elsewhere(ONE.replace("eu-central-1", "us-east-1")),
    "certificate-of-another-partition": elsewhere(ONE.replace(".com/", ".com.cn/")),
    "certificate-no-pem": elsewhere(HOST + "one.crt"),
    "certificate-with-query": elsewhere(ONE + "?x=.pem"),
    "certificate-url-too-long": elsewhere(HOST + "a" * 600 + ".pem"),
    "header-of-another-type": {"message": "hi", "tamper": {"headers": {"x-amz-sns-message-type": "SubscriptionConfirmation"}}},
    "header-of-another-topic": {"message": "hi", "tamper": {"headers": {"x-amz-sns-topic-arn": OTHER}}},
    "header-of-another-id": {"message": "hi", "tamper": {"headers": {"x-amz-sns-message-id": "11111111-2222-3333-4444-555555555555"}}},
    "header-type-missing": {"message": "hi", "tamper": {"headers": {"x-amz-sns-message-type": None}}},
    "other-headers-missing": {"message": "hi", "tamper": {"headers": {"x-amz-sns-topic-arn": None, "x-amz-sns-message-id": None}}},
    "replayed-days-later": {"message": "hi", "late": -8 * 86400},
    "time-no-time": {"message": "hi", "more_signed": {"Timestamp": "yesterday"}},
    "type-unknown": {"type": "Surprise", "message": "hi"},
    "type-no-text": {"message": "hi", "more": {"Type": 5}},
    "without-id": {"message": "hi", "without": ["MessageId"]},
    "not-json": {"message": "hi", "tamper": {"body": lambda body: b"hi"}},
    "a-list": {"message": "hi", "tamper": {"body": lambda body: b"[" + body + b"]"}},
    "huge-number": {"message": "hi", "tamper": swap('"Message"', '"n": 1e9999, "Message"')},
    "too-deep": {"message": "hi", "tamper": swap('"Message"', '"n": ' + "[" * 40 + "]" * 40 + ', "Message"')},
    "invalid-utf8": {"message": "hi", "tamper": {"body": lambda body: body.replace(b'"hi"', b'"h\xff"')}},
    "empty": {"message": "hi", "tamper": {"body": lambda body: b""}},
    "get": {"message": "hi", "tamper": {"method": "GET"}},
}


def signed_text(message, unsigned=()):
    """Names and values in the order of the names, every line ended."""
    names = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    return "".join(f"{name}\n{message[name]}\n" for name in names if message.get(name) is not None and name not in unsigned).encode()


@functools.cache
def private_key(pem):
    return serialization.load_pem_private_key(pem.encode(), None)


def signature(key, text, version):
    return base64.b64encode(private_key(key).sign(text, padding.PKCS1v15(), hashes.SHA1() if version == "1" else hashes.SHA256())).decode()


def message_id(case):
    return f"6d1f{sum(map(ord, case['name'])) % 10000:04d}-0000-4000-8000-{len(case['name']):012d}"


def sign(case, source):
    topic, kind, identifier, version = case.get("topic", TOPIC), case.get("type", "Notification"), message_id(case), case.get("version", "2")
    text = case["message"] if isinstance(case["message"], (str, bytes)) else json.dumps(case["message"])
    headers = [["Content-Type", "text/plain; charset=UTF-8"], ["x-amz-sns-message-type", kind], ["x-amz-sns-message-id", identifier],
               ["x-amz-sns-topic-arn", topic], ["User-Agent", "Amazon Simple Notification Service Agent"]]
    if kind == "Notification":
        headers.append(["x-amz-sns-subscription-arn", topic + ":2bcfbf39-05c3-41de-beaa-fcfcc21c8f55"])
    if case.get("raw"):
        headers.append(["x-amz-sns-rawdelivery", "true"])
        if "login" in case:
            headers.append(["Authorization", case["login"]])
        target = "/in/sns" + (f"?key={case['url_key']}" if "url_key" in case else "")
        return "POST", target, headers, text if isinstance(text, bytes) else text.encode()

    at = RECEIVED + datetime.timedelta(seconds=case.get("late", 0))
    body = {"Type": kind, "MessageId": identifier, "TopicArn": topic}
    if "subject" in case:
        body["Subject"] = case["subject"]
    body["Message"] = text
    body["Timestamp"] = at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
    if kind != "Notification":
        body["Token"] = "2336412f37fb687f5d51e6e2425e"
        body["SubscribeURL"] = case.get("subscribe_url", f"{HOST}?Action=ConfirmSubscription&TopicArn={topic}&Token={body['Token']}")
    body |= case.get("more_signed", {})
    body["SignatureVersion"] = version
    body["Signature"] = signature(source["credentials"][case.get("key", 0)]["signing_key"], signed_text(body, case.get("unsigned", ())), version)
    body["SigningCertURL"] = case.get("url", ONE)
    if kind == "Notification":
        body["UnsubscribeURL"] = f"{HOST}?Action=Unsubscribe&SubscriptionArn={topic}:2bcfbf39-05c3-41de-beaa-fcfcc21c8f55"
    body |= case.get("more", {})
    for name in case.get("without", []):
        del body[name]
    return "POST", "/in/sns", headers, json.dumps(body, ensure_ascii=case.get("ascii", False)).encode()


def mutant(case, flip):
    """Another message of the same publisher."""
    text = case["message"] if isinstance(case["message"], (str, bytes)) else json.dumps(case["message"])
    changed = flip(text if isinstance(text, bytes) else text.encode())
    return {**case, "message": changed if case.get("raw") else changed.decode(errors="replace")}
