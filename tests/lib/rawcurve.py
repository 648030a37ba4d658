#!/usr/bin/python3
"""A CURVE client by hand (RFC 26), for what no library says: properties of one's own choice.

Only the standard library and libsodium, which libzmq itself stands on.
"""
import ctypes
import ctypes.util
import json
import os
import socket
import struct

import zmq.utils.z85

sodium = ctypes.CDLL(ctypes.util.find_library("sodium") or "libsodium.so.23")
GREETING = b"\xff" + b"\0" * 8 + b"\x7f" + b"\3\0" + b"CURVE".ljust(20, b"\0") + b"\0" + b"\0" * 31


def keypair():
    public, secret = ctypes.create_string_buffer(32), ctypes.create_string_buffer(32)
    sodium.crypto_box_keypair(public, secret)
    return public.raw, secret.raw


def box(text, nonce, public, secret):
    out = ctypes.create_string_buffer(len(text) + 16)
    assert sodium.crypto_box_easy(out, text, ctypes.c_ulonglong(len(text)), nonce, public, secret) == 0
    return out.raw


def unbox(text, nonce, public, secret):
    out = ctypes.create_string_buffer(max(1, len(text) - 16))
    assert sodium.crypto_box_open_easy(out, text, ctypes.c_ulonglong(len(text)), nonce, public, secret) == 0
    return out.raw[:len(text) - 16]


def property_bytes(name, value):
    return bytes([len(name)]) + name.encode() + struct.pack(">I", len(value)) + value


class RawCurve:
    """Connected, with the keys (own public, own secret, the server's public; Z85) and these properties."""

    def __init__(self, port, keys, properties):
        own_public, own_secret, self.server = (zmq.utils.z85.decode(key) for key in keys)
        self.short_public, self.short_secret = keypair()
        self.count = 0
        self.raw = socket.create_connection(("127.0.0.1", port))
        self.raw.settimeout(5)
        self.raw.sendall(GREETING)
        self.exactly(64)
        nonce = self.next_nonce()
        self.send(4, b"\x05HELLO\1\0" + b"\0" * 72 + self.short_public + nonce + box(
            b"\0" * 64, b"CurveZMQHELLO---" + nonce, self.server, self.short_secret))
        welcome = self.receive()[1]
        assert welcome.startswith(b"\x07WELCOME"), welcome
        inside = unbox(welcome[24:], b"WELCOME-" + welcome[8:24], self.server, self.short_secret)
        self.short_server, cookie = inside[:32], inside[32:]
        vouch_nonce = os.urandom(16)
        vouch = box(self.short_public + self.server, b"VOUCH---" + vouch_nonce, self.short_server, own_secret)
        nonce = self.next_nonce()
        inside = own_public + vouch_nonce + vouch + b"".join(property_bytes(*p) for p in properties)
        self.send(4, b"\x08INITIATE" + cookie + nonce + box(
            inside, b"CurveZMQINITIATE" + nonce, self.short_server, self.short_secret))
        ready = self.receive()[1]
        assert ready.startswith(b"\x05READY"), ready

    def next_nonce(self):
        self.count += 1
        return struct.pack(">Q", self.count)

    def exactly(self, count):
        found = b""
        while len(found) < count:
            more = self.raw.recv(count - len(found))
            if not more:
                raise EOFError
            found += more
        return found

    def send(self, flags, body):
        if len(body) > 255:
            self.raw.sendall(bytes([flags | 2]) + struct.pack(">Q", len(body)) + body)
        else:
            self.raw.sendall(bytes([flags, len(body)]) + body)

    def receive(self):
        flags = self.exactly(1)[0]
        size = self.exactly(8 if flags & 2 else 1)
        return flags, self.exactly(struct.unpack(">Q", size)[0] if flags & 2 else size[0])

    def message(self, frames):
        for number, frame in enumerate(frames):
            nonce = self.next_nonce()
            more = b"\1" if number + 1 < len(frames) else b"\0"
            self.send(0, b"\x07MESSAGE" + nonce + box(
                more + frame, b"CurveZMQMESSAGEC" + nonce, self.short_server, self.short_secret))

    def answer(self):
        """The frames of the next message; commands (PING) are passed over."""
        frames = []
        while True:
            body = self.receive()[1]
            inside = unbox(body[16:], b"CurveZMQMESSAGES" + body[8:16], self.short_server, self.short_secret)
            if inside[0] & 2:
                continue
            frames.append(inside[1:])
            if not inside[0] & 1:
                return frames

    def hello(self):
        self.message([b"hello", b"1", b'{"client":"forger","version":"1"}'])
        return json.loads(self.answer()[2])

    def close(self):
        self.raw.close()
