#include "busd/network.h"

#include "lib/mem.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

struct network {
    atomic_int references;
    struct model *model;
    struct address_index *address;
};

struct network *network_new(struct model *model, struct address_index *address)
{
    struct network *network = mem_alloc(sizeof *network);
    struct slice culprit;

    if (!model) {
        bool finished;

        model = model_new();
        finished = model_finish(model, &culprit);
        assert(finished);
        (void)finished;
    }
    if (!address) {
        address = address_index_new();
        address_index_finish(address);
    }
    atomic_init(&network->references, 1);
    network->model = model;
    network->address = address;
    return network;
}

struct network *network_hold(struct network *network)
{
    atomic_fetch_add_explicit(&network->references, 1, memory_order_relaxed);
    return network;
}

void network_release(struct network *network)
{
    if (!network || atomic_fetch_sub_explicit(&network->references, 1, memory_order_acq_rel) != 1)
        return;
    model_free(network->model);
    address_index_free(network->address);
    free(network);
}

const struct model *network_model(const struct network *network)
{
    return network->model;
}

const struct address_index *network_address(const struct network *network)
{
    return network->address;
}
