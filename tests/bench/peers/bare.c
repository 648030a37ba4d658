// The bare prototype: what a ROUTER and SQLite allow here. The difference between this and Pult is
// what Pult's own work costs (rights, schema, engine, chain, digests, personal data, push).
//
// It checks that the members of an event are there (yajl, streaming), keeps (identity, id) unique,
// commits with WAL and synchronous=FULL, and answers each message after the commit. Group commit
// without a timer: all that waits, at most BATCH, is one transaction. From HAND_OVER requests on a
// second thread commits while this one receives and parses.
//
//   bare ENDPOINT DATABASE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <yajl/yajl_parse.h>
#include <zmq.h>

enum { BATCH = 400, HAND_OVER = 32, ID_MAX = 64, CHECKPOINT_PAGES = 1000 };

struct request {
    zmq_msg_t route, id, body;
    char event_id[ID_MAX];
    size_t event_id_length;
    bool is_event;
    int64_t sequence;
};
struct batch {
    struct request items[BATCH];
    int count;
};

static sqlite3 *database;
static sqlite3_stmt *insert, *begin, *commit;
static void *router;
static int64_t head;
static volatile sig_atomic_t stopping;

// The committing thread: takes `given`, gives it back as `done`.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake = PTHREAD_COND_INITIALIZER;
static struct batch *given, *done;
static int finished;

static void stop(int signal)
{
    (void)signal;
    stopping = 1;
}

static void check(int code, const char *what)
{
    if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW) {
        fprintf(stderr, "bare: %s: %s\n", what, sqlite3_errmsg(database));
        exit(1);
    }
}

static void open_database(const char *path)
{
    check(sqlite3_open(path, &database), "open");
    check(sqlite3_exec(database,
                       "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                       "PRAGMA locking_mode=EXCLUSIVE;"
                       "CREATE TABLE event(sequence INTEGER PRIMARY KEY, identity TEXT, id TEXT,"
                       " body BLOB); CREATE UNIQUE INDEX event_id ON event(identity, id)",
                       NULL, NULL, NULL),
          "schema");
    sqlite3_wal_autocheckpoint(database, CHECKPOINT_PAGES);
    sqlite3_prepare_v2(database, "INSERT OR IGNORE INTO event VALUES(?, 'bench', ?, ?)", -1,
                       &insert, NULL);
    sqlite3_prepare_v2(database, "BEGIN", -1, &begin, NULL);
    sqlite3_prepare_v2(database, "COMMIT", -1, &commit, NULL);
}

// -- required members, by a streaming parser ----------------------------------------------------
struct look {
    int depth;
    unsigned found;
    bool is_id;
    struct request *request;
};
static const char *const members[] = {"specversion", "id", "type", "data"};

static int on_key(void *context, const unsigned char *key, size_t length)
{
    struct look *look = context;
    look->is_id = false;
    for (unsigned i = 0; look->depth == 1 && i < 4; i++) {
        if (strlen(members[i]) == length && memcmp(members[i], key, length) == 0) {
            look->found |= 1u << i;
            look->is_id = i == 1;
        }
    }
    return 1;
}
static int on_string(void *context, const unsigned char *text, size_t length)
{
    struct look *look = context;
    if (look->is_id && look->depth == 1 && length < ID_MAX) {
        memcpy(look->request->event_id, text, length);
        look->request->event_id_length = length;
        look->is_id = false;
    }
    return 1;
}
static int on_open(void *context)
{
    ((struct look *)context)->depth++;
    return 1;
}
static int on_close(void *context)
{
    ((struct look *)context)->depth--;
    return 1;
}
static const yajl_callbacks callbacks = {.yajl_map_key = on_key,
                                         .yajl_string = on_string,
                                         .yajl_start_map = on_open,
                                         .yajl_end_map = on_close};

static bool parse(struct request *request)
{
    struct look look = {.request = request};
    yajl_handle handle = yajl_alloc(&callbacks, NULL, &look);
    bool good = yajl_parse(handle, zmq_msg_data(&request->body), zmq_msg_size(&request->body)) ==
                    yajl_status_ok &&
                yajl_complete_parse(handle) == yajl_status_ok;
    yajl_free(handle);
    return good && look.found == 15 && request->event_id_length > 0;
}

// -- one batch ----------------------------------------------------------------------------------
static void commit_batch(struct batch *batch)
{
    sqlite3_step(begin);
    sqlite3_reset(begin);
    for (int i = 0; i < batch->count; i++) {
        struct request *request = &batch->items[i];
        if (!request->is_event) {
            continue;
        }
        request->sequence = ++head;
        sqlite3_bind_int64(insert, 1, request->sequence);
        sqlite3_bind_text(insert, 2, request->event_id, (int)request->event_id_length,
                          SQLITE_STATIC);
        sqlite3_bind_blob(insert, 3, zmq_msg_data(&request->body),
                          (int)zmq_msg_size(&request->body), SQLITE_STATIC);
        check(sqlite3_step(insert), "insert");
        sqlite3_reset(insert);
    }
    check(sqlite3_step(commit), "commit");
    sqlite3_reset(commit);
}

static void answer_batch(struct batch *batch)
{
    for (int i = 0; i < batch->count; i++) {
        struct request *request = &batch->items[i];
        char body[256];
        int length = snprintf(
            body, sizeof body, "{\"results\":[{\"id\":\"%.*s\",\"sequence\":%lld}]}",
            (int)request->event_id_length, request->event_id, (long long)request->sequence);
        zmq_msg_send(&request->route, router, ZMQ_SNDMORE);
        zmq_send_const(router, "ok", 2, ZMQ_SNDMORE);
        zmq_msg_send(&request->id, router, ZMQ_SNDMORE);
        zmq_send(router, body, (size_t)length, 0);
        zmq_msg_close(&request->body);
    }
    batch->count = 0;
}

// Fills the batch with what is there.
static void receive(struct batch *batch)
{
    while (batch->count < BATCH) {
        struct request *request = &batch->items[batch->count];
        zmq_msg_t verb;
        zmq_msg_init(&request->route);
        if (zmq_msg_recv(&request->route, router, ZMQ_DONTWAIT) < 0) {
            return;
        }
        zmq_msg_init(&verb);
        zmq_msg_init(&request->id);
        zmq_msg_init(&request->body);
        zmq_msg_recv(&verb, router, 0);
        zmq_msg_recv(&request->id, router, 0);
        zmq_msg_recv(&request->body, router, 0);
        request->event_id_length = 0;
        request->is_event = zmq_msg_size(&verb) == 7 && parse(request);
        request->sequence = 0;
        zmq_msg_close(&verb);
        batch->count++;
    }
}

static void *committer(void *context)
{
    (void)context;
    for (;;) {
        pthread_mutex_lock(&lock);
        while (!given) {
            pthread_cond_wait(&wake, &lock);
        }
        struct batch *batch = given;
        given = NULL;
        pthread_mutex_unlock(&lock);
        commit_batch(batch);
        pthread_mutex_lock(&lock);
        done = batch;
        pthread_mutex_unlock(&lock);
        uint64_t one = 1;
        if (write(finished, &one, sizeof one) < 0) {
            exit(1);
        }
    }
}

static void serve(void)
{
    struct batch *filling = calloc(1, sizeof *filling), *spare = calloc(1, sizeof *spare);
    bool busy = false;
    while (!stopping) {
        // While the other thread commits, this one takes more only as long as there is room.
        zmq_pollitem_t items[] = {{.fd = finished, .events = ZMQ_POLLIN},
                                  {.socket = router, .events = ZMQ_POLLIN}};
        zmq_poll(items, filling->count < BATCH ? 2 : 1, busy || !filling->count ? 1000 : 0);
        if (busy && items[0].revents) {
            uint64_t ignored;
            if (read(finished, &ignored, sizeof ignored) < 0) {
                exit(1);
            }
            pthread_mutex_lock(&lock);
            spare = done;
            done = NULL;
            pthread_mutex_unlock(&lock);
            busy = false;
            answer_batch(spare);
        }
        receive(filling);
        if (busy || !filling->count) {
            continue;
        }
        if (filling->count < HAND_OVER) {
            commit_batch(filling);
            answer_batch(filling);
            continue;
        }
        pthread_mutex_lock(&lock);
        given = filling;
        pthread_cond_signal(&wake);
        pthread_mutex_unlock(&lock);
        busy = true;
        filling = spare;
    }
}

int main(int count, char **arguments)
{
    if (count != 3) {
        fprintf(stderr, "usage: bare ENDPOINT DATABASE\n");
        return 2;
    }
    signal(SIGTERM, stop);
    open_database(arguments[2]);
    void *context = zmq_ctx_new();
    router = zmq_socket(context, ZMQ_ROUTER);
    int none = 0;
    zmq_setsockopt(router, ZMQ_SNDHWM, &none, sizeof none);
    zmq_setsockopt(router, ZMQ_RCVHWM, &none, sizeof none);
    if (zmq_bind(router, arguments[1]) != 0) {
        fprintf(stderr, "bare: %s: %s\n", arguments[1], zmq_strerror(errno));
        return 1;
    }
    finished = eventfd(0, EFD_NONBLOCK);
    pthread_t thread;
    pthread_create(&thread, NULL, committer, NULL);
    serve();
    _exit(0);
}
