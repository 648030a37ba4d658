// Checking a whole journal: `busd --verify`.
//
// One pass over the events: each must follow the one before it (sequence, chain), be the event that
// its row says, have its id, and its personal fields, where they are still there, must be those that
// it commits to. The same pass folds the events into a fresh engine and a private store; its tables
// are compared with the stored ones at the end. Nothing is decided again.
#include "busd/engine.h"
#include "busd/journal.h"
#include "busd/journal_anchor.h"
#include "busd/journal_compose.h"
#include "busd/journal_erased.h"
#include "busd/journal_witness.h"
#include "busd/lookups.h"
#include "busd/store_private.h"
#include "busd/store_seen.h"
#include "lib/event_json.h"
#include "lib/mem.h"

#include <stdio.h>
#include <stdlib.h>

enum { FOLD_BATCH = 512 };

struct verify {
    struct store *stored, *folded;
    struct engine *engine;
    struct journal_keys keys;
    bool keyed; // personal.key is there
    struct json_doc *doc, *personal_doc;
    struct buf text, sealed;
    int64_t expected; // the next sequence
    uint8_t chain[STORE_CHAIN_BYTES];
    struct journal_witness witness;
    int witnessed; // as journal_witness_read()
    struct journal_anchors anchors;
    size_t anchored;     // anchors before this one agree
    int64_t anchored_at; // the last event that one agreed on
    int64_t clients, personal, erased, shown, lookups;
    struct journal_erased personal_fields;
    int64_t folded_since; // events in the open batch of `folded`
    int64_t recorded_ms;
    enum err_code code;
    struct err *err;
};

static enum err_code bad_event(struct verify *verify, int64_t sequence, const char *en,
                               const char *ru)
{
    verify->code = err_set(verify->err, ERR_INVALID, "journal", "Event %lld: %s%.0s.",
                           "Событие %lld: %.0s%s.", (long long)sequence, en, ru);
    err_set_path(verify->err, "sequence/%lld", (long long)sequence);
    return verify->code;
}

// Where an anchor saw another chain, everything behind the last one that agrees may be new.
static enum err_code check_anchors(struct verify *verify, int64_t sequence,
                                   const uint8_t chain[STORE_CHAIN_BYTES])
{
    const struct journal_anchors *anchors = &verify->anchors;

    for (; verify->anchored < anchors->count; verify->anchored++) {
        const struct journal_anchor *anchor = &anchors->items[verify->anchored];

        if (anchor->sequence > sequence)
            break;
        if (anchor->sequence == sequence && memcmp(anchor->chain, chain, STORE_CHAIN_BYTES) != 0)
            return bad_event(verify, verify->anchored_at + 1,
                             "an anchor behind it saw another chain: history was rewritten",
                             "якорь за ним видел другую цепочку: история переписана");
        if (anchor->sequence == sequence)
            verify->anchored_at = sequence;
    }
    return ERR_OK;
}

static enum err_code check_chain(struct verify *verify, int64_t sequence, struct slice bytes,
                                 const uint8_t chain[STORE_CHAIN_BYTES])
{
    uint8_t computed[STORE_CHAIN_BYTES];

    if (sequence != verify->expected)
        return bad_event(verify, verify->expected, "it is missing", "его нет");
    crypto_sha256_pair((struct slice){(const char *)verify->chain, STORE_CHAIN_BYTES}, bytes,
                       computed);
    if (memcmp(computed, chain, STORE_CHAIN_BYTES) != 0) {
        return bad_event(verify, sequence,
                         "its bytes or its chain value were changed: the chain breaks here",
                         "изменены его байты или значение цепочки: здесь цепочка рвётся");
    }
    if (verify->witnessed == 1 && verify->witness.sequence == sequence &&
        memcmp(verify->witness.chain, chain, STORE_CHAIN_BYTES) != 0) {
        return bad_event(verify, sequence,
                         "the witness of the head saw another chain: history was rewritten",
                         "свидетель головы видел другую цепочку: история переписана");
    }
    if (check_anchors(verify, sequence, chain) != ERR_OK)
        return verify->code;
    memcpy(verify->chain, chain, STORE_CHAIN_BYTES);
    verify->expected++;
    return ERR_OK;
}

static enum err_code check_id(struct verify *verify, const struct event *event)
{
    uint8_t digest[STORE_MARKED_BYTES], marked[STORE_MARKED_BYTES];
    int64_t sequence = 0;

    if (slice_is(event->source, "pult:busd"))
        return ERR_OK;
    verify->clients++;
    int found =
        store_find_id(verify->stored, event->source, event->id, &sequence, digest, verify->err);
    if (found < 0)
        return verify->code = ERR_UNAVAILABLE;
    if (found == 0)
        return bad_event(verify, event->sequence,
                         "its id is not kept: it could be accepted a second time",
                         "его id не сохранён: оно могло бы быть принято второй раз");
    if (sequence != event->sequence)
        return bad_event(verify, event->sequence, "its id is kept for another event",
                         "его id записан за другим событием");
    if (!verify->keyed)
        return ERR_OK;
    journal_mark(&verify->keys, sequence, digest, marked);
    if (memcmp(digest, marked, sizeof marked) != 0)
        return bad_event(
            verify, event->sequence,
            "the digest of what the client sent was changed: the same event again would "
            "be refused, or another one taken for it",
            "свёртка того, что прислал клиент, изменена: то же событие будет отвергнуто "
            "или другое принято за него");
    return ERR_OK;
}

// The digests by which it is found are those of its own phone, account and contact.
static enum err_code check_lookups(struct verify *verify, const struct event *event,
                                   const struct json *tree, const struct json *values)
{
    struct lookups lookups;

    lookups_take(&verify->keys, event->sequence, event->topic, json_get(tree, "data"), values,
                 &lookups);
    verify->lookups += (int64_t)lookups.count;
    int kept = lookups_are_kept(&lookups, verify->stored, verify->err);
    if (kept < 0)
        return verify->code = ERR_UNAVAILABLE;
    return kept ? ERR_OK
                : bad_event(verify, event->sequence,
                            "it can no longer be found by its phone, account or contact",
                            "его больше не найти по телефону, счёту или обращению");
}

static enum err_code check_personal(struct verify *verify, const struct event *event,
                                    const struct json *tree)
{
    int64_t sequence = event->sequence;
    struct slice promised = json_string(json_get(tree, "personaldigest"));
    uint8_t digest[STORE_DIGEST_BYTES];
    char text[2 * STORE_DIGEST_BYTES + 1];

    buf_clear(&verify->sealed);
    int found = store_personal(verify->stored, sequence, &verify->sealed, verify->err);
    if (found < 0)
        return verify->code = ERR_UNAVAILABLE;
    if (promised.length)
        journal_erased_note(&verify->personal_fields, sequence, found == 1);
    if (found == 0) {
        verify->erased += promised.length > 0;
        return ERR_OK;
    }
    if (!promised.length)
        return bad_event(verify, sequence, "personal data stand beside it that it does not name",
                         "рядом с ним лежат персональные данные, которых оно не называет");
    if (!verify->keyed)
        return ERR_OK;
    const struct json *values = journal_keys_open_event(
        &verify->keys, sequence, (struct slice){verify->sealed.data, verify->sealed.length},
        verify->personal_doc);
    if (!values)
        return bad_event(verify, sequence,
                         "its personal data cannot be opened: they were changed, or this "
                         "personal.key is another one",
                         "его персональные данные не открываются: они изменены или personal.key "
                         "другой");
    buf_clear(&verify->text);
    json_write_canonical(&verify->text, values);
    journal_personal_digest(&verify->keys, sequence,
                            (struct slice){verify->text.data, verify->text.length}, digest);
    crypto_hex(digest, sizeof(digest), text);
    crypto_wipe(verify->text.data, verify->text.length);
    verify->personal++;
    return slice_is(promised, text)
               ? check_lookups(verify, event, tree, values)
               : bad_event(verify, sequence, "its personal data are not those it commits to",
                           "его персональные данные — не те, за которые оно ручается");
}

static void put_dirty(void *context, enum record_type type, const void *record)
{
    struct verify *verify = context;

    if (verify->code == ERR_OK && record)
        verify->code = store_put_record(verify->folded, type, record, verify->err);
}

static enum err_code flush(struct verify *verify)
{
    if (verify->folded_since == 0)
        return verify->code;
    engine_each_dirty(verify->engine, put_dirty, verify);
    if (verify->code == ERR_OK)
        verify->code = store_commit(verify->folded, verify->err);
    if (verify->code == ERR_OK)
        engine_clean(verify->engine, verify->recorded_ms);
    verify->folded_since = 0;
    return verify->code;
}

// What the engine needs and no longer has in memory, out of what was folded so far.
static enum err_code load_wanted(struct verify *verify, const struct event *event)
{
    struct engine_want want;

    while (engine_wants(verify->engine, event, &want)) {
        void *record = calloc(1, record_tables[want.type].size);
        if (!record)
            abort();
        char *text = mem_string_of(want.text.data ? want.text.data : "", want.text.length);
        const void *key = want.text.data ? (const void *)text : &want.number;
        int found = store_get_record(verify->folded, want.type, key, record, verify->err);
        free(text);
        if (found == 1)
            engine_load(verify->engine, want.type, record);
        else
            engine_miss(verify->engine, &want);
        free(record);
        if (found < 0)
            return verify->code = ERR_UNAVAILABLE;
    }
    return ERR_OK;
}

static enum err_code put_timelines(struct verify *verify, const struct event *event)
{
    enum err_code code = ERR_OK;

    if (EVENT_HAS(event, incident))
        code = store_link(verify->folded, EVENT_VALUE(event, incident)->integer, event->sequence,
                          verify->err);
    if (code == ERR_OK && EVENT_HAS(event, into))
        code = store_link(verify->folded, EVENT_VALUE(event, into)->integer, event->sequence,
                          verify->err);
    if (code == ERR_OK && EVENT_HAS(event, planned))
        code = store_link_planned(verify->folded, EVENT_VALUE(event, planned)->integer,
                                  event->sequence, verify->err);
    return verify->code = code;
}

static enum err_code fold(struct verify *verify, const struct event *event)
{
    if (verify->folded_since == 0 &&
        (verify->code = store_begin(verify->folded, verify->err)) != ERR_OK)
        return verify->code;
    verify->folded_since++;
    verify->recorded_ms = event->recorded_ms;
    if (load_wanted(verify, event) != ERR_OK || put_timelines(verify, event) != ERR_OK)
        return verify->code;
    engine_apply(verify->engine, event);
    return verify->folded_since == FOLD_BATCH ? flush(verify) : ERR_OK;
}

static bool check_event(void *context, int64_t sequence, struct slice topic, struct slice bytes,
                        const uint8_t chain[STORE_CHAIN_BYTES])
{
    struct verify *verify = context;
    struct event event;
    struct err why;

    if (check_chain(verify, sequence, bytes, chain) != ERR_OK)
        return false;
    struct json *tree = json_parse(verify->doc, bytes.data, bytes.length, JSON_DEPTH_DEFAULT, &why);
    if (!tree || event_read_stored(&event, tree, verify->doc, &why) != ERR_OK)
        return bad_event(verify, sequence, why.message[LANGUAGE_EN], why.message[LANGUAGE_RU]),
               false;
    if (event.sequence != sequence)
        return bad_event(verify, sequence, "it says another sequence",
                         "в нём записан другой номер"),
               false;
    if (!slice_equal(event.topic, topic))
        return bad_event(verify, sequence, "its row says another type",
                         "в его строке записан другой тип"),
               false;
    if (slice_is(topic, "personal.purged"))
        journal_erased_purge(&verify->personal_fields, tree);
    return check_id(verify, &event) == ERR_OK && check_personal(verify, &event, tree) == ERR_OK &&
           fold(verify, &event) == ERR_OK;
}

static enum err_code check_file(struct verify *verify)
{
    sqlite3_stmt *row = NULL;
    enum err_code code = ERR_OK;

    store_prepare(verify->stored, &row, "PRAGMA integrity_check(1)");
    int result = row ? sqlite3_step(row) : SQLITE_OK;
    const char *said = result == SQLITE_ROW ? (const char *)sqlite3_column_text(row, 0) : NULL;
    if (!said)
        code = store_fault(verify->stored, result, verify->err);
    else if (strcmp(said, "ok") != 0)
        code = err_set(verify->err, ERR_INVALID, "file", "The database file is damaged: %s.",
                       "Файл базы данных повреждён: %s.", said);
    sqlite3_finalize(row);
    return code;
}

static enum err_code check_base(struct verify *verify)
{
    const struct store_base *base = store_base(verify->stored);
    uint8_t chain[STORE_CHAIN_BYTES], state[STORE_DIGEST_BYTES];
    enum err_code code = store_digest_state(verify->folded, state, verify->err);

    store_first_chain(base->lineage, chain);
    if (code == ERR_OK && (base->sequence != 0 || memcmp(chain, base->chain, sizeof(chain)) != 0 ||
                           memcmp(state, base->state, sizeof(state)) != 0))
        code = err_set(verify->err, ERR_INVALID, "base",
                       "The base row does not begin this journal: it was changed.",
                       "Базовая строка не начинает этот журнал: она изменена.");
    memcpy(verify->chain, base->chain, sizeof(verify->chain));
    verify->expected = base->sequence + 1;
    return code;
}

// Ids and personal data of events that are not there: the journal's end was cut off.
static enum err_code check_end(struct verify *verify)
{
    static const char orphan[] =
        "SELECT min(sequence) FROM (SELECT sequence FROM event_id UNION ALL"
        " SELECT sequence FROM personal) WHERE sequence > (SELECT ifnull(max(sequence), 0) FROM "
        "event)";
    int64_t head = verify->expected - 1;

    if (verify->witnessed < 0)
        return err_set(verify->err, ERR_INVALID, "witness",
                       "The witness of the head was not written with this personal.key.",
                       "Свидетель головы журнала записан не с этим personal.key.");
    if (verify->witnessed == 1 && verify->witness.sequence > head) {
        err_set(verify->err, ERR_INVALID, "journal",
                "The journal ends at event %lld, but had reached %lld: it is an older copy, or "
                "its end was cut off.",
                "Журнал кончается событием %lld, а доходил до %lld: это старая копия или у него "
                "отрезан конец.",
                (long long)head, (long long)verify->witness.sequence);
        err_set_path(verify->err, "sequence/%lld", (long long)head + 1);
        return ERR_INVALID;
    }
    if (verify->witnessed == 1 && verify->witness.closed && verify->witness.sequence < head)
        return bad_event(verify, verify->witness.sequence + 1,
                         "it was put in after busd had closed the journal",
                         "оно добавлено после того, как busd закрыл журнал");
    if (verify->anchored < verify->anchors.count)
        return bad_event(verify, head + 1, "it is missing: an anchor saw the journal go on",
                         "его нет: якорь видел журнал более длинным");
    int64_t missing = store_number(verify->stored, orphan, 0);
    if (missing > 0)
        return bad_event(verify, missing,
                         "it is missing, though its id or its personal data are kept",
                         "его нет, хотя его id или персональные данные сохранены");
    int64_t ids = store_number(verify->stored, "SELECT count(*) FROM event_id", -1);
    if (ids != verify->clients)
        return err_set(verify->err, ERR_INVALID, "ids",
                       "%lld ids are kept, but %lld events came from clients.",
                       "Сохранено id: %lld, а событий от клиентов: %lld.", (long long)ids,
                       (long long)verify->clients);
    return ERR_OK;
}

static enum err_code check_erased(struct verify *verify)
{
    bool again = false;
    int64_t sequence = journal_erased_first_fault(&verify->personal_fields, &again);

    if (sequence && again)
        return bad_event(verify, sequence, "its personal data are there again, though erased",
                         "его персональные данные снова на месте, хотя удалены");
    if (sequence)
        return bad_event(verify, sequence,
                         "its personal data are missing, and no personal.purged names it",
                         "его персональных данных нет, и ни одно personal.purged его не называет");
    int64_t lookups = store_number(verify->stored, "SELECT count(*) FROM lookup", -1);
    if (verify->keyed && lookups != verify->lookups)
        return err_set(verify->err, ERR_INVALID, "lookups",
                       "%lld digests of phones and accounts are kept, %lld would be right.",
                       "Свёрток телефонов и счетов: %lld, а должно быть %lld.", (long long)lookups,
                       (long long)verify->lookups);
    return ERR_OK;
}

static enum err_code walk(struct verify *verify)
{
    enum err_code code = check_file(verify);

    if (code == ERR_OK)
        code = check_base(verify);
    if (code == ERR_OK)
        code = store_read(verify->stored, store_base(verify->stored)->sequence, SIZE_MAX,
                          check_event, verify, verify->err);
    if (code == ERR_OK)
        code = verify->code;
    if (code == ERR_OK)
        code = flush(verify);
    if (code == ERR_OK)
        code = check_end(verify);
    if (code == ERR_OK)
        code = check_erased(verify);
    return code == ERR_OK ? store_compare(verify->stored, verify->folded, verify->err) : code;
}

// The access record beside the journal.
static enum err_code check_shown(struct verify *verify, const char *directory)
{
    char lineage[37];

    store_lineage_text(store_base(verify->stored)->lineage, lineage);
    return seen_verify(directory, lineage, &verify->keys, &verify->anchors, &verify->shown,
                       verify->err);
}

static void print_report(const struct verify *verify, enum err_code code, struct buf *report)
{
    char chain[2 * STORE_CHAIN_BYTES + 1], lineage[37];

    store_lineage_text(store_base(verify->stored)->lineage, lineage);
    crypto_hex(verify->chain, sizeof(verify->chain), chain);
    buf_printf(report, "journal %s\n", lineage);
    if (code != ERR_OK) {
        buf_printf(report, "%lld events are right, then: %s\n", (long long)verify->expected - 1,
                   verify->err->message[LANGUAGE_EN]);
        return;
    }
    buf_printf(report, "%lld events, the chain holds, its head is %s\n",
               (long long)verify->expected - 1, chain);
    buf_printf(report,
               "%lld ids; personal data of %lld events are as committed to, of %lld erased\n",
               (long long)verify->clients, (long long)verify->personal, (long long)verify->erased);
    if (verify->anchors.count)
        buf_printf(report, "%zu anchors agree\n", verify->anchors.count);
    if (verify->keyed)
        buf_printf(report, "%lld entries of the access record\n", (long long)verify->shown);
    else
        buf_add_text(report, "personal.key is not there: personal data, access record and witness "
                             "unchecked\n");
    buf_add_text(report, "every state table is what the events add up to\n");
}

// The same as one JSON object, for programs. With a fault the numbers are those up to it.
static void print_line(const struct verify *verify, enum err_code code, struct buf *report)
{
    char chain[2 * STORE_CHAIN_BYTES + 1], lineage[37];
    struct json_out out;

    store_lineage_text(store_base(verify->stored)->lineage, lineage);
    crypto_hex(verify->chain, sizeof(verify->chain), chain);
    json_out_init(&out, report);
    json_out_object(&out, NULL);
    json_out_text(&out, "journal", lineage);
    json_out_bool(&out, "right", code == ERR_OK);
    json_out_integer(&out, "events", verify->expected - 1);
    if (code != ERR_OK) {
        json_out_text(&out, "fault", verify->err->message[LANGUAGE_EN]);
    } else {
        json_out_text(&out, "chain", chain);
        json_out_integer(&out, "ids", verify->clients);
        json_out_integer(&out, "anchors", (int64_t)verify->anchors.count);
        json_out_bool(&out, "keyed", verify->keyed);
    }
    if (code == ERR_OK && verify->keyed) {
        json_out_integer(&out, "personal", verify->personal);
        json_out_integer(&out, "erased", verify->erased);
        json_out_integer(&out, "access", verify->shown);
    }
    json_out_end(&out, '}');
    buf_add_text(report, "\n");
}

static enum err_code read_anchors(struct verify *verify, const char *file)
{
    char lineage[37];

    store_lineage_text(store_base(verify->stored)->lineage, lineage);
    return journal_anchors_read(&verify->anchors, file, lineage, verify->err);
}

static enum err_code open_all(struct verify *verify, const struct journal_verify_options *options)
{
    const char *directory = options->directory;
    struct err key_err;

    verify->stored = store_open_with(
        directory, &(struct store_options){.any_clock = true, .inspect = true}, verify->err);
    if (!verify->stored)
        return verify->err->code;
    verify->folded = store_open_with(
        NULL, &(struct store_options){.any_clock = true, .in_memory = true}, verify->err);
    if (!verify->folded)
        return verify->err->code;
    if (options->anchors && read_anchors(verify, options->anchors) != ERR_OK)
        return verify->err->code;
    char lineage[37], path[4096];
    store_lineage_text(store_base(verify->stored)->lineage, lineage);
    snprintf(path, sizeof path, options->key_file ? "%s" : "%s/personal.key",
             options->key_file ? options->key_file : directory);
    enum err_code code = journal_keys_read_file(&verify->keys, path, 0, &key_err);
    // Keys that do not fit are told by what they do not open.
    if (code == ERR_OK)
        journal_settle_key(verify->stored, lineage, path, true, &verify->keys, verify->err);
    err_clear(verify->err);
    verify->keyed = code == ERR_OK;
    if (code != ERR_OK && code != ERR_NOT_FOUND) {
        *verify->err = key_err;
        return code;
    }
    if (verify->keyed)
        verify->witnessed =
            journal_witness_read(&verify->keys, directory, JOURNAL_WITNESS_HEAD, &verify->witness);
    verify->engine = engine_new();
    verify->doc = json_doc_new();
    verify->personal_doc = json_doc_new();
    return ERR_OK;
}

enum err_code journal_verify(const char *directory, struct buf *report, struct err *err)
{
    return journal_verify_with(&(struct journal_verify_options){.directory = directory}, report,
                               err);
}

enum err_code journal_verify_with(const struct journal_verify_options *options, struct buf *report,
                                  struct err *err)
{
    struct verify verify = {.err = err};
    enum err_code code = open_all(&verify, options);

    if (code == ERR_OK) {
        code = walk(&verify);
        if (code == ERR_OK && verify.keyed)
            code = check_shown(&verify, options->directory);
        (options->lines ? print_line : print_report)(&verify, code, report);
        engine_free(verify.engine);
        json_doc_free(verify.doc);
        json_doc_free(verify.personal_doc);
    }
    buf_fini(&verify.text);
    buf_fini(&verify.sealed);
    journal_erased_fini(&verify.personal_fields);
    journal_anchors_fini(&verify.anchors);
    journal_keys_wipe(&verify.keys);
    store_close(verify.folded);
    store_close(verify.stored);
    return code;
}
