"""The machine that was measured on, and which of its cores does what."""
from __future__ import annotations

import os
import platform
import re
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
RELEASE = BUILD / "release"
BENTO = BUILD / "benchmarks" / "bento"
PEER = ROOT / "benchmarks" / "peers" / "bento"
BODY = ROOT / "benchmarks" / "bodies" / "whatsapp-1k.json"

# The program that is measured has a core to itself; Kafka and the client share the other.
PROGRAM_CORE, OTHER_CORE = 0, 1


def pin_this_process() -> None:
    """Children inherit it: Kafka and the load generator. Programs that are measured begin with PINNED."""
    if len(os.sched_getaffinity(0)) < 2:
        raise RuntimeError("two cores are needed: one for the program that is measured, one for Kafka and the client")
    os.sched_setaffinity(0, {OTHER_CORE})


PINNED = ("taskset", "--cpu-list", str(PROGRAM_CORE))


def cpu_seconds(pid: int) -> float:
    """What all threads of a process have run, to the nanosecond: /proc counts in hundredths of a second."""
    return time.clock_gettime((~pid << 3) | 2)


def resident_bytes(pid: int) -> int:
    return int(re.search(r"^VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.M)[1]) << 10


def settled_load(seconds: float = 1.0) -> float:
    """The share of all cores that others used in this time."""
    def busy() -> tuple[float, float]:
        fields = [int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
        return sum(fields) - fields[3] - fields[4], sum(fields)
    before = busy()
    time.sleep(seconds)
    after = busy()
    return (after[0] - before[0]) / max(after[1] - before[1], 1)


def _said(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def describe(directory: Path) -> dict[str, str]:
    """What a reader has to know of the machine; `directory` is where the journals are."""
    processor = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.M)
    memory = re.search(r"^MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text(), re.M)
    system = re.search(r'^PRETTY_NAME="?([^"\n]+)', Path("/etc/os-release").read_text(), re.M)
    disk = _said("findmnt", "--noheadings", "--output", "FSTYPE,SOURCE", "--target", str(directory)).split()
    return {
        "cores": str(os.cpu_count()),
        "processor": processor[1] if processor else platform.processor(),
        "memory": f"{int(memory[1]) / (1 << 20):.0f} GiB" if memory else "?",
        "kernel": platform.release(),
        "system": system[1] if system else "?",
        "disk": " on ".join(disk[:2]) if disk else "?",
    }


def versions() -> dict[str, str]:
    def packaged(name: str) -> str:
        return _said("dpkg-query", "-W", "-f", "${Version}", name).split("-")[0]
    kafka = next((BUILD / "kafka").glob("kafka-server-4*.jar"), None) or next((BUILD / "kafka").glob("kafka_2.13-*.jar"), None)
    bento = re.search(r"warpstreamlabs/bento (v\S+)", (PEER / "go.mod").read_text())
    return {
        "switchboard": _said(str(RELEASE / "switchboard"), "--version").partition("\n")[0].removeprefix("switchboard "),
        "commit": _said("git", "-C", str(ROOT), "rev-parse", "--short=12", "HEAD"),
        "bento": bento[1] if bento else "?",
        "go": _said(str(BUILD / "benchmarks-venv" / "bin" / "go"), "version").removeprefix("go version "),
        "kafka": re.sub(r"^.*-|\.jar$", "", kafka.name) if kafka else "?",
        "librdkafka": packaged("librdkafka1"),
        "boost": packaged("libboost1.81-dev"),
        "compiler": _said("clang++-19", "--version").splitlines()[0] if _said("clang++-19", "--version") else "?",
    }
