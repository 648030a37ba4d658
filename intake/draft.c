#include "intake/draft.h"

#include "lib/mem.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

// Every field full of letters of four bytes, twice.
enum { DRAFT_BYTES = 128 * 1024 };

// False when there is nothing to keep.
static bool write_draft(const struct post *post, struct buf *out)
{
    struct buf form = {0}, popup = {0};
    bool form_there = post_draft(post, &form);
    bool popup_there = post->popup.kind != POPUP_NONE;
    struct json_out json;

    json_out_init(&json, out);
    json_out_object(&json, NULL);
    if (form_there)
        json_out_raw(&json, "form", (struct slice){form.data, form.length});
    if (popup_there) {
        popup_save(&post->popup, &popup);
        json_out_raw(&json, "popup", (struct slice){popup.data, popup.length});
    }
    json_out_end(&json, '}');
    buf_fini(&form);
    buf_fini(&popup);
    return form_there || popup_there;
}

void draft_save(const struct post *post, const char *file)
{
    struct buf draft = {0};

    if (!write_draft(post, &draft)) {
        unlink(file);
        buf_fini(&draft);
        return;
    }
    int target = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (target >= 0) {
        // A draft that the disk does not take is lost with the terminal; there is nobody to tell.
        if (write(target, draft.data, draft.length) == (ssize_t)draft.length)
            fsync(target);
        close(target);
    }
    buf_fini(&draft);
}

static void take(struct post *post, const struct json *draft)
{
    const struct json *form = json_get(draft, "form");
    bool popup = popup_load(&post->popup, json_get(draft, "popup"));

    if (form)
        post_take_draft(post, form);
    if (form || popup)
        post_say(post, ROLE_BOLD, post_text(post, form ? TEXT_DRAFT_FOUND : TEXT_DRAFT_ANSWER));
}

void draft_take(struct post *post, const char *file)
{
    int source = open(file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

    if (source < 0)
        return;
    char *text = mem_alloc(DRAFT_BYTES);
    ssize_t length = read(source, text, DRAFT_BYTES);
    close(source);
    unlink(file);
    struct json_doc *doc = json_doc_new();
    take(post, length > 0 ? json_parse(doc, text, (size_t)length, JSON_DEPTH_DEFAULT, NULL) : NULL);
    json_doc_free(doc);
    free(text);
}
