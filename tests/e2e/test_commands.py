"""Every command that the pages tell somebody to type does what it is there for."""

import os
import pathlib
import re
import shutil
import subprocess

import broker as brokers
import pytest

ROOT = brokers.ROOT
BLOCK = re.compile(r"^( *)```sh\n(.*?)^\1```", re.S | re.M)
INLINE = re.compile(r"`(?:build/release/)?switchboard ([a-z][^`]*)`")
PROGRAM = re.compile(r"^(?:build/release/)?(switchboard(?:-load)?)(?= |$)")
PROGRAMS = {"switchboard": brokers.PROGRAM, "switchboard-load": pathlib.Path(os.environ.get("SWITCHBOARD_LOAD", brokers.PROGRAM.with_name("switchboard-load")))}

# What is not run here, and why.
ELSEWHERE = {
    "deploy/quickstart": "builds a release and leaves it running: tried from a clean clone",
    "deploy/dependencies": "installs packages on the host: the first stage of quickstart and of tests/run",
    "deploy/dependencies build && cmake --preset release && cmake --build --preset release --target switchboard": "the same, and what is tested here was built so",
}


def pages():
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "*.md"], capture_output=True, text=True, check=True).stdout.split()
    return [ROOT / name for name in listed]


def commands():
    found = []
    for page in pages():
        for _, block in BLOCK.findall(page.read_text(encoding="utf-8")):
            for line in block.splitlines():
                command = re.sub(r"\s+#.*$", "", line.strip())
                if PROGRAM.match(command) or command.startswith("deploy/"):
                    found.append((str(page.relative_to(ROOT)), command))
    return found


def test_there_is_no_exception_for_nothing():
    written = {command for _, command in commands()}
    assert len(written) >= 8 and ELSEWHERE.keys() <= written, ELSEWHERE.keys() - written


async def test_every_command_runs(kafka, nodes, tmp_path, in_thread):
    """With a node that runs, its Kafka, and the disk of a node that is gone."""
    node = nodes(kafka.bootstrap)
    await in_thread(node.create_topics)
    await in_thread(lambda: node.start("ready"))
    await in_thread(lambda: node.command("send", "--all", "--config", str(node.config)))
    node.kill()
    orphan = tmp_path / "old-disk" / "journal"
    orphan.parent.mkdir()
    shutil.move(node.directory / "journal", orphan)
    await in_thread(lambda: node.start("ready"))

    places = {"/etc/switchboard/switchboard.yaml": str(node.config), "build/quickstart/switchboard.yaml": str(node.config), "/mnt/old-disk/journal": str(orphan)}
    ran = 0
    for page, command in commands():
        if command in ELSEWHERE:
            continue
        here = PROGRAM.sub(lambda named: str(PROGRAMS[named.group(1)]), command)
        for written, place in places.items():
            here = here.replace(written, place)
        done = await in_thread(lambda here=here: subprocess.run(
            ["bash", "-c", here], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, cwd=ROOT,
            env={**node.environment, "SWITCHBOARD_STATE": str(tmp_path / "quickstart")}))
        assert done.returncode == 0, f"{page}: {command}: exit {done.returncode}\n{done.stdout}{done.stderr}"
        assert done.stdout or done.stderr, f"{page}: {command} says nothing"
        ran += 1
    assert ran >= 8


@pytest.mark.parametrize("page", [page for page in pages() if INLINE.search(page.read_text(encoding="utf-8"))], ids=lambda page: str(pathlib.Path(page).relative_to(ROOT)))
def test_what_is_named_in_passing_exists(page):
    """`switchboard topics create` in a sentence: its words and options are the program's."""
    for command in INLINE.findall(page.read_text(encoding="utf-8")):
        words = command.split()
        options = [word for word in words if word.startswith("--")]
        depth = 2 if words[0] in ("topics", "journal") and len(words) > 1 else 1
        helped = subprocess.run([str(brokers.PROGRAM), *words[:depth], "--help"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        assert helped.returncode == 0, f"{command}: {helped.stderr}"
        for option in options:
            assert re.search(rf"(?<![\w-]){option}(?![\w-])", helped.stdout), f"{command}: there is no {option}"
