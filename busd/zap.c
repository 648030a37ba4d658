#include "busd/zap.h"

#include "lib/clock.h"
#include "lib/curve.h"
#include "lib/log.h"
#include "lib/mem.h"

#include <zmq.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

// In libzmq 4.3.4 a draft's number, absent from Debian's header, honoured by its library.
enum { OPTION_ENFORCE_DOMAIN = 93 };
enum {
    HANDSHAKE_MS = 3000,
    FRAME_BYTES = 512,
    REQUEST_FRAMES = 9,
    SELF_TEST_MS = 2500,
    LOG_EVERY_MS = 1000
};

#define ENDPOINT      "inproc://zeromq.zap.01"
#define STOP_ENDPOINT "inproc://pult.zap.stop"

// One that was let in to the feed.
struct reader {
    char identity[ACCESS_IDENTITY_BYTES], public_key[CURVE_TEXT_BYTES];
};

struct zap {
    void *handler, *stop_reader, *stop;
    pthread_mutex_t lock; // of what follows
    const struct access *access;
    struct reader *readers;
    size_t reader_count, reader_capacity;
    // Until here.
    pthread_t thread;
    int64_t log_again_ms; // monotonic
    int unlogged;         // refusals since the last line
    atomic_bool feed_used;
    atomic_llong admitted, refused;
};

// Frames of a request: version, request id, domain, address, routing id, mechanism, credentials.
struct zap_request {
    char frames[REQUEST_FRAMES][FRAME_BYTES];
    size_t lengths[REQUEST_FRAMES];
    int count;
};

static bool receive(void *socket, struct zap_request *request)
{
    int more = 1;

    memset(request->lengths, 0, sizeof request->lengths);
    for (request->count = 0; more; request->count++) {
        int slot = request->count < REQUEST_FRAMES ? request->count : REQUEST_FRAMES - 1;
        size_t size = sizeof more;
        int length = zmq_recv(socket, request->frames[slot], FRAME_BYTES - 1, 0);

        if (length < 0)
            return false;
        if (length > FRAME_BYTES - 1)
            length = FRAME_BYTES - 1;
        request->frames[slot][length] = '\0';
        request->lengths[slot] = (size_t)length;
        zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size);
    }
    return request->count >= 6;
}

// A property as ZMTP writes it: one byte of length and the name, four bytes of length and the value.
static size_t write_property(uint8_t *to, const char *name, const char *value)
{
    size_t name_length = strlen(name), length = strlen(value);

    to[0] = (uint8_t)name_length;
    memcpy(to + 1, name, name_length);
    memset(to + 1 + name_length, 0, 3);
    to[4 + name_length] = (uint8_t)length;
    memcpy(to + 5 + name_length, value, length);
    return 5 + name_length + length;
}

// The key goes along even where there is none: then nobody can bring one in a property of his own.
static void reply(void *socket, const struct zap_request *request, bool admitted,
                  const char *identity, const char *public_key)
{
    uint8_t property[sizeof ZAP_KEY_PROPERTY + CURVE_TEXT_BYTES + 8];
    const char *status = admitted ? "200" : "400", *text = admitted ? "OK" : "no role";

    zmq_send(socket, "1.0", 3, ZMQ_SNDMORE);
    zmq_send(socket, request->frames[1], request->lengths[1], ZMQ_SNDMORE);
    zmq_send(socket, status, 3, ZMQ_SNDMORE);
    zmq_send(socket, text, strlen(text), ZMQ_SNDMORE);
    zmq_send(socket, identity, strlen(identity), ZMQ_SNDMORE);
    zmq_send(socket, property, write_property(property, ZAP_KEY_PROPERTY, public_key), 0);
}

// The UID of `localhost:UID:GID:PID`; false for any other address.
static bool read_uid(const char *address, uid_t *uid)
{
    unsigned uid_read, gid;
    long pid;
    int end = 0;

    if (sscanf(address, "localhost:%u:%u:%ld%n", &uid_read, &gid, &pid, &end) != 3)
        return false;
    if (address[end] != '\0')
        return false;
    *uid = (uid_t)uid_read;
    return true;
}

static bool has_feed(const struct access_account *account)
{
    for (size_t i = 0; i < account->role_count; i++) {
        if (access_may(account->roles[i], ACCESS_FEED))
            return true;
    }
    return false;
}

static bool is_loopback(const char *address)
{
    return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0;
}

// Who it is, by the table; no role = nobody.
static void find_account(const struct access *access, const struct zap_request *request,
                         struct access_account *account, char public_key[CURVE_TEXT_BYTES])
{
    const char *address = request->frames[3], *mechanism = request->frames[5];
    uid_t uid;

    if (strcmp(mechanism, "CURVE") == 0 && request->count == 7 &&
        request->lengths[6] == CURVE_KEY_BYTES) {
        curve_to_text((const uint8_t *)request->frames[6], public_key);
        access_find_key(access, public_key, account);
    } else if (strcmp(mechanism, "NULL") == 0 && read_uid(address, &uid)) {
        access_find_account(access, uid, account);
    } else if (strcmp(mechanism, "NULL") == 0 && is_loopback(address)) {
        access_find_loopback(access, account);
    }
}

static void note_reader(struct zap *zap, const char *identity, const char *public_key)
{
    struct reader *reader;

    for (size_t i = 0; i < zap->reader_count; i++) {
        if (strcmp(zap->readers[i].identity, identity) == 0 &&
            strcmp(zap->readers[i].public_key, public_key) == 0)
            return;
    }
    mem_grow((void **)&zap->readers, zap->reader_count, &zap->reader_capacity,
             sizeof *zap->readers);
    reader = &zap->readers[zap->reader_count++];
    snprintf(reader->identity, sizeof reader->identity, "%s", identity);
    snprintf(reader->public_key, sizeof reader->public_key, "%s", public_key);
}

// A line a second at most: a flood of strangers must not fill the log.
static void log_refusal(struct zap *zap, const char *domain, const char *mechanism,
                        const char *identity)
{
    int64_t now_ms = clock_monotonic_now_ms();

    if (now_ms < zap->log_again_ms) {
        zap->unlogged++;
        return;
    }
    log_warning("a handshake was refused domain=%s mechanism=%s account=%s before=%d", domain,
                mechanism, identity, zap->unlogged);
    zap->log_again_ms = now_ms + LOG_EVERY_MS;
    zap->unlogged = 0;
}

static void handle(struct zap *zap, const struct zap_request *request)
{
    const char *domain = request->frames[2], *mechanism = request->frames[5];
    struct access_account account = {.role_count = 0};
    bool feed = strcmp(domain, ZAP_DOMAIN_FEED) == 0;
    bool known = strcmp(domain, ZAP_DOMAIN_REQUESTS) == 0 || feed;
    char public_key[CURVE_TEXT_BYTES] = "";
    bool admitted;

    pthread_mutex_lock(&zap->lock);
    if (known)
        find_account(zap->access, request, &account, public_key);
    admitted = account.role_count > 0 && (!feed || has_feed(&account));
    if (admitted && feed)
        note_reader(zap, account.identity, public_key);
    pthread_mutex_unlock(&zap->lock);
    atomic_fetch_add(admitted ? &zap->admitted : &zap->refused, 1);
    if (admitted && feed)
        atomic_store(&zap->feed_used, true);
    // The self-test's own key is refused at each run: that is no news.
    if (!admitted && known)
        log_refusal(zap, domain, mechanism, account.identity);
    reply(zap->handler, request, admitted, admitted ? account.identity : "", public_key);
}

static void *run(void *argument)
{
    struct zap *zap = argument;
    zmq_pollitem_t items[] = {{.socket = zap->handler, .events = ZMQ_POLLIN},
                              {.socket = zap->stop_reader, .events = ZMQ_POLLIN}};
    static _Thread_local struct zap_request request;

    prctl(PR_SET_NAME, "busd-zap"); // as top and gdb show it
    for (;;) {
        if (zmq_poll(items, 2, -1) < 0 && zmq_errno() != EINTR)
            break;
        if (items[1].revents)
            return NULL;
        if (items[0].revents && receive(zap->handler, &request))
            handle(zap, &request);
    }
    // Without its handler the daemon would refuse everybody for ever: end, a supervisor restarts.
    log_error("the ZAP handler ended error=\"%s\"", zmq_strerror(zmq_errno()));
    abort();
}

struct zap *zap_start(void *context, const struct access *access, struct err *err)
{
    struct zap *zap = mem_alloc(sizeof *zap);

    zap->access = access;
    pthread_mutex_init(&zap->lock, NULL);
    zap->handler = zmq_socket(context, ZMQ_REP);
    zap->stop_reader = zmq_socket(context, ZMQ_PAIR);
    zap->stop = zmq_socket(context, ZMQ_PAIR);
    if (!zap->handler || zmq_bind(zap->handler, ENDPOINT) < 0 ||
        zmq_bind(zap->stop_reader, STOP_ENDPOINT) < 0 ||
        zmq_connect(zap->stop, STOP_ENDPOINT) < 0 ||
        pthread_create(&zap->thread, NULL, run, zap) != 0) {
        err_set(err, ERR_UNAVAILABLE, "zap", "the ZAP handler cannot start: %s",
                "обработчик ZAP не запускается: %s", zmq_strerror(zmq_errno()));
        zmq_close(zap->handler);
        zmq_close(zap->stop_reader);
        zmq_close(zap->stop);
        pthread_mutex_destroy(&zap->lock);
        free(zap);
        return NULL;
    }
    return zap;
}

void zap_stop(struct zap *zap)
{
    if (!zap)
        return;
    zmq_send(zap->stop, "", 0, 0);
    pthread_join(zap->thread, NULL);
    zmq_close(zap->stop);
    zmq_close(zap->stop_reader);
    zmq_close(zap->handler);
    pthread_mutex_destroy(&zap->lock);
    free(zap->readers);
    free(zap);
}

bool zap_set_access(struct zap *zap, const struct access *access)
{
    bool withdrawn = false;

    pthread_mutex_lock(&zap->lock);
    zap->access = access;
    for (size_t i = 0; i < zap->reader_count; i++) {
        const struct reader *reader = &zap->readers[i];
        struct access_account account;

        access_find_identity(access, slice_of(reader->identity), slice_of(reader->public_key),
                             &account);
        withdrawn = withdrawn || !has_feed(&account);
    }
    if (withdrawn)
        zap->reader_count = 0;
    pthread_mutex_unlock(&zap->lock);
    return withdrawn;
}

enum err_code zap_guard_socket(void *socket, const char *domain, int64_t message_bytes,
                               struct err *err)
{
    int enforce = 1, handshake = HANDSHAKE_MS, linger = 0;

    if (zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, domain, strlen(domain)) < 0 ||
        zmq_setsockopt(socket, OPTION_ENFORCE_DOMAIN, &enforce, sizeof enforce) < 0 ||
        zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &message_bytes, sizeof message_bytes) < 0 ||
        zmq_setsockopt(socket, ZMQ_HANDSHAKE_IVL, &handshake, sizeof handshake) < 0 ||
        zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger) < 0)
        return err_set(err, ERR_UNAVAILABLE, "zap", "libzmq refuses a safety option: %s",
                       "libzmq отказывает в настройке защиты: %s", zmq_strerror(zmq_errno()));
    return ERR_OK;
}

// Whether the server refused the key. A handler that is dead leaves the client trying again and again.
static bool is_refused(void *monitor)
{
    int64_t until_ms = clock_monotonic_now_ms() + SELF_TEST_MS;
    bool refused = false, admitted = false;
    char address[256];

    while (!refused && !admitted) {
        int left_ms = (int)(until_ms - clock_monotonic_now_ms());
        uint8_t frame[6];
        uint16_t event;

        if (left_ms <= 0 || zmq_setsockopt(monitor, ZMQ_RCVTIMEO, &left_ms, sizeof left_ms) != 0 ||
            zmq_recv(monitor, frame, sizeof frame, 0) != sizeof frame ||
            zmq_recv(monitor, address, sizeof address, 0) < 0)
            break;
        memcpy(&event, frame, sizeof event);
        refused = event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;
        admitted = event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
    }
    return refused;
}

static bool open_server(void *server, char *endpoint, size_t size,
                        char public_key[CURVE_TEXT_BYTES])
{
    struct curve_pair pair;
    int yes = 1;
    bool opened;

    curve_generate(&pair);
    memcpy(public_key, pair.public_key, CURVE_TEXT_BYTES);
    opened = zap_guard_socket(server, ZAP_DOMAIN_SELF_TEST, 4096, NULL) == ERR_OK &&
             zmq_setsockopt(server, ZMQ_CURVE_SECRETKEY, pair.secret_key, CURVE_TEXT_BYTES) == 0 &&
             zmq_setsockopt(server, ZMQ_CURVE_SERVER, &yes, sizeof yes) == 0 &&
             zmq_bind(server, "tcp://127.0.0.1:*") == 0 &&
             zmq_getsockopt(server, ZMQ_LAST_ENDPOINT, endpoint, &size) == 0;
    curve_wipe(&pair);
    return opened;
}

static bool connect_stranger(void *client, const char *endpoint, const char *server_key)
{
    struct curve_pair pair;
    int linger = 0;

    curve_generate(&pair);
    return zmq_setsockopt(client, ZMQ_LINGER, &linger, sizeof linger) == 0 &&
           zmq_setsockopt(client, ZMQ_CURVE_SERVERKEY, server_key, CURVE_TEXT_BYTES) == 0 &&
           zmq_setsockopt(client, ZMQ_CURVE_PUBLICKEY, pair.public_key, CURVE_TEXT_BYTES) == 0 &&
           zmq_setsockopt(client, ZMQ_CURVE_SECRETKEY, pair.secret_key, CURVE_TEXT_BYTES) == 0 &&
           zmq_connect(client, endpoint) == 0;
}

enum err_code zap_self_test(void *context, struct err *err)
{
    void *server = zmq_socket(context, ZMQ_ROUTER), *client = zmq_socket(context, ZMQ_DEALER);
    void *monitor = zmq_socket(context, ZMQ_PAIR);
    char endpoint[256] = "", server_key[CURVE_TEXT_BYTES];
    bool refused = false;

    if (zmq_socket_monitor(client, "inproc://pult.zap.self-test", ZMQ_EVENT_ALL) == 0 &&
        zmq_connect(monitor, "inproc://pult.zap.self-test") == 0 &&
        open_server(server, endpoint, sizeof endpoint, server_key) &&
        connect_stranger(client, endpoint, server_key))
        refused = is_refused(monitor);
    zmq_socket_monitor(client, NULL, 0);
    zmq_close(client);
    zmq_close(server);
    zmq_close(monitor);
    if (refused)
        return ERR_OK;
    return err_set(err, ERR_DENIED, "self_test",
                   "a random key was not refused at the self-test, so the access checks of this "
                   "libzmq cannot be relied on; Debian 12's libzmq5 4.3.4 is what Pult needs",
                   "самопроверка: случайный ключ не был отклонён, защите этой libzmq доверять "
                   "нельзя; нужна libzmq5 4.3.4 из Debian 12");
}

bool zap_feed_was_used(const struct zap *zap)
{
    return atomic_load_explicit(&zap->feed_used, memory_order_relaxed);
}

int64_t zap_admitted(const struct zap *zap)
{
    return atomic_load(&zap->admitted);
}

int64_t zap_refused(const struct zap *zap)
{
    return atomic_load(&zap->refused);
}
