#include "console/link.h"

#include "console/texts.h"

#include "lib/clock.h"
#include "lib/mem.h"
#include "lib/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_ROWS = 1000 };

// A question or a publish under way: the context of its answer.
struct asked {
    struct link *link;
    enum desk_question question;
    int64_t subject;
    uint64_t ticket;
    unsigned load; // which loading it belongs to
};

struct link {
    struct client *client;
    struct desk *desk;
    link_frame *frame;
    link_bell *bell;
    void *context;
    unsigned load; // counts loadings: answers to an earlier one are dropped
    size_t group;  // of `groups`, being loaded
    int64_t from;  // sequence of the first page; -1 = none yet
    bool subscribed;
};

// What a dispatcher has to see, as `query incidents` groups it.
static const char *const groups[] = {"open", "restored"};
static const char *const topics[] = {"incident.", "eta.",   "contact.",  "dispatch.", "planned.",
                                     "mode.",     "log.",   "deadline.", "shift.",    "node.",
                                     "model.",    "rules.", "rights.",   "approval."};

static struct asked *remember(struct link *link)
{
    struct asked *asked = mem_alloc(sizeof *asked);
    *asked = (struct asked){.link = link, .load = link->load};
    return asked;
}

static struct asked forget(struct asked *asked)
{
    struct asked copy = *asked;
    free(asked);
    return copy;
}

// --- loading --------------------------------------------------------------------------------------

static void answered_page(void *context, const struct json *body, const struct err *err);

static void ask_page(struct link *link, const struct json *after)
{
    struct buf args = {0};
    struct json_out out;
    json_out_init(&out, &args);
    json_out_object(&out, NULL);
    json_out_text(&out, "state", groups[link->group]);
    json_out_integer(&out, "limit", PAGE_ROWS);
    if (after)
        json_out_value(&out, "after", after);
    json_out_end(&out, '}');
    client_query(link->client, "incidents", (struct slice){args.data, args.length}, answered_page,
                 remember(link));
    buf_fini(&args);
}

static void answered_mode(void *context, const struct json *body, const struct err *err)
{
    struct asked asked = forget(context);
    const struct json *rows = json_get(body, "rows");
    const struct json *stats = rows ? rows->first : NULL;
    (void)err; // without it the mode is learnt from the next mode.changed
    if (stats && asked.load == asked.link->load)
        board_take_mode(asked.link->desk->board, stats);
}

static void load(struct link *link)
{
    link->load++;
    link->group = 0;
    link->from = -1;
    link->subscribed = false;
    link->desk->link.loading = true;
    board_clear(link->desk->board);
    link->desk->order_due = true;
    client_query(link->client, "stats", slice_of("{}"), answered_mode, remember(link));
    ask_page(link, NULL);
}

static void took_event(void *context, const struct json *event, struct slice bytes)
{
    struct link *link = context;
    unsigned effects = desk_take_event(link->desk, event, bytes);
    link->frame(link->context, (effects & BOARD_URGENT) != 0);
}

static void took_live(void *context, int64_t head)
{
    struct link *link = context;
    bool moved = head > board_head(link->desk->board);
    board_set_head(link->desk->board, head);
    if (moved)
        link->frame(link->context, false);
}

static void answered_approvals(void *context, const struct json *body, const struct err *err)
{
    struct asked asked = forget(context);
    (void)err; // without it what waited before is not listed
    if (asked.load != asked.link->load)
        return;
    desk_take_approvals(asked.link->desk, json_get(body, "rows"));
    asked.link->frame(asked.link->context, true);
}

static void subscribe(struct link *link)
{
    link->subscribed = true;
    link->desk->link.loading = false;
    board_set_head(link->desk->board, link->from);
    client_subscribe(link->client, topics, sizeof topics / sizeof *topics, link->from, took_event,
                     took_live, link);
    // After what the stream begins from, so that none falls between.
    client_query(link->client, "approvals", slice_of("{}"), answered_approvals, remember(link));
}

static void answered_page(void *context, const struct json *body, const struct err *err)
{
    struct asked asked = forget(context);
    struct link *link = asked.link;
    if (asked.load != link->load)
        return;
    if (err && err->code == ERR_UNAVAILABLE) { // lost on the way: link_refresh() begins again
        link->load++;
        link->from = -1;
        link->desk->link.loading = false;
        return;
    }
    if (err) { // asking again would not help
        desk_say(link->desk, ROLE_BAD, err->message[link->desk->language]);
        return;
    }
    if (link->from < 0)
        link->from = json_integer(json_get(body, "sequence"), 0);
    desk_take_rows(link->desk, json_get(body, "rows"));
    link->frame(link->context, true);
    const struct json *next = json_get(body, "next");
    if (next && next->type != JSON_NULL)
        ask_page(link, next);
    else if (++link->group < sizeof groups / sizeof *groups)
        ask_page(link, NULL);
    else
        subscribe(link);
}

static void link_changed(void *context, enum client_link state, const struct err *why)
{
    struct link *link = context;
    health_changed(&link->desk->link, link->client, state, why, link->desk->language);
    if (state == CLIENT_LOST || (state == CLIENT_UP && !link->subscribed))
        load(link);
    link->frame(link->context, true);
}

// --- what the desk asks for -----------------------------------------------------------------------

static void answered_query(void *context, const struct json *body, const struct err *err)
{
    struct asked asked = forget(context);
    desk_answered(asked.link->desk, asked.question, asked.subject, body, err);
    bool waited_for =
        asked.question == ASK_PLANNED || asked.subject == asked.link->desk->dossier->number;
    asked.link->frame(asked.link->context, waited_for && asked.question != ASK_NODE);
}

static void query(void *context, const char *name, struct slice args, enum desk_question question,
                  int64_t subject)
{
    struct link *link = context;
    struct asked *asked = remember(link);
    asked->question = question;
    asked->subject = subject;
    client_query(link->client, name, args, answered_query, asked);
}

static void answered_publish(void *context, const struct json *body, const struct err *err)
{
    struct asked asked = forget(context);
    desk_settled(asked.link->desk, asked.ticket, err);
    if (json_get(body, "approval"))
        desk_say(asked.link->desk, ROLE_BOLD, console_text(TEXT_HELD, asked.link->desk->language));
    asked.link->frame(asked.link->context, true);
}

static bool publish(void *context, struct slice event, uint64_t ticket, struct err *err)
{
    struct link *link = context;
    int64_t slip;
    struct asked *asked = remember(link);
    asked->ticket = ticket;
    if (client_publish(link->client, event, answered_publish, asked, &slip, err) == ERR_OK)
        return true;
    forget(asked);
    return false;
}

struct link *link_new(struct client *client, link_frame *frame, link_bell *bell, void *context)
{
    struct link *link = mem_alloc(sizeof *link);
    *link = (struct link){
        .client = client, .frame = frame, .bell = bell, .context = context, .from = -1};
    return link;
}

void link_free(struct link *link)
{
    free(link);
}

static void bell(void *context)
{
    struct link *link = context;
    link->bell(link->context);
}

static void set_language(void *context, enum language language)
{
    struct link *link = context;
    client_set_language(link->client, language);
}

struct desk_bus link_bus(struct link *link)
{
    return (struct desk_bus){.context = link,
                             .publish = publish,
                             .query = query,
                             .bell = bell,
                             .language = set_language};
}

void link_start(struct link *link, struct desk *desk)
{
    link->desk = desk;
    client_on_link(link->client, link_changed, link);
}

void link_refresh(struct link *link)
{
    struct health *health = &link->desk->link;
    health_refresh(health, link->client);
    if (health->up && !link->subscribed && link->from < 0 && !health->loading)
        load(link); // the first page was lost on the way
}
