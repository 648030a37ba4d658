// What was read out to a question, on the form of its contact.
#include "intake/call_form.h"

#include "lib/mem.h"
#include "lib/text.h"

#include <stdlib.h>

enum { ANSWER_RUNES = 4000 }; // schemas/defs.yaml: answer

// The answer as the bus takes it: at most so many runes, none split.
static char *join_answers(const char *former, const char *text)
{
    struct buf all = {0};
    size_t end = 0, runes = 0;
    uint32_t rune;

    buf_printf(&all, "%s%s%s", former ? former : "", former ? " " : "", text);
    for (size_t length = 1; length && runes < ANSWER_RUNES; runes++) {
        length = text_decode((struct slice){all.data + end, all.length - end}, &rune);
        end += length;
    }
    char *joined = mem_string_of(all.data, end);
    buf_fini(&all);
    return joined;
}

bool call_form_take_answer(struct call_form *call, const char *topic, const char *text)
{
    int subject = call->items[CALL_SUBJECT].chosen;
    bool other = !call->items[CALL_SUBJECT].hidden;

    if (!call_form_topic(call)) {
        form_choose(&call->form, CALL_PROBLEM, "other");
        form_choose(&call->form, CALL_SUBJECT, "inquiry");
    } else if (!other || (subject != CALL_SUBJECT_INQUIRY && subject != CALL_SUBJECT_ADVICE)) {
        return false;
    }
    if (!form_value(&call->form, CALL_TOPIC))
        form_choose(&call->form, CALL_TOPIC, topic);
    form_choose(&call->form, CALL_ANSWER, "given");
    char *joined = join_answers(call->answer, text);
    free(call->answer);
    call->answer = joined;
    call_form_arrange(call);
    return true;
}
