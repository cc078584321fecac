"""Spark as tests ask it: in a JVM of this process, or a standalone cluster of a master and two workers on this machine."""

from __future__ import annotations

import gc
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

import pytest

# Of small data the planning takes longest: no code is generated for so few rows, and nothing is spread over more tasks than it needs.
_EVERYWHERE = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", "spark.driver.memory": "2g",
               "spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "1", "spark.sql.adaptive.enabled": "false",
               "spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN",
               "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"}
# On the cluster joins and sums are spread over both workers, with all that Spark does of itself.
_ON_CLUSTER = {"spark.executor.memory": "768m", "spark.executor.cores": "1", "spark.cores.max": "2", "spark.sql.shuffle.partitions": "2",
               "spark.sql.adaptive.enabled": "true", "spark.sql.codegen.wholeStage": "true", "spark.sql.codegen.factoryMode": "FALLBACK",
               "spark.sql.autoBroadcastJoinThreshold": "-1", "spark.scheduler.minRegisteredResourcesRatio": "1.0"}
_PATIENCE = 180  # seconds for a server to start on a machine that is busy

# Spark's own Python part leaves the sockets by which results come to be closed by whoever tidies up: in the test itself, or whenever the
# garbage collector comes in a later one of the same process (the dot is a colon, which a filter cannot have).
AT_ONCE = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
_LATER = "ignore:Exception ignored in. <socket.socket:pytest.PytestUnraisableExceptionWarning"


def pass_over_sockets(config: pytest.Config) -> None:
    """From now on no test of this process fails for a socket that Spark left."""
    config.addinivalue_line("filterwarnings", _LATER)


def _configured(folder: Path, more: dict[str, str]) -> Path:
    folder.mkdir()
    lines = [f"{name} {value}" for name, value in (_EVERYWHERE | more).items()]
    (folder / "spark-defaults.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@contextmanager
def _variable(name: str, value: str) -> Iterator[None]:
    former = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if former is None:
            del os.environ[name]
        else:
            os.environ[name] = former


@contextmanager
def local() -> Iterator[str]:
    """The address of Spark in a JVM of this process, which ends with it."""
    pytest.importorskip("pyspark", reason="Spark is not installed: pip install 'salesgauge[spark]'")
    if not shutil.which("java"):
        pytest.skip("there is no Java: install Debian's package openjdk-17-jre-headless")
    folder = Path(tempfile.mkdtemp(prefix="salesgauge-spark-"))
    with _variable("SPARK_CONF_DIR", str(_configured(folder / "conf", {}))):
        yield f"local[2]?warehouse={folder / 'warehouse'}"
    shutil.rmtree(folder)
    with warnings.catch_warnings():  # sockets that Spark's Python part leaves open are no fault of the tests that come after
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@contextmanager
def cluster() -> Iterator[str]:
    """The address of a standalone cluster; SPARK_CONF_DIR is that of its driver meanwhile."""
    pytest.importorskip("pyspark", reason="Spark is not installed: pip install 'salesgauge[spark]'")
    if not shutil.which("java"):
        pytest.skip("there is no Java: install Debian's package openjdk-17-jre-headless")
    folder = Path(tempfile.mkdtemp(prefix="salesgauge-spark-"))
    conf = _configured(folder / "conf", _ON_CLUSTER)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    master = f"spark://127.0.0.1:{port}"
    with ExitStack() as ending:
        ending.callback(shutil.rmtree, folder)
        ending.enter_context(_variable("SPARK_CONF_DIR", str(conf)))
        ending.enter_context(_daemon("master.Master", ["--host", "127.0.0.1", "--port", str(port), "--webui-port", "0"],
                                     "I have been elected leader"))
        for number in (1, 2):
            own = ["--host", "127.0.0.1", "--cores", "1", "--memory", "1g", "--webui-port", "0", "--work-dir", str(folder / f"{number}")]
            ending.enter_context(_daemon("worker.Worker", [*own, master], "Successfully registered with master"))
        yield f"{master}?warehouse={folder / 'warehouse'}"


@contextmanager
def _daemon(program: str, arguments: list[str], ready: str) -> Iterator[None]:
    """One of Spark's servers, from when it says that it is ready."""
    import pyspark
    command = [str(Path(pyspark.__file__).parent / "bin" / "spark-class"), f"org.apache.spark.deploy.{program}", *arguments]
    environment = os.environ | {"SPARK_DAEMON_MEMORY": "256m", "SPARK_LOCAL_IP": "127.0.0.1"}
    with subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          text=True, encoding="utf-8", errors="replace") as process:
        assert process.stderr is not None
        said, heard = [""], threading.Event()
        listening = threading.Thread(target=_listen, args=(process.stderr, ready, said, heard), daemon=True)
        listening.start()
        try:
            if not heard.wait(_PATIENCE) or said[0]:
                pytest.fail(f"Spark's {program} does not start: {said[0]}", pytrace=False)
            yield
        finally:
            process.terminate()
            listening.join(_PATIENCE)  # what it reads is closed next


def _listen(stream: IO[str], ready: str, said: list[str], heard: threading.Event) -> None:
    """Reads what a server says to its end, so that it never waits for a reader; `said` is its last line, where it ends unready."""
    last = ""
    for line in stream:
        last = line
        if ready in line:
            heard.set()
    if not heard.is_set():
        said[0] = last or "it says nothing"
        heard.set()
