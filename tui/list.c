#include "tui/list.h"

#include "lib/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct row {
    uint64_t id;
    bool tagged, gone;
};

// Where an id stands in an array of ids. Open addressing, half empty at least.
struct places {
    struct place {
        uint64_t id; // 0 = free
        size_t index;
    } * slots;
    size_t mask; // slots - 1; 0 = none
};

struct list {
    struct row *shown;
    size_t count, capacity;
    struct places shown_places;
    uint64_t *wanted;
    size_t wanted_count, wanted_capacity;
    struct places wanted_places;
    bool waits; // `wanted` differs from what is shown
    size_t selected, top;
    int page;
    size_t tags;
    bool locked;
    int64_t held_until_ms, applied_ms;
    uint64_t *chosen;
    size_t chosen_capacity;
};

static size_t hash(uint64_t id)
{
    return (size_t)((id * UINT64_C(0x9E3779B97F4A7C15)) >> 20);
}

static void places_clear(struct places *places, size_t count)
{
    size_t slots = 16;
    while (slots < count * 2)
        slots *= 2;
    if (slots != places->mask + 1) {
        places->slots = mem_resize(places->slots, slots, sizeof *places->slots);
        places->mask = slots - 1;
    }
    memset(places->slots, 0, slots * sizeof *places->slots);
}

static void places_add(struct places *places, uint64_t id, size_t index)
{
    size_t at = hash(id) & places->mask;
    while (places->slots[at].id != 0) {
        assert(places->slots[at].id != id);
        at = (at + 1) & places->mask;
    }
    places->slots[at] = (struct place){id, index};
}

static bool places_find(const struct places *places, uint64_t id, size_t *index)
{
    if (!places->slots || id == 0)
        return false;
    size_t at = hash(id) & places->mask;
    while (places->slots[at].id != 0) {
        if (places->slots[at].id == id) {
            *index = places->slots[at].index;
            return true;
        }
        at = (at + 1) & places->mask;
    }
    return false;
}

struct list *list_new(void)
{
    struct list *list = mem_alloc(sizeof *list);
    list->page = 1;
    list->held_until_ms = list->applied_ms = INT64_MIN / 2;
    return list;
}

void list_free(struct list *list)
{
    if (!list)
        return;
    free(list->shown);
    free(list->shown_places.slots);
    free(list->wanted);
    free(list->wanted_places.slots);
    free(list->chosen);
    free(list);
}

// The index in `wanted` of the row that the selection goes to: itself, else its nearest follower in the
// shown order, else its nearest predecessor, else the first.
static size_t successor(const struct list *list)
{
    size_t index = 0;
    for (size_t i = list->selected; i < list->count; i++)
        if (places_find(&list->wanted_places, list->shown[i].id, &index))
            return index;
    for (size_t i = list->selected; i > 0; i--)
        if (places_find(&list->wanted_places, list->shown[i - 1].id, &index))
            return index;
    return 0;
}

void list_apply(struct list *list)
{
    if (!list->waits)
        return;
    size_t selected = successor(list);
    size_t screen_row = list->selected - list->top;
    bool at_beginning = list->top == 0;
    struct row *rows = mem_resize(NULL, list->wanted_count + 1, sizeof *rows);
    list->tags = 0;
    for (size_t i = 0; i < list->wanted_count; i++) {
        size_t old;
        bool known = places_find(&list->shown_places, list->wanted[i], &old);
        rows[i] = (struct row){list->wanted[i], known && list->shown[old].tagged, false};
        list->tags += rows[i].tagged;
    }
    free(list->shown);
    list->shown = rows;
    list->count = list->wanted_count;
    places_clear(&list->shown_places, list->count);
    for (size_t i = 0; i < list->count; i++)
        places_add(&list->shown_places, rows[i].id, i);
    list->selected = selected;
    list->top = selected > screen_row ? selected - screen_row : 0;
    if (at_beginning && selected < (size_t)list->page)
        list->top = 0;
    list->waits = false;
}

static bool differs(const struct list *list)
{
    if (list->count != list->wanted_count)
        return true;
    for (size_t i = 0; i < list->count; i++)
        if (list->shown[i].id != list->wanted[i] || list->shown[i].gone)
            return true;
    return false;
}

void list_set_order(struct list *list, const uint64_t *ids, size_t count, int64_t now_ms)
{
    if (count > list->wanted_capacity) {
        list->wanted_capacity = count * 3 / 2;
        list->wanted = mem_resize(list->wanted, list->wanted_capacity, sizeof *list->wanted);
    }
    if (count > 0)
        memcpy(list->wanted, ids, count * sizeof *ids);
    list->wanted_count = count;
    places_clear(&list->wanted_places, count);
    for (size_t i = 0; i < count; i++) {
        assert(ids[i] != 0);
        places_add(&list->wanted_places, ids[i], i);
    }
    for (size_t i = 0; i < list->count; i++) {
        size_t index;
        list->shown[i].gone = !places_find(&list->wanted_places, list->shown[i].id, &index);
        if (list->shown[i].gone && list->shown[i].tagged) { // what is gone cannot be acted on
            list->shown[i].tagged = false;
            list->tags--;
        }
    }
    list->waits = differs(list);
    if (list->count == 0)
        list_apply(list);
    list_tick(list, now_ms);
}

void list_touch(struct list *list, int64_t now_ms)
{
    list->held_until_ms = now_ms + LIST_HOLD_MS;
}

void list_hold(struct list *list, bool hold)
{
    list->locked = hold;
}

bool list_is_locked(const struct list *list)
{
    return list->locked || list->tags > 0;
}

bool list_is_held(const struct list *list, int64_t now_ms)
{
    return list_is_locked(list) || now_ms < list->held_until_ms;
}

// When a waiting order may be applied, locks aside.
static int64_t ripe_ms(const struct list *list)
{
    int64_t rested_ms = list->applied_ms + LIST_APPLY_MS;
    return list->held_until_ms > rested_ms ? list->held_until_ms : rested_ms;
}

bool list_tick(struct list *list, int64_t now_ms)
{
    if (!list->waits || list_is_locked(list) || now_ms < ripe_ms(list))
        return false;
    list_apply(list);
    list->applied_ms = now_ms;
    return true;
}

int list_timeout_ms(const struct list *list, int64_t now_ms)
{
    if (!list->waits || list_is_locked(list))
        return -1;
    int64_t left_ms = ripe_ms(list) - now_ms;
    return left_ms > 0 ? (int)left_ms : 0;
}

struct list_waiting list_waiting(const struct list *list)
{
    struct list_waiting waiting = {0};
    if (!list->waits)
        return waiting;
    // Ranks among the rows that are in both orders.
    size_t shown = 0;
    size_t first_visible = list->wanted_count;
    for (size_t i = 0; i < list->wanted_count; i++) {
        size_t index;
        if (!places_find(&list->shown_places, list->wanted[i], &index)) {
            waiting.new_rows++;
            waiting.new_above += first_visible == list->wanted_count;
            continue;
        }
        while (list->shown[shown].gone)
            shown++;
        waiting.moved += list->shown[shown].id != list->wanted[i];
        shown++;
        if (index == list->top)
            first_visible = i;
    }
    for (size_t i = 0; i < list->count; i++)
        waiting.gone += list->shown[i].gone;
    return waiting;
}

size_t list_count(const struct list *list)
{
    return list->count;
}

uint64_t list_selected(const struct list *list)
{
    return list->count > 0 ? list->shown[list->selected].id : 0;
}

size_t list_selected_index(const struct list *list)
{
    return list->selected;
}

bool list_select(struct list *list, uint64_t id)
{
    return places_find(&list->shown_places, id, &list->selected);
}

void list_move_to(struct list *list, size_t index)
{
    if (list->count == 0)
        return;
    list->selected = index < list->count ? index : list->count - 1;
}

void list_move(struct list *list, long rows)
{
    if (rows < 0 && (size_t)-rows > list->selected)
        list_move_to(list, 0);
    else
        list_move_to(list, list->selected + (size_t)rows); // wraps back for rows < 0
}

size_t list_view(struct list *list, int rows)
{
    list->page = rows > 0 ? rows : 1;
    size_t page = (size_t)list->page;
    size_t last_top = list->count > page ? list->count - page : 0;
    if (list->top > last_top)
        list->top = last_top;
    if (list->selected < list->top)
        list->top = list->selected;
    if (list->selected >= list->top + page)
        list->top = list->selected - page + 1;
    return list->top;
}

int list_page(const struct list *list)
{
    return list->page;
}

struct list_row list_row(const struct list *list, size_t index)
{
    if (index >= list->count)
        return (struct list_row){0};
    const struct row *row = &list->shown[index];
    return (struct list_row){row->id, index == list->selected, row->tagged, row->gone};
}

void list_tag(struct list *list, uint64_t id, bool tagged)
{
    size_t index;
    if (!places_find(&list->shown_places, id, &index))
        return;
    struct row *row = &list->shown[index];
    if (row->gone || row->tagged == tagged)
        return;
    row->tagged = tagged;
    list->tags = tagged ? list->tags + 1 : list->tags - 1;
}

void list_tag_toggle(struct list *list, uint64_t id)
{
    size_t index;
    if (places_find(&list->shown_places, id, &index))
        list_tag(list, id, !list->shown[index].tagged);
}

void list_untag_all(struct list *list)
{
    for (size_t i = 0; i < list->count; i++)
        list->shown[i].tagged = false;
    list->tags = 0;
}

size_t list_tag_count(const struct list *list)
{
    return list->tags;
}

const uint64_t *list_chosen(struct list *list, size_t *count)
{
    size_t wanted = list->tags > 0 ? list->tags : 1;
    if (wanted > list->chosen_capacity) {
        list->chosen_capacity = wanted * 2;
        list->chosen = mem_resize(list->chosen, list->chosen_capacity, sizeof *list->chosen);
    }
    *count = 0;
    if (list->tags == 0 && list->count > 0)
        list->chosen[(*count)++] = list_selected(list);
    for (size_t i = 0; list->tags > 0 && i < list->count; i++)
        if (list->shown[i].tagged)
            list->chosen[(*count)++] = list->shown[i].id;
    return list->chosen;
}
