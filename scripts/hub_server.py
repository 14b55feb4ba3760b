"""A Hub on this machine for the scripts that test downloads: real HTTP, real redirects, files of chance."""

import hashlib
import json
import random
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

COMMIT = "c0ffee" * 6 + "c0ff"
REPOSITORY = "org/model"


class File:
    """A file of the repository. Large ones lie on another server, under their SHA-256."""

    def __init__(self, content: bytes, is_large: bool):
        self.content = content
        self.is_large = is_large
        self.sha1 = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
        self.sha256 = hashlib.sha256(content).hexdigest()
        self.etag = self.sha256 if is_large else self.sha1


def model(weight_bytes: int, seed: int = 0) -> dict[str, File]:
    """The files of a model, with some that nobody needs."""
    chance = random.Random(seed)
    config = {"model_type": "bert", "architectures": ["BertForMaskedLM"]}
    shards = {f"model-0000{i}-of-00002.safetensors": chance.randbytes(weight_bytes // 2 + i) for i in (1, 2)}
    index = {"weight_map": {f"tensor.{i}": name for i, name in enumerate(shards)}}
    small = {
        "config.json": json.dumps(config).encode(),
        "tokenizer.json": b"{}",
        "tokenizer_config.json": b"{}",
        "vocab.txt": b"[UNK]\n[PAD]\n",
        "README.md": b"# A model\n",
        "1_Pooling/config.json": b'{"pooling_mode_mean_tokens": true}',
        "modules.json": b"[]",
        "model.safetensors.index.json": json.dumps(index).encode(),
    }
    files = {name: File(content, False) for name, content in small.items()}
    files |= {name: File(content, True) for name, content in shards.items()}
    files["onnx/model.onnx"] = File(b"unwanted", True)
    return files


WANTED = [
    "1_Pooling/config.json",
    "config.json",
    "model-00001-of-00002.safetensors",
    "model-00002-of-00002.safetensors",
    "model.safetensors.index.json",
    "modules.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "vocab.txt",
]


class Hub:
    """Two servers: the Hub, and the one that it redirects to for large files."""

    def __init__(self, files: dict[str, File], bytes_per_second: float | None = None):
        self.files = files
        self.bytes_per_second = bytes_per_second
        self.requests: list[tuple[str, str]] = []
        self.leaks: list[str] = []
        self.bytes_sent = 0
        self.lock = threading.Lock()
        self.blobs = self._serve(self._answer_blob)
        self.hub = self._serve(self._answer)
        self.endpoint = f"http://127.0.0.1:{self.hub.server_port}"

    def stop(self) -> None:
        for server in (self.hub, self.blobs):
            server.shutdown()
            server.server_close()

    def _serve(self, answer) -> ThreadingHTTPServer:
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                with hub.lock:
                    hub.requests.append((self.command, self.path))
                answer(self)

            do_HEAD = do_GET

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        path = unquote(urlsplit(request.path).path)
        api = f"/api/models/{REPOSITORY}"
        if path in (api, f"{api}/revision/main", f"{api}/revision/{COMMIT}"):
            siblings = [{"rfilename": name, "size": len(file.content)} for name, file in self.files.items()]
            return self._json(request, {"id": REPOSITORY, "modelId": REPOSITORY, "sha": COMMIT, "siblings": siblings})
        if path in (f"{api}/tree/main", f"{api}/tree/{COMMIT}"):
            return self._json(request, [self._entry(name, file) for name, file in self.files.items()])
        for revision in ("main", COMMIT):
            prefix = f"/{REPOSITORY}/resolve/{revision}/"
            if path.startswith(prefix):
                return self._file(request, path.removeprefix(prefix))
        self._error(request, "RepoNotFound")

    @staticmethod
    def _entry(name: str, file: File) -> dict:
        entry = {"type": "file", "path": name, "size": len(file.content), "oid": file.sha1}
        if file.is_large:
            entry["lfs"] = {"oid": file.sha256, "size": len(file.content), "pointerSize": 134}
        return entry

    def _file(self, request: BaseHTTPRequestHandler, name: str) -> None:
        file = self.files.get(name)
        if file is None:
            return self._error(request, "EntryNotFound")
        if not file.is_large:
            return self._content(request, file, {"ETag": f'"{file.etag}"', "X-Repo-Commit": COMMIT})
        request.send_response(302)
        request.send_header("X-Repo-Commit", COMMIT)
        request.send_header("X-Linked-Etag", f'"{file.etag}"')
        request.send_header("X-Linked-Size", str(len(file.content)))
        request.send_header("Location", f"http://127.0.0.1:{self.blobs.server_port}/{file.etag}?signature=1")
        request.send_header("Content-Length", "0")
        request.end_headers()

    def _answer_blob(self, request: BaseHTTPRequestHandler) -> None:
        if "Authorization" in request.headers:
            self.leaks.append(request.path)
        etag = urlsplit(request.path).path.removeprefix("/")
        file = next(file for file in self.files.values() if file.etag == etag)
        self._content(request, file, {"ETag": '"of-the-storage"'})

    def _content(self, request: BaseHTTPRequestHandler, file: File, headers: dict[str, str]) -> None:
        content, total = file.content, len(file.content)
        span = request.headers.get("Range", "")
        status = 200
        if span.startswith("bytes="):
            first, _, last = span.removeprefix("bytes=").partition("-")
            begin, end = int(first), min(int(last) if last else total - 1, total - 1)
            content, status = content[begin : end + 1], 206
            headers = headers | {"Content-Range": f"bytes {begin}-{end}/{total}"}
        request.send_response(status)
        for name, value in (headers | {"Content-Length": str(len(content)), "Accept-Ranges": "bytes"}).items():
            request.send_header(name, value)
        request.end_headers()
        if request.command != "HEAD":
            self._send(request, content)

    def _send(self, request: BaseHTTPRequestHandler, content: bytes) -> None:
        step = len(content) if self.bytes_per_second is None else 16384
        for start in range(0, len(content), max(step, 1)):
            piece = content[start : start + step]
            try:
                request.wfile.write(piece)
            except OSError:
                request.close_connection = True
                return
            with self.lock:
                self.bytes_sent += len(piece)
            if self.bytes_per_second is not None:
                time.sleep(len(piece) / self.bytes_per_second)

    @staticmethod
    def _json(request: BaseHTTPRequestHandler, value: object) -> None:
        text = json.dumps(value).encode()
        request.send_response(200)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(text)))
        request.end_headers()
        if request.command != "HEAD":
            request.wfile.write(text)

    @staticmethod
    def _error(request: BaseHTTPRequestHandler, code: str) -> None:
        request.send_response(404)
        request.send_header("X-Error-Code", code)
        request.send_header("X-Repo-Commit", COMMIT)
        request.send_header("Content-Length", "0")
        request.end_headers()
