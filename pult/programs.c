// Commands that are another program's: the screens, and what the broker itself checks.
#include "pult/command.h"

#include "lib/mem.h"
#include "lib/path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Becomes the program; returns only when that fails.
static int become(const struct command_line *line, const char *name, char **words)
{
    char path[PATH_BYTES];
    struct err err;

    if (path_program(path, name, &err) != ERR_OK)
        return command_fail(line, &err);
    words[0] = path;
    execv(path, words);
    fprintf(stderr, "pult: %s: %s\n", path, strerror(errno));
    return 1;
}

// busd's own words come in the language asked for here.
static int become_busd(const struct command_line *line, char **words)
{
    setenv("LC_ALL", language_name(line->language), 1);
    return become(line, "busd", words);
}

int command_screen(const struct command_line *line)
{
    char **words = mem_alloc(((size_t)line->argc + 6) * sizeof(*words));
    int count = 1;

    for (int i = 1; i < line->argc; i++)
        words[count++] = line->argv[i];
    words[count++] = mem_string("--lang");
    words[count++] = mem_string(language_name(line->language));
    if (line->bus) {
        words[count++] = mem_string("--bus");
        words[count++] = mem_string(line->bus);
    }
    return become(line, line->argv[0], words);
}

int command_check(const struct command_line *line)
{
    char *words[] = {NULL, (char[]){"-n"}, (char[]){"-c"}, line->argv[1], NULL};

    if (!command_has_words(line, 1))
        return command_usage(line);
    if (line->argc == 1)
        words[2] = NULL; // the configuration that busd finds by itself
    return become_busd(line, words);
}

// busd OPTION DIRECTORY, with what it knows of --personal-key and --anchor.
static int become_busd_on(const struct command_line *given, const char *option)
{
    static const char *const names[] = {"personal-key", "anchor"};
    enum { NAMES = sizeof names / sizeof *names };
    struct command_line line = *given;
    const char *values[NAMES];
    char directory[PATH_BYTES];
    struct err err;
    int count = 3;

    for (size_t i = 0; i < NAMES; i++)
        values[i] = command_option(&line, names[i]);
    if (!command_has_words(&line, 1))
        return command_usage(given);
    if (line.argc == 2)
        snprintf(directory, sizeof(directory), "%s", line.argv[1]);
    else if (path_state(directory, &err) != ERR_OK)
        return command_fail(given, &err);
    char *words[4 + 2 * NAMES] = {NULL, mem_string(option), directory};
    for (size_t i = 0; i < NAMES; i++) {
        char name[24];

        if (!values[i])
            continue;
        snprintf(name, sizeof name, "--%s", names[i]);
        words[count++] = mem_string(name);
        words[count++] = mem_string(values[i]);
    }
    return become_busd(given, words);
}

int command_verify(const struct command_line *line)
{
    return become_busd_on(line, "--verify");
}

int command_rotate_key(const struct command_line *line)
{
    return become_busd_on(line, "--rotate-key");
}

// What busd does without a broker, under an option of its own; it reads the other words.
static int become_busd_for(const struct command_line *line, const char *option)
{
    char **words = mem_alloc(((size_t)line->argc + 2) * sizeof(*words));

    words[1] = mem_string(option);
    for (int i = 1; i < line->argc; i++)
        words[i + 1] = line->argv[i];
    return become_busd(line, words);
}

int command_group(const struct command_line *line)
{
    return become_busd_for(line, "--group");
}

int command_tune(const struct command_line *line)
{
    return become_busd_for(line, "--tune");
}

int command_search_eval(const struct command_line *line)
{
    return become_busd_for(line, "--search-eval");
}
