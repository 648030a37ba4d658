#include "tests/lib/fault_vfs.h"

#include "lib/mem.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// A write that no sync followed yet.
struct unsynced {
    struct unsynced *older;
    char *path;
    sqlite3_int64 offset, size_before;
    int length, old_length;
    char *old, *new;
};

struct fault_file {
    sqlite3_file base;
    char *path; // NULL of temporary files
    sqlite3_file real[];
};

static sqlite3_vfs *real_vfs;
static struct unsynced *unsynced;
static enum fault_kind plan;
static int plan_at, operations;
static bool struck;

static struct fault_file *of(sqlite3_file *file)
{
    return (struct fault_file *)(void *)file;
}

int fault_vfs_operations(void)
{
    return operations;
}

bool fault_vfs_struck(void)
{
    return struck;
}

// The result that this operation is to have; SQLITE_OK = do it.
static int count_operation(bool write)
{
    if (++operations >= plan_at && plan != FAULT_NONE &&
        (plan != FAULT_ERROR || operations == plan_at) && (plan != FAULT_FULL || write)) {
        struck = true;
        if (plan == FAULT_FULL)
            return SQLITE_FULL;
        return write ? SQLITE_IOERR_WRITE : SQLITE_IOERR_FSYNC;
    }
    return SQLITE_OK;
}

static void forget(struct unsynced *write)
{
    free(write->path);
    free(write->old);
    free(write->new);
    free(write);
}

void fault_vfs_plan(enum fault_kind kind, int operation)
{
    plan = kind;
    plan_at = operation;
    operations = 0;
    struck = false;
    while (unsynced) { // of files that were closed whole
        struct unsynced *write = unsynced;
        unsynced = write->older;
        forget(write);
    }
}

static void note_write(struct fault_file *file, const void *data, int length, sqlite3_int64 offset)
{
    struct unsynced *write = mem_alloc(sizeof(*write));

    file->real->pMethods->xFileSize(file->real, &write->size_before);
    write->path = mem_string(file->path);
    write->offset = offset;
    write->length = length;
    write->new = mem_alloc((size_t)length);
    memcpy(write->new, data, (size_t)length);
    write->old = mem_alloc((size_t)length);
    if (offset < write->size_before) {
        sqlite3_int64 left = write->size_before - offset;
        write->old_length = left < length ? (int)left : length;
        file->real->pMethods->xRead(file->real, write->old, write->old_length, offset);
    }
    write->older = unsynced;
    unsynced = write;
}

static void file_synced(const struct fault_file *file)
{
    for (struct unsynced **link = &unsynced; *link;) {
        struct unsynced *write = *link;
        if (strcmp(write->path, file->path) != 0) {
            link = &write->older;
            continue;
        }
        *link = write->older;
        forget(write);
    }
}

static int vfs_close(sqlite3_file *file)
{
    struct fault_file *own = of(file);
    int result = own->real->pMethods ? own->real->pMethods->xClose(own->real) : SQLITE_OK;

    free(own->path);
    own->path = NULL;
    return result;
}

static int vfs_read(sqlite3_file *file, void *data, int length, sqlite3_int64 offset)
{
    return of(file)->real->pMethods->xRead(of(file)->real, data, length, offset);
}

static int vfs_write(sqlite3_file *file, const void *data, int length, sqlite3_int64 offset)
{
    struct fault_file *own = of(file);

    if (own->path) {
        int result = count_operation(true);
        if (result != SQLITE_OK)
            return result;
        note_write(own, data, length, offset);
    }
    return own->real->pMethods->xWrite(own->real, data, length, offset);
}

static int vfs_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    return of(file)->real->pMethods->xTruncate(of(file)->real, size);
}

static int vfs_sync(sqlite3_file *file, int flags)
{
    struct fault_file *own = of(file);

    if (own->path) {
        int result = count_operation(false);
        if (result != SQLITE_OK)
            return result;
        file_synced(own);
    }
    (void)flags; // the simulated disk is this list: the real one need not be waited for
    return SQLITE_OK;
}

static int vfs_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return of(file)->real->pMethods->xFileSize(of(file)->real, size);
}

static int vfs_lock(sqlite3_file *file, int level)
{
    return of(file)->real->pMethods->xLock(of(file)->real, level);
}

static int vfs_unlock(sqlite3_file *file, int level)
{
    return of(file)->real->pMethods->xUnlock(of(file)->real, level);
}

static int vfs_check_lock(sqlite3_file *file, int *reserved)
{
    return of(file)->real->pMethods->xCheckReservedLock(of(file)->real, reserved);
}

static int vfs_control(sqlite3_file *file, int what, void *argument)
{
    return of(file)->real->pMethods->xFileControl(of(file)->real, what, argument);
}

static int vfs_sector(sqlite3_file *file)
{
    return of(file)->real->pMethods->xSectorSize(of(file)->real);
}

static int vfs_device(sqlite3_file *file)
{
    return of(file)->real->pMethods->xDeviceCharacteristics(of(file)->real);
}

static int vfs_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **at)
{
    return of(file)->real->pMethods->xShmMap(of(file)->real, page, size, extend, at);
}

static int vfs_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
    return of(file)->real->pMethods->xShmLock(of(file)->real, offset, count, flags);
}

static void vfs_shm_barrier(sqlite3_file *file)
{
    of(file)->real->pMethods->xShmBarrier(of(file)->real);
}

static int vfs_shm_unmap(sqlite3_file *file, int delete)
{
    return of(file)->real->pMethods->xShmUnmap(of(file)->real, delete);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = vfs_close,
    .xRead = vfs_read,
    .xWrite = vfs_write,
    .xTruncate = vfs_truncate,
    .xSync = vfs_sync,
    .xFileSize = vfs_size,
    .xLock = vfs_lock,
    .xUnlock = vfs_unlock,
    .xCheckReservedLock = vfs_check_lock,
    .xFileControl = vfs_control,
    .xSectorSize = vfs_sector,
    .xDeviceCharacteristics = vfs_device,
    .xShmMap = vfs_shm_map,
    .xShmLock = vfs_shm_lock,
    .xShmBarrier = vfs_shm_barrier,
    .xShmUnmap = vfs_shm_unmap,
};

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                    int *out_flags)
{
    struct fault_file *own = of(file);

    (void)vfs;
    own->path = NULL;
    own->base.pMethods = NULL;
    int result = real_vfs->xOpen(real_vfs, name, own->real, flags, out_flags);
    if (result != SQLITE_OK)
        return result;
    if (name && (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)))
        own->path = mem_string(name);
    own->base.pMethods = &methods;
    return SQLITE_OK;
}

void fault_vfs_register(void)
{
    static sqlite3_vfs vfs;

    if (real_vfs)
        return;
    real_vfs = sqlite3_vfs_find(NULL);
    vfs = *real_vfs;
    vfs.pNext = NULL;
    vfs.zName = FAULT_VFS;
    vfs.szOsFile = (int)sizeof(struct fault_file) + real_vfs->szOsFile;
    vfs.xOpen = vfs_open;
    sqlite3_vfs_register(&vfs, 0);
}

static void put(const char *path, const char *data, int length, sqlite3_int64 offset)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);

    if (file >= 0 && (length == 0 || pwrite(file, data, (size_t)length, offset) != length))
        abort();
    if (file >= 0)
        close(file);
}

// Takes every unsynced write back, newest first, then does again those that the disk had.
void fault_vfs_lose(unsigned seed)
{
    struct unsynced *oldest_first = NULL;

    while (unsynced) {
        struct unsynced *write = unsynced;
        unsynced = write->older;
        if (write->old_length > 0)
            put(write->path, write->old, write->old_length, write->offset);
        if (write->offset + write->length > write->size_before &&
            truncate(write->path, write->size_before) != 0)
            abort();
        write->older = oldest_first;
        oldest_first = write;
    }
    while (oldest_first) {
        struct unsynced *write = oldest_first;
        oldest_first = write->older;
        if (seed && rand_r(&seed) % 2)
            put(write->path, write->new, write->length, write->offset);
        forget(write);
    }
    plan = FAULT_NONE;
}
