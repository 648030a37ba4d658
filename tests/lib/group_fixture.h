// What the tests of grouping share: rules, a network built by hand, and a list of faults.
#pragma once

#include "busd/engine_group.h"

enum { GROUP_MOST_FAULTS = 32 };

extern const struct group_rules group_fixture_rules; // few callers, small outages

void group_fixture_node(struct model *model, const char *id, const char *parent, const char *kind,
                        const char *device);
// Account A<key>; on no node when `node` is "".
void group_fixture_premise(struct model *model, int64_t key, const char *node);

struct group_faults {
    struct group_fault items[GROUP_MOST_FAULTS];
    int count;
};

struct group_faults group_fixture_faults(struct group *group, enum group_which which);
