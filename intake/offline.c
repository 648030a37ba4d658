#include "intake/offline.h"

#include "lib/address.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define OFFLINE_AGE_MS (INT64_C(24) * 3600 * 1000)

// An account or a meter, and its premise.
struct number {
    char *text;
    int64_t premise;
};

// One copy: the index knows addresses by the row's number, from 1.
struct copy {
    struct address_index *index;
    char **accounts, **nodes;
    size_t count, account_capacity, node_capacity;
    struct number *numbers; // sorted by copy_finish()
    size_t number_count, number_capacity;
    char *journal; // that it is of; NULL = not known
};

struct offline {
    char *file;
    struct copy now, next;
    struct buf lines; // of `next`, for the file
    int64_t made_ms;  // 0 = there is none
};

static void copy_init(struct copy *copy)
{
    *copy = (struct copy){.index = address_index_new()};
}

static void copy_fini(struct copy *copy)
{
    for (size_t i = 0; i < copy->count; i++) {
        free(copy->accounts[i]);
        free(copy->nodes[i]);
    }
    for (size_t i = 0; i < copy->number_count; i++)
        free(copy->numbers[i].text);
    free(copy->numbers);
    free(copy->accounts);
    free(copy->nodes);
    address_index_free(copy->index);
    free(copy->journal);
    *copy = (struct copy){0};
}

static void add_number(struct copy *copy, const char *text)
{
    if (!text || !*text)
        return;
    mem_grow((void **)&copy->numbers, copy->number_count, &copy->number_capacity,
             sizeof(*copy->numbers));
    copy->numbers[copy->number_count++] = (struct number){mem_string(text), (int64_t)copy->count};
}

static int by_text(const void *left, const void *right)
{
    return strcmp(((const struct number *)left)->text, ((const struct number *)right)->text);
}

static void copy_finish(struct copy *copy)
{
    address_index_finish(copy->index);
    if (copy->number_count)
        qsort(copy->numbers, copy->number_count, sizeof(*copy->numbers), by_text);
}

static void copy_add(struct copy *copy, const struct json *row)
{
    const char *account = json_c_string(json_get(row, "account"));
    const char *journal = json_c_string(json_get(row, "journal"));

    if (journal && !copy->journal)
        copy->journal = mem_string(journal);
    if (!account)
        return;
    const char *node = json_c_string(json_get(row, "node"));
    mem_grow((void **)&copy->accounts, copy->count, &copy->account_capacity,
             sizeof(*copy->accounts));
    mem_grow((void **)&copy->nodes, copy->count, &copy->node_capacity, sizeof(*copy->nodes));
    copy->accounts[copy->count] = mem_string(account);
    copy->nodes[copy->count] = mem_string(node ? node : "");
    copy->count++;
    add_number(copy, account);
    const struct json *meters = json_get(row, "meters");
    for (const struct json *meter = meters ? meters->first : NULL; meter; meter = meter->next)
        add_number(copy, json_c_string(meter));
    address_index_add(copy->index, &(struct address_place){
                                       .premise = (int64_t)copy->count,
                                       .settlement = json_c_string(json_get(row, "settlement")),
                                       .street = json_c_string(json_get(row, "street")),
                                       .house = json_c_string(json_get(row, "house")),
                                       .flat = json_c_string(json_get(row, "flat"))});
}

// --- the file -----------------------------------------------------------------------------------------

static void read_file(struct offline *offline)
{
    FILE *file = offline->file ? fopen(offline->file, "r") : NULL;
    struct json_doc *doc = json_doc_new();
    struct stat status;
    char *line = NULL;
    size_t capacity = 0;
    ssize_t length;

    while (file && (length = getline(&line, &capacity, file)) > 0)
        copy_add(&offline->now, json_parse(doc, line, (size_t)length, JSON_DEPTH_DEFAULT, NULL));
    if (file && offline->now.count && fstat(fileno(file), &status) == 0)
        offline->made_ms = (int64_t)status.st_mtim.tv_sec * 1000;
    free(line);
    json_doc_free(doc);
    if (file)
        fclose(file);
}

// --- the copy -----------------------------------------------------------------------------------------

struct offline *offline_open(const char *file)
{
    struct offline *offline = mem_alloc(sizeof(*offline));

    offline->file = mem_string(file);
    copy_init(&offline->now);
    read_file(offline);
    copy_finish(&offline->now);
    return offline;
}

void offline_free(struct offline *offline)
{
    if (!offline)
        return;
    copy_fini(&offline->now);
    copy_fini(&offline->next);
    buf_fini(&offline->lines);
    free(offline->file);
    free(offline);
}

size_t offline_count(const struct offline *offline)
{
    return offline->now.count;
}

void offline_meet(struct offline *offline, const char *journal)
{
    if (!journal || (offline->now.journal && strcmp(journal, offline->now.journal) == 0))
        return;
    copy_fini(&offline->now);
    copy_init(&offline->now);
    copy_finish(&offline->now);
    offline->made_ms = 0;
}

bool offline_is_due(const struct offline *offline, int64_t now_ms)
{
    return offline->made_ms == 0 || now_ms - offline->made_ms > OFFLINE_AGE_MS;
}

void offline_begin(struct offline *offline, const char *journal)
{
    struct json_out out;

    copy_fini(&offline->next);
    copy_init(&offline->next);
    buf_clear(&offline->lines);
    if (!journal)
        return;
    offline->next.journal = mem_string(journal);
    json_out_init(&out, &offline->lines);
    json_out_object(&out, NULL);
    json_out_text(&out, "journal", journal);
    json_out_end(&out, '}');
    buf_add_char(&offline->lines, '\n');
}

void offline_add(struct offline *offline, const struct json *rows)
{
    for (const struct json *row = rows ? rows->first : NULL; row; row = row->next) {
        copy_add(&offline->next, row);
        json_write(&offline->lines, row);
        buf_add_char(&offline->lines, '\n');
    }
}

void offline_finish(struct offline *offline, int64_t now_ms)
{
    copy_finish(&offline->next);
    copy_fini(&offline->now);
    offline->now = offline->next;
    offline->next = (struct copy){0};
    offline->made_ms = now_ms;
    // One that the disk does not take serves in memory; it is tried again tomorrow.
    if (offline->file)
        file_keep(offline->file, (struct slice){offline->lines.data, offline->lines.length});
    buf_fini(&offline->lines);
}

static struct json *suggestion(const struct offline *offline, const struct address_match *match,
                               struct json_doc *doc)
{
    const struct copy *copy = &offline->now;
    struct address_place place = address_place_of(copy->index, match);
    struct json *row = json_new(doc, JSON_OBJECT);
    char text[512];
    const struct {
        const char *name, *text;
    } members[] = {
        {"account", match->premise ? copy->accounts[match->premise - 1] : NULL},
        {"node", match->premise ? copy->nodes[match->premise - 1] : NULL},
        {"settlement", place.settlement},
        {"street", place.street},
        {"house", place.house},
        {"flat", place.flat},
        {"address", address_text(copy->index, match, text, sizeof(text))},
    };

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        if (members[i].text && *members[i].text)
            json_set(doc, row, members[i].name, json_new_string(doc, slice_of(members[i].text)));
    }
    return row;
}

// The premise whose account or meter is typed, blanks around it aside; 0 = none.
static int64_t premise_of_number(const struct copy *copy, const char *typed)
{
    struct slice text = slice_trim(slice_of(typed), " ");
    char *word = mem_string_of(text.data, text.length);
    const struct number wanted = {word, 0};
    const struct number *found =
        copy->number_count
            ? bsearch(&wanted, copy->numbers, copy->number_count, sizeof(wanted), by_text)
            : NULL;

    free(word);
    return found ? found->premise : 0;
}

const struct json *offline_search(const struct offline *offline, const char *typed, size_t limit,
                                  struct json_doc *doc)
{
    const struct copy *copy = &offline->now;
    struct address_match matches[16];
    struct json *rows = json_new(doc, JSON_ARRAY);
    int64_t premise = premise_of_number(copy, typed);
    size_t count = 1;

    if (limit > 16)
        limit = 16;
    if (premise)
        matches[0] = address_of_premise(copy->index, premise);
    else
        count = address_search(copy->index, typed, matches, limit);
    for (size_t i = 0; i < count; i++)
        json_append(rows, suggestion(offline, &matches[i], doc));
    return rows;
}
