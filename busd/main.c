// busd, the broker daemon: options, configuration, the daemon, its end.
#include "busd/daemon.h"
#include "busd/group_command.h"
#include "busd/journal.h"
#include "busd/journal_rotate.h"
#include "busd/search_command.h"
#include "busd/tune_command.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/path.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EXIT_USAGE = 2 };

struct options {
    const char *file, *data;
    struct journal_verify_options verify;
    const char *rotate;
    bool check, print, group, search, tune, yaml;
    struct group_command grouping;
    struct search_command searching;
};

static const char usage[] =
    "usage: busd [-c FILE] [-n] [--data DIR]\n"
    "  -c, --config FILE  configuration; default: busd.yaml in the configuration's directory\n"
    "  -n, --check        check the configuration, roles and schemas, and stop\n"
    "  --data DIR         directory of the journal, in place of the configuration's\n"
    "  --verify DIR [--personal-key FILE] [--anchor FILE]\n"
    "                     check a journal that no busd has open: its chain, the state against it,\n"
    "                     and the anchors that were said of it; the key if it lies elsewhere\n"
    "  --rotate-key DIR [--personal-key FILE]\n"
    "                     seal the personal data of a journal that no busd has open with another "
    "key\n"
    "  --group --network FILE --premises FILE [--rules FILE] [--set normal|storm]\n"
    "                     which devices explain the calls of standard input, as JSON Lines\n"
    "  --tune [--rules FILE] [--yaml]\n"
    "                     rules of grouping as learnt from the journal, and their gain\n"
    "  --search-eval [--answers] --premises FILE CASES\n"
    "                     how many of the queries in CASES the address search finds\n"
    "  --print-config     print the configuration with every key at its default\n"
    "  --version, --help\n";

// The sentence on standard error; the exit status.
static int report(const struct err *err, enum language language)
{
    const char *message = err->message[language];
    // What is wrong in a file names its place itself.
    bool placed = strncmp(message, err->path, strlen(err->path)) == 0;

    fprintf(stderr, "busd: %s%s%s\n", placed ? "" : err->path, placed ? "" : ": ", message);
    return err_exit_status(err->code);
}

enum {
    DATA = 256,
    KEY,
    ANCHOR,
    ROTATE,
    VERIFY,
    PRINT,
    VERSION,
    HELP,
    GROUP,
    NETWORK,
    PREMISES,
    RULES,
    SET,
    SEARCH,
    ANSWERS,
    TUNE,
    YAML
};
static const struct option option_names[] = {
    {"config", required_argument, NULL, 'c'},
    {"check", no_argument, NULL, 'n'},
    {"data", required_argument, NULL, DATA},
    {"verify", required_argument, NULL, VERIFY},
    {"personal-key", required_argument, NULL, KEY},
    {"rotate-key", required_argument, NULL, ROTATE},
    {"anchor", required_argument, NULL, ANCHOR},
    {"print-config", no_argument, NULL, PRINT},
    {"version", no_argument, NULL, VERSION},
    {"help", no_argument, NULL, HELP},
    {"group", no_argument, NULL, GROUP},
    {"network", required_argument, NULL, NETWORK},
    {"premises", required_argument, NULL, PREMISES},
    {"rules", required_argument, NULL, RULES},
    {"set", required_argument, NULL, SET},
    {"search-eval", no_argument, NULL, SEARCH},
    {"answers", no_argument, NULL, ANSWERS},
    {"tune", no_argument, NULL, TUNE},
    {"yaml", no_argument, NULL, YAML},
    {NULL, 0, NULL, 0},
};

// -1: go on; else the status to exit with.
static int read_options(int argc, char **argv, struct options *options)
{
    int option;

    while ((option = getopt_long(argc, argv, "c:n", option_names, NULL)) != -1) {
        switch (option) {
        case 'c': options->file = optarg; break;
        case 'n': options->check = true; break;
        case DATA: options->data = optarg; break;
        case VERIFY: options->verify.directory = optarg; break;
        case KEY: options->verify.key_file = optarg; break;
        case ROTATE: options->rotate = optarg; break;
        case ANCHOR: options->verify.anchors = optarg; break;
        case PRINT: options->print = true; break;
        case GROUP: options->group = true; break;
        case NETWORK: options->grouping.network = optarg; break;
        case PREMISES:
            options->grouping.premises = optarg;
            options->searching.premises = optarg;
            break;
        case RULES: options->grouping.rules = optarg; break;
        case SET: options->grouping.set = optarg; break;
        case SEARCH: options->search = true; break;
        case ANSWERS: options->searching.answers = true; break;
        case TUNE: options->tune = true; break;
        case YAML: options->yaml = true; break;
        case VERSION: puts("busd " PULT_VERSION); return EXIT_SUCCESS;
        case HELP: fputs(usage, stdout); return EXIT_SUCCESS;
        default: fputs(usage, stderr); return EXIT_USAGE;
        }
    }
    if (options->search && optind < argc)
        options->searching.cases = argv[optind++];
    if ((options->group && (!options->grouping.network || !options->grouping.premises)) ||
        (options->search && (!options->searching.premises || !options->searching.cases))) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    if (optind == argc)
        return -1;
    fprintf(stderr, "busd: %s is no option\n%s", argv[optind], usage);
    return EXIT_USAGE;
}

static int print_config(void)
{
    struct buf text = {0};

    config_print(&text);
    fputs(buf_text(&text), stdout);
    buf_fini(&text);
    return EXIT_SUCCESS;
}

static int verify(const struct journal_verify_options *options, enum language language)
{
    struct buf text = {0};
    struct err err;
    enum err_code code;

    err_clear(&err);
    code = journal_verify_with(options, &text, &err);
    fputs(buf_text(&text), stdout);
    buf_fini(&text);
    return code == ERR_OK ? EXIT_SUCCESS : report(&err, language);
}

static int rotate(const struct options *options, enum language language)
{
    int64_t count;
    struct err err;

    err_clear(&err);
    if (journal_rotate(options->rotate, options->verify.key_file, &count, &err) != ERR_OK)
        return report(&err, language);
    printf(language == LANGUAGE_RU ? "зашифровано заново записей: %lld\n" : "sealed anew: %lld\n",
           (long long)count);
    return EXIT_SUCCESS;
}

// Grouping of cases on standard input, by the company's own rules where it has some.
static int group(const struct group_command *given, enum language language)
{
    struct group_command command = *given;
    char directory[PATH_BYTES], usual[PATH_BYTES + 16];
    struct err err;

    err_clear(&err);
    command.in = stdin;
    command.out = stdout;
    if (!command.rules && path_config(directory, &err) == ERR_OK) {
        snprintf(usual, sizeof usual, "%s/rules.yaml", directory);
        if (access(usual, F_OK) == 0)
            command.rules = usual;
    }
    if (group_command(&command, &err) == ERR_OK)
        return EXIT_SUCCESS;
    return report(&err, language);
}

static int search_eval(const struct search_command *given, enum language language)
{
    struct search_command command = *given;
    struct err err;

    err_clear(&err);
    command.out = stdout;
    return search_command(&command, &err) == ERR_OK ? EXIT_SUCCESS : report(&err, language);
}

// The configuration's file: the one given, else the usual one where it is there.
static enum err_code read_config(const struct options *options, struct config *config,
                                 struct err *err)
{
    char usual[PATH_BYTES + 16], directory[PATH_BYTES];
    const char *file = options->file;

    if (!file) {
        if (path_config(directory, err) != ERR_OK)
            return err->code;
        snprintf(usual, sizeof usual, "%s/busd.yaml", directory);
        if (access(usual, F_OK) == 0)
            file = usual;
    }
    if (config_read(config, file, err) != ERR_OK)
        return err->code;
    if (options->data) {
        free(config->data);
        config->data = mem_string(options->data);
    }
    if (clock_set_zone(config->zone, err) != ERR_OK)
        err_set_path(err, "zone");
    return err->code;
}

// The files beside busd.yaml that need nothing but themselves, as daemon_open() reads them.
static enum err_code check_files(const struct config *config, struct err *err)
{
    struct engine_timers timers;
    struct engine_desks desks = {.count = 0};
    struct engine_etas etas = {.count = 0};
    struct engine_calendar calendar = {.count = 0};
    struct offices offices = {.count = 0};
    struct answers answers = {.text_count = 0};
    struct rules rules;
    enum err_code code = timers_read(&timers, *config->timers ? config->timers : NULL, err);

    if (code == ERR_OK)
        code = rules_read(&rules, *config->rules ? config->rules : NULL, err);
    if (code == ERR_OK)
        code = desks_read(&desks, *config->desks ? config->desks : NULL, err);
    if (code == ERR_OK)
        code = etas_read(&etas, *config->etas ? config->etas : NULL, err);
    if (code == ERR_OK)
        code = calendar_read(&calendar, *config->calendar ? config->calendar : NULL, err);
    if (code == ERR_OK)
        code = offices_read(&offices, *config->offices ? config->offices : NULL, err);
    if (code == ERR_OK)
        code = answers_read(&answers, *config->directory ? config->directory : NULL,
                            *config->answers ? config->answers : NULL, err);
    offices_fini(&offices);
    answers_fini(&answers);
    desks_fini(&desks);
    calendar_fini(&calendar);
    etas_fini(&etas);
    timers_fini(&timers);
    return code;
}

// Everything that can be said about the configuration without opening anything.
static enum err_code check_config(const struct config *config, struct err *err)
{
    struct schemas *schemas = schemas_load(config->schemas, config->company_schemas, err);
    struct access_files files = daemon_access_files(config, schemas);
    struct access *access = schemas ? access_read(&files, err) : NULL;
    struct endpoints endpoints = {.request_count = 0};
    bool right = access && check_files(config, err) == ERR_OK &&
                 endpoints_read(&endpoints, config, access, err) == ERR_OK;

    endpoints_fini(&endpoints);
    access_free(access);
    schemas_free(schemas);
    if (!right)
        return err->code;
    return *config->metrics ? metrics_check(config->metrics, err) : ERR_OK;
}

static int tune(const struct options *options, const struct config *config, enum language language)
{
    struct tune_command command = {.data = config->data,
                                   .rules = options->grouping.rules,
                                   .yaml = options->yaml || isatty(STDOUT_FILENO),
                                   .language = language,
                                   .out = stdout};
    struct err err;

    err_clear(&err);
    if (!command.rules && *config->rules)
        command.rules = config->rules;
    return tune_command(&command, &err) == ERR_OK ? EXIT_SUCCESS : report(&err, language);
}

static int serve(const struct config *config, enum language language)
{
    struct err err;
    struct daemon *daemon;
    enum err_code code;

    err_clear(&err);
    daemon = daemon_open(config, &err);
    if (!daemon)
        return report(&err, language);
    code = daemon_run(daemon, &err);
    // The journal needs no closing; what is dead would be waited for.
    if (daemon->stuck)
        _exit(report(&err, language));
    daemon_close(daemon);
    return code == ERR_OK ? EXIT_SUCCESS : report(&err, language);
}

// As many descriptors as the system allows: a connection is one.
static void raise_file_limit(void)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
}

// Callers' data and keys stand in this memory: no core file, and no other process of the account may
// look into it.
static void forbid_core(void)
{
    const struct rlimit none = {0, 0};

    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0);
}

int main(int argc, char **argv)
{
    struct options options = {0};
    struct config config = {0};
    enum language language = language_of_environment(LANGUAGE_RU);
    struct err err;
    int status = read_options(argc, argv, &options);

    if (status >= 0)
        return status;
    umask(077);
    forbid_core();
    raise_file_limit();
    err_clear(&err);
    if (options.print)
        return print_config();
    if (options.group)
        return group(&options.grouping, language);
    if (options.search)
        return search_eval(&options.searching, language);
    if (options.rotate)
        return rotate(&options, language);
    options.verify.lines = !isatty(STDOUT_FILENO);
    if (options.verify.directory)
        return verify(&options.verify, language);
    if (read_config(&options, &config, &err) == ERR_OK) {
        language = language_of_environment(language_of(config.language, language));
        if (!options.tune)
            check_config(&config, &err);
    }
    if (err.code != ERR_OK) {
        status = report(&err, language);
    } else if (options.tune) {
        status = tune(&options, &config, language);
    } else if (options.check) {
        puts(language == LANGUAGE_RU ? "конфигурация верна" : "the configuration is right");
        status = EXIT_SUCCESS;
    } else {
        log_open(config_log_level(&config), getenv("JOURNAL_STREAM") != NULL);
        status = serve(&config, language);
    }
    config_fini(&config);
    return status;
}
