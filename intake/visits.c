#include "intake/visits.h"

#include "intake/contact_text.h"
#include "lib/clock.h"
#include "lib/mem.h"

#include <stdlib.h>
#include <string.h>

// Kinds that the shipped offices know; others are shown as they are called there.
static const struct form_choice known_kinds[] = {
    {"connection", {"connection", "присоединение"}},
    {"transmission", {"transmission", "передача"}},
    {"metering", {"metering", "учёт"}},
    {"service", {"service", "обслуживание"}},
};

void visits_init(struct visits *visits)
{
    *visits = (struct visits){
        .window = 1,
        .kind = {.kind = FORM_CHOICE, .row = 0, .label = {"Kind", "Вид"}, .chosen = 0}};
    visits->kind.choices = visits->kinds;
    rows_init(&visits->offices, "office");
    rows_init(&visits->sheet, "appointment");
    rows_init(&visits->slots, "starts");
    form_init(&visits->form, &visits->kind, 1);
}

static void replace(char **text, const char *with)
{
    char *copy = mem_string(with);

    free(*text);
    *text = copy;
}

void visits_fini(struct visits *visits)
{
    rows_fini(&visits->offices);
    rows_fini(&visits->sheet);
    rows_fini(&visits->slots);
    form_fini(&visits->form);
    free(visits->times);
    visits_for(visits, NULL, NULL, NULL);
}

static int64_t midnight(int64_t time_ms, int days)
{
    struct tm local;

    clock_local(time_ms, &local);
    local.tm_hour = local.tm_min = local.tm_sec = 0;
    local.tm_mday += days;
    local.tm_isdst = -1;
    return clock_from_local(&local);
}

void visits_day(struct visits *visits, int64_t time_ms)
{
    visits->day_ms = midnight(time_ms, 0);
    visits->time = 0;
    rows_clear(&visits->sheet);
    rows_clear(&visits->slots);
    visits->time_count = 0;
}

void visits_for(struct visits *visits, const char *contact, const char *name, const char *phone)
{
    replace(&visits->contact, contact);
    replace(&visits->name, name);
    replace(&visits->phone, phone);
}

// --- what is there --------------------------------------------------------------------------------

const struct json *visits_office(const struct visits *visits)
{
    return visits->office < visits->offices.count ? visits->offices.items[visits->office] : NULL;
}

const char *visits_kind(const struct visits *visits)
{
    return (size_t)visits->kind.chosen < visits->kind.choice_count
               ? visits->kinds[visits->kind.chosen].value
               : NULL;
}

bool visits_are_asked(const struct visits *visits)
{
    return visits->sheet.awaited || visits->offices.state == ROWS_ASKING ||
           visits->sheet.state == ROWS_ASKING || visits->slots.state == ROWS_ASKING;
}

int64_t visits_windows(const struct visits *visits)
{
    return json_integer(json_get(visits_office(visits), "windows"), 0);
}

// The kinds of the office, in its order.
static void arrange_kinds(struct visits *visits)
{
    const struct json *services = json_get(visits_office(visits), "services");
    size_t count = 0;

    for (const struct json *kind = services ? services->first : NULL; kind && count < VISITS_KINDS;
         kind = kind->next) {
        // Names of members end where the key ends; a copy in the document ends in a zero.
        struct json *name = json_new_string(visits->offices.doc, kind->key);
        struct form_choice *choice = &visits->kinds[count++];
        *choice =
            (struct form_choice){json_c_string(name), {json_c_string(name), json_c_string(name)}};
        for (size_t i = 0; i < sizeof(known_kinds) / sizeof(known_kinds[0]); i++) {
            if (strcmp(known_kinds[i].value, choice->value) == 0)
                *choice = known_kinds[i];
        }
    }
    visits->kind.choice_count = count;
    if ((size_t)visits->kind.chosen >= count)
        visits->kind.chosen = 0;
}

static int by_time(const void *left, const void *right)
{
    const int64_t *a = left, *b = right;

    return (*a > *b) - (*a < *b);
}

static void add_times(struct visits *visits, const struct rows *rows, int64_t until_ms)
{
    for (size_t i = 0; i < rows->count; i++) {
        int64_t time_ms = contact_time(rows->items[i], "starts");
        if (time_ms >= visits->day_ms && time_ms < until_ms)
            visits->times[visits->time_count++] = time_ms;
    }
}

void visits_arrange(struct visits *visits)
{
    int64_t former_ms = visits_time(visits);
    size_t kept = 0;

    arrange_kinds(visits);
    free(visits->times);
    visits->times =
        mem_alloc((visits->sheet.count + visits->slots.count + 1) * sizeof(*visits->times));
    visits->time_count = 0;
    add_times(visits, &visits->sheet, midnight(visits->day_ms, 1));
    add_times(visits, &visits->slots, midnight(visits->day_ms, 1));
    if (visits->time_count)
        qsort(visits->times, visits->time_count, sizeof(*visits->times), by_time);
    for (size_t i = 0; i < visits->time_count; i++) {
        if (kept == 0 || visits->times[i] != visits->times[kept - 1])
            visits->times[kept++] = visits->times[i];
    }
    visits->time_count = kept;
    visits->time = visits->time < kept ? visits->time : 0;
    for (size_t i = 0; i < kept; i++) {
        if (visits->times[i] == former_ms)
            visits->time = i;
    }
    if (visits->window > visits_windows(visits))
        visits->window = 1;
}

const struct json *visits_at(const struct visits *visits, int64_t time_ms, int64_t window)
{
    for (size_t i = 0; i < visits->sheet.count; i++) {
        const struct json *row = visits->sheet.items[i];
        bool there = !slice_is(json_string(json_get(row, "state")), "cancelled");

        if (there && json_integer(json_get(row, "window"), 0) == window &&
            contact_time(row, "starts") <= time_ms && time_ms < contact_time(row, "ends"))
            return row;
    }
    return NULL;
}

int64_t visits_time(const struct visits *visits)
{
    return visits->time < visits->time_count ? visits->times[visits->time] : 0;
}

const struct json *visits_selected(const struct visits *visits)
{
    return visits_time(visits) ? visits_at(visits, visits_time(visits), visits->window) : NULL;
}

// The free time that begins then, for the chosen kind; NULL = none.
static const struct json *slot_at(const struct visits *visits, int64_t time_ms)
{
    for (size_t i = 0; i < visits->slots.count; i++) {
        if (contact_time(visits->slots.items[i], "starts") == time_ms)
            return visits->slots.items[i];
    }
    return NULL;
}

bool visits_can_begin(const struct visits *visits, int64_t time_ms)
{
    return slot_at(visits, time_ms) != NULL;
}

bool visits_is_free(const struct visits *visits, int64_t time_ms, int64_t window)
{
    const struct json *slot = slot_at(visits, time_ms);
    int64_t ends_ms = contact_time(slot, "ends");

    for (size_t i = 0; slot && i < visits->sheet.count; i++) {
        const struct json *row = visits->sheet.items[i];

        if (slice_is(json_string(json_get(row, "state")), "booked") &&
            json_integer(json_get(row, "window"), 0) == window &&
            contact_time(row, "starts") < ends_ms && time_ms < contact_time(row, "ends"))
            return false;
    }
    return slot != NULL;
}

// --- questions ------------------------------------------------------------------------------------

bool visits_write_sheet(const struct visits *visits, struct buf *args)
{
    const char *office = json_c_string(json_get(visits_office(visits), "office"));
    struct json_out out;

    if (!office)
        return false;
    json_out_init(&out, args);
    json_out_object(&out, NULL);
    json_out_text(&out, "office", office);
    json_out_time(&out, "from", visits->day_ms);
    json_out_time(&out, "until", midnight(visits->day_ms, 1));
    json_out_integer(&out, "limit", 1000);
    json_out_end(&out, '}');
    return true;
}

bool visits_write_slots(const struct visits *visits, struct buf *args)
{
    const char *office = json_c_string(json_get(visits_office(visits), "office"));
    struct json_out out;

    if (!office || !visits_kind(visits))
        return false;
    json_out_init(&out, args);
    json_out_object(&out, NULL);
    json_out_text(&out, "office", office);
    json_out_text(&out, "service", visits_kind(visits));
    json_out_time(&out, "from", visits->day_ms);
    json_out_integer(&out, "limit", VISITS_SLOTS);
    json_out_end(&out, '}');
    return true;
}

// --- keys -----------------------------------------------------------------------------------------

static enum visits_result other_office(struct visits *visits, bool back)
{
    size_t count = visits->offices.count;

    if (count < 2)
        return VISITS_USED;
    visits->office = (visits->office + (back ? count - 1 : 1)) % count;
    visits->window = 1;
    arrange_kinds(visits);
    visits_day(visits, visits->day_ms);
    return VISITS_CHANGED;
}

static enum visits_result input_key(struct visits *visits, const struct input *input)
{
    int64_t windows = visits_windows(visits);

    switch (input->key) {
    case INPUT_UP: visits->time -= visits->time > 0; break;
    case INPUT_DOWN: visits->time += visits->time + 1 < visits->time_count; break;
    case INPUT_LEFT: visits->window -= visits->window > 1; break;
    case INPUT_RIGHT: visits->window += visits->window < windows; break;
    case INPUT_PAGE_UP: visits_day(visits, midnight(visits->day_ms, -1)); return VISITS_CHANGED;
    case INPUT_PAGE_DOWN: visits_day(visits, midnight(visits->day_ms, 1)); return VISITS_CHANGED;
    case INPUT_TAB: return other_office(visits, (input->mods & INPUT_SHIFT) != 0);
    case INPUT_ENTER: return visits_time(visits) ? VISITS_CHOSEN : VISITS_USED;
    default: return VISITS_IGNORED;
    }
    return VISITS_USED;
}

enum visits_result visits_input(struct visits *visits, const struct input *input)
{
    if (input->kind == INPUT_KEY)
        return input_key(visits, input);
    if (input->kind != INPUT_RUNE || input->mods || input->rune < '1' || input->rune > '9')
        return VISITS_IGNORED;
    return form_input(&visits->form, input) == FORM_CHANGED ? VISITS_CHANGED : VISITS_USED;
}
