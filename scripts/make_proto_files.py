#!/usr/bin/env python3
"""Writes what reflection tells of protos/ as a file of Swift, by protoc (`pip install grpcio-tools`).

    scripts/make_proto_files.py [--check]

With --check it writes nothing, and fails if the file is not what it would write.
"""

import base64
import pathlib
import sys
import tempfile
import textwrap

from google.protobuf import descriptor_pb2
from grpc_tools import protoc

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROTOS = ROOT / "protos"
SWIFT = ROOT / "Sources" / "HTTP" / "GRPC" / "ProtoFile+All.swift"
HEAD = """\
// Made by scripts/make_proto_files.py out of protos/: not to be edited.

extension ProtoFile {
    /// The files of all services.
    static let all = [
"""


def symbols(file):
    """The full names of all that a file declares."""

    def of(package, messages, enums):
        for message in messages:
            name = f"{package}.{message.name}"
            # The entries of maps are nobody's names.
            if not message.options.map_entry:
                yield name
                yield from of(name, message.nested_type, message.enum_type)
        for enum in enums:
            yield f"{package}.{enum.name}"

    yield from of(file.package, file.message_type, file.enum_type)
    for service in file.service:
        yield f"{file.package}.{service.name}"
        for method in service.method:
            yield f"{file.package}.{service.name}.{method.name}"


def swift(files):
    """The text of the file of Swift."""
    text = HEAD
    for file in files:
        names = textwrap.wrap(" ".join(symbols(file)), 100, break_on_hyphens=False)
        bytes_ = textwrap.wrap(base64.b64encode(file.SerializeToString()).decode(), 100)
        services = ", ".join(f'"{file.package}.{service.name}"' for service in file.service)
        text += f'        ProtoFile(\n            name: "{file.name}", services: [{services}],\n'
        for label, lines in (("symbols", names), ("base64", bytes_)):
            # A backslash keeps lines together, where no space is between them.
            end = "\n" if label == "symbols" else "\\\n"
            text += f'            {label}: """\n                ' + f"{end}                ".join(lines)
            text += '\n                """' + ("),\n" if label == "base64" else ",\n")
    return text + "    ]\n}\n"


def main():
    with tempfile.TemporaryDirectory() as work:
        out = pathlib.Path(work) / "files"
        paths = sorted(str(path.relative_to(PROTOS)) for path in PROTOS.rglob("*.proto"))
        if protoc.main(["protoc", f"-I{PROTOS}", f"--descriptor_set_out={out}", *paths]) != 0:
            sys.exit("protoc refused the files")
        text = swift(descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes()).file)
    if "--check" in sys.argv[1:]:
        sys.exit(0 if SWIFT.exists() and SWIFT.read_text() == text else f"{SWIFT} is not what protos/ say")
    SWIFT.parent.mkdir(exist_ok=True)
    SWIFT.write_text(text)


main()
