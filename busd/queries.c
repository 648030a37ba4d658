#include "busd/queries.h"

#include "busd/query.h"
#include "lib/clock.h"
#include "lib/mem.h"

#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

// Who answers what; names and arguments stand in lib/query_shape.c.
static const struct {
    const char *name;
    enum err_code (*answer)(struct query *query, struct err *err);
} answers[] = {
    {"eta", query_eta},
    {"incidents", query_incidents},
    {"incident", query_incident},
    {"contacts", query_contacts},
    {"contact", query_contact},
    {"premises", query_premises},
    {"nodes", query_nodes},
    {"planned", query_planned},
    {"events", query_events},
    {"directory", query_directory},
    {"answers", query_answers},
    {"meters", query_meters},
    {"readings", query_readings},
    {"offices", query_offices},
    {"slots", query_slots},
    {"appointments", query_appointments},
    {"stats", query_stats},
    {"access", query_access},
    {"chain", query_chain},
    {"approvals", query_approvals},
    {QUERY_PERSON_EXPORT, query_person_export},
    {"register", query_register},
    {"hours", query_hours},
};
enum { ANSWER_COUNT = sizeof(answers) / sizeof(answers[0]) };

// A query on its way: waiting, then done.
struct job {
    struct job *next;
    struct query_request request;
    char *name, *args, *identity, *person, *from, *client, *who;
    struct engine_desks desks;
    struct buf body;
    struct err err;
};

struct queue {
    struct job *first, *last;
    size_t count;
};

struct queries {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping;
    struct queue waiting, done;
    struct network *network; // swapped under the lock
    int event_fd;
    struct queries_options options;
    char *directory;
    int64_t seen_number; // under the lock: what seen_head() gives the thread
    uint8_t seen_chain[CRYPTO_DIGEST_BYTES];
    struct reader *reader; // of the thread from here on
    struct seen *seen;
    struct json_doc *args_doc, *doc;
    int64_t deadline_ms; // monotonic, of the query that runs
};

static void queue_add(struct queue *queue, struct job *job)
{
    job->next = NULL;
    if (queue->last)
        queue->last->next = job;
    else
        queue->first = job;
    queue->last = job;
    queue->count++;
}

static struct job *queue_take(struct queue *queue)
{
    struct job *job = queue->first;

    if (job) {
        queue->first = job->next;
        if (!queue->first)
            queue->last = NULL;
        queue->count--;
    }
    return job;
}

static void job_free(struct job *job)
{
    if (!job)
        return;
    access_free(job->request.access);
    free(job->name);
    free(job->args);
    free(job->identity);
    free(job->person);
    free(job->from);
    free(job->client);
    free(job->who);
    desks_fini(&job->desks);
    buf_fini(&job->body);
    free(job);
}

// Called by SQLite every few thousand steps: a question that takes too long gives up, since an open
// snapshot keeps the write-ahead log from being reused (RELIABILITY F15).
static int is_overdue(void *context)
{
    const struct queries *queries = context;

    return clock_monotonic_now_ms() > queries->deadline_ms;
}

// --- one query -------------------------------------------------------------------------------------

static enum err_code answer_by_name(struct query *query, struct err *err)
{
    for (size_t i = 0; i < ANSWER_COUNT; i++) {
        if (slice_is(query->request->name, answers[i].name))
            return answers[i].answer(query, err);
    }
    err_set(err, ERR_NOT_FOUND, "query", "There is no such query.", "Такого запроса нет.");
    err_set_path(err, "/name");
    return ERR_NOT_FOUND;
}

static enum err_code answer_in_snapshot(struct query *query, struct buf *body, struct err *err)
{
    struct json_out out;
    enum err_code code = reader_begin(query->reader, &query->head, err);

    if (code != ERR_OK)
        return code;
    json_out_init(&out, body);
    json_out_object(&out, NULL);
    json_out_integer(&out, "sequence", query->head);
    json_out_array(&out, "rows");
    query->out = &out;
    code = answer_by_name(query, err);
    reader_end(query->reader);
    json_out_end(&out, ']');
    if (query->next.length)
        json_out_raw(&out, "next", (struct slice){query->next.data, query->next.length});
    json_out_end(&out, '}');
    return code;
}

static enum err_code run_job(struct queries *queries, struct network *network, struct job *job,
                             struct err *err)
{
    const struct query_shape *shape = query_shape_find(job->request.name);
    struct slice text = job->request.args.length ? job->request.args : slice_of("{}");
    struct json *args =
        json_parse(queries->args_doc, text.data, text.length, JSON_DEPTH_DEFAULT, err);

    bool internal = slice_is(job->request.name, QUERY_PERSON_EXPORT);

    if (!shape && !internal) {
        err_set(err, ERR_NOT_FOUND, "query", "There is no query \"%s\".", "Запроса «%s» нет.",
                job->name);
        err_set_path(err, "/name");
        return ERR_NOT_FOUND;
    }
    if (!args)
        return ERR_INVALID;
    enum err_code code = internal ? ERR_OK : query_shape_check(shape, args, err);
    if (code != ERR_OK)
        return code;
    json_doc_reset(queries->doc);
    struct query query = {.reader = queries->reader,
                          .keys = queries->options.keys,
                          .network = network,
                          .request = &job->request,
                          .company = &queries->options.company,
                          .offices = queries->options.offices,
                          .answers = queries->options.answers,
                          .args = args,
                          .doc = queries->doc,
                          .seen = queries->seen,
                          .area = {.reader = queries->reader,
                                   .model = network_model(network),
                                   .desks = job->request.desks,
                                   .who = job->request.who},
                          .limit = json_integer(json_get(args, "limit"), QUERY_LIMIT_DEFAULT)};
    queries->deadline_ms = clock_monotonic_now_ms() + queries->options.deadline_ms;
    code = answer_in_snapshot(&query, &job->body, err);
    if (code == ERR_OK)
        code = query_record_shown(&query, queries->seen, err);
    if (code == ERR_UNAVAILABLE && is_overdue(queries))
        err_set(err, ERR_UNAVAILABLE, "deadline",
                "The question took too long; ask for less (a smaller `limit`, a narrower filter).",
                "Запрос выполнялся слишком долго; спросите меньше (меньший `limit`, уже отбор).");
    buf_fini(&query.next);
    query_shown_fini(&query.shown);
    return code;
}

static void *run_queries(void *context)
{
    struct queries *queries = context;
    const uint64_t one = 1;

    pthread_mutex_lock(&queries->lock);
    while (!queries->stopping) {
        struct job *job = queue_take(&queries->waiting);
        if (!job) {
            pthread_cond_wait(&queries->wake, &queries->lock);
            continue;
        }
        struct network *network = network_hold(queries->network);
        pthread_mutex_unlock(&queries->lock);
        err_clear(&job->err);
        if (run_job(queries, network, job, &job->err) != ERR_OK)
            buf_clear(&job->body);
        json_doc_reset(queries->doc);
        json_doc_reset(queries->args_doc);
        network_release(network);
        pthread_mutex_lock(&queries->lock);
        queries->seen_number = seen_head(queries->seen, queries->seen_chain);
        queue_add(&queries->done, job);
        if (write(queries->event_fd, &one, sizeof(one)) < 0 && errno != EAGAIN)
            abort(); // an eventfd that does not take a count is a fault of the program
    }
    pthread_mutex_unlock(&queries->lock);
    return NULL;
}

// --- the loop's side -------------------------------------------------------------------------------

struct queries *queries_start(const struct queries_options *options, struct network *network,
                              struct err *err)
{
    struct queries *queries = mem_alloc(sizeof(*queries));
    char path[4096];

    queries->options = *options;
    queries->directory = mem_string(options->directory);
    queries->event_fd = -1;
    queries->network = network_hold(network);
    queries->args_doc = json_doc_new();
    queries->doc = json_doc_new();
    pthread_mutex_init(&queries->lock, NULL);
    pthread_cond_init(&queries->wake, NULL);
    snprintf(path, sizeof(path), "%s/journal.db", options->directory);
    if (!(queries->reader = reader_open(path, err)) ||
        !(queries->seen =
              seen_open(options->directory, options->lineage, queries->options.keys, err)))
        goto failed;
    queries->seen_number = seen_head(queries->seen, queries->seen_chain);
    sqlite3_progress_handler(sqlite3_db_handle(reader_statement(queries->reader, "SELECT 1")), 4000,
                             is_overdue, queries);
    queries->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (queries->event_fd < 0 ||
        pthread_create(&queries->thread, NULL, run_queries, queries) != 0) {
        err_set(err, ERR_UNAVAILABLE, "thread", "The query thread cannot start: %s.",
                "Поток запросов не запустить: %s.", strerror(errno));
        goto failed;
    }
    return queries;
failed:
    queries->stopping = true; // there is no thread to join
    queries_stop(queries);
    return NULL;
}

static void drop_jobs(struct queue *queue)
{
    struct job *job;

    while ((job = queue_take(queue)))
        job_free(job);
}

void queries_stop(struct queries *queries)
{
    if (!queries)
        return;
    pthread_mutex_lock(&queries->lock);
    bool running = !queries->stopping;
    queries->stopping = true;
    pthread_cond_signal(&queries->wake);
    pthread_mutex_unlock(&queries->lock);
    if (running)
        pthread_join(queries->thread, NULL);
    drop_jobs(&queries->waiting);
    drop_jobs(&queries->done);
    reader_close(queries->reader);
    seen_close(queries->seen);
    network_release(queries->network);
    json_doc_free(queries->args_doc);
    json_doc_free(queries->doc);
    if (queries->event_fd >= 0)
        close(queries->event_fd);
    pthread_mutex_destroy(&queries->lock);
    pthread_cond_destroy(&queries->wake);
    free(queries->directory);
    free(queries);
}

void queries_set_network(struct queries *queries, struct network *network)
{
    pthread_mutex_lock(&queries->lock);
    struct network *former = queries->network;
    queries->network = network_hold(network);
    pthread_mutex_unlock(&queries->lock);
    network_release(former);
}

static char *copy_slice(struct slice *slice)
{
    char *copy = mem_string_of(slice->data, slice->length);

    slice->data = copy;
    return copy;
}

bool queries_submit(struct queries *queries, const struct query_request *request, struct err *err)
{
    struct job *job = mem_alloc(sizeof(*job));

    job->request = *request;
    if (request->access)
        access_hold(request->access);
    job->name = copy_slice(&job->request.name);
    job->args = copy_slice(&job->request.args);
    job->identity = copy_slice(&job->request.identity);
    job->person = copy_slice(&job->request.person);
    job->from = copy_slice(&job->request.from);
    job->client = copy_slice(&job->request.client);
    job->who = copy_slice(&job->request.who);
    if (request->desks && request->role && access_is_narrowed(request->role))
        desks_copy(&job->desks, request->desks);
    job->request.desks = &job->desks;
    pthread_mutex_lock(&queries->lock);
    bool room = queries->waiting.count < queries->options.waiting_max;
    if (room) {
        queue_add(&queries->waiting, job);
        pthread_cond_signal(&queries->wake);
    }
    pthread_mutex_unlock(&queries->lock);
    if (!room) {
        job_free(job);
        err_set(err, ERR_LIMIT, "busy", "Too many questions wait; ask again shortly.",
                "Слишком много запросов ждут ответа; спросите чуть позже.");
        err->retry_ms = 500;
    }
    return room;
}

int64_t queries_seen(struct queries *queries, uint8_t chain[CRYPTO_DIGEST_BYTES])
{
    pthread_mutex_lock(&queries->lock);
    int64_t number = queries->seen_number;
    memcpy(chain, queries->seen_chain, CRYPTO_DIGEST_BYTES);
    pthread_mutex_unlock(&queries->lock);
    return number;
}

int queries_fd(const struct queries *queries)
{
    return queries->event_fd;
}

void queries_drain(struct queries *queries, queries_done *done, void *context)
{
    uint64_t count;
    struct queue ready;

    if (read(queries->event_fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
        return;
    pthread_mutex_lock(&queries->lock);
    ready = queries->done;
    queries->done = (struct queue){0};
    pthread_mutex_unlock(&queries->lock);
    for (struct job *job; (job = queue_take(&ready)); job_free(job))
        done(context, job->request.ticket, (struct slice){job->body.data, job->body.length},
             job->err.code == ERR_OK ? NULL : &job->err);
}
