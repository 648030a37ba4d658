#include "busd/packet.h"

#include "lib/mem.h"

#include <stdlib.h>
#include <string.h>

struct packet *packet_new(int64_t sequence, struct slice topic, struct slice bytes)
{
    struct packet *packet = mem_resize(NULL, sizeof *packet + topic.length + bytes.length, 1);
    char *data = (char *)(packet + 1);

    atomic_init(&packet->references, 1);
    packet->sequence = sequence;
    packet->bytes = (struct slice){data, bytes.length};
    packet->topic = (struct slice){data + bytes.length, topic.length};
    if (bytes.length)
        memcpy(data, bytes.data, bytes.length);
    if (topic.length)
        memcpy(data + bytes.length, topic.data, topic.length);
    return packet;
}

struct packet *packet_hold(struct packet *packet)
{
    atomic_fetch_add_explicit(&packet->references, 1, memory_order_relaxed);
    return packet;
}

void packet_release(struct packet *packet)
{
    if (packet && atomic_fetch_sub_explicit(&packet->references, 1, memory_order_acq_rel) == 1)
        free(packet);
}
