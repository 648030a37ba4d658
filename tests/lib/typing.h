// Keys for screens under test: "a", "F2", "Enter", "Ctrl-L", "S-Tab", or "'text" typed rune by rune ('_' is a
// blank); blank-separated.
#pragma once

#include "tui/decoder.h"

typedef void typing_input(void *context, const struct input *input);
void typing_play(const char *keys, typing_input *input, void *context);
