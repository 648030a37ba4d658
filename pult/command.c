#include "pult/command.h"

#include "lib/text.h"

#include <stdlib.h>
#include <string.h>

const struct command *command_find(const char *name)
{
    for (const struct command *command = commands; command->name; command++) {
        if (strcmp(command->name, name) == 0)
            return command;
    }
    return NULL;
}

int command_fail(const struct command_line *line, const struct err *err)
{
    fputs("pult: ", stderr);
    if (err->path[0]) {
        command_print_safe(stderr, slice_of(err->path));
        fputs(": ", stderr);
    }
    command_print_safe(stderr, slice_of(err->message[line->language]));
    fputc('\n', stderr);
    return err_exit_status(err->code);
}

int command_usage(const struct command_line *line)
{
    const struct command *command = command_find(line->argv[0]);
    bool russian = line->language == LANGUAGE_RU;

    if (command) {
        fprintf(stderr, russian ? "Как пользоваться: pult %s\n" : "Usage: pult %s\n",
                command->usage);
    } else {
        fputs(russian ? "pult: такой команды нет: " : "pult: there is no command ", stderr);
        command_print_safe(stderr, slice_of(line->argv[0]));
        fputs(russian ? "\nВсе команды: pult help\n" : "\nAll commands: pult help\n", stderr);
    }
    return EXIT_USAGE;
}

// Takes `count` words out of argv from `at` on.
static void drop_words(struct command_line *line, int at, int count)
{
    for (int i = at; i + count <= line->argc; i++)
        line->argv[i] = line->argv[i + count];
    line->argc -= count;
}

const char *command_option(struct command_line *line, const char *name)
{
    size_t length = strlen(name);

    for (int i = 0; i < line->argc; i++) {
        char *word = line->argv[i];
        if (strncmp(word, "--", 2) != 0 || strncmp(word + 2, name, length) != 0)
            continue;
        if (word[2 + length] == '=') {
            drop_words(line, i, 1);
            return word + 2 + length + 1;
        }
        if (word[2 + length] == '\0' && i + 1 < line->argc) {
            const char *value = line->argv[i + 1];
            drop_words(line, i, 2);
            return value;
        }
    }
    return NULL;
}

bool command_flag(struct command_line *line, const char *name)
{
    for (int i = 1; i < line->argc; i++) {
        if (strncmp(line->argv[i], "--", 2) == 0 && strcmp(line->argv[i] + 2, name) == 0) {
            drop_words(line, i, 1);
            return true;
        }
    }
    return false;
}

bool command_has_words(const struct command_line *line, int most)
{
    for (int i = 1; i < line->argc; i++) {
        if (line->argv[i][0] == '-' && line->argv[i][1] != '\0')
            return false;
    }
    return line->argc - 1 <= most;
}

struct client *command_connect(const struct command_line *line, int *status)
{
    struct client_options options = {.endpoint = line->bus,
                                     .program = "pult",
                                     .version = PULT_VERSION,
                                     .role = line->role,
                                     .person = line->person,
                                     .language = line->language};
    struct err err;
    struct client *client = client_open(&options, &err);

    if (!client)
        *status = command_fail(line, &err);
    return client;
}

const struct json *command_ask(const struct command_line *line, struct client *client,
                               const char *verb, const struct buf *body, struct json_doc *doc,
                               int *status)
{
    const struct json *answer = NULL;
    struct err err;

    if (client_call(client, verb, (struct slice){body->data, body->length}, doc, &answer, &err) !=
        ERR_OK)
        *status = command_fail(line, &err);
    return answer;
}

int command_help(const struct command_line *line)
{
    bool russian = line->language == LANGUAGE_RU;
    const struct command *only = line->argc > 1 ? command_find(line->argv[1]) : NULL;

    if (line->argc > 1 && !only)
        return command_usage(
            &(struct command_line){.argc = 1, .argv = line->argv + 1, .language = line->language});
    if (!only)
        puts(russian ? "pult — диспетчерский пульт электросетевой компании.\n\n"
                       "Общие ключи: --bus АДРЕС, --role РОЛЬ, --person КТО, --lang ru|en, для tcp "
                       "ещё --key ФАЙЛ,\n"
                       "--server-key КЛЮЧ|ФАЙЛ (или PULT_BUS, PULT_KEY, PULT_SERVER_KEY)\n"
                     : "pult — the control desk of an electricity network company.\n\n"
                       "For all: --bus ENDPOINT, --role ROLE, --person WHO, --lang en|ru, and for "
                       "tcp --key FILE,\n"
                       "--server-key KEY|FILE (or PULT_BUS, PULT_KEY, PULT_SERVER_KEY)\n");
    for (const struct command *command = only ? only : commands; command->name; command++) {
        printf("  pult %s\n        %s\n", command->usage, command->help[line->language]);
        if (only)
            break;
    }
    if (only && strcmp(only->name, "query") == 0)
        command_help_queries(line);
    if (!only)
        puts(russian
                 ? "\nКод завершения: 0 сделано, 1 сбой, 2 неверный вызов, 3 неверные данные, 4 "
                   "нет прав,\n5 не найдено, 6 противоречие, 7 предел, 8 шина недоступна."
                 : "\nExit status: 0 done, 1 failed, 2 usage, 3 invalid, 4 denied, 5 not "
                   "found,\n6 conflict, 7 limit, 8 broker unavailable.");
    return 0;
}
