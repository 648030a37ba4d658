#include "intake/handbook.h"

#include "lib/file.h"
#include "lib/mem.h"
#include "lib/words.h"

#include <stdlib.h>
#include <string.h>

enum { FILE_BYTES = 32 * 1024 * 1024, FILE_DEPTH = 8 };

static const char *const kind_names[HANDBOOK_KIND_COUNT] = {"answers", "directory"};

struct shelf {
    struct json_doc *doc;
    const struct json *rows; // NULL = none
    struct handbook_entry *entries;
    size_t count;
};

struct handbook {
    char *file;
    struct shelf shelves[LANGUAGE_COUNT][HANDBOOK_KIND_COUNT];
};

static const char *text_of(const struct json *row, const char *member)
{
    const char *text = json_c_string(json_get(row, member));

    return text ? text : "";
}

// --- a shelf --------------------------------------------------------------------------------------

static void shelf_clear(struct shelf *shelf)
{
    for (size_t i = 0; i < shelf->count; i++) {
        free(shelf->entries[i].titles);
        free(shelf->entries[i].words);
    }
    free(shelf->entries);
    shelf->entries = NULL;
    shelf->rows = NULL;
    shelf->count = 0;
}

// A text is found by its title, its keywords and itself; an entry also by its number.
static void shelf_add(struct shelf *shelf, enum handbook_kind kind, const struct json *row)
{
    bool directory = kind == HANDBOOK_DIRECTORY;
    const char *title = text_of(row, directory ? "name" : "title");
    struct buf all = {0};

    buf_printf(&all, "%s %s %s", text_of(row, "keywords"), text_of(row, "phone"),
               text_of(row, directory ? "about" : "text"));
    shelf->entries[shelf->count++] = (struct handbook_entry){kind, row, words_fold(title, NULL),
                                                             words_fold(title, buf_text(&all))};
    buf_fini(&all);
}

static void shelf_take(struct shelf *shelf, enum handbook_kind kind, const struct json *rows)
{
    if (!rows || rows->type != JSON_ARRAY)
        return;
    shelf_clear(shelf);
    json_doc_reset(shelf->doc);
    shelf->rows = json_copy(shelf->doc, rows);
    shelf->entries = mem_alloc((rows->count + 1) * sizeof(*shelf->entries));
    for (const struct json *row = shelf->rows->first; row; row = row->next)
        shelf_add(shelf, kind, row);
}

// --- the file -------------------------------------------------------------------------------------

static void read_file(struct handbook *handbook)
{
    struct json_doc *doc = json_doc_new();
    const struct json *root = NULL;
    struct buf text = {0};
    struct err err;

    if (handbook->file && file_read(handbook->file, FILE_BYTES, &text, &err) == ERR_OK)
        root = json_parse(doc, text.data, text.length, FILE_DEPTH, NULL);
    for (int i = 0; root && i < LANGUAGE_COUNT; i++) {
        const struct json *part = json_get(root, language_name((enum language)i));
        for (int kind = 0; kind < HANDBOOK_KIND_COUNT; kind++)
            shelf_take(&handbook->shelves[i][kind], (enum handbook_kind)kind,
                       json_get(part, kind_names[kind]));
    }
    buf_fini(&text);
    json_doc_free(doc);
}

static void write_file(const struct handbook *handbook)
{
    struct buf text = {0};
    struct json_out out;

    if (!handbook->file)
        return;
    json_out_init(&out, &text);
    json_out_object(&out, NULL);
    for (int i = 0; i < LANGUAGE_COUNT; i++) {
        json_out_object(&out, language_name((enum language)i));
        for (int kind = 0; kind < HANDBOOK_KIND_COUNT; kind++) {
            if (handbook->shelves[i][kind].rows)
                json_out_value(&out, kind_names[kind], handbook->shelves[i][kind].rows);
        }
        json_out_end(&out, '}');
    }
    json_out_end(&out, '}');
    // A copy that the disk does not take serves in memory; it comes again with the next link.
    file_keep(handbook->file, (struct slice){text.data, text.length});
    buf_fini(&text);
}

// --- the handbook ---------------------------------------------------------------------------------

struct handbook *handbook_open(const char *file)
{
    struct handbook *handbook = mem_alloc(sizeof(*handbook));

    handbook->file = mem_string(file);
    for (int i = 0; i < LANGUAGE_COUNT; i++) {
        for (int kind = 0; kind < HANDBOOK_KIND_COUNT; kind++)
            handbook->shelves[i][kind].doc = json_doc_new();
    }
    read_file(handbook);
    return handbook;
}

void handbook_free(struct handbook *handbook)
{
    if (!handbook)
        return;
    for (int i = 0; i < LANGUAGE_COUNT; i++) {
        for (int kind = 0; kind < HANDBOOK_KIND_COUNT; kind++) {
            shelf_clear(&handbook->shelves[i][kind]);
            json_doc_free(handbook->shelves[i][kind].doc);
        }
    }
    free(handbook->file);
    free(handbook);
}

void handbook_take(struct handbook *handbook, enum language language, enum handbook_kind kind,
                   const struct json *rows)
{
    shelf_take(&handbook->shelves[language][kind], kind, rows);
    write_file(handbook);
}

size_t handbook_count(const struct handbook *handbook, enum language language)
{
    size_t count = 0;

    for (int kind = 0; kind < HANDBOOK_KIND_COUNT; kind++)
        count += handbook->shelves[language][kind].count;
    return count;
}

// --- searching ------------------------------------------------------------------------------------

struct fitting {
    const struct handbook_entry *entry;
    int fit;
    bool of_topic;
    size_t at;
};

static int by_fit(const void *left, const void *right)
{
    const struct fitting *a = left, *b = right;

    if (a->fit != b->fit)
        return a->fit < b->fit ? 1 : -1;
    if (a->of_topic != b->of_topic)
        return a->of_topic ? -1 : 1;
    return (a->at > b->at) - (a->at < b->at);
}

size_t handbook_search(const struct handbook *handbook, enum language language, struct slice typed,
                       const char *topic, const struct handbook_entry **found, size_t limit)
{
    if (handbook_count(handbook, language) == 0)
        language = language == LANGUAGE_RU ? LANGUAGE_EN : LANGUAGE_RU;
    struct fitting *fitting =
        mem_alloc((handbook_count(handbook, language) + 1) * sizeof(*fitting));
    size_t count = 0;

    for (int kind = 0; kind < HANDBOOK_KIND_COUNT; kind++) {
        const struct shelf *shelf = &handbook->shelves[language][kind];
        for (size_t i = 0; i < shelf->count; i++) {
            const struct handbook_entry *entry = &shelf->entries[i];
            int fit = words_fit(entry->titles, entry->words, typed);
            if (fit)
                fitting[count] = (struct fitting){
                    entry, fit, topic && strcmp(topic, handbook_topic(entry)) == 0, count};
            count += fit > 0;
        }
    }
    if (count)
        qsort(fitting, count, sizeof(*fitting), by_fit);
    if (count > limit)
        count = limit;
    for (size_t i = 0; i < count; i++)
        found[i] = fitting[i].entry;
    free(fitting);
    return count;
}

const char *handbook_title(const struct handbook_entry *entry)
{
    return text_of(entry->row, entry->kind == HANDBOOK_DIRECTORY ? "name" : "title");
}

const char *handbook_topic(const struct handbook_entry *entry)
{
    return entry->kind == HANDBOOK_DIRECTORY ? "1.5" : text_of(entry->row, "topic");
}

void handbook_text(const struct handbook_entry *entry, struct buf *out)
{
    static const char *const parts[] = {"phone", "site", "address", "about"};

    if (entry->kind == HANDBOOK_ANSWERS) {
        buf_add_text(out, text_of(entry->row, "text"));
        return;
    }
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        const char *part = text_of(entry->row, parts[i]);
        if (*part)
            buf_printf(out, "%s\n", part);
    }
}
