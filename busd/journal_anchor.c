#include "busd/journal_anchor.h"

#include "lib/clock.h"
#include "lib/file.h"
#include "lib/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

enum { LINE_BYTES = 400, FILE_BYTES_MAX = 1 << 30 };
#define LINE_FORMAT "pult journal=%s sequence=%lld chain=%s access=%lld access_chain=%s"

static bool append(const char *path, const char *line)
{
    int file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    size_t length = strlen(line);
    bool done;

    if (file < 0)
        return false;
    done = write(file, line, length) == (ssize_t)length && fdatasync(file) == 0;
    int number = errno;
    close(file);
    errno = number;
    return done;
}

enum err_code journal_anchor_say(const struct journal_anchor *anchor, const char *lineage,
                                 int64_t now_ms, const char *file, struct err *err)
{
    char chain[2 * CRYPTO_DIGEST_BYTES + 1], access[2 * CRYPTO_DIGEST_BYTES + 1];
    char time[CLOCK_TEXT_BYTES], what[LINE_BYTES], line[LINE_BYTES + CLOCK_TEXT_BYTES + 2];

    crypto_hex(anchor->chain, sizeof anchor->chain, chain);
    crypto_hex(anchor->access_chain, sizeof anchor->access_chain, access);
    snprintf(what, sizeof what, LINE_FORMAT, lineage, (long long)anchor->sequence, chain,
             (long long)anchor->access, access);
    syslog(LOG_AUTHPRIV | LOG_NOTICE, "%s", what);
    if (!file || !*file)
        return ERR_OK;
    clock_format(now_ms, time);
    snprintf(line, sizeof line, "%s %s\n", time, what);
    if (append(file, line))
        return ERR_OK;
    int number = errno;
    return err_set(err, ERR_UNAVAILABLE, "anchor", "The anchor file %s cannot be written: %s.",
                   "Файл якорей %s не записывается: %s.", file, strerror(number));
}

// A word "name=VALUE" of the line.
static const char *value_of(const char *line, const char *name)
{
    size_t length = strlen(name);

    for (const char *at = line; (at = strstr(at, name)); at += length) {
        if (at > line && at[-1] == ' ' && at[length] == '=')
            return at + length + 1;
    }
    return NULL;
}

static bool read_hex(const char *text, uint8_t bytes[CRYPTO_DIGEST_BYTES])
{
    return text && strlen(text) >= 2 * CRYPTO_DIGEST_BYTES &&
           crypto_unhex(text, 2 * CRYPTO_DIGEST_BYTES, bytes, CRYPTO_DIGEST_BYTES);
}

static void read_line(struct journal_anchors *anchors, const char *line, const char *lineage)
{
    const char *journal = value_of(line, "journal"), *sequence = value_of(line, "sequence");
    const char *access = value_of(line, "access");
    struct journal_anchor anchor = {0};

    if (!journal || strncmp(journal, lineage, strlen(lineage)) != 0 || !sequence || !access ||
        !read_hex(value_of(line, "chain"), anchor.chain) ||
        !read_hex(value_of(line, "access_chain"), anchor.access_chain))
        return;
    anchor.sequence = strtoll(sequence, NULL, 10);
    anchor.access = strtoll(access, NULL, 10);
    mem_grow((void **)&anchors->items, anchors->count, &anchors->capacity, sizeof anchor);
    anchors->items[anchors->count++] = anchor;
}

static int by_sequence(const void *a, const void *b)
{
    const struct journal_anchor *x = a, *y = b;
    return (x->sequence > y->sequence) - (x->sequence < y->sequence);
}

enum err_code journal_anchors_read(struct journal_anchors *anchors, const char *file,
                                   const char *lineage, struct err *err)
{
    struct buf text = {0};
    char *rest;

    if (file_read(file, FILE_BYTES_MAX, &text, err) != ERR_OK) {
        buf_fini(&text);
        return err->code;
    }
    rest = text.data;
    for (char *line; rest && (line = strsep(&rest, "\n"));)
        read_line(anchors, line, lineage);
    buf_fini(&text);
    if (anchors->count == 0)
        return err_set(err, ERR_NOT_FOUND, "anchor", "%s has no anchor of the journal %s.",
                       "В файле %s нет якорей журнала %s.", file, lineage);
    qsort(anchors->items, anchors->count, sizeof *anchors->items, by_sequence);
    return ERR_OK;
}

void journal_anchors_fini(struct journal_anchors *anchors)
{
    free(anchors->items);
}
