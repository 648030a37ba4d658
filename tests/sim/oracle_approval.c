// Acts of two people: what waits, who may agree to it and until when, and that it is done then and not
// otherwise. tests/lib/four_eyes.yaml says which acts these are.
#include "tests/sim/sim.h"

#include "lib/mem.h"

#include <stdio.h>
#include <stdlib.h>

enum { WAITS_MS = 5 * 60 * 1000, MODE_NORMAL = 0 };

static struct oracle_approval *find(struct oracle *oracle, struct slice id)
{
    for (size_t i = 0; i < oracle->approval_count; i++) {
        if (slice_is(id, oracle->approvals[i].id))
            return &oracle->approvals[i];
    }
    return NULL;
}

static bool needs_two(enum event_type type, const struct event *event)
{
    return type == EVENT_PLANNED_CANCELLED ||
           (type == EVENT_MODE_CHANGED && EVENT_VALUE(event, mode)->integer == MODE_NORMAL) ||
           (type == EVENT_INCIDENT_CANCELLED &&
            slice_is(EVENT_VALUE(event, reason)->text, "duplicate"));
}

// "pult:user:dispatcher3": the name.
static struct slice name_of(struct slice identity)
{
    size_t at = identity.length;

    while (at > 0 && identity.data[at - 1] != ':')
        at--;
    return (struct slice){identity.data + at, identity.length - at};
}

static void fold_requested(struct sim *sim, const struct event *event, const struct json *data)
{
    struct oracle *oracle = &sim->oracle;
    struct oracle_approval *approval;
    struct slice act = EVENT_VALUE(event, act)->text;
    struct buf text = {0};

    if (find(oracle, event->id))
        sim_fail(sim, "%.*s waits already", (int)event->id.length, event->id.data);
    if (!slice_equal(EVENT_VALUE(event, by)->text, name_of(event->source)))
        sim_fail(sim, "who asked is not %.*s", (int)event->source.length, event->source.data);
    if (EVENT_VALUE(event, until)->integer != event->recorded_ms + WAITS_MS)
        sim_fail(sim, "%.*s does not wait for five minutes", (int)act.length, act.data);
    mem_grow((void **)&oracle->approvals, oracle->approval_count, &oracle->approval_capacity,
             sizeof(*oracle->approvals));
    approval = &oracle->approvals[oracle->approval_count++];
    *approval = (struct oracle_approval){.act = event_type_of(act),
                                         .until = EVENT_VALUE(event, until)->integer,
                                         .sequence = event->sequence};
    snprintf(approval->id, sizeof(approval->id), "%.*s", (int)event->id.length, event->id.data);
    snprintf(approval->by, sizeof(approval->by), "%.*s", (int)event->source.length,
             event->source.data);
    json_write(&text, data);
    approval->data = text.data;
}

static void fold_given(struct sim *sim, const struct event *event)
{
    struct oracle *oracle = &sim->oracle;
    struct slice of = EVENT_VALUE(event, of)->text;
    struct oracle_approval *approval = find(oracle, of);

    if (!approval || approval->given_at)
        sim_fail(sim, "%.*s did not wait for agreement", (int)of.length, of.data);
    if (slice_is(event->source, approval->by))
        sim_fail(sim, "%s agreed to what they asked for themselves", approval->by);
    if (event->recorded_ms > approval->until)
        sim_fail(sim, "somebody agreed to %s too late", approval->id);
    approval->given_at = event->recorded_ms;
    oracle->agreed = approval;
    snprintf(oracle->agreement, sizeof(oracle->agreement), "%.*s", (int)event->id.length,
             event->id.data);
}

// It is what was asked for, as it was said.
static void check_act(struct sim *sim, const struct event *event, const struct json *data)
{
    const struct oracle_approval *approval = sim->oracle.agreed;
    struct json_doc *doc = json_doc_new();
    struct err err;

    if (event->type != approval->act || !slice_is(event->source, "pult:busd") ||
        !slice_is(event->cause_id, sim->oracle.agreement))
        sim_fail(sim, "%s was agreed to, and %.*s follows", event_topic(approval->act),
                 (int)event->topic.length, event->topic.data);
    const struct json *asked =
        json_parse(doc, approval->data, strlen(approval->data), JSON_DEPTH_DEFAULT, &err);
    for (const struct json *member = asked->first; member; member = member->next) {
        const struct json *done = json_get_slice(data, member->key);

        if (!done || !json_equal(member, done))
            sim_fail(sim, "%.*s of what was done is not what was asked for",
                     (int)member->key.length, member->key.data);
    }
    json_doc_free(doc);
    sim->oracle.agreed = NULL;
}

void oracle_check_approval(struct sim *sim, const struct event *event, const struct json *data)
{
    if (sim->oracle.agreed)
        check_act(sim, event, data);
    else if (needs_two(event->type, event))
        sim_fail(sim, "%.*s was done, and nobody else agreed", (int)event->topic.length,
                 event->topic.data);
    if (event->type == EVENT_APPROVAL_REQUESTED)
        fold_requested(sim, event, json_get(data, "data"));
    else if (event->type == EVENT_APPROVAL_GIVEN)
        fold_given(sim, event);
}

void oracle_check_agreed(struct sim *sim)
{
    if (sim->oracle.agreed)
        sim_fail(sim, "%s was agreed to and not done", event_topic(sim->oracle.agreed->act));
}

// An agreement that was refused: for the reason that there is.
void oracle_refused_agreement(struct sim *sim, const struct sim_request *request, struct slice of,
                              const struct err *err)
{
    const struct oracle_approval *approval = find(&sim->oracle, of);
    int64_t now_ms = sim_broker_now_ms(sim);
    const char *wanted = !approval                                      ? "of"
                         : approval->given_at                           ? "given"
                         : approval->until < now_ms                     ? "late"
                         : strcmp(approval->by, request->identity) == 0 ? "same_person"
                                                                        : "";

    // What cannot be done any more is refused for a reason of its own.
    if (*wanted ? strcmp(err->reason, wanted) != 0
                : strcmp(err->reason, "of") == 0 || strcmp(err->reason, "given") == 0 ||
                      strcmp(err->reason, "late") == 0 || strcmp(err->reason, "same_person") == 0)
        sim_fail(sim, "agreement to %.*s is refused for %s, and not for %s", (int)of.length,
                 of.data, err->reason, *wanted ? wanted : "what became of it");
}

void oracle_compare_approvals(struct sim *sim)
{
    for (size_t i = 0; i < sim->oracle.approval_count; i++) {
        const struct oracle_approval *own = &sim->oracle.approvals[i];
        union record record = {.approval = {0}};
        struct err err;

        if (store_get_record(sim->broker.store, RECORD_APPROVAL, own->id, &record, &err) != 1)
            sim_fail(sim, "act %s is not in the store", own->id);
        if (record.approval.until != own->until || record.approval.given_at != own->given_at ||
            record.approval.sequence != own->sequence ||
            strcmp(record.approval.act, event_topic(own->act)) != 0)
            sim_fail(sim, "act %s stands otherwise in the store", own->id);
        record_fini(RECORD_APPROVAL, &record);
    }
}

void oracle_free_approvals(struct oracle *oracle)
{
    for (size_t i = 0; i < oracle->approval_count; i++)
        free(oracle->approvals[i].data);
    free(oracle->approvals);
}
