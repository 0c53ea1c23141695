"""X-Hub-Signature-256 as an independent library makes it: npm's x-hub-signature."""

import base64
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODULES = ROOT / "build/node/node_modules"
SIGNER = """
const Signer = require("x-hub-signature")
const signer = new Signer("sha256", process.argv[1])
for (const line of require("fs").readFileSync(0, "ascii").trim().split("\\n"))
  console.log(signer.sign(Buffer.from(line, "base64")))
"""


def signatures(secret, bodies):
    """The value of the header for each body, as bytes."""
    assert (MODULES / "x-hub-signature").is_dir(), "run tests/prepare first: x-hub-signature is not in build/node"
    done = subprocess.run(["node", "-e", SIGNER, secret], input="\n".join(base64.b64encode(body).decode() for body in bodies) + "\n",
                          capture_output=True, text=True, timeout=120, check=False, env={**os.environ, "NODE_PATH": str(MODULES)})
    assert done.returncode == 0, done.stderr
    out = done.stdout.split()
    assert len(out) == len(bodies)
    return out
