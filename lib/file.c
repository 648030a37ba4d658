#include "lib/file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { BLOCK_BYTES = 65536 };

enum err_code file_read(const char *name, size_t most_bytes, struct buf *text, struct err *err)
{
    char block[BLOCK_BYTES];
    FILE *file = fopen(name, "rbe");
    bool failed = !file;

    if (!file && errno == ENOENT)
        return err_set(err, ERR_NOT_FOUND, "file", "There is no file %s.", "Файла %s нет.", name);
    while (!failed && most_bytes > 0) {
        size_t got = fread(block, 1, most_bytes < BLOCK_BYTES ? most_bytes : BLOCK_BYTES, file);

        buf_add(text, block, got);
        most_bytes -= got;
        failed = ferror(file) != 0;
        if (got == 0)
            break;
    }
    if (failed)
        err_set(err, ERR_INVALID, "file", "%s cannot be read: %s.", "%s не читается: %s.", name,
                strerror(errno));
    if (file)
        fclose(file);
    return failed ? ERR_INVALID : ERR_OK;
}
