/*
** A VFS over the default one, with chances to fail. It keeps the order of things but does
** not wait for the disk.
*/
#include "fault.h"

#include <stdlib.h>
#include <string.h>

typedef struct file {
    sqlite3_file base;
    sqlite3_file *real;
} file;

static sqlite3_vfs *real_vfs;
static long passed;
static long failing;
static bool failing_ever;
static bool is_full; /* only writes fail, with SQLITE_FULL */
static bool is_armed;

/* A point: `rc`, or SQLITE_OK when it does not fail. */
static int point(int rc) {
    if (!is_armed || (is_full && rc != SQLITE_FULL)) {
        return SQLITE_OK;
    }
    passed++;
    bool fails = failing > 0 && (passed == failing || (failing_ever && passed > failing));
    return fails ? rc : SQLITE_OK;
}

static sqlite3_file *real(sqlite3_file *f) {
    return ((file *)f)->real;
}

/* ---- files --------------------------------------------------------------------------------- */

static int file_close(sqlite3_file *f) {
    sqlite3_file *below = real(f);
    int rc = below->pMethods ? below->pMethods->xClose(below) : SQLITE_OK;
    free(below);
    return rc;
}

static int file_read(sqlite3_file *f, void *out, int n, sqlite3_int64 at) {
    int rc = point(SQLITE_IOERR_READ);
    return rc ? rc : real(f)->pMethods->xRead(real(f), out, n, at);
}

static int file_write(sqlite3_file *f, const void *in, int n, sqlite3_int64 at) {
    int rc = point(is_full ? SQLITE_FULL : SQLITE_IOERR_WRITE);
    return rc ? rc : real(f)->pMethods->xWrite(real(f), in, n, at);
}

static int file_truncate(sqlite3_file *f, sqlite3_int64 size) {
    int rc = point(SQLITE_IOERR_TRUNCATE);
    return rc ? rc : real(f)->pMethods->xTruncate(real(f), size);
}

static int file_sync(sqlite3_file *f, int flags) {
    (void)f;
    (void)flags;
    return point(SQLITE_IOERR_FSYNC);
}

static int file_size(sqlite3_file *f, sqlite3_int64 *size) {
    int rc = point(SQLITE_IOERR_FSTAT);
    return rc ? rc : real(f)->pMethods->xFileSize(real(f), size);
}

static int file_lock(sqlite3_file *f, int level) {
    int rc = point(SQLITE_IOERR_LOCK);
    return rc ? rc : real(f)->pMethods->xLock(real(f), level);
}

static int file_unlock(sqlite3_file *f, int level) {
    return real(f)->pMethods->xUnlock(real(f), level);
}

static int file_check_lock(sqlite3_file *f, int *out) {
    return real(f)->pMethods->xCheckReservedLock(real(f), out);
}

static int file_control(sqlite3_file *f, int op, void *argument) {
    return real(f)->pMethods->xFileControl(real(f), op, argument);
}

static int file_sector_size(sqlite3_file *f) {
    return real(f)->pMethods->xSectorSize(real(f));
}

static int file_device(sqlite3_file *f) {
    return real(f)->pMethods->xDeviceCharacteristics(real(f));
}

static int file_shm_map(sqlite3_file *f, int region, int size, int extend,
                        void volatile **out) {
    int rc = point(SQLITE_IOERR_SHMMAP);
    return rc ? rc : real(f)->pMethods->xShmMap(real(f), region, size, extend, out);
}

static int file_shm_lock(sqlite3_file *f, int offset, int n, int flags) {
    return real(f)->pMethods->xShmLock(real(f), offset, n, flags);
}

static void file_shm_barrier(sqlite3_file *f) {
    real(f)->pMethods->xShmBarrier(real(f));
}

static int file_shm_unmap(sqlite3_file *f, int remove) {
    return real(f)->pMethods->xShmUnmap(real(f), remove);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check_lock,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_device,
    .xShmMap = file_shm_map,
    .xShmLock = file_shm_lock,
    .xShmBarrier = file_shm_barrier,
    .xShmUnmap = file_shm_unmap,
};

/* ---- the VFS ------------------------------------------------------------------------------- */

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags,
                    int *out_flags) {
    (void)vfs;
    file *opened = (file *)f;
    opened->base.pMethods = NULL;
    int rc = point(SQLITE_CANTOPEN);
    if (rc != SQLITE_OK) {
        return rc;
    }
    opened->real = calloc(1, (size_t)real_vfs->szOsFile);
    if (opened->real == NULL) {
        return SQLITE_NOMEM;
    }
    rc = real_vfs->xOpen(real_vfs, name, opened->real, flags, out_flags);
    if (rc == SQLITE_OK) {
        opened->base.pMethods = &methods;
    } else {
        free(opened->real);
    }
    return rc;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync) {
    (void)vfs;
    (void)sync;
    int rc = point(SQLITE_IOERR_DELETE);
    return rc ? rc : real_vfs->xDelete(real_vfs, name, 0);
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *out) {
    (void)vfs;
    int rc = point(SQLITE_IOERR_ACCESS);
    return rc ? rc : real_vfs->xAccess(real_vfs, name, flags, out);
}

void disk_install(void) {
    static sqlite3_vfs vfs;
    real_vfs = sqlite3_vfs_find(NULL);
    vfs = *real_vfs;
    vfs.pNext = NULL;
    vfs.zName = "fault";
    vfs.szOsFile = (int)sizeof(file);
    vfs.xOpen = vfs_open;
    vfs.xDelete = vfs_delete;
    vfs.xAccess = vfs_access;
    sqlite3_vfs_register(&vfs, 0);
}

static void arm(long n, bool for_ever) {
    passed = 0;
    failing = n;
    failing_ever = for_ever;
    is_armed = true;
}

static void arm_full(sqlite3 *db, long n, bool for_ever) {
    (void)db;
    is_full = true;
    arm(n, for_ever);
}

static void arm_disk(sqlite3 *db, long n, bool for_ever) {
    (void)db;
    is_full = false;
    arm(n, for_ever);
}

static long disarm(sqlite3 *db) {
    (void)db;
    is_armed = false;
    return passed;
}

static bool is_full_answer(int rc) {
    return (rc & 0xff) == SQLITE_FULL;
}

static bool is_disk_answer(int rc) {
    int code = rc & 0xff;
    return code == SQLITE_IOERR || code == SQLITE_CANTOPEN;
}

const fault full_fault = {"full disk", arm_full, disarm, is_full_answer, false};
const fault disk_fault = {"disk error", arm_disk, disarm, is_disk_answer, false};
