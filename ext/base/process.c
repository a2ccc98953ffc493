/*
** Processes, told from others of the same number and of other machines.
*/
#define _POSIX_C_SOURCE 200809L

#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The beginning of a small file of the system; "" when there is none. */
static void read_file(const char *path, char *out, size_t size) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, out, size - 1) : 0;
    out[n > 0 ? n : 0] = '\0';
    if (fd >= 0) {
        (void)close(fd);
    }
}

/* The 22nd field of /proc/N/stat: when the process began. The name before it, in parentheses, may
** hold anything. 0 where the system does not tell; -1 when all that is left of it is its status. */
static int64_t started_at(int64_t pid) {
    char path[64], text[1024];
    sqlite3_snprintf(sizeof path, path, "/proc/%lld/stat", pid);
    read_file(path, text, sizeof text);
    const char *at = strrchr(text, ')');
    if (at != NULL && (strncmp(at, ") Z", 3) == 0 || strncmp(at, ") X", 3) == 0)) {
        return -1;
    }
    for (int i = 0; at != NULL && i < 20; i++) {
        at = strchr(at + 1, ' ');
    }
    return at ? strtoll(at + 1, NULL, 10) : 0;
}

/* The boot of the machine and the container in it, or at least the machine's name. */
static void name_machine(char out[DS_MACHINE_SIZE]) {
    char boot[48], container[40] = "";
    read_file("/proc/sys/kernel/random/boot_id", boot, sizeof boot);
    boot[strcspn(boot, "\n")] = '\0';
    ssize_t n = readlink("/proc/self/ns/pid", container, sizeof container - 1);
    container[n > 0 ? n : 0] = '\0';
    if (boot[0] == '\0' && gethostname(boot, sizeof boot) != 0) {
        boot[0] = '\0';
    }
    boot[sizeof boot - 1] = '\0';
    sqlite3_snprintf(DS_MACHINE_SIZE, out, "%s %s", boot, container);
}

void ds_process_self(ds_process *out) {
    out->pid = (int64_t)getpid();
    out->started = started_at(out->pid);
    name_machine(out->machine);
}

ds_life ds_process_life(const ds_process *process, const ds_process *self) {
    if (strcmp(process->machine, self->machine) != 0) {
        return DS_LIFE_UNKNOWN;
    }
    if (process->pid <= 0 || (kill((pid_t)process->pid, 0) != 0 && errno == ESRCH)) {
        return DS_LIFE_DEAD;
    }
    return started_at(process->pid) == process->started ? DS_LIFE_ALIVE : DS_LIFE_DEAD;
}
