// Requests: from frames to verbs. One table of verbs; a file for those with a subject of their own.
#pragma once

#include "busd/daemon.h"

// What a verb is given: a session, its answer's place in the order (NULL for `credit`), the body.
struct request {
    struct session *session;
    struct answer *answer;
    struct slice id;
    struct slice text;       // the body as received
    const struct json *body; // parsed, of daemon->doc; NULL for verbs that parse it themselves
    bool enveloped;
};

// Does the verb. With ERR_OK the answer's body stands in `out`, unless `later` was set: then
// somebody else keeps the promise. Anything else is the fault in `err`.
typedef enum err_code request_run(struct daemon *daemon, struct request *request, struct buf *out,
                                  bool *later, struct err *err);

struct request_verb {
    const char *name;
    request_run *run;
    enum access_verb right; // a switch that is needed; ACCESS_VERB_COUNT = none
    bool parses;            // parses its body itself
    bool acts; // changes something: behind a shared account a person must have signed on
};
extern const struct request_verb request_verbs[]; // ends with a NULL name

// Handles one message. False: the journal failed on the way.
bool request_handle(struct daemon *daemon, const struct broker_message *message);

// request_hello.c
enum err_code request_hello(struct daemon *daemon, struct request *request, struct buf *out,
                            bool *later, struct err *err);
// request_publish.c
enum err_code request_publish(struct daemon *daemon, struct request *request, struct buf *out,
                              bool *later, struct err *err);
// request_query.c
enum err_code request_query(struct daemon *daemon, struct request *request, struct buf *out,
                            bool *later, struct err *err);
// Hands a query to the query thread; its answer keeps the request's promise. False: it is full.
bool request_submit(struct daemon *daemon, struct request *request, struct slice name,
                    struct slice args, struct err *err);
void request_query_done(void *daemon, uint64_t ticket, struct slice body, const struct err *err);
// request_admin.c
enum err_code request_import(struct daemon *daemon, struct request *request, struct buf *out,
                             bool *later, struct err *err);
enum err_code request_admin(struct daemon *daemon, struct request *request, struct buf *out,
                            bool *later, struct err *err);
enum err_code request_clock(struct daemon *daemon, struct request *request, struct buf *out,
                            bool *later, struct err *err);
// request_person.c: acts of `admin` about one person.
request_run request_person_export, request_person_erase, request_person_hold,
    request_person_release;
