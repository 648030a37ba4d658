#include "busd/fields.h"

#include <stdio.h>
#include <string.h>

static const char *const kind_names[][LANGUAGE_COUNT] = {
    [FIELD_STRING] = {"a string", "строка"},
    [FIELD_INTEGER] = {"a whole number from 0", "целое число от 0"},
    [FIELD_BOOL] = {"true or false", "true или false"},
    [FIELD_ARRAY] = {"an array", "массив"},
    [FIELD_OBJECT] = {"an object", "объект"},
};

static bool is_kind(const struct json *value, enum field_kind kind)
{
    switch (kind) {
    case FIELD_STRING: return value->type == JSON_STRING;
    case FIELD_INTEGER: return value->type == JSON_NUMBER && value->integral && value->integer >= 0;
    case FIELD_BOOL: return value->type == JSON_TRUE || value->type == JSON_FALSE;
    case FIELD_ARRAY: return value->type == JSON_ARRAY;
    case FIELD_OBJECT: return value->type == JSON_OBJECT;
    case FIELD_ANY: return true;
    }
    return false;
}

static const struct field *find(struct slice name, const struct field *fields, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (slice_is(name, fields[i].name))
            return &fields[i];
    }
    return NULL;
}

static enum err_code unknown(struct slice name, const struct field *fields, size_t count,
                             struct err *err)
{
    char known[256] = "";

    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(known);

        snprintf(known + length, sizeof known - length, "%s%s", i ? ", " : "", fields[i].name);
    }
    err_set(err, ERR_INVALID, "field", "there is no field \"%.*s\" here; there are %s",
            "поля «%.*s» здесь нет; есть %s", (int)name.length, name.data, known);
    err_set_path(err, "/%.*s", (int)name.length, name.data);
    return ERR_INVALID;
}

enum err_code fields_check(const struct json *body, const struct field *fields, size_t count,
                           struct err *err)
{
    if (body->type != JSON_OBJECT)
        return err_set(err, ERR_INVALID, "body", "the body must be a JSON object",
                       "тело запроса должно быть объектом JSON");
    for (const struct json *member = body->first; member; member = member->next) {
        const struct field *field = find(member->key, fields, count);

        if (!field)
            return unknown(member->key, fields, count, err);
        if (is_kind(member, field->kind))
            continue;
        err_set(err, ERR_INVALID, "field", "\"%s\" must be %s%.0s",
                "в поле «%s» должно быть: %.0s%s", field->name, kind_names[field->kind][0],
                kind_names[field->kind][1]);
        err_set_path(err, "/%s", field->name);
        return ERR_INVALID;
    }
    for (size_t i = 0; i < count; i++) {
        if (!fields[i].required || json_get(body, fields[i].name))
            continue;
        err_set(err, ERR_INVALID, "field", "the field \"%s\" is missing", "нет поля «%s»",
                fields[i].name);
        err_set_path(err, "/%s", fields[i].name);
        return ERR_INVALID;
    }
    return ERR_OK;
}
