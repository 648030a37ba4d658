#include "intake/link.h"

#include "lib/clock.h"
#include "lib/mem.h"

#include <stdlib.h>

#define LIST_MS (INT64_C(12) * 3600 * 1000) // calls of one shift are listed

// A question or a publish under way: the context of its answer.
struct asked {
    struct link *link;
    struct asked *next;
    enum post_question question;
    int64_t number; // of the question; of a publish its slip
};

struct link {
    struct client *client;
    struct post *post;
    link_frame *frame;
    link_bell *bell;
    void *context;
    struct asked *asked; // all that are under way
    bool subscribed;
};

static const char *const topics[] = {"incident.", "eta.", "planned.", "mode."};

static struct asked *remember(struct link *link, enum post_question question, int64_t number)
{
    struct asked *asked = mem_alloc(sizeof(*asked));

    *asked = (struct asked){link, link->asked, question, number};
    link->asked = asked;
    return asked;
}

static struct asked forget(struct asked *asked)
{
    struct asked copy = *asked;
    struct asked **at = &asked->link->asked;

    while (*at != asked)
        at = &(*at)->next;
    *at = asked->next;
    free(asked);
    return copy;
}

static void answered_query(void *context, const struct json *body, const struct err *err)
{
    struct asked asked = forget(context);

    post_answered(asked.link->post, asked.question, asked.number, body, err);
    asked.link->frame(asked.link->context, asked.question != POST_ASK_PREMISES);
}

static void query(void *context, const char *name, struct slice args, enum post_question question,
                  int64_t number)
{
    struct link *link = context;
    struct buf body = {0};
    struct json_out out;

    json_out_init(&out, &body);
    json_out_object(&out, NULL);
    json_out_text(&out, "name", name);
    json_out_raw(&out, "args", args);
    json_out_end(&out, '}');
    client_request(link->client, "query", (struct slice){body.data, body.length}, answered_query,
                   remember(link, question, number));
    buf_fini(&body);
}

static void answered_publish(void *context, const struct json *body, const struct err *err)
{
    struct asked asked = forget(context);

    post_settled(asked.link->post, asked.number, body, err);
    asked.link->frame(asked.link->context, true);
}

static bool publish(void *context, struct slice event, int64_t *slip, struct err *err)
{
    struct link *link = context;
    struct asked *asked = remember(link, POST_ASK_SUGGEST, 0);

    if (client_publish(link->client, event, answered_publish, asked, &asked->number, err) ==
        ERR_OK) {
        *slip = asked->number;
        return true;
    }
    forget(asked);
    return false;
}

static void ring(void *context)
{
    struct link *link = context;

    link->bell(link->context);
}

static void set_language(void *context, enum language language)
{
    struct link *link = context;

    client_set_language(link->client, language);
}

struct link *link_new(struct client *client, link_frame *frame, link_bell *bell, void *context)
{
    struct link *link = mem_alloc(sizeof(*link));

    *link = (struct link){.client = client, .frame = frame, .bell = bell, .context = context};
    return link;
}

void link_free(struct link *link)
{
    while (link && link->asked)
        forget(link->asked);
    free(link);
}

struct post_bus link_bus(struct link *link)
{
    return (struct post_bus){.context = link,
                             .publish = publish,
                             .query = query,
                             .bell = ring,
                             .language = set_language};
}

static void took_event(void *context, const struct json *event, struct slice bytes)
{
    struct link *link = context;

    (void)bytes;
    link->frame(link->context, post_take_event(link->post, event));
}

static void took_live(void *context, int64_t head)
{
    struct link *link = context;

    if (head > link->post->head) {
        link->post->head = head;
        link->frame(link->context, false);
    }
}

static void link_changed(void *context, enum client_link state, const struct err *why)
{
    struct link *link = context;
    struct post_link *health = &link->post->link;

    (void)why;
    if (state == CLIENT_DOWN) {
        if (health->up)
            health->lost_ms = client_now_ms(link->client);
        health->up = false;
        link->frame(link->context, true);
        return;
    }
    const struct client_hello *hello = client_hello(link->client);
    health->up = health->ever_up = true;
    free(health->identity);
    health->identity = mem_string(hello->identity);
    clock_set_zone(hello->zone, NULL); // an unknown zone leaves UTC
    if (state == CLIENT_LOST || !link->subscribed) {
        // What happened before now the questions below tell; from here on the events do.
        client_subscribe(link->client, topics, sizeof(topics) / sizeof(topics[0]), hello->head,
                         took_event, took_live, link);
        link->subscribed = true;
    }
    post_linked(link->post);
    link->frame(link->context, true);
}

static bool restore_item(void *context, const struct outbox_item *item)
{
    post_restore(context, item);
    return true;
}

void link_start(struct link *link, struct post *post)
{
    struct outbox *outbox = client_outbox(link->client);

    link->post = post;
    if (outbox)
        outbox_since(outbox, clock_real_now_ms() - LIST_MS, restore_item, post, NULL);
    client_on_link(link->client, link_changed, link);
}

void link_refresh(struct link *link)
{
    struct post_link *health = &link->post->link;
    const struct client_hello *hello = client_hello(link->client);
    int64_t heard_ms = client_last_heard_ms(link->client);

    if (heard_ms)
        health->heard_ms = heard_ms + (hello ? hello->offset_ms : 0);
    health->round_trip_ms = client_round_trip_ms(link->client);
    health->to_send = client_outbox_depth(link->client);
}
