#include "lib/query_shape.h"

#include "lib/clock.h"
#include "lib/event.h"

#include <string.h>

const struct query_shape query_shapes[] = {
    {"eta",
     {{"account", QUERY_TEXT, NULL},
      {"phone", QUERY_TEXT, NULL},
      {"address", QUERY_TEXT, NULL},
      {"premise", QUERY_OBJECT, NULL},
      {"incident", QUERY_INTEGER, NULL}},
     QUERY_AFTER_NUMBER,
     {"what is known at a place, and what to say (one argument)",
      "что известно о месте и что сказать (один аргумент)"}},
    {"incidents",
     {{"state", QUERY_TEXT, "open restored closed all"},
      {"node", QUERY_TEXT, NULL},
      {"kind", QUERY_TEXT, EVENT_WORDS_KIND},
      {"since", QUERY_TIME, NULL},
      {"place", QUERY_TEXT, "known unresolved"}},
     QUERY_AFTER_NUMBER,
     {"incidents; state open (default), restored, closed, all; place known, unresolved",
      "инциденты; state open (по умолчанию), restored, closed, all; place known, unresolved"}},
    {"incident",
     {{"incident", QUERY_INTEGER, NULL}},
     QUERY_WHOLE,
     {"one incident with contacts, timeline, ETAs, reasons",
      "один инцидент: обращения, хронология, сроки, причины"}},
    {"contacts",
     {{"phone", QUERY_TEXT, NULL},
      {"account", QUERY_TEXT, NULL},
      {"incident", QUERY_INTEGER, NULL},
      {"since", QUERY_TIME, NULL},
      {"department", QUERY_TEXT, NULL},
      {"state", QUERY_TEXT, "registered routed in_work answered closed left reopened owed"},
      {"dispatch", QUERY_TEXT, "returned asked replied open"},
      {"premise", QUERY_OBJECT, NULL}},
     QUERY_AFTER_NUMBER,
     {"contacts, without personal data; state owed: those that wait for an answer",
      "обращения без персональных данных; state owed — ждут ответа"}},
    {"contact",
     {{"reg_no", QUERY_TEXT, NULL}},
     QUERY_WHOLE,
     {"one contact with the caller's data, for those who may",
      "одно обращение с данными заявителя, кому можно"}},
    {"premises",
     {{"q", QUERY_TEXT, NULL}, {"by", QUERY_TEXT, "premise place"}},
     QUERY_AFTER_TEXT,
     {"premises by address as typed, account, meter or phone (by premise or place); or all",
      "помещения по набранному адресу, счёту, счётчику, телефону (by premise, place) или все"}},
    {"nodes",
     {{"id", QUERY_TEXT, NULL}, {"parent", QUERY_TEXT, NULL}},
     QUERY_AFTER_NUMBER,
     {"a node of the network, or those below one", "узел сети или узлы под ним"}},
    {"planned",
     {{"state", QUERY_TEXT, "open all"}},
     QUERY_AFTER_NUMBER,
     {"planned works; state open (default) or all", "плановые работы; state open или all"}},
    {"directory",
     {{"q", QUERY_TEXT, NULL}},
     QUERY_AFTER_NUMBER,
     {"whom to turn to, as typed", "куда обратиться, по набранному тексту"}},
    {"answers",
     {{"q", QUERY_TEXT, NULL}, {"topic", QUERY_TEXT, "1.1 1.2 1.3 1.4 1.5"}},
     QUERY_AFTER_NUMBER,
     {"answer texts, as typed or of an item", "тексты ответов, по набранному или по пункту"}},
    {"meters",
     {{"account", QUERY_TEXT, NULL}, {"meter", QUERY_TEXT, NULL}},
     QUERY_AFTER_NUMBER,
     {"meters of an account, or one, with the last reading",
      "счётчики лицевого счёта или один, с прежним показанием"}},
    {"readings",
     {{"meter", QUERY_TEXT, NULL}, {"since", QUERY_TIME, NULL}, {"until", QUERY_TIME, NULL}},
     QUERY_AFTER_NUMBER,
     {"meter readings that were taken", "принятые показания счётчиков"}},
    {"register",
     {{"since", QUERY_TIME, NULL}, {"until", QUERY_TIME, NULL}},
     QUERY_AFTER_NUMBER,
     {"the regulator's register of contacts, 31 columns", "реестр обращений, 31 столбец"}},
    {"hours",
     {{"since", QUERY_TIME, NULL},
      {"until", QUERY_TIME, NULL},
      {"node", QUERY_TEXT, NULL},
      {"hours", QUERY_INTEGER, NULL}},
     QUERY_AFTER_NUMBER,
     {"premises by their hours without supply this year, the least left first; hours: from so many "
      "on (else from half the limit, or near it at once)",
      "помещения по часам отключения за год, у кого меньше остаток — первыми; hours: от стольких "
      "часов (иначе от половины нормы или близкие к ней подряд)"}},
    {"offices",
     {{NULL, QUERY_TEXT, NULL}},
     QUERY_AFTER_NUMBER,
     {"offices, their hours and kinds of visits", "офисы, часы работы и виды приёма"}},
    {"slots",
     {{"office", QUERY_TEXT, NULL}, {"service", QUERY_TEXT, NULL}, {"from", QUERY_TIME, NULL}},
     QUERY_AFTER_NUMBER,
     {"free beginnings of a visit, the next first", "свободное время приёма, ближайшее первым"}},
    {"appointments",
     {{"office", QUERY_TEXT, NULL}, {"from", QUERY_TIME, NULL}, {"until", QUERY_TIME, NULL}},
     QUERY_AFTER_NUMBER,
     {"who is booked; with `until` the sheet of a day", "записи на приём; с until — лист дня"}},
    {"events",
     {{"from", QUERY_INTEGER, NULL}, {"type", QUERY_TEXT, NULL}, {"incident", QUERY_INTEGER, NULL}},
     QUERY_AFTER_NUMBER,
     {"stored events behind a sequence", "события журнала после номера"}},
    {"stats",
     {{NULL, QUERY_TEXT, NULL}},
     QUERY_WHOLE,
     {"the figures of now", "показатели на сейчас"}},
    {"access",
     {{"phone", QUERY_TEXT, NULL},
      {"reg_no", QUERY_TEXT, NULL},
      {"identity", QUERY_TEXT, NULL},
      {"person", QUERY_TEXT, NULL},
      {"since", QUERY_TIME, NULL},
      {"until", QUERY_TIME, NULL}},
     QUERY_AFTER_NUMBER,
     {"who was shown which caller's data, when, from where",
      "кому, когда и откуда показаны чьи персональные данные"}},
    {"approvals",
     {{NULL, QUERY_TEXT, NULL}},
     QUERY_AFTER_NUMBER,
     {"acts that wait until another person agrees: the events that asked",
      "действия, ждущие согласия другого человека: события, которые его просят"}},
    {"chain",
     {{"sequence", QUERY_INTEGER, NULL}},
     QUERY_WHOLE,
     {"the chain's value at a sequence: what a witness remembers is compared with it",
      "значение цепочки на событии: с ним сверяют то, что помнит свидетель"}},
    {"agents",
     {{NULL, QUERY_TEXT, NULL}},
     QUERY_AFTER_NUMBER,
     {"who is connected", "кто подключён"}},
    {"rights",
     {{"identity", QUERY_TEXT, NULL}},
     QUERY_AFTER_NUMBER,
     {"what an identity may do", "что разрешено учётной записи"}},
    {"schemas",
     {{"type", QUERY_TEXT, NULL}},
     QUERY_AFTER_NUMBER,
     {"types of events", "типы событий"}},
    {NULL, {{NULL, QUERY_TEXT, NULL}}, QUERY_WHOLE, {NULL, NULL}},
};

bool query_shape_is_placed(struct slice name)
{
    return slice_is_word(name,
                         "eta incidents incident contacts contact premises nodes planned events");
}

const struct query_shape *query_shape_find(struct slice name)
{
    for (const struct query_shape *shape = query_shapes; shape->name; shape++) {
        if (slice_is(name, shape->name))
            return shape;
    }
    return NULL;
}

const struct query_arg *query_shape_arg(const struct query_shape *shape, struct slice name)
{
    static const struct query_arg limit = {"limit", QUERY_INTEGER, NULL};
    static const struct query_arg after[] = {[QUERY_AFTER_NUMBER] = {"after", QUERY_INTEGER, NULL},
                                             [QUERY_AFTER_TEXT] = {"after", QUERY_TEXT, NULL}};

    for (size_t i = 0; i < QUERY_ARGS_MAX && shape->args[i].name; i++) {
        if (slice_is(name, shape->args[i].name))
            return &shape->args[i];
    }
    if (slice_is(name, limit.name))
        return &limit;
    if (shape->paging == QUERY_WHOLE)
        return NULL;
    return slice_is(name, "after") ? &after[shape->paging] : NULL;
}

static bool is_of_kind(const struct json *value, enum query_arg_kind kind)
{
    int64_t time_ms;

    switch (kind) {
    case QUERY_TEXT: return value->type == JSON_STRING;
    case QUERY_INTEGER: return value->type == JSON_NUMBER && value->integral;
    case QUERY_OBJECT: return value->type == JSON_OBJECT;
    case QUERY_TIME:
        return value->type == JSON_STRING &&
               clock_parse(value->text.data, value->text.length, &time_ms);
    }
    return false;
}

static enum err_code check_arg(const struct query_shape *shape, const struct json *value,
                               struct err *err)
{
    static const char *const kinds[][LANGUAGE_COUNT] = {
        [QUERY_TEXT] = {"a string", "строка"},
        [QUERY_INTEGER] = {"a whole number", "целое число"},
        [QUERY_OBJECT] = {"an object", "объект"},
        [QUERY_TIME] = {"a time like 2026-02-28T14:03:00+03:00",
                        "время вида 2026-02-28T14:03:00+03:00"},
    };
    const struct query_arg *arg = query_shape_arg(shape, value->key);
    int length = (int)(value->key.length < 64 ? value->key.length : 64);

    if (!arg)
        err_set(err, ERR_INVALID, "argument", "The query %1$s knows no argument \"%2$.*3$s\".",
                "У запроса %1$s нет аргумента «%2$.*3$s».", shape->name, value->key.data, length);
    else if (!is_of_kind(value, arg->kind))
        err_set(err, ERR_INVALID, "argument", "The argument \"%1$s\" must be %2$s.%3$.0s",
                "Аргумент «%1$s» — %3$s.%2$.0s", arg->name, kinds[arg->kind][LANGUAGE_EN],
                kinds[arg->kind][LANGUAGE_RU]);
    else if (arg->words && !slice_is_word(value->text, arg->words))
        err_set(err, ERR_INVALID, "argument", "The argument \"%s\" is one of: %s.",
                "Аргумент «%s» — одно из: %s.", arg->name, arg->words);
    else
        return ERR_OK;
    err_set_path(err, "/args/%.*s", length, value->key.data);
    return ERR_INVALID;
}

enum err_code query_shape_check(const struct query_shape *shape, const struct json *args,
                                struct err *err)
{
    if (!args || args->type != JSON_OBJECT)
        return err_set(err, ERR_INVALID, "argument", "`args` must be an object.",
                       "`args` — объект.");
    for (const struct json *value = args->first; value; value = value->next) {
        if (check_arg(shape, value, err) != ERR_OK)
            return ERR_INVALID;
    }
    int64_t limit = json_integer(json_get(args, "limit"), QUERY_LIMIT_DEFAULT);
    if (limit >= 1 && limit <= QUERY_LIMIT_MAX)
        return ERR_OK;
    err_set(err, ERR_INVALID, "argument", "The argument \"limit\" must be 1 to %d.",
            "Аргумент «limit» — от 1 до %d.", QUERY_LIMIT_MAX);
    err_set_path(err, "/args/limit");
    return ERR_INVALID;
}
