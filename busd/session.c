#include "busd/session.h"

#include "lib/json.h"
#include "lib/mem.h"
#include "lib/text.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 1024, TICKETS = 1024, FREE_MAX = 1024, BODY_KEPT_BYTES = 4096 };

// An answer that is owed or that waits for room.
struct answer {
    struct session *session; // NULL: it ended
    uint64_t ticket;
    char id[SESSION_ID_BYTES];
    size_t id_length;
    bool enveloped, ready, ok;
    bool asked; // of a query
    bool stale; // asked for under rights that have changed
    enum language language;
    struct buf body;
    struct answer *next;        // of its session, in order
    struct answer *next_ticket; // of its bucket; of the free list
};

struct sessions {
    struct sessions_options options;
    struct session *buckets[BUCKETS];
    struct answer *tickets[TICKETS];
    struct answer *free;
    size_t count, free_count;
    uint64_t last_ticket;
    struct session *full; // those that found no room
    session_ended *ended;
    void *ended_context;
    struct buf scratch;
};

struct sessions *sessions_new(const struct sessions_options *options)
{
    struct sessions *sessions = mem_alloc(sizeof *sessions);

    sessions->options = *options;
    return sessions;
}

void sessions_free(struct sessions *sessions)
{
    if (!sessions)
        return;
    for (size_t i = 0; i < BUCKETS; i++) {
        while (sessions->buckets[i])
            sessions_end(sessions, sessions->buckets[i]);
    }
    for (size_t i = 0; i < TICKETS; i++) {
        while (sessions->tickets[i]) {
            struct answer *answer = sessions->tickets[i];

            sessions->tickets[i] = answer->next_ticket;
            buf_fini(&answer->body);
            free(answer);
        }
    }
    while (sessions->free) {
        struct answer *answer = sessions->free;

        sessions->free = answer->next_ticket;
        buf_fini(&answer->body);
        free(answer);
    }
    buf_fini(&sessions->scratch);
    free(sessions);
}

size_t sessions_count(const struct sessions *sessions)
{
    return sessions->count;
}

void sessions_on_end(struct sessions *sessions, session_ended *ended, void *context)
{
    sessions->ended = ended;
    sessions->ended_context = context;
}

// The broker numbers its peers one after the other: the low bytes spread well.
static size_t bucket_of(const char *peer)
{
    return ((size_t)(unsigned char)peer[4] | (size_t)(unsigned char)peer[3] << 8) % BUCKETS;
}

static struct session *find(struct sessions *sessions, const char *peer)
{
    struct session *session = sessions->buckets[bucket_of(peer)];

    while (session && memcmp(session->peer, peer, BROKER_PEER_BYTES) != 0)
        session = session->next_bucket;
    return session;
}

// One key that was stolen, or one gateway gone mad, may not take all places: half of them at most. An
// account's programs have come through a login, and its processes are limited there.
static bool is_key_crowded(const struct sessions *sessions, const struct session *fresh)
{
    size_t count = 0;

    if (!fresh->public_key[0])
        return false;
    for (size_t i = 0; i < BUCKETS; i++) {
        for (const struct session *one = sessions->buckets[i]; one; one = one->next_bucket)
            count += strcmp(one->public_key, fresh->public_key) == 0;
    }
    return count >= (sessions->options.clients_max + 1) / 2;
}

static struct session *add(struct sessions *sessions, const struct broker_message *message,
                           int64_t now_ms, struct err *err)
{
    struct session *session;
    size_t bucket = bucket_of(message->peer.data);

    // What closed before this peer came must not end it (broker.h, invariant 3).
    sessions_drain_closed(sessions);
    if (sessions->count >= sessions->options.clients_max) {
        err_set(err, ERR_LIMIT, "clients",
                "%zu clients are connected, which is the limit (limits.clients); try again later",
                "подключено %zu клиентов, это предел (limits.clients); попробуйте позже",
                sessions->options.clients_max);
        err->retry_ms = 5000;
        return NULL;
    }
    session = mem_alloc(sizeof *session);
    access_find_identity(sessions->options.access, message->identity, message->public_key,
                         &session->account);
    if (session->account.role_count == 0) {
        free(session);
        err_set(err, ERR_DENIED, "role",
                "your account has no role here; an administrator gives "
                "one in roles.yaml",
                "у вашей учётной записи нет роли; её назначает администратор "
                "в roles.yaml");
        return NULL;
    }
    memcpy(session->peer, message->peer.data, BROKER_PEER_BYTES);
    snprintf(session->public_key, sizeof session->public_key, "%.*s",
             (int)message->public_key.length, message->public_key.data);
    if (is_key_crowded(sessions, session)) {
        free(session);
        err_set(err, ERR_LIMIT, "clients",
                "half of all clients (limits.clients) have your key already; end some of them",
                "с вашим ключом уже подключена половина всех клиентов (limits.clients); завершите "
                "часть");
        err->retry_ms = 5000;
        return NULL;
    }
    session->connection = broker_message_connection(sessions->options.broker);
    snprintf(session->from, sizeof session->from, "%s",
             broker_message_address(sessions->options.broker));
    session->role = session->account.roles[0];
    session->language = sessions->options.language;
    session->since_ms = now_ms;
    session->next_bucket = sessions->buckets[bucket];
    sessions->buckets[bucket] = session;
    sessions->count++;
    return session;
}

struct session *sessions_of(struct sessions *sessions, const struct broker_message *message,
                            int64_t now_ms, struct err *err)
{
    struct session *session = find(sessions, message->peer.data);

    if (session && slice_is(message->identity, session->account.identity))
        return session;
    if (session)
        sessions_end(sessions, session);
    return add(sessions, message, now_ms, err);
}

// An answer leaves its bucket of tickets and can be used again.
static void release_answer(struct sessions *sessions, struct answer *answer)
{
    struct answer **link = &sessions->tickets[answer->ticket % TICKETS];

    while (*link != answer)
        link = &(*link)->next_ticket;
    *link = answer->next_ticket;
    if (sessions->free_count >= FREE_MAX || answer->body.capacity > BODY_KEPT_BYTES) {
        buf_fini(&answer->body);
        free(answer);
        return;
    }
    buf_clear(&answer->body);
    answer->next_ticket = sessions->free;
    sessions->free = answer;
    sessions->free_count++;
}

static void leave_full(struct sessions *sessions, struct session *session)
{
    struct session **link = &sessions->full;

    while (*link && *link != session)
        link = &(*link)->next_full;
    if (*link)
        *link = session->next_full;
    session->full = false;
}

void sessions_end(struct sessions *sessions, struct session *session)
{
    struct session **link = &sessions->buckets[bucket_of(session->peer)];

    if (sessions->ended)
        sessions->ended(sessions->ended_context, session);
    while (*link != session)
        link = &(*link)->next_bucket;
    *link = session->next_bucket;
    leave_full(sessions, session);
    for (struct answer *answer = session->first, *next; answer; answer = next) {
        next = answer->next;
        answer->session = NULL;
        if (answer->ready)
            release_answer(sessions, answer);
    }
    sessions->count--;
    free(session);
}

// The person who signed on, by another table; NULL when it is not there or has another PIN now.
static const struct access_person *same_person(const struct access_person *former,
                                               const struct access *access)
{
    const struct access_person *person =
        access_find_person(access, slice_of(access_person_name(former)));

    return person && strcmp(access_person_pin(person), access_person_pin(former)) == 0 ? person
                                                                                       : NULL;
}

// The session's account and role by another table; false when it may not go on as it is.
static bool resolve_anew(struct session *session, const struct access *access)
{
    struct access_account account;
    const struct access_person *person = NULL;
    const struct access_role *role;

    access_find_identity(access, slice_of(session->account.identity), slice_of(session->public_key),
                         &account);
    role = access_find_role(&account, slice_of(access_role_name(session->role)));
    if (!role)
        return false;
    if (session->person && !(person = same_person(session->person, access)))
        return false;
    if (!access_role_equal(role, session->role)) {
        for (struct answer *answer = session->first; answer; answer = answer->next)
            answer->stale = !answer->ready;
    }
    session->account = account;
    session->role = role;
    session->person = person;
    return true;
}

void sessions_set_access(struct sessions *sessions, const struct access *access)
{
    sessions_drain_closed(sessions);
    sessions->options.access = access;
    for (size_t i = 0; i < BUCKETS; i++) {
        for (struct session *session = sessions->buckets[i], *next; session; session = next) {
            next = session->next_bucket;
            if (resolve_anew(session, access))
                continue;
            broker_cut(session->connection);
            sessions_end(sessions, session);
        }
    }
}

const char *session_by(const struct session *session)
{
    return session->person ? access_person_name(session->person) : session->account.identity;
}

struct slice session_who(const struct session *session)
{
    return session->person ? slice_of(access_person_name(session->person))
                           : access_name_of(slice_of(session->account.identity));
}

static void end_connection(struct sessions *sessions, int connection)
{
    for (size_t i = 0; i < BUCKETS; i++) {
        for (struct session *session = sessions->buckets[i], *next; session; session = next) {
            next = session->next_bucket;
            if (session->connection == connection)
                sessions_end(sessions, session);
        }
    }
}

void sessions_drain_closed(struct sessions *sessions)
{
    int connection;

    while ((connection = broker_next_closed(sessions->options.broker)) >= 0)
        end_connection(sessions, connection);
}

void sessions_each(struct sessions *sessions, session_each *each, void *context)
{
    for (size_t i = 0; i < BUCKETS; i++) {
        for (struct session *session = sessions->buckets[i], *next; session; session = next) {
            next = session->next_bucket;
            each(context, session);
        }
    }
}

static size_t make_frames(struct slice frames[4], const struct answer *answer)
{
    size_t count = 0;

    if (answer->enveloped)
        frames[count++] = (struct slice){"", 0};
    frames[count++] = slice_of(answer->ok ? "ok" : "error");
    frames[count++] = (struct slice){answer->id, answer->id_length};
    frames[count++] = (struct slice){answer->body.data, answer->body.length};
    return count;
}

// Sends what is ready, in order. False when the session has ended.
static bool flush(struct sessions *sessions, struct session *session)
{
    while (session->first && session->first->ready) {
        struct answer *answer = session->first;
        struct slice frames[4];
        size_t count = make_frames(frames, answer);
        enum broker_sent sent =
            broker_send(sessions->options.broker, (struct slice){session->peer, BROKER_PEER_BYTES},
                        frames, count, NULL, 0);

        if (sent == BROKER_GONE) {
            sessions_end(sessions, session);
            return false;
        }
        if (sent == BROKER_FULL) {
            if (!session->full) {
                session->full = true;
                session->next_full = sessions->full;
                sessions->full = session;
            }
            return true;
        }
        session->first = answer->next;
        if (!session->first)
            session->last = NULL;
        session->owed--;
        session->owed_bytes -= answer->body.length;
        release_answer(sessions, answer);
    }
    if (session->full)
        leave_full(sessions, session);
    return true;
}

bool sessions_flush(struct sessions *sessions)
{
    for (struct session *session = sessions->full, *next; session; session = next) {
        next = session->next_full;
        flush(sessions, session);
    }
    return sessions->full != NULL;
}

struct answer *session_owe(struct sessions *sessions, struct session *session,
                           struct slice request_id, bool enveloped)
{
    struct answer *answer = sessions->free;
    struct answer **bucket;

    if (answer) {
        sessions->free = answer->next_ticket;
        sessions->free_count--;
    } else {
        answer = mem_alloc(sizeof *answer);
    }
    answer->session = session;
    answer->ticket = ++sessions->last_ticket;
    answer->id_length = request_id.length <= SESSION_ID_BYTES ? request_id.length : 0;
    if (answer->id_length)
        memcpy(answer->id, request_id.data, answer->id_length);
    answer->enveloped = enveloped;
    answer->ready = answer->stale = answer->asked = false;
    answer->language = session->language;
    answer->next = NULL;
    if (session->last)
        session->last->next = answer;
    else
        session->first = answer;
    session->last = answer;
    session->owed++;
    bucket = &sessions->tickets[answer->ticket % TICKETS];
    answer->next_ticket = *bucket;
    *bucket = answer;
    return answer;
}

void answer_set_language(struct answer *answer, enum language language)
{
    answer->language = language;
}

void answer_set_asked(struct answer *answer)
{
    answer->asked = true;
    answer->session->asked++;
}

bool session_is_overdrawn(const struct session *session)
{
    return session->owed >= SESSION_OWED_MAX || session->owed_bytes >= SESSION_OWED_BYTES_MAX;
}

bool answer_is_stale(const struct answer *answer)
{
    return answer->stale;
}

uint64_t answer_ticket(const struct answer *answer)
{
    return answer->ticket;
}

static void complete(struct sessions *sessions, struct answer *answer, bool ok)
{
    assert(!answer->ready);
    answer->ok = ok;
    answer->ready = true;
    if (answer->session) {
        answer->session->owed_bytes += answer->body.length;
        answer->session->asked -= answer->asked;
    }
    if (!answer->session)
        release_answer(sessions, answer);
    else if (answer->session->first == answer)
        flush(sessions, answer->session);
}

void answer_ok(struct sessions *sessions, struct answer *answer, struct slice body)
{
    buf_add(&answer->body, body.data, body.length);
    complete(sessions, answer, true);
}

// A sentence may quote what came, whatever bytes these are.
static void put_filtered(struct json_out *json, const char *key, const char *text)
{
    struct buf clean = {0};

    text_filter(slice_of(text), &clean);
    json_out_string(json, key, (struct slice){clean.data, clean.length});
    buf_fini(&clean);
}

static void write_error(struct buf *out, enum language language, const struct err *err)
{
    struct json_out json;

    json_out_init(&json, out);
    json_out_object(&json, NULL);
    json_out_text(&json, "code", err_word(err->code));
    json_out_text(&json, "reason", err->reason);
    put_filtered(&json, "message", err->message[language]);
    if (err->path[0])
        put_filtered(&json, "path", err->path);
    if (err->index >= 0)
        json_out_integer(&json, "index", err->index);
    if (err->retry_ms > 0)
        json_out_integer(&json, "retry_ms", err->retry_ms);
    json_out_end(&json, '}');
}

void answer_error(struct sessions *sessions, struct answer *answer, const struct err *err)
{
    write_error(&answer->body, answer->language, err);
    complete(sessions, answer, false);
}

struct answer *sessions_answer(struct sessions *sessions, uint64_t ticket)
{
    struct answer *answer = sessions->tickets[ticket % TICKETS];

    while (answer && answer->ticket != ticket)
        answer = answer->next_ticket;
    return answer;
}

void sessions_refuse(struct sessions *sessions, struct slice peer, struct slice request_id,
                     bool enveloped, enum language language, const struct err *err)
{
    struct slice frames[4];
    size_t count = 0;

    buf_clear(&sessions->scratch);
    write_error(&sessions->scratch, language, err);
    if (enveloped)
        frames[count++] = (struct slice){"", 0};
    frames[count++] = slice_of("error");
    frames[count++] = request_id.length <= SESSION_ID_BYTES ? request_id : (struct slice){"", 0};
    frames[count++] = (struct slice){sessions->scratch.data, sessions->scratch.length};
    broker_send(sessions->options.broker, peer, frames, count, NULL, 0);
}
