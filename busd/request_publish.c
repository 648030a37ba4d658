#include "busd/request.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static struct publish *take_spare(struct daemon *daemon)
{
    return daemon->spare_count ? daemon->spare[--daemon->spare_count] : publish_new();
}

// Reads the request and leaves it with the batch. One that cannot be read waits too when others of
// the same batch wait: its answer has its place in the order anyway, and is given at once.
enum err_code request_publish(struct daemon *daemon, struct request *request, struct buf *out,
                              bool *later, struct err *err)
{
    struct session *session = request->session;
    struct publish *publish = take_spare(daemon);

    (void)out;
    buf_clear(&publish->body);
    buf_add(&publish->body, request->text.data, request->text.length);
    memcpy(publish->identity, session->account.identity, sizeof publish->identity);
    snprintf(publish->person, sizeof publish->person, "%s",
             session->person ? access_person_name(session->person) : "");
    publish->role = session->role;
    publish->language = session->language;
    publish->ticket = answer_ticket(request->answer);
    if (publish_read(publish, &daemon->batch.rules) != ERR_OK) {
        *err = publish->err;
        publish_clear(daemon->spare[daemon->spare_count++] = publish);
        return err->code;
    }
    *later = true;
    session->batch = daemon->batch_number;
    daemon->waiting[daemon->waiting_count++] = publish;
    daemon->waiting_bytes += publish->body.length;
    daemon->waiting_events += publish->count;
    return ERR_OK;
}
