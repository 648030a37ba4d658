#!/usr/bin/python3
"""`pult`: every command against a broker; JSON Lines on a pipe; the exit codes of PROTOCOL §6."""
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from harness import BUILD, ROOT, Broker, has, main, same, test
from pultbus import event

PULT = os.path.join(BUILD, "pult")
PREMISES = os.path.join(ROOT, "config", "demo", "premises.csv")
NETWORK = os.path.join(ROOT, "config", "demo", "network.csv")


def pult(broker, *words, given="", language="en", role=None):
    """(exit code, lines of standard output, standard error)"""
    command = [PULT, *words, "--lang", language]
    if broker is not None:
        command += ["--bus", broker.requests]
    if role:
        command += ["--role", role]
    done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout.splitlines(), done.stderr


def import_demo(broker):
    for kind, file in (("network", NETWORK), ("premises", PREMISES)):
        code, _, error = pult(broker, "import", kind, file)
        same((code, error), (0, ""))


@test
def events_go_in_as_lines_and_results_come_out_as_lines(broker):
    lines = [json.dumps({"type": "log.entry", "data": {"text": "n%d" % n}}) for n in range(3)]
    code, out, error = pult(broker, "publish", given="\n".join(lines) + "\n")
    same((code, error), (0, ""))
    sequences = [json.loads(line)["sequence"] for line in out]
    same(sequences, list(range(sequences[0], sequences[0] + 3)))


@test
def a_bad_event_is_named_by_its_line_and_the_others_go_in(broker):
    good = json.dumps({"type": "log.entry", "data": {"text": "good"}})
    bad = json.dumps({"type": "log.entry", "data": {"txt": "bad"}})
    code, out, error = pult(broker, "publish", given="%s\n%s\n%s\n" % (good, bad, good))
    same((code, len(out)), (3, 2))
    assert error.startswith("2: pult: "), error


@test
def the_same_event_twice_is_one(broker):
    line = json.dumps({"specversion": "1.0", "id": "twice", "type": "log.entry",
                       "data": {"text": "once"}})
    first = json.loads(pult(broker, "publish", given=line)[1][0])
    again = json.loads(pult(broker, "publish", given=line)[1][0])
    same((first["sequence"], again["duplicate"]), (again["sequence"], True))


@test
def tail_prints_every_event_once_and_goes_on_from_its_state_file(broker):
    bus = broker.bus()
    bus.put("log.entry", {"text": "before"})
    with tempfile.TemporaryDirectory() as directory:
        state = os.path.join(directory, "state")
        _, all_lines, _ = pult(broker, "tail", "--from", "start", "--once")
        _, first, _ = pult(broker, "tail", "--from", "start", "--once", "--state", state)
        same(first, all_lines)
        same([int(json.loads(line)["sequence"]) for line in first],
             list(range(1, len(first) + 1)))
        number = bus.put("log.entry", {"text": "after"})["sequence"]
        _, second, _ = pult(broker, "tail", "--from", "start", "--once", "--state", state)
        same([int(json.loads(line)["sequence"]) for line in second], [number])


@test
def a_state_file_of_another_journal_is_not_believed(broker):
    with tempfile.TemporaryDirectory() as directory:
        state = os.path.join(directory, "state")
        with open(state, "w", encoding="ascii") as file:
            file.write("1 00000000-0000-0000-0000-000000000000\n")
        code, out, error = pult(broker, "tail", "--once", "--state", state)
        same((code, out), (6, []))
        assert "another journal" in error, error


@test
def eta_is_set_and_told(broker):
    import_demo(broker)
    account = next(line.split(",")[0] for line in open(PREMISES, encoding="utf-8")
                   if not line.startswith("account"))
    bus = broker.bus()
    opened = bus.put("incident.opened", {"kind": "outage", "accounts": [account]})
    code, out, error = pult(broker, "eta", "set", str(opened["incident"]), "+90", "--note", "crew")
    same((code, error), (0, ""))
    for words in (("--account", account), ("--incident", str(opened["incident"]))):
        code, out, error = pult(broker, "eta", "get", *words)
        same((code, error), (0, ""))
        rows = [json.loads(line) for line in out]
        mine = [row for row in rows if row.get("incident") == opened["incident"]]
        assert mine and mine[0]["eta"]["source"] == "dispatcher" and mine[0]["say"], rows


@test
def what_is_asked_for_wrongly_has_its_own_exit_code(broker):
    same(pult(broker, "query", "nothing")[0], 3)
    same(pult(broker, "query", "incidents", "stat=open")[0], 3)
    same(pult(broker, "query", "incidents", "state=sometimes")[0], 3)
    same(pult(broker, "query", "eta", "account=nobody")[0], 5)
    same(pult(broker, "eta", "set", "999999", "+5")[0], 5)
    same(pult(broker, "eta", "set", "1", "soon")[0], 3)
    same(pult(broker, "publish", given='{"type":"eta.set","data":{"incident":1}}\n',
              role="observer")[0], 4)
    same(pult(broker, "frobnicate")[0], 2)
    same(pult(broker, "query", "incidents", "nonsense")[0], 2)
    same(pult(broker, "tail", "--from", "yesterday")[0], 2)
    for words in (("publish", "--nothing"), ("query", "--nothing", "stats"), ("verify", "-x"),
                  ("check", "--nothing"), ("tail", "--nothing"), ("schema", "--nothing")):
        same(pult(broker, *words)[0], 2, " ".join(words))
    code, _, error = pult(broker, "query", "stats", language="de")
    same(code, 2)
    assert "ru" in error and "en" in error, error


@test
def without_a_broker_it_says_so_in_the_language_asked_for(broker):
    done = subprocess.run([PULT, "query", "stats", "--bus", "ipc:///tmp/no-such-pult.sock",
                           "--lang", "ru"], capture_output=True, text=True, timeout=60)
    same(done.returncode, 8)
    assert "Шина ipc:///tmp/no-such-pult.sock" in done.stderr, done.stderr


@test
def a_csv_is_imported_whole_or_not_at_all(broker):
    with tempfile.TemporaryDirectory() as directory:
        file = os.path.join(directory, "p.csv")
        header = ("account,node,settlement,street,house,flat,applicant,reliability,critical,"
                  "name,phone\n")
        with open(file, "w", encoding="utf-8") as out:
            out.write(header + "cmd-1,,,,1,,person,3,,,\ncmd-2,,,,2,,nobody,3,,,\n")
        code, _, error = pult(broker, "import", "premises", file)
        same(code, 3)
        assert "3" in error, error  # the line
        same(pult(broker, "query", "eta", "account=cmd-1")[0], 5)
        same(pult(broker, "import", "premises", file + ".absent")[0], 5)


@test
def help_names_every_command_in_both_languages(broker):
    for language in ("en", "ru"):
        code, out, _ = pult(None, "help", language=language)
        same(code, 0)
        for name in ("publish", "tail", "query", "schema", "eta", "import", "check", "verify",
                     "demo", "simulate", "console", "intake", "help"):
            assert any(line.startswith("  pult " + name) for line in out), (language, name)
    assert any("incidents" in line for line in pult(None, "help", "query")[1])


@test
def schemas_are_printed(broker):
    code, out, _ = pult(broker, "schema", "eta.set")
    same((code, json.loads(out[0])["type"]), (0, "eta.set"))
    assert len(pult(broker, "schema")[1]) > 30


@test(own=True)
def verify_refuses_a_running_broker_and_agrees_with_a_stopped_one():
    with Broker() as broker:
        broker.bus().put("log.entry", {"text": "t"})
        same(pult(None, "verify", broker.data)[0], 6)
        head = broker.bus().hello()
        broker.stop()
        code, out, _ = pult(None, "verify", broker.data)
        same((code, len(out)), (0, 1))
        has(json.loads(out[0]), right=True, journal=head["journal"], events=head["head"], chain=head["chain"], ids=1)


@test
def the_configuration_is_checked(broker):
    same(pult(None, "check", os.path.join(broker.directory, "busd.yaml"))[0], 0)
    with tempfile.TemporaryDirectory() as directory:
        file = os.path.join(directory, "busd.yaml")
        with open(file, "w", encoding="utf-8") as out:
            out.write("zoen: Europe/Moscow\n")
        for language, word in (("en", "there is no key zoen"), ("ru", "ключа zoen нет")):
            code, _, error = pult(None, "check", file, language=language)
            same(code, 3)
            same(error.count(file), 1, error)  # the place is said once
            assert word in error, error


if __name__ == "__main__":
    main()
