"""A MariaDB server of the tests' own: on a free port, with its files in a folder that goes with it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engines.servers import free_port


@contextmanager
def mariadb() -> Iterator[str]:
    """The address of a server, as SQLAlchemy takes it; its user `reader` needs a password."""
    folder, port = Path(tempfile.mkdtemp(prefix="salesgauge-mariadb-")), free_port()
    socket = folder / "socket"
    user = [] if os.getuid() else ["--user=root"]
    subprocess.run(["mariadb-install-db", "--no-defaults", f"--datadir={folder / 'files'}", "--auth-root-authentication-method=normal",
                    "--skip-test-db", *user], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(["mariadbd", "--no-defaults", f"--datadir={folder / 'files'}", f"--socket={socket}", f"--port={port}",
                                   "--bind-address=127.0.0.1", "--innodb-flush-log-at-trx-commit=0", *user], stderr=log)
    try:
        subprocess.run(["mariadb-admin", "--no-defaults", f"--socket={socket}", "--user=root", "--wait=30", "ping"], check=True,
                       stdout=subprocess.DEVNULL)
        _query(socket, "CREATE DATABASE crm CHARACTER SET utf8mb4; CREATE USER reader@'%' IDENTIFIED BY 'hunter2'; "
                       "GRANT ALL ON crm.* TO reader@'%';")
        yield f"mysql+pymysql://reader@127.0.0.1:{port}/crm?charset=utf8mb4"
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(folder)


def _query(socket: Path, statements: str) -> None:
    subprocess.run(["mariadb", "--no-defaults", f"--socket={socket}", "--user=root", "--execute", statements], check=True)
