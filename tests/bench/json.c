// Why yajl: one event of 500 bytes through the JSON libraries of Debian and through lib/json, and how
// strict each of them is. A table, then one JSON object with the figures.
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <yajl/yajl_parse.h>

#include "lib/json.h"
#include "tests/lib/shared.h"

enum { ROUNDS = 7, EVENTS_A_ROUND = 20000 };

static const char event[] =
    "{\"specversion\":\"1.0\",\"id\":\"018f3c1e-7b1a-7c3e-9a53-1f4b6c2d8e90\",\"type\":\"log."
    "entry\","
    "\"source\":\"pult:user:ivanova\",\"time\":\"2026-02-28T14:03:21.250+03:00\",\"recordedtime\":"
    "\"2026-02-28T14:03:21.251+03:00\",\"sequence\":\"0000000000004711\",\"dataschema\":"
    "\"pult:log.entry:1\",\"data\":{\"text\":\"Отключён фидер 14, бригада выехала на осмотр опор "
    "40–52\","
    "\"incident\":1234,\"kind\":\"note\",\"priority\":2,\"load\":0.75,\"nodes\":[\"f14\",\"tp-"
    "112\"],"
    "\"public\":false}}";

// What makes a library usable for a bus: each is refused by RFC 8259 or by PROTOCOL's stricter rules.
static const struct {
    const char *name, *text;
} traps[] = {
    {"doubled key", "{\"a\":1,\"a\":2}"},
    {"lone surrogate", "\"\\ud800\""},
    {"U+0000", "\"a\\u0000b\""},
    {"overlong UTF-8", "\"\xC0\xAF\""},
    {"surrogate in UTF-8", "\"\xED\xA0\x80\""},
    {"1e999", "1e999"},
    {"text behind", "{} x"},
};
enum { TRAPS = sizeof traps / sizeof *traps };

struct result {
    size_t refused_good, accepted_bad, accepted_traps;
    double parse_ns, write_ns; // write_ns 0 = it does not write
};

struct library {
    const char *name;
    void *(*parse)(const char *text, size_t length); // NULL = refused
    size_t (*write)(void *tree);                     // bytes; NULL = it does not
    void (*drop)(void *tree);
    bool absent;
    struct result result;
};

// jansson and cJSON are opened at run time: jansson's names are those of lib/json, so that the two
// cannot be linked together, and without the packages their lines are left out.
static struct {
    void *(*loadb)(const char *, size_t, size_t, void *);
    char *(*dumps)(const void *, size_t);
    void (*drop)(void *);
} jansson;
enum { JANSSON_COMPACT = 0x20, JANSSON_REJECT_DUPLICATES = 1, JANSSON_DECODE_ANY = 4 };

static void *jansson_parse(const char *text, size_t length)
{
    return jansson.loadb(text, length, JANSSON_REJECT_DUPLICATES | JANSSON_DECODE_ANY, NULL);
}

static size_t jansson_write(void *tree)
{
    char *text = jansson.dumps(tree, JANSSON_COMPACT);
    size_t length = strlen(text);
    free(text);
    return length;
}

static void jansson_drop(void *tree)
{
    jansson.drop(tree);
}

static struct {
    void *(*parse)(const char *, size_t);
    char *(*print)(const void *);
    void (*drop)(void *);
} cjson;

static void *cjson_parse(const char *text, size_t length)
{
    return cjson.parse(text, length);
}

static size_t cjson_write(void *tree)
{
    char *text = cjson.print(tree);
    size_t length = strlen(text);
    free(text);
    return length;
}

static void cjson_drop(void *tree)
{
    cjson.drop(tree);
}

// Takes a function out of a library; ISO C has no cast from an object pointer for it.
static bool take(void *library, const char *name, void *function)
{
    void *found = library ? dlsym(library, name) : NULL;
    memcpy(function, &found, sizeof found);
    return found != NULL;
}

static void *yajl_parse_bare(const char *text, size_t length)
{
    static const yajl_callbacks none;
    static char parsed;
    yajl_handle yajl = yajl_alloc(&none, NULL, NULL);
    bool good = yajl_parse(yajl, (const unsigned char *)text, length) == yajl_status_ok &&
                yajl_complete_parse(yajl) == yajl_status_ok;
    yajl_free(yajl);
    return good ? &parsed : NULL;
}

static void keep(void *tree)
{
    (void)tree;
}

static struct json_doc *doc;
static struct buf written;

static void *own_parse(const char *text, size_t length)
{
    struct err err;
    return json_parse(doc, text, length, 1000, &err);
}

static size_t own_write(void *tree)
{
    buf_clear(&written);
    json_write(&written, tree);
    return written.length;
}

static struct library libraries[] = {
    {"jansson", jansson_parse, jansson_write, jansson_drop, false, {0}},
    {"cJSON", cjson_parse, cjson_write, cjson_drop, false, {0}},
    {"yajl, no tree", yajl_parse_bare, NULL, keep, false, {0}},
    {"lib/json (yajl)", own_parse, own_write, keep, false, {0}},
};
enum { LIBRARIES = sizeof libraries / sizeof *libraries };

static void open_libraries(void)
{
    void *file = dlopen("libjansson.so.4", RTLD_NOW | RTLD_LOCAL);
    libraries[0].absent = !take(file, "json_loadb", &jansson.loadb) ||
                          !take(file, "json_dumps", &jansson.dumps) ||
                          !take(file, "json_delete", &jansson.drop);
    file = dlopen("libcjson.so.1", RTLD_NOW | RTLD_LOCAL);
    libraries[1].absent = !take(file, "cJSON_ParseWithLength", &cjson.parse) ||
                          !take(file, "cJSON_PrintUnformatted", &cjson.print) ||
                          !take(file, "cJSON_Delete", &cjson.drop);
}

static double now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void check_file(void *context, const char *path, const char *name)
{
    struct buf text = {0};
    (void)context;
    if (!shared_read_file(path, &text))
        return;
    for (size_t i = 0; i < LIBRARIES; i++) {
        if (libraries[i].absent)
            continue;
        void *tree = libraries[i].parse(text.data ? text.data : "", text.length);
        libraries[i].result.refused_good += name[0] == 'y' && !tree;
        libraries[i].result.accepted_bad += name[0] == 'n' && tree;
        if (tree)
            libraries[i].drop(tree);
    }
    buf_fini(&text);
}

static void check_traps(void)
{
    for (size_t i = 0; i < LIBRARIES; i++) {
        if (libraries[i].absent)
            continue;
        for (size_t t = 0; t < TRAPS; t++) {
            void *tree = libraries[i].parse(traps[t].text, strlen(traps[t].text));
            libraries[i].result.accepted_traps += tree != NULL;
            if (tree)
                libraries[i].drop(tree);
        }
    }
}

// The best of some rounds: what others do on the machine only ever adds.
static void measure(struct library *library)
{
    struct result *result = &library->result;
    for (int round = 0; round < ROUNDS; round++) {
        double parse_ns, write_ns = 0;
        double start = now_ns();
        for (int i = 0; i < EVENTS_A_ROUND; i++)
            library->drop(library->parse(event, sizeof event - 1));
        parse_ns = (now_ns() - start) / EVENTS_A_ROUND;
        void *tree = library->parse(event, sizeof event - 1);
        start = now_ns();
        for (int i = 0; library->write && i < EVENTS_A_ROUND; i++)
            library->write(tree);
        write_ns = (now_ns() - start) / EVENTS_A_ROUND;
        library->drop(tree);
        if (round == 0 || parse_ns < result->parse_ns)
            result->parse_ns = parse_ns;
        if (library->write && (round == 0 || write_ns < result->write_ns))
            result->write_ns = write_ns;
    }
}

static void print_table(bool suite)
{
    printf("An event of %zu bytes, best of %d rounds.\n\n", sizeof event - 1, ROUNDS);
    printf("%-16s %10s %10s %14s %14s %16s\n", "library", "parse, ns", "write, ns", "good refused",
           "bad accepted", "traps accepted");
    for (size_t i = 0; i < LIBRARIES; i++) {
        if (libraries[i].absent)
            continue;
        const struct result *result = &libraries[i].result;
        char writes[32] = "-", good[32] = "-", bad[32] = "-";
        if (libraries[i].write)
            snprintf(writes, sizeof writes, "%.0f", result->write_ns);
        if (suite) {
            snprintf(good, sizeof good, "%zu", result->refused_good);
            snprintf(bad, sizeof bad, "%zu", result->accepted_bad);
        }
        printf("%-16s %10.0f %10s %14s %14s %11zu of %d\n", libraries[i].name, result->parse_ns,
               writes, good, bad, result->accepted_traps, TRAPS);
    }
    printf("\ntraps:");
    for (size_t t = 0; t < TRAPS; t++)
        printf("%s %s", t > 0 ? "," : "", traps[t].name);
    printf(
        "\nThe files are JSONTestSuite's. lib/json refuses four good ones on purpose: doubled keys "
        "and "
        "U+0000.\nyajl it is: jansson takes several times as long; cJSON accepts bad texts, and "
        "both want a\nmalloc a value, where yajl's callbacks fill one arena that is used again.\n");
}

static void print_json(bool suite)
{
    struct buf text = {0};
    struct json_out out;
    json_out_init(&out, &text);
    json_out_object(&out, NULL);
    json_out_integer(&out, "event_bytes", (int64_t)sizeof event - 1);
    for (size_t i = 0; i < LIBRARIES; i++) {
        if (libraries[i].absent)
            continue;
        const struct result *result = &libraries[i].result;
        json_out_object(&out, libraries[i].name);
        json_out_integer(&out, "parse_ns", (int64_t)result->parse_ns);
        if (libraries[i].write)
            json_out_integer(&out, "write_ns", (int64_t)result->write_ns);
        if (suite) {
            json_out_integer(&out, "good_refused", (int64_t)result->refused_good);
            json_out_integer(&out, "bad_accepted", (int64_t)result->accepted_bad);
        }
        json_out_integer(&out, "traps_accepted", (int64_t)result->accepted_traps);
        json_out_end(&out, '}');
    }
    json_out_end(&out, '}');
    printf("%s\n", buf_text(&text));
    buf_fini(&text);
}

int main(void)
{
    char suite[1024];
    bool there = shared_path(suite, "data/json_parsing/test_parsing");
    doc = json_doc_new();
    open_libraries();
    check_traps();
    if (there)
        shared_walk(suite, check_file, NULL);
    for (size_t i = 0; i < LIBRARIES; i++) {
        if (!libraries[i].absent)
            measure(&libraries[i]);
    }
    print_table(there);
    print_json(there);
    json_doc_free(doc);
    buf_fini(&written);
    return 0;
}
