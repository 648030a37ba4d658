#!/usr/bin/python3
"""A signed export, checked by the script of docs/examples with nothing of Pult's."""
import json
import os
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from harness import BUILD, ROOT, main, same, test

CHECK = os.path.join(ROOT, "docs", "examples", "check_export.py")


def pult(broker, *words):
    done = subprocess.run([os.path.join(BUILD, "pult"), "--lang", "en", *words], capture_output=True,
                          env=dict(os.environ, PULT_BUS=broker.requests))
    return done.returncode, done.stdout, done.stderr.decode()


def keys(directory, name="audit"):
    secret, public = (os.path.join(directory, name + end) for end in (".pem", ".pub.pem"))
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", secret], check=True)
    os.chmod(secret, 0o600)
    subprocess.run(["openssl", "pkey", "-in", secret, "-pubout", "-out", public], check=True)
    return secret, public


def check(text, public=None):
    with tempfile.NamedTemporaryFile() as file:
        file.write(text)
        file.flush()
        done = subprocess.run(["/usr/bin/python3", CHECK, file.name, *([public] if public else [])],
                              capture_output=True, text=True)
    return done.returncode, done.stdout.strip()


def fill(broker, count=30):
    bus = broker.bus("dispatcher")
    for number in range(count):
        bus.put("log.entry", {"text": "запись %d" % number})
    return bus.hello()["head"]


@test
def a_third_party_checks_an_export_and_its_signature(broker):
    head = fill(broker)
    with tempfile.TemporaryDirectory() as directory:
        secret, public = keys(directory)
        for span in ((), ("--from", "7", "--to", "19"), ("--from", str(head))):
            status, text, said = pult(broker, "export", "--sign", secret, *span)
            same((status, said), (0, ""))
            status, said = check(text, public)
            same(status, 0, said)
            assert said.endswith("whole and unchanged, signed"), said
        same(len(pult(broker, "export", "--from", "7", "--to", "19")[1].splitlines()), 15)
        same(check(pult(broker, "export")[1])[0], 0)
        same(check(pult(broker, "export")[1], public)[0], 1)  # not signed at all
        same(check(text, keys(directory, "other")[1])[0], 1)


@test
def every_change_of_an_export_is_found(broker):
    fill(broker, 5)
    dice = random.Random(5)
    with tempfile.TemporaryDirectory() as directory:
        secret, public = keys(directory)
        text = pult(broker, "export", "--sign", secret)[1]
        lines = text.splitlines(keepends=True)
        for _ in range(60):
            bad = list(lines)
            kind = dice.choice(("bit", "drop", "swap", "double", "end"))
            at = dice.randrange(1, len(lines) - 1)
            if kind == "bit":
                raw = bytearray(bad[at])
                raw[dice.randrange(len(raw) - 1)] ^= 1 << dice.randrange(8)
                bad[at] = bytes(raw)
            elif kind == "drop":
                del bad[at]
            elif kind == "swap" and at > 1:
                bad[at], bad[at - 1] = bad[at - 1], bad[at]
            elif kind == "double":
                bad.insert(at, bad[at])
            else:
                head = json.loads(bad[0])
                head["by"] = "pult:user:other"
                bad[0] = json.dumps(head).encode() + b"\n"
            assert check(b"".join(bad), public)[0] != 0, (kind, at)


@test
def bad_words_keys_and_roles_are_refused(broker):
    fill(broker, 3)
    with tempfile.TemporaryDirectory() as directory:
        secret, _ = keys(directory)
        os.chmod(secret, 0o644)
        same(pult(broker, "export", "--sign", secret)[0], 4)
        same(pult(broker, "export", "--sign", directory + "/none.pem")[0], 5)
        with open(directory + "/x.pem", "w", encoding="ascii") as file:
            file.write("no key\n")
        os.chmod(directory + "/x.pem", 0o600)
        same(pult(broker, "export", "--sign", directory + "/x.pem")[0], 3)
    same(pult(broker, "export", "--from", "x")[0], 2)
    same(pult(broker, "export", "--from", "99999999")[0], 5)
    same(pult(broker, "--role", "operator", "export")[0], 4)


@test
def a_witness_compares_the_chain_it_remembers(broker):
    bus = broker.bus("dispatcher")
    answer = bus.ask("publish", {"specversion": "1.0", "id": "witness-1", "type": "log.entry",
                                 "data": {"text": "x"}})
    fill(broker, 3)
    row = bus.query("chain", sequence=answer["head"])[0]
    same((row["sequence"], row["chain"]), (answer["head"], answer["chain"]))
    same(bus.refusal("query", {"name": "chain", "args": {"sequence": 99999999}}).code, "not_found")
    same(bus.refusal("query", {"name": "chain", "args": {}}).code, "invalid")


if __name__ == "__main__":
    main()
