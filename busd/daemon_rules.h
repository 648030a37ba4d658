// The rules of grouping in the daemon: read at the start and at a reload, journalled when those in force
// differ.
#pragma once

#include "busd/daemon.h"

// The configuration's file, or the defaults. NULL with a sentence.
struct rules_loaded *daemon_read_rules(const struct config *config, struct err *err);
// Journals and tells that other rules are in force, where they are. False, and that is logged: it
// cannot be written, and the former ones stay in force.
bool daemon_journal_rules(struct daemon *daemon);
// Takes other rules, which become the daemon's; the former ones stay where that cannot be written.
void daemon_take_rules(struct daemon *daemon, struct rules_loaded *rules);
