#include "tests/sim/sim.h"

#include "busd/access.h"
#include "busd/batch_import.h"
#include "busd/batch_timer.h"
#include "busd/engine_rules.h"
#include "busd/model_load.h"
#include "busd/offices.h"
#include "busd/recover.h"
#include "busd/rules.h"
#include "busd/store_private.h"
#include "busd/timers.h"
#include "lib/clock.h"
#include "lib/event_json.h"
#include "lib/mem.h"
#include "lib/path.h"
#include "tests/lib/fault_vfs.h"
#include "tests/lib/scratch.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { EVENT_BYTES = 65536, ARRAY_EVENTS = 1000, FAULT_OPERATIONS = 2000 };

// What no seed changes.
static struct schemas *schemas;
static struct engine_timers timers;
static struct offices offices;
static struct access *rights;
static struct access_account account;         // whose role everybody has
static struct rules_loaded *rules[2];         // without prediction, with it
static const struct engine_calendar calendar; // every day counts
static char *const extensions[] = {NULL};

// So that seeds come to them.
static void shorten_year(void)
{
    const int64_t hour_ms = 3600000;

    timers.rows[ENGINE_TIMER_YEAR_LIMIT].after_ms = SIM_YEAR_H * hour_ms;
    timers.rows[ENGINE_TIMER_YEAR_NEAR].after_ms = (SIM_YEAR_H - SIM_YEAR_NEAR_H) * hour_ms;
    timers.year_category_1 = SIM_YEAR_1_H * hour_ms;
    timers.year_category_2 = SIM_YEAR_2_H * hour_ms;
}

bool sim_broker_prepare(struct err *err)
{
    char share[PATH_BYTES], path[PATH_BYTES + 40];

    fault_vfs_register();
    if (clock_set_zone("Europe/Moscow", err) != ERR_OK || path_share(share, err) != ERR_OK ||
        timers_read(&timers, NULL, err) != ERR_OK)
        return false;
    shorten_year();
    snprintf(path, sizeof(path), "%s/tests/lib/no_prediction.yaml", share);
    rules[0] = rules_load(path, err);
    rules[1] = rules_load(NULL, err);
    if (!rules[0] || !rules[1])
        return false;
    snprintf(path, sizeof(path), "%s/tests/lib/offices.yaml", share);
    if (offices_read(&offices, path, err) != ERR_OK)
        return false;
    snprintf(path, sizeof(path), "%s/tests/lib/four_eyes.yaml", share);
    rights = access_read(&(struct access_files){.roles = path}, err);
    if (!rights)
        return false;
    access_find_loopback(rights, &account);
    snprintf(path, sizeof(path), "%s/schemas", share);
    schemas = schemas_load(path, "", err);
    return schemas != NULL;
}

void sim_broker_done(void)
{
    schemas_free(schemas);
    schemas = NULL;
    access_free(rights);
    timers_fini(&timers);
    offices_fini(&offices);
    for (int i = 0; i < 2; i++)
        rules_unload(rules[i]);
}

const struct engine_timers *sim_broker_timers(void)
{
    return &timers;
}

// The key is the seed's, so that digests of personal data are the same whenever it runs.
static void make_key(struct sim *sim)
{
    struct sim_chance chance = {sim->seed};
    uint8_t key[CRYPTO_KEY_BYTES];
    char path[PATH_BYTES];
    int file;

    for (size_t i = 0; i < sizeof(key); i++)
        key[i] = (uint8_t)sim_below(&chance, 256);
    snprintf(path, sizeof(path), "%s/personal.key", sim->broker.directory);
    file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0 || write(file, key, sizeof(key)) != (ssize_t)sizeof(key))
        sim_fail(sim, "no key can be written to %s", path);
    close(file);
}

void sim_broker_make(struct sim *sim)
{
    sim->broker.directory = scratch_new();
    sim->broker.replay = sim_percent(&sim->chance, 12);
    sim->broker.predicts = sim_percent(&sim->chance, 60);
    make_key(sim);
    sim_make_desks(sim);
    sim_make_etas(sim);
}

void sim_broker_fini(struct sim *sim)
{
    struct engine_desks *desks = &sim->broker.desks;
    struct engine_etas *etas = &sim->broker.etas;

    for (size_t i = 0; i < desks->count; i++) {
        free(desks->items[i].desk);
        free(desks->items[i].next);
        free(desks->items[i].senior);
        if (desks->items[i].nodes)
            free(desks->items[i].nodes[0]);
        free(desks->items[i].nodes);
    }
    free(desks->items);
    for (size_t i = 0; i < etas->count; i++) {
        if (!etas->items[i].nodes[0])
            continue;
        free(etas->items[i].nodes[0]);
        free(etas->items[i].nodes);
    }
    free(etas->items);
    if (sim->broker.directory)
        scratch_remove(sim->broker.directory);
}

// --- starting -----------------------------------------------------------------------------------

static enum err_code load_network(struct sim_broker *broker, struct err *err)
{
    struct address_index *address = NULL;
    struct model *model = model_load(broker->store, &address, err);
    struct network *former = broker->network;

    if (!model)
        return err->code;
    broker->network = network_new(model, address);
    broker->batch.network = broker->network;
    engine_set_model(broker->engine, network_model(broker->network));
    network_release(former);
    return ERR_OK;
}

static void set_up_batch(struct sim_broker *broker)
{
    batch_init(&broker->batch);
    broker->batch.store = broker->store;
    broker->batch.journal = broker->journal;
    broker->batch.engine = broker->engine;
    broker->batch.access = rights;
    broker->batch.calendar = &calendar;
    broker->batch.timers = &timers;
    broker->batch.offices = &offices;
    broker->batch.rules = (struct publish_rules){.schemas = schemas,
                                                 .journal = broker->journal,
                                                 .extensions = extensions,
                                                 .event_bytes = EVENT_BYTES,
                                                 .array_events = ARRAY_EVENTS};
}

static enum err_code open_all(struct sim *sim, struct err *err)
{
    struct sim_broker *broker = &sim->broker;

    broker->engine = engine_new();
    broker->imports = imports_new();
    broker->store =
        store_open_with(broker->directory,
                        &(struct store_options){.replay = broker->replay, .vfs = FAULT_VFS}, err);
    if (!broker->store)
        return err->code;
    broker->journal = journal_open(broker->store, broker->directory, err);
    if (!broker->journal || recover_clock(broker->store, &broker->clock_ms, err) != ERR_OK)
        return err->code;
    set_up_batch(broker);
    engine_set_rules(broker->engine, &rules[broker->predicts]->lines);
    engine_set_timers(broker->engine, &timers);
    engine_set_desks(broker->engine, &broker->desks);
    engine_set_etas(broker->engine, &broker->etas);
    if (load_network(broker, err) != ERR_OK)
        return err->code;
    return recover_records(broker->store, broker->engine, broker->clock_ms, err);
}

static void close_all(struct sim_broker *broker)
{
    while (broker->waiting_count)
        publish_free(broker->waiting[--broker->waiting_count]);
    if (broker->batch.scratch)
        batch_fini(&broker->batch);
    broker->batch = (struct batch){.store = NULL};
    imports_free(broker->imports);
    engine_free(broker->engine);
    network_release(broker->network);
    journal_close(broker->journal);
    store_close(broker->store);
    broker->store = NULL;
    broker->journal = NULL;
    broker->engine = NULL;
    broker->network = NULL;
    broker->imports = NULL;
    broker->up = false;
}

// A fault somewhere in the next writes and syncs, or none.
static void plan_fault(struct sim *sim, bool faults)
{
    static const enum fault_kind kinds[] = {FAULT_CUT, FAULT_CUT, FAULT_CUT, FAULT_ERROR,
                                            FAULT_FULL};
    enum fault_kind kind =
        faults && sim_percent(&sim->chance, 70) ? SIM_ANY(&sim->chance, kinds) : FAULT_NONE;
    int operations = sim_percent(&sim->chance, 10) ? 20 : FAULT_OPERATIONS;

    sim->broker.full = kind == FAULT_FULL;
    fault_vfs_plan(kind, 1 + sim_below(&sim->chance, operations));
}

// As daemon_rules.c daemon_journal_rules() does; false: rules that differ are not in force. Where the incidents
// followed the grouping before, looking at them once more finds nothing.
static bool journal_rules(struct sim *sim)
{
    struct sim_broker *broker = &sim->broker;
    int64_t head = sim->oracle.head, now_ms = sim_broker_now_ms(sim);
    struct err err;
    int set;

    err_clear(&err);
    enum err_code code = batch_take_rules(&broker->batch, now_ms, &set, &err);
    if (code == ERR_OK && broker->batch.packet_count)
        broker->clock_ms = now_ms;
    else if (code != ERR_OK && !fault_vfs_struck())
        sim_fail(sim, "the rules are not taken: %s", err.message[LANGUAGE_EN]);
    sim_broker_done_own(sim, code);
    if (code == ERR_OK && set < 0) {
        if (broker->settled && sim->oracle.head != head)
            sim_fail(sim, "looking at everything once more changed the grouping");
        broker->settled = true;
    }
    return code == ERR_OK || set < 0;
}

void sim_broker_start(struct sim *sim, bool faults)
{
    struct sim_broker *broker = &sim->broker;
    struct err err;

    for (;;) {
        plan_fault(sim, faults);
        broker->starts++;
        err_clear(&err);
        if (open_all(sim, &err) == ERR_OK)
            break;
        if (!fault_vfs_struck())
            sim_fail(sim, "the broker does not start: %s", err.message[LANGUAGE_EN]);
        sim_tell(sim, "a fault kept the broker from starting");
        close_all(broker);
        fault_vfs_lose(sim_random(&sim->chance));
        faults = false;
    }
    broker->up = true;
    sim_tell(sim, "busd is up, head %lld", (long long)store_head(broker->store, NULL));
    oracle_restarted(sim);
    journal_rules(sim);
}

static void take_rules(struct sim_broker *broker, bool predicts)
{
    broker->predicts = predicts;
    engine_set_rules(broker->engine, &rules[predicts]->lines);
}

// daemon_rules.c daemon_take_rules(): SIGHUP, when rules.yaml is another one.
void sim_broker_reload(struct sim *sim)
{
    struct sim_broker *broker = &sim->broker;

    broker->settled = false;
    take_rules(broker, !broker->predicts);
    sim_tell(sim, "incidents %s the grouping of calls from now on",
             broker->predicts ? "follow" : "do not follow");
    if (!journal_rules(sim) && broker->up)
        take_rules(broker, !broker->predicts);
}

// --- ending -------------------------------------------------------------------------------------

void sim_broker_stop(struct sim *sim)
{
    clients_forget_waiting(sim);
    close_all(&sim->broker);
    sim_tell(sim, "busd stopped");
}

// Nothing that a dead process could not do may happen while its memory is freed.
static void fail_store(struct sim_broker *broker)
{
    struct err err;

    if (store_failed(broker->store))
        return;
    store_rollback(broker->store);
    if (store_begin(broker->store, &err) == ERR_OK &&
        store_set_clock(broker->store, 1, &err) == ERR_OK)
        store_commit(broker->store, &err);
}

void sim_broker_kill(struct sim *sim)
{
    clients_forget_waiting(sim);
    fault_vfs_plan(FAULT_CUT, 1);
    fail_store(&sim->broker);
    close_all(&sim->broker);
    fault_vfs_plan(FAULT_NONE, 0);
    sim_tell(sim, "busd was killed");
}

// The store has failed: daemon->failed ends the program.
static void die(struct sim *sim)
{
    if (!fault_vfs_struck())
        sim_fail(sim, "the store failed, and nothing had happened to the disk");
    clients_forget_waiting(sim);
    fail_store(&sim->broker);
    close_all(&sim->broker);
    fault_vfs_lose(sim_percent(&sim->chance, 30) ? 0 : sim_random(&sim->chance));
    sim->broker.cuts++;
    sim_tell(sim, "the disk failed and busd ended");
}

void sim_broker_free_space(struct sim *sim)
{
    if (!sim->broker.full)
        return;
    fault_vfs_plan(FAULT_NONE, 0);
    sim->broker.full = false;
    sim_tell(sim, "there is space on the disk");
}

// --- driving ------------------------------------------------------------------------------------

int64_t sim_broker_now_ms(const struct sim *sim)
{
    const struct sim_broker *broker = &sim->broker;

    return broker->replay || broker->clock_ms > sim->wall_ms ? broker->clock_ms : sim->wall_ms;
}

int64_t sim_broker_stamp_ms(struct sim *sim)
{
    return sim->broker.clock_ms = sim_broker_now_ms(sim);
}

void sim_broker_publish(struct sim *sim, const struct sim_request *request)
{
    struct sim_broker *broker = &sim->broker;
    struct publish *publish = publish_new();

    buf_add(&publish->body, request->body.data, request->body.length);
    snprintf(publish->identity, sizeof(publish->identity), "%s", request->identity);
    publish->ticket = request->number;
    publish->role = account.roles[0];
    if (publish_read(publish, &broker->batch.rules) != ERR_OK) {
        clients_answer(sim, publish);
        publish_free(publish);
        return;
    }
    broker->waiting[broker->waiting_count++] = publish;
}

static void tell_packets(struct sim *sim)
{
    struct batch *batch = &sim->broker.batch;

    for (size_t i = 0; i < batch->packet_count; i++) {
        oracle_event(sim, batch->packets[i]->sequence, batch->packets[i]->bytes);
        packet_release(batch->packets[i]);
    }
    batch->packet_count = 0;
}

static void look_at_store(struct sim *sim)
{
    if (store_failed(sim->broker.store))
        die(sim);
}

void sim_broker_done_own(struct sim *sim, enum err_code code)
{
    if (!store_failed(sim->broker.store) || code == ERR_OK)
        tell_packets(sim); // of several batches those that held
    oracle_committed(sim);
    look_at_store(sim);
}

// daemon_loop.c finish_batch(): what was left over is a batch of its own.
void sim_broker_commit(struct sim *sim)
{
    struct sim_broker *broker = &sim->broker;
    struct publish *requests[SIM_WAITING];
    size_t count = broker->waiting_count, at = 0;

    memcpy(requests, broker->waiting, count * sizeof(*requests)); // NOLINT
    if (!broker->replay)
        broker->clock_ms = sim_broker_now_ms(sim);
    while (at < count) {
        size_t done = batch_run(&broker->batch, requests + at, count - at, sim_broker_now_ms(sim));

        if (done == 0) {
            die(sim); // frees what waits
            return;
        }
        tell_packets(sim);
        for (size_t i = at; i < at + done; i++)
            clients_answer(sim, requests[i]);
        at += done;
    }
    for (size_t i = 0; i < count; i++)
        publish_free(requests[i]);
    broker->waiting_count = 0;
    oracle_committed(sim);
    look_at_store(sim);
}

static void tell_passed(void *context, int64_t now_ms)
{
    struct sim *sim = context;

    sim->broker.clock_ms = now_ms;
    tell_packets(sim);
}

// What the loop does each second.
void sim_broker_tick(struct sim *sim)
{
    struct sim_broker *broker = &sim->broker;
    int64_t until_ms = sim_broker_now_ms(sim);
    struct err err;

    err_clear(&err);
    if (batch_pass_timers(&broker->batch, until_ms, until_ms, true, tell_passed, sim, &err))
        oracle_ticked(sim, until_ms);
    else if (!store_failed(broker->store) && !fault_vfs_struck())
        sim_fail(sim, "deadlines were not journalled: %s", err.message[LANGUAGE_EN]);
    oracle_committed(sim);
    look_at_store(sim);
}

void sim_broker_idle(struct sim *sim)
{
    store_idle(sim->broker.store);
    look_at_store(sim);
}

void sim_broker_pass(struct sim *sim, int64_t to_ms)
{
    struct sim_broker *broker = &sim->broker;
    struct err err;

    if (to_ms <= broker->clock_ms)
        return;
    err_clear(&err);
    if (batch_pass_clock(&broker->batch, sim_broker_now_ms(sim), to_ms, tell_passed, sim, &err) ==
        ERR_OK) {
        oracle_ticked(sim, to_ms);
        broker->clock_ms = to_ms;
    } else if (!store_failed(broker->store) && !fault_vfs_struck()) {
        sim_fail(sim, "the clock was not moved: %s", err.message[LANGUAGE_EN]);
    }
    oracle_committed(sim);
    look_at_store(sim);
}

// request_admin.c commit_import().
enum err_code sim_broker_import(struct sim *sim, const char *kind, const struct buf *csv)
{
    struct sim_broker *broker = &sim->broker;
    struct import_part part = {.identity = slice_of(SIM_IMPORTER),
                               .id = slice_of("i"),
                               .kind = slice_of(kind),
                               .part = 1,
                               .csv = {csv->data, csv->length},
                               .commit = true};
    struct import *import = NULL;
    enum err_code code;
    struct err err;

    err_clear(&err);
    if (imports_add(broker->imports, &part, 0, &import, &err) != ERR_OK || !import)
        sim_fail(sim, "the import is not taken: %s", err.message[LANGUAGE_EN]);
    code = batch_import(&broker->batch, import, SIM_IMPORTER, sim_broker_stamp_ms(sim), &err);
    imports_done(broker->imports, import);
    sim_tell(sim, "import of %s: %s", kind, code == ERR_OK ? "done" : err.message[LANGUAGE_EN]);
    if (code == ERR_OK && load_network(broker, &err) != ERR_OK && !store_failed(broker->store))
        sim_fail(sim, "the network cannot be loaded: %s", err.message[LANGUAGE_EN]);
    sim_broker_done_own(sim, code);
    if (code == ERR_OK && broker->up)
        journal_rules(sim);
    return code;
}
