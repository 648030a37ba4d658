#include "lib/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK_BYTES = 65536 };

// What is open must be what was looked at, so it is looked at when it is open.
static enum err_code check_trust(FILE *file, const char *name, struct err *err)
{
    struct stat status;

    if (fstat(fileno(file), &status) != 0 || !S_ISREG(status.st_mode))
        return err_set(err, ERR_INVALID, "file", "%s is no regular file.", "%s — не обычный файл.",
                       name);
    if (status.st_mode & S_IWOTH)
        return err_set(err, ERR_DENIED, "file",
                       "Everybody may write %s; take that away with chmod o-w.",
                       "%s может изменить кто угодно; уберите это: chmod o-w.", name);
    return ERR_OK;
}

static enum err_code read_opened(FILE *file, const char *name, size_t most_bytes, struct buf *text,
                                 struct err *err)
{
    char block[BLOCK_BYTES];
    bool failed = false;

    while (!failed && most_bytes > 0) {
        size_t got = fread(block, 1, most_bytes < BLOCK_BYTES ? most_bytes : BLOCK_BYTES, file);

        buf_add(text, block, got);
        most_bytes -= got;
        failed = ferror(file) != 0;
        if (got == 0)
            break;
    }
    if (!failed)
        return ERR_OK;
    int number = errno;
    return err_set(err, ERR_INVALID, "file", "%s cannot be read: %s.", "%s не читается: %s.", name,
                   strerror(number));
}

static enum err_code read_file(const char *name, bool trusted, size_t most_bytes, struct buf *text,
                               struct err *err)
{
    // Without O_NONBLOCK a pipe would be waited for before it can be told.
    int descriptor = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY | (trusted ? O_NONBLOCK : 0));
    FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "rb");

    if (!file) {
        int number = errno;
        if (number == ENOENT)
            return err_set(err, ERR_NOT_FOUND, "file", "There is no file %s.", "Файла %s нет.",
                           name);
        return err_set(err, ERR_INVALID, "file", "%s cannot be read: %s.", "%s не читается: %s.",
                       name, strerror(number));
    }
    enum err_code code = trusted ? check_trust(file, name, err) : ERR_OK;
    if (code == ERR_OK)
        code = read_opened(file, name, most_bytes, text, err);
    fclose(file);
    return code;
}

enum err_code file_read(const char *name, size_t most_bytes, struct buf *text, struct err *err)
{
    return read_file(name, false, most_bytes, text, err);
}

enum err_code file_read_trusted(const char *name, size_t most_bytes, struct buf *text,
                                struct err *err)
{
    return read_file(name, true, most_bytes, text, err);
}

bool file_keep(const char *name, struct slice text)
{
    struct buf beside = {0};

    buf_printf(&beside, "%s.new", name);
    int target =
        open(buf_text(&beside), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    FILE *file = target < 0 ? NULL : fdopen(target, "w");
    bool kept = file && fwrite(text.data ? text.data : "", 1, text.length, file) == text.length;
    if (file && fclose(file) != 0)
        kept = false;
    if (!kept || rename(buf_text(&beside), name) != 0) {
        unlink(buf_text(&beside));
        kept = false;
    }
    buf_fini(&beside);
    return kept;
}
