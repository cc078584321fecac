"""The one Spark session of a process. Its memory, cores and everything else of Spark's own is set where Spark looks for it
(spark-defaults.conf in SPARK_CONF_DIR); only what answers depend on is set here."""

from __future__ import annotations

import re
import tempfile
import threading
from typing import TYPE_CHECKING

from salesgauge.errors import EngineError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# What makes Spark answer as the others do (semantics/dialects/spark.py says the rest).
SETTINGS = {
    "spark.sql.session.timeZone": "UTC",                             # elapsed seconds are counted through it
    "spark.sql.ansi.enabled": "true",                                # what overflows or cannot be cast is an error, not empty or another
    "spark.sql.timestampType": "TIMESTAMP_NTZ",                      # an instant has no zone of its own
    "spark.sql.caseSensitive": "true",                               # two columns of a company may differ by case alone
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",       # days before 1582 are those of the calendar that everyone else has
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",  # a folder's month is a text
    "spark.ui.showConsoleProgress": "false",
}
_STARTING = threading.Lock()
_STARTED: dict[str, SparkSession] = {}  # by master; at most one
_CAUSE = re.compile(r"(?:Caused by: |Exception in thread .*?: |ERROR .*?: )(.+)")


def session(master: str) -> SparkSession:
    """The session on this master, started where there is none. EngineError where it cannot be, or where this process has another."""
    try:
        from pyspark.sql import SparkSession
    except ModuleNotFoundError:
        raise EngineError.lacks("spark", "pyspark") from None
    with _STARTING:
        if master not in _STARTED:
            running = next(iter(_STARTED.values()), None) or SparkSession.getActiveSession()
            if running is None:
                _STARTED[master] = _start(master)
            elif running.sparkContext.master == master:
                _STARTED[master] = _within(running)
            else:
                raise EngineError(f"this process works with the Spark master {running.sparkContext.master} already; one process has one, "
                                  f"so {master} needs another process", "engine_master", running=running.sparkContext.master,
                                  master=master)
        return _STARTED[master]


def _within(running: SparkSession) -> SparkSession:
    """A session beside one that is none of ours."""
    made = running.newSession()
    for name, value in SETTINGS.items():
        if name.startswith("spark.sql."):
            made.conf.set(name, value)
    return made


def _start(master: str) -> SparkSession:
    from pyspark import SparkConf, SparkContext
    from pyspark.java_gateway import launch_gateway
    from pyspark.sql import SparkSession
    conf = SparkConf().setMaster(master).setAppName("salesgauge").setAll(list(SETTINGS.items()))
    with tempfile.TemporaryFile() as said:  # what Spark says would stand among what this program says
        try:
            context = SparkContext(conf=conf, gateway=launch_gateway(conf, {"stderr": said}))
            context.setLogLevel("ERROR")
            return SparkSession(context)
        except Exception as problem:
            said.seek(0)
            cause = (_CAUSE.findall(said.read().decode(errors="replace")) or str(problem).splitlines() or [type(problem).__name__])[-1]
            raise EngineError(f"Spark does not start on {master}: {cause}; it needs Java 17 or later and a master that can be reached",
                              "engine_start", master=master, cause=cause) from problem
