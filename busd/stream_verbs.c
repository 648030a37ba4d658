// The verbs of subscriptions: subscribe, credit, unsubscribe.
#include "busd/stream_private.h"

#include "busd/fields.h"
#include "lib/crypto.h"
#include "lib/mem.h"

#include <stdio.h>
#include <string.h>

enum { TOPICS_MAX = 64, TOPIC_BYTES = 64 };

static struct stream *find(const struct session *session, struct slice id)
{
    struct stream *stream = session->streams;

    while (stream && !slice_is(id, stream->id))
        stream = stream->next;
    return stream;
}

static enum err_code unknown(struct slice id, struct err *err)
{
    err_set(err, ERR_NOT_FOUND, "subscription", "you have no subscription \"%.*s\"",
            "подписки «%.*s» у вас нет", (int)(id.length < 64 ? id.length : 64),
            id.data ? id.data : "");
    err_set_path(err, "/subscription");
    return ERR_NOT_FOUND;
}

static enum err_code check_topics(const struct session *session, const struct json *topics,
                                  struct err *err)
{
    int index = 0;

    if (topics->count == 0 || topics->count > TOPICS_MAX) {
        err_set(err, ERR_INVALID, "topics",
                "topics must list 1 to %d prefixes; \"\" stands for everything",
                "в topics должно быть от 1 до %d префиксов; \"\" — это всё", TOPICS_MAX);
        err_set_path(err, "/topics");
        return ERR_INVALID;
    }
    for (const struct json *topic = topics->first; topic; topic = topic->next, index++) {
        if (topic->type != JSON_STRING || topic->text.length > TOPIC_BYTES ||
            memchr(topic->text.data, '\0', topic->text.length)) {
            err_set(err, ERR_INVALID, "topics", "a topic is a string of at most %d bytes",
                    "тема — строка не длиннее %d байт", TOPIC_BYTES);
            err_set_path(err, "/topics/%d", index);
            return ERR_INVALID;
        }
        if (access_prefix(session->role, topic->text) != ACCESS_NOTHING)
            continue;
        err_set(err, ERR_DENIED, "subscribe",
                "the role %s may read nothing that starts with \"%s\"",
                "роль %s не может читать ничего, что начинается с «%s»",
                access_role_name(session->role), topic->text.data);
        err_set_path(err, "/topics/%d", index);
        return ERR_DENIED;
    }
    return ERR_OK;
}

static enum err_code bad_from(struct err *err)
{
    err_set(err, ERR_INVALID, "from", "from is \"new\", \"start\" or a sequence (a JSON integer)",
            "from — это \"new\", \"start\" или номер события (целое число JSON)");
    err_set_path(err, "/from");
    return ERR_INVALID;
}

static enum err_code read_from(const struct streams *streams, const struct json *from,
                               int64_t *position, struct err *err)
{
    int64_t head = streams->recent.last;
    int64_t base = store_base(streams->options.store)->sequence;

    if (from->type == JSON_STRING) {
        *position = slice_is(from->text, "start") ? base : head;
        return slice_is(from->text, "start") || slice_is(from->text, "new") ? ERR_OK
                                                                            : bad_from(err);
    }
    if (from->type != JSON_NUMBER || !from->integral || from->integer < 0)
        return bad_from(err);
    *position = from->integer;
    if (*position < base)
        err_set(err, ERR_NOT_FOUND, "purged",
                "events up to %lld are no longer kept; the first one is %lld",
                "события до %lld уже не хранятся; первое — %lld", (long long)base,
                (long long)base + 1);
    else if (*position > head)
        err_set(err, ERR_CONFLICT, "beyond_head",
                "the journal ends at %lld, before %lld: it was restored from an older copy, "
                "or is another one; query anew and subscribe from there",
                "журнал кончается на %lld, раньше %lld: его восстановили из старой копии или "
                "это другой журнал; запросите данные заново и подпишитесь от них",
                (long long)head, (long long)*position);
    else
        return ERR_OK;
    err_set_path(err, "/from");
    return err->code;
}

static enum err_code check_chain(const struct streams *streams, const struct json *body,
                                 int64_t position, struct err *err)
{
    const struct json *after = json_get(body, "after_chain");
    uint8_t wanted[STORE_CHAIN_BYTES], chain[STORE_CHAIN_BYTES];
    int found;

    if (!after)
        return ERR_OK;
    if (json_get(body, "from")->type != JSON_NUMBER) {
        err_set(err, ERR_INVALID, "after_chain", "after_chain goes with a sequence in from",
                "after_chain указывают вместе с номером в from");
        err_set_path(err, "/after_chain");
        return ERR_INVALID;
    }
    found = store_chain(streams->options.store, position, chain, err);
    if (found < 0)
        return err->code;
    if (found && crypto_unhex(after->text.data, after->text.length, wanted, sizeof wanted) &&
        memcmp(wanted, chain, sizeof chain) == 0)
        return ERR_OK;
    err_set(err, ERR_CONFLICT, "chain",
            "the journal has another history up to %lld than yours: it was restored from an older "
            "copy; query anew and subscribe from there",
            "до номера %lld у журнала другая история, чем у вас: его восстановили из старой копии; "
            "запросите данные заново и подпишитесь от них",
            (long long)position);
    err_set_path(err, "/after_chain");
    return ERR_CONFLICT;
}

static enum err_code check_credit(const struct streams *streams, int64_t credit, struct err *err)
{
    if (credit <= streams->options.credit_max)
        return ERR_OK;
    err_set(err, ERR_LIMIT, "credit", "at most %lld events may be outstanding",
            "неизрасходованный кредит не может быть больше %lld событий",
            (long long)streams->options.credit_max);
    err_set_path(err, "/credit");
    return ERR_LIMIT;
}

static struct stream *add_stream(struct streams *streams, struct session *session,
                                 const struct json *topics)
{
    struct stream *stream = mem_alloc(sizeof *stream);
    size_t count = 0;

    snprintf(stream->id, sizeof stream->id, "s%lld", (long long)++streams->last_id);
    stream->session = session;
    stream->topics = mem_alloc((topics->count + 1) * sizeof *stream->topics);
    for (const struct json *topic = topics->first; topic; topic = topic->next)
        stream->topics[count++] = mem_string_of(topic->text.data, topic->text.length);
    stream->next = session->streams;
    session->streams = stream;
    session->stream_count++;
    mem_grow((void **)&streams->items, streams->count, &streams->capacity, sizeof stream);
    streams->items[streams->count++] = stream;
    return stream;
}

static void write_answer(const struct streams *streams, const struct stream *stream,
                         struct buf *out)
{
    struct json_out json;

    json_out_init(&json, out);
    json_out_object(&json, NULL);
    json_out_text(&json, "subscription", stream->id);
    json_out_integer(&json, "head", streams->recent.last);
    json_out_array(&json, "types");
    for (size_t i = 0; i < schemas_count(streams->options.schemas); i++) {
        struct slice topic = schemas_at(streams->options.schemas, i)->topic;

        if (stream_matches(stream, topic))
            json_out_string(&json, NULL, topic);
    }
    json_out_end(&json, ']');
    json_out_end(&json, '}');
}

enum err_code streams_subscribe(struct streams *streams, struct session *session, uint64_t ticket,
                                const struct json *body, struct buf *out, struct err *err)
{
    static const struct field fields[] = {{"topics", FIELD_ARRAY, true},
                                          {"from", FIELD_ANY, true},
                                          {"after_chain", FIELD_STRING, false},
                                          {"credit", FIELD_INTEGER, false}};
    struct stream *stream;
    int64_t position, credit;

    if (fields_check(body, fields, sizeof fields / sizeof *fields, err) != ERR_OK)
        return err->code;
    credit = json_integer(json_get(body, "credit"), 0);
    if (check_topics(session, json_get(body, "topics"), err) != ERR_OK ||
        check_credit(streams, credit, err) != ERR_OK ||
        read_from(streams, json_get(body, "from"), &position, err) != ERR_OK ||
        check_chain(streams, body, position, err) != ERR_OK)
        return err->code;
    if (session->stream_count >= streams->options.per_client)
        return err_set(err, ERR_LIMIT, "subscriptions",
                       "a client has at most %zu subscriptions; end one with `unsubscribe`",
                       "у клиента не больше %zu подписок; завершите одну командой unsubscribe",
                       streams->options.per_client);
    stream = add_stream(streams, session, json_get(body, "topics"));
    stream->position = position;
    stream->credit = credit;
    stream->ticket = ticket;
    write_answer(streams, stream, out);
    return ERR_OK;
}

enum err_code streams_credit(struct streams *streams, struct session *session,
                             const struct json *body, struct err *err)
{
    static const struct field fields[] = {{"subscription", FIELD_STRING, true},
                                          {"credit", FIELD_INTEGER, false},
                                          {"seen", FIELD_INTEGER, false}};
    struct stream *stream;
    int64_t credit, seen;

    if (fields_check(body, fields, sizeof fields / sizeof *fields, err) != ERR_OK)
        return err->code;
    stream = find(session, json_string(json_get(body, "subscription")));
    if (!stream)
        return unknown(json_string(json_get(body, "subscription")), err);
    credit = json_integer(json_get(body, "credit"), 0);
    seen = json_integer(json_get(body, "seen"), stream->seen);
    if (check_credit(streams, credit, err) != ERR_OK ||
        check_credit(streams, stream->credit + credit, err) != ERR_OK)
        return err->code;
    if (seen > stream->position) {
        err_set(err, ERR_INVALID, "seen", "nothing behind %lld was sent on this subscription",
                "по этой подписке ничего после %lld не отправлялось", (long long)stream->position);
        err_set_path(err, "/seen");
        return ERR_INVALID;
    }
    stream->credit += credit;
    stream->starved = stream->starved && stream->credit == 0;
    if (seen > stream->seen)
        stream->seen = seen;
    return ERR_OK;
}

static void end_stream(struct streams *streams, struct stream *stream)
{
    struct stream **link = &stream->session->streams;

    while (*link != stream)
        link = &(*link)->next;
    *link = stream->next;
    stream->session->stream_count--;
    stream->session = NULL;
    streams->swept = true;
}

enum err_code streams_unsubscribe(struct streams *streams, struct session *session,
                                  const struct json *body, struct buf *out, struct err *err)
{
    static const struct field fields[] = {{"subscription", FIELD_STRING, true}};
    struct stream *stream;

    if (fields_check(body, fields, 1, err) != ERR_OK)
        return err->code;
    stream = find(session, json_string(json_get(body, "subscription")));
    if (!stream)
        return unknown(json_string(json_get(body, "subscription")), err);
    end_stream(streams, stream);
    streams_sweep(streams);
    buf_add_text(out, "{}");
    return ERR_OK;
}

void streams_drop(struct streams *streams, struct session *session)
{
    while (session->streams)
        end_stream(streams, session->streams);
    streams_sweep(streams);
}

int64_t streams_lag(const struct streams *streams, const struct session *session)
{
    int64_t lag = 0;

    for (const struct stream *stream = session->streams; stream; stream = stream->next) {
        if (streams->recent.last - stream->position > lag)
            lag = streams->recent.last - stream->position;
    }
    return lag;
}
