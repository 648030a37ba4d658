// What operators say at once: the directory (item 1.5: config/directory.yaml) and answer texts (items 1
// and 2: config/answers/NAME.LANGUAGE.md with front matter). Read once, searched as typed.
#pragma once

#include "lib/err.h"
#include "lib/slice.h"

#include <stddef.h>

// An entry of the directory, or an answer: named texts in each language, and what it is found by.
struct answer {
    char *id, *topic; // topic: item of an answer, kind of an entry
    struct answer_text {
        char *title, *text, *keywords;
        char *titles, *found_by; // lib/words.h
    } in[LANGUAGE_COUNT];
    char *phone, *site, *address; // of the directory; NULL = none
};

struct answers {
    struct answer *directory, *texts;
    size_t directory_count, text_count;
};

// NULL = none of it. ERR_INVALID with a sentence and the place. Whatever happens, `answers` goes to
// answers_fini().
enum err_code answers_read(struct answers *answers, const char *directory_file, const char *folder,
                           struct err *err);
void answers_fini(struct answers *answers);

// How well an entry fits what was typed (lib/words.h); 0 = not at all, or not in this language.
int answer_fit(const struct answer *answer, enum language language, struct slice typed);
