// The index of what is covered: place → the records that cover it. A report looks up its premise,
// house, street and settlement, and walks from its node to the root; nothing scans what is open.
#include "busd/engine_state.h"
#include "lib/mem.h"

#include <stdlib.h>

// Lists of covers: sorted, so that their order says nothing about how they came about.

static int compare_cover(const struct cover *cover, enum cover_level level, int64_t key,
                         struct slice node)
{
    if (cover->level != level)
        return cover->level < level ? -1 : 1;
    if (level != COVER_NODE)
        return cover->key < key ? -1 : cover->key > key;
    struct slice own = slice_of(cover->node);
    size_t shared = own.length < node.length ? own.length : node.length;
    int order = shared ? memcmp(own.data, node.data, shared) : 0;
    if (order)
        return order;
    return own.length < node.length ? -1 : own.length > node.length;
}

// The first that is not before the place; `*same` tells whether it is the place.
static size_t cover_position(const struct cover_list *list, enum cover_level level, int64_t key,
                             struct slice node, bool *same)
{
    size_t low = 0, high = list->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare_cover(&list->items[middle], level, key, node) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *same = low < list->count && compare_cover(&list->items[low], level, key, node) == 0;
    return low;
}

void engine_cover_add(struct cover_list *list, enum cover_level level, int64_t key,
                      struct slice node)
{
    bool same;
    size_t at = cover_position(list, level, key, node, &same);

    if (same)
        return;
    list->stored = list->told = false;
    mem_grow((void **)&list->items, list->count, &list->capacity, sizeof(*list->items));
    memmove(list->items + at + 1, list->items + at, (list->count - at) * sizeof(*list->items));
    list->items[at] = (struct cover){.level = level, .key = level == COVER_NODE ? 0 : key};
    if (level == COVER_NODE)
        list->items[at].node = mem_string_of(node.data, node.length);
    list->count++;
}

static void remove_at(struct cover_list *list, size_t at)
{
    list->stored = list->told = false;
    free(list->items[at].node);
    list->count--;
    memmove(list->items + at, list->items + at + 1, (list->count - at) * sizeof(*list->items));
}

void engine_cover_remove(struct cover_list *list, enum cover_level level, int64_t key)
{
    bool same;
    size_t at = cover_position(list, level, key, (struct slice){0}, &same);

    if (same)
        remove_at(list, at);
}

static void remove_of(struct cover_list *list, enum cover_level level, bool listed_too)
{
    size_t kept = 0;

    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].level == level && (listed_too || !list->items[i].listed))
            free(list->items[i].node);
        else
            list->items[kept++] = list->items[i];
    }
    list->stored &= kept == list->count;
    list->told &= kept == list->count;
    list->count = kept;
}

void engine_cover_remove_level(struct cover_list *list, enum cover_level level)
{
    remove_of(list, level, true);
}

void engine_cover_remove_unlisted(struct cover_list *list)
{
    remove_of(list, COVER_PREMISE, false);
}

void engine_cover_list(struct cover_list *list, int64_t premise)
{
    bool same;

    engine_cover_add(list, COVER_PREMISE, premise, (struct slice){0});
    struct cover *cover =
        &list->items[cover_position(list, COVER_PREMISE, premise, (struct slice){0}, &same)];
    list->stored &= cover->listed;
    cover->listed = true;
}

const struct cover *engine_cover_of_node(const struct cover_list *list, struct slice node)
{
    bool same;
    size_t at = cover_position(list, COVER_NODE, 0, node, &same);

    return same ? &list->items[at] : NULL;
}

struct cover *engine_cover_edit(struct cover_list *list, struct slice node)
{
    bool same;

    engine_cover_add(list, COVER_NODE, 0, node);
    list->stored = list->told = false;
    return &list->items[cover_position(list, COVER_NODE, 0, node, &same)];
}

const struct cover *engine_cover_nearest(const struct model *model, const struct cover_list *list,
                                         int32_t node)
{
    const struct cover *cover = NULL;

    for (; node != MODEL_NO_NODE && !cover; node = model_node(model, node)->parent)
        cover = engine_cover_of_node(list, model_node(model, node)->id);
    return cover;
}

bool engine_cover_holds(const struct model *model, const struct cover_list *list, int32_t node)
{
    const struct cover *cover = engine_cover_nearest(model, list, node);

    return cover && cover->part < COVER_LEFT;
}

void engine_cover_reopen(struct cover_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].part != COVER_LEFT)
            list->items[i].restored_at = 0;
    }
    list->stored = false;
}

void engine_cover_restore(struct cover_list *list, enum cover_level level, int64_t key,
                          struct slice node, int64_t at_ms)
{
    bool same;
    size_t count = list->count;

    engine_cover_add(list, level, key, node);
    list->stored = false;
    struct cover *cover = &list->items[cover_position(list, level, key, node, &same)];
    if (level == COVER_NODE && (list->count > count || cover->part == COVER_JOINED))
        cover->part = COVER_RESTORED;
    if (!cover->restored_at) // whoever has it back has it back since then
        cover->restored_at = at_ms ? at_ms : 1;
}

// Of two words on a node the stronger one stays: named before any part, held before left.
static void join_node(struct cover_list *to, const struct cover *cover)
{
    const struct cover *own = engine_cover_of_node(to, slice_of(cover->node));
    struct cover *joined;

    if ((own && own->part <= cover->part) || cover->part == COVER_NEVER)
        return; // what the other one never covered, this one may
    joined = engine_cover_edit(to, slice_of(cover->node));
    joined->part = cover->part;
    joined->restored_at = cover->restored_at;
    joined->since = cover->since;
    joined->before_s = cover->before_s;
}

void engine_cover_join(struct cover_list *to, const struct cover_list *from)
{
    for (size_t i = 0; i < from->count; i++) {
        const struct cover *cover = &from->items[i];
        size_t count = to->count;

        if (cover->level == COVER_NODE) {
            join_node(to, cover);
            continue;
        }
        if (cover->listed)
            engine_cover_list(to, cover->key);
        else
            engine_cover_add(to, cover->level, cover->key, (struct slice){0});
        if (cover->restored_at && to->count > count)
            engine_cover_restore(to, cover->level, cover->key, (struct slice){0},
                                 cover->restored_at);
    }
}

static int compare_covers(const void *left, const void *right)
{
    const struct cover *a = left, *b = right;

    return compare_cover(a, b->level, b->key, slice_of(b->node));
}

void engine_cover_sort(struct cover_list *list)
{
    if (list->count > 1)
        qsort(list->items, list->count, sizeof(*list->items), compare_covers);
}

void engine_cover_copy(struct cover_list *to, const struct cover_list *from)
{
    *to = (struct cover_list){.count = from->count, .capacity = from->count};
    to->items = mem_alloc(from->count * sizeof(*to->items));
    for (size_t i = 0; i < from->count; i++) {
        to->items[i] = from->items[i];
        to->items[i].node = mem_string(from->items[i].node);
    }
}

void engine_cover_free(struct cover_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].node);
    free(list->items);
    *list = (struct cover_list){0};
}

// The index.

struct cover_key {
    int level;
    int64_t key;
    struct slice node;
};

static uint64_t hash_cover(const struct cover_key *key)
{
    uint64_t hash =
        key->level == COVER_NODE ? engine_hash_text(key->node) : engine_hash_number(key->key);

    return engine_hash_number((int64_t)(hash + (uint64_t)key->level));
}

static bool same_cover(const void *item, const void *wanted)
{
    const struct engine_cover *cover = item;
    const struct cover_key *key = wanted;

    return cover->level == key->level && cover->key == key->key &&
           slice_equal(slice_of(cover->node), key->node);
}

static struct engine_cover *find_cover(const struct engine *engine, const struct cover_key *key)
{
    return engine_map_find(&engine->covers, hash_cover(key), key, same_cover);
}

// What covers the node of `cover`, where the model has it: itself, or nothing any longer.
static void set_model_cover(struct engine *engine, const struct engine_cover *cover,
                            struct engine_cover *covering)
{
    if (cover->model_node != MODEL_NO_NODE)
        engine_runs_cover(&engine->runs, cover->model_node, covering);
}

static struct engine_cover *need_cover(struct engine *engine, const struct cover_key *key)
{
    struct engine_cover *cover = find_cover(engine, key);

    if (cover)
        return cover;
    cover = mem_alloc(sizeof(*cover));
    cover->level = key->level;
    cover->key = key->key;
    cover->hash = hash_cover(key);
    cover->model_node = MODEL_NO_NODE;
    if (key->level == COVER_NODE) {
        cover->node = mem_string_of(key->node.data, key->node.length);
        if (engine->model)
            cover->model_node = model_find_node(engine->model, key->node);
        set_model_cover(engine, cover, cover);
    }
    engine_map_put(&engine->covers, cover->hash, cover);
    return cover;
}

static void free_cover(struct engine *engine, struct engine_cover *cover)
{
    set_model_cover(engine, cover, NULL);
    engine_map_remove(&engine->covers, cover->hash, cover);
    free(cover->node);
    free(cover);
}

static void link_posting(struct engine *engine, struct engine_entry *entry,
                         const struct cover_key *key)
{
    struct engine_posting *posting = &entry->postings[entry->posting_count++];
    struct engine_cover *cover = need_cover(engine, key);

    *posting = (struct engine_posting){cover, entry, cover->first, &cover->first};
    if (cover->first)
        cover->first->link = &posting->next;
    cover->first = posting;
}

void engine_index_drop(struct engine *engine, struct engine_entry *entry)
{
    for (size_t i = 0; i < entry->posting_count; i++) {
        struct engine_posting *posting = &entry->postings[i];

        *posting->link = posting->next;
        if (posting->next)
            posting->next->link = posting->link;
        if (!posting->cover->first)
            free_cover(engine, posting->cover);
    }
    if (entry->postings != &entry->posting)
        free(entry->postings);
    entry->postings = NULL;
    entry->posting_count = 0;
    engine->parted -= entry->parted;
    entry->parted = false;
}

void engine_index_entry(struct engine *engine, struct engine_entry *entry)
{
    const struct cover_list *covers = record_covers(entry->type, &entry->record);
    int64_t parent = entry->type == RECORD_INCIDENT ? entry->record.incident.nested_in : 0;
    size_t nodes = 0;

    engine_index_drop(engine, entry);
    size_t count = (covers ? covers->count : 0) + (parent != 0);
    if (!covers || count == 0)
        return;
    entry->postings = count == 1 ? &entry->posting : mem_alloc(count * sizeof(*entry->postings));
    for (size_t i = 0; i < covers->count; i++) {
        const struct cover *cover = &covers->items[i];

        link_posting(engine, entry,
                     &(struct cover_key){(int)cover->level, cover->key, slice_of(cover->node)});
        nodes += cover->level == COVER_NODE && cover->part == COVER_NAMED;
        entry->parted |= cover->part >= COVER_JOINED || nodes > 1;
    }
    engine->parted += entry->parted;
    if (parent)
        link_posting(engine, entry, &(struct cover_key){COVER_NESTED, parent, {0}});
}

void engine_index_model(struct engine *engine)
{
    size_t nodes = engine->model ? model_node_count(engine->model) : 0;
    struct engine_cover *cover;

    engine_runs_make(&engine->runs, engine->model);
    for (size_t at = 0; (cover = engine_map_next(&engine->covers, &at));) {
        cover->model_node = MODEL_NO_NODE;
        if (cover->level != COVER_NODE || nodes == 0)
            continue;
        cover->model_node = model_find_node(engine->model, slice_of(cover->node));
        set_model_cover(engine, cover, cover);
    }
}

void engine_index_fini(struct engine *engine)
{
    engine_map_fini(&engine->covers); // every entry was dropped, and with it every cover
    engine_runs_free(&engine->runs);
}

// Looking up.

static void each_posting(const struct engine_cover *cover, engine_covering *each, void *context)
{
    for (struct engine_posting *posting = cover ? cover->first : NULL; posting;
         posting = posting->next)
        each(context, posting->entry);
}

static void each_at(const struct engine *engine, int level, int64_t key, engine_covering *each,
                    void *context)
{
    if (key)
        each_posting(find_cover(engine, &(struct cover_key){level, key, {0}}), each, context);
}

// The node that everything of a house, street or settlement hangs below: the lowest one above its
// first and its last premise in pre-order. None when some premise hangs nowhere.
static int32_t common_node(const struct model *model, enum model_place place, int64_t key)
{
    size_t count = 0;
    const uint32_t *positions = model_premises_of(model, place, key, &count);
    int32_t last, node;

    if (count == 0)
        return MODEL_NO_NODE;
    node = model_premise_at(model, positions[0])->node;
    last = model_premise_at(model, positions[count - 1])->node; // those without a node come last
    if (last == MODEL_NO_NODE)
        return MODEL_NO_NODE;
    while (node != MODEL_NO_NODE && !model_is_below(model, last, node))
        node = model_node(model, node)->parent;
    return node;
}

static int32_t node_of_place(const struct model *model, const struct event_place *place)
{
    const struct model_premise *premise =
        place->premise ? model_premise(model, place->premise) : NULL;

    // Mostly it is the premise's own, which saves looking its name up.
    if (premise && premise->node != MODEL_NO_NODE &&
        slice_equal(model_node(model, premise->node)->id, place->node))
        return premise->node;
    if (place->node.length)
        return model_find_node(model, place->node);
    switch (place->level) {
    case PLACE_HOUSE: return common_node(model, MODEL_HOUSE, place->house);
    case PLACE_STREET: return common_node(model, MODEL_STREET, place->street);
    case PLACE_SETTLEMENT: return common_node(model, MODEL_SETTLEMENT, place->settlement);
    default: return MODEL_NO_NODE;
    }
}

void engine_expect(const struct engine *engine, const struct event_place *place)
{
    int32_t node =
        engine->model && place->premise ? node_of_place(engine->model, place) : MODEL_NO_NODE;

    if (node == MODEL_NO_NODE)
        return;
    __builtin_prefetch(&engine->runs.positions[node]);
    __builtin_prefetch(place->node.data);
    engine_map_expect(&engine->covers,
                      hash_cover(&(struct cover_key){COVER_PREMISE, place->premise, {0}}));
}

void engine_each_at_node(const struct engine *engine, int32_t node, engine_covering *each,
                         void *context)
{
    each_posting(engine_runs_at(&engine->runs, node), each, context);
}

// The premises of a place below a single one; 0 when it is none of these.
static size_t premises_of_place(const struct model *model, const struct event_place *place,
                                const uint32_t **positions)
{
    size_t count = 0;

    *positions = NULL;
    switch (place->node.length ? PLACE_NONE : place->level) {
    case PLACE_HOUSE:
        *positions = model_premises_of(model, MODEL_HOUSE, place->house, &count);
        break;
    case PLACE_STREET:
        *positions = model_premises_of(model, MODEL_STREET, place->street, &count);
        break;
    case PLACE_SETTLEMENT:
        *positions = model_premises_of(model, MODEL_SETTLEMENT, place->settlement, &count);
        break;
    default: break;
    }
    return count;
}

// Among records with parts, or with several nodes by a merge, the nearest cover decides, and of a street all of it must be held.
struct parted {
    const struct engine *engine;
    const uint32_t *positions; // of the place
    size_t count;
    int32_t node; // where the way up began
    engine_covering *each;
    void *context;
};

static void consider_parted(void *context, struct engine_entry *entry)
{
    const struct parted *parted = context;

    if (!entry->parted && parted->count == 0) {
        parted->each(parted->context, entry);
        return;
    }
    const struct model *model = parted->engine->model;
    const struct cover_list *covers = record_covers(entry->type, &entry->record);
    bool held = engine_cover_holds(model, covers, parted->node);

    for (size_t i = 0; i < parted->count && held; i++) {
        int32_t node = model_premise_at(model, parted->positions[i])->node;

        held = node != MODEL_NO_NODE && engine_cover_holds(model, covers, node);
    }
    if (held)
        parted->each(parted->context, entry);
}

static void each_above(const struct engine *engine, const struct event_place *place, int32_t node,
                       engine_covering *each, void *context)
{
    struct parted parted = {.engine = engine, .each = each, .context = context};

    if (engine->parted) {
        parted.count = premises_of_place(engine->model, place, &parted.positions);
        if (parted.count)
            node = model_premise_at(engine->model, parted.positions[0])->node;
        parted.node = node;
        each = consider_parted;
        context = &parted;
    }
    uint32_t position = engine_runs_position(&engine->runs, node);
    const struct engine_cover *cover;
    while ((cover = engine_runs_next(&engine->runs, &position)))
        each_posting(cover, each, context);
}

void engine_each_covering(const struct engine *engine, const struct event_place *place,
                          engine_covering *each, void *context)
{
    int32_t node = engine->model ? node_of_place(engine->model, place) : MODEL_NO_NODE;

    each_at(engine, COVER_PREMISE, place->premise, each, context);
    each_at(engine, COVER_HOUSE, place->house, each, context);
    each_at(engine, COVER_STREET, place->street, each, context);
    each_at(engine, COVER_SETTLEMENT, place->settlement, each, context);
    if (node == MODEL_NO_NODE && place->node.length)
        each_posting(find_cover(engine, &(struct cover_key){COVER_NODE, 0, place->node}), each,
                     context);
    if (engine->model)
        each_above(engine, place, node, each, context);
}

void engine_each_nested(const struct engine *engine, int64_t parent, engine_covering *each,
                        void *context)
{
    each_at(engine, COVER_NESTED, parent, each, context);
}

static bool covers_node(const struct engine *engine, const struct cover_list *covers,
                        struct slice node)
{
    const struct cover *own = engine_cover_of_node(covers, node);
    int32_t at =
        engine->model && node.length ? model_find_node(engine->model, node) : MODEL_NO_NODE;

    return own ? own->part < COVER_LEFT
               : at != MODEL_NO_NODE && engine_cover_holds(engine->model, covers, at);
}

bool engine_covers_place(const struct engine *engine, const struct cover_list *covers,
                         const struct event_place *place)
{
    for (size_t i = 0; i < covers->count; i++) {
        const struct cover *cover = &covers->items[i];
        bool covered = false;

        switch (cover->level) {
        case COVER_PREMISE: covered = cover->key == place->premise; break;
        case COVER_HOUSE: covered = cover->key == place->house; break;
        case COVER_STREET: covered = cover->key == place->street; break;
        case COVER_SETTLEMENT: covered = cover->key == place->settlement; break;
        case COVER_NODE: break; // below
        }
        if (covered)
            return true;
    }
    return covers_node(engine, covers, place->node);
}
