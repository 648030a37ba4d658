#!/usr/bin/python3
"""The examples of README.md and docs/*/scripts.md are run as they stand, with the demo company on the broker.

A block ```python file=NAME is written to NAME, one ```sh run is given to sh; a Python file is run where a ```text block follows it,
which says what is printed: `…` stands for anything within a line. Both languages have the same blocks.
"""
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from harness import BUILD, ROOT, Broker, main, same, test

BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.M | re.S)


def blocks_of(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return BLOCK.findall(file.read())


def run(command, directory, broker):
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=60, env=dict(
        os.environ, PULT_BUS=broker.requests, PATH="%s:/usr/bin:/bin" % BUILD, LC_ALL="C.UTF-8",
        PYTHONDONTWRITEBYTECODE="1"))
    assert done.returncode == 0, "%r ended with %d:\n%s%s" % (
        command, done.returncode, done.stdout, done.stderr)
    return done.stdout


def expect(said, wanted):
    pattern = "".join(".*" if part == "…" else re.escape(part) for part in re.split("(…)", wanted))
    assert re.fullmatch(pattern, said.replace("\n\n", "\n")), "wanted:\n%s\nprinted:\n%s" % (
        wanted, said)


def run_blocks(blocks, broker):
    """How many blocks were run."""
    import_demo(broker)
    count = 0
    with tempfile.TemporaryDirectory() as directory:
        for at, (language, words, text) in enumerate(blocks):
            following = blocks[at + 1] if at + 1 < len(blocks) else ("", "", "")
            command = None
            if language == "python":
                name = (re.search(r"file=(\S+)", words) or [None, "example.py"])[1]
                with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
                    file.write(text)
                if following[0] == "text":
                    command = ["/usr/bin/python3", name]
            elif language == "sh" and "run" in words.split():
                command = ["sh", "-ec", text]
            if command:
                count += 1
                said = run(command, directory, broker)
                if following[0] == "text":
                    expect(said, following[2])
    return count


def import_demo(broker):
    for kind in ("network", "premises"):
        run(["pult", "import", kind, os.path.join(ROOT, "config", "demo", kind + ".csv")], ROOT, broker)


@test(own=True)
def the_examples_for_scripts_do_what_they_say():
    with Broker() as broker:
        assert run_blocks(blocks_of("docs", "en", "scripts.md"), broker) >= 8


@test(own=True)
def both_languages_have_the_same_examples():
    same(blocks_of("docs", "ru", "scripts.md"), blocks_of("docs", "en", "scripts.md"))


@test(own=True)
def the_first_scripts_of_the_readme_work():
    with Broker() as broker:
        assert run_blocks(blocks_of("README.md"), broker) >= 2


@test(own=True)
def an_example_that_prints_something_else_is_noticed():
    with Broker() as broker:
        try:
            run_blocks([("sh", " run", "echo two\n"), ("text", "", "one\n")], broker)
        except AssertionError:
            return
    raise AssertionError("a wrong output passed")


if __name__ == "__main__":
    main()
