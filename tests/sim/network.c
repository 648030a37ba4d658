#include "tests/sim/network.h"

#include "lib/mem.h"

#include <stdio.h>
#include <stdlib.h>

enum { STREETS = 4, HOUSE_FLATS = 4 };

const char *sim_settlement_name(int settlement)
{
    static const char *const names[] = {"Заречье", "Берёзовка", "Луговое"};

    return names[settlement % 3];
}

const char *sim_street_name(int street)
{
    static const char *const names[] = {"Садовая", "Лесная", "Полевая", "Школьная"};

    return names[street % STREETS];
}

static int add_node(struct sim_network *network, int parent, const char *kind)
{
    struct sim_node *node;

    mem_grow((void **)&network->nodes, network->node_count, &network->node_capacity,
             sizeof(*network->nodes));
    node = &network->nodes[network->node_count];
    *node = (struct sim_node){.parent = parent, .kind = kind};
    snprintf(node->id, sizeof(node->id), "%c%zu", kind[0] - 'a' + 'A', network->node_count + 1);
    return (int)network->node_count++;
}

static void add_premise(struct sim_network *network, struct sim_chance *chance, int node,
                        int settlement)
{
    struct sim_premise *premise;
    int number = (int)network->premise_count;

    mem_grow((void **)&network->premises, network->premise_count, &network->premise_capacity,
             sizeof(*network->premises));
    premise = &network->premises[network->premise_count++];
    *premise = (struct sim_premise){.node = node,
                                    .settlement = settlement,
                                    .street = number / 9 % STREETS,
                                    .house = 1 + number / HOUSE_FLATS,
                                    .flat = 1 + number % HOUSE_FLATS,
                                    .reliability = sim_below(chance, 4),
                                    .critical = sim_percent(chance, 3)};
    if (premise->reliability == 1 && sim_percent(chance, 80))
        premise->reliability = 3;
    snprintf(premise->account, sizeof(premise->account), "A%05d", number + 1);
}

static void add_transformer(struct sim_network *network, struct sim_chance *chance, int parent,
                            int premises, int settlement)
{
    int transformer = add_node(network, parent, "transformer");
    int line = sim_percent(chance, 30) ? add_node(network, transformer, "line") : transformer;

    for (int i = 0; i < premises; i++) {
        bool nowhere = sim_percent(chance, 2);

        add_premise(network, chance,
                    nowhere             ? SIM_NO_NODE
                    : i % 2 && premises ? line
                                        : transformer,
                    settlement);
    }
}

void sim_network_make(struct sim_network *network, struct sim_chance *chance, int premises)
{
    int substations = 1 + sim_below(chance, 3), each = premises / substations + 1;

    *network = (struct sim_network){.node_count = 0};
    for (int s = 0; s < substations; s++) {
        int substation = add_node(network, SIM_NO_NODE, "substation");
        int feeders = 1 + sim_below(chance, 3), begun = (int)network->premise_count;

        for (int f = 0; f < feeders; f++) {
            int above = add_node(network, substation, "feeder");
            int wanted = begun + each * (f + 1) / feeders;

            while ((int)network->premise_count < wanted) {
                if (sim_percent(chance, 20))
                    above = add_node(network, above, "section");
                int parent = sim_percent(chance, 40) ? add_node(network, above, "lateral") : above;
                add_transformer(network, chance, parent, 1 + sim_below(chance, 2 + each / 8), s);
            }
        }
    }
}

void sim_network_copy(struct sim_network *to, const struct sim_network *from)
{
    *to = *from;
    to->nodes = mem_resize(NULL, from->node_capacity, sizeof(*to->nodes));
    memcpy(to->nodes, from->nodes, from->node_count * sizeof(*to->nodes));
    to->premises = mem_resize(NULL, from->premise_capacity, sizeof(*to->premises));
    memcpy(to->premises, from->premises, from->premise_count * sizeof(*to->premises));
}

void sim_network_fini(struct sim_network *network)
{
    free(network->nodes);
    free(network->premises);
    *network = (struct sim_network){.node_count = 0};
}

void sim_network_grow(struct sim_network *network, struct sim_chance *chance)
{
    add_node(network, sim_below(chance, (int)network->node_count), "transformer");
}

void sim_network_settle(struct sim_network *network, struct sim_chance *chance)
{
    add_premise(network, chance, sim_below(chance, (int)network->node_count),
                network->premises[0].settlement);
}

void sim_network_move(struct sim_network *network, struct sim_chance *chance)
{
    int premise = sim_below(chance, (int)network->premise_count);

    network->premises[premise].node = sim_below(chance, (int)network->node_count);
}

void sim_network_csv(const struct sim_network *network, struct buf *csv)
{
    buf_add_text(csv, "id,parent,kind,name,voltage_kv\n");
    for (size_t i = 0; i < network->node_count; i++) {
        const struct sim_node *node = &network->nodes[i];

        buf_printf(csv, "%s,%s,%s,%s,10\n", node->id,
                   node->parent == SIM_NO_NODE ? "" : network->nodes[node->parent].id, node->kind,
                   node->id);
    }
}

void sim_premises_csv(const struct sim_network *network, struct buf *csv)
{
    buf_add_text(csv, "account,node,settlement,street,house,flat,applicant,reliability,critical,"
                      "name,phone\n");
    for (size_t i = 0; i < network->premise_count; i++) {
        const struct sim_premise *premise = &network->premises[i];

        buf_printf(csv, "%s,%s,%s,%s,%d,%d,person,", premise->account,
                   premise->node == SIM_NO_NODE ? "" : network->nodes[premise->node].id,
                   sim_settlement_name(premise->settlement), sim_street_name(premise->street),
                   premise->house, premise->flat);
        if (premise->reliability)
            buf_printf(csv, "%d", premise->reliability);
        buf_printf(csv, ",%s,,\n", premise->critical ? "school" : "");
    }
}

const int64_t sim_meter_read_ms = INT64_C(1796126400000); // 2026-12-01T12:00:00Z

int sim_meter_zones(int premise)
{
    return 1 + premise % 2;
}

// Of five digits, some near the end.
int64_t sim_meter_last(int premise, int zone)
{
    return (premise * 7919 + zone * 40000) % 100000;
}

void sim_meters_csv(const struct sim_network *network, size_t count, struct buf *csv)
{
    buf_add_text(csv, "meter,account,digits,zones,last_date,last_1,last_2,last_3\n");
    for (int i = 0; i < (int)count; i++) {
        const char *account = network->premises[i].account;

        buf_printf(csv, "M%s,%s,5,%d,2026-12-01,%d,", account, account, sim_meter_zones(i),
                   (int)sim_meter_last(i, 0));
        if (sim_meter_zones(i) > 1)
            buf_printf(csv, "%d", (int)sim_meter_last(i, 1));
        buf_add_text(csv, ",\n");
    }
}

int sim_find_node(const struct sim_network *network, struct slice id)
{
    for (size_t i = 0; i < network->node_count; i++) {
        if (slice_is(id, network->nodes[i].id))
            return (int)i;
    }
    return SIM_NO_NODE;
}

const struct sim_premise *sim_find_account(const struct sim_network *network, struct slice account)
{
    for (size_t i = 0; i < network->premise_count; i++) {
        if (slice_is(account, network->premises[i].account))
            return &network->premises[i];
    }
    return NULL;
}

bool sim_is_below(const struct sim_network *network, int node, int above)
{
    while (node != SIM_NO_NODE && node != above)
        node = network->nodes[node].parent;
    return node == above;
}

bool sim_same_settlement(const struct sim_premise *a, const struct sim_premise *b)
{
    return a->settlement == b->settlement;
}

bool sim_same_street(const struct sim_premise *a, const struct sim_premise *b)
{
    return sim_same_settlement(a, b) && a->street == b->street;
}

bool sim_same_house(const struct sim_premise *a, const struct sim_premise *b)
{
    return sim_same_street(a, b) && a->house == b->house;
}
