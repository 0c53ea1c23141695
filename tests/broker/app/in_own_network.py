"""Run by test_fetching.py, in namespaces of its own: the program, and a server that is sns.eu-central-1.amazonaws.com there."""

import base64
import datetime
import http.client
import http.server
import json
import pathlib
import ssl
import subprocess
import sys
import threading
import urllib.parse

import broker as brokers
import pytest
from certificates import Authority
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

CONNECTORS = pathlib.Path(__file__).resolve().parents[2] / "connectors"
sys.path[:0] = [str(CONNECTORS), str(CONNECTORS / "amazon_sns")]
import requests as sns  # noqa: E402

HOST, ADDRESS = "sns.eu-central-1.amazonaws.com", "52.119.188.1"
PEM = serialization.Encoding.PEM


def plain(key):
    return key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def certificate(key, name, authority=None):
    now = datetime.datetime.now(datetime.timezone.utc)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(authority.certificate.subject if authority else subject)
               .public_key(key.public_key()).serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(hours=1))
               .not_valid_after(now + datetime.timedelta(days=1)).add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False))
    return builder.sign(authority.key if authority else key, hashes.SHA256()).public_bytes(PEM)


class Amazon:
    """Serves what `pages` holds, by path without query; keeps what it was asked."""

    def __init__(self, directory):
        self.pages, self.asked = {}, []
        authority, key = Authority(), ec.generate_private_key(ec.SECP256R1())
        files = {"server.pem": certificate(key, HOST, authority), "server.key": plain(key), "authorities.pem": authority.pem(),
                 "hosts": f"127.0.0.1 localhost\n{ADDRESS} {HOST}\n".encode()}
        for name, content in files.items():
            (directory / name).write_bytes(content)
        for command in (["ip", "link", "set", "lo", "up"], ["ip", "address", "add", f"{ADDRESS}/32", "dev", "lo"],
                        ["mount", "--bind", directory / "hosts", "/etc/hosts"],
                        ["mount", "--bind", directory / "authorities.pem", "/etc/ssl/certs/ca-certificates.crt"]):
            subprocess.run(command, check=True)
        amazon = self

        class Page(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                amazon.asked.append(self.path)
                page = amazon.pages.get(self.path.partition("?")[0])
                self.send_response(200 if page is not None else 404)
                self.send_header("Content-Length", str(len(page or b"")))
                self.end_headers()
                self.wfile.write(page or b"")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer((ADDRESS, 443), Page)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(directory / "server.pem", directory / "server.key")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def amazon(tmp_path):
    made = Amazon(tmp_path)
    yield made
    made.close()


def test_a_topic_is_confirmed_and_its_messages_come_out(nodes, amazon, monkeypatch):
    monkeypatch.setattr(sns, "RECEIVED", datetime.datetime.now(datetime.timezone.utc))
    keys = [rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2)]
    signer = {"credentials": [{"signing_key": plain(key).decode()} for key in keys]}
    paths = ["/SimpleNotificationService-one.pem", "/SimpleNotificationService-two.pem"]
    node = nodes({"fetch_hosts": [HOST]})
    node.configuration["sources"] = [{"id": "sns", "connector": "amazon-sns", "tenant": "acme", "settings": {"topics": [sns.TOPIC]},
                                      "credentials": [{"user": "sns", "password": brokers.SECRET + "raw"}],
                                      "limits": {"body_bytes": "64KiB", "items": 48}}]
    node.write_config()
    node.start()

    challenges = []

    def post(name, key=0, **case):
        _, target, headers, body = sns.sign({"name": name, "message": name, "key": key, "url": f"https://{HOST}{paths[key]}", **case}, signer)
        connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=20)
        connection.request("POST", target, body, dict(headers))
        response = connection.getresponse()
        response.read()
        challenges.append(response.getheader("WWW-Authenticate"))
        connection.close()
        return response.status

    subscription = {"type": "SubscriptionConfirmation", "subscribe_url": "https://evil.example/"}
    # Nobody has the certificate: the sender is asked to come again, and the failure is remembered for a moment.
    assert post("early") == 503
    asked = len(amazon.asked)
    assert amazon.asked == [paths[0]] and post("early") == 503 and len(amazon.asked) == asked
    # The second key's is there. Without a page for the confirmation it fails, and SNS will ask again.
    amazon.pages[paths[1]] = certificate(keys[1], "sns.amazonaws.com")
    assert post("subscribe", 1, **subscription) == 503
    amazon.pages["/"] = b"<ConfirmSubscriptionResponse/>"
    assert post("subscribe", 1, **subscription) == 200
    confirmations = [path for path in amazon.asked if path.startswith("/?")]
    assert len(confirmations) == 2
    assert dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(confirmations[1]).query)) == {
        "Action": "ConfirmSubscription", "TopicArn": sns.TOPIC, "Token": "2336412f37fb687f5d51e6e2425e"}
    for number in range(5):
        assert post(f"message-{number}", 1) == 200
    assert amazon.asked.count(paths[1]) == 1, "a certificate is fetched once"
    # What is forged or foreign makes the program fetch nothing, and confirms nothing.
    before = len(amazon.asked)
    assert post("forged", 1, url=f"https://{HOST}{paths[1]}", more={"Message": "other"}) == 401
    assert post("foreign", 1, topic=sns.TOPIC + "-foreign", url=f"https://{HOST}/new.pem", **subscription) == 401
    assert post("elsewhere", 1, url="https://evil.example/x.pem") == 401
    # Raw delivery: SNS sends its login once it was asked for one.
    login = "Basic " + base64.b64encode(f"sns:{brokers.SECRET}raw".encode()).decode()
    assert challenges[-1] is None and post("raw", raw=True) == 401 and challenges[-1].startswith("Basic realm=")
    assert post("raw", raw=True, login=login) == 200
    assert post("unsubscribe", 1, type="UnsubscribeConfirmation") == 200
    assert len(amazon.asked) == before

    told = node.command("tail", "--config", str(node.config), "--from-beginning", "--json", "--count", "7")
    events = [json.loads(each) for each in told.stdout.splitlines()]
    assert sorted(event["data"]["payload"]["text"] for event in events if "payload" in event["data"]) == [*(f"message-{n}" for n in range(5)), "raw"]
    assert [event["data"]["unsupported"]["kind"] for event in events if "unsupported" in event["data"]] == ["amazon-sns/UnsubscribeConfirmation"]
    node.check_ledger()
    node.terminate()
