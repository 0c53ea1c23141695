"""docs/adding-a-connector.md builds its example from nothing: this test does what the page says, in a copy of the tree, and runs the result.

    tests/house/adding_a_connector_test.py BUILD

BUILD is a configured tree whose compiler and flags the copy takes over, so that ccache has its objects; without ccache it takes longer. JOBS=N
compiles with N at once.
"""

import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "adding-a-connector.md"
BLOCK = re.compile(r"^\*\*`([^`]+)`\*\*(, added)?\n```\w*\n(.*?)^```$", re.M | re.S)
TAKEN_OVER = re.compile(r"^(CMAKE_BUILD_TYPE|CMAKE_C(?:XX)?_COMPILER|CMAKE_CXX_FLAGS\w*|SWITCHBOARD_\w+):(?!INTERNAL|STATIC)\w+=(.*)$", re.M)
TARGETS = ["test_connectors_cases", "test_connectors_round_trip", "connector_verifier"]
PROVIDER, BUILD = "suggestion_box", None


def sums(tree):
    """Every file of the tree but those of its build, with its content's sum."""
    return {str(path.relative_to(tree)): hashlib.sha256(path.read_bytes()).hexdigest() for path in tree.rglob("*")
            if path.is_file() and path.relative_to(tree).parts[0] != "build"}


def like(line):
    """What a line of a list has in common with its neighbours."""
    return re.match(r'\s*[#\w]+[ ({]?"?(?:connectors/)?', line)[0]


def with_line(text, added):
    lines = text.splitlines(keepends=True)
    at = max(number for number, line in enumerate(lines) if line.startswith(like(added)) and "contract.hpp" not in line)
    return "".join(lines[:at + 1] + [added + "\n"] + lines[at + 1:])


class AddingAConnector(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="switchboard-example-")
        self.addCleanup(folder.cleanup)
        self.tree = pathlib.Path(folder.name) / "tree"

    def run_in_tree(self, *command, status=0, stdin=None, **environment):
        done = subprocess.run([str(part) for part in command], cwd=self.tree, input=stdin, capture_output=True, text=True, check=False,
                              env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **environment})
        self.assertEqual(done.returncode, status, f"{command}\n{done.stdout[-6000:]}{done.stderr[-6000:]}")
        return done.stdout

    def copy(self):
        for name in subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, text=True, check=True).stdout.split("\0")[:-1]:
            if (ROOT / name).is_file():
                (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, self.tree / name)

    def apply_the_page(self):
        blocks = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
        self.assertGreater(len(blocks), 10)
        for name, added, content in blocks:
            path = self.tree / name
            if added:
                for line in content.splitlines():
                    path.write_text(with_line(path.read_text(encoding="utf-8"), line), encoding="utf-8")
            else:
                self.assertFalse(path.exists(), f"{name} is there already")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content, encoding="utf-8")

    def build(self):
        cache = (BUILD / "CMakeCache.txt").read_text(encoding="utf-8")
        settings = [f"-D{name}={value}" for name, value in TAKEN_OVER.findall(cache)]
        self.assertTrue(any("CMAKE_CXX_COMPILER=" in each for each in settings), settings)
        made = self.tree / "build" / "example"
        self.run_in_tree("cmake", "-S", self.tree, "-B", made, "-G", "Ninja", *settings, "-DSWITCHBOARD_BUILD_TESTS=ON")
        self.run_in_tree("cmake", "--build", made, "-j", os.environ.get("JOBS", str(os.cpu_count())), "--target", *TARGETS)
        return {path.name: path for path in made.rglob("*") if path.name in TARGETS and os.access(path, os.X_OK) and path.is_file()}

    def test_the_example_of_the_page_builds_and_runs(self):
        self.copy()
        before = sums(self.tree)
        self.apply_the_page()
        tests = self.tree / "tests" / "connectors"
        self.run_in_tree(sys.executable, tests / "make_requests.py", PROVIDER)
        self.run_in_tree(sys.executable, self.tree / "cmake" / "check_layers.py", self.tree)
        sources = list(self.tree.glob(f"connectors/*/{PROVIDER}/*.[ch]pp"))
        self.assertGreater(len(sources), 4)
        if shutil.which("clang-format-19"):
            self.run_in_tree("clang-format-19", "--dry-run", "--Werror", *sources)

        programs = self.build()
        self.assertEqual(sorted(programs), sorted(TARGETS))
        only = f"--gtest_filter=*{PROVIDER}*"
        self.run_in_tree(programs["test_connectors_cases"], only, SWITCHBOARD_UPDATE_GOLDEN="1")
        ran = self.run_in_tree(programs["test_connectors_cases"], only)
        cases = sorted((tests / PROVIDER / "cases").glob("*.request.json"))
        self.assertEqual(len(cases), 2)
        self.assertIn(f"[  PASSED  ] {2 * len(cases)} tests.", ran)
        self.run_in_tree(programs["test_connectors_round_trip"])
        self.run_in_tree(sys.executable, self.tree / "tests" / "schemas" / "validate.py", *(tests / PROVIDER / "cases").glob("*.golden.json"))
        self.refuses_what_was_changed(programs["connector_verifier"], tests / PROVIDER, cases)

        after = sums(self.tree)
        changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
        own = {name for name in changed if re.match(rf"(connectors/form|tests/connectors)/{PROVIDER}/", name)}
        self.assertEqual(changed - own, {"connectors/registry.cpp", "connectors/CMakeLists.txt"}, "four places, and no more")
        self.assertTrue(own)

    def refuses_what_was_changed(self, verifier, folder, cases):
        request = json.loads(cases[0].read_text(encoding="utf-8"))
        changed = {**request, "body": request["body"].replace("Sundays", "Mondays")}
        self.assertNotEqual(request, changed)
        lines = "".join(json.dumps(each) + "\n" for each in (request, changed))
        first, second = map(json.loads, self.run_in_tree(verifier, folder / "source.json", stdin=lines).splitlines())
        self.assertEqual((first["outcome"], first["status"]), ("accepted", 200))
        self.assertEqual((second["outcome"], second["status"], second["code"]), ("rejected", 401, "bad_signature"))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main()
