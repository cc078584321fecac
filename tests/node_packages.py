"""Programs from npm that tests use: each a folder with its package.json and lock, installed once into pytest's cache."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest


def installed(config: pytest.Config, folder: Path, name: str) -> Path:
    """A copy of a folder with its packages, under a name in the cache; made anew when a file of it changes."""
    assert config.cache is not None
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file())).hexdigest()[:12]
    made = config.cache.mkdir(name) / digest
    if not (made / "node_modules").exists():
        shutil.rmtree(made, ignore_errors=True)
        making = made.with_name(f"{digest}.making")
        shutil.rmtree(making, ignore_errors=True)
        shutil.copytree(folder, making)
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=making, check=True, capture_output=True)
        making.rename(made)
    return made
