"""Writes normalization rules as SentencePiece's precompiled map: a double-array trie over UTF-8 (Yata's Darts-clone, as
the `spm_precompiled` crate reads it), then the replacements, each ended by a zero byte."""

import base64
import struct
import unicodedata

REMOVED = [*range(0x01, 0x09), 0x0B, *range(0x0E, 0x20), 0x7F, 0x8F, 0x9F]
SPACES = [0x09, 0x0A, 0x0C, 0x0D, 0x1680, *range(0x200B, 0x2010), 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD]


def nmt_nfkc(ranges, letters, marks):
    """Rules in the manner of SentencePiece's `nmt_nfkc`: for the scalars of some ranges, and letters with marks."""
    rules = {}
    for low, high in ranges:
        for scalar in map(chr, range(low, high)):
            composed = unicodedata.normalize("NFKC", scalar)
            if composed != scalar:
                rules[scalar] = composed
    for letter in letters:
        for mark in marks:
            composed = unicodedata.normalize("NFKC", letter + mark)
            if composed != letter + mark:
                rules[letter + mark] = composed
    rules |= {chr(value): "" for value in REMOVED}
    return rules | {chr(value): " " for value in SPACES}


SMALL = nmt_nfkc(
    [(0xA0, 0x250), (0x2000, 0x2150), (0x2460, 0x2474), (0x3000, 0x3004), (0xFB00, 0xFB07), (0xFF01, 0xFFA0)],
    "aeinouAEO", map(chr, range(0x300, 0x30D)))
LARGE = nmt_nfkc(
    [(0xA0, 0xD7B0), (0xF900, 0x10000), (0x1D400, 0x1D500)],
    [c for low, high in ((0x41, 0x7B), (0x391, 0x3CA), (0x410, 0x450)) for c in map(chr, range(low, high))],
    [*map(chr, range(0x300, 0x315)), "\u0323", "\u0327", "\u0328"])


def precompiled(rules):
    """The map of these rules, in base64."""
    pool, values = bytearray(), {}
    for content in sorted(set(rules.values())):
        values[content] = len(pool)
        pool += content.encode() + b"\0"
    tree = {}
    for pattern, content in rules.items():
        node = tree
        for byte in pattern.encode():
            node = node.setdefault(byte, {})
        node[0] = values[content]
    units = double_array(tree)
    trie = struct.pack(f"<{len(units)}I", *units)
    return base64.b64encode(struct.pack("<I", len(trie)) + trie + bytes(pool)).decode()


def double_array(tree):
    units, used = {}, {0}
    pending, first = [(0, 0, tree)], 1
    while pending:
        position, label, node = pending.pop()
        while first in used:
            first += 1
        base = first
        while any((base ^ key) in used for key in node):
            base += 1
        offset = position ^ base
        assert offset < 1 << 21
        units[position] = label | (0x100 if 0 in node else 0) | offset << 10
        used.update(base ^ key for key in node)
        for key, child in node.items():
            if key == 0:
                units[base] = child | 1 << 31
            else:
                pending.append((base ^ key, key, child))
    size = (max(used) | 0xFF) + 1
    return [units.get(position, 0) for position in range(size)]
