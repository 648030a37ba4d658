// Reading the configuration's files again while the daemon runs: on SIGHUP, or on the request
// `admin {"do": "reload"}`.
//
// All or nothing: every file is read before anything is taken over. One fault anywhere, and all that
// was in force stays in force, the log says what is wrong, and so does the request's answer. What is
// reloaded is one table in reload.c; endpoints, the data directory and the limits need a restart.
//
// Requests that came before it are committed first, under the rights with which they came.
#pragma once

#include "busd/daemon.h"

// `by`: the identity that asked for it. ERR_OK, or the fault that kept everything as it was.
// daemon->failed when the journal failed on the way. Rights that differ, or that somebody asked to
// read again, are an event, rights.changed.
enum err_code reload_files(struct daemon *daemon, const char *by, struct err *err);
