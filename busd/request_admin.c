// The verbs of those who run the machine: import, clock, admin.
#include "busd/request.h"

#include "busd/batch_import.h"
#include "busd/daemon_rules.h"
#include "busd/fields.h"
#include "busd/reload.h"
#include "lib/clock.h"
#include "lib/log.h"

#include <stdio.h>
#include <string.h>

static void write_import(struct daemon *daemon, const struct import_part *part,
                         struct import *import, struct buf *out)
{
    struct json_out json;

    json_out_init(&json, out);
    json_out_object(&json, NULL);
    json_out_string(&json, "import", part->id);
    json_out_integer(&json, "rows", import ? import_rows(import) : 0);
    if (import)
        json_out_integer(&json, "sequence", store_head(daemon->store, NULL));
    json_out_end(&json, '}');
}

static enum err_code commit_import(struct daemon *daemon, struct request *request,
                                   const struct import_part *part, struct import *import,
                                   struct buf *out, struct err *err)
{
    bool model = import_kind(import) == IMPORT_NETWORK || import_kind(import) == IMPORT_PREMISES;

    if (batch_import(&daemon->batch, import, session_by(request->session), daemon_stamp_ms(daemon),
                     err) != ERR_OK) {
        daemon->failed = store_failed(daemon->store);
        imports_done(daemon->imports, import);
        return err->code;
    }
    write_import(daemon, part, import, out);
    imports_done(daemon->imports, import);
    daemon_tell(daemon);
    // What is on disk and cannot be read back is a failure of the store.
    if (model && daemon_load_network(daemon, err) != ERR_OK) {
        daemon->failed = true;
        return err->code;
    }
    // The first network is the first that there is to group on.
    if (model)
        daemon_journal_rules(daemon);
    return ERR_OK;
}

enum err_code request_import(struct daemon *daemon, struct request *request, struct buf *out,
                             bool *later, struct err *err)
{
    static const struct field fields[] = {
        {"import", FIELD_STRING, true}, {"kind", FIELD_STRING, true},
        {"part", FIELD_INTEGER, false}, {"csv", FIELD_STRING, false},
        {"commit", FIELD_BOOL, false},  {"replace", FIELD_BOOL, false},
    };
    const struct json *body = request->body;
    const struct json *csv = json_get(body, "csv");
    struct import *ready = NULL;
    struct import_part part;

    (void)later;
    if (fields_check(body, fields, sizeof fields / sizeof *fields, err) != ERR_OK)
        return err->code;
    part = (struct import_part){
        .identity = slice_of(request->session->account.identity),
        .id = json_string(json_get(body, "import")),
        .kind = json_string(json_get(body, "kind")),
        .part = csv ? json_integer(json_get(body, "part"), 0) : 0,
        .csv = json_string(csv),
        .commit = json_bool(json_get(body, "commit"), false),
        .replace = json_bool(json_get(body, "replace"), false),
    };
    if (part.id.length == 0) {
        err_set(err, ERR_INVALID, "import", "import names the import in 1 byte or more",
                "import — имя загрузки, хотя бы один знак");
        err_set_path(err, "/import");
        return ERR_INVALID;
    }
    if (imports_add(daemon->imports, &part, clock_monotonic_now_ms(), &ready, err) != ERR_OK)
        return err->code;
    if (ready)
        return commit_import(daemon, request, &part, ready, out, err);
    write_import(daemon, &part, NULL, out);
    return ERR_OK;
}

enum err_code request_clock(struct daemon *daemon, struct request *request, struct buf *out,
                            bool *later, struct err *err)
{
    static const struct field fields[] = {{"to", FIELD_STRING, true}};
    struct slice text;
    struct json_out json;
    int64_t to_ms;

    (void)later;
    if (fields_check(request->body, fields, 1, err) != ERR_OK)
        return err->code;
    text = json_string(json_get(request->body, "to"));
    if (!clock_parse(text.data, text.length, &to_ms)) {
        err_set(err, ERR_INVALID, "to",
                "to is a time as RFC 3339 has it, 2026-02-28T14:03:21+03:00",
                "to — время по RFC 3339: 2026-02-28T14:03:21+03:00");
        err_set_path(err, "/to");
        return ERR_INVALID;
    }
    if (!daemon->replay)
        return err_set(
            err, ERR_CONFLICT, "clock",
            "this broker goes by the system's clock; only a data directory created with "
            "clock: replay can be moved",
            "этот брокер идёт по системным часам; переводить можно только каталог данных, "
            "созданный с clock: replay");
    if (to_ms < daemon->clock_ms) {
        char now[CLOCK_TEXT_BYTES];

        clock_format(daemon->clock_ms, now);
        return err_set(err, ERR_CONFLICT, "clock", "the clock is at %s and never goes back",
                       "часы показывают %s и назад не переводятся", now);
    }
    if (to_ms > daemon->clock_ms && daemon_pass_clock(daemon, to_ms, err) != ERR_OK)
        return err->code;
    // What grew too old goes now: on this clock nothing happens by itself.
    while (retention_step(&daemon->retention, &daemon->batch, daemon->clock_ms))
        continue;
    daemon->failed = store_failed(daemon->store);
    daemon_tell(daemon);
    json_out_init(&json, out);
    json_out_object(&json, NULL);
    json_out_time(&json, "time", daemon->clock_ms);
    json_out_integer(&json, "head", store_head(daemon->store, NULL));
    json_out_end(&json, '}');
    return ERR_OK;
}

static enum err_code reload(struct daemon *daemon, struct request *request, struct buf *out,
                            bool *later, struct err *err)
{
    static const struct field fields[] = {{"do", FIELD_STRING, true}};

    (void)later;
    if (fields_check(request->body, fields, 1, err) != ERR_OK ||
        reload_files(daemon, session_by(request->session), err) != ERR_OK)
        return err->code;
    buf_add_text(out, "{}");
    return ERR_OK;
}

// The acts of `admin`. Each checks its further fields itself.
static const struct {
    const char *name;
    request_run *run;
} acts[] = {{"reload", reload},
            {"person_export", request_person_export},
            {"person_erase", request_person_erase},
            {"person_hold", request_person_hold},
            {"person_release", request_person_release}};

enum err_code request_admin(struct daemon *daemon, struct request *request, struct buf *out,
                            bool *later, struct err *err)
{
    struct slice what = json_string(json_get(request->body, "do"));
    char known[128] = "";

    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
        size_t length = strlen(known);

        if (slice_is(what, acts[i].name))
            return acts[i].run(daemon, request, out, later, err);
        snprintf(known + length, sizeof known - length, "%s%s", length ? ", " : "", acts[i].name);
    }
    err_set(err, ERR_INVALID, "do", "there is no act \"%.*s\"; there are: %s",
            "действия «%.*s» нет; есть: %s", (int)(what.length < 64 ? what.length : 64),
            what.data ? what.data : "", known);
    err_set_path(err, "/do");
    return ERR_INVALID;
}
