#include "busd/timers.h"

#include "lib/conf.h"
#include "lib/yaml.h"

#define AT(name, field) offsetof(struct engine_timers, rows[ENGINE_TIMER_##name].field)
#define MONTH_MS        (INT64_C(31) * 24 * 3600 * 1000)

static const struct conf_key keys[] = {
#define X(name, row, records, after, law, does)                                                      \
    {row ".of", CONF_STRING, AT(name, record), #records, 0, 0, #records, does},                      \
        {row ".after", CONF_DURATION_MS, AT(name, after_ms), after, 0, MONTH_MS, NULL, "How long."}, \
        {row ".ground",                                                                              \
         CONF_STRING,                                                                                \
         AT(name, ground),                                                                           \
         "\"" law "\"",                                                                              \
         0,                                                                                          \
         0,                                                                                          \
         NULL,                                                                                       \
         "The rule it comes from; stands in the event."},
    ENGINE_TIMERS_FIRST(X){
        "planned_notice.days", CONF_STRING, offsetof(struct engine_timers, notice_days), "working",
        0, 0, "working calendar", "Which days count; calendar.yaml says which are worked."},
    ENGINE_TIMERS_YEAR(X)
#undef X
        {"outage_limit_year.category_1", CONF_DURATION_MS,
         offsetof(struct engine_timers, year_category_1), "72h", 0, MONTH_MS, NULL,
         "Of premises of reliability category 1, by contract; at most as long as of category 3."},
    {"outage_limit_year.category_2", CONF_DURATION_MS,
     offsetof(struct engine_timers, year_category_2), "72h", 0, MONTH_MS, NULL,
     "The same of category 2."},
    {"repeat_window.days", CONF_INTEGER, offsetof(struct engine_timers, repeat_days), "30", 0, 366,
     NULL,
     "Working days within which a further complaint of the same phone or account is a repeat."},
    {"repeat_window.ground", CONF_STRING, offsetof(struct engine_timers, repeat_ground),
     "\"Показатель обратной связи\"", 0, 0, NULL, "The rule it comes from."},
    {"flood.on", CONF_INTEGER, offsetof(struct engine_timers, flood_on), "10", 1, 600, NULL,
     "A desk is flooded when more incidents than this came to need somebody within 10 min."},
    {"flood.off", CONF_INTEGER, offsetof(struct engine_timers, flood_off), "5", 1, 600, NULL,
     "It is so no more when fewer than this did."},
    {"repeats.eta_overdue", CONF_INTEGER, offsetof(struct engine_timers, overdue_repeats), "4", 0,
     1000, NULL, "How often the alarm about one passed time of restoration is repeated."},
};
enum { KEY_COUNT = sizeof keys / sizeof *keys };

// A row of a kind of record that there is not yet.
struct later {
    const char *row, *record, *after, *ground, *purpose;
};
static const struct later later_rows[] = {
#define X(name, record, after, law, purpose) {name, #record, after, law, purpose},
    ENGINE_TIMERS_LATER(X)
#undef X
};

static enum err_code refuse_later(const struct json *tree, const char *file, struct err *err)
{
    for (size_t i = 0; i < sizeof later_rows / sizeof *later_rows; i++) {
        const struct json *row = json_get(tree, later_rows[i].row);
        int line, column;

        if (!row)
            continue;
        yaml_place(row, &line, &column);
        err_set(err, ERR_INVALID, "record",
                "%s:%d:%d: nothing would watch %s: there are no records of the kind %s yet; take "
                "the row out.",
                "%s:%d:%d: срок %s никто не отследит: записей вида %s пока нет; уберите эту "
                "строку.",
                file, line, column, later_rows[i].row, later_rows[i].record);
        err_set_path(err, "%s:%d:%d", file, line, column);
        return ERR_INVALID;
    }
    return ERR_OK;
}

static enum err_code check_later(const char *file, struct err *err)
{
    struct json_doc *doc = json_doc_new();
    const struct json *tree = yaml_read(doc, file, err);
    enum err_code code = tree ? refuse_later(tree, file, err) : err->code;

    json_doc_free(doc);
    return code;
}

// Of two values of which one must not be above the other.
static enum err_code check_order(const struct engine_timers *timers, const char *file,
                                 struct err *err)
{
    int64_t year_ms = timers->rows[ENGINE_TIMER_YEAR_LIMIT].after_ms;

    if (timers->flood_off > timers->flood_on)
        err_set(err, ERR_INVALID, "flood",
                "%s: a flood must end below the count at which it starts: flood.off is at most "
                "flood.on",
                "%s: наплыв кончается на меньшем числе, чем начинается: flood.off не больше "
                "flood.on",
                file);
    else if (timers->rows[ENGINE_TIMER_YEAR_NEAR].after_ms > year_ms)
        err_set(err, ERR_INVALID, "year",
                "%s: a warning comes before the limit: outage_limit_year_near is at most "
                "outage_limit_year",
                "%s: предупреждение приходит раньше предела: outage_limit_year_near не больше "
                "outage_limit_year",
                file);
    else if (timers->year_category_1 > year_ms || timers->year_category_2 > year_ms)
        err_set(err, ERR_INVALID, "year",
                "%s: categories 1 and 2 have no more hours a year than category 3: "
                "outage_limit_year.category_1 and .category_2 are at most .after",
                "%s: у категорий 1 и 2 часов в год не больше, чем у третьей: "
                "outage_limit_year.category_1 и .category_2 не больше .after",
                file);
    else
        return ERR_OK;
    err_set_path(err, "%s:1:1", file);
    return ERR_INVALID;
}

enum err_code timers_read(struct engine_timers *timers, const char *file, struct err *err)
{
    enum err_code code;

    *timers = (struct engine_timers){.overdue_repeats = 0};
    code = conf_read(keys, KEY_COUNT, timers, NULL, err); // whole, whatever comes
    if (code == ERR_OK && file)
        code = check_later(file, err);
    if (code == ERR_OK && file) {
        conf_fini(keys, KEY_COUNT, timers);
        code = conf_read(keys, KEY_COUNT, timers, file, err);
    }
    return code == ERR_OK ? check_order(timers, file, err) : code;
}

void timers_fini(struct engine_timers *timers)
{
    conf_fini(keys, KEY_COUNT, timers);
}

void timers_print(struct buf *out)
{
    conf_print(keys, KEY_COUNT, "Deadlines: of which records, how long, and by which rule", out);
    buf_add_text(out,
                 "\n# Rows of records that there are not yet. Giving one is refused: nothing would "
                 "watch it.\n");
    for (size_t i = 0; i < sizeof later_rows / sizeof *later_rows; i++) {
        const struct later *row = &later_rows[i];

        buf_printf(out, "#\n# %s: {of: %s, after: %s, ground: \"%s\"}\n#   %s\n", row->row,
                   row->record, row->after, row->ground, row->purpose);
    }
}
