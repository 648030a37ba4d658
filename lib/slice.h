// A run of bytes that somebody else owns. `data` may be NULL when `length` is 0.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct slice {
    const char *data;
    size_t length;
};

static inline struct slice slice_of(const char *text)
{
    return (struct slice){text, text ? strlen(text) : 0};
}

static inline bool slice_equal(struct slice a, struct slice b)
{
    return a.length == b.length &&
           (a.length == 0 || a.data == b.data || memcmp(a.data, b.data, a.length) == 0);
}

static inline bool slice_is(struct slice slice, const char *text)
{
    return slice_equal(slice, slice_of(text));
}

static inline bool slice_begins(struct slice text, struct slice prefix)
{
    return text.length >= prefix.length &&
           (prefix.length == 0 || memcmp(text.data, prefix.data, prefix.length) == 0);
}

// Without the bytes of `blanks` at both ends.
static inline struct slice slice_trim(struct slice slice, const char *blanks)
{
    while (slice.length > 0 && slice.data[0] && strchr(blanks, slice.data[0])) {
        slice.data++;
        slice.length--;
    }
    while (slice.length > 0 && slice.data[slice.length - 1] &&
           strchr(blanks, slice.data[slice.length - 1]))
        slice.length--;
    return slice;
}

// Whether it is one of these blank-separated words.
static inline bool slice_is_word(struct slice slice, const char *words)
{
    while (*words) {
        size_t length = strcspn(words, " ");

        if (slice_equal((struct slice){words, length}, slice))
            return true;
        words += length + (words[length] == ' ');
    }
    return false;
}
