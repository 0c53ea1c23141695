"""Keys and confirmations fetched by the program as it is: in a network of its own, where a server of the test's is Amazon.

What a stranger may make the program fetch is kept short (https, port 443, no address of our own networks, the system's authorities), and
the test changes none of it: names, addresses and authorities are those of namespaces that end with it.
"""

import os
import pathlib
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
OWN_NETWORK = ["unshare", "--net", "--mount", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"])]


def test_in_a_network_of_its_own():
    if subprocess.run([*OWN_NETWORK, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this system allows no namespaces")
    done = subprocess.run([*OWN_NETWORK, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:warnings", "--tb=short",
                           str(HERE / "in_own_network.py")], capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "passed" in done.stdout and "skipped" not in done.stdout
