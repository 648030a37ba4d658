// `pult intake --line`: a voice menu or a telephony gateway takes contacts without a screen. JSON Lines
// in on standard input, answers by line on standard output.
//
//   {"type":"contact.outage_report","data":{…},"id"?}   → {"line":1,"reg_no":"2026-000123","say":…}
//   {"query":"eta","args":{"account":"…"}}              → {"line":2,"rows":[…]}
//   what is refused                                      → {"line":3,"error":{"code","reason","message"}}
//
// A contact is on disk before anything is said of it (lib/outbox.h). While the bus is away its line is
// {"line":4,"slip":7}; once it has come there is a second one, with the slip and the registration
// number. At the end of the input it waits a while for what is under way.
#pragma once

#include "lib/client.h"

// The exit status: 0 all is answered, 8 something waits in the outbox (it is sent by the next program
// that opens it).
int line_run(struct client *client, enum language language, int input_fd);
