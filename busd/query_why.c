// Why an incident is where it is: what the grouping of calls said each time, out of the events that are
// kept for years, in sentences; and why each call is on it.
#include "busd/query_why.h"

#include "lib/event_json.h"
#include "lib/mem.h"

#include <sqlite3.h>
#include <stdlib.h>

enum { PPM = 1000000, CANDIDATES = 4 };

struct candidate {
    char *node; // empty: the premise itself
    int64_t ppm, premises, callers;
};

// One event that said where it is.
struct prediction {
    int64_t sequence;
    size_t count;
    struct candidate candidates[CANDIDATES];
    char *same; // other devices of the class, as people read a list; NULL = none
};

struct query_why {
    struct prediction *items;
    size_t count, capacity;
};

static void take_same(struct prediction *prediction, const struct event_value *nodes)
{
    struct buf text = {0};

    for (size_t i = 0; i < nodes->count; i++)
        buf_printf(&text, "%s%.*s", i ? ", " : "", (int)nodes->texts[i].length,
                   nodes->texts[i].data);
    prediction->same = mem_string(buf_text(&text));
    buf_fini(&text);
}

static void take(struct query_why *why, const struct event *event)
{
    const struct event_value *names = EVENT_VALUE(event, candidates);
    const struct event_value *ppm = EVENT_VALUE(event, candidates_ppm);
    const struct event_value *premises = EVENT_VALUE(event, candidates_premises);
    const struct event_value *callers = EVENT_VALUE(event, candidates_callers);

    if (!EVENT_HAS(event, candidates) || names->count == 0 || ppm->count < names->count ||
        premises->count < names->count || callers->count < names->count)
        return;
    mem_grow((void **)&why->items, why->count, &why->capacity, sizeof(*why->items));
    struct prediction *prediction = &why->items[why->count++];
    *prediction = (struct prediction){.sequence = event->sequence};
    for (size_t i = 0; i < names->count && i < CANDIDATES; i++)
        prediction->candidates[prediction->count++] =
            (struct candidate){mem_string_of(names->texts[i].data, names->texts[i].length),
                               ppm->integers[i], premises->integers[i], callers->integers[i]};
    if (EVENT_HAS(event, nodes))
        take_same(prediction, EVENT_VALUE(event, nodes));
}

struct query_why *query_why_read(struct query *query, int64_t incident)
{
    struct query_why *why = mem_alloc(sizeof(*why));
    sqlite3_stmt *row =
        reader_statement(query->reader, "SELECT event.bytes FROM timeline"
                                        " JOIN event ON event.sequence = timeline.sequence"
                                        " JOIN topic ON topic.code = event.type"
                                        " WHERE timeline.incident = ?1 AND topic.name IN"
                                        " ('incident.opened', 'incident.grouped')"
                                        " ORDER BY timeline.sequence");

    sqlite3_bind_int64(row, 1, incident);
    while (sqlite3_step(row) == SQLITE_ROW) {
        struct event event;
        const struct json *tree =
            json_parse(query->doc, sqlite3_column_blob(row, 0),
                       (size_t)sqlite3_column_bytes(row, 0), JSON_DEPTH_DEFAULT, NULL);

        if (tree && event_read_stored(&event, tree, query->doc, NULL) == ERR_OK)
            take(why, &event);
    }
    sqlite3_reset(row);
    return why;
}

void query_why_free(struct query_why *why)
{
    for (size_t i = 0; i < why->count; i++) {
        for (size_t k = 0; k < why->items[i].count; k++)
            free(why->items[i].candidates[k].node);
        free(why->items[i].same);
    }
    free(why->items);
    free(why);
}

// Sentences.

static const char *name_of(const struct candidate *candidate, enum language language)
{
    static const char *const alone[LANGUAGE_COUNT] = {"the premise itself", "само помещение"};

    return *candidate->node ? candidate->node : alone[language];
}

static void add_percent(int64_t ppm, struct buf *text)
{
    if (ppm < PPM / 100)
        buf_add_text(text, "<1 %");
    else
        buf_printf(text, "%lld %%", (long long)((ppm + PPM / 200) / (PPM / 100)));
}

static const char *premises_ru(int64_t count)
{
    return count % 10 == 1 && count % 100 != 11 ? "помещения" : "помещений";
}

// The nearest place above that was thought of: what it would take in besides.
static const struct candidate *wider(const struct prediction *prediction)
{
    const struct candidate *found = NULL;

    for (size_t i = 1; i < prediction->count; i++) {
        const struct candidate *at = &prediction->candidates[i];

        if (at->premises > prediction->candidates[0].premises &&
            (!found || at->premises < found->premises))
            found = at;
    }
    return found;
}

static void say_callers(const struct prediction *prediction, enum language language,
                        struct buf *text)
{
    const struct candidate *at = &prediction->candidates[0], *above = wider(prediction);
    int64_t others = above ? above->premises - at->premises : 0;
    int64_t callers = above ? above->callers - at->callers : 0;
    bool ru = language == LANGUAGE_RU;

    if (!*at->node)
        buf_add_text(text, ru ? "Звонок из самого помещения" : "A call from the premise itself");
    else if (ru)
        buf_printf(text, "За %s звонили из %lld из %lld %s", at->node, (long long)at->callers,
                   (long long)at->premises, premises_ru(at->premises));
    else
        buf_printf(text, "%lld of %lld premises of %s called", (long long)at->callers,
                   (long long)at->premises, at->node);
    if (others <= 0)
        return;
    if (callers <= 0)
        buf_printf(text,
                   ru ? ", из остальных за %s (%lld) никто"
                      : ", nobody from the others of %s (%lld)",
                   above->node, (long long)others);
    else
        buf_printf(text,
                   ru ? ", из остальных за %s — из %lld из %lld"
                      : ", from the others of %s %lld of %lld",
                   above->node, (long long)callers, (long long)others);
}

static void say_prediction(const struct prediction *prediction, enum language language,
                           struct buf *text)
{
    bool beaten = false;

    say_callers(prediction, language, text);
    buf_add_text(text, ": ");
    for (size_t i = 0; i < prediction->count; i++) {
        const struct candidate *at = &prediction->candidates[i];

        if (i > 1 && at->ppm < PPM / 100)
            continue; // in `alternatives` still
        buf_printf(text, "%s%s ", i ? ", " : "", name_of(at, language));
        add_percent(at->ppm, text);
        beaten |= at->ppm > prediction->candidates[0].ppm;
    }
    buf_add_text(text, ".");
    if (beaten)
        buf_add_text(text, language == LANGUAGE_RU
                               ? " Все звонки вместе лучше объясняет первое."
                               : " All calls together are explained best by the first.");
    if (prediction->same)
        buf_printf(text,
                   language == LANGUAGE_RU ? " По звонкам не отличить: %s."
                                           : " No call can tell it from %s.",
                   prediction->same);
}

static void put_sentence(struct query *query, const char *rule, const char *text)
{
    json_out_object(query->out, NULL);
    json_out_text(query->out, "rule", rule);
    json_out_text(query->out, "text", text);
    json_out_end(query->out, '}');
}

void query_why_put(struct query *query, const struct query_why *why,
                   const struct incident *incident)
{
    static const char *const settled[LANGUAGE_COUNT] = {
        "Nobody has called about it for so long that further calls do not move it any more.",
        "О нём так давно не звонили, что новые звонки его больше не переносят."};
    static const char *const person[LANGUAGE_COUNT] = {
        "A person has said where it is: calls do not move it any more.",
        "Место указал человек: звонки его больше не переносят."};
    enum language language = query->request->language;
    const struct prediction *last = why->count ? &why->items[why->count - 1] : NULL;
    struct buf text = {0};

    if (!last)
        return;
    say_prediction(last, language, &text);
    json_out_object(query->out, NULL);
    json_out_text(query->out, "rule", "prediction");
    if (*last->candidates[0].node)
        json_out_text(query->out, "node", last->candidates[0].node);
    json_out_number(query->out, "probability", (double)last->candidates[0].ppm / PPM);
    json_out_integer(query->out, "premises", last->candidates[0].premises);
    json_out_integer(query->out, "callers", last->candidates[0].callers);
    json_out_text(query->out, "text", buf_text(&text));
    json_out_end(query->out, '}');
    buf_fini(&text);
    if (incident->grouping == GROUPING_SETTLED)
        put_sentence(query, "settled", settled[language]);
    else if (incident->grouping == GROUPING_NONE)
        put_sentence(query, "person", person[language]);
}

// The numbers as they stood when the next call came.
static const struct prediction *prediction_after(const struct query_why *why, int64_t next)
{
    const struct prediction *found = NULL;

    for (size_t i = 0; i < why->count && why->items[i].sequence < next; i++)
        found = &why->items[i];
    return found;
}

void query_why_put_call(struct query *query, const struct query_why *why,
                        const struct contact *contact, int64_t incident, bool first, int64_t next)
{
    static const struct {
        const char *rule;
        const char *text[LANGUAGE_COUNT];
    } reasons[] = {
        {"opened", {"opened the incident", "открыло инцидент"}},
        {"covered", {"the incident covers its place", "место входит в инцидент"}},
        {"merged", {"came with a merged incident", "пришло с присоединённым инцидентом"}},
    };
    size_t which = contact->incident != incident ? 2 : first ? 0 : 1;
    enum language language = query->request->language;
    const struct prediction *prediction = which == 2 ? NULL : prediction_after(why, next);
    struct buf text = {0};

    buf_add_text(&text, reasons[which].text[language]);
    json_out_object(query->out, NULL);
    json_out_text(query->out, "contact", contact->reg_no);
    json_out_text(query->out, "rule", reasons[which].rule);
    if (prediction) {
        const struct candidate *at = &prediction->candidates[0];

        json_out_number(query->out, "probability", (double)at->ppm / PPM);
        json_out_integer(query->out, "premises", at->premises);
        json_out_integer(query->out, "callers", at->callers);
        buf_printf(&text, ": %s ", name_of(at, language));
        add_percent(at->ppm, &text);
    }
    json_out_text(query->out, "text", buf_text(&text));
    json_out_end(query->out, '}');
    buf_fini(&text);
}

void query_why_put_alternatives(struct query *query, const struct query_why *why)
{
    const struct prediction *last = why->count ? &why->items[why->count - 1] : NULL;

    for (size_t i = 1; last && i < last->count; i++) {
        const struct candidate *at = &last->candidates[i];

        json_out_object(query->out, NULL);
        if (*at->node)
            json_out_text(query->out, "node", at->node);
        else
            json_out_null(query->out, "node"); // the premise itself
        json_out_number(query->out, "probability", (double)at->ppm / PPM);
        json_out_integer(query->out, "premises", at->premises);
        json_out_integer(query->out, "callers", at->callers);
        json_out_end(query->out, '}');
    }
}
