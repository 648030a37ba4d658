#include "busd/daemon.h"

#include "busd/confine.h"
#include "busd/daemon_rules.h"
#include "busd/model_load.h"
#include "busd/recover.h"
#include "lib/clock.h"
#include "lib/event_json.h"
#include "lib/log.h"
#include "lib/mem.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { OWN_FILES = 128 }; // the journal, threads, libzmq's own

int64_t daemon_now_ms(const struct daemon *daemon)
{
    int64_t now_ms = daemon->replay ? daemon->clock_ms : clock_real_now_ms();

    return now_ms > daemon->clock_ms ? now_ms : daemon->clock_ms;
}

int64_t daemon_stamp_ms(struct daemon *daemon)
{
    return daemon->clock_ms = daemon_now_ms(daemon);
}

enum err_code daemon_load_network(struct daemon *daemon, struct err *err)
{
    struct address_index *address = NULL;
    struct model *model = model_load(daemon->store, &address, err);
    struct network *former = daemon->network;

    if (!model)
        return err->code;
    daemon->network = network_new(model, address);
    daemon->batch.network = daemon->network;
    engine_set_model(daemon->engine, network_model(daemon->network));
    if (daemon->queries)
        queries_set_network(daemon->queries, daemon->network);
    network_release(former);
    return ERR_OK;
}

struct access_files daemon_access_files(const struct config *config, const struct schemas *schemas)
{
    return (struct access_files){.roles = config->roles,
                                 .keys = config->keys,
                                 .persons = config->persons,
                                 .schemas = schemas};
}

static enum err_code open_journal(struct daemon *daemon, struct err *err)
{
    const struct config *config = daemon->config;
    struct access_files files;

    daemon->store = store_open(config->data, strcmp(config->clock, "replay") == 0, err);
    if (!daemon->store)
        return err->code;
    daemon->schemas = schemas_load(config->schemas, config->company_schemas, err);
    if (!daemon->schemas)
        return err->code;
    files = daemon_access_files(config, daemon->schemas);
    daemon->access = access_read(&files, err);
    if (!daemon->access)
        return err->code;
    daemon->journal = journal_open_with(daemon->store, config->data, config->personal_key, err);
    daemon->replay = store_base(daemon->store)->replay;
    if (!daemon->journal || recover_clock(daemon->store, &daemon->clock_ms, err) != ERR_OK)
        return err->code;
    daemon->engine = engine_new();
    if (timers_read(&daemon->timers, *config->timers ? config->timers : NULL, err) != ERR_OK ||
        desks_read(&daemon->desks, *config->desks ? config->desks : NULL, err) != ERR_OK ||
        etas_read(&daemon->etas, *config->etas ? config->etas : NULL, err) != ERR_OK ||
        calendar_read(&daemon->calendar, *config->calendar ? config->calendar : NULL, err) !=
            ERR_OK ||
        offices_read(&daemon->offices, *config->offices ? config->offices : NULL, err) != ERR_OK ||
        answers_read(&daemon->answers, *config->directory ? config->directory : NULL,
                     *config->answers ? config->answers : NULL, err) != ERR_OK ||
        !(daemon->rules = daemon_read_rules(config, err)) ||
        daemon_load_network(daemon, err) != ERR_OK)
        return err->code;
    engine_set_rules(daemon->engine, &daemon->rules->lines);
    daemon->timers.calendar = &daemon->calendar;
    daemon->offices.calendar = &daemon->calendar;
    engine_set_timers(daemon->engine, &daemon->timers);
    engine_set_desks(daemon->engine, &daemon->desks);
    engine_set_etas(daemon->engine, &daemon->etas);
    // By the last time recorded: what the system's clock says now it may take back.
    return recover_records(daemon->store, daemon->engine, daemon->clock_ms, err);
}

static void set_up_batch(struct daemon *daemon)
{
    const struct config *config = daemon->config;
    size_t requests = (size_t)config->batch_requests;

    daemon->batch.store = daemon->store;
    daemon->batch.journal = daemon->journal;
    daemon->batch.engine = daemon->engine;
    daemon->batch.offices = &daemon->offices;
    daemon->batch.calendar = &daemon->calendar;
    daemon->batch.timers = &daemon->timers;
    daemon->batch.window_from = (int)config->readings_from;
    daemon->batch.window_to = (int)config->readings_to;
    daemon->batch.access = daemon->access;
    daemon->batch.company = (struct say_company){
        .name = *config->company_name ? config->company_name : NULL,
        .phone = *config->company_phone ? config->company_phone : NULL,
        .voltage = {config->voltage_phase, config->voltage_line, config->voltage_tolerance},
    };
    daemon->batch.rules = (struct publish_rules){
        .schemas = daemon->schemas,
        .journal = daemon->journal,
        .extensions = config->extensions,
        .event_bytes = (size_t)config->event_bytes,
        .array_events = (size_t)config->array_events,
    };
    daemon->batch_number = 1;
    retention_init(&daemon->retention, config);
    daemon->waiting = mem_alloc(requests * sizeof *daemon->waiting);
    daemon->running = mem_alloc(requests * sizeof *daemon->running);
    daemon->spare = mem_alloc((2 * requests + 1) * sizeof *daemon->spare);
    daemon->imports = imports_new();
}

static void end_session(void *context, struct session *session)
{
    struct daemon *daemon = context;

    streams_drop(daemon->streams, session);
}

// Of each socket: as configured, and never so many that descriptors run out.
static size_t connections(const struct config *config)
{
    struct rlimit files = {.rlim_cur = 0};
    rlim_t room;

    getrlimit(RLIMIT_NOFILE, &files);
    room = files.rlim_cur > 2 * OWN_FILES ? (files.rlim_cur - OWN_FILES) / 2 : OWN_FILES / 2;
    return room < (rlim_t)config->connections ? (size_t)room : (size_t)config->connections;
}

// The handler that admits is bound before any socket, and must be seen to refuse.
static enum err_code open_sockets(struct daemon *daemon, struct err *err)
{
    const struct config *config = daemon->config;

    daemon->context = broker_context_new();
    if (!daemon->context)
        return err_set(err, ERR_UNAVAILABLE, "zmq", "ZeroMQ cannot start: %s",
                       "ZeroMQ не запускается: %s", strerror(errno));
    daemon->zap = zap_start(daemon->context, daemon->access, err);
    if (!daemon->zap || zap_self_test(daemon->context, err) != ERR_OK)
        return err->code;
    if (endpoints_read(&daemon->endpoints, config, daemon->access, err) != ERR_OK)
        return err->code;
    daemon->broker = broker_open(daemon->context,
                                 &(struct broker_options){.endpoints = &daemon->endpoints,
                                                          .message_bytes = config->message_bytes,
                                                          .connections = connections(config)},
                                 err);
    if (!daemon->broker)
        return err->code;
    daemon->sessions =
        sessions_new(&(struct sessions_options){.broker = daemon->broker,
                                                .access = daemon->access,
                                                .clients_max = (size_t)config->clients,
                                                .language = daemon->language});
    daemon->reader = reader_open(store_path(daemon->store), err);
    if (!daemon->reader)
        return err->code;
    daemon->streams =
        streams_new(&(struct streams_options){.broker = daemon->broker,
                                              .sessions = daemon->sessions,
                                              .store = daemon->store,
                                              .schemas = daemon->schemas,
                                              .reader = daemon->reader,
                                              .desks = &daemon->desks,
                                              .network = &daemon->network,
                                              .per_client = (size_t)config->subscriptions,
                                              .credit_max = config->credit});
    streams_set_mode(daemon->streams, engine_is_storm(daemon->engine));
    sessions_on_end(daemon->sessions, end_session, daemon);
    daemon->sign_ons = sign_ons_new();
    daemon->feed = feed_new(daemon->broker, daemon->schemas, daemon->store, err);
    return daemon->feed ? ERR_OK : err->code;
}

static enum err_code open_helpers(struct daemon *daemon, struct err *err)
{
    const struct config *config = daemon->config;

    daemon->queries =
        queries_start(&(struct queries_options){.directory = config->data,
                                                .lineage = journal_lineage(daemon->journal),
                                                .keys = journal_keys(daemon->journal),
                                                .company = daemon->batch.company,
                                                .offices = &daemon->offices,
                                                .answers = &daemon->answers,
                                                .deadline_ms = (int)config->query_ms,
                                                .waiting_max = (size_t)config->queries},
                      daemon->network, err);
    if (!daemon->queries)
        return err->code;
    daemon->committer = committer_start(&daemon->batch, err);
    if (!daemon->committer)
        return err->code;
    if (!*config->metrics)
        return ERR_OK;
    daemon->metrics_server = metrics_start(&daemon->metrics, config->metrics, err);
    return daemon->metrics_server ? ERR_OK : err->code;
}

// Signals come by a descriptor, to this thread; every thread that is started inherits the mask.
static enum err_code open_signals(struct daemon *daemon, struct err *err)
{
    sigset_t set;

    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    daemon->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (daemon->signals >= 0)
        return ERR_OK;
    return err_set(err, ERR_UNAVAILABLE, "signals", "signals cannot be received: %s",
                   "сигналы не принимаются: %s", strerror(errno));
}

struct daemon *daemon_open(const struct config *config, struct err *err)
{
    struct daemon *daemon = mem_alloc(sizeof *daemon);

    daemon->config = config;
    daemon->language = language_of(config->language, LANGUAGE_RU);
    daemon->signals = -1;
    daemon->doc = json_doc_new();
    batch_init(&daemon->batch);
    METRICS_SET(&daemon->metrics, turned_ms, clock_monotonic_now_ms());
    if (open_signals(daemon, err) != ERR_OK || open_journal(daemon, err) != ERR_OK)
        goto fail;
    confine(config); // before ZeroMQ's threads, which inherit it
    set_up_batch(daemon);
    if (open_sockets(daemon, err) != ERR_OK || open_helpers(daemon, err) != ERR_OK)
        goto fail;
    daemon_journal_rules(daemon);
    log_info("open head=%lld incidents=%zu premises=%zu types=%zu",
             (long long)store_head(daemon->store, NULL), engine_open_incidents(daemon->engine),
             model_premise_count(network_model(daemon->network)), schemas_count(daemon->schemas));
    return daemon;
fail:
    daemon_close(daemon);
    return NULL;
}

static void free_requests(struct daemon *daemon)
{
    for (size_t i = 0; i < daemon->waiting_count; i++)
        publish_free(daemon->waiting[i]);
    for (size_t i = 0; i < daemon->spare_count; i++)
        publish_free(daemon->spare[i]);
    free(daemon->waiting);
    free(daemon->running);
    free(daemon->spare);
    free(daemon->spare_packets);
}

void daemon_close(struct daemon *daemon)
{
    if (!daemon)
        return;
    metrics_stop(daemon->metrics_server);
    committer_stop(daemon->committer);
    if (daemon->queries)
        queries_stop(daemon->queries);
    feed_free(daemon->feed);
    sessions_free(daemon->sessions);
    sign_ons_free(daemon->sign_ons);
    streams_free(daemon->streams);
    reader_close(daemon->reader);
    broker_close(daemon->broker);
    endpoints_fini(&daemon->endpoints);
    zap_stop(daemon->zap);
    broker_context_free(daemon->context);
    free_requests(daemon);
    batch_fini(&daemon->batch);
    imports_free(daemon->imports);
    engine_free(daemon->engine);
    timers_fini(&daemon->timers);
    desks_fini(&daemon->desks);
    etas_fini(&daemon->etas);
    answers_fini(&daemon->answers);
    offices_fini(&daemon->offices);
    calendar_fini(&daemon->calendar);
    rules_unload(daemon->rules);
    network_release(daemon->network);
    journal_close(daemon->journal);
    schemas_free(daemon->schemas);
    access_free(daemon->access);
    store_close(daemon->store);
    json_doc_free(daemon->doc);
    buf_fini(&daemon->body);
    if (daemon->signals >= 0)
        close(daemon->signals);
    free(daemon);
}
