#include "busd/stream_private.h"

#include "lib/crypto.h"
#include "lib/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct streams *streams_new(const struct streams_options *options)
{
    struct streams *streams = mem_alloc(sizeof *streams);

    streams->options = *options;
    uint8_t chain[STORE_CHAIN_BYTES];

    recent_init(&streams->recent, store_head(options->store, chain));
    crypto_hex(chain, sizeof chain, streams->chain);
    return streams;
}

static void free_stream(struct stream *stream)
{
    for (char **topic = stream->topics; *topic; topic++)
        free(*topic);
    free(stream->topics);
    free(stream);
}

void streams_free(struct streams *streams)
{
    if (!streams)
        return;
    for (size_t i = 0; i < streams->count; i++)
        free_stream(streams->items[i]);
    free(streams->items);
    recent_fini(&streams->recent);
    free(streams);
}

void streams_add(struct streams *streams, struct packet **packets, size_t count)
{
    for (size_t i = 0; i < count; i++)
        recent_add(&streams->recent, packets[i]);
}

void streams_set_chain(struct streams *streams, const char *chain)
{
    snprintf(streams->chain, sizeof streams->chain, "%s", chain);
}

void streams_set_mode(struct streams *streams, bool storm)
{
    streams->storm = storm;
}

size_t streams_count(const struct streams *streams)
{
    return streams->count;
}

// --- serving ------------------------------------------------------------------------------------

// A message that is being put together, and how far it goes.
struct gather {
    const struct stream *stream;
    const struct store_area *area; // NULL: nothing that the role reads is narrowed to one
    struct packet *packets[STREAM_MESSAGE_EVENTS];
    size_t count, bytes;
    int64_t position; // everything up to it is in the message or does not match
    bool stopped;     // the next event matches and does not fit: credit, count or bytes
};

bool stream_matches(const struct stream *stream, struct slice topic)
{
    for (char **prefix = stream->topics; *prefix; prefix++) {
        size_t length = strlen(*prefix);

        if (topic.length >= length && memcmp(topic.data, *prefix, length) == 0)
            return access_may_name(stream->session->role, ACCESS_SUBSCRIBE, topic);
    }
    return false;
}

static bool is_wanted(const struct gather *gather, struct slice topic, struct slice bytes)
{
    return stream_matches(gather->stream, topic) &&
           (!gather->area ||
            access_area(gather->stream->session->role, ACCESS_SUBSCRIBE, topic) ==
                ACCESS_AREA_ALL ||
            store_area_has_event(gather->area, bytes));
}

// Whether an event of that size may go into this message (invariants 2 and 4).
static bool fits(const struct gather *gather, size_t bytes)
{
    return (int64_t)gather->count < gather->stream->credit &&
           gather->count < STREAM_MESSAGE_EVENTS &&
           (gather->count == 0 || gather->bytes + bytes <= STREAM_MESSAGE_BYTES);
}

static void take(struct gather *gather, struct packet *packet)
{
    gather->packets[gather->count++] = packet;
    gather->bytes += packet->bytes.length;
}

static void gather_recent(struct streams *streams, struct gather *gather)
{
    struct packet *packet;

    while (gather->position - gather->stream->position < STREAM_SLICE &&
           (packet = recent_get(&streams->recent, gather->position + 1))) {
        if (is_wanted(gather, packet->topic, packet->bytes)) {
            if (!fits(gather, packet->bytes.length)) {
                gather->stopped = true;
                return;
            }
            take(gather, packet_hold(packet));
        }
        gather->position++;
    }
}

static bool gather_stored(void *context, int64_t sequence, struct slice topic, struct slice bytes,
                          const uint8_t chain[STORE_CHAIN_BYTES])
{
    struct gather *gather = context;

    (void)chain;
    if (is_wanted(gather, topic, bytes)) {
        if (!fits(gather, bytes.length)) {
            gather->stopped = true;
            return false;
        }
        take(gather, packet_new(sequence, topic, bytes));
    }
    gather->position = sequence;
    return true;
}

static enum broker_sent send_events(struct streams *streams, struct gather *gather)
{
    const struct stream *stream = gather->stream;
    struct slice frames[] = {slice_of("event"), slice_of(stream->id)};
    enum broker_sent sent = BROKER_SENT;

    if (gather->count)
        sent = broker_send(streams->options.broker,
                           (struct slice){stream->session->peer, BROKER_PEER_BYTES}, frames, 2,
                           gather->packets, gather->count);
    for (size_t i = 0; i < gather->count; i++)
        packet_release(gather->packets[i]);
    return sent;
}

static enum broker_sent send_live(struct streams *streams, const struct stream *stream)
{
    uint8_t chain[STORE_CHAIN_BYTES] = {0};
    char text[2 * STORE_CHAIN_BYTES + 1], body[160];
    struct slice frames[] = {slice_of("live"), slice_of(stream->id), {body, 0}};

    memcpy(text, streams->chain, sizeof text);
    if (stream->position != streams->recent.last) {
        if (!streams->store_free)
            return BROKER_FULL; // a little later
        store_chain(streams->options.store, stream->position, chain, NULL);
        crypto_hex(chain, sizeof chain, text);
    }
    frames[2].length = (size_t)snprintf(body, sizeof body, "{\"head\":%lld,\"chain\":\"%s\"%s}",
                                        (long long)stream->position, text,
                                        streams->storm ? ",\"mode\":\"storm\"" : "");
    return broker_send(streams->options.broker,
                       (struct slice){stream->session->peer, BROKER_PEER_BYTES}, frames, 3, NULL,
                       0);
}

enum served { SERVED_ALL, SERVED_CREDIT, SERVED_FULL, SERVED_MORE, SERVED_GONE };

// Puts the next message together, from memory or from the store. SERVED_ALL: it stands in `gather`.
static enum served fill(struct streams *streams, struct gather *gather, int *slices)
{
    if (recent_get(&streams->recent, gather->position + 1)) {
        gather_recent(streams, gather);
        return SERVED_ALL;
    }
    streams->want_store = streams->want_store || !streams->store_free;
    if (!streams->store_free)
        return SERVED_FULL;
    if (*slices == 0)
        return SERVED_MORE;
    (*slices)--;
    // A store that fails here has failed for the writer too, who ends the program.
    return store_read(streams->options.store, gather->position, STREAM_SLICE, gather_stored, gather,
                      NULL) == ERR_OK
               ? SERVED_ALL
               : SERVED_FULL;
}

// The same for a role that reads only what lies in the area of a desk at which one sits.
static enum served fill_own(struct streams *streams, struct gather *gather, int *slices)
{
    const struct streams_options *options = &streams->options;
    struct store_area area = {.reader = options->reader,
                              .model = network_model(*options->network),
                              .desks = options->desks,
                              .who = session_who(gather->stream->session)};
    enum served served;

    if (reader_begin(options->reader, NULL, NULL) != ERR_OK)
        return SERVED_FULL;
    gather->area = &area;
    served = fill(streams, gather, slices);
    reader_end(options->reader);
    return served;
}

// Sends what may be sent now; `slices` of the store are left for this turn.
static enum served serve(struct streams *streams, struct stream *stream, int *slices)
{
    if (stream->starved)
        return SERVED_CREDIT;
    for (int messages = 0; stream->position < streams->recent.last; messages++) {
        struct gather gather = {.stream = stream, .position = stream->position};
        enum broker_sent sent;
        enum served filled;

        if (messages == STREAM_TURN_MESSAGES)
            return SERVED_MORE;
        filled = access_is_narrowed(stream->session->role) ? fill_own(streams, &gather, slices)
                                                           : fill(streams, &gather, slices);
        if (filled != SERVED_ALL)
            return filled;
        sent = send_events(streams, &gather);
        if (sent == BROKER_GONE)
            return SERVED_GONE;
        if (sent == BROKER_FULL)
            return SERVED_FULL;
        stream->position = gather.position;
        stream->credit -= (int64_t)gather.count;
        stream->starved = gather.stopped && stream->credit == 0;
        if (stream->starved)
            return SERVED_CREDIT;
    }
    return SERVED_ALL;
}

static bool answer_is_owed(const struct streams *streams, struct stream *stream)
{
    if (stream->ticket && !sessions_answer(streams->options.sessions, stream->ticket))
        stream->ticket = 0;
    return stream->ticket != 0;
}

static enum served serve_stream(struct streams *streams, struct stream *stream, int64_t now_ms,
                                int *slices)
{
    enum served served;
    enum broker_sent sent;

    if (answer_is_owed(streams, stream))
        return SERVED_FULL;
    served = serve(streams, stream, slices);
    if (served == SERVED_GONE)
        return served;
    if (served != SERVED_ALL)
        stream->caught_up = false;
    if ((served != SERVED_ALL || stream->caught_up) && now_ms < stream->live_due_ms)
        return served;
    sent = send_live(streams, stream);
    if (sent == BROKER_GONE)
        return SERVED_GONE;
    if (sent == BROKER_SENT) {
        stream->live_due_ms = now_ms + STREAM_LIVE_MS;
        stream->caught_up = served == SERVED_ALL;
    }
    return sent == BROKER_FULL && served == SERVED_ALL ? SERVED_FULL : served;
}

void streams_sweep(struct streams *streams)
{
    size_t kept = 0;

    if (!streams->swept || streams->serving)
        return;
    streams->swept = false;
    for (size_t i = 0; i < streams->count; i++) {
        if (streams->items[i]->session)
            streams->items[kept++] = streams->items[i];
        else
            free_stream(streams->items[i]);
    }
    streams->count = kept;
}

bool streams_want_store(const struct streams *streams)
{
    return streams->want_store;
}

int streams_serve(struct streams *streams, int64_t monotonic_ms, bool store_free)
{
    int slices = STREAM_TURN_SLICES, again = -1;
    size_t count = streams->count;

    streams->serving = true;
    streams->store_free = store_free;
    streams->want_store = false;
    for (size_t i = 0; i < count; i++) {
        // Another one is first each turn, so that the slices go round.
        struct stream *stream = streams->items[(streams->turn + i) % count];
        enum served served;

        if (!stream->session)
            continue;
        served = serve_stream(streams, stream, monotonic_ms, &slices);
        if (served == SERVED_GONE)
            sessions_end(streams->options.sessions, stream->session);
        else if (served == SERVED_MORE)
            again = 0;
        else if (served == SERVED_FULL && again < 0)
            again = STREAM_RETRY_MS;
    }
    streams->serving = false;
    streams->turn++;
    streams_sweep(streams);
    return again;
}
