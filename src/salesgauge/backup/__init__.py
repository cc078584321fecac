"""Backup and restore: one file that holds a workspace as it was at one moment, made while loads and readers go on.

`make_backup(workspace, target, now=...)`, `restore_backup(backup, workspace)`, `check_backup(backup)`. A backup is a tar archive of the
workspace's files, each as it lies there (any program can unpack it), and last `backup.json`, which names every file with its bytes and
check sum: where that is missing, the backup was not written to its end.
"""

from salesgauge.backup.archive import Index
from salesgauge.backup.making import make_backup
from salesgauge.backup.restoring import check_backup, restore_backup

__all__ = ["Index", "check_backup", "make_backup", "restore_backup"]
