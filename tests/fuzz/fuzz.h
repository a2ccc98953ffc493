/*
** What the fuzz targets share.
*/
#ifndef DS_FUZZ_H
#define DS_FUZZ_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* The target: hold what is made of data[0..size) against what must always hold. Called by
** driver.c or libFuzzer, often; returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold. What does not is told, then the target dies: so driver.c and libFuzzer notice,
** and keep the input. `detail` is the message of the tested code, or NULL. */
#define NEED_WITH(holds, detail) fuzz_need(holds, __FILE__, __LINE__, #holds, detail)
#define NEED(holds)              NEED_WITH(holds, NULL)

static inline void fuzz_need(bool holds, const char *file, int line, const char *what,
                             const char *detail) {
    if (!holds) {
        fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
        if (detail != NULL && detail[0] != '\0') {
            fprintf(stderr, "%s\n", detail);
        }
        abort();
    }
}

/* Two texts that must be the same: what differs is shown with a little of what is around it. */
#define NEED_SAME(a, b) fuzz_need_same(a, b, __FILE__, __LINE__, #a " is " #b)

static inline void fuzz_need_same(const char *a, const char *b, const char *file,
                                  int line, const char *what) {
    size_t at = 0;
    while (a[at] != '\0' && a[at] == b[at]) {
        at++;
    }
    if (a[at] != b[at]) {
        size_t from = at > 100 ? at - 100 : 0;
        fprintf(stderr, "…%.200s…\n…%.200s…\n", a + from, b + from);
    }
    fuzz_need(a[at] == b[at], file, line, what, NULL);
}

#endif
