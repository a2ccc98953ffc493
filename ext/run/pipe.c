/*
** The pipe by which the background thread is woken up.
*/
#define _POSIX_C_SOURCE 200809L

#include "run/run_int.h"

#include <fcntl.h>
#include <unistd.h>

static bool prepare(int end) {
    int flags = fcntl(end, F_GETFL);
    return flags >= 0 && fcntl(end, F_SETFL, flags | O_NONBLOCK) == 0 &&
           fcntl(end, F_SETFD, FD_CLOEXEC) == 0;
}

int ds_pipe_open(int ends[2]) {
    if (pipe(ends) != 0) {
        ends[0] = ends[1] = -1;
        return SQLITE_CANTOPEN;
    }
    if (!prepare(ends[0]) || !prepare(ends[1])) {
        close(ends[0]);
        close(ends[1]);
        ends[0] = ends[1] = -1;
        return SQLITE_CANTOPEN;
    }
    return SQLITE_OK;
}

void ds_pipe_drain(int end) {
    char bytes[64];
    while (read(end, bytes, sizeof bytes) > 0) {
    }
}
