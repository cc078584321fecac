"""`python -m docs.making`: remakes the reference, the outputs of the examples and, given a demo workspace, the picture."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from docs.making import examples, picture, reference
from docs.making.pages import ROOT, blocks, pages


def main(workspaces: list[str]) -> None:
    """Remakes everything and says what changed."""
    changed = reference.write()
    for page in pages():
        if any(block.language == "console" for block in blocks(page.read_text(encoding="utf-8"))):
            with tempfile.TemporaryDirectory() as folder:
                if examples.rewrite(page, Path(folder)):
                    changed.append(page)
    for workspace in workspaces:
        drawn = picture.draw(Path(workspace))
        if not picture.PATH.exists() or picture.PATH.read_text(encoding="utf-8") != drawn:
            picture.PATH.parent.mkdir(parents=True, exist_ok=True)
            picture.PATH.write_text(drawn, encoding="utf-8")
            changed.append(picture.PATH)
    for path in changed:
        print(f"changed: {path.relative_to(ROOT)}")
    if not changed:
        print("everything was up to date")


if __name__ == "__main__":
    main(sys.argv[1:])
