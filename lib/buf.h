// A growing run of bytes. Always followed by a NUL that is not counted, so `data` is also a string.
#pragma once

#include <stddef.h>

struct buf {
    char *data; // NULL while nothing was ever added
    size_t length, capacity;
};

void buf_fini(struct buf *buf);  // frees, and leaves it empty and usable
void buf_clear(struct buf *buf); // empty, memory kept and wiped
void buf_add(struct buf *buf, const void *data, size_t length);
void buf_add_text(struct buf *buf, const char *text);
void buf_add_char(struct buf *buf, char character);
// Room for `length` bytes behind what is there, for a caller that writes them itself and then says
// how many by buf_extend(). The address holds until the next call.
char *buf_room(struct buf *buf, size_t length);
void buf_extend(struct buf *buf, size_t length);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *buf_text(const struct buf *buf); // never NULL
