// Where Pult finds its files, programs and sockets.
//
// A program finds the rest of Pult from its own place on. It walks up from the directory of its
// executable; the first directory that has a `share/pult` is its home. Installed, that is PREFIX;
// in a build tree it is the build directory, where `share/pult` is a link to the sources. So an
// installation can be moved, and a build tree never takes up an installed file by accident.
#pragma once

#include <stdbool.h>

#include "lib/err.h"

enum { PATH_BYTES = 1024 };

// The home of an executable in `directory`, an absolute path. False where there is none within
// four levels.
bool path_home(char out[PATH_BYTES], const char *directory);

// The directory that holds schemas/ (queries beside the types) and config/demo/: $PULT_SHARE, else
// share/pult of the home. ERR_NOT_FOUND where that is no directory.
enum err_code path_share(char out[PATH_BYTES], struct err *err);

// The directory of the configuration files: $PULT_CONFIG, else etc/pult of the home, else
// /etc/pult. It need not exist: every key has a default.
enum err_code path_config(char out[PATH_BYTES], struct err *err);

// The program `name` (busd, pult, console, intake): beside the build tree's others, or in
// libexec/pult, sbin, bin of the home. ERR_NOT_FOUND where there is none that may be run.
enum err_code path_program(char out[PATH_BYTES], const char *name, struct err *err);

// RUNTIME of PROTOCOL §1, for the one who binds sockets in it: $RUNTIME_DIRECTORY (systemd gives
// it to the service), else $XDG_RUNTIME_DIR/pult, else /tmp/pult-UID. The last two are made with
// mode 0700; one that is another account's, or open to others, is ERR_DENIED.
enum err_code path_runtime(char out[PATH_BYTES], struct err *err);

// RUNTIME for a client: the first that exists of /run/pult, $XDG_RUNTIME_DIR/pult, /tmp/pult-UID.
// One in /tmp counts only if it is the account's own. ERR_UNAVAILABLE where there is none.
enum err_code path_runtime_find(char out[PATH_BYTES], struct err *err);

// The directory for what a program keeps (a client's outbox, a daemon's journal), made with mode
// 0700: $STATE_DIRECTORY (systemd), else $XDG_STATE_HOME/pult, else $HOME/.local/state/pult.
enum err_code path_state(char out[PATH_BYTES], struct err *err);
