// The dispatcher's desk: everything the console's screen shows and what the keys do to it. No
// descriptor, no clock, no terminal: time, input and answers are handed in, the bus is an interface,
// painting goes into a surface. So the whole console runs in a test.
#pragma once

#include "console/approvals.h"
#include "console/board.h"
#include "console/dialog.h"
#include "console/dossier.h"
#include "console/event_log.h"
#include "console/queue_filter.h"
#include "console/texts.h"
#include "tui/decoder.h"
#include "tui/health.h"
#include "tui/keymap.h"
#include "tui/list.h"
#include "tui/surface.h"

#include <stdbool.h>
#include <stdint.h>

// Bits: `views` of the action table.
enum desk_view { VIEW_QUEUE = 1, VIEW_DETAIL = 2, VIEW_LOG = 4, VIEW_PLANNED = 8 };
enum { DESK_VIEWS = VIEW_QUEUE | VIEW_DETAIL | VIEW_LOG | VIEW_PLANNED };

enum desk_prompt { PROMPT_NONE, PROMPT_FILTER, PROMPT_SEARCH };
enum desk_question { ASK_INCIDENT, ASK_PLANNED, ASK_NODE, ASK_MODE };
enum desk_tab { TAB_TIMELINE, TAB_CALLS, TAB_ETAS, TAB_WHY, TAB_COUNT };

enum {
    DESK_MIN_ROWS = 24,
    DESK_MIN_COLUMNS = 80,
    DESK_SPLIT_COLUMNS = 120, // from here on the selected incident is shown beside the queue
    DESK_BELL_MS = 30000,     // at most one bell in this time
    DESK_OLD_MS = 7000,       // data older than this say so (`live` comes every 5 s)
    DESK_PREVIEW_MS = 200,    // the selection must rest so long before its incident is asked for
    DESK_SORT_ROWS = 200,     // for each of these the order rests a ms between two sorts
    DESK_DOSSIER_MS = 1000,   // the shown incident is asked again at most so often
    DESK_DOUBTS = 8,          // questions about rows under way at once,
    DESK_DOUBTS_MS = 200,     // asked in portions this far apart
};

// How the desk reaches the bus. Tests put their own.
struct desk_bus {
    void *context;
    // Stores the event in the outbox (on disk when it returns true). Answer: desk_settled().
    bool (*publish)(void *context, struct slice event, uint64_t ticket, struct err *err);
    // Answer: desk_answered() with the same question and subject.
    void (*query)(void *context, const char *name, struct slice args, enum desk_question question,
                  int64_t subject);
    void (*bell)(void *context);
    void (*language)(void *context, enum language language); // of `say` and of refusals; or NULL
};

struct desk_message {
    char *text; // owned; NULL = none
    enum role role;
    int64_t shown_ms; // of the monotonic clock
};

struct node_name {
    char *id, *name; // name NULL while it is being asked for
};

struct desk {
    struct desk_bus bus;
    enum language language;
    int64_t now_ms;  // the broker's time, UTC
    int64_t mono_ms; // of intervals
    struct board *board;
    struct approvals *approvals;
    struct list *list; // of the queue
    bool order_due;    // the board changed: sort before the next frame
    int64_t sorted_ms;
    int64_t painted_unit; // the minute (or second) that the last frame showed
    bool split;           // the last frame had the incident beside the queue
    enum desk_view view, came_from;
    struct queue_filter *filter;
    char *filter_text; // as typed; NULL = none
    int only_priority; // 0 = all
    bool unfolded;     // in a storm low priorities are shown too
    size_t folded;     // rows that are not, at the last sorting
    char *search_text;
    enum desk_prompt prompt;
    struct field prompt_field;
    struct dialog *dialog; // NULL = none
    bool help;
    struct field help_field;
    size_t help_selected;
    struct buf questions;    // contacts that the operator was asked about here, blank-separated
    struct dossier *dossier; // of the incident in detail or beside the queue
    enum desk_tab tab;
    size_t detail_scroll;
    bool dossier_due; // it is to be asked (again)
    int64_t dossier_asked_ms, doubts_asked_ms;
    uint64_t detail_target;
    int64_t preview_number, preview_since_ms;
    struct event_log *log;
    size_t log_scroll;
    struct json_doc *planned_doc;
    const struct json *planned; // rows; NULL = not asked yet
    size_t planned_scroll;
    struct health link; // refreshed by its owner before each turn
    struct desk_message message;
    bool cyrillic; // the last letter was: hints print Russian letters first
    bool held_by_user, muted, quit, repaint;
    bool repaint_whole; // Ctrl-L
    int page;           // rows of the last frame's scrolling part
    int64_t bell_ms;
    size_t doubts_under_way;
    struct node_name *nodes;
    size_t node_count, node_capacity;
    uint64_t next_ticket;
    struct ticket {
        uint64_t ticket;
        int64_t incident;
        const struct action *action; // for "accepted - done"
    } * tickets;
    size_t ticket_count, ticket_capacity;
};

struct desk *desk_new(const struct desk_bus *bus, enum language language);
void desk_free(struct desk *desk);

// Time passes: holds end, previews are asked for. Returns the monotonic time of the next tick.
int64_t desk_tick(struct desk *desk, int64_t now_ms, int64_t mono_ms);
// True when a frame is wanted because of what desk_tick() did.
bool desk_take_repaint(struct desk *desk);
void desk_input(struct desk *desk, const struct input *input);
// Runs an action, or says why it cannot.
void desk_run(struct desk *desk, const struct action *action);
void desk_paint(struct desk *desk, struct surface *surface);

// From the bus. The effects are those of board_apply().
unsigned desk_take_event(struct desk *desk, const struct json *event, struct slice bytes);
// Acts that already waited when the stream began.
void desk_take_approvals(struct desk *desk, const struct json *rows);
void desk_take_rows(struct desk *desk, const struct json *rows); // of `query incidents`
void desk_answered(struct desk *desk, enum desk_question question, int64_t subject,
                   const struct json *body, const struct err *err);
void desk_settled(struct desk *desk, uint64_t ticket, const struct err *err); // NULL = done

// For the views, actions and dialogs.
void desk_say(struct desk *desk, enum role role, const char *text);
void desk_print(struct desk *desk, enum role role, enum console_text id, ...);
const char *desk_text(const struct desk *desk, enum console_text id);
// The incident that actions work on: the one in detail, else the selected row. NULL = none.
const struct board_row *desk_target(const struct desk *desk);
// All that an action works on: tagged rows in the queue, else the target.
const uint64_t *desk_targets(struct desk *desk, size_t *count);
// Publishes `data` (JSON of the event's data); says what happened; false when it could not be stored.
bool desk_publish(struct desk *desk, const struct action *action, const char *type,
                  int64_t incident, struct slice data);
// What a row's object is called: node's name, place; "" when nothing is known. Appends.
void desk_object(struct desk *desk, const struct board_row *row, struct buf *out);
// In a storm, unless a filter or the user asks for them: what need not be looked at one by one.
bool desk_folds(const struct desk *desk, const struct board_row *row);
void desk_sort(struct desk *desk); // order_due: filters, sorts, hands the order to the list
void desk_set_filter(struct desk *desk, struct slice text);
void desk_search(struct desk *desk, int step);
void desk_open_detail(struct desk *desk, int64_t number);
void desk_set_view(struct desk *desk, enum desk_view view);
void desk_ask_incident(struct desk *desk, int64_t number);
void desk_ask_planned(struct desk *desk);
void desk_hold_by_popups(struct desk *desk); // a popup holds the order

// The table of all commands (actions.c).
extern const struct action desk_actions[];
extern const size_t desk_action_count;
const struct action *desk_action(const char *name); // must exist
