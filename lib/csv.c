#include "lib/csv.h"

#include "lib/text.h"

#include <string.h>

static void begin_field(struct buf *out)
{
    if (out->length && out->data[out->length - 1] != '\n')
        buf_add_char(out, ',');
}

void csv_add_text(struct buf *out, struct slice text)
{
    struct buf clean = {0};
    // The tab is judged as it came: the filter makes a blank of it.
    bool formula = text.length && memchr("=+-@\t", text.data[0], 5);

    text_filter(text, &clean);
    formula = formula || (clean.length && memchr("=+-@", clean.data[0], 4));
    begin_field(out);
    buf_add_char(out, '"');
    if (formula)
        buf_add_char(out, '\'');
    for (size_t i = 0; i < clean.length; i++) {
        if (clean.data[i] == '"')
            buf_add_char(out, '"');
        buf_add_char(out, clean.data[i]);
    }
    buf_add_char(out, '"');
    buf_fini(&clean);
}

void csv_add_number(struct buf *out, struct slice literal)
{
    begin_field(out);
    buf_add(out, literal.data, literal.length);
}

void csv_end_line(struct buf *out)
{
    buf_add_text(out, "\r\n");
}
