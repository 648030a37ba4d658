// The help: a palette of all commands of the view, printed from the action table; typing searches it,
// Enter runs what is chosen.
#pragma once

#include "tui/surface.h"

struct desk;
struct input;

void help_input(struct desk *desk, const struct input *input);
void help_paint(struct desk *desk, struct surface *surface, struct rect area);
