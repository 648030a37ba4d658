// What deciding a contact needs and the engine cannot know, because it is personal or stands in a
// table of its own: whether an anonymous report is one, which complaint it repeats, the meter that is
// read, the contact that another event of the sender's made. Put into the event as decided fields, so that applying it needs none of these.
#pragma once

#include "busd/engine_calendar.h"
#include "busd/journal_keys.h"
#include "busd/publish.h"
#include "busd/store.h"

struct contact_facts {
    struct store *store;
    const struct journal_keys *keys;
    const struct engine_calendar *calendar;
    int64_t repeat_days;        // working days within which a complaint is a repeat
    struct json_doc *scratch;   // for reading what is stored
    int window_from, window_to; // days of the month in which readings are taken; 0 = always
};

// ERR_INVALID, ERR_NOT_FOUND or ERR_CONFLICT with a sentence. `doc` keeps what the fields point to.
enum err_code contact_facts_find(const struct contact_facts *facts, struct publish_event *item,
                                 struct json_doc *doc, struct err *err);
