import os
import pathlib
import random
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "schemas")]
SEED = int(os.environ.get("SWITCHBOARD_SEED", random.SystemRandom().randrange(2**32)))


@pytest.fixture(scope="module")
def dice():
    print(f"SWITCHBOARD_SEED={SEED}", file=sys.stderr)
    return random.Random(SEED)
