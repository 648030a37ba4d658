#!/usr/bin/python3
"""A voice menu in Python: reads what a caller keys in, line by line, and prints what to play to him.

    1 ACCOUNT            no power at this account
    2 ACCOUNT            when will it be back?
    3 ACCOUNT READING…   meter readings, a zone each

It speaks to the bus through `pult intake --line`, so that a call is on disk before the caller hears that it
was taken, and goes on taking calls while the bus is away. PULT names another pult.
"""
import itertools
import json
import os
import subprocess
import sys

KINDS = {"1": ("contact.outage_report", {"symptom": "no_power"}), "2": ("contact.restoration_query", {}),
         "3": ("contact.meter_reading", {})}


class Intake:
    """`pult intake --line`: one line for every contact, answers by its number."""

    def __init__(self):
        self.program = subprocess.Popen([os.environ.get("PULT", "pult"), "intake", "--line"], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.lines = itertools.count(1)

    def ask(self, line):
        number = next(self.lines)
        self.program.stdin.write(json.dumps(line, ensure_ascii=False) + "\n")
        self.program.stdin.flush()
        for answer in map(json.loads, self.program.stdout):
            if answer["line"] == number:
                return answer
        raise SystemExit("pult intake has ended")

    def close(self):
        self.program.stdin.close()
        self.program.wait()


def main():
    intake = Intake()
    for keyed in sys.stdin:
        choice, account, *readings = keyed.split()
        kind, data = KINDS[choice]
        data = dict(data, applicant="person", premise={"account": account})
        if readings:
            data["readings"] = [int(reading) for reading in readings]
        answer = intake.ask({"type": kind, "data": data})
        if "error" in answer:
            print(answer["error"]["message"])
        elif "slip" in answer:
            print("Обращение принято, временный номер %d." % answer["slip"])
        else:
            print("Номер обращения %s. %s" % (answer["reg_no"], answer["say"]))
        sys.stdout.flush()
    intake.close()


main()
