#include "intake/draft.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { DRAFT_BYTES = 16 * 1024 };

void draft_save(const struct post *post, const char *file)
{
    struct buf draft = {0};

    if (!post_draft(post, &draft)) {
        unlink(file);
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

void draft_take(struct post *post, const char *file)
{
    char text[DRAFT_BYTES];
    int source = open(file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

    if (source < 0)
        return;
    ssize_t length = read(source, text, sizeof(text));
    close(source);
    unlink(file);
    struct json_doc *doc = json_doc_new();
    const struct json *draft =
        length > 0 ? json_parse(doc, text, (size_t)length, JSON_DEPTH_DEFAULT, NULL) : NULL;
    if (draft) {
        post_take_draft(post, draft);
        post_say(post, ROLE_BOLD, post_text(post, TEXT_DRAFT_FOUND));
    }
    json_doc_free(doc);
}
