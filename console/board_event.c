#include "console/board_internal.h"
#include "lib/mem.h"

#include <stdlib.h>
#include <string.h>

// One event, read as far as the board needs it.
struct fact {
    struct board *board;
    const struct json *event, *data;
    struct slice type;
    int64_t sequence, recorded_ms;
    struct board_row *row; // of data.incident; NULL = unknown
    unsigned effects;
};

// What the event does to its row is known for certain, or asked again.
typedef void apply_fact(struct fact *fact);

static void ask_again(struct fact *fact)
{
    board_doubt(fact->board, json_integer(json_get(fact->data, "incident"), 0));
}

static void opened(struct fact *fact)
{
    const struct json *data = fact->data;
    int64_t number = json_integer(json_get(data, "incident"), 0);
    struct board_row *row = board_add_row(fact->board, number);
    fact->row = row;
    row->kind = (enum board_kind)board_word(board_kind_words, json_get(data, "kind"), BOARD_OUTAGE);
    bool by_broker = slice_is(json_string(json_get(fact->event, "source")), "pult:busd");
    row->state = by_broker ? BOARD_SUSPECTED : BOARD_CONFIRMED;
    row->priority =
        (int)json_integer(json_get(data, "priority"), row->kind == BOARD_HAZARD ? 1 : 4);
    board_set_text(&row->node, json_get(data, "node"));
    board_set_text(&row->ref, json_get(data, "ref"));
    free(row->place);
    row->place = board_place(json_get(data, "premise"));
    row->started_ms = board_time(data, "started");
    if (row->started_ms == 0)
        row->started_ms = board_time(fact->event, "time");
    const struct json *contacts = json_get(data, "contacts");
    row->calls = contacts ? (int64_t)contacts->count : 0;
    row->customers = json_integer(json_get(data, "customers"),
                                  json_integer(json_get(data, "customers_counted"), 0));
    fact->effects |= BOARD_URGENT;
    if (row->priority == 1)
        fact->effects |= BOARD_NEW_PRIORITY_1;
    ask_again(fact); // priority, probability and place are the engine's to say
}

static void updated(struct fact *fact)
{
    const struct json *data = fact->data;
    struct board_row *row = fact->row;
    if (json_get(data, "started"))
        row->started_ms = board_time(data, "started");
    row->customers = json_integer(json_get(data, "customers"), row->customers);
    int64_t priority = json_integer(json_get(data, "priority"), row->priority);
    row->priority = priority >= 1 && priority <= BOARD_PRIORITIES ? (int)priority : row->priority;
    ask_again(fact); // accounts change the count
}

static void moved(struct fact *fact)
{
    if (json_get(fact->data, "node"))
        board_set_text(&fact->row->node, json_get(fact->data, "node"));
    fact->row->customers =
        json_integer(json_get(fact->data, "customers_counted"), fact->row->customers);
    if (slice_is(fact->type, "incident.confirmed"))
        fact->row->state = BOARD_CONFIRMED;
    ask_again(fact);
}

static void crew(struct fact *fact)
{
    struct board_row *row = fact->row;
    row->crew_state = board_word(board_crew_words, json_get(fact->data, "state"), row->crew_state);
    if (json_get(fact->data, "crew"))
        board_set_text(&row->crew, json_get(fact->data, "crew"));
}

// Where calls put it, as long as nobody has said otherwise.
static void grouped(struct fact *fact)
{
    if (json_get(fact->data, "candidates")) {
        bool probable = json_bool(json_get(fact->data, "probable"), false);

        fact->row->state = probable ? BOARD_PROBABLE : BOARD_SUSPECTED;
        board_set_text(&fact->row->node, json_get(fact->data, "node"));
    }
    fact->row->customers =
        json_integer(json_get(fact->data, "customers_counted"), fact->row->customers);
    ask_again(fact);
}

// What it covers, and so what it counts, is another since a switching.
static void switched(struct fact *fact)
{
    ask_again(fact);
}

static void partly_restored(struct fact *fact)
{
    fact->row->state = BOARD_PARTLY_RESTORED;
    ask_again(fact);
}

static void restored(struct fact *fact)
{
    fact->row->state = BOARD_RESTORED;
    fact->row->has_eta = false;
    fact->row->restored_at_ms = board_time(fact->data, "at");
    if (fact->row->restored_at_ms == 0)
        fact->row->restored_at_ms = board_time(fact->event, "time");
    fact->effects |= BOARD_URGENT;
}

static void verified(struct fact *fact)
{
    fact->row->state = BOARD_VERIFIED;
}

static void reopened(struct fact *fact)
{
    fact->row->has_eta = false;
    fact->row->restored_at_ms = 0;
    fact->row->state = BOARD_CONFIRMED;
    fact->effects |= BOARD_URGENT;
    ask_again(fact);
}

static void closed(struct fact *fact)
{
    fact->row->state = BOARD_CLOSED;
}

static void cancelled(struct fact *fact)
{
    fact->row->state = BOARD_CANCELLED;
}

static void merged(struct fact *fact)
{
    fact->row->state = BOARD_MERGED;
    board_doubt(fact->board, json_integer(json_get(fact->data, "into"), 0));
}

static void split(struct fact *fact)
{
    ask_again(fact);
    board_doubt(fact->board, json_integer(json_get(fact->data, "split_into"), 0));
    fact->effects |= BOARD_URGENT;
}

static void eta_set(struct fact *fact)
{
    const struct json *data = fact->data;
    struct board_row *row = fact->row;
    if (!json_bool(json_get(data, "in_force"), true))
        return;
    row->has_eta = true;
    row->eta_at_ms = board_time(data, "at");
    row->eta_set_at_ms = fact->recorded_ms;
    row->firmness = (enum board_firmness)board_word(board_firmness_words,
                                                    json_get(data, "firmness"), BOARD_ESTIMATE);
    row->source = (enum board_source)board_word(board_source_words, json_get(data, "source"),
                                                BOARD_DISPATCHER);
    fact->effects |= BOARD_URGENT;
}

static void eta_withdrawn(struct fact *fact)
{
    fact->row->has_eta = false;
    fact->effects |= BOARD_URGENT;
    ask_again(fact); // one of a lower source may come into force
}

static void accepted(struct fact *fact)
{
    const struct json *person = json_get(fact->event, "person");

    board_set_text(&fact->row->accepted_by, person ? person : json_get(fact->event, "source"));
    if (!fact->row->accepted_by)
        fact->row->accepted_by = mem_string("?");
}

static void reported(struct fact *fact)
{
    const struct json *data = fact->data;
    fact->row->calls++;
    fact->row->last_report_ms = fact->recorded_ms;
    bool new_information = json_get(data, "hazard") || json_get(data, "critical");
    if (new_information)
        fact->effects |= BOARD_URGENT;
    // Anything may be news to an accepted incident, and evidence to one that is not confirmed.
    if (new_information || fact->row->accepted_by || fact->row->state < BOARD_CONFIRMED)
        ask_again(fact);
}

static const struct {
    const char *type;
    apply_fact *apply;
    bool creates; // works without a known row
} facts[] = {
    {"incident.opened", opened, true},
    {"incident.grouped", grouped, false},
    {"incident.switched", switched, false},
    {"incident.updated", updated, false},
    {"incident.confirmed", moved, false},
    {"incident.moved", moved, false},
    {"incident.merged", merged, false},
    {"incident.split", split, false},
    {"incident.crew", crew, false},
    {"incident.partly_restored", partly_restored, false},
    {"incident.restored", restored, false},
    {"incident.verified", verified, false},
    {"incident.reopened", reopened, false},
    {"incident.closed", closed, false},
    {"incident.cancelled", cancelled, false},
    {"eta.set", eta_set, false},
    {"eta.withdrawn", eta_withdrawn, false},
    {"dispatch.accepted", accepted, false},
    {"contact.outage_report", reported, false},
    {"contact.quality_complaint", reported, false},
};

static void apply_to_row(struct fact *fact)
{
    int64_t number = json_integer(json_get(fact->data, "incident"), 0);
    fact->row = number > 0 ? board_row(fact->board, number) : NULL;
    for (size_t i = 0; number > 0 && i < sizeof facts / sizeof *facts; i++) {
        if (!slice_is(fact->type, facts[i].type))
            continue;
        if (!fact->row && !facts[i].creates) {
            ask_again(fact);
            return;
        }
        if (fact->row && fact->sequence <= fact->row->version)
            return; // invariant 1
        facts[i].apply(fact);
        fact->row->version = fact->sequence;
        fact->effects |= BOARD_CHANGED;
        return;
    }
}

unsigned board_apply(struct board *board, const struct json *event)
{
    struct fact fact = {.board = board, .event = event, .data = json_get(event, "data")};
    fact.type = json_string(json_get(event, "type"));
    struct slice sequence = json_string(json_get(event, "sequence"));
    fact.sequence = sequence.data ? strtoll(sequence.data, NULL, 10) : 0;
    fact.recorded_ms = board_time(event, "recordedtime");
    if (!fact.type.data || fact.sequence <= 0)
        return 0;
    apply_to_row(&fact);
    if (slice_is(fact.type, "mode.changed")) {
        board->mode.storm = slice_is(json_string(json_get(fact.data, "mode")), "storm");
        board->mode.since_ms = board_time(event, "time");
        board->mode.proposed = false; // until `stats` says so again
        fact.effects |= BOARD_CHANGED | BOARD_URGENT | BOARD_MODE_CHANGED;
    }
    if (slice_is(fact.type, "deadline.passed") || slice_is(fact.type, "eta.needed"))
        fact.effects |= BOARD_CHANGED | BOARD_URGENT;
    struct slice deadline = json_string(json_get(fact.data, "deadline"));
    if (slice_is(deadline, "flood_on") || slice_is(deadline, "flood_off"))
        fact.effects |= BOARD_MODE_CHANGED;
    if (fact.type.length > 8 && memcmp(fact.type.data, "planned.", 8) == 0)
        fact.effects |= BOARD_CHANGED | BOARD_PLANNED_CHANGED;
    board_set_head(board, fact.sequence);
    return fact.effects;
}
