#include "busd/reload.h"

#include "busd/daemon_rules.h"
#include "lib/log.h"
#include "lib/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// One file, or several that belong together: read into something fresh, which then is taken over or
// dropped. `read` gives NULL with a sentence when there is a fault.
struct reload_part {
    const char *name;
    void *(*read)(const struct daemon *daemon, struct err *err);
    void (*take)(struct daemon *daemon, void *fresh);
    void (*drop)(void *fresh);
};

static void *read_rights(const struct daemon *daemon, struct err *err)
{
    struct access_files files = daemon_access_files(daemon->config, daemon->schemas);

    return access_read(&files, err);
}

static void take_rights(struct daemon *daemon, void *fresh)
{
    struct access *former = daemon->access;

    daemon->access = fresh;
    daemon->batch.access = fresh;
    if (zap_set_access(daemon->zap, daemon->access) &&
        broker_rebind_feed(daemon->broker, &daemon->fault) != ERR_OK)
        daemon->failed = true;
    sessions_set_access(daemon->sessions, daemon->access);
    access_free(former);
}

static void drop_rights(void *fresh)
{
    access_free(fresh);
}

static void *read_rules(const struct daemon *daemon, struct err *err)
{
    return daemon_read_rules(daemon->config, err);
}

static void take_rules(struct daemon *daemon, void *fresh)
{
    daemon_take_rules(daemon, fresh);
}

static void drop_rules(void *fresh)
{
    rules_unload(fresh);
}

// What watches promises. The daemon's own structs keep their place, which others point to; what they held
// goes with the fresh one.

static void *read_desks(const struct daemon *daemon, struct err *err)
{
    struct engine_desks *fresh = mem_alloc(sizeof *fresh);

    if (desks_read(fresh, *daemon->config->desks ? daemon->config->desks : NULL, err) == ERR_OK)
        return fresh;
    desks_fini(fresh);
    free(fresh);
    return NULL;
}

static void drop_desks(void *fresh)
{
    desks_fini(fresh);
    free(fresh);
}

static void take_desks(struct daemon *daemon, void *fresh)
{
    struct engine_desks former = daemon->desks;

    daemon->desks = *(struct engine_desks *)fresh;
    *(struct engine_desks *)fresh = former;
    engine_set_desks(daemon->engine, &daemon->desks);
    drop_desks(fresh);
}

static void *read_etas(const struct daemon *daemon, struct err *err)
{
    struct engine_etas *fresh = mem_alloc(sizeof *fresh);

    if (etas_read(fresh, *daemon->config->etas ? daemon->config->etas : NULL, err) == ERR_OK)
        return fresh;
    etas_fini(fresh);
    free(fresh);
    return NULL;
}

static void drop_etas(void *fresh)
{
    etas_fini(fresh);
    free(fresh);
}

static void take_etas(struct daemon *daemon, void *fresh)
{
    struct engine_etas former = daemon->etas;

    engine_set_etas(daemon->engine, NULL); // the former rows have their incidents looked at again
    daemon->etas = *(struct engine_etas *)fresh;
    *(struct engine_etas *)fresh = former;
    engine_set_etas(daemon->engine, &daemon->etas);
    drop_etas(fresh);
}

static void *read_timers(const struct daemon *daemon, struct err *err)
{
    struct engine_timers *fresh = mem_alloc(sizeof *fresh);

    if (timers_read(fresh, *daemon->config->timers ? daemon->config->timers : NULL, err) == ERR_OK)
        return fresh;
    timers_fini(fresh);
    free(fresh);
    return NULL;
}

static void drop_timers(void *fresh)
{
    timers_fini(fresh);
    free(fresh);
}

static void take_timers(struct daemon *daemon, void *fresh)
{
    struct engine_timers former = daemon->timers;

    daemon->batch.hours.done = false; // other limits may be passed already
    daemon->timers = *(struct engine_timers *)fresh;
    daemon->timers.calendar = former.calendar;
    *(struct engine_timers *)fresh = former;
    engine_set_timers(daemon->engine, &daemon->timers);
    drop_timers(fresh);
}

static const struct reload_part parts[] = {
    {"rights", read_rights, take_rights, drop_rights},
    {"rules", read_rules, take_rules, drop_rules},
    {"desks", read_desks, take_desks, drop_desks},
    {"etas", read_etas, take_etas, drop_etas},
    {"timers", read_timers, take_timers, drop_timers},
};
enum { PARTS = sizeof parts / sizeof *parts };

static enum err_code read_parts(struct daemon *daemon, void *fresh[PARTS], struct err *err)
{
    for (size_t i = 0; i < PARTS; i++) {
        fresh[i] = parts[i].read(daemon, err);
        if (fresh[i])
            continue;
        while (i-- > 0)
            parts[i].drop(fresh[i]);
        return err->code;
    }
    return ERR_OK;
}

// Another table of rights is an event. The rights hold whether it can be written or not.
static void journal_rights(struct daemon *daemon, const char *by)
{
    struct batch *batch = &daemon->batch;
    int64_t now_ms = daemon_stamp_ms(daemon);
    struct event event = {.type = EVENT_OTHER,
                          .topic = slice_of("rights.changed"),
                          .source = slice_of("pult:busd"),
                          .time_ms = now_ms,
                          .recorded_ms = now_ms};
    struct json_doc *doc = json_doc_new();
    struct json *proposal = json_new(doc, JSON_OBJECT), *data = json_new(doc, JSON_OBJECT);
    char sha256[65];
    struct err err;

    err_clear(&err);
    access_sha256(daemon->access, sha256);
    json_set(doc, proposal, "data", data);
    json_set(doc, data, "by", json_new_string(doc, slice_of(by)));
    json_set(doc, data, "sha256", json_new_string(doc, slice_of(sha256)));
    if (store_begin(batch->store, &err) == ERR_OK &&
        (batch_append_own(batch, &event, proposal, doc, &err) != ERR_OK ||
         batch_commit(batch, now_ms, &err) != ERR_OK) &&
        !store_failed(batch->store))
        batch_roll_back(batch);
    json_doc_free(doc);
    daemon->failed = daemon->failed || store_failed(batch->store);
    if (err.code == ERR_OK)
        daemon_tell(daemon);
    else
        log_error("changed rights were not journalled error=\"%s\"", err.message[LANGUAGE_EN]);
}

enum err_code reload_files(struct daemon *daemon, const char *by, struct err *err)
{
    char former[65], now[65], asked[ACCESS_IDENTITY_BYTES];
    void *fresh[PARTS];

    if (!daemon_commit(daemon))
        return err_set(err, ERR_UNAVAILABLE, "io_error", "the journal failed", "журнал отказал");
    if (read_parts(daemon, fresh, err) != ERR_OK) {
        log_error("not reloaded, all stays as it was place=\"%s\" error=\"%s\"", err->path,
                  err->message[LANGUAGE_EN]);
        return err->code;
    }
    snprintf(asked, sizeof asked, "%s", by); // whose session may end by this
    access_sha256(daemon->access, former);
    for (size_t i = 0; i < PARTS; i++)
        parts[i].take(daemon, fresh[i]);
    access_sha256(daemon->access, now);
    // What an administrator asks for is journalled, whatever comes of it (PROTOCOL.md, "admin").
    if (strcmp(former, now) != 0 || strcmp(asked, "pult:busd") != 0)
        journal_rights(daemon, asked);
    log_info("reloaded files=%zu", (size_t)PARTS);
    return ERR_OK;
}
