// `pult rights`: what an identity may do, and which line of roles.yaml or keys.yaml says so.
#include "pult/command.h"

#include <stdio.h>
#include <string.h>

static void build(struct buf *body, const char *identity)
{
    struct json_out out;

    buf_clear(body);
    json_out_init(&out, body);
    json_out_object(&out, NULL);
    json_out_text(&out, "name", "rights");
    json_out_object(&out, "args");
    if (identity)
        json_out_text(&out, "identity", identity);
    json_out_integer(&out, "limit", 1000);
    json_out_end(&out, '}');
    json_out_end(&out, '}');
}

// An account's name or a key's; whichever there is. A whole identity has a colon.
static enum err_code ask(struct client *client, const char *name, struct json_doc *doc,
                         const struct json **answer, struct err *err)
{
    static const char *const kinds[] = {"pult:user:", "pult:key:"};
    bool whole = name && strchr(name, ':');
    struct buf body = {0};
    char identity[300];
    enum err_code code = ERR_NOT_FOUND;

    for (size_t i = 0; i < 2 && code == ERR_NOT_FOUND; i++) {
        snprintf(identity, sizeof identity, "%s%s", whole || !name ? "" : kinds[i],
                 name ? name : "");
        build(&body, name ? identity : NULL);
        code =
            client_call(client, "query", (struct slice){body.data, body.length}, doc, answer, err);
        if (whole || !name)
            break;
    }
    buf_fini(&body);
    return code;
}

int command_rights(const struct command_line *given)
{
    struct command_line line = *given;
    const char *name = line.argc > 1 ? line.argv[1] : NULL;
    const struct json *answer = NULL;
    struct client *client;
    struct json_doc *doc;
    struct err err;
    int status = 0;

    if (!command_has_words(&line, 1))
        return command_usage(&line);
    if (name && !line.role)
        line.role = "admin"; // others' rights are an administrator's to see
    client = command_connect(&line, &status);
    if (!client)
        return status;
    doc = json_doc_new();
    err_clear(&err);
    if (ask(client, name, doc, &answer, &err) == ERR_OK)
        command_print_rows(&line, json_get(answer, "rows"));
    else
        status = command_fail(&line, &err);
    json_doc_free(doc);
    client_close(client);
    return status;
}
