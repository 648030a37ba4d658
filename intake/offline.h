// The operator's own copy of the premises, for the hours without a broker: accounts, meters, nodes and
// addresses. Names and telephones of consumers are not in it: a copy on every desk is read by whoever has
// the desk, without the access record that the broker keeps (FIELD §2). Kept in a file of JSON Lines (0600), whose first line names the
// journal that it is of, and as an address index.
#pragma once

#include "lib/err.h"
#include "lib/json.h"

#include <stdbool.h>
#include <stddef.h>

struct offline;

// Reads the copy that a former run left in `file` (NULL = keep none); an unreadable one is no copy.
struct offline *offline_open(const char *file);
void offline_free(struct offline *offline);
size_t offline_count(const struct offline *offline);
// The bus has this journal: a copy of another one's premises goes.
void offline_meet(struct offline *offline, const char *journal);
// Whether it is time to fetch it again: there is none, or it is older than a day.
bool offline_is_due(const struct offline *offline, int64_t now_ms);

// A new copy page by page (rows of `query premises` without `q`). The last page makes it the copy,
// in memory at once and in the file.
void offline_begin(struct offline *offline, const char *journal);
void offline_add(struct offline *offline, const struct json *rows);
void offline_finish(struct offline *offline, int64_t now_ms);

// Suggestions as `query premises by=place` gives them, without what is open; in `doc`. An account or a
// meter that is written so is its premise alone.
const struct json *offline_search(const struct offline *offline, const char *typed, size_t limit,
                                  struct json_doc *doc);
