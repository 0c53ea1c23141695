"""The program from outside: exit codes, help, what it prints and what it never prints."""

import json
import os
import pathlib
import re
import subprocess

import broker as brokers
import pytest
import schema_check

ROOT = brokers.ROOT
COMMANDS = ("serve", "check", "connectors", "send", "tail", "topics", "decode", "replay", "journal")


def program(*arguments, stdin=None, environment=None, cwd=None):
    return subprocess.run([str(brokers.PROGRAM), *map(str, arguments)], input=stdin, stdin=subprocess.DEVNULL if stdin is None else None,
                          capture_output=True, text=True, timeout=60, cwd=cwd, env={**os.environ, **(environment or {})})


def test_exit_codes(nodes, tmp_path):
    node = nodes()
    broken = tmp_path / "broken.yaml"
    broken.write_text(node.config.read_text().replace('connector: "kiosk"', 'connector: "kisok"'))
    assert program().returncode == 64
    assert program("nonsense").returncode == 64
    assert program("serve").returncode == 64
    assert program("serve", "--nonsense").returncode == 64
    assert program("check", "--config", node.config).returncode == 0
    assert program("check", "--config", tmp_path / "nothing.yaml").returncode == 78
    for command in (["check"], ["serve"], ["send", "--all"], ["tail"], ["decode"], ["replay"], ["topics", "show"], ["journal", "forward", str(tmp_path)]):
        failed = program(*command, "--config", broken, stdin="")
        assert failed.returncode == 78, (command, failed)
        assert f"{broken}:" in failed.stderr and "did you mean 'kiosk'?" in failed.stderr, failed
    assert program("decode", "--config", node.config, "--requests", tmp_path / "nothing").returncode == 66
    assert program("send", "--config", node.config, "kiosk").returncode == 69, "nobody listens"
    assert program("send", "--config", node.config, "nobody").returncode == 64
    assert program("topics", "show", "--config", node.config).returncode == 64, "the embedded broker makes its topics itself"


def test_every_diagnostic_at_once(nodes, tmp_path):
    node = nodes()
    broken = tmp_path / "broken.yaml"
    broken.write_text(node.config.read_text().replace('connector: "kiosk"', 'connector: "kisok"').replace("drain:", "drian:").replace('port:', "prt:"))
    failed = program("check", "--config", broken)
    places = re.findall(rf"^{re.escape(str(broken))}:(\d+):(\d+): ", failed.stderr, re.M)
    assert len(places) == 4 and places == sorted(places, key=lambda p: (int(p[0]), int(p[1]))), failed.stderr
    assert brokers.SECRET not in failed.stdout + failed.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_examples(command):
    helped = program(command, "--help")
    assert helped.returncode == 0
    assert f"switchboard {command}" in helped.stdout.split("Example")[1], helped.stdout


def test_actions_have_help():
    for command, actions in (("topics", ("create", "verify", "show")), ("journal", ("inspect", "verify", "repair", "export", "forward"))):
        for action in actions:
            helped = program(command, action, "--help")
            assert helped.returncode == 0 and f"switchboard {command} {action}" in helped.stdout, helped


def test_completion_is_the_command_line_s(tmp_path):
    for shell, name in (("bash", "switchboard.bash"), ("zsh", "_switchboard")):
        made = program("completion", shell)
        assert made.returncode == 0
        assert made.stdout == (ROOT / "deploy" / "completion" / name).read_text(), f"make it again: switchboard completion {shell}"
        for command in COMMANDS:
            assert command in made.stdout
    asked = subprocess.run(["bash", "-c", f". {ROOT}/deploy/completion/switchboard.bash; COMP_WORDS=(switchboard journal i); COMP_CWORD=2; _switchboard;"
                            "echo ${COMPREPLY[@]}; COMP_WORDS=(switchboard tail --from); COMP_CWORD=2; _switchboard; echo ${COMPREPLY[@]}"],
                           capture_output=True, text=True, timeout=30)
    assert asked.stdout.split() == ["inspect", "--from-beginning"], asked


def test_colour_only_on_a_terminal(nodes):
    node = nodes()
    on_terminal = ["script", "-qec", f"{brokers.PROGRAM} check --config {node.config}", "/dev/null"]
    plain = program("check", "--config", node.config)
    assert "\x1b[" not in plain.stdout
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    coloured = subprocess.run(on_terminal, capture_output=True, text=True, timeout=60, env={**environment, "TERM": "xterm"}, stdin=subprocess.DEVNULL)
    assert "\x1b[" in coloured.stdout, coloured
    asked_not_to = subprocess.run(on_terminal, capture_output=True, text=True, timeout=60, env={**environment, "TERM": "xterm", "NO_COLOR": "1"},
                                  stdin=subprocess.DEVNULL)
    assert "\x1b[" not in asked_not_to.stdout


def test_check_tells_what_to_set_at_the_provider(nodes):
    told = program("check", "--config", nodes().config).stdout
    assert brokers.PUBLIC_URL + "/in/twilio" in told and "#rc" in told and "/in/kiosk" in told
    assert brokers.SECRET not in told


def test_connectors_as_json():
    listed = json.loads(program("connectors", "--json").stdout)
    assert {"kiosk", "twilio-messaging", "webhook"} <= {one["name"] for one in listed}
    for one in listed:
        assert one["credentials"] and one["samples"] and one["deadline_ms"] > 0, one


def test_decode_round_trip(nodes, tmp_path):
    """Signed requests decode to events; a tampered one is refused; the same again gives the same; sealed lines open."""
    node = nodes()
    requests = program("send", "--config", node.config, "--all", "--print").stdout
    lines = requests.splitlines()
    assert len(lines) == 3
    decoded = program("decode", "--config", node.config, stdin=requests)
    assert decoded.returncode == 0 and "never dedupes" in decoded.stderr, decoded
    results = [json.loads(line) for line in decoded.stdout.splitlines()]
    assert [one["source"] for one in results] == [json.loads(line)["source"] for line in lines]
    for one in results:
        assert one["outcome"] == "accepted" and one["status"] == 200 and one["events"], one
        assert all(event["specversion"] == "1.0" and event["id"] == event["data"]["event"]["id"] for event in one["events"])
        assert schema_check.problems_of_events(one["events"]) == []
    assert program("decode", "--config", node.config, stdin=requests).stdout == decoded.stdout

    file = tmp_path / "requests"
    file.write_text(lines[0] + "\n\n" + json.dumps({**json.loads(lines[0]), "target": "/in/other"}) + "\nno request\n"
                    + json.dumps({**json.loads(lines[0]), "source": "nobody"}) + "\n")
    mixed = program("decode", "--config", node.config, "--requests", file)
    assert mixed.returncode == 65
    outcomes = [(one["outcome"], one["code"]) for one in map(json.loads, mixed.stdout.splitlines())]
    assert outcomes == [("accepted", None), ("rejected", "bad_signature"), ("rejected", "malformed_line"), ("rejected", "unknown_source")], outcomes
    assert f"{file}:4: " in mixed.stderr


def test_decode_without_secrets(nodes):
    node = nodes()
    requests = program("send", "--config", node.config, "--all", "--print").stdout
    for source in node.configuration["sources"]:
        for credential in source["credentials"]:
            for name in credential.keys() & {"key", "auth_token", "secret"}:
                credential[name] = "${NOT_SET_ANYWHERE}"
    node.write_config()
    assert program("decode", "--config", node.config, stdin=requests).returncode == 78
    skipped = program("decode", "--config", node.config, "--skip-verify", stdin=requests)
    assert skipped.returncode == 0, skipped
    results = [json.loads(line) for line in skipped.stdout.splitlines()]
    assert [one["source"] for one in results] == ["kiosk", "twilio", "webhook"]
    for one in results:
        assert one["outcome"] == "accepted" and one["verification"] == "skipped", one
        assert one["events"][0]["data"]["authentication"]["result"] == "skipped"
