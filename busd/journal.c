#include "busd/journal.h"

#include "busd/journal_compose.h"
#include "busd/journal_witness.h"
#include "busd/lookups.h"
#include "lib/event_json.h"
#include "lib/log.h"
#include "lib/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CHUNK_BYTES = 256 * 1024,
    DIGEST_ROOM_BYTES = 1024 // most proposals fit: the text never moves
};

// The bytes of a batch: they are streamed after the commit, so they must not move until then.
struct chunk {
    struct chunk *next;
    size_t size, used;
    char data[];
};

struct journal {
    struct store *store;
    char *directory;
    struct journal_keys keys;
    char lineage[37];
    int64_t head;
    uint8_t chain[STORE_CHAIN_BYTES];
    char *chain_text; // of journal_chain()
    struct journal_times times;
    struct chunk *chunks;            // the one in use first
    struct buf bytes, plain, sealed; // scratch
    int64_t witnessed;
};

static char *keep(struct journal *journal, const void *data, size_t length)
{
    struct chunk *chunk = journal->chunks;

    if (!chunk || chunk->size - chunk->used < length) {
        size_t size = length > CHUNK_BYTES ? length : CHUNK_BYTES;
        chunk = mem_alloc(sizeof(*chunk) + size);
        chunk->size = size;
        chunk->next = journal->chunks;
        journal->chunks = chunk;
    }
    char *at = chunk->data + chunk->used;
    memcpy(at, data, length);
    chunk->used += length;
    return at;
}

static void drop_chunks(struct journal *journal, size_t keep_count)
{
    for (struct chunk **link = &journal->chunks; *link;) {
        struct chunk *chunk = *link;
        chunk->used = 0;
        if (keep_count > 0) {
            keep_count--;
            link = &chunk->next;
        } else {
            *link = chunk->next;
            free(chunk);
        }
    }
}

static void read_head(struct journal *journal)
{
    journal->head = store_head(journal->store, journal->chain);
}

// An older copy may have been put back on purpose: it is said, and `verify` names it.
static void look_at_witness(struct journal *journal)
{
    struct journal_witness witness;
    int found =
        journal_witness_read(&journal->keys, journal->directory, JOURNAL_WITNESS_HEAD, &witness);

    if (found < 0)
        log_warning("the witness of the journal's head is not genuine directory=%s",
                    journal->directory);
    if (found == 1 && witness.sequence > journal->head)
        log_warning("the journal is older than its witness head=%lld witness=%lld",
                    (long long)journal->head, (long long)witness.sequence);
    journal->witnessed = journal->head;
    if (found == 1 && witness.sequence <= journal->head && witness.closed) {
        witness.closed = false;
        journal_witness_open(&journal->keys, journal->directory, JOURNAL_WITNESS_HEAD, &witness);
    }
}

static enum err_code put_key_check(struct store *store, const uint8_t check[STORE_DIGEST_BYTES],
                                   struct err *err)
{
    enum err_code code = store_begin(store, err);

    if (code == ERR_OK && (code = store_set_key_check(store, check, err)) == ERR_OK)
        code = store_commit(store, err);
    if (code != ERR_OK)
        store_rollback(store);
    return code;
}

enum err_code journal_settle_key(struct store *store, const char *lineage, const char *path,
                                 bool inspect, struct journal_keys *keys, struct err *err)
{
    uint8_t kept[STORE_DIGEST_BYTES], check[STORE_DIGEST_BYTES];
    struct journal_keys next;
    int found = store_key_check(store, kept, err);
    bool right = false;

    if (found < 0)
        return err->code;
    journal_keys_check(keys, lineage, check);
    if (found == 0)
        return inspect ? ERR_OK : put_key_check(store, check, err);
    if (memcmp(kept, check, sizeof check) == 0) {
        if (!inspect)
            journal_keys_drop_next(path); // of a rotation that did not come to its commit
        return ERR_OK;
    }
    if (journal_keys_read_next(&next, path, err) == ERR_OK) {
        journal_keys_check(&next, lineage, check);
        right = memcmp(kept, check, sizeof check) == 0;
        if (right)
            *keys = next;
        journal_keys_wipe(&next);
    }
    err_clear(err);
    if (right)
        return inspect ? ERR_OK : journal_keys_take_next(path, err);
    return err_set(err, ERR_INVALID, "personal_key",
                   "%s is the key of another journal, or of this one before its key was changed.",
                   "%s — ключ другого журнала или этого, но до смены ключа.", path);
}

struct journal *journal_open(struct store *store, const char *directory, struct err *err)
{
    return journal_open_with(store, directory, NULL, err);
}

struct journal *journal_open_with(struct store *store, const char *directory, const char *key_file,
                                  struct err *err)
{
    struct journal *journal = mem_alloc(sizeof(*journal));

    journal->store = store;
    journal->chain_text = mem_alloc(2 * STORE_CHAIN_BYTES + 1);
    journal->directory = mem_string(directory);
    // A key that is made anew could open nothing of what is there.
    int create = store_head(store, NULL) == 0;
    char lineage[37], path[4096];
    store_lineage_text(store_base(store)->lineage, lineage);
    snprintf(path, sizeof path, key_file && *key_file ? "%s" : "%s/personal.key",
             key_file && *key_file ? key_file : directory);
    if (journal_keys_read_file(&journal->keys, path, create, err) != ERR_OK ||
        journal_settle_key(store, lineage, path, false, &journal->keys, err) != ERR_OK) {
        journal_close(journal);
        return NULL;
    }
    memcpy(journal->lineage, lineage, sizeof lineage);
    read_head(journal);
    look_at_witness(journal);
    return journal;
}

static void write_witness(struct journal *journal, bool closed)
{
    struct journal_witness witness = {.closed = closed};

    witness.sequence = store_head(journal->store, witness.chain);
    if (witness.sequence == journal->witnessed && !closed)
        return;
    journal->witnessed = witness.sequence;
    journal_witness_write(&journal->keys, journal->directory, JOURNAL_WITNESS_HEAD, &witness);
}

void journal_close(struct journal *journal)
{
    if (!journal)
        return;
    if (journal->lineage[0] && !store_failed(journal->store))
        write_witness(journal, true);
    drop_chunks(journal, 0);
    buf_fini(&journal->bytes);
    buf_fini(&journal->plain);
    buf_fini(&journal->sealed);
    journal_keys_wipe(&journal->keys);
    free(journal->directory);
    free(journal->chain_text);
    free(journal);
}

const struct journal_keys *journal_keys(const struct journal *journal)
{
    return &journal->keys;
}

const char *journal_lineage(const struct journal *journal)
{
    return journal->lineage;
}

int64_t journal_head(const struct journal *journal)
{
    return journal->head;
}

const char *journal_chain(const struct journal *journal)
{
    crypto_hex(journal->chain, sizeof(journal->chain), journal->chain_text);
    return journal->chain_text;
}

void journal_digest(const struct journal *journal, const struct json *proposal,
                    uint8_t digest[STORE_DIGEST_BYTES])
{
    struct buf text = {0};

    buf_room(&text, DIGEST_ROOM_BYTES);
    json_write_canonical(&text, proposal);
    crypto_hmac(journal->keys.id, text.data, text.length, digest);
    buf_fini(&text);
}

// Of a fixed length, so that a secret in front is enough.
void journal_mark(const struct journal_keys *keys, int64_t sequence,
                  const uint8_t digest[STORE_DIGEST_BYTES], uint8_t marked[STORE_MARKED_BYTES])
{
    uint8_t behind[sizeof sequence + STORE_DIGEST_BYTES], mark[CRYPTO_DIGEST_BYTES];

    for (size_t i = 0; i < sizeof sequence; i++)
        behind[i] = (uint8_t)((uint64_t)sequence >> (8 * (sizeof sequence - 1 - i)));
    memcpy(behind + sizeof sequence, digest, STORE_DIGEST_BYTES);
    crypto_sha256_pair((struct slice){(const char *)keys->id, sizeof keys->id},
                       (struct slice){(const char *)behind, sizeof behind}, mark);
    memcpy(marked, digest, STORE_DIGEST_BYTES);
    memcpy(marked + STORE_DIGEST_BYTES, mark, STORE_MARKED_BYTES - STORE_DIGEST_BYTES);
}

void journal_personal_digest(const struct journal_keys *keys, int64_t sequence,
                             struct slice canonical, uint8_t digest[STORE_DIGEST_BYTES])
{
    struct buf text = {0};
    char number[17];

    journal_sequence_text(sequence, number);
    buf_add(&text, number, 16);
    buf_add(&text, canonical.data, canonical.length);
    crypto_hmac(keys->digest, text.data, text.length, digest);
    crypto_wipe(text.data, text.length);
    buf_fini(&text);
}

// What is personal in the event being appended.
struct personal {
    struct json_doc *doc;
    struct json *pointers; // array of texts; NULL when nothing is
    struct json *values;   // {pointer: value}
    struct json *last_pointer, *last_value;
    char digest[2 * STORE_DIGEST_BYTES + 1];
};

// Adds behind the last child, which is not looked for: an event may have thousands of them.
static void link_behind(struct json *container, struct json **last, struct json *value)
{
    if (*last)
        (*last)->next = value;
    else
        container->first = value;
    *last = value;
    container->count++;
}

static void found_personal(void *context, const char *pointer, const struct json *value)
{
    struct personal *personal = context;
    struct buf path = {0};

    buf_printf(&path, "/data%s", pointer);
    struct json *named = json_new_string(personal->doc, slice_of(path.data));
    struct json *copy = json_copy(personal->doc, value);
    copy->key = named->text; // every pointer comes once
    link_behind(personal->pointers, &personal->last_pointer, named);
    link_behind(personal->values, &personal->last_value, copy);
    buf_fini(&path);
}

static void take_personal(struct journal *journal, int64_t sequence,
                          const struct schemas_type *type, struct json *data,
                          struct personal *personal)
{
    uint8_t digest[STORE_DIGEST_BYTES];

    buf_clear(&journal->sealed);
    if (!type || !type->personal)
        return;
    personal->pointers = json_new(personal->doc, JSON_ARRAY);
    personal->values = json_new(personal->doc, JSON_OBJECT);
    schema_take_marked(type->schema, SCHEMA_PERSONAL, data, found_personal, personal);
    if (personal->pointers->count == 0) {
        personal->pointers = NULL;
        return;
    }
    buf_clear(&journal->plain);
    json_write_canonical(&journal->plain, personal->values);
    struct slice plain = {journal->plain.data, journal->plain.length};
    journal_personal_digest(&journal->keys, sequence, plain, digest);
    crypto_hex(digest, sizeof(digest), personal->digest);
    journal_keys_seal(journal->keys.personal, sequence, plain, &journal->sealed);
    crypto_wipe(journal->plain.data, journal->plain.length);
}

static struct json *data_of(struct json *proposal, struct json_doc *doc)
{
    for (struct json *member = proposal ? proposal->first : NULL; member; member = member->next) {
        if (slice_is(member->key, "data") && member->type == JSON_OBJECT)
            return member;
    }
    return json_new(doc, JSON_OBJECT);
}

static enum err_code put(struct journal *journal, const struct event *event,
                         const struct journal_entry *entry, struct slice id,
                         const uint8_t digest[STORE_DIGEST_BYTES], struct err *err)
{
    uint8_t marked[STORE_MARKED_BYTES];
    struct store_event row = {
        .sequence = event->sequence,
        .topic = event->topic,
        .bytes = entry->bytes,
        .chain = entry->chain,
        .incident = EVENT_HAS(event, incident) ? EVENT_VALUE(event, incident)->integer : 0,
        .planned = EVENT_HAS(event, planned) ? EVENT_VALUE(event, planned)->integer : 0,
        .identity = event->source,
        .id = id,
        .digest = digest ? marked : NULL,
        .personal = {journal->sealed.data, journal->sealed.length}};
    if (digest)
        journal_mark(&journal->keys, event->sequence, digest, marked);
    enum err_code code = store_append(journal->store, &row, err);

    if (code == ERR_OK && EVENT_HAS(event, into))
        code = store_link(journal->store, EVENT_VALUE(event, into)->integer, event->sequence, err);
    return code;
}

enum err_code journal_append(struct journal *journal, struct event *event, struct json *proposal,
                             struct json_doc *doc, const struct schemas_type *type,
                             const uint8_t digest[STORE_DIGEST_BYTES], struct journal_entry *entry,
                             struct err *err)
{
    struct json *data = data_of(proposal, doc);
    struct personal personal = {.doc = doc};
    uint8_t chain[STORE_CHAIN_BYTES];
    char number[17];

    event->sequence = journal->head + 1;
    event_write_fields(event, proposal ? event->decided : EVENT_ALL_BITS, doc, data);
    take_personal(journal, event->sequence, type, data, &personal);
    journal_sequence_text(event->sequence, number);
    struct slice id = event->id.length ? event->id : (struct slice){number, 16};

    buf_clear(&journal->bytes);
    journal_compose(&(struct journal_composition){.event = event,
                                                  .id = id,
                                                  .version = type ? type->version : 1,
                                                  .proposal = proposal,
                                                  .data = data,
                                                  .pointers = personal.pointers,
                                                  .personal_digest = personal.digest},
                    &journal->times, &journal->bytes);
    crypto_sha256_pair((struct slice){(const char *)journal->chain, sizeof(journal->chain)},
                       (struct slice){journal->bytes.data, journal->bytes.length}, chain);
    entry->sequence = event->sequence;
    entry->topic = event->topic;
    entry->bytes = (struct slice){keep(journal, journal->bytes.data, journal->bytes.length),
                                  journal->bytes.length};
    entry->chain = (const uint8_t *)keep(journal, chain, sizeof(chain));
    enum err_code code = put(journal, event, entry, id, digest, err);
    if (code != ERR_OK)
        return code;
    if (personal.pointers) {
        struct lookups lookups;
        lookups_take(&journal->keys, event->sequence, event->topic, data, personal.values,
                     &lookups);
        if (lookups_put(&lookups, journal->store, err) != ERR_OK)
            return err->code;
    }
    journal->head = event->sequence;
    memcpy(journal->chain, chain, sizeof(chain));
    return ERR_OK;
}

void journal_witness(struct journal *journal)
{
    write_witness(journal, false);
}

void journal_committed(struct journal *journal)
{
    drop_chunks(journal, 1);
    if (journal->head - journal->witnessed >= JOURNAL_WITNESS_EVERY)
        write_witness(journal, false);
}

void journal_rolled_back(struct journal *journal)
{
    drop_chunks(journal, 1);
    read_head(journal);
}

const struct json *journal_personal(struct journal *journal, int64_t sequence, struct json_doc *doc,
                                    struct err *err)
{
    struct buf sealed = {0};
    const struct json *values = NULL;

    err_clear(err);
    if (store_personal(journal->store, sequence, &sealed, err) == 1) {
        values = journal_keys_open_event(&journal->keys, sequence,
                                         (struct slice){sealed.data, sealed.length}, doc);
        if (!values) {
            err_set(err, ERR_INVALID, "personal_key",
                    "The personal data of event %lld cannot be opened with this personal.key.",
                    "Персональные данные события %lld не открываются этим personal.key.",
                    (long long)sequence);
        }
    }
    buf_fini(&sealed);
    return values;
}
