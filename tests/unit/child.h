/*
** For tests that fork.
*/
#ifndef DS_TEST_CHILD_H
#define DS_TEST_CHILD_H

#include <stdbool.h>
#include <unistd.h>

/* The end of a child, whose status tells whether all was well: as another program, since for valgrind what
** only the parent's threads know of is lost in the child. */
static inline void end_child(bool is_good) {
    execl("/bin/sh", "sh", "-c", is_good ? "exit 0" : "exit 1", (char *)NULL);
    _exit(2);
}

#endif
