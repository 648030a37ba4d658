#!/usr/bin/python3
"""check_export.py EXPORT [PUBLIC.pem]: is this export of Pult's journal whole and unchanged?

Needs nothing of Pult: Python, and openssl(1) for the signature. PUBLIC.pem must have come from the
company by another way than the export itself. Prints what holds; exit status 1 where something does not.
"""
import hashlib
import json
import subprocess
import sys
import tempfile


def check(lines):
    head, events, end = json.loads(lines[0]), lines[1:-1], json.loads(lines[-1])
    # chain(n) = SHA-256(chain(n-1) followed by the bytes of event n); chain(0) is of the journal's id.
    chain = bytes.fromhex(head["before"])
    if head["from"] == 1 and chain != hashlib.sha256(head["journal"].encode()).digest():
        return "the export does not begin where its journal does"
    for number, raw in enumerate(events, head["from"]):
        if int(json.loads(raw)["sequence"]) != number:
            return "event %d is missing" % number
        chain = hashlib.sha256(chain + raw).digest()
    if len(events) != head["to"] - head["from"] + 1:
        return "event %d is missing" % (head["from"] + len(events))
    return None if chain.hex() == end["chain"] else "the events are not those that were exported"


def check_signature(lines, public):
    end = json.loads(lines[-1])
    with tempfile.NamedTemporaryFile() as text, tempfile.NamedTemporaryFile() as signature:
        text.write(lines[0] + b"\n" + end["chain"].encode() + b"\n")
        signature.write(bytes.fromhex(end.get("signature", "")))
        text.flush(), signature.flush()
        done = subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", public, "-rawin",
                               "-in", text.name, "-sigfile", signature.name], capture_output=True)
    return None if done.returncode == 0 else "the signature is not of this key and this export"


with open(sys.argv[1], "rb") as file:
    lines = file.read().splitlines()
fault = check(lines) or (check_signature(lines, sys.argv[2]) if len(sys.argv) > 2 else None)
print(fault or "%d events, whole and unchanged%s" % (
    len(lines) - 2, ", signed" if len(sys.argv) > 2 else "; the signature was not checked"))
sys.exit(1 if fault else 0)
