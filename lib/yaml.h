// YAML files (configuration, schemas) read into a JSON tree, with the JSON schema of YAML 1.2 core:
// null, booleans true/false, numbers, strings.
//
// Limits while reading (RELIABILITY F14: libyaml's own nesting is unlimited and quadratic):
// 256 KiB, depth 32, no anchors, aliases, tags or merge keys, no duplicate keys, one document.
#pragma once

#include "lib/json.h"

enum { YAML_FILE_BYTES = 256 * 1024 };

// NULL and ERR_INVALID with "name:line:column" as the path; `name` is what the sentence calls it.
struct json *yaml_parse(struct json_doc *doc, const char *text, size_t length, const char *name,
                        struct err *err);
// Reads a whole file. ERR_NOT_FOUND when it is not there, ERR_INVALID for its content.
struct json *yaml_read(struct json_doc *doc, const char *file, struct err *err);
