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
    {{"lang", required_argument, NULL, 'l'},
     "ru|en",
     {"language of the screen; else by LANG", "язык экрана; иначе по LANG"}},
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
    {{"help", no_argument, NULL, 'h'}, "", {"this list", "этот список"}},
    {{"version", no_argument, NULL, 'v'}, "", {"version", "версия"}},
};
enum { OPTIONS = sizeof table / sizeof *table };

static void print_help(const struct options_program *program, enum language language)
{
    printf("%s: %s\n", program->name, program->title[language]);
    for (size_t i = 0; i < OPTIONS; i++)
        printf("  --%-8s %-9s %s\n", table[i].option.name, table[i].argument,
               table[i].help[language]);
}

static enum language language_of_environment(void)
{
    const char *locale = getenv("LC_ALL");

    locale = locale && *locale ? locale : getenv("LANG");
    return language_of(locale, LANGUAGE_RU);
}

int options_read(const struct options_program *program, int argc, char **argv,
                 struct options *options)
{
    struct option long_options[OPTIONS + 1] = {0};
    const char *no_color = getenv("NO_COLOR");

    for (size_t i = 0; i < OPTIONS; i++)
        long_options[i] = table[i].option;
    *options = (struct options){.role = program->role,
                                .language = language_of_environment(),
                                .mono = no_color && *no_color};
    for (int option; (option = getopt_long(argc, argv, "", long_options, NULL)) != -1;) {
        switch (option) {
        case 'b': options->bus = optarg; break;
        case 'l': options->language = language_of(optarg, LANGUAGE_RU); break;
        case 'r': options->role = optarg; break;
        case 'g': options->message = optarg; break;
        case 'a': options->ascii = true; break;
        case 'm': options->mono = true; break;
        case 'h': print_help(program, options->language); return 0;
        case 'v': printf("%s " PULT_VERSION "\n", program->name); return 0;
        default: print_help(program, options->language); return 2;
        }
    }
    if (optind == argc)
        return -1;
    print_help(program, options->language);
    return 2;
}
