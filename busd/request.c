#include "busd/request.h"

#include "lib/log.h"

#include <stdio.h>
#include <string.h>

enum { VERB_BYTES = 32 };

static enum err_code run_subscribe(struct daemon *daemon, struct request *request, struct buf *out,
                                   bool *later, struct err *err)
{
    (void)later;
    if (request->enveloped)
        return err_set(err, ERR_INVALID, "envelope",
                       "a REQ socket cannot receive a stream; subscribe over a DEALER socket, "
                       "without an empty first frame",
                       "сокет REQ не может принимать поток; подписывайтесь через сокет DEALER, без "
                       "пустого первого кадра");
    return streams_subscribe(daemon->streams, request->session, answer_ticket(request->answer),
                             request->body, out, err);
}

static enum err_code run_unsubscribe(struct daemon *daemon, struct request *request,
                                     struct buf *out, bool *later, struct err *err)
{
    (void)later;
    return streams_unsubscribe(daemon->streams, request->session, request->body, out, err);
}

static enum err_code run_credit(struct daemon *daemon, struct request *request, struct buf *out,
                                bool *later, struct err *err)
{
    (void)out, (void)later;
    return streams_credit(daemon->streams, request->session, request->body, err);
}

const struct request_verb request_verbs[] = {
    {"hello", request_hello, ACCESS_VERB_COUNT, false, false},
    {"publish", request_publish, ACCESS_VERB_COUNT, true, true},
    {"query", request_query, ACCESS_VERB_COUNT, false, false},
    {"subscribe", run_subscribe, ACCESS_VERB_COUNT, false, false},
    {"credit", run_credit, ACCESS_VERB_COUNT, false, false},
    {"unsubscribe", run_unsubscribe, ACCESS_VERB_COUNT, false, false},
    {"import", request_import, ACCESS_IMPORT, false, true},
    {"admin", request_admin, ACCESS_ADMIN, false, true},
    {"clock", request_clock, ACCESS_CLOCK, false, true},
    {NULL, NULL, ACCESS_VERB_COUNT, false, false},
};

// The frames of a request.
struct parts {
    struct slice verb, id, body;
    bool enveloped;
};

static enum err_code split(const struct broker_message *message, struct parts *parts,
                           struct err *err)
{
    const struct slice *frames = message->frames;
    size_t count = message->count;

    *parts = (struct parts){.enveloped = count > 0 && frames[0].length == 0};
    if (parts->enveloped) {
        frames++;
        count--;
    }
    if (count >= 1)
        parts->verb = frames[0];
    if (count >= 2)
        parts->id = frames[1];
    if (count != 3)
        return err_set(err, ERR_INVALID, "frames",
                       "a request has three frames, verb, request id and JSON body; %zu came",
                       "в запросе три кадра: команда, номер запроса и тело JSON; пришло %zu",
                       count);
    parts->body = frames[2];
    if (parts->id.length > SESSION_ID_BYTES)
        return err_set(
            err, ERR_INVALID, "request_id", "a request id has at most %d bytes, this one has %zu",
            "номер запроса не длиннее %d байт, в этом %zu", SESSION_ID_BYTES, parts->id.length);
    return ERR_OK;
}

static const struct request_verb *find_verb(struct slice name, struct err *err)
{
    char known[128] = "";

    for (const struct request_verb *verb = request_verbs; verb->name; verb++) {
        size_t length = strlen(known);

        if (slice_is(name, verb->name))
            return verb;
        snprintf(known + length, sizeof known - length, "%s%s", length ? ", " : "", verb->name);
    }
    err_set(err, ERR_INVALID, "verb", "there is no verb \"%.*s\"; there are %s",
            "команды «%.*s» нет; есть %s",
            (int)(name.length < VERB_BYTES ? name.length : VERB_BYTES), name.data ? name.data : "",
            known);
    return NULL;
}

static enum err_code check(struct daemon *daemon, const struct request_verb *verb,
                           struct request *request, struct err *err)
{
    const struct access_role *role = request->session->role;

    if (verb->right != ACCESS_VERB_COUNT && !access_may(role, verb->right))
        return err_set(err, ERR_DENIED, verb->name,
                       "the role %s may not `%s`; `hello` chooses another of your roles",
                       "роли %s команда %s не разрешена; другую свою роль выбирает hello",
                       access_role_name(role), verb->name);
    if (verb->acts && request->session->account.shared && !request->session->person)
        return err_set(err, ERR_DENIED, "person",
                       "several people share this account; sign on by person and pin in `hello` "
                       "before you act",
                       "этой учётной записью пользуются несколько человек; до действий назовите "
                       "себя в hello полями person и pin");
    if ((int64_t)request->text.length > daemon->config->request_bytes)
        return err_set(err, ERR_LIMIT, "request_bytes",
                       "a request has at most %lld bytes, this one has %zu; send it in parts",
                       "запрос не длиннее %lld байт, в этом %zu; отправьте его частями",
                       (long long)daemon->config->request_bytes, request->text.length);
    if (verb->parses)
        return ERR_OK;
    request->body = json_parse(daemon->doc, request->text.data ? request->text.data : "",
                               request->text.length, JSON_DEPTH_DEFAULT, err);
    if (request->body && request->body->type != JSON_OBJECT)
        return err_set(err, ERR_INVALID, "body", "the body of %s must be a JSON object",
                       "тело команды %s должно быть объектом JSON", verb->name);
    return request->body ? ERR_OK : err->code;
}

static void run(struct daemon *daemon, const struct request_verb *verb, struct request *request)
{
    struct err err;
    bool later = false;
    enum err_code code;

    err_clear(&err);
    buf_clear(&daemon->body);
    code = check(daemon, verb, request, &err);
    if (code == ERR_OK)
        code = verb->run(daemon, request, &daemon->body, &later, &err);
    if (code != ERR_OK)
        METRICS_ADD(&daemon->metrics, refused, 1);
    if (code != ERR_OK && !request->answer)
        sessions_refuse(daemon->sessions, (struct slice){request->session->peer, BROKER_PEER_BYTES},
                        request->id, request->enveloped, request->session->language, &err);
    else if (code != ERR_OK)
        answer_error(daemon->sessions, request->answer, &err);
    else if (request->answer && !later)
        answer_ok(daemon->sessions, request->answer,
                  (struct slice){daemon->body.data, daemon->body.length});
    buf_clear(&daemon->body);
    json_doc_reset(daemon->doc); // a PIN, a telephone
}

// A message that gets no verb: wrong frames, no session, a routing id of its own.
static void refuse(struct daemon *daemon, const struct broker_message *message,
                   struct session *session, const struct parts *parts, const struct err *err)
{
    METRICS_ADD(&daemon->metrics, refused, 1);
    if (session)
        answer_error(daemon->sessions,
                     session_owe(daemon->sessions, session, parts->id, parts->enveloped), err);
    else
        sessions_refuse(daemon->sessions, message->peer, parts->id, parts->enveloped,
                        daemon->language, err);
}

bool request_handle(struct daemon *daemon, const struct broker_message *message)
{
    struct session *session = NULL;
    const struct request_verb *verb = NULL;
    struct request request;
    struct parts parts;
    struct err err;

    err_clear(&err);
    METRICS_ADD(&daemon->metrics, requests, 1);
    split(message, &parts, &err);
    if (message->foreign) {
        err_set(&err, ERR_INVALID, "routing_id",
                "the client sets a routing id of its own; leave ZMQ_ROUTING_ID unset",
                "клиент задаёт собственный идентификатор маршрута; не задавайте ZMQ_ROUTING_ID");
    } else {
        struct err why;

        err_clear(&why);
        session = sessions_of(daemon->sessions, message, daemon_now_ms(daemon), &why);
        // The handshake lets in nobody without a role: this one's was withdrawn. Not one byte more.
        if (!session && why.code == ERR_DENIED) {
            METRICS_ADD(&daemon->metrics, dropped, 1);
            return true;
        }
        if (!session)
            err = why;
        else if (session_is_overdrawn(session)) {
            METRICS_ADD(&daemon->metrics, dropped, 1);
            return true;
        }
    }
    if (err.code == ERR_OK)
        verb = find_verb(parts.verb, &err);
    if (!verb || (verb->run != request_publish && verb->run != run_credit)) {
        bool pending = session && session->batch == daemon->batch_number && daemon->waiting_count;

        if (!(pending ? daemon_commit(daemon) : daemon_settle(daemon)))
            return false;
        if (!session) {
            refuse(daemon, message, session, &parts, &err);
            return true;
        }
        // Answering may have shown that the peer has gone.
        session = sessions_of(daemon->sessions, message, daemon_now_ms(daemon), &err);
        if (!session)
            return true;
    }
    if (!verb) {
        refuse(daemon, message, session, &parts, &err);
        return true;
    }
    request = (struct request){
        .session = session, .id = parts.id, .text = parts.body, .enveloped = parts.enveloped};
    if (verb->run != run_credit)
        request.answer = session_owe(daemon->sessions, session, parts.id, parts.enveloped);
    run(daemon, verb, &request);
    return true;
}
