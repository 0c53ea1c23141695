"""The pages of the tree hold together: every link leads somewhere, every script and preset that is named exists."""

import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.*)$", re.M)
MADE = re.compile(r"^\*\*`([^`]+)`\*\*$", re.M)  # the files that a page tells its reader to write
NAMED = re.compile(r"(?<![\w./-])((?:deploy|tests|cmake|docs|schemas|connectors|broker)/[\w./-]*\w)")


def pages():
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "*.md"], capture_output=True, text=True, check=True).stdout.split()
    return [ROOT / name for name in listed]


def anchor(heading):
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


class Documents(unittest.TestCase):
    def test_links(self):
        checked = 0
        for page in pages():
            text = page.read_text(encoding="utf-8")
            for target in LINK.findall(re.sub(r"```.*?```", "", text, flags=re.S)):
                if re.match(r"[a-z]+:", target):
                    continue
                checked += 1
                path, _, fragment = target.partition("#")
                linked = (page.parent / path).resolve() if path else page
                with self.subTest(page=str(page.relative_to(ROOT)), link=target):
                    self.assertTrue(linked.exists(), "leads nowhere")
                    if fragment and linked.suffix == ".md":
                        self.assertIn(fragment, [anchor(h) for h in HEADING.findall(linked.read_text(encoding="utf-8"))])
        self.assertGreater(checked, 10)

    def test_named_files(self):
        for page in pages():
            if page.name == "CHANGELOG.md":
                continue
            text = page.read_text(encoding="utf-8")
            made = MADE.findall(text)
            for name in NAMED.findall(text):
                with self.subTest(page=str(page.relative_to(ROOT)), file=name):
                    found = (ROOT / name).exists() or list(ROOT.glob(name + "*")) or any(file.startswith(name) for file in made)
                    self.assertTrue(found, "is not in the tree")


if __name__ == "__main__":
    unittest.main()
