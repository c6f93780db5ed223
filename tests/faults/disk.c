/* A disk and a clock that can be told to fail: preloaded into a server, steered through a page of shared memory.
 *
 * Only the files of the database are touched: what KAOHE_DISK_WATCH names, with -wal or -journal behind it.
 * KAOHE_DISK_CONTROL is a file of at least one page that holds a struct control; KAOHE_DISK_LOG, where it is set,
 * receives everything that is asked of the disk, in order, so that power cuts can be rebuilt from it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct control {
    int64_t operations;      /* how many operations changed or synced a file so far */
    int64_t syncs;           /* how many of them were syncs that succeeded */
    int64_t kill_at;         /* end the process hard after this operation; 0: never */
    int64_t failing_syncs;   /* how many of the next syncs fail with EIO */
    int64_t failed_syncs;    /* how many have failed */
    int64_t sync_delay_us;   /* how long each sync takes besides */
    int64_t is_full;         /* whether writes find no space */
    int64_t refused_writes;  /* how many have found none */
    int64_t clock_offset_s;  /* what is added to the time of day */
};

enum { WRITE = 1, SYNC, TRUNCATE, CREATE, UNLINK, FOLDER_SYNC, MARK };
enum { NONE = 0, DATABASE, WAL, JOURNAL, FOLDER };

struct head {
    uint8_t operation, file;
    uint16_t nothing;
    uint32_t length;
    uint64_t offset;
};

#define FILES 65536
static struct control idle, *control = &idle;
static unsigned char kinds[FILES];
static char watched[4096], folder[4096];
static int log_fd = -1;

static ssize_t (*next_pwrite)(int, const void *, size_t, off64_t);
static ssize_t (*next_write)(int, const void *, size_t);
static int (*next_fdatasync)(int), (*next_fsync)(int), (*next_ftruncate)(int, off64_t);
static int (*next_open)(const char *, int, ...), (*next_unlink)(const char *), (*next_close)(int);

__attribute__((constructor)) static void begin(void) {
    next_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    next_write = dlsym(RTLD_NEXT, "write");
    next_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    next_fsync = dlsym(RTLD_NEXT, "fsync");
    next_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
    next_open = dlsym(RTLD_NEXT, "open64");
    next_unlink = dlsym(RTLD_NEXT, "unlink");
    next_close = dlsym(RTLD_NEXT, "close");
    const char *path = getenv("KAOHE_DISK_CONTROL"), *name = getenv("KAOHE_DISK_WATCH"), *log = getenv("KAOHE_DISK_LOG");
    if (path == NULL || name == NULL)
        return;
    snprintf(watched, sizeof watched, "%s", name);
    snprintf(folder, sizeof folder, "%s", name);
    char *slash = strrchr(folder, '/');
    if (slash != NULL)
        *slash = 0;
    int fd = next_open(path, O_RDWR);
    void *page = fd < 0 ? MAP_FAILED : mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED)
        abort();
    control = page;
    next_close(fd);
    if (log != NULL && (log_fd = next_open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) < 0)
        abort();
}

static int kind_of(const char *path) {
    size_t length = strlen(watched);
    if (length == 0 || path == NULL)
        return NONE;
    if (strcmp(path, folder) == 0)
        return FOLDER;
    if (strncmp(path, watched, length) != 0)
        return NONE;
    path += length;
    return *path == 0 ? DATABASE : strcmp(path, "-wal") == 0 ? WAL : strcmp(path, "-journal") == 0 ? JOURNAL : NONE;
}

static int kind(int fd) { return fd >= 0 && fd < FILES ? kinds[fd] : NONE; }

static void note(int operation, int file, uint64_t offset, const void *data, size_t length) {
    if (log_fd < 0)
        return;
    struct head head = {operation, file, 0, (uint32_t)length, offset};
    struct iovec parts[2] = {{&head, sizeof head}, {(void *)data, length}};
    if (syscall(SYS_writev, log_fd, parts, length ? 2 : 1) < 0)
        abort();
}

static void done(void) {
    int64_t number = __atomic_add_fetch(&control->operations, 1, __ATOMIC_SEQ_CST);
    if (control->kill_at > 0 && number == control->kill_at)
        syscall(SYS_kill, getpid(), SIGKILL);
}

void kaohe_mark(uint64_t number) { note(MARK, NONE, number, NULL, 0); }

static int open_any(const char *path, int flags, mode_t mode) {
    int file = kind_of(path);
    int is_new = file != NONE && file != FOLDER && (flags & O_CREAT) && access(path, F_OK) != 0;
    int fd = next_open(path, flags, mode);
    if (fd >= 0 && fd < FILES)
        kinds[fd] = file;
    if (fd >= 0 && is_new) {
        note(CREATE, file, 0, NULL, 0);
        done();
    }
    return fd;
}

static mode_t mode_of(int flags, va_list rest) { return flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; }

int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = mode_of(flags, rest);
    va_end(rest);
    return open_any(path, flags | O_LARGEFILE, mode);
}

int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = mode_of(flags, rest);
    va_end(rest);
    return open_any(path, flags, mode);
}

int close(int fd) {
    if (fd >= 0 && fd < FILES)
        kinds[fd] = NONE;
    return next_close(fd);
}

static ssize_t put(int fd, const void *data, size_t length, off64_t offset) {
    int file = kind(fd);
    if (file == DATABASE || file == WAL || file == JOURNAL) {
        if (control->is_full) {
            __atomic_add_fetch(&control->refused_writes, 1, __ATOMIC_SEQ_CST);
            errno = ENOSPC;
            return -1;
        }
        ssize_t written = next_pwrite(fd, data, length, offset);
        if (written > 0) {
            note(WRITE, file, offset, data, written);
            done();
        }
        return written;
    }
    return next_pwrite(fd, data, length, offset);
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) { return put(fd, data, length, offset); }
ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) { return put(fd, data, length, offset); }

ssize_t write(int fd, const void *data, size_t length) {
    if (kind(fd) == NONE || kind(fd) == FOLDER)
        return next_write(fd, data, length);
    off64_t offset = lseek64(fd, 0, SEEK_CUR);
    ssize_t written = put(fd, data, length, offset);
    if (written > 0)
        lseek64(fd, offset + written, SEEK_SET);
    return written;
}

static int sync_any(int fd, int (*next)(int)) {
    int file = kind(fd);
    if (file == NONE)
        return next(fd);
    if (control->sync_delay_us > 0) {
        struct timespec pause = {control->sync_delay_us / 1000000, control->sync_delay_us % 1000000 * 1000};
        nanosleep(&pause, NULL);
    }
    if (file != FOLDER && control->failing_syncs > 0) {
        control->failing_syncs--;
        control->failed_syncs++;
        errno = EIO;
        return -1;
    }
    int outcome = next(fd);
    if (outcome == 0) {
        note(file == FOLDER ? FOLDER_SYNC : SYNC, file, 0, NULL, 0);
        control->syncs += file != FOLDER;
        done();
    }
    return outcome;
}

int fdatasync(int fd) { return sync_any(fd, next_fdatasync); }
int fsync(int fd) { return sync_any(fd, next_fsync); }

static int cut(int fd, off64_t length) {
    int outcome = next_ftruncate(fd, length);
    if (outcome == 0 && kind(fd) != NONE) {
        note(TRUNCATE, kind(fd), length, NULL, 0);
        done();
    }
    return outcome;
}

int ftruncate(int fd, off_t length) { return cut(fd, length); }
int ftruncate64(int fd, off64_t length) { return cut(fd, length); }

int unlink(const char *path) {
    int outcome = next_unlink(path), file = kind_of(path);
    if (outcome == 0 && file != NONE) {
        note(UNLINK, file, 0, NULL, 0);
        done();
    }
    return outcome;
}

int clock_gettime(clockid_t clock, struct timespec *moment) {
    int outcome = syscall(SYS_clock_gettime, clock, moment);
    if (outcome == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        moment->tv_sec += control->clock_offset_s;
    return outcome;
}

int gettimeofday(struct timeval *moment, void *zone) {
    (void)zone;
    struct timespec exact;
    int outcome = clock_gettime(CLOCK_REALTIME, &exact);
    moment->tv_sec = exact.tv_sec;
    moment->tv_usec = exact.tv_nsec / 1000;
    return outcome;
}

time_t time(time_t *place) {
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    if (place != NULL)
        *place = exact.tv_sec;
    return exact.tv_sec;
}
