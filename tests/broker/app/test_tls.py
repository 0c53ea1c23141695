"""Certificates of a running broker: all of a new configuration is taken, or nothing of it."""

import http.client
import json
import re
import ssl

import broker as brokers
import pytest
from certificates import Authority
from waiting import wait_until


class Served:
    """A node that speaks TLS with a certificate which can be replaced."""

    def __init__(self, nodes):
        self.authority = Authority()
        self.node = nodes()
        self.certificate, self.key = self.node.directory / "server.pem", self.node.directory / "server.key"
        self.install("first")
        self.node.configuration["tls"] = {"certificate": str(self.certificate), "key": str(self.key)}
        self.node.write_config()
        # What listens for TLS does not answer plain HTTP: wait for the admin listener.
        self.node.start(wait=None)
        wait_until(self.node.ready)

    def install(self, name):
        certificate, key = self.authority.leaf(name)
        self.certificate.write_bytes(certificate)
        self.key.write_bytes(key)

    def connect(self):
        trust = ssl.create_default_context(cadata=self.authority.pem().decode())
        connection = http.client.HTTPSConnection("127.0.0.1", self.node.port, timeout=20, context=trust)
        connection.connect()
        return connection

    def name(self, connection=None):
        own = connection or self.connect()
        try:
            return dict(pair for part in own.sock.getpeercert()["subject"] for pair in part)["commonName"]
        finally:
            if connection is None:
                own.close()

    def reload(self):
        before = self.reloads()
        self.node.reload()
        wait_until(lambda: self.reloads() != before)

    def reloads(self):
        metrics = self.node.metrics()
        return {result: metrics.sum("switchboard_app_reloads_total", result=result) for result in ("accepted", "refused")}


def ask(connection, path):
    connection.request("GET", path)
    response = connection.getresponse()
    response.read()
    return response.status


@pytest.fixture
def served(nodes):
    return Served(nodes)


def test_a_new_certificate_is_served_and_old_connections_stay(served):
    old = served.connect()
    assert served.name(old) == "first" and ask(old, "/in/webhook") == 405
    served.install("second")
    served.reload()
    assert served.name() == "second"
    assert ask(old, "/in/webhook") == 405 and served.name(old) == "first", "the old connection goes on as it was"
    assert served.reloads() == {"accepted": 1, "refused": 0}
    assert "a change needs a restart" not in served.node.log_text()


def test_files_of_another_name_are_served(served):
    certificate, key = served.authority.leaf("elsewhere")
    served.certificate, served.key = served.certificate.with_name("other.pem"), served.key.with_name("other.key")
    served.certificate.write_bytes(certificate)
    served.key.write_bytes(key)
    served.node.write_config({"tls": {"certificate": str(served.certificate), "key": str(served.key)}})
    served.reload()
    assert served.name() == "elsewhere"
    assert "a change needs a restart" not in served.node.log_text()


@pytest.mark.parametrize("file, content, setting, message", [
    ("certificate", b"nonsense", "certificate", "cannot read the certificate from"),
    ("key", b"nonsense", "key", "cannot read the private key from"),
    ("key", Authority().leaf("stranger")[1], "key", "key values mismatch"),
    ("client_ca", b"nonsense", "client_ca", "cannot read the client authorities from"),
])
def test_a_wrong_file_changes_nothing(served, file, content, setting, message):
    """Sources and certificate belong to one configuration: with a wrong file the new sources are not taken either."""
    node = served.node
    old = served.connect()
    served.install("second")
    wrong = node.directory / "wrong.pem"
    wrong.write_bytes(content)
    sources = [dict(source, id="renamed") if source["id"] == "webhook" else source for source in node.configuration["sources"]]
    node.write_config({"tls": {file: str(wrong)}, "sources": sources})
    served.reload()
    assert served.reloads() == {"accepted": 0, "refused": 1}
    for connection in (old, served.connect()):
        assert served.name(connection) == "first"
        assert ask(connection, "/in/webhook") == 405 and ask(connection, "/in/renamed") == 404
    line = next(i for i, text in enumerate(node.config.read_text().splitlines(), 1) if text.startswith(f"  {setting}:"))
    told = re.search(r'msg="configuration not reloaded" problem="([^"]*)"', node.log_text()).group(1)
    assert told.startswith(f"{node.config}:{line}:") and message in told and "; give " in told, told

    checked = node.command("check", "--config", str(node.config), check=False)
    assert checked.returncode == 78 and told in checked.stderr, checked

    node.write_config({"tls": {"certificate": str(served.certificate), "key": str(served.key), "client_ca": None}})
    served.reload()
    assert served.name() == "second" and ask(served.connect(), "/in/renamed") == 405
    assert json.loads(node.admin_get("/healthz").body)["status"] == "ok"
