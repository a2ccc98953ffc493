/*
** Wake-ups inside the process: one bell per database file, with ears. A connection that commits
** rings; whoever waits, or watches for the host's event loop, hears. This registry is the one thing
** of the process that connections share: SQLite gives no other way to tell one connection of
** another's commit that would not be the host's own (its hooks).
**
** An ear is a pair of sockets: unlike a condition it can be waited for with a time-out on any clock,
** together with other descriptors, and by the host.
*/
#define _POSIX_C_SOURCE 200809L

#include "feed/feed_int.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

typedef struct owner {
    struct owner *next;
    int64_t number;
} owner;

/*
** pid: in a child of that process the bell is in no registry, and has no worker. references, ears, n_public:
** guarded by the registry's mutex. worker: runs while has_worker; worker_ear is the way to reach it; is_over
** tells it to end.
*/
struct ds_bell {
    struct ds_bell *next;
    pid_t pid;
    int references;
    ds_ear *ears;
    int n_public;
    bool has_worker;
    pthread_t worker;
    ds_ear *worker_ear;
    void (*run)(ds_bell *, ds_ear *, int64_t);
    int64_t start;
    atomic_bool is_over;
    char *vfs;
    char path[];
};

/* hiring: held while a worker begins or ends; taken before the other one. */
static struct registry {
    pthread_mutex_t mutex;
    pthread_mutex_t hiring;
    ds_bell *bells;
    owner *owners;
    atomic_int
        n_ears; /* so that a commit with nobody listening costs a look at a number */
} registry = {.mutex = PTHREAD_MUTEX_INITIALIZER, .hiring = PTHREAD_MUTEX_INITIALIZER};

static void lock(void) {
    (void)pthread_mutex_lock(&registry.mutex);
}

static void unlock(void) {
    (void)pthread_mutex_unlock(&registry.mutex);
}

/* ---- bells ------------------------------------------------------------------------------------------- */

static ds_bell *find(const char *path) {
    ds_bell *bell = registry.bells;
    while (bell != NULL && strcmp(bell->path, path) != 0) {
        bell = bell->next;
    }
    return bell;
}

ds_bell *ds_bell_get(const char *path, const char *vfs) {
    size_t size = strlen(path) + 1, vfs_size = strlen(vfs) + 1;
    ds_bell *fresh = sqlite3_malloc64(sizeof *fresh + size + vfs_size);
    if (fresh == NULL) {
        return NULL;
    }
    memset(fresh, 0, sizeof *fresh);
    fresh->pid = getpid();
    memcpy(fresh->path, path, size);
    fresh->vfs = memcpy(fresh->path + size, vfs, vfs_size);
    lock();
    ds_bell *bell = find(path);
    if (bell == NULL) {
        bell = fresh;
        bell->next = registry.bells;
        registry.bells = bell;
        fresh = NULL;
    }
    bell->references++;
    unlock();
    sqlite3_free(fresh);
    return bell;
}

void ds_bell_release(ds_bell *bell) {
    if (bell == NULL) {
        return;
    }
    lock();
    bool is_last = --bell->references == 0;
    if (is_last) {
        ds_bell **at = &registry.bells;
        while (*at != NULL && *at != bell) {
            at = &(*at)->next;
        }
        if (*at == bell) {
            *at = bell->next;
        }
    }
    unlock();
    if (is_last) {
        sqlite3_free(bell);
    }
}

/* Another thread may have held the locks. */
void ds_bell_after_fork(void) {
    registry.mutex = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    registry.hiring = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    registry.bells = NULL;
    registry.owners = NULL;
    atomic_store(&registry.n_ears, 0);
}

const char *ds_bell_path(const ds_bell *bell) {
    return bell->path;
}

const char *ds_bell_vfs(const ds_bell *bell) {
    return bell->vfs;
}

/* ---- ringing --------------------------------------------------------------------------------------------- */

/* The mutex is held. A byte in a socket that nobody empties is enough. */
static void ring_ear(ds_ear *ear) {
    if (!ear->is_rung) {
        ear->is_rung = send(ear->sender, "", 1, MSG_NOSIGNAL | MSG_DONTWAIT) == 1;
    }
}

void ds_bell_ring(const char *path) {
    if (atomic_load_explicit(&registry.n_ears, memory_order_relaxed) == 0) {
        return;
    }
    lock();
    ds_bell *bell = find(path);
    for (ds_ear *ear = bell ? bell->ears : NULL; ear != NULL; ear = ear->next) {
        if (!ear->is_public || !bell->has_worker) {
            ring_ear(ear);
        }
    }
    unlock();
}

void ds_bell_announce(ds_bell *bell) {
    lock();
    for (ds_ear *ear = bell->ears; ear != NULL; ear = ear->next) {
        if (ear->is_public) {
            ring_ear(ear);
        }
    }
    unlock();
}

/* ---- ears --------------------------------------------------------------------------------------------------- */

static bool set_up(int fd) {
    int flags = fcntl(fd, F_GETFL);
    return fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 && flags >= 0 &&
           fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0;
}

static bool identify(int fd, uint64_t out[2]) {
    struct stat about;
    bool is_open = fstat(fd, &about) == 0;
    out[0] = is_open ? (uint64_t)about.st_dev : 0;
    out[1] = is_open ? (uint64_t)about.st_ino : 0;
    return is_open;
}

static int open_pair(ds_ear *ear) {
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0) {
        return SQLITE_CANTOPEN;
    }
    ear->receiver = fds[0];
    ear->sender = fds[1];
#ifdef SO_NOSIGPIPE
    int on = 1;
    (void)setsockopt(fds[1], SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
    if (set_up(fds[0]) && set_up(fds[1]) && identify(fds[0], ear->identity)) {
        return SQLITE_OK;
    }
    (void)close(fds[0]);
    (void)close(fds[1]);
    return SQLITE_CANTOPEN;
}

int ds_ear_open(ds_bell *bell, bool is_public, ds_ear **out) {
    ds_ear *ear = sqlite3_malloc64(sizeof *ear);
    *out = NULL;
    if (ear == NULL) {
        return SQLITE_NOMEM;
    }
    *ear = (ds_ear){.bell = bell, .is_public = is_public};
    int rc = open_pair(ear);
    if (rc != SQLITE_OK) {
        sqlite3_free(ear);
        return rc;
    }
    lock();
    ear->next = bell->ears;
    bell->ears = ear;
    bell->n_public += is_public;
    atomic_fetch_add(&registry.n_ears, 1);
    unlock();
    *out = ear;
    return SQLITE_OK;
}

static void unlink_ear(ds_ear *ear) {
    ds_ear **at = &ear->bell->ears;
    while (*at != ear) {
        at = &(*at)->next;
    }
    *at = ear->next;
    ear->bell->n_public -= ear->is_public;
    atomic_fetch_sub(&registry.n_ears, 1);
}

static void close_pair(const ds_ear *ear) {
    uint64_t now[2];
    /* An event loop may have closed a descriptor that it was given, and its number may be
    ** somebody else's by now. */
    if (identify(ear->receiver, now) && now[0] == ear->identity[0] &&
        now[1] == ear->identity[1]) {
        (void)close(ear->receiver);
    }
    (void)close(ear->sender);
}

/* The last public ear takes the worker with it. */
static void end_worker(ds_bell *bell) {
    (void)pthread_mutex_lock(&registry.hiring);
    lock();
    bool ends = bell->has_worker && bell->n_public == 0;
    bell->has_worker = bell->has_worker && !ends;
    unlock();
    if (ends) {
        atomic_store(&bell->is_over, true);
        ds_ear_ring(bell->worker_ear);
        (void)pthread_join(bell->worker, NULL);
        ds_ear_close(bell->worker_ear);
    }
    (void)pthread_mutex_unlock(&registry.hiring);
}

void ds_ear_close(ds_ear *ear) {
    if (ear == NULL) {
        return;
    }
    ds_bell *bell = ear->bell;
    if (bell->pid == getpid()) {
        lock();
        unlink_ear(ear);
        unlock();
        if (ear->is_public) {
            end_worker(bell);
        }
    }
    close_pair(ear);
    sqlite3_free(ear);
}

void ds_ear_ring(ds_ear *ear) {
    lock();
    ring_ear(ear);
    unlock();
}

bool ds_ear_hear(ds_ear *ear) {
    char bytes[16];
    lock();
    bool was_rung = ear->is_rung;
    while (was_rung && recv(ear->receiver, bytes, sizeof bytes, MSG_DONTWAIT) > 0) {
    }
    ear->is_rung = false;
    unlock();
    return was_rung;
}

bool ds_ear_wait(const ds_ear *ear, int timeout_ms) {
    struct pollfd fd = {.fd = ear->receiver, .events = POLLIN};
    return poll(&fd, 1, timeout_ms) > 0;
}

int ds_ear_fd(const ds_ear *ear) {
    return ear->receiver;
}

/* ---- owners -------------------------------------------------------------------------------------------------- */

int ds_bell_enter(int64_t number) {
    owner *o = sqlite3_malloc64(sizeof *o);
    if (o == NULL) {
        return SQLITE_NOMEM;
    }
    lock();
    *o = (owner){registry.owners, number};
    registry.owners = o;
    unlock();
    return SQLITE_OK;
}

void ds_bell_leave(int64_t number) {
    owner *found = NULL;
    lock();
    for (owner **at = &registry.owners; *at != NULL && found == NULL;) {
        if ((*at)->number == number) {
            found = *at;
            *at = found->next;
        } else {
            at = &(*at)->next;
        }
    }
    unlock();
    sqlite3_free(found);
}

bool ds_bell_knows(int64_t number) {
    bool is_known = false;
    lock();
    for (const owner *o = registry.owners; o != NULL; o = o->next) {
        is_known = is_known || o->number == number;
    }
    unlock();
    return is_known;
}

/* ---- the worker ------------------------------------------------------------------------------------------------ */

static void *work(void *pointer) {
    ds_bell *bell = pointer;
    bell->run(bell, bell->worker_ear, bell->start);
    return NULL;
}

bool ds_bell_is_over(const ds_bell *bell) {
    return atomic_load(&bell->is_over);
}

/* Signals are for the host's own threads. */
static int start_thread(ds_bell *bell) {
    sigset_t all, before;
    (void)sigfillset(&all);
    if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0) {
        return SQLITE_CANTOPEN;
    }
    int failed = pthread_create(&bell->worker, NULL, work, bell);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed ? SQLITE_CANTOPEN : SQLITE_OK;
}

int ds_bell_hire(ds_bell *bell, void (*run)(ds_bell *bell, ds_ear *ear, int64_t start),
                 int64_t start) {
    (void)pthread_mutex_lock(&registry.hiring);
    int rc = SQLITE_OK;
    if (!bell->has_worker) {
        rc = ds_ear_open(bell, false, &bell->worker_ear);
        if (rc == SQLITE_OK) {
            atomic_store(&bell->is_over, false);
            bell->run = run;
            bell->start = start;
            rc = start_thread(bell);
            if (rc != SQLITE_OK) {
                ds_ear_close(bell->worker_ear);
            }
        }
        lock();
        bell->has_worker = rc == SQLITE_OK;
        unlock();
    }
    (void)pthread_mutex_unlock(&registry.hiring);
    return rc;
}
