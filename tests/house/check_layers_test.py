"""The layer check finds what it is there to find: each case is a small tree with one fault, and the same tree without it."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

CHECK = pathlib.Path(__file__).resolve().parents[2] / "cmake" / "check_layers.py"

SOUND = {
    "schemas/event.hpp": "#pragma once\n#include <string>\n",
    "connectors/contract.hpp": '#pragma once\n#include <boost/json/object.hpp>\n#include "schemas/event.hpp"\n',
    "connectors/registry.cpp": '#include "connectors/sms/twilio/twilio.hpp"\n',
    "connectors/common/hmac.hpp": "#pragma once\n#include <openssl/evp.h>\n",
    "connectors/sms/twilio/twilio.hpp": '#pragma once\n#include "connectors/common/hmac.hpp"\n#include "connectors/contract.hpp"\n',
    "connectors/kiosk/kiosk.cpp": '#include "connectors/contract.hpp"\n#include <simdjson.h>\n#include <chrono>\n',
    "broker/base/clock.hpp": '#pragma once\n#include "schemas/event.hpp"\n',
    "broker/observe/log.hpp": '#pragma once\n#include "broker/base/clock.hpp"\n',
    "broker/config/file.cpp": '#include "broker/base/clock.hpp"\n#include <yaml-cpp/yaml.h>\n',
    "broker/journal/journal.hpp": '#pragma once\n#include "broker/observe/log.hpp"\n',
    "broker/net/server.cpp": '#include "broker/journal/journal.hpp"\n#include "connectors/contract.hpp"\n#include <boost/beast/http.hpp>\n',
    "tests/broker/journal_test.cpp": '#include "broker/journal/journal.hpp"\n#include <gtest/gtest.h>\n',
    "tests/support/fake.hpp": "#pragma once\n",
    "benchmarks/journal.cpp": '#include "broker/journal/journal.hpp"\n',
}

FAULTS = {
    "the event includes a connector": ("schemas/codec.cpp", '#include "connectors/contract.hpp"\n', "dependencies point the other way"),
    "a connector includes the broker": ("connectors/kiosk/kiosk.cpp", '#include "broker/observe/log.hpp"\n', "dependencies point the other way"),
    "a connector includes its neighbour": ("connectors/kiosk/kiosk.cpp", '#include "connectors/sms/twilio/twilio.hpp"\n', "its own folder"),
    "common includes a provider": ("connectors/common/x.cpp", '#include "connectors/sms/twilio/twilio.hpp"\n', "serves all"),
    "a connector opens files": ("connectors/kiosk/kiosk.cpp", "#include <fstream>\n", "it is pure"),
    "a connector uses the system": ("connectors/kiosk/kiosk.cpp", "#include <sys/socket.h>\n", "only the standard library"),
    "a connector uses sockets": ("connectors/kiosk/kiosk.cpp", "#include <boost/asio/ip/tcp.hpp>\n", "only the standard library"),
    "a connector speaks TLS": ("connectors/kiosk/kiosk.cpp", "#include <openssl/ssl.h>\n", "only the standard library"),
    "a connector reads the clock": ("connectors/kiosk/kiosk.cpp", "auto t = std::chrono::system_clock::now();\n", "as an argument"),
    "base includes the journal": ("broker/base/x.cpp", '#include "broker/journal/journal.hpp"\n', "beside or above"),
    "a level includes its own": ("broker/config/x.cpp", '#include "broker/observe/log.hpp"\n', "beside or above"),
    "a folder on no level": ("broker/extra/x.cpp", '#include "broker/base/clock.hpp"\n', "on no level"),
    "the broker includes a test": ("broker/net/x.cpp", '#include "tests/support/fake.hpp"\n', "does not depend on its tests"),
    "Beast outside net": ("broker/journal/x.cpp", "#include <boost/beast/http.hpp>\n", "behind broker/net"),
    "a relative include": ("broker/net/x.cpp", '#include "server.hpp"\n', "no file under the root"),
    "ours in angle brackets": ("broker/net/x.cpp", "#include <broker/net/server.hpp>\n", "in quotes"),
    "a source file included": ("broker/net/x.cpp", '#include "broker/net/server.cpp"\n', "include a header"),
    "a header without its guard": ("broker/net/x.hpp", "int x();\n", "no #pragma once"),
    "a marker": ("broker/net/x.cpp", "// " + "TO" + "DO later\n", "a marker"),
    "a long file": ("broker/net/x.cpp", "int x();\n" * 701, "split it"),
}


def run(files):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        done = subprocess.run([sys.executable, str(CHECK), str(root)], capture_output=True, text=True)
        return done.returncode, done.stdout


class CheckLayers(unittest.TestCase):
    def test_a_sound_tree_passes(self):
        code, output = run(SOUND)
        self.assertEqual(code, 0, output)
        self.assertIn(f"{len(SOUND)} files, 0 violations", output)

    def test_nothing_to_check_is_a_failure(self):
        self.assertEqual(run({})[0], 1)

    def test_every_fault_is_found_and_nothing_else(self):
        for name, (file, text, expected) in FAULTS.items():
            with self.subTest(name):
                code, output = run({**SOUND, file: SOUND.get(file, "") + text})
                self.assertEqual(code, 1, output)
                self.assertIn(expected, output)
                self.assertIn(", 1 violations", output)
                self.assertIn(file + ":", output)


if __name__ == "__main__":
    unittest.main()
