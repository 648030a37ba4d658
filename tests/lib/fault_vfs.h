// A file system for SQLite that fails when it is told to: the N-th write or sync with an I/O error,
// every write from the N-th on for want of space, or a power cut, after which nothing works and
// what was not synced can be taken back from the files.
//
// One store at a time, one thread. Shared memory (the index of the write-ahead log) passes through.
#pragma once

#include <stdbool.h>

#define FAULT_VFS "fault"

enum fault_kind {
    FAULT_NONE,
    FAULT_ERROR, // the N-th write or sync fails, the next ones succeed
    FAULT_FULL,  // writes fail for want of space from the N-th operation on
    FAULT_CUT,   // everything fails from the N-th operation on
};

void fault_vfs_register(void);
// Counts writes and syncs from now on and fails at the `operation`-th, from 1.
void fault_vfs_plan(enum fault_kind kind, int operation);
int fault_vfs_operations(void); // counted since
bool fault_vfs_struck(void);    // the plan came true

// After a cut, when every file is closed: brings the files to what a disk may hold. Of the writes
// that no sync followed, each is kept or lost as `seed` says; seed 0 loses all.
void fault_vfs_lose(unsigned seed);
