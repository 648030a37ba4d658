// YAML files (configuration, schemas) read into a JSON tree, with the JSON schema of YAML 1.2: a plain
// word is null (also ~ and nothing at all), true, false, or a number as JSON writes it; every other
// one is a string, so that yes, 007 and +7 912 stay what was written. An empty file is null.
//
// Limits while reading (RELIABILITY F14: libyaml's own nesting is unlimited and quadratic):
// 256 KiB, depth 32, no anchors, aliases, tags or merge keys, no duplicate keys, one document.
#pragma once

#include "lib/json.h"

enum { YAML_FILE_BYTES = 256 * 1024 };

// NULL and ERR_INVALID with "name:line:column" as the path; `name` is what the sentence calls it.
struct json *yaml_parse(struct json_doc *doc, const char *text, size_t length, const char *name,
                        struct err *err);
// Reads a whole file. ERR_NOT_FOUND when it is not there, ERR_INVALID for its content, ERR_DENIED
// where everybody may write it: rights, schemas and configuration are read by this.
struct json *yaml_read(struct json_doc *doc, const char *file, struct err *err);

// Where a value of such a tree stands in its text, from 1; a member of a mapping at its key. Only for
// values that yaml_parse() made.
void yaml_place(const struct json *value, int *line, int *column);
// ERR_INVALID for what a value says: the sentences get "FILE:LINE:COLUMN: " in front, the path is that.
enum err_code yaml_fault(const char *file, const struct json *value, const char *reason,
                         const char *english, const char *russian, struct err *err);
