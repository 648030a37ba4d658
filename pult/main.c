// `pult`: the command line. One table of commands; usage and help are printed from it.
#include "pult/command.h"

#include "lib/mem.h"
#include "lib/slice.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct command commands[] = {
    {"publish",
     "publish [FILE]",
     {"publishes events, one JSON a line, from a file or standard input",
      "публикует события, по одному JSON в строке, из файла или стандартного ввода"},
     command_publish},
    {"tail",
     "tail [PREFIX…] [--from N|start|new] [--state FILE] [--feed] [--once]",
     {"prints events as they come, in order and without a gap",
      "печатает события по мере поступления, по порядку и без пропусков"},
     command_tail},
    {"query",
     "query NAME [KEY=VALUE…]",
     {"asks the broker; `pult help query` lists the names",
      "спрашивает брокера; имена — в `pult help query`"},
     command_query},
    {"rights",
     "rights [NAME]",
     {"what you may do, or another identity, and why", "что разрешено вам или другому, и почему"},
     command_rights},
    {"schema",
     "schema [TYPE]",
     {"prints what an event of a type may hold, or lists the types",
      "печатает, что может быть в событии типа, или список типов"},
     command_schema},
    {"eta",
     "eta get (--address|--account|--phone|--incident) X | eta set INCIDENT WHEN [--note TEXT]",
     {"tells or sets the time of restoration (WHEN: 17:30, +90, +2h, t 9)",
      "сообщает или задаёт срок восстановления (WHEN: 17:30, +90, +2ч, з 9)"},
     command_eta},
    {"import",
     "import network|premises|planned|meters FILE.csv [--replace]",
     {"imports a CSV file whole or not at all", "загружает файл CSV целиком или никак"},
     command_import},
    {"check",
     "check [FILE]",
     {"checks the broker's configuration", "проверяет настройки брокера"},
     command_check},
    {"verify",
     "verify [DIRECTORY] [--personal-key FILE] [--anchor FILE]",
     {"checks a stopped broker's journal: the chain, and every table against it",
      "проверяет журнал остановленного брокера: цепочку и все таблицы по ней"},
     command_verify},
    {"report",
     "report access|hours|readings|register [--from TIME] [--to TIME] [--format "
     "text|csv|json|html]",
     {"who was shown which caller's data, hours without supply against the limits, the readings "
      "for billing, or the regulator's register of contacts; text that looks like a formula gets a "
      "quote in CSV",
      "кому показаны чьи персональные данные, часы отключений против нормы, показания для расчётов "
      "или реестр обращений; в CSV текст, похожий на формулу, получает апостроф"},
     command_report},
    {"export",
     "export [--from N] [--to N] [--sign KEY.pem]",
     {"a span of the journal that a third party can check (docs/examples/check_export.py)",
      "отрезок журнала, который проверит посторонний (docs/examples/check_export.py)"},
     command_export},
    {"person",
     "person export|erase|hold|release (--phone N|--contact REG_NO) [--reason TEXT]",
     {"hands over or erases what is kept of a person; hold forbids and release allows the erasure",
      "выдаёт или удаляет всё, что хранится о лице; hold запрещает удаление, release разрешает"},
     command_person},
    {"group",
     "group --network FILE --premises FILE [--rules FILE] [--set normal|storm]",
     {"which devices explain these calls: cases in, answers out, JSON Lines, no broker",
      "какие устройства объясняют звонки: случаи на входе, ответы на выходе, JSON Lines, без "
      "брокера"},
     command_group},
    {"tune",
     "tune [--data DIR] [--rules FILE] [--yaml]",
     {"rules of grouping as learnt from the own journal's confirmed faults, with their gain on the "
      "past; changes nothing",
      "правила группировки по подтверждённым отказам своего журнала и выигрыш на прошлом; ничего "
      "не "
      "меняет"},
     command_tune},
    {"search-eval",
     "search-eval [--answers] --premises FILE CASES",
     {"how many of the queries in CASES (JSON Lines) the address search finds, no broker",
      "сколько запросов из CASES (JSON Lines) находит поиск адресов, без брокера"},
     command_search_eval},
    {"outbox",
     "outbox [--adopt]",
     {"what this account's screens still have to send; --adopt: also what was written for the "
      "journal "
      "that the bus had before",
      "что экранам этой учётной записи осталось отправить; --adopt: и то, что записано для "
      "прежнего "
      "журнала шины"},
     command_outbox},
    {"keygen",
     "keygen NAME [--dir DIRECTORY] | keygen --pin NAME | keygen --personal [DIRECTORY] "
     "[--personal-key FILE]",
     {"makes a pair of keys for TCP: NAME.key to give away, NAME.key_secret to keep; --pin: the "
      "line "
      "of persons.yaml for a PIN that is typed",
      "создаёт пару ключей для TCP: ИМЯ.key отдать, ИМЯ.key_secret хранить у себя; --pin: строка "
      "persons.yaml для набранного PIN"},
     command_keygen},
    {"simulate",
     "simulate [--rate CALLS_A_MINUTE] [--seconds N] [--seed N] [--demo DIRECTORY]",
     {"plays invented callers against a broker (never a company's own)",
      "изображает звонки выдуманных абонентов (не для рабочего брокера)"},
     command_simulate},
    {"demo",
     "demo [--no-ui]",
     {"an invented company, live calls and the console, thrown away at the end",
      "выдуманная компания, звонки и пульт; в конце всё удаляется"},
     command_demo},
    {"console", "console […]", {"the dispatcher's screen", "экран диспетчера"}, command_screen},
    {"intake",
     "intake [--line] […]",
     {"the operator's screen; --line: contacts and queries as JSON Lines, for voice menus",
      "экран оператора; --line: обращения и запросы строками JSON, для голосовых меню"},
     command_screen},
    {"help",
     "help [COMMAND]",
     {"what there is, or one command", "что есть, или одна команда"},
     command_help},
    {NULL, NULL, {NULL, NULL}, NULL},
};

// Keys go by the environment, so that the screens find them too.
static void take_key(struct command_line *line, const char *option, const char *variable)
{
    const char *value = command_option(line, option);

    if (value)
        setenv(variable, value, 1);
}

// Commands that are given a person's telephone, account or words: everybody on the machine could read them
// by `ps` for as long as the command runs. It goes on with copies.
static char **hide_arguments(int argc, char **argv)
{
    char **copies = mem_alloc(((size_t)argc + 1) * sizeof *copies);
    bool personal = false;

    for (int i = 0; i < argc; i++) {
        copies[i] = mem_string(argv[i]);
        personal = personal || slice_is_word(slice_of(argv[i]), "person eta query");
    }
    for (int i = 1; personal && i < argc; i++)
        memset(argv[i], '\0', strlen(argv[i]));
    return copies;
}

int main(int argc, char **argv)
{
    argv = hide_arguments(argc, argv);
    char *no_words[] = {(char[]){"help"}, NULL};
    struct command_line line = {.argc = argc > 1 ? argc - 1 : 1,
                                .argv = argc > 1 ? argv + 1 : no_words,
                                .language = language_of_environment(LANGUAGE_RU),
                                .people = isatty(STDOUT_FILENO) == 1};

    setlocale(LC_CTYPE, "C.UTF-8");
    const char *language = command_option(&line, "lang");
    if (language && !language_is_known(language)) {
        fputs(line.language == LANGUAGE_RU ? "pult: --lang бывает ru или en\n"
                                           : "pult: --lang is ru or en\n",
              stderr);
        return EXIT_USAGE;
    }
    line.language = language_of(language, line.language);
    line.bus = command_option(&line, "bus");
    take_key(&line, "key", "PULT_KEY");
    take_key(&line, "server-key", "PULT_SERVER_KEY");
    if (strcmp(line.argv[0], "console") != 0 && strcmp(line.argv[0], "intake") != 0) {
        line.role = command_option(&line, "role");
        line.person = command_option(&line, "person");
    }
    if (strcmp(line.argv[0], "--help") == 0 || strcmp(line.argv[0], "-h") == 0)
        line.argv = no_words;
    const struct command *command = command_find(line.argv[0]);
    return command ? command->run(&line) : command_usage(&line);
}
