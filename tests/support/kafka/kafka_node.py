"""A real Apache Kafka for tests: one to three nodes on free loopback ports, in a temporary directory.

    with KafkaNode() as kafka:
        kafka.create_topic("orders", partitions=3)
        kafka.kill(); kafka.restart()          # SIGKILL, then up again on the same ports with the same data

Everything goes away with the process that made it, however that ends: a small reaper holds the other end of a pipe, kills what is
left and removes the directory. Instances are independent; any number may run side by side.
"""
from __future__ import annotations

import contextlib
import fcntl
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
JARS = ROOT / "build" / "kafka"

# Below the ephemeral range: a port that a killed broker left must still be free when it comes back.
PORTS = range(20000, 32000)


def ensure_jars() -> Path:
    """Copies Kafka's jars to build/kafka once; a stamp holds the pom.xml they came from."""
    pom = (HERE / "pom.xml").read_bytes()
    stamp = JARS / ".stamp"
    JARS.mkdir(parents=True, exist_ok=True)
    with open(JARS / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_bytes() == pom:
            return JARS
        for jar in JARS.glob("*.jar"):
            jar.unlink()
        done = subprocess.run(["mvn", "-B", "-q", "-f", str(HERE / "pom.xml"), "dependency:copy-dependencies", f"-DoutputDirectory={JARS}"],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError("Maven could not fetch Kafka; try: mvn -f tests/support/kafka/pom.xml dependency:copy-dependencies\n"
                               + done.stdout[-2000:] + done.stderr[-2000:])
        stamp.write_bytes(pom)
    return JARS


class Ports:
    """Reserves ports against other instances on this machine while it lives."""

    def __init__(self) -> None:
        self._directory = Path(tempfile.gettempdir()) / f"switchboard-test-ports.{os.getuid()}"
        self._directory.mkdir(mode=0o700, exist_ok=True)
        self._locks: list[int] = []

    def take(self) -> int:
        for _ in range(1000):
            port = random.SystemRandom().choice(PORTS)
            lock = os.open(self._directory / str(port), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
            except OSError:
                os.close(lock)
                continue
            self._locks.append(lock)
            return port
        raise RuntimeError("no free port")

    def release(self) -> None:
        for lock in self._locks:
            os.close(lock)
        self._locks.clear()


class Reaper:
    """Kills what is left and removes the directory, if one is given, once this process is gone, even by SIGKILL."""

    SCRIPT = """
trap '' HUP INT TERM
alive=' '
while read -r verb pid; do
  case $verb in
    add) alive="$alive$pid " ;;
    del) alive="${alive%% $pid *} ${alive#* $pid }" ;;
    end) exit 0 ;;
  esac
done
for pid in $alive; do kill -9 "$pid" 2>/dev/null; done
[ -n "$1" ] || exit 0
sleep 0.1
rm -rf --one-file-system "$1" 2>/dev/null || { sleep 1; rm -rf --one-file-system "$1"; }
"""

    def __init__(self, directory: str) -> None:
        self._process = subprocess.Popen(["/bin/sh", "-c", self.SCRIPT, "reaper", directory], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                         stderr=subprocess.DEVNULL, start_new_session=True, cwd="/")

    def tell(self, verb: str, pid: int = 0) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{verb} {pid}\n".encode())
        self._process.stdin.flush()

    def dismiss(self) -> None:
        with contextlib.suppress(BrokenPipeError):
            self.tell("end")
        self._process.stdin.close()
        self._process.wait()


class Certificates:
    """An authority, a server and a client certificate, as PEM; `stranger` is signed by an authority that nobody trusts."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        self.ca = self._authority("ca")
        self.server_key, self.server = self._leaf("server", "ca", "subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth")
        self.client_key, self.client = self._leaf("client", "ca", "extendedKeyUsage=clientAuth")
        self._authority("other-ca")
        self.stranger_key, self.stranger = self._leaf("stranger", "other-ca", "extendedKeyUsage=clientAuth")
        self.server_store = directory / "server-store.pem"
        self.server_store.write_text(self.server_key.read_text() + self.server.read_text())

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self.directory, check=True, capture_output=True)

    def _authority(self, name: str) -> Path:
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj", f"/CN={name}",
                      "-keyout", f"{name}.key", "-out", f"{name}.pem")
        return self.directory / f"{name}.pem"

    def _leaf(self, name: str, authority: str, extensions: str) -> tuple[Path, Path]:
        (self.directory / f"{name}.ext").write_text(extensions + "\n")
        self._openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}", "-keyout", f"{name}.key",
                      "-out", f"{name}.csr")
        self._openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{authority}.pem", "-CAkey", f"{authority}.key", "-CAcreateserial", "-days", "30",
                      "-extfile", f"{name}.ext", "-out", f"{name}.pem")
        return self.directory / f"{name}.key", self.directory / f"{name}.pem"


class KafkaNode:
    """One to three Kafka nodes, each broker and controller.

    nodes          1 or 3 (replication factors of Kafka's own topics follow)
    tls            None, "server" or "mutual": one more listener, `bootstrap_tls`; `certificates` has the PEM files
    sasl           {user: password}: one more listener with SASL PLAIN, `bootstrap_sasl`; with tls it runs over TLS
    authorizer     True: StandardAuthorizer. The plain listener may do everything; SASL users what allow() grants them
    properties     further lines of server.properties, e.g. {"message.max.bytes": 4096}
    directory      where to keep everything; a temporary one, removed at the end, by default
    ports          the port of the plain listener of each node; free ones by default
    """

    def __init__(self, nodes: int = 1, tls: str | None = None, sasl: dict[str, str] | None = None, authorizer: bool = False,
                 properties: dict[str, object] | None = None, heap: str = "256m", directory: str | None = None,
                 ports: list[int] | None = None) -> None:
        self.jars = ensure_jars()
        self.tls, self.sasl, self.authorizer = tls, sasl or {}, authorizer
        self.heap = heap
        self._properties = dict(properties or {})
        self._temporary = directory is None
        self.directory = Path(directory or tempfile.mkdtemp(prefix="switchboard-kafka-"))
        self.directory.mkdir(parents=True, exist_ok=True)
        self._reaper: Reaper | None = Reaper(str(self.directory) if self._temporary else "")
        self._reserved = Ports()
        self.certificates = Certificates(self.directory / "tls") if tls else None
        self._processes: list[subprocess.Popen | None] = [None] * nodes
        self._nodes = []
        for index in range(nodes):
            self._nodes.append({"plain": ports[index] if ports else self._reserved.take(), "controller": self._reserved.take(),
                                "tls": self._reserved.take() if tls else 0, "sasl": self._reserved.take() if self.sasl else 0})

    # --- addresses ---
    def _bootstrap(self, listener: str) -> str:
        return ",".join(f"127.0.0.1:{node[listener]}" for node in self._nodes)

    @property
    def bootstrap(self) -> str:
        return self._bootstrap("plain")

    @property
    def bootstrap_tls(self) -> str:
        return self._bootstrap("tls")

    @property
    def bootstrap_sasl(self) -> str:
        return self._bootstrap("sasl")

    # --- life ---
    def start(self) -> "KafkaNode":
        try:
            self._format()
            for index in range(len(self._nodes)):
                self._launch(index)
            for index in range(len(self._nodes)):
                self.wait_ready(index)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Ends every node (at once: nothing of it is needed any more) and removes the directory."""
        for index, process in enumerate(self._processes):
            if process is not None:
                process.kill()
                process.wait()
                self._forget(index)
        if self._temporary:
            shutil.rmtree(self.directory, ignore_errors=True)
        if self._reaper is not None:
            self._reaper.dismiss()
            self._reaper = None
        self._reserved.release()

    def kill(self, index: int = 0) -> None:
        """SIGKILL."""
        self._processes[index].kill()
        self._processes[index].wait()
        self._forget(index)

    def shut_down(self, index: int = 0) -> None:
        """SIGTERM: a controlled shutdown."""
        self._processes[index].terminate()
        self._processes[index].wait(60)
        self._forget(index)

    def restart(self, index: int = 0, wait: bool = True) -> None:
        """Up again after kill() or shut_down(): same ports, same data."""
        if self._processes[index] is not None:
            raise RuntimeError("still running")
        self._launch(index)
        if wait:
            self.wait_ready(index)

    def sigstop(self, index: int = 0) -> None:
        self._processes[index].send_signal(signal.SIGSTOP)

    def sigcont(self, index: int = 0) -> None:
        self._processes[index].send_signal(signal.SIGCONT)

    def alive(self, index: int = 0) -> bool:
        return self._processes[index] is not None and self._processes[index].poll() is None

    def log(self, index: int = 0) -> Path:
        return self.directory / f"node-{index + 1}" / "kafka.log"

    def wait_ready(self, index: int = 0, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while True:
            with open(self.log(index), "rb") as log:
                log.seek(self._log_start[index])
                if b"Kafka Server started" in log.read():
                    return
            if not self.alive(index):
                raise RuntimeError(f"Kafka ended at start:\n{self._tail(index)}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"Kafka was not ready within {seconds} s:\n{self._tail(index)}")
            time.sleep(0.05)

    def __enter__(self) -> "KafkaNode":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    # --- topics and rights (kafka-python, imported where it is used) ---
    def admin(self):
        from kafka import KafkaAdminClient
        return KafkaAdminClient(bootstrap_servers=self.bootstrap.split(","))

    def create_topic(self, name: str, partitions: int = 1, config: dict[str, object] | None = None, replication: int | None = None) -> None:
        """Creates a topic and waits until every partition has a leader."""
        from kafka.admin import NewTopic
        with contextlib.closing(self.admin()) as admin:
            admin.create_topics([NewTopic(name=name, num_partitions=partitions, replication_factor=replication or len(self._nodes),
                                          topic_configs={k: str(v) for k, v in (config or {}).items()})])
            deadline = time.monotonic() + 30
            while time.monotonic() < deadline:
                topics = admin.describe_topics([name])
                leaders = [p.get("leader_id", p.get("leader", -1)) for t in topics for p in t["partitions"]]
                if len(leaders) == partitions and all(leader >= 0 for leader in leaders):
                    return
                time.sleep(0.05)
        raise RuntimeError(f"topic {name} did not get its leaders")

    def delete_topic(self, name: str) -> None:
        with contextlib.closing(self.admin()) as admin:
            admin.delete_topics([name])

    def configure_topic(self, name: str, setting: str, value: str) -> None:
        from kafka.admin import ConfigResource, ConfigResourceType
        with contextlib.closing(self.admin()) as admin:
            admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, configs={setting: value})])

    def allow(self, user: str, resource: str = "topic", name: str = "*", operations: tuple[str, ...] = ("ALL",)) -> None:
        with contextlib.closing(self.admin()) as admin:
            admin.create_acls(self._acls(user, resource, name, operations))

    def revoke(self, user: str, resource: str = "topic", name: str = "*", operations: tuple[str, ...] = ("ALL",)) -> None:
        with contextlib.closing(self.admin()) as admin:
            admin.delete_acls(self._acls(user, resource, name, operations))

    @staticmethod
    def _acls(user: str, resource: str, name: str, operations: tuple[str, ...]):
        from kafka.admin import ACL, ACLOperation, ACLPermissionType, ResourcePattern, ResourceType
        return [ACL(principal=f"User:{user}", host="*", operation=ACLOperation[operation], permission_type=ACLPermissionType.ALLOW,
                    resource_pattern=ResourcePattern(ResourceType[resource.upper()], name)) for operation in operations]

    # --- inside ---
    _log_start: dict[int, int]

    def _java(self, *arguments: str) -> list[str]:
        return ["java", f"-Xmx{self.heap}", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dorg.slf4j.simpleLogger.showDateTime=true",
                "-cp", f"{self.jars}/*", *arguments]

    def _format(self) -> None:
        self._log_start = {}
        identifier = None
        for index in range(len(self._nodes)):
            home = self.directory / f"node-{index + 1}"
            home.mkdir(exist_ok=True)
            properties = self._server_properties(index)
            (home / "server.properties").write_text("".join(f"{k}={v}\n" for k, v in properties.items()))
            if (home / "data" / "meta.properties").exists():
                continue
            if identifier is None:
                # 22 characters of base64; an id must not begin with a dash.
                identifier = "S" + "".join(random.SystemRandom().choices("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", k=20)) + "A"
            done = subprocess.run(self._java("kafka.tools.StorageTool", "format", "-t", identifier, "-c", str(home / "server.properties")),
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True)
            if done.returncode != 0:
                raise RuntimeError(f"Kafka's storage could not be formatted:\n{done.stdout}{done.stderr}")

    def _server_properties(self, index: int) -> dict[str, object]:
        node = self._nodes[index]
        listeners = [("PLAIN", "PLAINTEXT", node["plain"]), ("CONTROLLER", "PLAINTEXT", node["controller"])]
        if self.tls:
            listeners.append(("TLS", "SSL", node["tls"]))
        if self.sasl:
            listeners.append(("SASL", "SASL_SSL" if self.tls else "SASL_PLAINTEXT", node["sasl"]))
        count = len(self._nodes)
        in_sync = 2 if count >= 3 else 1
        properties: dict[str, object] = {
            "process.roles": "broker,controller",
            "node.id": index + 1,
            "controller.quorum.voters": ",".join(f"{i + 1}@127.0.0.1:{n['controller']}" for i, n in enumerate(self._nodes)),
            "listeners": ",".join(f"{name}://127.0.0.1:{port}" for name, _, port in listeners),
            "advertised.listeners": ",".join(f"{name}://127.0.0.1:{port}" for name, _, port in listeners if name != "CONTROLLER"),
            "listener.security.protocol.map": ",".join(f"{name}:{protocol}" for name, protocol, _ in listeners),
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "PLAIN",
            "log.dirs": self.directory / f"node-{index + 1}" / "data",
            "auto.create.topics.enable": "false",
            "broker.session.timeout.ms": 2000,
            "broker.heartbeat.interval.ms": 400,
            "num.network.threads": 2,
            "num.io.threads": 4,
            "offsets.topic.num.partitions": 3,
            "offsets.topic.replication.factor": count,
            "transaction.state.log.num.partitions": 3,
            "transaction.state.log.replication.factor": count,
            "transaction.state.log.min.isr": in_sync,
            "share.coordinator.state.topic.replication.factor": count,
            "share.coordinator.state.topic.min.isr": in_sync,
            "group.initial.rebalance.delay.ms": 0,
            "log.cleaner.dedupe.buffer.size": 4 << 20,
        }
        if self.certificates:
            properties |= self._tls_properties("tls", "required" if self.tls == "mutual" else "none")
        if self.sasl:
            if self.tls:
                properties |= self._tls_properties("sasl", "none")
            users = "".join(f' user_{name}="{password}"' for name, password in self.sasl.items())
            properties |= {
                "sasl.enabled.mechanisms": "PLAIN",
                "listener.name.sasl.plain.sasl.jaas.config": f"org.apache.kafka.common.security.plain.PlainLoginModule required{users};",
            }
        if self.authorizer:
            properties |= {
                "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                "super.users": "User:ANONYMOUS",
            }
        return properties | self._properties

    def _tls_properties(self, listener: str, client_authentication: str) -> dict[str, object]:
        prefix = f"listener.name.{listener}."
        return {
            prefix + "ssl.keystore.type": "PEM",
            prefix + "ssl.keystore.location": self.certificates.server_store,
            prefix + "ssl.truststore.type": "PEM",
            prefix + "ssl.truststore.location": self.certificates.ca,
            prefix + "ssl.client.auth": client_authentication,
        }

    def _launch(self, index: int) -> None:
        home = self.directory / f"node-{index + 1}"
        with open(self.log(index), "ab") as log:
            self._log_start[index] = log.tell()
            process = subprocess.Popen(self._java("kafka.Kafka", str(home / "server.properties")), stdin=subprocess.DEVNULL, stdout=log,
                                       stderr=subprocess.STDOUT, start_new_session=True)
        self._processes[index] = process
        if self._reaper is not None:
            self._reaper.tell("add", process.pid)

    def _forget(self, index: int) -> None:
        process, self._processes[index] = self._processes[index], None
        if self._reaper is not None and process is not None:
            self._reaper.tell("del", process.pid)

    def _tail(self, index: int) -> str:
        text = self.log(index).read_text(errors="replace")[-6000:]
        return "\n".join(line for line in text.splitlines() if re.search(r"ERROR|FATAL|Exception|rror", line)) or text
