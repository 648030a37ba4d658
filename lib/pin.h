// A PIN that is typed: never shown, never an argument, never in the environment.
#pragma once

#include <stdbool.h>

enum { PIN_BYTES = 128 }; // with its NUL

// Asks on the terminal, or reads a line of standard input where that is no terminal. False when nothing
// came. The caller wipes `pin`.
bool pin_ask(const char *prompt, char pin[PIN_BYTES]);
