#include "busd/request.h"

#include "busd/fields.h"
#include "lib/clock.h"
#include "lib/text.h"

#include <stdio.h>
#include <string.h>

static const struct field fields[] = {
    {"client", FIELD_STRING, true},    {"version", FIELD_STRING, true},
    {"language", FIELD_STRING, false}, {"role", FIELD_STRING, false},
    {"line", FIELD_STRING, false},     {"person", FIELD_STRING, false},
    {"pin", FIELD_STRING, false},
};

static enum err_code bad_client(struct err *err)
{
    err_set(err, ERR_INVALID, "client",
            "client names the program in 1 to %d bytes without controls",
            "client — имя программы, от 1 до %d байт без управляющих знаков", SESSION_CLIENT_BYTES);
    err_set_path(err, "/client");
    return ERR_INVALID;
}

static enum err_code read_client(const struct json *body, struct session *session, struct err *err)
{
    struct slice client = json_string(json_get(body, "client"));

    if (client.length == 0 || client.length > SESSION_CLIENT_BYTES)
        return bad_client(err);
    for (size_t i = 0; i < client.length; i++) {
        if ((unsigned char)client.data[i] < ' ' || client.data[i] == 0x7F)
            return bad_client(err);
    }
    memcpy(session->client, client.data, client.length);
    session->client[client.length] = '\0';
    return ERR_OK;
}

static enum err_code read_language(const struct json *body, enum language *language,
                                   struct err *err)
{
    const char *name = json_c_string(json_get(body, "language"));

    if (!name || language_is_known(name)) {
        *language = language_of(name, *language);
        return ERR_OK;
    }
    err_set(err, ERR_INVALID, "language", "language is \"ru\" or \"en\"",
            "language — это \"ru\" или \"en\"");
    err_set_path(err, "/language");
    return ERR_INVALID;
}

static enum err_code read_role(const struct json *body, const struct session *session,
                               const struct access_role **role, struct err *err)
{
    const struct json *name = json_get(body, "role");
    char names[256] = "";

    *role = session->role; // a further hello without one keeps it
    if (!name)
        return ERR_OK;
    *role = access_find_role(&session->account, name->text);
    if (*role)
        return ERR_OK;
    for (size_t i = 0; i < session->account.role_count; i++) {
        size_t length = strlen(names);

        snprintf(names + length, sizeof names - length, "%s%s", i ? ", " : "",
                 access_role_name(session->account.roles[i]));
    }
    err_set(err, ERR_DENIED, "role", "you do not have that role; yours are: %s",
            "такой роли у вас нет; ваши роли: %s", names);
    err_set_path(err, "/role");
    return ERR_DENIED;
}

// A further hello without a person keeps the one who signed on.
static enum err_code read_person(struct daemon *daemon, const struct json *body,
                                 struct session *session, struct err *err)
{
    const struct json *name = json_get(body, "person"), *pin = json_get(body, "pin");
    const struct access_person *person;

    if (!name && !pin)
        return ERR_OK;
    if (!name || !pin) {
        err_set(err, ERR_INVALID, "person", "person and pin are given together",
                "person и pin указывают вместе");
        err_set_path(err, name ? "/pin" : "/person");
        return ERR_INVALID;
    }
    // Whoever was there before has left, whether this one is let in or not.
    session->person = NULL;
    person = sign_on(daemon->sign_ons, daemon->access, session->account.identity, name->text,
                     pin->text, clock_monotonic_now_ms(), err);
    session->person = person;
    return person ? ERR_OK : err->code;
}

static void write_answer(struct daemon *daemon, const struct session *session, struct buf *out)
{
    char feed[ENDPOINT_BYTES];
    struct json_out json;

    broker_feed_for(daemon->broker, session->connection, feed);
    json_out_init(&json, out);
    json_out_object(&json, NULL);
    json_out_text(&json, "broker", "busd");
    json_out_text(&json, "version", PULT_VERSION);
    json_out_integer(&json, "protocol", 1);
    json_out_text(&json, "identity", session->account.identity);
    json_out_text(&json, "role", access_role_name(session->role));
    if (session->person)
        json_out_text(&json, "person", access_person_name(session->person));
    json_out_text(&json, "journal", journal_lineage(daemon->journal));
    json_out_integer(&json, "head", store_head(daemon->store, NULL));
    json_out_text(&json, "chain", journal_chain(daemon->journal));
    json_out_text(&json, "feed", *feed ? feed : NULL);
    json_out_time(&json, "time", daemon_now_ms(daemon));
    json_out_text(&json, "zone", clock_zone());
    json_out_end(&json, '}');
}

enum err_code request_hello(struct daemon *daemon, struct request *request, struct buf *out,
                            bool *later, struct err *err)
{
    struct session *session = request->session;
    const struct access_role *role;
    (void)later;
    // The language first: a refusal of the rest is said in it.
    if (fields_check(request->body, fields, sizeof fields / sizeof *fields, err) != ERR_OK ||
        read_language(request->body, &session->language, err) != ERR_OK)
        return err->code;
    answer_set_language(request->answer, session->language);
    if (read_role(request->body, session, &role, err) != ERR_OK)
        return err->code;
    if (read_client(request->body, session, err) != ERR_OK ||
        read_person(daemon, request->body, session, err) != ERR_OK)
        return err->code;
    session->role = role;
    // Committed head and its chain: a batch that is being gathered has appended nothing yet.
    write_answer(daemon, session, out);
    return ERR_OK;
}
