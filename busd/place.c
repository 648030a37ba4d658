#include "busd/place.h"

#include "lib/address_list.h"
#include "lib/mem.h"

#include <stdlib.h>
#include <string.h>

enum { HOUSE_PREMISES = 256 };

static void take_premise(const struct model *model, const struct model_premise *premise,
                         enum event_place_level level, struct event_place *place)
{
    place->level = level;
    place->settlement = premise->settlement;
    if (level >= PLACE_STREET)
        place->street = premise->street;
    if (level >= PLACE_HOUSE)
        place->house = premise->house;
    if (level == PLACE_PREMISE) {
        place->premise = premise->key;
        if (premise->node != MODEL_NO_NODE)
            place->node = model_node(model, premise->node)->id;
    }
}

// A house that hangs on one node is on that node, whichever flat it is.
static void take_house_node(const struct network *network, const struct address_match *match,
                            struct event_place *place)
{
    const struct model *model = network_model(network);
    int64_t keys[HOUSE_PREMISES];
    size_t count = address_premises(network_address(network), match, 0, keys, HOUSE_PREMISES);
    int32_t node = MODEL_NO_NODE;

    if (count > HOUSE_PREMISES)
        return;
    for (size_t i = 0; i < count; i++) {
        const struct model_premise *premise = model_premise(model, keys[i]);

        if (!premise || premise->node == MODEL_NO_NODE || (i > 0 && premise->node != node))
            return;
        node = premise->node;
    }
    if (node != MODEL_NO_NODE)
        place->node = model_node(model, node)->id;
}

static const enum event_place_level levels[] = {
    [ADDRESS_NONE] = PLACE_NONE,       [ADDRESS_SETTLEMENT] = PLACE_SETTLEMENT,
    [ADDRESS_STREET] = PLACE_STREET,   [ADDRESS_HOUSE] = PLACE_HOUSE,
    [ADDRESS_PREMISE] = PLACE_PREMISE,
};

static void take_address(const struct network *network, const struct json *premise,
                         struct event_place *place)
{
    const struct model *model = network_model(network);
    const struct model_premise *found;
    struct address_match match;
    int64_t key;

    match = address_resolve(
        network_address(network), json_c_string(json_get(premise, "settlement")),
        json_c_string(json_get(premise, "street")), json_c_string(json_get(premise, "house")),
        json_c_string(json_get(premise, "flat")));
    if (match.level == ADDRESS_NONE ||
        address_premises(network_address(network), &match, 0, &key, 1) == 0)
        return;
    found = model_premise(model, match.level == ADDRESS_PREMISE ? match.premise : key);
    if (!found)
        return;
    take_premise(model, found, levels[match.level], place);
    if (match.level == ADDRESS_HOUSE)
        take_house_node(network, &match, place);
}

// What is not said about a known place stands in the premises table: an incident that a caller opened
// by account alone has its street on the dispatcher's screen. A flat is a person's and never taken.
static void take_texts(const struct network *network, struct event_place *place)
{
    const int64_t keys[] = {[PLACE_SETTLEMENT] = place->settlement,
                            [PLACE_STREET] = place->street,
                            [PLACE_HOUSE] = place->house,
                            [PLACE_PREMISE] = place->premise};
    struct address_match match;
    struct address_place known;

    if (place->level == PLACE_NONE)
        return;
    match = address_of_premise(network_address(network), keys[place->level]);
    known = address_place_of(network_address(network), &match);
    if (place->settlement_text.length == 0)
        place->settlement_text = slice_of(known.settlement);
    if (place->street_text.length == 0 && place->level >= PLACE_STREET)
        place->street_text = slice_of(known.street);
    if (place->house_text.length == 0 && place->level >= PLACE_HOUSE)
        place->house_text = slice_of(known.house);
}

enum err_code place_resolve(const struct network *network, const struct json *premise,
                            struct event_place *place, struct err *err)
{
    const struct model *model = network_model(network);
    struct slice account = json_string(json_get(premise, "account"));
    struct slice node = json_string(json_get(premise, "node"));
    const struct model_premise *found = NULL;

    *place = (struct event_place){.level = PLACE_NONE};
    place->settlement_text = json_string(json_get(premise, "settlement"));
    place->street_text = json_string(json_get(premise, "street"));
    place->house_text = json_string(json_get(premise, "house"));
    if (node.length && model_find_node(model, node) == MODEL_NO_NODE) {
        err_set(err, ERR_NOT_FOUND, "node", "the network has no node %.*s", "в сети нет узла %.*s",
                (int)node.length, node.data);
        err_set_path(err, "/data/premise/node");
        return ERR_NOT_FOUND;
    }
    if (account.length)
        found = model_find_account(model, account);
    if (found)
        take_premise(model, found, PLACE_PREMISE, place);
    else
        take_address(network, premise, place);
    take_texts(network, place);
    if (place->node.length == 0 && node.length)
        place->node = model_node(model, model_find_node(model, node))->id;
    return ERR_OK;
}

struct accounts {
    const struct network *network;
    struct json_out *out;
    struct buf *left;
};

static void put_accounts(void *context, const struct address_match *match)
{
    const struct accounts *accounts = context;
    const struct address_index *index = network_address(accounts->network);
    size_t count = address_premises(index, match, 0, NULL, 0);
    int64_t *keys = mem_resize(NULL, count, sizeof *keys);

    address_premises(index, match, 0, keys, count);
    for (size_t i = 0; i < count; i++)
        json_out_string(accounts->out, NULL,
                        model_premise(network_model(accounts->network), keys[i])->account);
    free(keys);
}

static void put_left(void *context, struct slice text)
{
    const struct accounts *accounts = context;

    buf_add_text(accounts->left, accounts->left->length ? "; " : "");
    buf_add(accounts->left, text.data, text.length);
}

void place_list_accounts(const struct network *network, struct slice addresses,
                         struct json_out *out, struct buf *left)
{
    struct accounts accounts = {network, out, left};

    address_list_read(network_address(network), addresses,
                      &(struct address_list){put_accounts, put_left, &accounts});
}
