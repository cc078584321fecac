#!/usr/bin/env bash
# Refreshes the browser's files under web/static/vendor from the npm packages that vendor.json names, and writes their hashes there.
# Usage: scripts/vendor.sh (after changing a version in vendor.json). Users and CI need no npm for them: the files are committed.
set -euo pipefail
cd "$(dirname "$0")/../src/salesgauge/web/static/vendor"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 - "$folder" <<'PYTHON'
import base64, hashlib, json, pathlib, subprocess, sys, tarfile
folder, lock = pathlib.Path(sys.argv[1]), pathlib.Path("vendor.json")
told = json.loads(lock.read_text())
for entry in told:
    subprocess.run(["npm", "pack", f"{entry['package']}@{entry['version']}", "--silent", "--pack-destination", folder], check=True)
    packed = next(folder.glob("*.tgz"))
    with tarfile.open(packed) as archive:
        content = archive.extractfile(f"package/{entry['from']}").read()
    packed.unlink()
    pathlib.Path(entry["file"]).write_bytes(content)
    entry["sha512"] = base64.b64encode(hashlib.sha512(content).digest()).decode()
lock.write_text(json.dumps(told, indent=2) + "\n")
PYTHON
