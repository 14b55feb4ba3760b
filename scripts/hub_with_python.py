#!/usr/bin/env python3
"""Runs Penstock and the real huggingface_hub on one cache: one after the other in both orders, and both at once.

    python3 -m venv venv && venv/bin/pip install huggingface_hub
    venv/bin/python scripts/hub_with_python.py .build/release/penstock --rounds 10

Prints what was checked; exits 1 upon any difference. Needs no network: the Hub is on this machine.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from hub_server import COMMIT, REPOSITORY, WANTED, Hub, model

PYTHON = """
import json, sys
from huggingface_hub import hf_hub_download, scan_cache_dir, snapshot_download, try_to_load_from_cache, _CACHED_NO_EXIST
task = sys.argv[1]
id = "org/model"
wanted = json.loads(sys.argv[2])
if task == "download":
    print(snapshot_download(id, allow_patterns=wanted))
elif task == "files":
    for name in wanted:
        print(hf_hub_download(id, name))
elif task == "local":
    print(snapshot_download(id, local_files_only=True, allow_patterns=wanted))
    for name in wanted:
        hf_hub_download(id, name, local_files_only=True)
    absent = try_to_load_from_cache(id, "adapter_config.json")
    assert absent is _CACHED_NO_EXIST, absent
elif task == "scan":
    info = scan_cache_dir()
    assert not info.warnings, info.warnings
    assert not info.incomplete_files, info.incomplete_files
    print(json.dumps([[r.repo_id, sorted(c.commit_hash for c in r.revisions), r.size_on_disk] for r in info.repos]))
elif task == "delete":
    scan_cache_dir().delete_revisions(sys.argv[3]).execute()
"""


class Check:
    """A cache, a Hub, and both programs on them."""

    def __init__(self, penstock: str, hub: Hub, cache: Path):
        self.penstock, self.hub, self.cache = penstock, hub, cache
        self.snapshot = cache / "models--org--model" / "snapshots" / COMMIT

    def environment(self, offline: bool = False) -> dict[str, str]:
        return os.environ | {
            "HF_ENDPOINT": self.hub.endpoint,
            "HF_HUB_CACHE": str(self.cache),
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            "HF_TOKEN": "hf_secret",
            "HF_HUB_OFFLINE": "1" if offline else "0",
        }

    def start_python(self, task: str, *more: str, offline: bool = False) -> subprocess.Popen:
        command = [sys.executable, "-c", PYTHON, task, json.dumps(WANTED), *more]
        return subprocess.Popen(command, env=self.environment(offline), stdout=subprocess.PIPE, text=True)

    def start_penstock(self, *arguments: str, offline: bool = False) -> subprocess.Popen:
        return subprocess.Popen(
            [self.penstock, *arguments], env=self.environment(offline), stdout=subprocess.PIPE, text=True
        )

    @staticmethod
    def finish(process: subprocess.Popen) -> str:
        output, _ = process.communicate(timeout=120)
        assert process.returncode == 0, f"{process.args[:3]} ends with {process.returncode}"
        return output

    def python(self, task: str, *more: str, offline: bool = False) -> str:
        return self.finish(self.start_python(task, *more, offline=offline))

    def pull(self, offline: bool = False) -> str:
        return self.finish(self.start_penstock("pull", REPOSITORY, offline=offline)).strip()

    def verify(self) -> None:
        """All files are there, as links to blobs of the right bytes, and nothing else is left."""
        for name in WANTED:
            path = self.snapshot / name
            assert path.is_symlink() and path.read_bytes() == self.hub.files[name].content, name
            assert path.resolve().name == self.hub.files[name].etag, name
        assert (self.cache / "models--org--model" / "refs" / "main").read_text() == COMMIT
        blobs = {path.name for path in (self.cache / "models--org--model" / "blobs").iterdir()}
        assert blobs == {self.hub.files[name].etag for name in WANTED}, blobs
        assert not self.hub.leaks, "the token left the Hub"


def python_then_penstock(check: Check) -> None:
    check.python("download")
    check.verify()
    before = len(check.hub.requests)
    assert Path(check.pull()) == check.snapshot
    asked = [path for _, path in check.hub.requests[before:]]
    assert len(asked) == 1, asked
    assert Path(check.pull(offline=True)) == check.snapshot
    assert len(check.hub.requests) == before + 1
    rows = [json.loads(line) for line in check.finish(check.start_penstock("list", "--json")).splitlines()]
    scanned = json.loads(check.python("scan"))
    assert [[row["id"], [row["commit"]], row["bytes"]] for row in rows] == scanned, (rows, scanned)
    check.finish(check.start_penstock("remove", REPOSITORY))
    assert json.loads(check.python("scan")) == []


def penstock_then_python(check: Check) -> None:
    assert Path(check.pull()) == check.snapshot
    check.verify()
    before = len([path for method, path in check.hub.requests if method == "GET" and "resolve" in path])
    check.python("local", offline=True)
    assert Path(check.python("download").strip()) == check.snapshot
    check.python("files")
    after = len([path for method, path in check.hub.requests if method == "GET" and "resolve" in path])
    assert before == after, "Python fetched what was there"
    check.verify()
    check.python("scan")
    check.python("delete", COMMIT)
    assert check.finish(check.start_penstock("list", "--json")) == ""


def both_at_once(check: Check) -> None:
    processes = [
        check.start_penstock("pull", REPOSITORY),
        check.start_python("download"),
        check.start_penstock("pull", REPOSITORY),
    ]
    for process in processes:
        check.finish(process)
    check.verify()
    check.python("scan")
    check.python("local", offline=True)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("penstock")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--megabytes", type=int, default=40)
    arguments = parser.parse_args()
    scenarios = [python_then_penstock, penstock_then_python] + [both_at_once] * arguments.rounds
    failures = 0
    for number, scenario in enumerate(scenarios):
        speed = 20e6 if scenario is both_at_once else None
        hub = Hub(model(arguments.megabytes << 20, seed=number), bytes_per_second=speed)
        with tempfile.TemporaryDirectory() as directory:
            try:
                scenario(Check(arguments.penstock, hub, Path(directory).resolve()))
                print(f"{scenario.__name__}: right")
            except AssertionError as error:
                failures += 1
                print(f"{scenario.__name__}: {error}", file=sys.stderr)
        hub.stop()
    print(f"{len(scenarios)} scenarios, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
