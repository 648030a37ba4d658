// `pult import`: a CSV file in parts of at most 256 KiB, made true at once by the last.
#include "pult/command.h"

#include "lib/clock.h"
#include "lib/crypto.h"
#include "lib/file.h"

#include <stdlib.h>
#include <string.h>

enum { PART_BYTES = 200 * 1024 }; // below PROTOCOL's 256 KiB

// How many bytes of `text` make the next part: whole lines where a line fits, so that no character
// is cut in two.
static size_t part_length(struct slice text)
{
    if (text.length <= PART_BYTES)
        return text.length;
    const char *end = memrchr(text.data, '\n', PART_BYTES);
    if (end)
        return (size_t)(end + 1 - text.data);
    size_t length = PART_BYTES;
    while (length > 1 && ((unsigned char)text.data[length] & 0xC0) == 0x80)
        length--;
    return length;
}

static void write_part(struct buf *body, const char *id, const char *kind, int64_t part,
                       struct slice csv, bool last, bool replace)
{
    struct json_out out;

    buf_clear(body);
    json_out_init(&out, body);
    json_out_object(&out, NULL);
    json_out_text(&out, "import", id);
    json_out_text(&out, "kind", kind);
    json_out_integer(&out, "part", part);
    json_out_string(&out, "csv", csv);
    if (last)
        json_out_bool(&out, "commit", true);
    if (last && replace)
        json_out_bool(&out, "replace", true);
    json_out_end(&out, '}');
}

static int send_parts(const struct command_line *line, const char *kind, struct slice text,
                      bool replace)
{
    struct buf body = {0};
    struct json_doc *doc = json_doc_new();
    const struct json *answer = NULL;
    int64_t part = 1;
    int status = 0;
    char id[37];

    struct client *client = command_connect(line, &status);
    crypto_uuid7(clock_real_now_ms(), id);
    for (bool last = false; client && status == 0 && !last; part++) {
        size_t length = part_length(text);
        last = length == text.length;
        write_part(&body, id, kind, part, (struct slice){text.data, length}, last, replace);
        answer = command_ask(line, client, "import", &body, doc, &status);
        text.data += length;
        text.length -= length;
    }
    if (answer && status == 0) {
        int64_t rows = json_integer(json_get(answer, "rows"), 0);
        buf_clear(&body);
        json_write(&body, answer);
        if (line->people)
            printf(line->language == LANGUAGE_RU ? "Загружено строк: %lld.\n"
                                                 : "Rows imported: %lld.\n",
                   (long long)rows);
        else
            puts(buf_text(&body));
    }
    client_close(client);
    json_doc_free(doc);
    buf_fini(&body);
    return status;
}

int command_import_file(const struct command_line *given, const char *kind, const char *file,
                        bool replace)
{
    struct command_line line = *given;
    struct buf text = {0};

    if (!line.role)
        line.role = "admin"; // nobody else may import
    struct err err;
    int status;

    if (file_read(file, SIZE_MAX, &text, &err) == ERR_OK)
        status = send_parts(&line, kind, (struct slice){buf_text(&text), text.length}, replace);
    else
        status = command_fail(&line, &err);
    buf_fini(&text);
    return status;
}

int command_import(const struct command_line *given)
{
    struct command_line line = *given;
    bool replace = command_flag(&line, "replace");

    return line.argc == 3 ? command_import_file(&line, line.argv[1], line.argv[2], replace)
                          : command_usage(&line);
}
