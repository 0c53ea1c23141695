#!/usr/bin/env python3
"""How much of every connector's decoder the fuzz corpora reach, and a failure below 90 % of the lines of any.

    tests/connectors/coverage.py BUILD_DIRECTORY [PROVIDER…] [--least PERCENT]

Builds the fuzz targets with source-based coverage (clang) in BUILD_DIRECTORY, replays the committed corpora and counts, for each
connector, the lines of the files that decoding runs: everything in its folder except settings, verification and its table entry.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests" / "connectors"
NOT_DECODING = {"settings.cpp", "verify.cpp"}


def tool(name):
    found = shutil.which(f"{name}-19") or shutil.which(name)
    if not found:
        sys.exit(f"coverage.py: there is no {name}-19; install llvm-19")
    return found


def run(*command, **more):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False, **more)
    if done.returncode != 0:
        sys.exit(f"coverage.py: {' '.join(str(c) for c in command)}\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
    return done.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("providers", nargs="*")
    parser.add_argument("--least", type=float, default=90)
    options = parser.parse_args()
    flags = "-O0 -g1 -fprofile-instr-generate -fcoverage-mapping"
    run("cmake", "-S", ROOT, "-B", options.build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_C_COMPILER=clang-19",
        "-DCMAKE_CXX_COMPILER=clang++-19", f"-DCMAKE_CXX_FLAGS_DEBUG={flags}")
    names = options.providers or sorted(path.parent.name for path in TESTS.glob("*/source.json"))
    run("cmake", "--build", options.build, "--target", *[f"fuzz_connectors_{name}" for name in names])

    low = []
    for name in names:
        program = options.build / "tests" / "connectors" / f"fuzz_connectors_{name}"
        profile = options.build / f"{name}.profraw"
        profile.unlink(missing_ok=True)
        seeds = sorted((TESTS / name / "corpus").iterdir())
        if not seeds:
            sys.exit(f"coverage.py: the corpus of {name} is empty")
        run(program, TESTS / name / "corpus", env={**os.environ, "LLVM_PROFILE_FILE": str(profile)})
        merged = options.build / f"{name}.profdata"
        run(tool("llvm-profdata"), "merge", "-sparse", profile, "-o", merged)
        report = json.loads(run(tool("llvm-cov"), "export", "-summary-only", f"-instr-profile={merged}", program))
        files = {pathlib.Path(f["filename"]): f["summary"]["lines"] for f in report["data"][0]["files"]}
        own = {path.name: lines for path, lines in files.items()
               if path.parent.name == name and path.is_relative_to(ROOT / "connectors") and path.name not in NOT_DECODING and path.stem != name and path.suffix == ".cpp"}
        if not own:
            sys.exit(f"coverage.py: no file of {name} was measured")
        covered, count = sum(l["covered"] for l in own.values()), sum(l["count"] for l in own.values())
        percent = 100 * covered / count
        detail = ", ".join(f"{file} {l['percent']:.1f} %" for file, l in sorted(own.items()))
        print(f"{name}: {percent:.1f} % of {count} lines by {len(seeds)} inputs ({detail})")
        if percent < options.least:
            low.append(name)
    if low:
        sys.exit(f"coverage.py: below {options.least} %: {', '.join(low)}")


if __name__ == "__main__":
    main()
