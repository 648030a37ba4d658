// Memory that is given back holds nothing any more. Names, telephones and PINs pass through many hands
// here: libzmq's messages, the JSON parser, buffers, SQLite. Each of them gives its memory back by free(),
// so that is where it is wiped, once for all of them: a core that is forced, a swapped page and a fault
// that shows freed memory find nothing. What is kept for the next request (buffers, documents) wipes
// itself when it is emptied (lib/buf.h, lib/json.h), what libzmq has just read, when it was dealt with
// (broker.c).
//
// The C library's own functions are found at run time: whatever else stands in their place, a checker of
// memory say, is so too.
#include <dlfcn.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

typedef void give_back(void *memory);

// The next free() behind this one. Looking it up may itself give memory back: none of ours yet.
static give_back *next_free(void)
{
    static _Thread_local int looking;
    static _Atomic(give_back *) found;
    give_back *next = found;

    if (next || looking)
        return next;
    looking = 1;
    *(void **)&next = dlsym(RTLD_NEXT, "free");
    looking = 0;
    found = next;
    return next;
}

void free(void *memory)
{
    give_back *next = next_free();

    if (!memory || !next)
        return;
    explicit_bzero(memory, malloc_usable_size(memory));
    next(memory);
}

// In place while it fits, else anew: the C library's own would leave the former bytes behind.
void *realloc(void *memory, size_t bytes)
{
    size_t room = memory ? malloc_usable_size(memory) : 0;
    void *larger;

    if (memory && bytes <= room && bytes >= room / 2)
        return memory;
    larger = malloc(bytes ? bytes : 1);
    if (!larger)
        return NULL;
    if (room)
        memcpy(larger, memory, room < bytes ? room : bytes);
    free(memory);
    return larger;
}
