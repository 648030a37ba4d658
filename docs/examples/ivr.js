#!/usr/bin/env node
// A voice menu in Node: the same as ivr.py, with nothing but Node itself.
//
//   1 ACCOUNT            no power at this account
//   2 ACCOUNT            when will it be back?
//   3 ACCOUNT READING…   meter readings, a zone each
"use strict";

const { spawn } = require("node:child_process");
const readline = require("node:readline");

const KINDS = {
  1: ["contact.outage_report", { symptom: "no_power" }],
  2: ["contact.restoration_query", {}],
  3: ["contact.meter_reading", {}],
};

const intake = spawn(process.env.PULT || "pult", ["intake", "--line"], { stdio: ["pipe", "pipe", "inherit"] });

function play(answer) {
  if (answer.error) console.log(answer.error.message);
  else if (!answer.reg_no) console.log(`Обращение принято, временный номер ${answer.slip}.`);
  else console.log(`Номер обращения ${answer.reg_no}. ${answer.say}`);
}

readline.createInterface({ input: intake.stdout }).on("line", (line) => play(JSON.parse(line)));
readline
  .createInterface({ input: process.stdin })
  .on("line", (keyed) => {
    const [choice, account, ...readings] = keyed.trim().split(/\s+/);
    const [type, more] = KINDS[choice];
    const data = { ...more, applicant: "person", premise: { account } };
    if (readings.length) data.readings = readings.map(Number);
    intake.stdin.write(JSON.stringify({ type, data }) + "\n");
  })
  .on("close", () => intake.stdin.end());
