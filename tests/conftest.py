"""What all tests share: the folder of specifications and packs that the project is checked against."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """$SALESGAUGE_SHARED (default: ../shared beside the repository). Where it is absent a test fails in CI and is skipped elsewhere."""
    folder = Path(os.environ.get("SALESGAUGE_SHARED") or ROOT.parent / "shared").resolve()
    if not (folder / "conformance").is_dir():
        reason = f"there are no conformance packs in {folder}: set SALESGAUGE_SHARED"
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return folder
