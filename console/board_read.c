#include "console/board_internal.h"
#include "lib/buf.h"
#include "lib/mem.h"

#include <stdlib.h>

void board_set_text(char **text, const struct json *value)
{
    struct slice string = json_string(value);
    free(*text);
    *text = string.length > 0 ? mem_string_of(string.data, string.length) : NULL;
}

char *board_place(const struct json *object)
{
    static const char *const members[] = {"settlement", "street", "house"};
    struct buf place = {0};
    struct slice whole = json_string(json_get(object, "address"));
    if (whole.length > 0)
        return mem_string_of(whole.data, whole.length);
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        struct slice part = json_string(json_get(object, members[i]));
        if (part.length == 0)
            continue;
        if (place.length > 0)
            buf_add_text(&place, i == 2 ? " " : ", ");
        buf_add(&place, part.data, part.length);
    }
    char *text = place.length > 0 ? mem_string_of(place.data, place.length) : NULL;
    buf_fini(&place);
    return text;
}

static void take_eta(struct board_row *row, const struct json *eta)
{
    row->has_eta = eta && eta->type == JSON_OBJECT && json_string(json_get(eta, "at")).data;
    if (!row->has_eta)
        return;
    row->eta_at_ms = board_time(eta, "at");
    row->eta_set_at_ms = board_time(eta, "set_at");
    row->firmness = (enum board_firmness)board_word(board_firmness_words, json_get(eta, "firmness"),
                                                    BOARD_ESTIMATE);
    row->source = (enum board_source)board_word(board_source_words, json_get(eta, "source"),
                                                BOARD_DISPATCHER);
}

// `crew` is the crew's name, or an object {crew, tier, state}.
static void take_crew(struct board_row *row, const struct json *crew)
{
    bool object = crew && crew->type == JSON_OBJECT;
    board_set_text(&row->crew, object ? json_get(crew, "crew") : crew);
    row->crew_state = object      ? board_word(board_crew_words, json_get(crew, "state"), -1)
                      : row->crew ? 1
                                  : -1;
}

void board_take_row(struct board *board, const struct json *json)
{
    int64_t number = json_integer(json_get(json, "incident"), 0);
    if (number <= 0)
        return;
    struct board_row *row = board_add_row(board, number);
    int64_t version = json_integer(json_get(json, "version"), 0);
    if (version < row->version)
        return; // an older answer, overtaken by the stream
    row->version = version;
    row->kind = (enum board_kind)board_word(board_kind_words, json_get(json, "kind"), BOARD_OUTAGE);
    row->state =
        (enum board_state)board_word(board_state_words, json_get(json, "state"), BOARD_SUSPECTED);
    int64_t priority = json_integer(json_get(json, "priority"), 4);
    row->priority =
        priority >= 1 && priority <= BOARD_PRIORITIES ? (int)priority : BOARD_PRIORITIES;
    board_set_text(&row->node, json_get(json, "node"));
    board_set_text(&row->ref, json_get(json, "ref"));
    char *place = board_place(json);
    if (place) {
        free(row->place);
        row->place = place;
    }
    row->started_ms = board_time(json, "started");
    row->restored_at_ms = board_time(json, "restored_at");
    row->calls = json_integer(json_get(json, "calls"), 0);
    row->customers = json_integer(json_get(json, "customers"), 0);
    take_eta(row, json_get(json, "eta"));
    take_crew(row, json_get(json, "crew"));
    board_set_text(&row->accepted_by, json_get(json, "accepted_by"));
    row->chattering = json_bool(json_get(json, "chattering"), false);
    if (json_get(json, "last_report_at"))
        row->last_report_ms = board_time(json, "last_report_at");
    row->unresolved = json_bool(json_get(json, "unresolved"), false);
    const struct json *probability = json_get(json, "probability");
    row->probability_percent = probability && probability->type == JSON_NUMBER
                                   ? (int64_t)(probability->number * 100 + 0.5)
                                   : -1;
}

void board_take_mode(struct board *board, const struct json *stats)
{
    board->mode =
        (struct board_mode){.storm = slice_is(json_string(json_get(stats, "mode")), "storm"),
                            .since_ms = board_time(stats, "mode_since"),
                            .proposed = json_get(stats, "mode_proposed") != NULL};
}

void board_want_place(struct board *board, int64_t number)
{
    struct board_row *row = board_row(board, number);
    if (!row || row->place_asked)
        return;
    row->place_asked = true;
    board_doubt(board, number);
}

void board_take_place(struct board *board, int64_t number, const struct json *place)
{
    struct board_row *row = board_row(board, number);
    if (row && !row->place)
        row->place = board_place(place);
}
