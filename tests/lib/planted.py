#!/usr/bin/python3
"""Bugs that are planted so that a test can be seen to catch them.

A bug is a patch; its first line says what must fail (`# expect: WORD`). It is applied to a copy of the
sources under the build directory, which is built.
"""
import os
import re
import shutil
import subprocess
import sys

import harness

COPIED = ("busd", "lib", "tui", "pult", "intake", "Makefile")


def bugs(folder):
    """(name, path, what it must make fail) of every patch in tests/FOLDER."""
    folder = os.path.join(harness.ROOT, "tests", folder)
    for file in sorted(os.listdir(folder)):
        if file.endswith(".patch"):
            path = os.path.join(folder, file)
            with open(path, encoding="utf-8") as patch:
                yield file[:-len(".patch")], path, re.match(r"# expect: (\w+)", patch.readline())[1]


def build(name, patch, programs=("busd",)):
    """The programs with the bug; the first one's path."""
    copy = os.path.join(harness.BUILD, "planted", name)
    shutil.rmtree(copy, ignore_errors=True)
    os.makedirs(copy)
    for part in COPIED:
        source = os.path.join(harness.ROOT, part)
        if os.path.isdir(source):
            shutil.copytree(source, os.path.join(copy, part))
        else:
            shutil.copy2(source, copy)
    with open(patch, "rb") as file:
        done = subprocess.run(["patch", "-p1", "--no-backup-if-mismatch"], cwd=copy, stdin=file,
                              capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit("%s no longer applies; plant the bug anew:\n%s" % (patch, done.stdout))
    done = subprocess.run(["make", "-j2", "BUILD=build", *("build/" + program for program in programs)], cwd=copy,
                          capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit("%s does not build:\n%s" % (name, (done.stdout + done.stderr)[-3000:]))
    return os.path.join(copy, "build", programs[0])
