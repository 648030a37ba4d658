#include "busd/search_command.h"

#include "busd/import_csv.h"
#include "lib/address.h"
#include "lib/json.h"
#include "lib/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MATCHES = 8 * SEARCH_ANSWERS }; // several flats are one building

// What was found of the cases of one kind.
struct tally {
    char *kind;
    size_t first, third, cases;
};

struct eval {
    const struct search_command *command;
    struct address_index *index;
    struct tally *tallies; // [0] is of all
    size_t count, capacity;
    size_t line;
    struct err *err;
};

// --- premises -----------------------------------------------------------------------------------

enum { SETTLEMENT, STREET, HOUSE, FLAT, COLUMNS };
static const char *const column_names[COLUMNS] = {"settlement", "street", "house", "flat"};

struct rows {
    struct address_index *index;
    int64_t count; // the header is none
    bool header;
    size_t column[COLUMNS]; // its place in the file; IMPORT_CSV_FIELDS = it is not there
};

static enum err_code read_header(struct rows *rows, const struct import_row *row, struct err *err)
{
    for (int c = 0; c < COLUMNS; c++) {
        rows->column[c] = IMPORT_CSV_FIELDS;
        for (size_t i = 0; i < row->count; i++)
            if (slice_is(row->fields[i], column_names[c]))
                rows->column[c] = i;
        if (rows->column[c] == IMPORT_CSV_FIELDS && c != FLAT)
            return err_set(err, ERR_INVALID, "csv_header", "the header lacks the column \"%s\"",
                           "в заголовке нет столбца «%s»", column_names[c]);
    }
    rows->header = true;
    return ERR_OK;
}

static enum err_code read_row(void *context, const struct import_row *row, struct err *err)
{
    struct rows *rows = context;
    const char *text[COLUMNS];

    if (!rows->header)
        return read_header(rows, row, err);
    for (int c = 0; c < COLUMNS; c++)
        text[c] = rows->column[c] < row->count ? row->fields[rows->column[c]].data : "";
    address_index_add(rows->index, &(struct address_place){++rows->count, text[SETTLEMENT],
                                                           text[STREET], text[HOUSE], text[FLAT]});
    return ERR_OK;
}

static FILE *open_file(const char *path, struct err *err)
{
    FILE *file = fopen(path, "rb");

    if (!file)
        err_set(err, ERR_NOT_FOUND, "file", "%s: %s", "%s: %s", path, strerror(errno));
    return file;
}

static enum err_code read_premises(const struct eval *eval)
{
    FILE *file = open_file(eval->command->premises, eval->err);
    struct rows rows = {.index = eval->index};
    struct buf text = {0};
    size_t count = 1;

    if (!file)
        return eval->err->code;
    while (count > 0) {
        count = fread(buf_room(&text, 65536), 1, 65536, file);
        buf_extend(&text, count);
    }
    fclose(file);
    enum err_code code =
        import_csv_read((struct slice){buf_text(&text), text.length}, read_row, &rows, eval->err);
    buf_fini(&text);
    address_index_finish(eval->index);
    return code;
}

// --- cases --------------------------------------------------------------------------------------

// The buildings that were found, best first, each once; returns how many.
static size_t find(const struct eval *eval, const char *query,
                   struct address_match found[SEARCH_ANSWERS])
{
    struct address_match matches[MATCHES];
    size_t count = address_search(eval->index, query, matches, MATCHES), kept = 0;

    for (size_t i = 0; i < count && kept < SEARCH_ANSWERS; i++) {
        bool again = false;
        for (size_t k = 0; k < kept; k++)
            again = again ||
                    (matches[i].settlement == found[k].settlement &&
                     matches[i].street == found[k].street && matches[i].house == found[k].house);
        if (!again)
            found[kept++] = matches[i];
    }
    return kept;
}

static bool is_expected(const struct address_place *place, const struct json *expect)
{
    struct slice house = json_string(json_get(expect, "house"));

    return slice_is(json_string(json_get(expect, "settlement")), place->settlement) &&
           slice_is(json_string(json_get(expect, "street")), place->street) &&
           (house.length == 0 || slice_is(house, place->house));
}

static bool is_right(const struct eval *eval, const struct json *line,
                     const struct address_match *match)
{
    struct address_place place = address_place_of(eval->index, match);
    const struct json *any = json_get(line, "expect_any");

    for (const struct json *expect = any ? any->first : NULL; expect; expect = expect->next)
        if (is_expected(&place, expect))
            return true;
    return is_expected(&place, json_get(line, "expect"));
}

static struct tally *tally_of(struct eval *eval, struct slice kind)
{
    for (size_t i = 0; i < eval->count; i++)
        if (slice_is(kind, eval->tallies[i].kind))
            return &eval->tallies[i];
    mem_grow((void **)&eval->tallies, eval->count, &eval->capacity, sizeof *eval->tallies);
    eval->tallies[eval->count] = (struct tally){.kind = mem_string_of(kind.data, kind.length)};
    return &eval->tallies[eval->count++];
}

static void count_case(struct eval *eval, struct slice kind, size_t rank)
{
    struct tally *tally = tally_of(eval, kind);

    tally->cases++;
    tally->first += rank == 0;
    tally->third += rank < 3;
}

static void write_answer(const struct eval *eval, const char *query,
                         const struct address_match *found, size_t count)
{
    struct buf answer = {0};
    struct json_out out;

    json_out_init(&out, &answer);
    json_out_object(&out, NULL);
    json_out_text(&out, "query", query);
    json_out_array(&out, "results");
    for (size_t i = 0; i < count; i++) {
        struct address_place place = address_place_of(eval->index, &found[i]);
        json_out_object(&out, NULL);
        json_out_text(&out, "settlement", place.settlement);
        json_out_text(&out, "street", place.street);
        json_out_text(&out, "house", place.house);
        json_out_integer(&out, "score", found[i].score);
        json_out_end(&out, '}');
    }
    json_out_end(&out, ']');
    json_out_end(&out, '}');
    buf_add_char(&answer, '\n');
    fwrite(answer.data, 1, answer.length, eval->command->out);
    buf_fini(&answer);
}

static enum err_code line_fault(const struct eval *eval, const char *en, const char *ru)
{
    return err_set(eval->err, ERR_INVALID, "case", "%s:%zu: %s%.0s", "%s:%zu: %.0s%s",
                   eval->command->cases, eval->line, en, ru);
}

static enum err_code read_case(struct eval *eval, const struct json *line)
{
    const char *query = json_c_string(json_get(line, "query"));
    struct slice kind = json_string(json_get(line, "kind"));
    struct address_match found[SEARCH_ANSWERS];
    size_t rank = 0;

    if (!query)
        return line_fault(eval, "there is no text \"query\"", "нет текста «query»");
    if (!eval->command->answers && !json_get(line, "expect") && !json_get(line, "expect_any"))
        return line_fault(eval, "there is no \"expect\"", "нет «expect»");
    size_t count = find(eval, query, found);
    if (eval->command->answers) {
        write_answer(eval, query, found, count);
        return ERR_OK;
    }
    while (rank < count && !is_right(eval, line, &found[rank]))
        rank++;
    if (rank == count)
        rank = SEARCH_ANSWERS;
    count_case(eval, slice_of(""), rank);
    if (kind.length)
        count_case(eval, kind, rank);
    return ERR_OK;
}

static enum err_code read_cases(struct eval *eval)
{
    FILE *file = open_file(eval->command->cases, eval->err);
    struct json_doc *doc = json_doc_new();
    char *text = NULL;
    size_t size = 0;
    ssize_t length;
    enum err_code code = file ? ERR_OK : eval->err->code;

    while (code == ERR_OK && (length = getline(&text, &size, file)) >= 0) {
        eval->line++;
        if (strspn(text, " \t\r\n") == (size_t)length)
            continue;
        const struct json *line =
            json_parse(doc, text, (size_t)length, JSON_DEPTH_DEFAULT, eval->err);
        if (!line || line->type != JSON_OBJECT)
            code = line_fault(eval, "it must be a JSON object", "нужен объект JSON");
        else
            code = read_case(eval, line);
    }
    free(text);
    json_doc_free(doc);
    if (file)
        fclose(file);
    return code;
}

static void print_tallies(const struct eval *eval)
{
    for (size_t i = 0; i < eval->count; i++) {
        const struct tally *tally = &eval->tallies[i];
        fprintf(eval->command->out, "top1=%.4f top3=%.4f n=%zu%s%s\n",
                (double)tally->first / (double)tally->cases,
                (double)tally->third / (double)tally->cases, tally->cases,
                *tally->kind ? " kind=" : "", tally->kind);
    }
}

enum err_code search_command(const struct search_command *command, struct err *err)
{
    struct eval eval = {.command = command, .index = address_index_new(), .err = err};
    enum err_code code = read_premises(&eval);

    if (code == ERR_OK)
        code = read_cases(&eval);
    if (code == ERR_OK)
        print_tallies(&eval);
    for (size_t i = 0; i < eval.count; i++)
        free(eval.tallies[i].kind);
    free(eval.tallies);
    address_index_free(eval.index);
    if (code == ERR_OK && fflush(command->out) != 0)
        code = err_set(err, ERR_UNAVAILABLE, "pipe", "writing failed: %s", "ошибка записи: %s",
                       strerror(errno));
    return code;
}
