// `query`: the names that need the store go to the query thread, those that the loop knows itself
// (who is connected, who may what, which types there are) are answered here.
#include "busd/request.h"

#include "busd/fields.h"
#include "lib/query_shape.h"

#include <stdio.h>
#include <string.h>

enum { QUERY_SHARES = 4 }; // of limits.queries: what one client may have under way

// The rows of one page: those behind `after` (a count here), at most `limit`.
struct rows {
    struct json_out *json;
    struct daemon *daemon;
    const struct access_role *role;
    char why[ACCESS_IDENTITY_BYTES + 16]; // who has that role: "users.anna"
    int64_t seen, after, limit;
};

// Whether the next row stands on this page.
static bool is_wanted(struct rows *rows)
{
    int64_t place = rows->seen++;

    return place >= rows->after && place < rows->after + rows->limit;
}

static void put_right(void *context, enum access_verb verb, const char *name, enum access_area area)
{
    struct rows *rows = context;
    const char *word = access_verb_words[verb];

    // These say how much a query shows, and stand in each row.
    if (verb >= ACCESS_PERSONAL || !is_wanted(rows))
        return;
    json_out_object(rows->json, NULL);
    json_out_text(rows->json, "verb", word);
    if (name)
        json_out_text(rows->json, verb == ACCESS_QUERY ? "query" : "type", name);
    json_out_text(rows->json, "role", access_role_name(rows->role));
    json_out_text(rows->json, "area", area == ACCESS_AREA_OWN ? "own" : "*");
    json_out_text(rows->json, "why", rows->why);
    json_out_bool(rows->json, "personal", access_may(rows->role, ACCESS_PERSONAL));
    json_out_bool(rows->json, "text", access_may(rows->role, ACCESS_TEXT));
    json_out_bool(rows->json, "masked", access_may(rows->role, ACCESS_MASKED));
    json_out_bool(rows->json, "special", access_may(rows->role, ACCESS_SPECIAL));
    json_out_end(rows->json, '}');
}

// One role of an account, and where it comes from.
static void put_role(struct rows *rows, const struct access_account *account,
                     const struct access_role *role)
{
    static const char *const sections[] = {"users", "groups", "keys", "loopback"};
    size_t index = 0;

    while (index < account->role_count && account->roles[index] != role)
        index++;
    if (index == account->role_count)
        return;
    rows->role = role;
    snprintf(rows->why, sizeof rows->why, "%s.%s",
             sections[access_giver_kind(account->givers[index])],
             access_giver_name(account->givers[index]));
    access_each_right(role, put_right, rows);
}

// One's own rights; another identity's only for who may administer.
static enum err_code answer_rights(struct rows *rows, struct request *request,
                                   const struct json *args, struct err *err)
{
    struct slice identity = json_string(json_get(args, "identity"));
    struct access_account account;

    if (identity.length == 0 || slice_is(identity, request->session->account.identity)) {
        put_role(rows, &request->session->account, request->session->role);
        return ERR_OK;
    }
    if (!access_may(request->session->role, ACCESS_ADMIN)) {
        err_set(err, ERR_DENIED, "rights", "another identity's rights are for an administrator",
                "чужие права показываются только администратору");
        err_set_path(err, "/args/identity");
        return ERR_DENIED;
    }
    access_find_identity(rows->daemon->access, identity, (struct slice){0}, &account);
    if (account.role_count == 0) {
        err_set(err, ERR_NOT_FOUND, "identity", "%.*s has no role here", "у %.*s здесь нет ролей",
                (int)identity.length, identity.data);
        err_set_path(err, "/args/identity");
        return ERR_NOT_FOUND;
    }
    for (size_t i = 0; i < account.role_count; i++)
        put_role(rows, &account, account.roles[i]);
    return ERR_OK;
}

static void put_agent(void *context, struct session *session)
{
    struct rows *rows = context;

    if (!is_wanted(rows))
        return;
    json_out_object(rows->json, NULL);
    json_out_text(rows->json, "identity", session->account.identity);
    json_out_text(rows->json, "role", access_role_name(session->role));
    if (session->person)
        json_out_text(rows->json, "person", access_person_name(session->person));
    json_out_text(rows->json, "client", session->client[0] ? session->client : NULL);
    json_out_time(rows->json, "since", session->since_ms);
    json_out_integer(rows->json, "lag", streams_lag(rows->daemon->streams, session));
    json_out_integer(rows->json, "subscriptions", (int64_t)session->stream_count);
    json_out_end(rows->json, '}');
}

static enum err_code answer_agents(struct rows *rows, struct request *request,
                                   const struct json *args, struct err *err)
{
    (void)request, (void)args, (void)err;
    sessions_each(rows->daemon->sessions, put_agent, rows);
    return ERR_OK;
}

static void put_schema(struct rows *rows, size_t index)
{
    const struct schemas_type *type = schemas_at(rows->daemon->schemas, index);
    struct buf schema = {0};

    if (!is_wanted(rows))
        return;
    schemas_write(rows->daemon->schemas, index, &schema);
    json_out_object(rows->json, NULL);
    json_out_string(rows->json, "type", type->topic);
    json_out_integer(rows->json, "version", type->version);
    json_out_raw(rows->json, "schema", (struct slice){schema.data, schema.length});
    json_out_end(rows->json, '}');
    buf_fini(&schema);
}

static enum err_code answer_schemas(struct rows *rows, struct request *request,
                                    const struct json *args, struct err *err)
{
    const struct schemas *schemas = rows->daemon->schemas;
    struct slice wanted = json_string(json_get(args, "type"));
    bool found = wanted.length == 0;

    (void)request;
    for (size_t i = 0; i < schemas_count(schemas); i++) {
        if (wanted.length && !slice_equal(wanted, schemas_at(schemas, i)->topic))
            continue;
        found = true;
        put_schema(rows, i);
    }
    if (found)
        return ERR_OK;
    err_set(err, ERR_NOT_FOUND, "type",
            "there is no type %.*s; `query schemas` without a type "
            "lists them",
            "типа %.*s нет; запрос schemas без type перечислит все", (int)wanted.length,
            wanted.data);
    err_set_path(err, "/args/type");
    return ERR_NOT_FOUND;
}

static const struct {
    const char *name;
    enum err_code (*answer)(struct rows *rows, struct request *request, const struct json *args,
                            struct err *err);
} own_queries[] = {
    {"rights", answer_rights}, {"agents", answer_agents}, {"schemas", answer_schemas}};

static enum err_code answer_own(struct daemon *daemon, struct request *request, size_t index,
                                const struct json *args, struct buf *out, struct err *err)
{
    const struct json *after = json_get(args, "after");
    struct json_out json;
    struct rows rows = {.json = &json,
                        .daemon = daemon,
                        .after = json_integer(after, -1),
                        .limit = json_integer(json_get(args, "limit"), QUERY_LIMIT_DEFAULT)};

    if (after && rows.after < 0) {
        err_set(err, ERR_INVALID, "after", "after is the `next` of the page before",
                "after — это next предыдущей страницы");
        err_set_path(err, "/args/after");
        return ERR_INVALID;
    }
    rows.after = after ? rows.after : 0;
    json_out_init(&json, out);
    json_out_object(&json, NULL);
    json_out_integer(&json, "sequence", store_head(daemon->store, NULL));
    json_out_array(&json, "rows");
    if (own_queries[index].answer(&rows, request, args, err) != ERR_OK)
        return err->code;
    json_out_end(&json, ']');
    if (rows.seen > rows.after + rows.limit)
        json_out_integer(&json, "next", rows.after + rows.limit);
    json_out_end(&json, '}');
    METRICS_ADD(&daemon->metrics, queries, 1);
    return ERR_OK;
}

// Behind a shared account nobody sees callers' data before a person has signed on: whoever sees them
// is to be known.
static bool shows(const struct session *session, enum access_verb what)
{
    return (!session->account.shared || session->person) && access_may(session->role, what);
}

// One client may not have the whole queue of questions to itself.
static bool has_share(struct daemon *daemon, const struct session *session, struct err *err)
{
    if ((int64_t)session->asked < (daemon->config->queries + QUERY_SHARES - 1) / QUERY_SHARES)
        return true;
    err_set(err, ERR_LIMIT, "busy",
            "%zu questions of yours are being answered; ask on when some of them are",
            "на %zu ваших запросов ещё готовится ответ; продолжайте, когда часть будет готова",
            session->asked);
    err->retry_ms = 100;
    return false;
}

bool request_submit(struct daemon *daemon, struct request *request, struct slice name,
                    struct slice args, struct err *err)
{
    const struct session *session = request->session;

    if (!has_share(daemon, session, err))
        return false;
    if (!queries_submit(
            daemon->queries,
            &(struct query_request){
                .ticket = answer_ticket(request->answer),
                .name = name,
                .args = args,
                .identity = slice_of(session->account.identity),
                .person = slice_of(session->person ? access_person_name(session->person) : ""),
                .from = slice_of(session->from),
                .client = slice_of(session->client),
                .language = session->language,
                .access = daemon->access,
                .role = session->role,
                .personal = shows(session, ACCESS_PERSONAL),
                .text = shows(session, ACCESS_TEXT),
                .masked = shows(session, ACCESS_MASKED),
                .special = shows(session, ACCESS_SPECIAL),
                .who = session_who(session),
                .desks = &daemon->desks,
                .hours = hours_limits(&daemon->timers),
                .now_ms = daemon_now_ms(daemon),
            },
            err))
        return false;
    answer_set_asked(request->answer);
    return true;
}

static enum err_code submit(struct daemon *daemon, struct request *request, struct slice name,
                            const struct json *args, bool *later, struct err *err)
{
    struct buf text = {0};

    if (args)
        json_write(&text, args);
    *later = request_submit(daemon, request, name, (struct slice){text.data, text.length}, err);
    buf_fini(&text);
    return *later ? ERR_OK : err->code;
}

static enum err_code unknown_query(struct slice name, struct err *err)
{
    char known[256] = "";

    for (const struct query_shape *shape = query_shapes; shape->name; shape++) {
        if (*known)
            strncat(known, ", ", sizeof known - strlen(known) - 1);
        strncat(known, shape->name, sizeof known - strlen(known) - 1);
    }
    err_set(err, ERR_INVALID, "name", "there is no query \"%.*s\"; there are %s",
            "запроса «%.*s» нет; есть %s", (int)(name.length < 64 ? name.length : 64), name.data,
            known);
    err_set_path(err, "/name");
    return ERR_INVALID;
}

enum err_code request_query(struct daemon *daemon, struct request *request, struct buf *out,
                            bool *later, struct err *err)
{
    static const struct field fields[] = {{"name", FIELD_STRING, true},
                                          {"args", FIELD_OBJECT, false}};
    const struct json *args = json_get(request->body, "args");
    const struct query_shape *shape;
    struct slice name;

    if (fields_check(request->body, fields, 2, err) != ERR_OK)
        return err->code;
    name = json_string(json_get(request->body, "name"));
    shape = query_shape_find(name);
    if (!shape)
        return unknown_query(name, err);
    if (!access_may_name(request->session->role, ACCESS_QUERY, name)) {
        err_set(err, ERR_DENIED, "query",
                "the role %s may not ask for %s; `hello` chooses another of your roles",
                "роли %s запрос %s не разрешён; другую свою роль выбирает hello",
                access_role_name(request->session->role), shape->name);
        err_set_path(err, "/name");
        return ERR_DENIED;
    }
    for (size_t i = 0; i < sizeof own_queries / sizeof *own_queries; i++) {
        if (!slice_is(name, own_queries[i].name))
            continue;
        if (args && query_shape_check(shape, args, err) != ERR_OK)
            return err->code;
        return answer_own(daemon, request, i, args, out, err);
    }
    return submit(daemon, request, name, args, later, err);
}

void request_query_done(void *context, uint64_t ticket, struct slice body, const struct err *err)
{
    struct daemon *daemon = context;
    struct answer *answer = sessions_answer(daemon->sessions, ticket);
    struct err stale;

    METRICS_ADD(&daemon->metrics, queries, 1);
    if (!answer)
        return;
    if (!err && answer_is_stale(answer)) {
        err_clear(&stale);
        err_set(&stale, ERR_UNAVAILABLE, "rights",
                "your rights changed while this was being answered; ask again",
                "пока готовился ответ, ваши права изменились; повторите запрос");
        err = &stale;
    }
    if (!err) {
        answer_ok(daemon->sessions, answer, body);
    } else {
        METRICS_ADD(&daemon->metrics, refused, 1);
        answer_error(daemon->sessions, answer, err);
    }
}
