#include "lib/buf.h"

#include "lib/mem.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void reserve(struct buf *buf, size_t more)
{
    size_t wanted = buf->length + more + 1;

    if (wanted <= buf->capacity)
        return;
    size_t capacity = buf->capacity ? buf->capacity : 128;
    while (capacity < wanted)
        capacity *= 2;
    buf->data = mem_resize(buf->data, capacity, 1);
    buf->capacity = capacity;
}

void buf_fini(struct buf *buf)
{
    free(buf->data);
    *buf = (struct buf){0};
}

void buf_clear(struct buf *buf)
{
    if (buf->data)
        memset(buf->data, 0, buf->length + 1);
    buf->length = 0;
}

void buf_add(struct buf *buf, const void *data, size_t length)
{
    reserve(buf, length);
    if (length)
        memcpy(buf->data + buf->length, data, length);
    buf->length += length;
    buf->data[buf->length] = '\0';
}

char *buf_room(struct buf *buf, size_t length)
{
    reserve(buf, length);
    return buf->data + buf->length;
}

void buf_extend(struct buf *buf, size_t length)
{
    assert(buf->length + length < buf->capacity);
    buf->length += length;
    buf->data[buf->length] = '\0';
}

void buf_add_text(struct buf *buf, const char *text)
{
    buf_add(buf, text, strlen(text));
}

void buf_add_char(struct buf *buf, char character)
{
    buf_add(buf, &character, 1);
}

void buf_printf(struct buf *buf, const char *format, ...)
{
    va_list arguments;
    va_list again;

    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length > 0) {
        reserve(buf, (size_t)length);
        vsnprintf(buf->data + buf->length, (size_t)length + 1, format, again);
        buf->length += (size_t)length;
    }
    va_end(again);
}

const char *buf_text(const struct buf *buf)
{
    return buf->data ? buf->data : "";
}
