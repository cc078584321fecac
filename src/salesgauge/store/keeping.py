"""Files beside the store that can always be made anew: what was compiled or computed once, kept for the next time."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path


def keep(path: Path, text: str) -> bool:
    """Writes a file whole or not at all, and says whether it did; where it cannot be written the next time makes it anew."""
    partial = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        return False
    return True
