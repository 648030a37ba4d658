// The members of a request's body: which there may be, and of which kind (PROTOCOL §3: unknown
// fields are `invalid`).
#pragma once

#include "lib/err.h"
#include "lib/json.h"

enum field_kind { FIELD_STRING, FIELD_INTEGER, FIELD_BOOL, FIELD_ARRAY, FIELD_OBJECT, FIELD_ANY };

struct field {
    const char *name;
    enum field_kind kind;
    bool required;
};

// ERR_INVALID with the member in err->path. An integer must be a whole number of at least 0.
enum err_code fields_check(const struct json *body, const struct field *fields, size_t count,
                           struct err *err);
