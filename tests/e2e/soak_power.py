"""Real power cuts: the journal lies on ext4 in a file, and the file system is shut down under load by its ioctl, which drops what was not
synced. After each cut the disk is mounted again, the program recovers, and every 2xx must come out in Kafka."""

import asyncio
import contextlib
import fcntl
import os
import random
import struct
import subprocess

import load as loads
import oracle
import pytest

CUTS = int(os.environ.get("SWITCHBOARD_POWER_CUTS", "100"))
SEED = int(os.environ.get("SWITCHBOARD_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 31)

EXT4_IOC_SHUTDOWN = 0x8004587D  # _IOR('X', 125, __u32)
NO_LOG_FLUSH = 2                # neither data nor the file system's own log gets out


class Disk:
    def __init__(self, folder, size="256M"):
        self.image, self.mounted = folder / "disk.img", folder / "disk"
        self.mounted.mkdir()
        subprocess.run(["truncate", "-s", size, str(self.image)], check=True)
        subprocess.run(["mkfs.ext4", "-q", "-F", str(self.image)], check=True)
        self.mount()

    def mount(self):
        subprocess.run(["mount", "-o", "loop", str(self.image), str(self.mounted)], check=True)

    def cut(self):
        descriptor = os.open(self.mounted, os.O_RDONLY)
        try:
            fcntl.ioctl(descriptor, EXT4_IOC_SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
        finally:
            os.close(descriptor)

    def unmount(self):
        subprocess.run(["umount", str(self.mounted)], check=True)


@pytest.fixture
def disk(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("mounting needs root")
    disk = Disk(tmp_path)
    yield disk
    subprocess.run(["umount", "-l", str(disk.mounted)], check=False)


async def test_power_cuts(kafka, nodes, tmp_path, disk, in_thread):
    print(f"seed {SEED}")
    dice = random.Random(SEED)
    node = nodes(kafka.bootstrap, {"journal": {"directory": str(disk.mounted / "journal"), "max_size": "64MiB"}})
    await in_thread(node.create_topics)
    await in_thread(node.start)
    load = loads.Load(node, loads.lanes(batch=(1, 12)), tmp_path / "acknowledged", seed=SEED)
    load.start()
    for _ in range(CUTS):
        await load.answers(dice.randint(50, 400), 60)
        await asyncio.sleep(dice.uniform(0, 0.01))
        await in_thread(disk.cut)
        # A failed write or sync ends the program by itself; what it had not noticed yet dies with the power.
        await asyncio.sleep(dice.uniform(0, 0.05))
        with contextlib.suppress(ProcessLookupError):
            node.kill()
        await in_thread(disk.unmount)
        await in_thread(disk.mount)
        await in_thread(node.start)
    await load.finish()
    await in_thread(node.check_ledger)
    numbers, _ = await in_thread(lambda: oracle.verify(kafka.bootstrap, node.topics, load.acknowledged.read()))
    await in_thread(node.terminate)
    print(f"proof: {CUTS} power cuts; {dict(numbers)}; answers {dict(load.statuses)}")
