// JSON-Schema-Test-Suite, draft 2020-12: every case whose schema uses supported keywords alone must
// agree, and a schema is refused only for a keyword that is on the list of the refused ones.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/schema.h"
#include "tests/lib/shared.h"

enum { FILES_MOST = 64, NAME_BYTES = 200 };

#define REMOTE "http://localhost:1234/"

// Files that references bring, kept until the schema is compiled.
struct remotes {
    const char *root;
    struct json_doc *docs[FILES_MOST];
    size_t count;
};

struct counts {
    const char *tests;
    size_t files, schemas, refused, cases, wrong;
    struct remotes remotes;
};

static const struct json *load_remote(void *context, const char *file, struct err *err)
{
    struct remotes *remotes = context;
    struct buf text = {0};
    char path[1400];
    const struct json *tree = NULL;

    if (strncmp(file, REMOTE, strlen(REMOTE)) == 0 && remotes->count < FILES_MOST) {
        snprintf(path, sizeof path, "%s/%s", remotes->root, file + strlen(REMOTE));
        if (shared_read_file(path, &text)) {
            remotes->docs[remotes->count] = json_doc_new();
            tree = json_parse(remotes->docs[remotes->count++], text.data, text.length, 64, err);
        }
    }
    buf_fini(&text);
    if (!tree)
        err_set(err, ERR_NOT_FOUND, "remote", "%s is not here", "%s здесь нет", file);
    return tree;
}

static void drop_remotes(struct remotes *remotes)
{
    while (remotes->count > 0)
        json_doc_free(remotes->docs[--remotes->count]);
}

// Whether the text of a schema, or of its remotes, has a keyword that is refused.
static bool names_refused(const struct json *tree)
{
    for (size_t i = 0; schema_keywords_refused[i]; i++) {
        if (json_get(tree, schema_keywords_refused[i]))
            return true;
    }
    for (const struct json *child = tree->first; child; child = child->next) {
        if (names_refused(child))
            return true;
    }
    return false;
}

// The suite's own meta-schemas are not read: they are written with $dynamicRef and $vocabulary.
static bool names_metaschema(const struct json *tree)
{
    static const char *const keys[] = {"$ref", "$schema"};

    for (size_t i = 0; i < 2; i++) {
        const char *uri = json_c_string(json_get(tree, keys[i]));
        bool dialect = uri && strcmp(uri, "https://json-schema.org/draft/2020-12/schema") == 0;
        if (uri && (strstr(uri, "/metaschema-") || (dialect && i == 0)))
            return true;
    }
    for (const struct json *child = tree->first; child; child = child->next) {
        if (names_metaschema(child))
            return true;
    }
    return false;
}

static void run_group(struct counts *counts, const char *file, const struct json *group)
{
    const struct json *tree = json_get(group, "schema");
    const char *about = json_c_string(json_get(group, "description"));
    const struct json *tests = json_get(group, "tests");
    struct err err = {0};
    struct schema *schema = schema_compile(tree, file, load_remote, &counts->remotes, &err);

    counts->schemas++;
    if (!schema) {
        bool expected = names_refused(tree) || names_metaschema(tree) ||
                        strstr(err.message[LANGUAGE_EN], "is not supported");
        if (!expected)
            printf("WRONG    %s: %s: %s\n", file, about, err.message[LANGUAGE_EN]);
        counts->refused++;
        counts->wrong += !expected;
    }
    for (const struct json *test = tests->first; schema && test; test = test->next) {
        bool valid = json_bool(json_get(test, "valid"), false);
        bool found = schema_check(schema, json_get(test, "data"), "", &err) == ERR_OK;
        counts->cases++;
        if (found == valid)
            continue;
        counts->wrong++;
        printf("WRONG    %s: %s: %s: %s\n", file, about,
               json_c_string(json_get(test, "description")),
               found ? "accepted" : err.message[LANGUAGE_EN]);
    }
    schema_free(schema);
    drop_remotes(&counts->remotes);
}

// One group of const.json and of enum.json has U+0000, which our JSON has not: U+0001 serves as well.
static void replace_nul_escapes(struct buf *text)
{
    for (char *at = text->data; (at = strstr(at, "\\u0000")) != NULL;)
        at[5] = '1';
}

static void run_file(void *context, const char *path, const char *name)
{
    struct counts *counts = context;
    struct json_doc *doc = json_doc_new();
    struct buf text = {0};
    struct err err;

    assert_true(shared_read_file(path, &text));
    replace_nul_escapes(&text);
    size_t refused = counts->refused;
    const struct json *groups = json_parse(doc, text.data, text.length, 64, &err);
    assert_non_null(groups);
    counts->files++;
    for (const struct json *group = groups->first; group; group = group->next)
        run_group(counts, name, group);
    if (counts->refused > refused)
        printf("%s: %zu of %zu schemas refused\n", name, counts->refused - refused, groups->count);
    buf_fini(&text);
    json_doc_free(doc);
}

static void print_list(const char *title, const char *const *words)
{
    printf("%s:", title);
    for (; *words; words++)
        printf(" %s", *words);
    printf("\n");
}

static void every_case_of_the_supported_keywords_agrees(void **state)
{
    struct counts counts = {0};
    char tests[1024], remotes[1024];

    (void)state;
    if (!shared_path(tests, "data/jsonschema/tests/draft2020-12") ||
        !shared_path(remotes, "data/jsonschema/remotes"))
        skip();
    counts.remotes.root = remotes;
    print_list("supported", schema_keywords);
    print_list("refused", schema_keywords_refused);
    shared_walk(tests, run_file, &counts);
    printf("%zu files, %zu schemas of which %zu refused, %zu cases, %zu wrong\n", counts.files,
           counts.schemas, counts.refused, counts.cases, counts.wrong);
    assert_int_equal(counts.wrong, 0);
    assert_true(counts.cases > 800);
}

static void no_keyword_is_both_supported_and_refused(void **state)
{
    (void)state;
    for (size_t i = 0; schema_keywords[i]; i++) {
        for (size_t j = 0; schema_keywords_refused[j]; j++)
            assert_string_not_equal(schema_keywords[i], schema_keywords_refused[j]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_of_the_supported_keywords_agrees),
        cmocka_unit_test(no_keyword_is_both_supported_and_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
