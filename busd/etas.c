#include "busd/etas.h"

#include "lib/conf.h"

#define AT(field) offsetof(struct engine_eta_row, field)
#define MINUTE_MS (INT64_C(60) * 1000)
#define MONTH_MS  (INT64_C(31) * 24 * 60 * MINUTE_MS)
#define CUSTOMERS INT64_C(100000000)

static const struct conf_key keys[] = {
    {"nodes", CONF_STRINGS, AT(nodes), "[]", 0, 0, NULL,
     "Where: these and everything below. None: everywhere."},
    {"mode", CONF_STRING, AT(mode), "normal", 0, 0, "normal storm any",
     "In which mode. In a storm a time is set only by a row that says published: true."},
    {"kind", CONF_STRING, AT(kind), "outage", 0, 0, "outage quality hazard any",
     "Of which incidents."},
    {"customers", CONF_INTEGER, AT(customers), "0", 0, CUSTOMERS, NULL, "From so many on."},
    {"after", CONF_DURATION_MS, AT(after_ms), "2h", MINUTE_MS, MONTH_MS, NULL,
     "From opening or reopening to the time that is promised."},
    {"firmness", CONF_STRING, AT(firmness), "estimate", 0, 0, "estimate not_before",
     "How it is meant."},
    {"published", CONF_BOOL, AT(published), "false", 0, 0, NULL,
     "Operators and voice menus may say it."},
};
enum { KEY_COUNT = sizeof keys / sizeof *keys };

enum err_code etas_read(struct engine_etas *etas, const char *file, struct err *err)
{
    void *rows = NULL;
    enum err_code code = ERR_OK;

    *etas = (struct engine_etas){.count = 0};
    if (!file)
        return ERR_OK;
    code = conf_read_rows(keys, KEY_COUNT, sizeof *etas->items, "etas", file, &rows, &etas->count,
                          err);
    etas->items = rows;
    return code;
}

void etas_fini(struct engine_etas *etas)
{
    conf_free_rows(keys, KEY_COUNT, sizeof *etas->items, etas->items, etas->count);
    *etas = (struct engine_etas){.count = 0};
}

void etas_print(struct buf *out)
{
    conf_print_rows(
        keys, KEY_COUNT, "etas",
        "# Default times of restoration. The first row that fits an incident holds, until a "
        "dispatcher or a crew\n"
        "# gives a time; when its size or place comes under another row, so does its time.\n"
        "#\n"
        "# etas:\n"
        "#   - {nodes: [F1, F2], mode: storm, after: 12h, published: true}   # of source zone\n"
        "#   - {customers: 100, after: 90m, published: true}                 # of source rule\n"
        "#   - {after: 3h, published: true}\n",
        out);
}
