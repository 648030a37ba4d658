#include "intake/call_place.h"

#include "lib/mem.h"

#include <stdlib.h>

void call_place_fini(struct call_place *place)
{
    free(place->account);
    free(place->settlement);
    free(place->street);
    free(place->house);
    free(place->flat);
    free(place->node);
    free(place->address);
    *place = (struct call_place){0};
}

void call_place_set(struct call_place *place, const struct json *row)
{
    const struct {
        const char *name;
        char **at;
    } members[] = {
        {"account", &place->account}, {"settlement", &place->settlement},
        {"street", &place->street},   {"house", &place->house},
        {"flat", &place->flat},       {"node", &place->node},
        {"address", &place->address},
    };

    call_place_fini(place);
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        *members[i].at = mem_string(json_c_string(json_get(row, members[i].name)));
    place->nominal = json_integer(json_get(row, "nominal"), 0);
}

static bool is_given(const char *text)
{
    return text && *text;
}

bool call_place_is_chosen(const struct call_place *place)
{
    return is_given(place->account) || is_given(place->street) || is_given(place->settlement) ||
           is_given(place->house);
}

void call_place_write(const struct call_place *place, struct slice flat, struct json_out *out,
                      const char *key)
{
    const struct {
        const char *name, *text;
    } members[] = {{"account", flat.length ? NULL : place->account},
                   {"settlement", place->settlement},
                   {"street", place->street},
                   {"house", place->house},
                   {"flat", flat.length ? NULL : place->flat}};

    json_out_object(out, key);
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        if (is_given(members[i].text))
            json_out_text(out, members[i].name, members[i].text);
    }
    if (flat.length)
        json_out_string(out, "flat", flat);
    json_out_end(out, '}');
}
