// `pult person`: what the law gives a person, and what it holds back (PROTOCOL §3 `admin`).
#include "pult/command.h"

#include "lib/crypto.h"

#include <string.h>

// What a person is shown of the answer: the rows of an export, else the one object.
static void print_answer(const struct command_line *line, const struct json *answer)
{
    const struct json *rows = json_get(answer, "rows");
    struct command_line plain = *line;
    struct buf text = {0};

    if (rows) {
        plain.people = false; // whole records, to be handed over
        command_print_rows(&plain, rows);
    } else if (line->people) {
        command_print_members(answer);
    } else {
        json_write(&text, answer);
        puts(buf_text(&text));
        buf_fini(&text);
    }
}

int command_person(const struct command_line *given)
{
    static const char *const acts[] = {"export", "erase", "hold", "release"};
    struct command_line line = *given;
    const char *phone = command_option(&line, "phone");
    const char *reg_no = command_option(&line, "contact");
    const char *reason = command_option(&line, "reason");
    struct buf body = {0};
    struct json_out out;
    char act[32];
    size_t known = 0;
    int status = 0;

    while (known < 4 && (line.argc != 2 || strcmp(line.argv[1], acts[known]) != 0))
        known++;
    if (known == 4 || (!phone == !reg_no))
        return command_usage(given);
    if (!line.role)
        line.role = "admin";
    snprintf(act, sizeof act, "person_%s", acts[known]);
    json_out_init(&out, &body);
    json_out_object(&out, NULL);
    json_out_text(&out, "do", act);
    json_out_text(&out, phone ? "phone" : "reg_no", phone ? phone : reg_no);
    if (reason)
        json_out_text(&out, "reason", reason);
    json_out_end(&out, '}');
    struct client *client = command_connect(&line, &status);
    struct json_doc *doc = json_doc_new();
    const struct json *answer =
        client ? command_ask(&line, client, "admin", &body, doc, &status) : NULL;
    if (answer)
        print_answer(&line, answer);
    json_doc_free(doc);
    client_close(client);
    crypto_wipe(body.data, body.length);
    buf_fini(&body);
    return status;
}
