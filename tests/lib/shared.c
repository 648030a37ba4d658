#include "tests/lib/shared.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES_HERE = 1024 };

bool shared_path(char out[PATH_BYTES_HERE], const char *below)
{
    const char *root = getenv("PULT_SHARED");

    snprintf(out, PATH_BYTES_HERE, "%s/%s", root ? root : "../shared", below);
    return access(out, R_OK) == 0;
}

bool shared_read_file(const char *path, struct buf *out)
{
    char block[65536];
    size_t length;
    FILE *file = fopen(path, "rbe");

    if (!file)
        return false;
    while ((length = fread(block, 1, sizeof block, file)) > 0)
        buf_add(out, block, length);
    bool good = !ferror(file);
    fclose(file);
    return good;
}

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

void shared_walk(const char *directory, shared_each_file *each, void *context)
{
    struct dirent **entries;
    int count = scandir(directory, &entries, visible, alphasort);

    for (int i = 0; i < count; i++) {
        char path[PATH_BYTES_HERE];
        struct stat info;
        snprintf(path, sizeof path, "%s/%s", directory, entries[i]->d_name);
        if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
            shared_walk(path, each, context);
        else if (S_ISREG(info.st_mode))
            each(context, path, entries[i]->d_name);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}
