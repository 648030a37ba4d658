#include "tests/sim/sim.h"

#include "lib/clock.h"
#include "lib/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct sim_request *clients_new(struct sim *sim, const char *identity)
{
    struct sim_clients *clients = &sim->clients;
    struct sim_request *request = mem_alloc(sizeof(*request));

    request->number = clients->count;
    snprintf(request->identity, sizeof(request->identity), "%s", identity);
    mem_grow((void **)&clients->requests, clients->count, &clients->capacity,
             sizeof(struct sim_request *));
    clients->requests[clients->count++] = request;
    return request;
}

// The id says whose event it is: "NUMBER.INDEX".
void clients_add_event(struct sim *sim, struct sim_request *request, const char *type,
                       const char *data, int64_t time_ms)
{
    uint64_t number = request->steals ? request->id_other : request->number;
    char time[CLOCK_TEXT_BYTES];

    (void)sim;
    buf_add_text(&request->body, request->count ? ",\n" : "");
    buf_printf(&request->body,
               "{\"specversion\":\"1.0\",\"id\":\"%" PRIu64 ".%zu\",\"type\":\"%s\"", number,
               request->count, type);
    if (time_ms) {
        clock_format(time_ms, time);
        buf_printf(&request->body, ",\"time\":\"%s\"", time);
    }
    buf_printf(&request->body, ",\"data\":%s}", data);
    request->count++;
}

void clients_send(struct sim *sim, struct sim_request *request)
{
    if (request->count > 1) {
        struct buf array = {0};

        buf_printf(&array, "[%s]", request->body.data);
        buf_fini(&request->body);
        request->body = array;
    }
    request->sequences = mem_alloc(request->count * sizeof(*request->sequences));
    clients_send_again(sim, request);
}

void clients_send_again(struct sim *sim, struct sim_request *request)
{
    if (!request->answered)
        request->fate = SIM_WAITS;
    sim_tell(sim, "%s sends %" PRIu64 ": %s", request->identity, request->number,
             request->body.data);
    sim_broker_publish(sim, request);
}

struct sim_request *clients_unknown(struct sim *sim)
{
    struct sim_clients *clients = &sim->clients;

    while (clients->first_open < clients->count &&
           clients->requests[clients->first_open]->fate >= SIM_DONE)
        clients->first_open++;
    for (size_t i = clients->first_open; i < clients->count; i++) {
        if (clients->requests[i]->fate == SIM_UNKNOWN)
            return clients->requests[i];
    }
    return NULL;
}

struct sim_request *clients_any(struct sim *sim)
{
    struct sim_clients *clients = &sim->clients;

    return clients->count ? clients->requests[sim_below(&sim->chance, (int)clients->count)] : NULL;
}

void clients_fini(struct sim_clients *clients)
{
    for (size_t i = 0; i < clients->count; i++) {
        buf_fini(&clients->requests[i]->body);
        free(clients->requests[i]->sequences);
        free(clients->requests[i]);
    }
    free(clients->requests);
}

// --- answers ------------------------------------------------------------------------------------

static void check_results(struct sim *sim, struct sim_request *request, const struct json *results)
{
    size_t index = 0;

    for (const struct json *item = results->first; item; item = item->next, index++) {
        int64_t sequence = json_integer(json_get(item, "sequence"), 0);

        if (index >= request->count || sequence != request->sequences[index])
            sim_fail(sim,
                     "request %" PRIu64
                     "/%zu was answered with sequence %lld, the journal has %lld",
                     request->number, index, (long long)sequence,
                     (long long)(index < request->count ? request->sequences[index] : 0));
        if (request->answered && !json_bool(json_get(item, "duplicate"), false))
            sim_fail(sim, "request %" PRIu64 " came again and was no duplicate", request->number);
        oracle_result(sim, sequence, item);
    }
    if (index != request->count)
        sim_fail(sim, "request %" PRIu64 " has %zu events and %zu results", request->number,
                 request->count, index);
}

static void answer_done(struct sim *sim, struct sim_request *request, const struct publish *publish)
{
    struct json_doc *doc = json_doc_new();
    struct buf text = {0};
    struct err err;

    buf_printf(&text, "[%s]", buf_text(&publish->results));
    const struct json *results = json_parse(doc, text.data, text.length, JSON_DEPTH_DEFAULT, &err);
    if (!results)
        sim_fail(sim, "an answer is no JSON: %s", text.data);
    if (request->steals)
        sim_fail(sim, "request %" PRIu64 " has the id of another event and was done",
                 request->number);
    sim_hash(sim, text.data, text.length);
    check_results(sim, request, results);
    request->answered = true;
    request->fate = SIM_DONE;
    buf_fini(&text);
    json_doc_free(doc);
}

static void answer_refused(struct sim *sim, struct sim_request *request, const struct err *err)
{
    sim_tell(sim, "  %" PRIu64 " is refused: %s", request->number, err->message[LANGUAGE_EN]);
    if (!err->message[LANGUAGE_EN][0] || !err->message[LANGUAGE_RU][0] || !err->reason[0])
        sim_fail(sim, "a refusal has no sentence");
    if (request->answered)
        sim_fail(sim, "request %" PRIu64 " was done and is refused when it comes again: %s",
                 request->number, err->message[LANGUAGE_EN]);
    for (size_t i = 0; i < request->count && !request->steals; i++) {
        if (request->sequences[i])
            sim_fail(sim, "request %" PRIu64 " is refused, but stands in the journal: %s",
                     request->number, err->message[LANGUAGE_EN]);
    }
    request->fate = SIM_REFUSED;
}

void clients_answer(struct sim *sim, const struct publish *publish)
{
    struct sim_request *request = sim->clients.requests[publish->ticket];
    const struct err *err = &publish->err;

    sim_hash(sim, &err->code, sizeof(err->code));
    if (err->code == ERR_OK) {
        answer_done(sim, request, publish);
    } else if (err->code == ERR_UNAVAILABLE) {
        sim_tell(sim, "  %" PRIu64 " is unknown: %s", request->number, err->message[LANGUAGE_EN]);
        if (!request->answered)
            request->fate = SIM_UNKNOWN;
    } else {
        answer_refused(sim, request, err);
        oracle_refused(sim, request, err);
    }
}

void clients_forget_waiting(struct sim *sim)
{
    struct sim_clients *clients = &sim->clients;

    for (size_t i = clients->first_open; i < clients->count; i++) {
        if (clients->requests[i]->fate == SIM_WAITS)
            clients->requests[i]->fate = SIM_UNKNOWN;
    }
}

// --- the journal --------------------------------------------------------------------------------

static bool is_personal(const struct json *member)
{
    return slice_is(member->key, "caller") || slice_is(member->key, "text") ||
           slice_is(member->key, "premise");
}

// What was sent stands there, unless it is personal.
static void check_data(struct sim *sim, struct sim_request *request, size_t index,
                       const struct json *stored)
{
    struct json_doc *doc = json_doc_new();
    struct err err;
    const struct json *sent =
        json_parse(doc, request->body.data, request->body.length, JSON_DEPTH_DEFAULT, &err);

    if (sent->type == JSON_ARRAY) {
        sent = sent->first;
        while (index--)
            sent = sent->next;
    }
    struct slice phone = json_string(json_pointer(sent, slice_of("/data/caller/phone")));
    sim->clients.phone = phone.length > 4 ? atoi(phone.data + phone.length - 4) : -1;
    for (const struct json *member = json_get(sent, "data")->first; member; member = member->next) {
        const struct json *kept = json_get_slice(stored, member->key);

        if (!is_personal(member) && (!kept || !json_equal(member, kept)))
            sim_fail(sim, "request %" PRIu64 ": %.*s of the stored event is not what was sent",
                     request->number, (int)member->key.length, member->key.data);
    }
    json_doc_free(doc);
}

void clients_stored(struct sim *sim, struct slice source, struct slice id, int64_t sequence,
                    const struct json *data)
{
    char text[48], *end;
    uint64_t number, index;

    snprintf(text, sizeof(text), "%.*s", (int)id.length, id.data);
    number = strtoull(text, &end, 10);
    index = *end == '.' ? strtoull(end + 1, NULL, 10) : UINT64_MAX;
    if (number >= sim->clients.count || index >= sim->clients.requests[number]->count)
        sim_fail(sim, "event %lld has the id %s, which nobody sent", (long long)sequence, text);
    struct sim_request *request = sim->clients.requests[number];
    if (!slice_is(source, request->identity))
        sim_fail(sim, "event %lld is not of %s", (long long)sequence, request->identity);
    if (request->sequences[index])
        sim_fail(sim, "event %s stands in the journal twice: as %lld and %lld", text,
                 (long long)request->sequences[index], (long long)sequence);
    if (request->fate == SIM_REFUSED)
        sim_fail(sim, "event %s was refused and stands in the journal as %lld", text,
                 (long long)sequence);
    request->sequences[index] = sequence;
    check_data(sim, request, index, data);
}

void clients_check(struct sim *sim)
{
    const struct sim_clients *clients = &sim->clients;

    for (size_t i = clients->first_open; i < clients->count; i++) {
        const struct sim_request *request = clients->requests[i];
        size_t stored = 0;

        for (size_t k = 0; k < request->count && request->sequences; k++)
            stored += request->sequences[k] != 0;
        if (stored != 0 && stored != request->count)
            sim_fail(sim, "request %" PRIu64 ": %zu of its %zu events are in the journal",
                     request->number, stored, request->count);
        if (request->fate == SIM_DONE && stored == 0)
            sim_fail(sim, "request %" PRIu64 " was done, and the journal has nothing of it",
                     request->number);
    }
}
