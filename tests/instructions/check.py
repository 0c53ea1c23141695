"""Counts the instructions of a contact's steps under callgrind and holds them to counts.txt.

    tests/instructions/check.py build/release/instruction_counts            compares
    tests/instructions/check.py build/release/instruction_counts --renew    writes counts.txt anew

Instructions, not seconds: the same program takes the same number of them on a busy machine. They are not the same on every
machine, for OpenSSL, simdjson and the C library choose their code by what the processor can; hence the margin.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

COUNTS = pathlib.Path(__file__).with_name("counts.txt")
TIMES = 256  # as in count.cpp
MARGIN = 1.5
HEAD = f"""\
# Instructions of one step, for one WhatsApp text message in a signed body of a kibibyte, counted by callgrind.
# More than {MARGIN} times as many fail the test. Renew them, with the change that explains it:
# tests/instructions/check.py build/release/instruction_counts --renew
"""


def count(program):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["valgrind", "--quiet", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={folder}/out", program], check=True)
        found = {}
        for dump in pathlib.Path(folder).iterdir():
            text = dump.read_text()
            name = re.search(r"^desc: Trigger: Client Request: (\S+)$", text, re.M)
            if name:
                found[name[1]] = int(re.search(r"^(?:summary|totals): (\d+)", text, re.M)[1]) // TIMES
        return found


def read():
    lines = [line.split() for line in COUNTS.read_text().splitlines() if line and not line.startswith("#")]
    return {name: int(instructions) for name, instructions in lines}


def main():
    program, renew = sys.argv[1], sys.argv[2:] == ["--renew"]
    counted = count(program)
    if renew:
        COUNTS.write_text(HEAD + "".join(f"{name:10}{n:>8}\n" for name, n in sorted(counted.items())))
        return 0
    known = read()
    wrong = [f"{name} is {'not counted' if name in known else 'not in counts.txt'}" for name in known.keys() ^ counted.keys()]
    print(f"{'step':10}{'counted':>9}{'written':>9}{'ratio':>7}")
    for name in known.keys() & counted.keys():
        ratio = counted[name] / known[name]
        print(f"{name:10}{counted[name]:>9}{known[name]:>9}{ratio:>7.2f}")
        if ratio > MARGIN:
            wrong.append(f"{name} takes {counted[name]} instructions, {ratio:.2f} times the {known[name]} of counts.txt; {MARGIN} times are allowed")
    for line in wrong:
        print(line, file=sys.stderr)
    if wrong:
        print(f"What is meant to cost more is written down by: {sys.argv[0]} {program} --renew", file=sys.stderr)
    return 1 if wrong else 0


sys.exit(main())
