#include "lib/message.h"

#include "lib/clock.h"
#include "lib/crypto.h"

static void begin_query(struct json_out *out, struct buf *body, const char *name)
{
    json_out_init(out, body);
    json_out_object(out, NULL);
    json_out_text(out, "name", name);
}

static void begin_event(struct json_out *out, struct buf *body, const char *type)
{
    char id[37];

    crypto_uuid7(clock_real_now_ms(), id);
    json_out_init(out, body);
    json_out_object(out, NULL);
    json_out_text(out, "specversion", "1.0");
    json_out_text(out, "id", id);
    json_out_text(out, "type", type);
}

void message_query(struct json_out *out, struct buf *body, const char *name)
{
    begin_query(out, body, name);
    json_out_object(out, "args");
}

void message_event(struct json_out *out, struct buf *body, const char *type)
{
    begin_event(out, body, type);
    json_out_object(out, "data");
}

void message_end(struct json_out *out)
{
    json_out_end(out, '}');
    json_out_end(out, '}');
}

void message_query_of(struct buf *body, const char *name, struct slice args)
{
    struct json_out out;

    begin_query(&out, body, name);
    json_out_raw(&out, "args", args);
    json_out_end(&out, '}');
}

void message_event_of(struct buf *body, const char *type, struct slice data)
{
    struct json_out out;

    begin_event(&out, body, type);
    json_out_raw(&out, "data", data);
    json_out_end(&out, '}');
}
