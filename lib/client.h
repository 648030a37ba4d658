// The bus client: requests with answers by id, a subscription with credit and resume, and a durable
// outbox (PROTOCOL §3). One thread; the caller's loop drives it by client_poll().
//
// It connects and reconnects by itself. A request that gets no answer in `request_timeout_ms` ends
// with ERR_UNAVAILABLE, which for a publish means *unknown*: only the outbox, which sends the same
// event again until it is answered, gives certainty.
#pragma once

#include "lib/err.h"
#include "lib/json.h"
#include "lib/outbox.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct client;

struct client_options {
    const char *endpoint;   // NULL: PULT_BUS, else the first RUNTIME that exists (PROTOCOL §1)
    const char *key;        // own secret key file for tcp; NULL: PULT_KEY, else none
    const char *server_key; // the broker's public key, or a file of it; NULL: PULT_SERVER_KEY
    const char *person;     // who signs on behind a shared account, asked for the PIN; NULL: nobody
    const char *program;    // "console": hello's `client`
    const char *version;
    const char *role;       // NULL: the identity's first
    enum language language; // of error sentences and `say`
    const char *outbox;     // file of the outbox (lib/outbox.h); NULL: none
    int request_timeout_ms; // 0: 5,000
};

// What hello told. Strings live until the next hello.
struct client_hello {
    const char *identity, *role, *zone, *journal, *broker, *version, *feed;
    int64_t head;
    int64_t offset_ms; // broker's time less ours at the hello
};

// Called for the answer of a request. `body` is valid during the call; NULL with an error.
typedef void client_answered(void *context, const struct json *body, const struct err *err);
// Called for each event of a subscription: the tree and the bytes as streamed.
typedef void client_event(void *context, const struct json *event, struct slice bytes);
// Called for `live`: every matching event up to `head` has been given.
typedef void client_live(void *context, int64_t head);
// Called when the link comes or goes. CLIENT_DOWN says why in `why`. CLIENT_LOST: the link is up, but
// the journal is another one or the subscription's position is gone: the caller must query and
// subscribe anew.
enum client_link { CLIENT_DOWN, CLIENT_UP, CLIENT_LOST };
typedef void client_link_changed(void *context, enum client_link link, const struct err *why);

// NULL on a bad endpoint, an outbox that cannot be opened, or no PIN where one was asked for. A PIN that
// was refused is not tried again: tries are limited.
struct client *client_open(const struct client_options *options, struct err *err);
void client_close(struct client *client);
void client_on_link(struct client *client, client_link_changed *changed, void *context);

// Waits up to `timeout_ms` for the bus or for `extra` descriptors (revents are filled, as poll(2));
// handles everything that has come, at most 2 ms of it, and returns. -1: interrupted by a signal.
int client_poll(struct client *client, struct pollfd *extra, size_t count, int timeout_ms);

// Sentences and `say` come in this language from the next answer on.
void client_set_language(struct client *client, enum language language);

bool client_is_up(const struct client *client);
const struct client_hello *client_hello(const struct client *client); // NULL before the first
// A name for the endpoint that does in a file's: what is kept of one bus must not serve another.
const char *client_bus_name(const struct client *client);
// Waits for the link as long as for an answer. ERR_DENIED or ERR_UNAVAILABLE with the reason.
enum err_code client_wait(struct client *client, struct err *err);
int64_t client_last_heard_ms(const struct client *client); // real time, UTC; 0 = never
int client_round_trip_ms(const struct client *client);     // of the last request; -1 = none yet
int64_t client_now_ms(const struct client *client);        // the broker's time as far as known

// Sends a request; the answer comes in client_poll(). `body` is JSON text. `answered` is called once,
// at the latest in client_close(), with ERR_UNAVAILABLE.
void client_request(struct client *client, const char *verb, struct slice body,
                    client_answered *answered, void *context);
// The same for a query; `args` is a JSON object.
void client_query(struct client *client, const char *name, struct slice args,
                  client_answered *answered, void *context);
// Convenience for programs that do one thing: sends and polls until the answer is there.
// The tree belongs to `doc`.
enum err_code client_call(struct client *client, const char *verb, struct slice body,
                          struct json_doc *doc, const struct json **answer, struct err *err);

// One subscription a client. Credit is given as events are handled; after a reconnect it resumes
// behind the last event that was handed out. `from` -1 = new, 0 = start, else the sequence.
void client_subscribe(struct client *client, const char *const *topics, size_t topic_count,
                      int64_t from, client_event *event, client_live *live, void *context);
void client_unsubscribe(struct client *client);

// The feed (PROTOCOL §5): best effort, types by prefix ("" = all), where hello said it is. The link
// must be up. ERR_UNAVAILABLE when the broker names none or it cannot be reached.
enum err_code client_feed(struct client *client, const char *const *topics, size_t topic_count,
                          client_event *event, void *context, struct err *err);

// The outbox: writes the event to disk (fsync) before it returns, sends it until it is answered.
// `event` is a CloudEvents JSON without what the broker sets; its `id` (UUIDv7) and `time` are added
// when absent. The slip number is local, rises, and is stored with the event; `answered` is called
// in this process when the broker answers (also with its refusal, which ends the sending).
// ERR_LIMIT when larger than the broker takes, ERR_UNAVAILABLE when the disk refuses. An event goes
// to the bus that it was written for, and to no other (lib/outbox.h).
enum err_code client_publish(struct client *client, struct slice event, client_answered *answered,
                             void *context, int64_t *slip, struct err *err);
// Called for an answer to an event that nobody in this process published: of an earlier run, or of
// another program of the account.
typedef void client_settled(void *context, int64_t slip, const struct json *body,
                            const struct err *err);
void client_on_settled(struct client *client, client_settled *settled, void *context);

size_t client_outbox_depth(const struct client *client);      // not answered yet, in the whole file
int64_t client_outbox_oldest_ms(const struct client *client); // time of the oldest; 0 = empty
struct outbox *client_outbox(struct client *client);          // for listing; NULL = none
