// `pult export`: a span of the journal for somebody who does not trust this machine. The bytes of
// every event as they are chained, the chain before and behind them, and with --sign a signature:
// docs/examples/check_export.py checks it with nothing of Pult's.
#include "pult/command.h"

#include "lib/crypto.h"
#include "lib/sign.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct export
{
    const struct command_line *line;
    int64_t from, to, last; // the last event that was printed
    uint8_t chain[CRYPTO_DIGEST_BYTES];
    struct buf head; // the first line
    bool done;
    struct err fault;
};

static void fail(struct export *export, enum err_code code, const char *en, const char *ru)
{
    err_set(&export->fault, code, "export", "%s%.0s", "%.0s%s", en, ru);
    export->done = true;
}

static void print_event(void *context, const struct json *event, struct slice bytes)
{
    struct export *export = context;
    const char *text = json_c_string(json_get(event, "sequence"));
    int64_t sequence = text ? strtoll(text, NULL, 10) : 0;
    struct slice before = {(const char *)export->chain, sizeof export->chain};

    if (export->done || sequence > export->to)
        return;
    if (sequence != export->last + 1) {
        fail(export, ERR_DENIED,
             "The role may not read every type of event; choose another by --role.",
             "Роль читает не все типы событий; выберите другую через --role.");
        return;
    }
    crypto_sha256_pair(before, bytes, export->chain);
    fwrite(bytes.data, 1, bytes.length, stdout);
    putchar('\n');
    export->last = sequence;
    export->done = sequence == export->to;
}

static void end_of_events(void *context, int64_t head)
{
    struct export *export = context;

    if (head >= export->to && export->last < export->to)
        fail(export, ERR_DENIED,
             "The role may not read every type of event; choose another by --role.",
             "Роль читает не все типы событий; выберите другую через --role.");
}

static void link_changed(void *context, enum client_link link, const struct err *why)
{
    struct export *export = context;

    if (link == CLIENT_UP || export->done)
        return;
    export->fault = *why;
    export->done = true;
}

// chain(sequence), asked of the broker.
static enum err_code ask_chain(struct client *client, int64_t sequence,
                               uint8_t chain[CRYPTO_DIGEST_BYTES], struct err *err)
{
    struct json_doc *doc = json_doc_new();
    const struct json *answer = NULL;
    struct buf body = {0};

    buf_printf(&body, "{\"name\":\"chain\",\"args\":{\"sequence\":%" PRId64 "}}", sequence);
    enum err_code code =
        client_call(client, "query", (struct slice){body.data, body.length}, doc, &answer, err);
    const struct json *rows = json_get(answer, "rows");
    struct slice hex = json_string(json_get(rows ? rows->first : NULL, "chain"));
    if (code == ERR_OK && !(hex.length == 2 * CRYPTO_DIGEST_BYTES &&
                            crypto_unhex(hex.data, hex.length, chain, CRYPTO_DIGEST_BYTES)))
        code = err_set(err, ERR_UNAVAILABLE, "chain", "The broker gives no chain.",
                       "Брокер не назвал цепочку.");
    buf_fini(&body);
    json_doc_free(doc);
    return code;
}

static void print_head(struct export *export, struct client *client)
{
    char chain[2 * CRYPTO_DIGEST_BYTES + 1];
    struct json_out out;

    crypto_hex(export->chain, sizeof export->chain, chain);
    json_out_init(&out, &export->head);
    json_out_object(&out, NULL);
    json_out_text(&out, "pult", "export");
    json_out_text(&out, "journal", client_hello(client)->journal);
    json_out_integer(&out, "from", export->from);
    json_out_integer(&out, "to", export->to);
    json_out_text(&out, "before", chain);
    json_out_text(&out, "by", client_hello(client)->identity);
    json_out_end(&out, '}');
    puts(buf_text(&export->head));
}

// What is signed is the first line and the last chain, which commits to every byte between.
static void print_end(const struct export *export, const struct sign_key *key)
{
    char chain[2 * CRYPTO_DIGEST_BYTES + 1], hex[2 * SIGN_BYTES + 1];
    uint8_t signature[SIGN_BYTES], public[SIGN_PUBLIC_BYTES];
    struct buf text = {0};

    crypto_hex(export->chain, sizeof export->chain, chain);
    printf("{\"chain\":\"%s\"", chain);
    if (key) {
        buf_printf(&text, "%s\n%s\n", buf_text(&export->head), chain);
        sign_make(key, (struct slice){text.data, text.length}, signature);
        crypto_hex(signature, sizeof signature, hex);
        printf(",\"algorithm\":\"Ed25519\",\"signature\":\"%s\"", hex);
        sign_key_public(key, public);
        crypto_hex(public, sizeof public, hex);
        printf(",\"key\":\"%s\"", hex);
    }
    puts("}");
    buf_fini(&text);
}

static enum err_code run(struct export *export, struct client *client, const struct sign_key *key,
                         struct err *err)
{
    static const char *const topics[] = {""};
    int64_t head = client_hello(client)->head;

    if (export->to == 0 || export->to > head)
        export->to = head;
    if (export->from > export->to)
        return err_set(err, ERR_NOT_FOUND, "from", "The journal ends at %" PRId64 ".",
                       "Журнал кончается на %" PRId64 ".", head);
    if (ask_chain(client, export->from - 1, export->chain, err) != ERR_OK)
        return err->code;
    print_head(export, client);
    export->last = export->from - 1;
    client_on_link(client, link_changed, export);
    client_subscribe(client, topics, 1, export->last, print_event, end_of_events, export);
    while (!export->done && !ferror(stdout))
        client_poll(client, NULL, 0, 500);
    *err = export->fault;
    if (err->code == ERR_OK)
        print_end(export, key);
    return err->code;
}

static bool read_number(const char *word, int64_t otherwise, int64_t *number)
{
    char *end;

    *number = otherwise;
    if (!word)
        return true;
    *number = strtoll(word, &end, 10);
    return *word && !*end && *number >= 1;
}

int command_export(const struct command_line *given)
{
    struct command_line line = *given;
    const char *key_file = command_option(&line, "sign");
    const char *from = command_option(&line, "from"), *to = command_option(&line, "to");
    struct export export = {.line = given};
    struct sign_key *key = NULL;
    struct err err;
    int status = 0;

    err_clear(&err);
    err_clear(&export.fault);
    if (!command_has_words(&line, 0) || !read_number(from, 1, &export.from) ||
        !read_number(to, 0, &export.to))
        return command_usage(given);
    if (key_file && !(key = sign_key_read(key_file, &err)))
        return command_fail(given, &err);
    struct client *client = command_connect(&line, &status);
    if (client &&
        (client_wait(client, &err) != ERR_OK || run(&export, client, key, &err) != ERR_OK))
        status = command_fail(given, &err);
    client_close(client);
    sign_key_free(key);
    buf_fini(&export.head);
    return status;
}
