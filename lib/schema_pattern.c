// Patterns of schemas by PCRE2, set to mean what ECMA-262 means, with limits against patterns that
// take for ever on some text. Matched without PCRE2's compiler to machine code: the service may not
// have memory that is both written and executed.
#include "lib/buf.h"
#include "lib/mem.h"
#include "lib/schema_node.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum {
    // About 1 ms of work; a name or a number takes less than a hundred steps.
    MATCH_STEPS = 50000,
    MATCH_HEAP_KIB = 1024,
};

struct schema_pattern {
    struct schema_pattern *next;
    char *source;
    pcre2_code *code;
};

// ECMA-262 has long names for the general categories, PCRE2 the short ones alone.
static const struct {
    const char *name, *category;
} categories[] = {
    {"Letter", "L"},
    {"Cased_Letter", "L&"},
    {"Lowercase_Letter", "Ll"},
    {"Uppercase_Letter", "Lu"},
    {"Titlecase_Letter", "Lt"},
    {"Modifier_Letter", "Lm"},
    {"Other_Letter", "Lo"},
    {"Mark", "M"},
    {"Nonspacing_Mark", "Mn"},
    {"Spacing_Mark", "Mc"},
    {"Enclosing_Mark", "Me"},
    {"Number", "N"},
    {"Decimal_Number", "Nd"},
    {"Letter_Number", "Nl"},
    {"Other_Number", "No"},
    {"Punctuation", "P"},
    {"Connector_Punctuation", "Pc"},
    {"Dash_Punctuation", "Pd"},
    {"Open_Punctuation", "Ps"},
    {"Close_Punctuation", "Pe"},
    {"Initial_Punctuation", "Pi"},
    {"Final_Punctuation", "Pf"},
    {"Other_Punctuation", "Po"},
    {"Symbol", "S"},
    {"Math_Symbol", "Sm"},
    {"Currency_Symbol", "Sc"},
    {"Modifier_Symbol", "Sk"},
    {"Other_Symbol", "So"},
    {"Separator", "Z"},
    {"Space_Separator", "Zs"},
    {"Line_Separator", "Zl"},
    {"Paragraph_Separator", "Zp"},
    {"Other", "C"},
    {"Control", "Cc"},
    {"Format", "Cf"},
    {"Surrogate", "Cs"},
    {"Private_Use", "Co"},
    {"Unassigned", "Cn"},
};

// What a thread needs to match: PCRE2's scratch memory and the limits.
struct matcher {
    pcre2_match_data *data;
    pcre2_match_context *limits;
};

static pthread_key_t matchers;
static pthread_once_t matchers_made = PTHREAD_ONCE_INIT;

static void free_matcher(void *data)
{
    struct matcher *matcher = data;

    pcre2_match_data_free(matcher->data);
    pcre2_match_context_free(matcher->limits);
    free(matcher);
}

// Thread destructors do not run for the thread that ends the process.
static void free_last_matcher(void)
{
    struct matcher *matcher = pthread_getspecific(matchers);

    if (matcher)
        free_matcher(matcher);
    pthread_setspecific(matchers, NULL);
}

static void make_matchers(void)
{
    int failed = pthread_key_create(&matchers, free_matcher);

    assert(!failed);
    atexit(free_last_matcher);
}

static struct matcher *own_matcher(void)
{
    pthread_once(&matchers_made, make_matchers);
    struct matcher *matcher = pthread_getspecific(matchers);
    if (matcher)
        return matcher;
    matcher = mem_alloc(sizeof *matcher);
    matcher->data = pcre2_match_data_create(1, NULL);
    matcher->limits = pcre2_match_context_create(NULL);
    assert(matcher->data && matcher->limits);
    pcre2_set_match_limit(matcher->limits, MATCH_STEPS);
    pcre2_set_heap_limit(matcher->limits, MATCH_HEAP_KIB);
    pthread_setspecific(matchers, matcher);
    return matcher;
}

// Copies the pattern with the long names of categories replaced by the short ones.
static void translate(struct slice source, struct buf *out)
{
    size_t i = 0;

    while (i < source.length) {
        const char *at = source.data + i;
        size_t left = source.length - i;
        if (at[0] != '\\' || left < 2) {
            buf_add_char(out, at[0]);
            i++;
            continue;
        }
        buf_add(out, at, 2);
        i += 2;
        const char *end = left > 3 && (at[1] == 'p' || at[1] == 'P') && at[2] == '{'
                              ? memchr(at, '}', left)
                              : NULL;
        if (!end)
            continue;
        struct slice name = {at + 3, (size_t)(end - at) - 3};
        for (size_t c = 0; c < sizeof categories / sizeof *categories; c++) {
            if (slice_is(name, categories[c].name)) {
                buf_printf(out, "{%s}", categories[c].category);
                i += name.length + 2;
                break;
            }
        }
    }
}

struct schema_pattern *schema_pattern_new(struct schema *schema, struct slice source, char *problem,
                                          size_t problem_size)
{
    // `$` is the end of the text, not of a line before it; \u and \x as in ECMA-262.
    const uint32_t options =
        PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_ALT_BSUX | PCRE2_NEVER_BACKSLASH_C;
    struct buf translated = {0};
    int error;
    PCRE2_SIZE offset;

    translate(source, &translated);
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)buf_text(&translated), translated.length, options,
                                     &error, &offset, NULL);
    buf_fini(&translated);
    if (!code) {
        pcre2_get_error_message(error, (PCRE2_UCHAR *)problem, problem_size);
        return NULL;
    }
    struct schema_pattern *pattern = mem_alloc(sizeof *pattern);
    pattern->source = mem_string_of(source.data, source.length);
    pattern->code = code;
    pattern->next = schema->patterns;
    schema->patterns = pattern;
    return pattern;
}

void schema_pattern_free_all(struct schema *schema)
{
    while (schema->patterns) {
        struct schema_pattern *pattern = schema->patterns;
        schema->patterns = pattern->next;
        pcre2_code_free(pattern->code);
        free(pattern->source);
        free(pattern);
    }
}

bool schema_pattern_found(const struct schema_pattern *pattern, struct slice text)
{
    struct matcher *matcher = own_matcher();
    PCRE2_SPTR subject = (PCRE2_SPTR)(text.data ? text.data : "");

    // The text is known to be UTF-8: it came through lib/json or lib/yaml.
    return pcre2_match(pattern->code, subject, text.length, 0, PCRE2_NO_UTF_CHECK, matcher->data,
                       matcher->limits) >= 0;
}

const char *schema_pattern_source(const struct schema_pattern *pattern)
{
    return pattern->source;
}
