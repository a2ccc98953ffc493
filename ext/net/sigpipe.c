/*
** SIGPIPE, kept from the host. libcurl can be told to touch no signals
** (CURLOPT_NOSIGNAL), but then OpenSSL, before libcurl 7.87, writes to sockets in a way
** that raises SIGPIPE when the other side has gone, and that ends a program that did not
** expect it. The mask of a thread is its own, so this is done without the process's
** knowledge.
*/
#define _POSIX_C_SOURCE 200809L

#include "net/net_int.h"

#include <stddef.h>

static bool is_pending(void) {
    sigset_t pending;
    sigemptyset(&pending);
    return sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
}

static void make_set(sigset_t *out) {
    sigemptyset(out);
    sigaddset(out, SIGPIPE);
}

void ds_sigpipe_begin(ds_sigpipe *guard) {
    sigset_t only;
    make_set(&only);
    guard->was_pending = is_pending();
    pthread_sigmask(SIG_BLOCK, &only, &guard->mask);
}

void ds_sigpipe_end(const ds_sigpipe *guard) {
    sigset_t only;
    int signal_number;
    make_set(&only);
    /* A pending one of the host's stays; two of a kind are one. */
    if (!guard->was_pending && is_pending()) {
        (void)sigwait(&only, &signal_number);
    }
    pthread_sigmask(SIG_SETMASK, &guard->mask, NULL);
}
