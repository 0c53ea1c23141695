"""What the pages say about the program is what the program says."""

import re
import subprocess

import broker as brokers

ROOT = brokers.ROOT


def program(*arguments, **options):
    return subprocess.run([str(brokers.PROGRAM), *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, **options)


def test_the_table_of_connectors_is_the_program_s():
    printed = program("connectors", "--markdown")
    assert printed.returncode == 0 and printed.stdout.count("\n") > 3, printed
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    between = re.search(r"<!-- connectors:begin -->\n(.*?)<!-- connectors:end -->", page, re.S).group(1)
    assert between.strip() == printed.stdout.strip(), "README.md: paste what 'switchboard connectors --markdown' prints"


def test_the_tables_of_events_are_the_program_s():
    names = re.findall(r"^\| \S+ \| `([a-z-]+)`", program("connectors", "--markdown").stdout, re.M)
    assert len(names) >= 3
    for name in names:
        printed = program("connectors", "--events", name)
        assert printed.returncode == 0 and printed.stdout.count("\n") > 2, printed
        page = (ROOT / "docs" / "connectors" / f"{name}.md").read_text(encoding="utf-8")
        between = re.search(r"<!-- events:begin -->\n(.*?)<!-- events:end -->", page, re.S)
        assert between and between.group(1).strip() == printed.stdout.strip(), f"{name}.md: paste what 'switchboard connectors --events {name}' prints"


def test_the_examples_are_sound(tmp_path):
    """As deploy/quickstart puts them together."""
    sources = program("connectors", "--example").stdout
    (tmp_path / "switchboard.yaml").write_text((ROOT / "deploy/config/example.yaml").read_text() + sources)
    (tmp_path / "secrets").mkdir()
    commands = dict(re.findall(r"^ *# secrets/(\S+): (.*)$", sources, re.M))
    for name, command in {"tenant": "openssl rand -base64 32", **commands}.items():
        made = subprocess.run(["bash", "-c", command], cwd=tmp_path / "secrets", stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=True)
        (tmp_path / "secrets" / name).write_bytes(made.stdout)
    checked = program("check", "--config", "switchboard.yaml", cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    (tmp_path / "secrets" / "kiosk").write_text("")
    refused = program("check", "--config", "switchboard.yaml", cwd=tmp_path)
    assert refused.returncode == 78, "an empty secret must be refused"


def test_every_word_of_the_program_has_help():
    shown = program("--help").stdout
    for word in ("serve", "check", "connectors", "send", "tail", "topics", "replay", "journal", "decode"):
        assert word in shown
        helped = program(word, "--help")
        assert helped.returncode == 0 and word in helped.stdout, helped
        assert re.search(r"switchboard " + word, helped.stdout), f"{word} --help shows no example"


def test_version_names_what_it_runs_with():
    shown = program("--version").stdout.lower()
    for word in ("switchboard", "boost", "librdkafka", "simdjson", "openssl"):
        assert word in shown, shown


def test_the_release_is_hardened():
    def readelf(*arguments):
        return subprocess.run(["/usr/lib/llvm-19/bin/llvm-readelf", *arguments, str(brokers.PROGRAM)], capture_output=True, text=True, check=True).stdout

    assert "Type: DYN" in re.sub(" +", " ", readelf("--file-header")), "no PIE"
    dynamic = readelf("--dynamic-table")
    assert "BIND_NOW" in dynamic or "NOW" in dynamic, "no full RELRO"
    segments = readelf("--program-headers")
    assert "GNU_RELRO" in segments
    stack = next(line for line in segments.splitlines() if "GNU_STACK" in line)
    assert " RW " in stack and "RWE" not in stack, stack
    symbols = readelf("--dyn-syms")
    assert "__stack_chk_fail" in symbols and re.search(r"__\w+_chk\b", symbols)
