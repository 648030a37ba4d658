#include "intake/bus.h"

#include "lib/clock.h"
#include "lib/mem.h"

#include <stdlib.h>

#define LIST_MS (INT64_C(12) * 3600 * 1000) // calls of one shift are listed

// A question or a publish under way: the context of its answer.
struct asked {
    struct bus *bus;
    enum post_question question;
    int64_t number; // of the question; of a publish its slip
};

struct bus {
    struct client *client;
    struct post *post;
    bus_frame *frame;
    bus_bell *bell;
    void *context;
    bool subscribed;
};

static const char *const topics[] = {
    "incident.",        "eta.",           "planned.",       "mode.",
    "dispatch.",        "appointment.",   "contact.routed", "contact.taken",
    "contact.answered", "contact.closed", "contact.left",   "contact.reopened",
};

static struct asked *remember(struct bus *bus, enum post_question question, int64_t number)
{
    struct asked *asked = mem_alloc(sizeof(*asked));

    *asked = (struct asked){bus, question, number};
    return asked;
}

static struct asked forget(struct asked *asked)
{
    struct asked copy = *asked;

    free(asked);
    return copy;
}

static void answered_query(void *context, const struct json *body, const struct err *err)
{
    struct asked asked = forget(context);

    post_answered(asked.bus->post, asked.question, asked.number, body, err);
    asked.bus->frame(asked.bus->context, asked.question != POST_ASK_PREMISES);
}

static void query(void *context, const char *name, struct slice args, enum post_question question,
                  int64_t number)
{
    struct bus *bus = context;

    client_query(bus->client, name, args, answered_query, remember(bus, question, number));
}

static void answered_publish(void *context, const struct json *body, const struct err *err)
{
    struct asked asked = forget(context);

    post_settled(asked.bus->post, asked.number, body, err);
    asked.bus->frame(asked.bus->context, true);
}

// A call of an earlier run has arrived.
static void settled(void *context, int64_t slip, const struct json *result, const struct err *err)
{
    struct bus *bus = context;

    post_settled(bus->post, slip, result, err);
    bus->frame(bus->context, true);
}

static bool publish(void *context, struct slice event, int64_t *slip, struct err *err)
{
    struct bus *bus = context;
    struct asked *asked = remember(bus, POST_ASK_SUGGEST, 0);

    if (client_publish(bus->client, event, answered_publish, asked, &asked->number, err) ==
        ERR_OK) {
        *slip = asked->number;
        return true;
    }
    forget(asked);
    return false;
}

static void ring(void *context)
{
    struct bus *bus = context;

    bus->bell(bus->context);
}

static void set_language(void *context, enum language language)
{
    struct bus *bus = context;

    client_set_language(bus->client, language);
}

struct bus *bus_new(struct client *client, bus_frame *frame, bus_bell *bell, void *context)
{
    struct bus *bus = mem_alloc(sizeof(*bus));

    *bus = (struct bus){.client = client, .frame = frame, .bell = bell, .context = context};
    return bus;
}

void bus_free(struct bus *bus)
{
    free(bus);
}

struct post_bus bus_interface(struct bus *bus)
{
    return (struct post_bus){
        .context = bus, .publish = publish, .query = query, .bell = ring, .language = set_language};
}

static void took_event(void *context, const struct json *event, struct slice bytes)
{
    struct bus *bus = context;

    (void)bytes;
    bus->frame(bus->context, post_take_event(bus->post, event));
}

static void took_live(void *context, int64_t head)
{
    struct bus *bus = context;

    if (head > bus->post->head) {
        bus->post->head = head;
        bus->frame(bus->context, false);
    }
}

// Calls that were taken for the journal that this bus had before are not for this one.
static void say_stranded(struct bus *bus)
{
    struct outbox *outbox = client_outbox(bus->client);
    size_t count = outbox ? outbox_stranded(outbox) : 0;

    if (count)
        post_print(bus->post, ROLE_BAD, TEXT_STRANDED, count);
}

static void link_changed(void *context, enum client_link state, const struct err *why)
{
    struct bus *bus = context;

    health_changed(&bus->post->link, bus->client, state, why, bus->post->language);
    if (state == CLIENT_DOWN) {
        bus->frame(bus->context, true);
        return;
    }
    if (state == CLIENT_LOST || !bus->subscribed) {
        // What happened before now the questions below tell; from here on the events do.
        client_subscribe(bus->client, topics, sizeof(topics) / sizeof(topics[0]),
                         client_hello(bus->client)->head, took_event, took_live, bus);
        bus->subscribed = true;
    }
    post_linked(bus->post);
    say_stranded(bus);
    bus->frame(bus->context, true);
}

static bool restore_item(void *context, const struct outbox_item *item)
{
    post_restore(context, item);
    return true;
}

void bus_start(struct bus *bus, struct post *post)
{
    struct outbox *outbox = client_outbox(bus->client);

    bus->post = post;
    if (outbox)
        outbox_since(outbox, clock_real_now_ms() - LIST_MS, restore_item, post, NULL);
    client_on_link(bus->client, link_changed, bus);
    client_on_settled(bus->client, settled, bus);
}

void bus_refresh(struct bus *bus)
{
    health_refresh(&bus->post->link, bus->client);
}
