// The unfinished call, and the answer that is being typed to a former one, kept in a file when the
// terminal goes away and taken back at the next start.
#pragma once

#include "intake/post.h"

// `file` in the account's own state directory; 0600. Without a draft the file is removed.
void draft_save(const struct post *post, const char *file);
void draft_take(struct post *post, const char *file);
