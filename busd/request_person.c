// What is done on one person's request, or against it (PROTOCOL §3 `admin`): export, erasure, hold.
#include "busd/request.h"

#include "busd/batch_personal.h"
#include "busd/fields.h"

#include <string.h>

static const struct field fields[] = {{"do", FIELD_STRING, true},
                                      {"phone", FIELD_STRING, false},
                                      {"reg_no", FIELD_STRING, false},
                                      {"reason", FIELD_STRING, false}};

static enum err_code read_person(const struct request *request, bool by_number,
                                 struct batch_person *person, struct err *err)
{
    if (fields_check(request->body, fields, sizeof fields / sizeof *fields, err) != ERR_OK)
        return err->code;
    person->phone = json_string(json_get(request->body, "phone"));
    person->reg_no = json_string(json_get(request->body, "reg_no"));
    if ((person->phone.length > 0) + (person->reg_no.length > 0) == 1 &&
        (by_number || person->phone.length))
        return ERR_OK;
    err_set(err, ERR_INVALID, "person",
            by_number ? "a person is named by `phone`, or one contact by `reg_no`"
                      : "a person is named by `phone`",
            by_number ? "лицо называют через phone, одно обращение — через reg_no"
                      : "лицо называют через phone");
    err_set_path(err, "/phone");
    return ERR_INVALID;
}

static enum err_code tell(struct daemon *daemon, enum err_code code)
{
    if (store_failed(daemon->store))
        daemon->failed = true;
    else
        daemon_tell(daemon); // what was committed before a fault too
    return code;
}

enum err_code request_person_erase(struct daemon *daemon, struct request *request, struct buf *out,
                                   bool *later, struct err *err)
{
    struct batch_person person;
    struct json_out json;
    int64_t count = 0;

    (void)later;
    if (read_person(request, true, &person, err) != ERR_OK)
        return err->code;
    enum err_code code = batch_erase_person(&daemon->batch, &person, session_by(request->session),
                                            daemon_stamp_ms(daemon), &count, err);
    daemon->retention.scrub = true;
    if (tell(daemon, code) != ERR_OK)
        return code;
    // Where a reader holds it up, the next seconds' work does it.
    daemon->retention.scrub = !store_scrub(daemon->store);
    json_out_init(&json, out);
    json_out_object(&json, NULL);
    json_out_integer(&json, "erased", count);
    json_out_integer(&json, "sequence", store_head(daemon->store, NULL));
    json_out_bool(&json, "scrubbed", !daemon->retention.scrub);
    json_out_end(&json, '}');
    return ERR_OK;
}

static enum err_code set_hold(struct daemon *daemon, struct request *request, bool held,
                              struct buf *out, struct err *err)
{
    struct batch_person person;

    if (read_person(request, false, &person, err) != ERR_OK)
        return err->code;
    enum err_code code = batch_hold_person(
        &daemon->batch, &person, held, session_by(request->session),
        json_string(json_get(request->body, "reason")), daemon_stamp_ms(daemon), err);
    if (tell(daemon, code) != ERR_OK)
        return code;
    if (!held)
        retention_again(&daemon->retention);
    buf_printf(out, "{\"sequence\":%lld}", (long long)store_head(daemon->store, NULL));
    return ERR_OK;
}

enum err_code request_person_hold(struct daemon *daemon, struct request *request, struct buf *out,
                                  bool *later, struct err *err)
{
    (void)later;
    return set_hold(daemon, request, true, out, err);
}

enum err_code request_person_release(struct daemon *daemon, struct request *request,
                                     struct buf *out, bool *later, struct err *err)
{
    (void)later;
    return set_hold(daemon, request, false, out, err);
}

// Journalled first; then the query thread collects the data and notes in the access record that they
// were given out.
enum err_code request_person_export(struct daemon *daemon, struct request *request, struct buf *out,
                                    bool *later, struct err *err)
{
    struct batch_person person;
    struct json_out json;
    struct buf args = {0};

    (void)out;
    if (read_person(request, true, &person, err) != ERR_OK ||
        tell(daemon, batch_say_exported(&daemon->batch, session_by(request->session),
                                        daemon_stamp_ms(daemon), err)) != ERR_OK)
        return err->code;
    json_out_init(&json, &args);
    json_out_object(&json, NULL);
    json_out_string(&json, person.phone.length ? "phone" : "reg_no",
                    person.phone.length ? person.phone : person.reg_no);
    json_out_end(&json, '}');
    *later = request_submit(daemon, request, slice_of(QUERY_PERSON_EXPORT),
                            (struct slice){args.data, args.length}, err);
    crypto_wipe(args.data, args.length);
    buf_fini(&args);
    return *later ? ERR_OK : err->code;
}
