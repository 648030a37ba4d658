#include "tui/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

static const struct {
    struct option option;
    const char *argument;
    const char *help[LANGUAGE_COUNT];
} table[] = {
    {{"bus", required_argument, NULL, 'b'},
     "ENDPOINT",
     {"the bus; else PULT_BUS, else the first that runs here",
      "адрес шины; иначе PULT_BUS, иначе первая из работающих здесь"}},
    {{"key", required_argument, NULL, 'y'},
     "FILE",
     {"own secret key for tcp; else PULT_KEY", "свой секретный ключ для tcp; иначе PULT_KEY"}},
    {{"server-key", required_argument, NULL, 's'},
     "KEY|FILE",
     {"the broker's public key for tcp; else PULT_SERVER_KEY",
      "открытый ключ брокера для tcp; иначе PULT_SERVER_KEY"}},
    {{"lang", required_argument, NULL, 'l'},
     "ru|en",
     {"language of the screen; else by LANG", "язык экрана; иначе по LANG"}},
    {{"person", required_argument, NULL, 'p'},
     "WHO",
     {"who signs on behind a shared account; the PIN is asked for",
      "кто работает под общей учётной записью; PIN будет спрошен"}},
    {{"role", required_argument, NULL, 'r'},
     "ROLE",
     {"the role to work in", "роль, в которой работать"}},
    {{"message", required_argument, NULL, 'g'},
     "TEXT",
     {"a line to show at the start", "строка, которую показать в начале"}},
    {{"ascii", no_argument, NULL, 'a'},
     "",
     {"no box characters or symbols", "без рамок и значков"}},
    {{"mono", no_argument, NULL, 'm'},
     "",
     {"no colours (as with NO_COLOR)", "без цветов (как с NO_COLOR)"}},
    {{"keys", no_argument, NULL, 'k'},
     "",
     {"the keys and what they do", "клавиши и что они делают"}},
    {{"help", no_argument, NULL, 'h'}, "", {"this list", "этот список"}},
    {{"version", no_argument, NULL, 'v'}, "", {"version", "версия"}},
};
enum { OPTIONS = sizeof table / sizeof *table };

static void print_help(const struct options_program *program, enum language language)
{
    printf("%s: %s\n", program->name, program->title[language]);
    for (size_t i = 0; i < OPTIONS; i++)
        printf("  --%-10s %-9s %s\n", table[i].option.name, table[i].argument,
               table[i].help[language]);
}

static void print_views(const struct options_program *program, unsigned views,
                        enum language language)
{
    const char *joint = "";
    unsigned all = 0;

    for (const struct options_view *view = program->views; view->bit; view++)
        all |= view->bit;
    if (views == all) {
        fputs(language == LANGUAGE_RU ? "везде" : "everywhere", stdout);
        return;
    }
    unsigned missing = all & ~views;
    if ((missing & (missing - 1)) == 0) { // one
        fputs(language == LANGUAGE_RU ? "везде, кроме: " : "everywhere but ", stdout);
        views = missing;
    }
    for (const struct options_view *view = program->views; view->bit; view++) {
        if (!(views & view->bit))
            continue;
        printf("%s%s", joint, view->word[language]);
        joint = ", ";
    }
}

// A Markdown table: people read it as it is, and the documentation is made of it.
static void print_keys(const struct options_program *program, enum language language)
{
    puts(language == LANGUAGE_RU ? "| клавиши | команда | где | что делает |"
                                 : "| keys | command | where | what it does |");
    puts("| --- | --- | --- | --- |");
    for (size_t i = 0; i < *program->action_count; i++) {
        const struct action *action = &program->actions[i];
        struct buf keys = {0};

        keymap_print_keys(action, false, &keys);
        printf("| `%s` | %s | ", buf_text(&keys), action->word[language]);
        print_views(program, action->views, language);
        printf(" | %s |\n", action->help[language]);
        buf_fini(&keys);
    }
}

static int refuse_language(const struct options_program *program, enum language language)
{
    fprintf(stderr,
            language == LANGUAGE_RU ? "%s: --lang бывает ru или en\n" : "%s: --lang is ru or en\n",
            program->name);
    return 2;
}

int options_read(const struct options_program *program, int argc, char **argv,
                 struct options *options)
{
    struct option long_options[OPTIONS + 1] = {0};
    const char *no_color = getenv("NO_COLOR");

    for (size_t i = 0; i < OPTIONS; i++)
        long_options[i] = table[i].option;
    *options = (struct options){.role = program->role,
                                .language = language_of_environment(LANGUAGE_RU),
                                .mono = no_color && *no_color};
    bool keys = false, help = false; // printed at the end, in the language asked for
    for (int option; (option = getopt_long(argc, argv, "", long_options, NULL)) != -1;) {
        switch (option) {
        case 'b': options->bus = optarg; break;
        case 'l':
            if (!language_is_known(optarg))
                return refuse_language(program, options->language);
            options->language = language_of(optarg, LANGUAGE_RU);
            break;
        case 'y': options->key = optarg; break;
        case 's': options->server_key = optarg; break;
        case 'p': options->person = optarg; break;
        case 'r': options->role = optarg; break;
        case 'g': options->message = optarg; break;
        case 'a': options->ascii = true; break;
        case 'm': options->mono = true; break;
        case 'k': keys = true; break;
        case 'h': help = true; break;
        case 'v': printf("%s " PULT_VERSION "\n", program->name); return 0;
        default: print_help(program, options->language); return 2;
        }
    }
    if (optind == argc && !keys && !help)
        return -1;
    if (optind == argc && keys)
        print_keys(program, options->language);
    else
        print_help(program, options->language);
    return optind == argc ? 0 : 2;
}
