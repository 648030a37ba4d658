#include "lib/client.h"

#include "lib/client_internal.h"
#include "lib/clock.h"
#include "lib/crypto.h"
#include "lib/mem.h"
#include "lib/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

static void send_hello(struct client *client);

static void set_endpoint(struct client *client, const char *endpoint)
{
    uint8_t digest[CRYPTO_DIGEST_BYTES];

    client->endpoint = mem_string(endpoint);
    crypto_sha256(endpoint, strlen(endpoint), digest);
    crypto_hex(digest, sizeof(client->bus_name) / 2, client->bus_name);
}

static enum err_code find_endpoint(struct client *client, const char *given, struct err *err)
{
    const char *bus = given ? given : getenv("PULT_BUS");
    char runtime[PATH_BYTES];

    if (bus && *bus) {
        set_endpoint(client, bus);
        return ERR_OK;
    }
    enum err_code code = path_runtime_find(runtime, err);
    if (code != ERR_OK)
        return code;
    struct buf endpoint = {0};
    buf_printf(&endpoint, "ipc://%s/requests.sock", runtime);
    set_endpoint(client, buf_text(&endpoint));
    buf_fini(&endpoint);
    return ERR_OK;
}

// The keys for tcp: both, or neither.
static enum err_code find_keys(struct client *client, struct err *err)
{
    const char *key = client->options.key ? client->options.key : getenv("PULT_KEY");
    const char *server =
        client->options.server_key ? client->options.server_key : getenv("PULT_SERVER_KEY");
    bool has_key = key && *key, has_server = server && *server;

    if (strncmp(client->endpoint, "tcp://", 6) != 0 || (!has_key && !has_server))
        return ERR_OK;
    if (!has_key || !has_server)
        return err_set(err, ERR_INVALID, "key",
                       "tcp needs both keys: your own (PULT_KEY, a file NAME.key_secret) and the "
                       "broker's (PULT_SERVER_KEY, its public key or a file NAME.key).",
                       "Для tcp нужны оба ключа: ваш (PULT_KEY, файл ИМЯ.key_secret) и открытый "
                       "ключ брокера (PULT_SERVER_KEY, сам ключ или файл ИМЯ.key).");
    if (curve_read(key, &client->key, err) != ERR_OK)
        return err->code;
    return curve_read_public(server, client->server_key, err);
}

static void set_keys(const struct client *client, void *socket)
{
    if (!client->server_key[0])
        return;
    zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, client->server_key, CURVE_TEXT_BYTES);
    zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, client->key.public_key, CURVE_TEXT_BYTES);
    zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, client->key.secret_key, CURVE_TEXT_BYTES);
}

static void set_option(void *socket, int option, int value)
{
    zmq_setsockopt(socket, option, &value, sizeof(value));
}

static enum err_code open_socket(struct client *client, struct err *err)
{
    client->zmq = zmq_ctx_new();
    client->socket = zmq_socket(client->zmq, ZMQ_DEALER);
    set_option(client->socket, ZMQ_LINGER, 0);
    set_option(client->socket, ZMQ_IMMEDIATE, 1); // nothing queues for a broker that is away
    set_option(client->socket, ZMQ_RECONNECT_IVL, 100);
    set_option(client->socket, ZMQ_RECONNECT_IVL_MAX, 1000);
    set_option(client->socket, ZMQ_HEARTBEAT_IVL, 2000);
    set_option(client->socket, ZMQ_HEARTBEAT_TIMEOUT, 6000);
    if (zmq_socket_monitor(client->socket, "inproc://monitor",
                           ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                               ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_DISCONNECTED) != 0)
        return err_set(err, ERR_UNAVAILABLE, "socket", "The link cannot be watched: %s.",
                       "За связью не уследить: %s.", zmq_strerror(zmq_errno()));
    client->monitor = zmq_socket(client->zmq, ZMQ_PAIR);
    set_option(client->monitor, ZMQ_LINGER, 0);
    zmq_connect(client->monitor, "inproc://monitor");
    set_keys(client, client->socket);
    if (zmq_connect(client->socket, client->endpoint) != 0)
        return err_set(err, ERR_INVALID, "endpoint",
                       "\"%s\" is no endpoint (%s); like ipc:///run/pult/requests.sock.",
                       "«%s» — не адрес шины (%s); нужен вида ipc:///run/pult/requests.sock.",
                       client->endpoint, zmq_strerror(zmq_errno()));
    return ERR_OK;
}

void client_look_at_outbox(struct client *client)
{
    client->depth = client->outbox ? outbox_depth(client->outbox, &client->oldest_ms) : 0;
}

struct client *client_open(const struct client_options *options, struct err *err)
{
    struct client *client = mem_alloc(sizeof(*client));

    client->options = *options;
    if (client->options.request_timeout_ms == 0)
        client->options.request_timeout_ms = REQUEST_TIMEOUT_MS;
    client->program = mem_string(options->program);
    client->version = mem_string(options->version);
    client->role = mem_string(options->role);
    client->person = mem_string(options->person);
    if (client->person && !pin_ask("PIN: ", client->pin)) {
        err_set(err, ERR_DENIED, "pin", "No PIN was given.", "PIN не указан.");
        goto failed;
    }
    client->round_trip_ms = -1;
    client->doc = json_doc_new();
    client->own_doc = json_doc_new();
    client->hello_doc = json_doc_new();
    if (find_endpoint(client, options->endpoint, err) != ERR_OK ||
        find_keys(client, err) != ERR_OK || open_socket(client, err) != ERR_OK)
        goto failed;
    err_set(&client->why, ERR_UNAVAILABLE, "connecting",
            "The bus %s does not answer; see whether busd runs there.",
            "Шина %s не отвечает; проверьте, работает ли там busd.", client->endpoint);
    if (options->outbox && !(client->outbox = outbox_open(options->outbox, client->endpoint, err)))
        goto failed;
    client_look_at_outbox(client);
    return client;
failed:
    client_close(client);
    return NULL;
}

// Whoever waits for an answer is told that none will come.
static void end_waiting(struct client *client)
{
    struct err why;

    client->connected = client->up = false;
    client->link_changed = NULL;
    err_set(&client->why, ERR_UNAVAILABLE, "closed", "The link is closed.", "Связь закрыта.");
    why = client->why;
    client_fail_pending(client, &why, INT64_MAX);
    while (client->waiter_count) {
        struct waiter waiter = client->waiters[--client->waiter_count];
        if (waiter.answered)
            waiter.answered(waiter.context, NULL, &why);
    }
}

void client_close(struct client *client)
{
    if (!client)
        return;
    end_waiting(client);
    if (client->monitor)
        zmq_close(client->monitor);
    if (client->feed)
        zmq_close(client->feed);
    if (client->socket) {
        zmq_socket_monitor(client->socket, NULL, 0);
        zmq_close(client->socket);
    }
    if (client->zmq)
        zmq_ctx_term(client->zmq);
    client_drop_stream(&client->stream);
    outbox_close(client->outbox);
    json_doc_free(client->doc);
    json_doc_free(client->own_doc);
    json_doc_free(client->hello_doc);
    free(client->pending);
    free(client->waiters);
    curve_wipe(&client->key);
    crypto_wipe(client->pin, sizeof client->pin);
    free(client->person);
    free(client->endpoint);
    free(client->program);
    free(client->version);
    free(client->role);
    free(client);
}

void client_on_link(struct client *client, client_link_changed *changed, void *context)
{
    client->link_changed = changed;
    client->link_context = context;
}

void client_say_link(struct client *client, enum client_link link)
{
    if (client->link_changed)
        client->link_changed(client->link_context, link, &client->why);
}

bool client_send(struct client *client, const char *verb, struct slice id, struct slice body)
{
    return zmq_send(client->socket, verb, strlen(verb), ZMQ_SNDMORE | ZMQ_DONTWAIT) >= 0 &&
           zmq_send(client->socket, id.data, id.length, ZMQ_SNDMORE | ZMQ_DONTWAIT) >= 0 &&
           zmq_send(client->socket, body.data ? body.data : "", body.length, ZMQ_DONTWAIT) >= 0;
}

static struct slice frame_bytes(zmq_msg_t *frame)
{
    return (struct slice){zmq_msg_data(frame), zmq_msg_size(frame)};
}

// One frame of a message, by its place in it.
struct reading {
    char kind[8];
    zmq_msg_t second;
    int at;
    bool mine;
};

static void handle_frame(struct client *client, struct reading *reading, zmq_msg_t *frame)
{
    struct slice bytes = frame_bytes(frame);

    if (reading->at == 0) {
        snprintf(reading->kind, sizeof(reading->kind), "%.*s", (int)bytes.length, bytes.data);
    } else if (reading->at == 1) {
        reading->mine = client->stream.active && slice_is(bytes, client->stream.id);
        zmq_msg_copy(&reading->second, frame);
    } else if (strcmp(reading->kind, "event") == 0) {
        if (reading->mine && client->stream.active)
            client_handle_event(client, bytes);
    } else if (strcmp(reading->kind, "live") == 0) {
        if (reading->mine)
            client_handle_live(client, bytes);
    } else if (reading->at == 2) {
        client_handle_answer(client, strcmp(reading->kind, "ok") == 0,
                             frame_bytes(&reading->second), bytes);
    }
    reading->at++;
}

// Takes one message; false when none waits.
static bool receive(struct client *client)
{
    struct reading reading = {0};
    zmq_msg_t frame;
    int more = 1;

    zmq_msg_init(&reading.second);
    zmq_msg_init(&frame);
    while (more) {
        if (zmq_msg_recv(&frame, client->socket, ZMQ_DONTWAIT) < 0)
            break;
        handle_frame(client, &reading, &frame);
        more = zmq_msg_more(&frame);
    }
    zmq_msg_close(&frame);
    zmq_msg_close(&reading.second);
    if (reading.at == 0)
        return false;
    client->last_heard_ms = clock_real_now_ms();
    return true;
}

static void greeted(void *context, const struct json *body, const struct err *err)
{
    struct client *client = context;
    int64_t now_ms = 0;

    if (err) {
        client->why = *err;
        // Each further try would count.
        client->pin_refused = client->person && (strcmp(err->reason, "pin") == 0 ||
                                                 strcmp(err->reason, "person") == 0 ||
                                                 strcmp(err->reason, "tries") == 0);
        client_say_link(client, CLIENT_DOWN);
        return;
    }
    char *former = client->greeted ? mem_string(client->hello.journal) : NULL;
    json_doc_reset(client->hello_doc);
    const struct json *kept = json_copy(client->hello_doc, body);
    client->hello = (struct client_hello){
        .identity = json_c_string(json_get(kept, "identity")),
        .role = json_c_string(json_get(kept, "role")),
        .zone = json_c_string(json_get(kept, "zone")),
        .journal = json_c_string(json_get(kept, "journal")),
        .broker = json_c_string(json_get(kept, "broker")),
        .version = json_c_string(json_get(kept, "version")),
        .feed = json_c_string(json_get(kept, "feed")),
        .head = json_integer(json_get(kept, "head"), 0),
    };
    struct slice time = json_string(json_get(kept, "time"));
    if (clock_parse(time.data, time.length, &now_ms))
        client->hello.offset_ms = now_ms - clock_real_now_ms();
    bool other = former && client->hello.journal && strcmp(former, client->hello.journal) != 0;
    free(former);
    if (client->outbox && client->hello.journal)
        outbox_meet(client->outbox, client->hello.journal, clock_real_now_ms(), NULL);
    bool again = client->up; // hello on a link that is up: another language
    client->greeted = true;
    client->up = true;
    err_clear(&client->why);
    if (again)
        return;
    client->sent_slip = 0;
    if (other && client->stream.wanted) {
        err_set(&client->why, ERR_CONFLICT, "journal", "The broker has another journal now.",
                "У шины теперь другой журнал.");
        client_drop_stream(&client->stream);
        client_say_link(client, CLIENT_LOST);
    } else {
        client_say_link(client, CLIENT_UP);
    }
    if (client->stream.wanted && !client->stream.active)
        client_send_subscribe(client);
    client_send_outbox(client);
}

static void send_hello(struct client *client)
{
    struct buf body = {0};
    struct json_out out;

    if (client->pin_refused)
        return;
    json_out_init(&out, &body);
    json_out_object(&out, NULL);
    json_out_text(&out, "client", client->program ? client->program : "client");
    json_out_text(&out, "version", client->version ? client->version : "0");
    json_out_text(&out, "language", language_name(client->options.language));
    if (client->role)
        json_out_text(&out, "role", client->role);
    if (client->person) {
        json_out_text(&out, "person", client->person);
        json_out_text(&out, "pin", client->pin);
    }
    json_out_end(&out, '}');
    client_request(client, "hello", (struct slice){body.data, body.length}, greeted, client);
    crypto_wipe(body.data, body.capacity);
    buf_fini(&body);
}

static void link_down(struct client *client, enum err_code code, const char *reason,
                      const char *english, const char *russian)
{
    bool known = client->up || client->why.code != code;

    client->connected = false;
    client->up = false;
    client->stream.active = false;
    client->stream.asked = false;
    err_set(&client->why, code, reason, "%s", "%s", "");
    snprintf(client->why.message[LANGUAGE_EN], ERR_MESSAGE_BYTES, "%s", english);
    snprintf(client->why.message[LANGUAGE_RU], ERR_MESSAGE_BYTES, "%s", russian);
    struct err why = client->why;
    client_fail_pending(client, &why, INT64_MAX);
    client->slips_under_way = 0;
    client->outbox_again_ms = client->outbox_pause_ms = 0;
    if (known)
        client_say_link(client, CLIENT_DOWN);
}

static void handle_link_event(struct client *client, uint16_t event)
{
    if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) {
        client->connected = true;
        send_hello(client);
    } else if (event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) {
        bool key = client->server_key[0] != '\0';

        link_down(client, ERR_DENIED, "refused",
                  key ? "The bus refuses this key: it has no role there."
                      : "The bus refuses this account: it has no role.",
                  key ? "Шина отказывает этому ключу: у него там нет роли."
                      : "Шина отказывает этой учётной записи: у неё нет роли.");
    } else if (client->why.code != ERR_DENIED) {
        link_down(client, ERR_UNAVAILABLE, "link", "The link to the bus is lost.",
                  "Связь с шиной потеряна.");
    }
}

static bool receive_link_event(struct client *client)
{
    zmq_msg_t frame;
    uint16_t event = 0;

    zmq_msg_init(&frame);
    bool got = zmq_msg_recv(&frame, client->monitor, ZMQ_DONTWAIT) >= 0;
    if (got) {
        memcpy(&event, zmq_msg_data(&frame), sizeof(event));
        while (zmq_msg_more(&frame) && zmq_msg_recv(&frame, client->monitor, ZMQ_DONTWAIT) >= 0)
            ;
        handle_link_event(client, event);
    }
    zmq_msg_close(&frame);
    return got;
}

enum err_code client_feed(struct client *client, const char *const *topics, size_t topic_count,
                          client_event *event, void *context, struct err *err)
{
    const char *endpoint = client->greeted ? client->hello.feed : NULL;

    if (!endpoint)
        return err_set(err, ERR_UNAVAILABLE, "feed", "The broker has no feed for this account.",
                       "Ленты событий для этой учётной записи нет.");
    client->feed = zmq_socket(client->zmq, ZMQ_SUB);
    client->feed_event = event;
    client->feed_context = context;
    set_option(client->feed, ZMQ_LINGER, 0);
    set_keys(client, client->feed);
    for (size_t i = 0; i < topic_count; i++)
        zmq_setsockopt(client->feed, ZMQ_SUBSCRIBE, topics[i], strlen(topics[i]));
    if (zmq_connect(client->feed, endpoint) != 0)
        return err_set(err, ERR_UNAVAILABLE, "feed", "The feed %s cannot be reached: %s.",
                       "Лента %s недоступна: %s.", endpoint, zmq_strerror(zmq_errno()));
    return ERR_OK;
}

// One message of the feed: topic, event. False when none waits.
static bool receive_feed(struct client *client)
{
    zmq_msg_t frame;
    bool got = false;
    int more = 1;

    zmq_msg_init(&frame);
    for (int at = 0; more && zmq_msg_recv(&frame, client->feed, ZMQ_DONTWAIT) >= 0; at++) {
        struct slice bytes = frame_bytes(&frame);
        got = true;
        more = zmq_msg_more(&frame);
        const struct json *event =
            at == 1 ? json_parse(client->doc, bytes.data, bytes.length, JSON_DEPTH_DEFAULT, NULL)
                    : NULL;
        if (event)
            client->feed_event(client->feed_context, event, bytes);
    }
    zmq_msg_close(&frame);
    return got;
}

static void run_timers(struct client *client)
{
    int64_t now_ms = clock_monotonic_now_ms();
    struct err late;

    if (client->pending_count && client->pending[0].deadline_ms <= now_ms) {
        err_set(&late, ERR_UNAVAILABLE, "timeout", "The bus did not answer in time.",
                "Шина не ответила вовремя.");
        client_fail_pending(client, &late, now_ms);
    }
    if (client->outbox && client->up && now_ms >= client->outbox_again_ms) {
        client->outbox_again_ms = now_ms + OUTBOX_LOOK_MS;
        if (client->slips_under_way == 0)
            client->sent_slip = 0; // also what other programs left in the file
        client_send_outbox(client);
        client_look_at_outbox(client);
    }
    if (client->connected && now_ms >= client->greet_again_ms) {
        // What was refused as `unavailable` or never answered is asked for again.
        client->greet_again_ms = now_ms + GREET_AGAIN_MS;
        if (!client->up && client->pending_count == 0)
            send_hello(client);
        else if (client->up && client->stream.wanted && !client->stream.active)
            client_send_subscribe(client);
    }
    if (client->stream.active && client->stream.unacknowledged >= CREDIT_STEP)
        client_give_credit(client);
}

static int until_next_timer(const struct client *client, int timeout_ms)
{
    int64_t now_ms = clock_monotonic_now_ms();
    int64_t left = timeout_ms < 0 ? 1000 : timeout_ms;

    if (client->pending_count && client->pending[0].deadline_ms - now_ms < left)
        left = client->pending[0].deadline_ms - now_ms;
    if (client->depth && client->up && client->outbox_again_ms - now_ms < left)
        left = client->outbox_again_ms - now_ms;
    return left > 0 ? (int)left : 0;
}

static void fill_extra(const zmq_pollitem_t *items, struct pollfd *extra, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        extra[i].revents = 0;
        if (items[i].revents & ZMQ_POLLIN)
            extra[i].revents |= POLLIN;
        if (items[i].revents & ZMQ_POLLERR)
            extra[i].revents |= POLLERR;
    }
}

int client_poll(struct client *client, struct pollfd *extra, size_t count, int timeout_ms)
{
    zmq_pollitem_t items[3 + POLL_EXTRA];
    size_t own = 0;

    items[own++] = (zmq_pollitem_t){.socket = client->socket, .events = ZMQ_POLLIN};
    items[own++] = (zmq_pollitem_t){.socket = client->monitor, .events = ZMQ_POLLIN};
    if (client->feed)
        items[own++] = (zmq_pollitem_t){.socket = client->feed, .events = ZMQ_POLLIN};
    if (count > POLL_EXTRA)
        count = POLL_EXTRA;
    for (size_t i = 0; i < count; i++)
        items[own + i] = (zmq_pollitem_t){.fd = extra[i].fd, .events = ZMQ_POLLIN};
    int ready = zmq_poll(items, (int)(own + count), until_next_timer(client, timeout_ms));
    if (ready < 0)
        return -1;
    fill_extra(items + own, extra, count);
    int64_t until_ms = clock_monotonic_now_ms() + WORK_SLICE_MS;
    while (receive_link_event(client))
        ;
    while (receive(client) && clock_monotonic_now_ms() < until_ms)
        ;
    while (client->feed && receive_feed(client) && clock_monotonic_now_ms() < until_ms)
        ;
    run_timers(client);
    return ready;
}

void client_set_language(struct client *client, enum language language)
{
    client->options.language = language;
    if (client->up)
        send_hello(client);
}

bool client_is_up(const struct client *client)
{
    return client->up;
}

const struct client_hello *client_hello(const struct client *client)
{
    return client->greeted ? &client->hello : NULL;
}

const char *client_bus_name(const struct client *client)
{
    return client->bus_name;
}

int64_t client_last_heard_ms(const struct client *client)
{
    return client->last_heard_ms;
}

int client_round_trip_ms(const struct client *client)
{
    return client->round_trip_ms;
}

int64_t client_now_ms(const struct client *client)
{
    return clock_real_now_ms() + client->hello.offset_ms;
}
