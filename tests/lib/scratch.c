#include "tests/lib/scratch.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

char *scratch_new(void)
{
    const char *root = getenv("TMPDIR");
    char *directory = NULL;

    if (asprintf(&directory, "%s/pult-test-XXXXXX", root ? root : "/tmp") < 0 ||
        !mkdtemp(directory))
        abort();
    return directory;
}

static int drop(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status, (void)type, (void)walk;
    return remove(path);
}

void scratch_remove(char *directory)
{
    nftw(directory, drop, 16, FTW_DEPTH | FTW_PHYS);
    free(directory);
}
