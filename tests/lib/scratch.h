// A private directory for one test.
#pragma once

// Makes one under $TMPDIR or /tmp; abort()s when that fails. The caller scratch_remove()s it.
char *scratch_new(void);
void scratch_remove(char *directory); // with everything in it; frees the name
