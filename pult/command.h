// What every command of `pult` is given, and the few things all of them do: find the bus, ask it,
// print for people on a terminal and JSON Lines on a pipe, end with the status of PROTOCOL §6.
#pragma once

#include "lib/client.h"
#include "lib/err.h"
#include "lib/json.h"

#include <stdbool.h>
#include <stdio.h>

enum { EXIT_USAGE = 2 };

struct command_line {
    int argc;    // the command's own words, options of all commands taken out
    char **argv; // argv[0] is the command's name
    enum language language;
    const char *bus, *role; // --bus, --role; NULL = by default
    const char *person;     // --person: signs on, asked for the PIN; NULL = nobody
    bool people;            // standard output is a terminal
};

struct command {
    const char *name, *usage;
    const char *help[LANGUAGE_COUNT];
    int (*run)(const struct command_line *line); // returns the exit status
};

extern const struct command commands[]; // ends with a NULL name
const struct command *command_find(const char *name);

// Prints the sentence to standard error and returns the exit status.
int command_fail(const struct command_line *line, const struct err *err);
// One sentence about wrong words, then the usage line; returns EXIT_USAGE.
int command_usage(const struct command_line *line);

// `--name VALUE` or `--name=VALUE` among the command's words; NULL when it is not there. It is taken
// out of argv, so that what is left over is the command's operands.
const char *command_option(struct command_line *line, const char *name);
bool command_flag(struct command_line *line, const char *name);

// Whether what is left are at most that many operands, and no option that the command does not know.
bool command_has_words(const struct command_line *line, int most);

// Connects (without an outbox). NULL after it has printed why.
struct client *command_connect(const struct command_line *line, int *status);
// Asks and waits. The answer's tree is in `doc`; NULL after it has printed why.
const struct json *command_ask(const struct command_line *line, struct client *client,
                               const char *verb, const struct buf *body, struct json_doc *doc,
                               int *status);

// A text with everything that could move a cursor taken out (lib/text).
void command_print_safe(FILE *file, struct slice text);
// Rows for people: a table of the members that are single values. For a pipe: one JSON a line.
void command_print_rows(const struct command_line *line, const struct json *rows);
// One record, a member a line.
void command_print_members(const struct json *record);

void command_help_queries(const struct command_line *line); // of `pult help query`

// The commands.
int command_publish(const struct command_line *line);
int command_tail(const struct command_line *line);
int command_query(const struct command_line *line);
int command_rights(const struct command_line *line);
int command_schema(const struct command_line *line);
int command_eta(const struct command_line *line);
// Imports one file; the role is admin unless another was asked for.
int command_import_file(const struct command_line *line, const char *kind, const char *file,
                        bool replace);
int command_import(const struct command_line *line);
int command_check(const struct command_line *line);
int command_verify(const struct command_line *line);
int command_person(const struct command_line *line);
int command_export(const struct command_line *line);
int command_rotate_key(const struct command_line *line); // keygen --personal
int command_report(const struct command_line *line);
int command_group(const struct command_line *line);
int command_tune(const struct command_line *line);
int command_search_eval(const struct command_line *line);
int command_outbox(const struct command_line *line);
int command_demo(const struct command_line *line);
int command_simulate(const struct command_line *line);
int command_keygen(const struct command_line *line);
int command_screen(const struct command_line *line); // console, intake
int command_help(const struct command_line *line);
