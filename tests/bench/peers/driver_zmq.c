// Publishes to Pult, or to the bare prototype, which speaks the same three frames: one DEALER a
// publisher, readiness by epoll on ZMQ_FD (it is edge-triggered: ZMQ_EVENTS is asked after every
// use), so that a wake-up costs the same with 1 connection and with 64.
#include "tests/bench/peers/measure.h"

#include <sys/epoll.h>
#include <zmq.h>

struct publisher {
    void *socket;
    int64_t sent_us[WINDOW_MAX]; // a ring: answers come in the order of the requests
    unsigned sent, answered;
};

static struct measure measure;
static char *event;
static size_t id_at, event_length;

static void fail(const char *what)
{
    fprintf(stderr, "driver_zmq: %s: %s\n", what, zmq_strerror(zmq_errno()));
    exit(1);
}

static void send_event(struct publisher *publisher)
{
    measure_put_id(event + id_at);
    publisher->sent_us[publisher->sent++ % WINDOW_MAX] = measure_now_us();
    if (zmq_send_const(publisher->socket, "publish", 7, ZMQ_SNDMORE) < 0 ||
        zmq_send(publisher->socket, "1", 1, ZMQ_SNDMORE) < 0 ||
        zmq_send(publisher->socket, event, event_length, 0) < 0) {
        fail("send");
    }
}

// One answer; 1 read, 0 nothing there, -1 an error was answered.
static int read_answer(struct publisher *publisher, int flags)
{
    char kind[16], id[80], body[4096];
    int bytes = zmq_recv(publisher->socket, kind, sizeof kind, flags);
    if (bytes < 0) {
        return 0;
    }
    zmq_recv(publisher->socket, id, sizeof id, 0);
    int length = zmq_recv(publisher->socket, body, sizeof body, 0);
    if (bytes != 2 || memcmp(kind, "ok", 2) != 0) {
        fprintf(stderr, "driver_zmq: refused: %.*s\n", length < 4096 ? length : 4096, body);
        return -1;
    }
    return 1;
}

// BENCH_KEYS: the server's public key, the client's public and secret ones, blank-separated (CURVE).
static void use_keys(void *socket)
{
    const char *keys = getenv("BENCH_KEYS");
    char server[41], public_key[41], secret[41];

    if (!keys || sscanf(keys, "%40s %40s %40s", server, public_key, secret) != 3) {
        return;
    }
    if (zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, server, 41) != 0 ||
        zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, public_key, 41) != 0 ||
        zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, secret, 41) != 0) {
        fail("keys");
    }
}

static void hello(struct publisher *publisher)
{
    static const char body[] = "{\"client\":\"bench\",\"version\":\"1\",\"role\":\"script\"}";
    zmq_send(publisher->socket, "hello", 5, ZMQ_SNDMORE);
    zmq_send(publisher->socket, "0", 1, ZMQ_SNDMORE);
    zmq_send(publisher->socket, body, sizeof body - 1, 0);
    if (read_answer(publisher, 0) != 1) {
        fail("hello");
    }
}

// Reads all that is there and sends as much again; false when the time is over.
static bool turn(struct publisher *publisher)
{
    for (;;) {
        int events = 0;
        size_t size = sizeof events;
        zmq_getsockopt(publisher->socket, ZMQ_EVENTS, &events, &size);
        if (!(events & ZMQ_POLLIN)) {
            return true;
        }
        int got;
        while ((got = read_answer(publisher, ZMQ_DONTWAIT)) == 1) {
            int64_t sent_us = publisher->sent_us[publisher->answered++ % WINDOW_MAX];
            if (!measure_answer(&measure, sent_us, measure_now_us())) {
                return false;
            }
            send_event(publisher);
        }
        if (got < 0) {
            exit(1);
        }
    }
}

int main(int count, char **arguments)
{
    measure_options(&measure, count, arguments);
    event = measure_event(&measure, &id_at, &event_length);
    void *context = zmq_ctx_new();
    int poll = epoll_create1(0);
    struct publisher *all = calloc((size_t)measure.publishers, sizeof *all);
    int none = 0;
    for (int i = 0; i < measure.publishers; i++) {
        all[i].socket = zmq_socket(context, ZMQ_DEALER);
        zmq_setsockopt(all[i].socket, ZMQ_LINGER, &none, sizeof none);
        use_keys(all[i].socket);
        if (zmq_connect(all[i].socket, measure.endpoint) != 0) {
            fail("connect");
        }
        hello(&all[i]);
        int fd;
        size_t size = sizeof fd;
        zmq_getsockopt(all[i].socket, ZMQ_FD, &fd, &size);
        struct epoll_event watch = {.events = EPOLLIN, .data.ptr = &all[i]};
        epoll_ctl(poll, EPOLL_CTL_ADD, fd, &watch);
    }
    measure_start(&measure);
    for (int i = 0; i < measure.publishers; i++) {
        for (int j = 0; j < measure.window; j++) {
            send_event(&all[i]);
        }
    }
    // Sending consumes the edge, so everyone is looked at once before the first wait.
    bool on = true;
    for (int i = 0; on && i < measure.publishers; i++) {
        on = turn(&all[i]);
    }
    while (on) {
        struct epoll_event ready[64];
        int number = epoll_wait(poll, ready, 64, 1000);
        for (int i = 0; on && i < number; i++) {
            on = turn(ready[i].data.ptr);
        }
        on = on && measure_now_us() < measure.end_us;
    }
    measure_report(&measure);
    for (int i = 0; i < measure.publishers; i++) {
        zmq_close(all[i].socket);
    }
    zmq_ctx_term(context);
    return 0;
}
