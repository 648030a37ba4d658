// What a busd that was taken over could still do: as little as the kernel can hold it to. On by
// default, one key (`confine`) switches it off, and the log says so.
//
//  1. Landlock: files are written only beneath the data directory, the sockets' directories and those of
//     the anchor and the key; read only beneath these, the configuration's and the system's own. Nothing
//     can be executed.
//  2. seccomp: the system calls that busd, libzmq, SQLite and the name service make, and no others. No
//     program can be started, no process made or looked into, no namespace, mount, module, packet
//     socket. A call that is not allowed says ENOSYS, so that libraries fall back.
//
// Both hold for every thread that is started later, and cannot be taken back. Where the kernel has one
// of them not (a container, an old kernel), the other holds; the log says which.
#pragma once

#include "busd/config.h"

#include <stdbool.h>

struct confined {
    int landlock; // its version; 0 = not there
    bool seccomp;
};

// Before the first thread, after what is made at the start was made.
struct confined confine(const struct config *config);
