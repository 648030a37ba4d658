#include "busd/recent.h"

#include <assert.h>
#include <string.h>

void recent_init(struct recent *recent, int64_t head)
{
    memset(recent, 0, sizeof *recent);
    recent->first = head + 1;
    recent->last = head;
}

static void drop_first(struct recent *recent)
{
    struct packet **slot = &recent->packets[recent->first++ % RECENT_EVENTS];

    recent->bytes -= (*slot)->bytes.length;
    packet_release(*slot);
    *slot = NULL;
}

void recent_fini(struct recent *recent)
{
    while (recent->first <= recent->last)
        drop_first(recent);
}

void recent_add(struct recent *recent, struct packet *packet)
{
    assert(packet->sequence == recent->last + 1);
    if (recent->last - recent->first + 1 == RECENT_EVENTS)
        drop_first(recent);
    recent->packets[++recent->last % RECENT_EVENTS] = packet;
    recent->bytes += packet->bytes.length;
    while (recent->bytes > RECENT_BYTES)
        drop_first(recent);
}

struct packet *recent_get(const struct recent *recent, int64_t sequence)
{
    if (sequence < recent->first || sequence > recent->last)
        return NULL;
    return recent->packets[sequence % RECENT_EVENTS];
}
