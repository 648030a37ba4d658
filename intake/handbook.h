// What an operator can say at once: answer texts and the directory, as an own copy that is searched as
// somebody types, with or without the bus. Each language has its own texts; nothing in them is personal.
#pragma once

#include "lib/err.h"
#include "lib/json.h"

#include <stdbool.h>
#include <stddef.h>

enum handbook_kind { HANDBOOK_ANSWERS, HANDBOOK_DIRECTORY, HANDBOOK_KIND_COUNT };

// A text, or an entry of the directory. It lives until its kind is taken anew.
struct handbook_entry {
    enum handbook_kind kind;
    const struct json *row; // of `query answers` or `query directory`
    char *titles, *words;   // lib/words.h
};

struct handbook;

// Reads the copy that a former run left in `file` (NULL = keep none); an unreadable one is no copy.
struct handbook *handbook_open(const char *file);
void handbook_free(struct handbook *handbook);
// Rows of the bus, in this language; they replace those of the kind, here and in the file.
void handbook_take(struct handbook *handbook, enum language language, enum handbook_kind kind,
                   const struct json *rows);
size_t handbook_count(const struct handbook *handbook, enum language language);

// What fits, best first; among equals what is of `topic` (NULL = none), then as they stand. A language
// without texts is searched in the other one. Writes at most `limit`; returns how many.
size_t handbook_search(const struct handbook *handbook, enum language language, struct slice typed,
                       const char *topic, const struct handbook_entry **found, size_t limit);

const char *handbook_title(const struct handbook_entry *entry);
const char *handbook_topic(const struct handbook_entry *entry); // "1.1"; the directory is 1.5
// Appends what is read out: an answer's text, line by line; a directory's numbers and what they are for.
void handbook_text(const struct handbook_entry *entry, struct buf *out);
