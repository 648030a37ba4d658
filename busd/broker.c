#include "busd/broker.h"

#include "busd/guests.h"
#include "busd/zap.h"
#include "lib/clock.h"
#include "lib/mem.h"

#include <zmq.h>

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    REQUESTS_BACKLOG =
        200, // messages that wait for one peer in libzmq; then they wait in its session
    REQUESTS_AHEAD =
        1000,             // that one peer may send ahead: each up to limits.message_bytes in memory
    FEED_BACKLOG = 10000, // events that wait for one reader of the feed
    HEARTBEAT_MS = 15 * 1000,
    HEARTBEAT_LOST_MS = 120 * 1000,
    LINGER_MS = 1000, // for answers under way when the daemon ends
    LISTEN_BACKLOG = 1024,
    SHARED_BYTES = 128, // smaller ones are cheaper copied than counted
    OWN_ITEMS = 3,
    POLL_ITEMS = 8,
    REBIND_TRIES = 500,
    REBIND_NS = 2 * 1000 * 1000
};
#define REQUESTS_MONITOR "inproc://pult.requests.monitor"
#define FEED_MONITOR     "inproc://pult.feed.monitor"

struct broker {
    void *context, *requests, *feed;
    void *requests_monitor, *feed_monitor;
    struct guests *requests_guests, *feed_guests;
    const struct endpoints *endpoints;
    int64_t message_bytes;
    size_t connections;
    size_t bound_requests, bound_feed;       // endpoints
    zmq_msg_t frames[BROKER_FRAMES_MAX + 1]; // of the last message, routing id first
    size_t held;
};

void *broker_context_new(void)
{
    void *context = zmq_ctx_new();

    if (context)
        zmq_ctx_set(context, ZMQ_MAX_SOCKETS, 8192);
    return context;
}

void broker_context_free(void *context)
{
    if (context)
        zmq_ctx_term(context);
}

// A socket in a directory that others may enter is the service's: its group may write. In a private
// one it stays its owner's.
static void open_to_group(const char *path)
{
    char directory[PATH_MAX];
    struct stat status;
    const char *slash = strrchr(path, '/');
    size_t length = slash ? (size_t)(slash - path) : 0;

    if (length >= sizeof directory)
        return;
    memcpy(directory, path, length);
    directory[length] = '\0';
    if (stat(length ? directory : "/", &status) == 0)
        chmod(path, status.st_mode & S_IXOTH ? 0660 : 0600);
}

// What is set on a socket holds for the endpoints that are bound afterwards: each has its own key.
static bool set_up_endpoint(void *socket, const struct endpoint *endpoint)
{
    const struct curve_pair *key = endpoint->key;
    int server = key != NULL, six = strchr(endpoint->address, '[') != NULL;

    return zmq_setsockopt(socket, ZMQ_IPV6, &six, sizeof six) == 0 &&
           (!key ||
            zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, key->secret_key, CURVE_TEXT_BYTES) == 0) &&
           zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &server, sizeof server) == 0;
}

static enum err_code bind_all(void *socket, const struct endpoint *endpoints, size_t count,
                              size_t *bound, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        const char *address = endpoints[i].address;

        if (!set_up_endpoint(socket, &endpoints[i]) || zmq_bind(socket, address) < 0)
            return err_set(err, ERR_UNAVAILABLE, "bind", "%s cannot be bound: %s",
                           "сокет %s не открывается: %s", address, zmq_strerror(errno));
        if (endpoint_is_ipc(address))
            open_to_group(address + strlen("ipc://"));
        *bound = i + 1;
    }
    return ERR_OK;
}

// libzmq leaves them; without them a client sees at once that nobody listens.
static void unlink_all(const struct endpoint *endpoints, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (endpoint_is_ipc(endpoints[i].address))
            unlink(endpoints[i].address + strlen("ipc://"));
    }
}

struct socket_option {
    int option, value;
};
static const struct socket_option requests_options[] = {
    {ZMQ_ROUTER_MANDATORY, 1},         {ZMQ_SNDHWM, REQUESTS_BACKLOG},
    {ZMQ_RCVHWM, REQUESTS_AHEAD},      {ZMQ_BACKLOG, LISTEN_BACKLOG},
    {ZMQ_HEARTBEAT_IVL, HEARTBEAT_MS}, {ZMQ_HEARTBEAT_TIMEOUT, HEARTBEAT_LOST_MS},
};
static const struct socket_option feed_options[] = {
    {ZMQ_SNDHWM, FEED_BACKLOG},
    {ZMQ_BACKLOG, LISTEN_BACKLOG},
};

static enum err_code set_options(void *socket, const struct socket_option *options, size_t count,
                                 struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        if (zmq_setsockopt(socket, options[i].option, &options[i].value, sizeof(int)) < 0)
            return err_set(err, ERR_UNAVAILABLE, "socket", "libzmq refuses option %d: %s",
                           "libzmq отказывает в настройке %d: %s", options[i].option,
                           zmq_strerror(errno));
    }
    return ERR_OK;
}

// The monitor must never hold up libzmq's own thread: nothing limits what waits in it.
static void *open_monitor(const struct broker *broker, void *socket, const char *address)
{
    void *monitor = zmq_socket(broker->context, ZMQ_PAIR);
    int unlimited = 0, linger = 0;

    if (monitor &&
        zmq_socket_monitor(socket, address, ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED) == 0 &&
        zmq_setsockopt(monitor, ZMQ_RCVHWM, &unlimited, sizeof unlimited) == 0 &&
        zmq_setsockopt(monitor, ZMQ_LINGER, &linger, sizeof linger) == 0 &&
        zmq_connect(monitor, address) == 0)
        return monitor;
    if (monitor)
        zmq_close(monitor);
    return NULL;
}

static enum err_code no_socket(struct err *err)
{
    return err_set(err, ERR_UNAVAILABLE, "socket", "a socket cannot be opened: %s",
                   "сокет не открывается: %s", zmq_strerror(errno));
}

static void close_watched(void **socket, void **monitor)
{
    if (*socket)
        zmq_socket_monitor(*socket, NULL, 0);
    if (*monitor)
        zmq_close(*monitor);
    if (*socket)
        zmq_close(*socket);
    *socket = *monitor = NULL;
}

static enum err_code open_feed(struct broker *broker, struct err *err)
{
    broker->feed = zmq_socket(broker->context, ZMQ_PUB);
    if (broker->feed)
        broker->feed_monitor = open_monitor(broker, broker->feed, FEED_MONITOR);
    if (!broker->feed_monitor)
        return no_socket(err);
    guests_free(broker->feed_guests);
    broker->feed_guests = guests_new(broker->connections);
    if (zap_guard_socket(broker->feed, ZAP_DOMAIN_FEED, broker->message_bytes, err) != ERR_OK ||
        set_options(broker->feed, feed_options, sizeof feed_options / sizeof *feed_options, err))
        return err->code;
    return bind_all(broker->feed, broker->endpoints->feed, broker->endpoints->feed_count,
                    &broker->bound_feed, err);
}

struct broker *broker_open(void *context, const struct broker_options *options, struct err *err)
{
    const struct endpoints *endpoints = options->endpoints;
    struct broker *broker = mem_alloc(sizeof *broker);

    broker->context = context;
    broker->endpoints = endpoints;
    broker->message_bytes = options->message_bytes;
    broker->connections = options->connections;
    broker->requests_guests = guests_new(broker->connections);
    broker->requests = zmq_socket(context, ZMQ_ROUTER);
    if (broker->requests)
        broker->requests_monitor = open_monitor(broker, broker->requests, REQUESTS_MONITOR);
    if (!broker->requests_monitor) {
        no_socket(err);
        goto fail;
    }
    if (zap_guard_socket(broker->requests, ZAP_DOMAIN_REQUESTS, options->message_bytes, err) ||
        set_options(broker->requests, requests_options,
                    sizeof requests_options / sizeof *requests_options, err) ||
        bind_all(broker->requests, endpoints->requests, endpoints->request_count,
                 &broker->bound_requests, err) ||
        open_feed(broker, err))
        goto fail;
    return broker;
fail:
    broker_close(broker);
    return NULL;
}

// The addresses are free again a moment after the old socket was closed.
enum err_code broker_rebind_feed(struct broker *broker, struct err *err)
{
    enum err_code code = ERR_UNAVAILABLE;

    for (int tries = 0; tries < REBIND_TRIES && code != ERR_OK; tries++) {
        if (tries)
            nanosleep(&(struct timespec){.tv_nsec = REBIND_NS}, NULL);
        close_watched(&broker->feed, &broker->feed_monitor);
        err_clear(err);
        code = open_feed(broker, err);
    }
    return code;
}

static void drop_frames(struct broker *broker)
{
    while (broker->held) {
        zmq_msg_t *frame = &broker->frames[--broker->held];

        // What was read from a socket lies in a buffer that libzmq keeps for the next read.
        explicit_bzero(zmq_msg_data(frame), zmq_msg_size(frame));
        zmq_msg_close(frame);
    }
}

void broker_close(struct broker *broker)
{
    int linger = LINGER_MS;

    if (!broker)
        return;
    drop_frames(broker);
    if (broker->requests)
        zmq_setsockopt(broker->requests, ZMQ_LINGER, &linger, sizeof linger);
    close_watched(&broker->requests, &broker->requests_monitor);
    close_watched(&broker->feed, &broker->feed_monitor);
    guests_free(broker->requests_guests);
    guests_free(broker->feed_guests);
    unlink_all(broker->endpoints->requests, broker->bound_requests);
    unlink_all(broker->endpoints->feed, broker->bound_feed);
    free(broker);
}

static struct slice frame_slice(zmq_msg_t *frame)
{
    return (struct slice){zmq_msg_data(frame), zmq_msg_size(frame)};
}

// Reads one frame: kept where there is room, else dropped. -1 when none waits.
static int receive_frame(struct broker *broker, int flags, bool *more)
{
    bool keep = broker->held <= BROKER_FRAMES_MAX;
    zmq_msg_t spare;
    zmq_msg_t *frame = keep ? &broker->frames[broker->held] : &spare;

    zmq_msg_init(frame);
    while (zmq_msg_recv(frame, broker->requests, flags) < 0) {
        if (errno == EINTR)
            continue;
        zmq_msg_close(frame);
        return -1;
    }
    *more = zmq_msg_more(frame);
    if (keep)
        broker->held++;
    else
        zmq_msg_close(frame);
    return 0;
}

int broker_receive(struct broker *broker, struct broker_message *message)
{
    zmq_msg_t *last;
    size_t count = 0;
    bool more;

    drop_frames(broker);
    if (receive_frame(broker, ZMQ_DONTWAIT, &more) < 0)
        return errno == EAGAIN ? 0 : -1;
    for (; more; count++) {
        if (receive_frame(broker, 0, &more) < 0)
            return -1;
    }
    message->peer = frame_slice(&broker->frames[0]);
    message->foreign = message->peer.length != BROKER_PEER_BYTES || message->peer.data[0] != '\0';
    message->count = count;
    for (size_t i = 1; i < broker->held; i++)
        message->frames[i - 1] = frame_slice(&broker->frames[i]);
    last = &broker->frames[broker->held - 1];
    message->identity = slice_of(zmq_msg_gets(last, "User-Id"));
    message->public_key = slice_of(zmq_msg_gets(last, ZAP_KEY_PROPERTY));
    return 1;
}

int broker_message_connection(const struct broker *broker)
{
    assert(broker->held > 0);
    return zmq_msg_get(&broker->frames[broker->held - 1], ZMQ_SRCFD);
}

const char *broker_message_address(const struct broker *broker)
{
    assert(broker->held > 0);
    const char *address = zmq_msg_gets(&broker->frames[broker->held - 1], "Peer-Address");

    return address ? address : "";
}

// The next that a monitor tells: true, with the descriptor.
static bool next_event(void *monitor, uint16_t *event, int *connection)
{
    uint8_t frame[6];
    char address[8];
    int32_t value;

    if (zmq_recv(monitor, frame, sizeof frame, ZMQ_DONTWAIT) != (int)sizeof frame)
        return false;
    zmq_recv(monitor, address, sizeof address, 0);
    memcpy(event, frame, sizeof *event);
    memcpy(&value, frame + 2, sizeof value);
    *connection = value;
    return true;
}

// The next connection that closed; -1 when no further one did. Those that came are counted on the way.
static int next_closed(void *monitor, struct guests *guests)
{
    uint16_t event;
    int connection;

    while (next_event(monitor, &event, &connection)) {
        if (event == ZMQ_EVENT_DISCONNECTED) {
            guests_closed(guests, connection);
            return connection;
        }
        broker_cut(guests_accepted(guests, connection, clock_monotonic_now_ms()));
    }
    return -1;
}

int broker_next_closed(struct broker *broker)
{
    while (next_closed(broker->feed_monitor, broker->feed_guests) >= 0)
        ;
    return next_closed(broker->requests_monitor, broker->requests_guests);
}

void broker_cut(int connection)
{
    if (connection >= 0)
        shutdown(connection, SHUT_RDWR);
}

static void release_packet(void *data, void *packet)
{
    (void)data;
    packet_release(packet);
}

static void make_frame(zmq_msg_t *frame, struct packet *packet)
{
    if (packet->bytes.length < SHARED_BYTES) {
        zmq_msg_init_size(frame, packet->bytes.length);
        memcpy(zmq_msg_data(frame), packet->bytes.data, packet->bytes.length);
        return;
    }
    // The packet's own bytes, seen through the pointer that may be freed.
    zmq_msg_init_data(frame, (char *)(packet + 1), packet->bytes.length, release_packet,
                      packet_hold(packet));
}

enum broker_sent broker_send(struct broker *broker, struct slice peer, const struct slice *frames,
                             size_t count, struct packet *const *packets, size_t packet_count)
{
    // Only the first frame can be refused (invariant 4): libzmq looks for the peer and for room in
    // its queue there, and takes the rest of the message unconditionally.
    while (zmq_send(broker->requests, peer.data, peer.length, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0) {
        if (errno == EINTR)
            continue;
        return errno == EAGAIN ? BROKER_FULL : BROKER_GONE;
    }
    for (size_t i = 0; i < count; i++) {
        bool last = i + 1 == count && packet_count == 0;

        zmq_send(broker->requests, frames[i].data, frames[i].length, last ? 0 : ZMQ_SNDMORE);
    }
    for (size_t i = 0; i < packet_count; i++) {
        zmq_msg_t frame;

        make_frame(&frame, packets[i]);
        if (zmq_msg_send(&frame, broker->requests, i + 1 == packet_count ? 0 : ZMQ_SNDMORE) < 0)
            zmq_msg_close(&frame);
    }
    return BROKER_SENT;
}

void broker_feed(struct broker *broker, struct slice topic, struct slice bytes)
{
    zmq_send(broker->feed, topic.data, topic.length, ZMQ_SNDMORE | ZMQ_DONTWAIT);
    zmq_send(broker->feed, bytes.data, bytes.length, ZMQ_DONTWAIT);
}

bool broker_wait(struct broker *broker, struct pollfd *extra, size_t count, int timeout_ms)
{
    zmq_pollitem_t items[POLL_ITEMS] = {{.socket = broker->requests, .events = ZMQ_POLLIN},
                                        {.socket = broker->requests_monitor, .events = ZMQ_POLLIN},
                                        {.socket = broker->feed_monitor, .events = ZMQ_POLLIN}};

    assert(count + OWN_ITEMS <= POLL_ITEMS);
    for (size_t i = 0; i < count; i++)
        items[i + OWN_ITEMS] = (zmq_pollitem_t){.fd = extra[i].fd, .events = ZMQ_POLLIN};
    if (zmq_poll(items, (int)count + OWN_ITEMS, timeout_ms) < 0)
        return false;
    for (size_t i = 0; i < count; i++)
        extra[i].revents = items[i + OWN_ITEMS].revents ? POLLIN : 0;
    return items[0].revents != 0;
}

void broker_feed_for(const struct broker *broker, int connection, char feed[ENDPOINT_BYTES])
{
    struct sockaddr_storage local = {.ss_family = AF_UNIX};
    socklen_t size = sizeof local;

    if (getsockname(connection, (struct sockaddr *)&local, &size) != 0)
        local.ss_family = AF_UNIX;
    endpoints_feed_for(broker->endpoints, (const struct sockaddr *)&local, feed);
}
