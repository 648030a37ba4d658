#include "busd/zap.h"

#include "lib/log.h"
#include "lib/mem.h"

#include <zmq.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// In libzmq 4.3.4 a draft's number, absent from Debian's header, honoured by its library.
enum { OPTION_ENFORCE_DOMAIN = 93 };
enum { HANDSHAKE_MS = 3000, FRAME_BYTES = 512, REQUEST_FRAMES = 9, SELF_TEST_MS = 2500 };

#define ENDPOINT      "inproc://zeromq.zap.01"
#define STOP_ENDPOINT "inproc://pult.zap.stop"

struct zap {
    void *handler, *stop_reader, *stop;
    pthread_mutex_t lock; // of `access`
    const struct access *access;
    pthread_t thread;
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

static void reply(void *socket, const struct zap_request *request, const char *status,
                  const char *text, const char *identity)
{
    zmq_send(socket, "1.0", 3, ZMQ_SNDMORE);
    zmq_send(socket, request->frames[1], request->lengths[1], ZMQ_SNDMORE);
    zmq_send(socket, status, 3, ZMQ_SNDMORE);
    zmq_send(socket, text, strlen(text), ZMQ_SNDMORE);
    zmq_send(socket, identity, strlen(identity), ZMQ_SNDMORE);
    zmq_send(socket, "", 0, 0);
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

static void handle(struct zap *zap, const struct zap_request *request)
{
    const char *domain = request->frames[2], *mechanism = request->frames[5];
    struct access_account account = {.role_count = 0};
    bool feed = strcmp(domain, ZAP_DOMAIN_FEED) == 0;
    bool known = strcmp(domain, ZAP_DOMAIN_REQUESTS) == 0 || feed;
    bool admitted;
    uid_t uid;

    pthread_mutex_lock(&zap->lock);
    if (known && strcmp(mechanism, "NULL") == 0 && read_uid(request->frames[3], &uid))
        access_find_account(zap->access, uid, &account);
    admitted = account.role_count > 0 && (!feed || has_feed(&account));
    pthread_mutex_unlock(&zap->lock);
    if (!admitted) {
        atomic_fetch_add(&zap->refused, 1);
        // The self-test's own key is refused at each start: that is no news.
        if (known)
            log_warning("a handshake was refused domain=%s mechanism=%s account=%s", domain,
                        mechanism, account.identity);
        reply(zap->handler, request, "400", "no role", "");
        return;
    }
    atomic_fetch_add(&zap->admitted, 1);
    if (feed)
        atomic_store(&zap->feed_used, true);
    reply(zap->handler, request, "200", "OK", account.identity);
}

static void *run(void *argument)
{
    struct zap *zap = argument;
    zmq_pollitem_t items[] = {{.socket = zap->handler, .events = ZMQ_POLLIN},
                              {.socket = zap->stop_reader, .events = ZMQ_POLLIN}};
    static _Thread_local struct zap_request request;

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
    free(zap);
}

void zap_set_access(struct zap *zap, const struct access *access)
{
    pthread_mutex_lock(&zap->lock);
    zap->access = access;
    pthread_mutex_unlock(&zap->lock);
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

// 1 = the server refused the key, 0 = it was admitted or nothing came in time.
static bool is_refused(void *monitor)
{
    bool refused = false, admitted = false;
    char address[256];
    int timeout = SELF_TEST_MS;

    zmq_setsockopt(monitor, ZMQ_RCVTIMEO, &timeout, sizeof timeout);
    while (!refused && !admitted) {
        uint8_t frame[6];
        uint16_t event;

        if (zmq_recv(monitor, frame, sizeof frame, 0) != sizeof frame ||
            zmq_recv(monitor, address, sizeof address, 0) < 0)
            break;
        memcpy(&event, frame, sizeof event);
        refused = event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;
        admitted = event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
    }
    return refused;
}

static bool open_server(void *server, char *endpoint, size_t size, char public_key[41])
{
    char secret[41];
    int yes = 1;

    return zmq_curve_keypair(public_key, secret) == 0 &&
           zap_guard_socket(server, ZAP_DOMAIN_SELF_TEST, 4096, NULL) == ERR_OK &&
           zmq_setsockopt(server, ZMQ_CURVE_SERVER, &yes, sizeof yes) == 0 &&
           zmq_setsockopt(server, ZMQ_CURVE_SECRETKEY, secret, 41) == 0 &&
           zmq_bind(server, "tcp://127.0.0.1:*") == 0 &&
           zmq_getsockopt(server, ZMQ_LAST_ENDPOINT, endpoint, &size) == 0;
}

static bool connect_stranger(void *client, const char *endpoint, const char *server_key)
{
    char public_key[41], secret[41];
    int linger = 0;

    return zmq_setsockopt(client, ZMQ_LINGER, &linger, sizeof linger) == 0 &&
           zmq_curve_keypair(public_key, secret) == 0 &&
           zmq_setsockopt(client, ZMQ_CURVE_SERVERKEY, server_key, 41) == 0 &&
           zmq_setsockopt(client, ZMQ_CURVE_PUBLICKEY, public_key, 41) == 0 &&
           zmq_setsockopt(client, ZMQ_CURVE_SECRETKEY, secret, 41) == 0 &&
           zmq_connect(client, endpoint) == 0;
}

enum err_code zap_self_test(void *context, struct err *err)
{
    void *server = zmq_socket(context, ZMQ_ROUTER), *client = zmq_socket(context, ZMQ_DEALER);
    void *monitor = zmq_socket(context, ZMQ_PAIR);
    char endpoint[256] = "", server_key[41];
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
