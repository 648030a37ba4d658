#include "busd/store_row.h"

#include "lib/mem.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

// The `index`-th of the blank-separated words; its length goes to `length`. NULL when out of range.
static const char *word_at(const char *words, int index, int *length)
{
    const char *word = words;

    if (index < 0)
        return NULL;
    while (*word) {
        const char *end = strchrnul(word, ' ');
        if (index-- == 0) {
            *length = (int)(end - word);
            return word;
        }
        word = *end ? end + 1 : end;
    }
    return NULL;
}

static int index_of_word(const char *words, const char *wanted, size_t length)
{
    int index = 0;

    for (const char *word = words; *word; index++) {
        const char *end = strchrnul(word, ' ');
        if ((size_t)(end - word) == length && memcmp(word, wanted, length) == 0)
            return index;
        word = *end ? end + 1 : end;
    }
    return -1;
}

void store_row_columns(enum record_type type, const char *prefix, struct buf *sql)
{
    const struct record_table *table = &record_tables[type];

    for (size_t i = 0; i < table->count; i++)
        buf_printf(sql, "%s%s%s", i ? ", " : "", prefix, table->fields[i].column);
}

int store_row_read(enum record_type type, sqlite3_stmt *row, int column, void *record)
{
    const struct record_table *table = &record_tables[type];

    for (size_t i = 0; i < table->count; i++, column++) {
        const struct record_field *field = &table->fields[i];
        char *at = (char *)record + field->offset;
        const char *text;

        switch (field->kind) {
        case RECORD_INTEGER:
        case RECORD_TIME: *(int64_t *)(void *)at = sqlite3_column_int64(row, column); break;
        case RECORD_BOOL: *(bool *)(void *)at = sqlite3_column_int(row, column) != 0; break;
        case RECORD_WORD:
            text = (const char *)sqlite3_column_text(row, column);
            *(int *)(void *)at = text ? index_of_word(field->words, text, strlen(text)) : -1;
            break;
        case RECORD_TEXT:
            *(char **)(void *)at = mem_string((const char *)sqlite3_column_text(row, column));
            break;
        }
    }
    return column;
}

const char *const store_cover_levels[] = {"premise", "house", "street", "settlement", "node"};

void store_row_read_cover(sqlite3_stmt *row, int column, struct cover *cover)
{
    const char *level = (const char *)sqlite3_column_text(row, column);
    const char *key = (const char *)sqlite3_column_text(row, column + 1);

    *cover = (struct cover){.restored_at = sqlite3_column_int64(row, column + 2),
                            .listed = sqlite3_column_int(row, column + 3) != 0,
                            .part = (uint8_t)sqlite3_column_int(row, column + 4),
                            .since = sqlite3_column_int64(row, column + 5),
                            .before_s = sqlite3_column_int64(row, column + 6)};
    while (cover->level < COVER_NODE && strcmp(store_cover_levels[cover->level], level) != 0)
        cover->level++;
    if (cover->level == COVER_NODE)
        cover->node = mem_string(key);
    else
        cover->key = strtoll(key, NULL, 10);
}

int store_row_bind(enum record_type type, sqlite3_stmt *statement, int at, const void *record)
{
    const struct record_table *table = &record_tables[type];

    for (size_t i = 0; i < table->count; i++, at++) {
        const struct record_field *field = &table->fields[i];
        const char *value = (const char *)record + field->offset;
        int length = -1;

        switch (field->kind) {
        case RECORD_INTEGER:
        case RECORD_TIME:
            sqlite3_bind_int64(statement, at, *(const int64_t *)(const void *)value);
            break;
        case RECORD_BOOL:
            sqlite3_bind_int(statement, at, *(const bool *)(const void *)value ? 1 : 0);
            break;
        case RECORD_WORD: {
            const char *word = word_at(field->words, *(const int *)(const void *)value, &length);
            sqlite3_bind_text(statement, at, word, length, SQLITE_STATIC);
            break;
        }
        case RECORD_TEXT:
            sqlite3_bind_text(statement, at, *(char *const *)(const void *)value, -1,
                              SQLITE_STATIC);
            break;
        }
    }
    return at;
}
