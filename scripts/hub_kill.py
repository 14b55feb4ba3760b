#!/usr/bin/env python3
"""Kills downloads at moments of chance, and looks at what they leave. Needs no package. Run by hand.

    scripts/hub_kill.py .build/release/penstock --kills 50

After each SIGKILL: every blob has the bytes of its name, every `.incomplete` is the start of its file without holes, every
link of a snapshot leads to a blob, and `refs` names no commit that is not complete. At the end a last run finishes, and
what was sent in all shows that runs went on where others ended.
"""

import argparse
import hashlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from hub_server import COMMIT, REPOSITORY, WANTED, Hub, model


def environment(hub: Hub, cache: Path) -> dict[str, str]:
    return os.environ | {
        "HF_ENDPOINT": hub.endpoint,
        "HF_HUB_CACHE": str(cache),
        "HF_TOKEN": "hf_secret",
        "HF_HUB_OFFLINE": "0",
        "NO_COLOR": "1",
    }


def faults(hub: Hub, cache: Path) -> list[str]:
    """What is wrong with the cache."""
    found = []
    repository = cache / "models--org--model"
    contents = {file.etag: file.content for file in hub.files.values()}
    for path in (repository / "blobs").glob("*"):
        content = path.read_bytes()
        if path.name.endswith(".incomplete"):
            whole = contents[path.name.split(".")[0]]
            if whole[: len(content)] != content:
                found.append(f"{path.name} is not the start of its file")
        elif contents.get(path.name) != content:
            found.append(f"{path.name} has wrong bytes")
    snapshot = repository / "snapshots" / COMMIT
    links = [path for path in snapshot.rglob("*") if path.is_symlink()]
    found += [f"{path} leads nowhere" for path in links if not path.exists()]
    if (repository / "refs" / "main").exists():
        found += [f"refs names a commit without {name}" for name in WANTED if not (snapshot / name).exists()]
    return found


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("penstock")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--megabytes", type=int, default=96)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    size = arguments.megabytes << 20
    # Fast enough that all of it would come within the kills, slow enough that no single run gets it.
    hub = Hub(model(size), bytes_per_second=2.5e6)
    wrong: list[str] = []
    kills = 0
    with tempfile.TemporaryDirectory() as directory:
        cache = Path(directory)
        command = [arguments.penstock, "pull", REPOSITORY]
        for _ in range(arguments.kills):
            process = subprocess.Popen(
                command, env=environment(hub, cache), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            time.sleep(chance.uniform(0.01, 1.2))
            process.send_signal(signal.SIGKILL)
            kills += process.wait() == -signal.SIGKILL
            wrong += faults(hub, cache)
        before = hub.bytes_sent
        hub.bytes_per_second = None
        result = subprocess.run(command, env=environment(hub, cache), capture_output=True, text=True)
        if result.returncode != 0:
            wrong.append(f"the last run fails: {result.stderr}")
        snapshot = cache / "models--org--model" / "snapshots" / COMMIT
        for name in WANTED:
            path = snapshot / name
            if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != hub.files[name].sha256:
                wrong.append(f"{name} is not there as it should be")
        left = [path.name for path in (cache / "models--org--model" / "blobs").glob("*.incomplete")]
        wrong += [f"{name} is left" for name in left]
        wrong += faults(hub, cache)
        wrong += [f"the token went to {path}" for path in hub.leaks]
    hub.stop()
    for line in wrong:
        print(line, file=sys.stderr)
    print(
        f"{kills} of {arguments.kills} runs killed; {before / 1e6:.0f} MB sent until the last, "
        f"{(hub.bytes_sent - before) / 1e6:.0f} MB of {size / 1e6:.0f} by it; {len(wrong)} faults"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
