#!/usr/bin/env python3
"""Reads a journal's directory as docs/journal-format.md describes it and prints one JSON object per unit, then one with the state.

usage: reader.py DIRECTORY
"""
import base64
import datetime
import json
import os
import struct
import sys
import uuid


def make_table():
    table = []
    for i in range(256):
        crc = i
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
        table.append(crc)
    return table


TABLE = make_table()


def crc(*parts):
    value = 0xFFFFFFFF
    for part in parts:
        for byte in part:
            value = TABLE[(value ^ byte) & 0xFF] ^ (value >> 8)
    return value ^ 0xFFFFFFFF


assert crc(b"123456789") == 0xE3069283


class Malformed(Exception):
    pass


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, size):
        if self.at + size > len(self.data):
            raise Malformed("short")
        part = self.data[self.at:self.at + size]
        self.at += size
        return part

    def number(self, form):
        return struct.unpack("<" + form, self.take(struct.calcsize("<" + form)))[0]

    def varint(self):
        value = shift = 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def text(self):
        return self.take(self.varint())

    def uuid(self):
        return str(uuid.UUID(bytes=self.take(16)))

    def done(self):
        return self.at == len(self.data)


def checked(path, magic, versions=(1,)):
    data = open(path, "rb").read()
    if crc(data[:-4]) != struct.unpack("<I", data[-4:])[0]:
        raise Malformed(f"{path}: crc")
    reader = Reader(data[:-4])
    if reader.take(8) != magic:
        raise Malformed(f"{path}: magic")
    reader.version = reader.number("I")
    if reader.version not in versions:
        raise Malformed(f"{path}: version {reader.version}")
    return reader


def time_text(ms):
    at = datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=ms)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03d}Z"


def put_text(target, name, data):
    try:
        target[name] = data.decode("utf-8")
    except UnicodeDecodeError:
        target[name + "_base64"] = base64.b64encode(data).decode()


def read_unit(body, group):
    r = Reader(body)
    unit = {"unit": r.number("Q"), "group": group, "recorded_at": time_text(r.number("q"))}
    put_text(unit, "source", r.text())
    unit["items_decoded"], unit["duplicates"] = r.varint(), r.varint()
    unit["messages"] = []
    for _ in range(r.varint()):
        message = {"id": r.uuid(), "fingerprint": f"{r.number('Q'):016x}"}
        flags = r.number("B")
        message["dedupe"], message["conflict"], message["counted"] = bool(flags & 1), bool(flags & 2), bool(flags & 4)
        if flags & 8:
            message["sequence"] = {}
            put_text(message["sequence"], "scope", r.text())
            message["sequence"]["value"] = r.varint()
        message["topics"] = []
        for _ in range(r.varint()):
            topic = {}
            put_text(topic, "topic", r.text())
            topic["sbseq"] = r.varint()
            message["topics"].append(topic)
        put_text(message, "key", r.text())
        put_text(message, "value", r.text())
        message["attributes"] = []
        for _ in range(r.varint()):
            attribute = {}
            put_text(attribute, "name", r.text())
            put_text(attribute, "value", r.text())
            message["attributes"].append(attribute)
        unit["messages"].append(message)
    unit["blobs"] = []
    for _ in range(r.varint()):
        blob = {}
        put_text(blob, "reference", r.text())
        blob["bytes_base64"] = base64.b64encode(r.text()).decode()
        unit["blobs"].append(blob)
    unit["puts"] = []
    for _ in range(r.varint()):
        put = {}
        for name in ("space", "key", "value"):
            put_text(put, name, r.text())
        unit["puts"].append(put)
    if not r.done():
        raise Malformed(f"unit {unit['unit']}")
    return unit


class Intervals:
    LIMIT = 256

    def __init__(self, pairs=()):
        self.pairs = [list(p) for p in pairs]

    def take(self, value):
        if any(a <= value <= b for a, b in self.pairs):
            return
        merged = []
        for pair in sorted(self.pairs + [[value, value]]):
            if merged and merged[-1][1] + 1 == pair[0]:
                merged[-1][1] = pair[1]
            else:
                merged.append(pair)
        if len(merged) > self.LIMIT:
            merged[0:2] = [[merged[0][0], merged[1][1]]]
        self.pairs = merged


class Journal:
    def __init__(self, directory):
        self.directory = directory
        identity = checked(os.path.join(directory, "identity"), b"SWBDIDNT")
        self.id = identity.uuid()
        self.salt = identity.number("Q")
        self.topics, self.scopes, self.sources, self.state, self.runs = {}, {}, {}, {}, []
        self.position = (0, 0, 0)  # group, unit, chain
        self.snapshot = False
        self.load_snapshot()

    def load_snapshot(self):
        where = os.path.join(self.directory, "snapshots")
        names = sorted(n for n in os.listdir(where) if n.endswith(".snapshot"))
        if not names:
            return
        r = checked(os.path.join(where, names[-1]), b"SWBDSNAP", versions=(1, 2))
        r.uuid()
        self.snapshot = True
        self.position = (r.number("Q"), r.number("Q"), r.number("I"))
        r.number("q")
        for _ in range(r.varint()):
            name = r.text().decode()
            self.topics[name] = r.varint()
        for _ in range(r.varint()):
            scope = r.text().decode()
            if r.version > 1:
                r.number("q")
            self.scopes[scope] = Intervals([(r.varint(), r.varint()) for _ in range(r.varint())])
        for _ in range(r.varint()):
            source = r.text().decode()
            self.sources[source] = [r.varint(), r.varint(), r.varint()]
        for _ in range(r.varint()):
            space, key = r.text().decode(), r.text().decode()
            self.state[(space, key)] = r.text().decode()
        for _ in range(r.varint()):
            self.runs.append(r.text().decode())
        if not r.done():
            raise Malformed("snapshot")

    def entries(self):
        """Of the dedupe runs, each checked."""
        total = 0
        for name in self.runs:
            data = open(os.path.join(self.directory, "dedupe", name), "rb").read()
            r = Reader(data)
            if r.take(8) != b"SWBDEDUP" or r.number("I") != 1:
                raise Malformed(name)
            entries_crc, _day, count, header_crc = r.number("I"), r.number("q"), r.number("Q"), r.number("I")
            entries = data[64:]
            if header_crc != crc(data[:32]) or entries_crc != crc(entries) or len(entries) != 24 * count:
                raise Malformed(name)
            ids = [entries[i:i + 16] for i in range(0, len(entries), 24)]
            if ids != sorted(set(ids)):
                raise Malformed(name + ": order")
            total += count
        return total

    def groups(self):
        where = os.path.join(self.directory, "segments")
        numbers = sorted(int(n[:20]) for n in os.listdir(where) if n.endswith(".segment"))
        expected = None  # segment, group, unit, chain
        for number in numbers:
            data = open(os.path.join(where, f"{number:020d}.segment"), "rb").read()
            epoch = (self.salt + number) % 2**64
            if len(data) < 68 or crc(data[:64]) != struct.unpack("<I", data[64:68])[0]:
                return
            r = Reader(data)
            if r.take(8) != b"SWBJRSEG" or r.number("I") != 1:
                return
            chain = r.number("I")
            r.uuid()
            head = (r.number("Q"), r.number("Q"))
            group, unit = r.number("Q"), r.number("Q")
            if head != (number, epoch):
                return
            if expected is None:
                if not self.snapshot and (group, chain) != (1, 0):
                    raise Malformed("the first segments are missing")
            elif (number, group, unit, chain) != expected:
                return
            offset = 512
            seed = struct.pack("<Q", epoch)
            while True:
                header = data[offset:offset + 64]
                if len(header) < 64 or header[:4] != b"SGRP" or crc(seed, header[:60]) != struct.unpack("<I", header[60:])[0]:
                    break
                (units, at, first, _recorded, _durable, length, before, units_crc, flags, next_chain,
                 own) = struct.unpack("<IQQqQIIIIII", header[4:])
                gap = flags & 1
                if before != chain or first != unit or (at < group if gap else at != group):
                    break
                bodies = [] if gap else split(data[offset + 64:offset + 64 + length], seed, units_crc)
                if bodies is None or (not gap and len(bodies) != units):
                    break
                yield at, first, bodies
                group, unit, chain = at + 1, first + units, next_chain if gap else own
                offset = (offset + 64 + length + 511) // 512 * 512
            expected = (number + 1, group, unit, chain)

    def apply(self, unit):
        decoded, appended, duplicates = self.sources.get(unit["source"], [0, 0, 0])
        self.sources[unit["source"]] = [decoded + unit["items_decoded"],
                                        appended + sum(m["counted"] for m in unit["messages"]),
                                        duplicates + unit["duplicates"]]
        for message in unit["messages"]:
            for topic in message["topics"]:
                self.topics[topic["topic"]] = max(self.topics.get(topic["topic"], 0), topic["sbseq"])
            if "sequence" in message:
                self.scopes.setdefault(message["sequence"]["scope"], Intervals()).take(message["sequence"]["value"])
        for put in unit["puts"]:
            if put["value"]:
                self.state[(put["space"], put["key"])] = put["value"]
            else:
                self.state.pop((put["space"], put["key"]), None)


def split(units, seed, units_crc):
    bodies, sums, at = [], b"", 0
    while at < len(units):
        length, own = struct.unpack("<II", units[at:at + 8])
        body = units[at + 8:at + 8 + length]
        if len(body) != length or crc(seed, body) != own:
            return None
        bodies.append(body)
        sums += units[at + 4:at + 8]
        at += 8 + length
    return bodies if crc(sums) == units_crc else None


def main():
    journal = Journal(sys.argv[1])
    last = journal.position[1]
    for group, first, bodies in journal.groups():
        for i, body in enumerate(bodies):
            unit = read_unit(body, group)
            if unit["unit"] != first + i:
                raise Malformed("unit number")
            print(json.dumps(unit, sort_keys=True, ensure_ascii=False))
            if unit["unit"] > journal.position[1]:
                journal.apply(unit)
            last = max(last, unit["unit"])
    print(json.dumps({"journal": journal.id, "last_unit": last, "dedupe_entries": journal.entries(),
                      "topics": sorted(journal.topics.items()),
                      "scopes": sorted((k, v.pairs) for k, v in journal.scopes.items()),
                      "sources": sorted((k, *v) for k, v in journal.sources.items()),
                      "state": sorted((*k, v) for k, v in journal.state.items())}))


if __name__ == "__main__":
    main()
