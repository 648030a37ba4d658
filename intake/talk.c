#include "intake/talk.h"

#include "lib/message.h"

#include <stdlib.h>
#include <string.h>

void talk_fini(struct talk *talk)
{
    free(talk->kept);
    *talk = (struct talk){0};
}

void talk_add(struct talk *talk, int64_t slip)
{
    if (talk->count == TALK_CONTACTS) {
        memmove(talk->slips, talk->slips + 1, sizeof talk->slips - sizeof *talk->slips);
        talk->count--;
    }
    talk->slips[talk->count++] = slip;
}

void talk_write_started(const struct talk *talk, struct buf *event)
{
    struct json_out out;

    message_event(&out, event, "call.started");
    json_out_text(&out, "call", talk->id);
    json_out_text(&out, "direction", "in");
    json_out_time(&out, "answered_at", talk->since_ms);
    message_end(&out);
}

void talk_write_ended(const struct talk *talk, int64_t now_ms, struct buf *event)
{
    struct json_out out;

    message_event(&out, event, "call.ended");
    json_out_text(&out, "call", talk->id);
    json_out_time(&out, "ended_at", now_ms);
    json_out_text(&out, "outcome", "answered");
    message_end(&out);
}
