/*
** The clock, the medians and the table.
*/
#define _POSIX_C_SOURCE 200809L
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

double bench_now(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

bool bench_is_wanted(const bench_options *options, const char *name) {
    return strncmp(name, options->phase, strlen(options->phase)) == 0;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

typedef struct summary {
    double least;
    double median;
    double most;
} summary;

static summary summarize(const double *values, int n) {
    double sorted[BENCH_MAX_ROUNDS];
    memcpy(sorted, values, (size_t)n * sizeof *values);
    qsort(sorted, (size_t)n, sizeof *sorted, compare);
    double median = n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
    return (summary){sorted[0], median, sorted[n - 1]};
}

static summary ratios(const bench_times *times) {
    double ratio[BENCH_MAX_ROUNDS];
    for (int i = 0; i < times->n; i++) {
        ratio[i] = times->model[i] / times->native[i];
    }
    return summarize(ratio, times->n);
}

/* Three digits and a unit, in ten places. */
static void print_time(double seconds) {
    static const char *const units[] = {"s ", "ms", "us", "ns"};
    int unit = 0;
    while (seconds < 1 && unit < 3) {
        seconds *= 1000;
        unit++;
    }
    printf("%8.*f %s", seconds < 10 ? 2 : seconds < 100 ? 1 : 0, seconds, units[unit]);
}

static void print_ratio(const summary *s) {
    char range[32];
    int digits = s->most < 100 ? 2 : 0;
    (void)snprintf(range, sizeof range, "(%.*f-%.*f)", digits, s->least, digits, s->most);
    printf("  %6.*f %-13s", digits, s->median, range);
}

void bench_print_head(const char *kind, bool has_analyzed) {
    printf("\n%-38s%11s%11s  %-20s%s target\n", kind, "native/op", "model/op", "  ratio",
           has_analyzed ? "    after ANALYZE     " : "");
}

void bench_print(const bench_goal *goal, const bench_times *times,
                 const bench_times *analyzed, bench_score *score) {
    summary ratio = ratios(times);
    bool is_reached = ratio.median <= goal->target;
    printf("%-38s", goal->name);
    print_time(summarize(times->native, times->n).median);
    print_time(summarize(times->model, times->n).median);
    print_ratio(&ratio);
    if (analyzed != NULL) {
        ratio = ratios(analyzed);
        is_reached = is_reached && ratio.median <= goal->target;
        print_ratio(&ratio);
    }
    if (goal->target > 0 && score != NULL) {
        printf("  %5.2f %s\n", goal->target, is_reached ? "reached" : "NOT reached");
        *(is_reached ? &score->reached : &score->missed) += 1;
    } else {
        printf("      -\n");
    }
    (void)fflush(stdout);
}
