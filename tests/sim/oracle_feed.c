// What is covered as the network is switched: by node, looked at one after the other on its own way up.
//
// While something is open it covers what is fed from the node that it names; what was covered before a
// switching took it away stays counted. What is over keeps what it covered then.
#include "tests/sim/sim.h"

#include "lib/mem.h"

#include <stdlib.h>
#include <string.h>

static const struct oracle_cover *cover_at(const struct oracle_covers *covers, const char *id)
{
    for (size_t i = 0; i < covers->count; i++) {
        if (covers->items[i].level == COVER_NODE && strcmp(covers->items[i].node, id) == 0)
            return &covers->items[i];
    }
    return NULL;
}

static struct oracle_fed look(const struct sim *sim, const struct oracle_covers *covers, int node)
{
    bool back = false;

    for (; node != SIM_NO_NODE; node = oracle_feeding(sim, node)) {
        const struct oracle_cover *cover = cover_at(covers, sim->network.nodes[node].id);

        back |= cover && cover->restored;
        if (cover && !cover->part)
            return (struct oracle_fed){.in = true, .back = back};
    }
    return (struct oracle_fed){.in = false};
}

// A node that was imported since is like what it hangs on.
struct oracle_fed oracle_fed_of(const struct sim *sim, const struct oracle_covers *covers, int node)
{
    while (node != SIM_NO_NODE && node >= (int)covers->fed_count)
        node = sim->network.nodes[node].parent;
    return node == SIM_NO_NODE ? (struct oracle_fed){.in = false} : covers->fed[node];
}

// A restored part that went is a part no more.
static void drop_parts(const struct sim *sim, struct oracle_covers *covers)
{
    for (size_t i = covers->count; i-- > 0;) {
        const struct oracle_cover *cover = &covers->items[i];

        if (cover->part &&
            !look(sim, covers, sim_find_node(&sim->network, slice_of(cover->node))).in)
            covers->items[i] = covers->items[--covers->count];
    }
}

void oracle_feed(const struct sim *sim, struct oracle_covers *covers, bool anew)
{
    size_t count = sim->network.node_count;
    struct oracle_fed *fed = mem_alloc(count * sizeof(*fed));

    if (!anew)
        drop_parts(sim, covers);
    for (size_t i = 0; i < count; i++) {
        struct oracle_fed before = oracle_fed_of(sim, covers, (int)i);

        fed[i] = look(sim, covers, (int)i);
        fed[i].left = !anew && !fed[i].in && (before.in || before.left);
    }
    free(covers->fed);
    covers->fed = fed;
    covers->fed_count = count;
}

void oracle_feed_merged(const struct sim *sim, struct oracle_covers *covers,
                        const struct oracle_covers *other)
{
    size_t count = sim->network.node_count;
    struct oracle_fed *fed = mem_alloc(count * sizeof(*fed));

    for (size_t i = 0; i < count; i++) {
        struct oracle_fed a = oracle_fed_of(sim, covers, (int)i),
                          b = oracle_fed_of(sim, other, (int)i);

        fed[i] = look(sim, covers, (int)i);
        fed[i].left = !fed[i].in && (a.in || a.left || b.in || b.left);
    }
    free(covers->fed);
    covers->fed = fed;
    covers->fed_count = count;
}

void oracle_feed_reopened(struct oracle_covers *covers)
{
    for (size_t i = 0; i < covers->fed_count; i++)
        covers->fed[i].back = false;
}

static void check(struct sim *sim, const char *what, int64_t number,
                  const struct oracle_covers *covers)
{
    for (size_t i = 0; i < sim->network.node_count; i++) {
        struct oracle_fed has = oracle_fed_of(sim, covers, (int)i), is = look(sim, covers, (int)i);

        if (has.in != is.in || has.back != is.back)
            sim_fail(sim, "%s %lld: what it covers at %s is not what is fed from it now", what,
                     (long long)number, sim->network.nodes[i].id);
    }
}

void oracle_check_feed(struct sim *sim)
{
    const struct oracle *oracle = &sim->oracle;

    for (size_t i = 0; i < oracle->incident_count; i++) {
        if (oracle_is_open(&oracle->incidents[i]))
            check(sim, "incident", oracle->incidents[i].number, &oracle->incidents[i].covers);
    }
    for (size_t i = 0; i < oracle->planned_count; i++) {
        if (oracle->planned[i].state <= PLANNED_STATE_STARTED)
            check(sim, "planned works", oracle->planned[i].number, &oracle->planned[i].covers);
    }
}
