"""Sums JUnit reports, repeats the numbers that proofs printed, and closes with "N passed, N failed[, N skipped]".

Exits 1 when a test failed or none ran.
"""

import re
import sys
import xml.etree.ElementTree as xml


PROOF = re.compile(r"^\.?(?:proof: (.*)|(\d+ (?:crash points|failing calls).*))$", re.M)


def main():
    passed, failed, skipped = 0, [], 0
    for report in sys.argv[1:]:
        for case in xml.parse(report).getroot().iter("testcase"):
            status = case.get("status", "run")
            if case.find("failure") is not None or case.find("error") is not None or status == "fail":
                failed.append(case.get("name"))
            elif case.find("skipped") is not None or status in ("notrun", "disabled"):
                skipped += 1
            else:
                passed += 1
            for told in PROOF.finditer(case.findtext("system-out") or ""):
                print(f"{case.get('name')}: {told.group(1) or told.group(2)}")
    for name in failed:
        print("failed:", name)
    print(f"{passed} passed, {len(failed)} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
