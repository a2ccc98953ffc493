/*
** Runs a fuzz target without libFuzzer, under any compiler: every file named on standard
** input as it is, and then mutations of them. These are a fixed number, so that any machine does
** the same, or as many as the given time allows. They come from a seed, FUZZ_SEED of the
** environment or 0, so a run can be repeated. The input of a crash is left in <program>.crash.
** Usage: find corpus -type f | LC_ALL=C sort | [FUZZ_SEED=N] x_fuzz [SECONDS]
*/
#define _POSIX_C_SOURCE 200809L

#include "fuzz.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MAX_SEEDS 1000
#define MAX_BYTES 65536
#define N_RUNS    20000 /* one to three seconds, as machines differ */

typedef struct seed {
    uint8_t *data;
    size_t size;
} seed;

static seed seeds[MAX_SEEDS];
static size_t n_seeds;
static uint8_t input[MAX_BYTES];
static uint64_t state; /* never 0 */

/* A number below `limit`: xorshift64. */
static size_t below(size_t limit) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (size_t)(state % limit);
}

static void read_seed(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        exit(2);
    }
    size_t size = fread(input, 1, sizeof input, file);
    fclose(file);
    uint8_t *copy = malloc(size + 1);
    if (copy == NULL) {
        exit(2);
    }
    memcpy(copy, input, size);
    seeds[n_seeds++] = (seed){copy, size};
}

/*
** Hand the target a block of exactly `size` bytes, so that one byte too far is noticed.
** The same bytes are in the file `crash`, which is all that remains if the target dies.
*/
static void run(int crash, const uint8_t *data, size_t size) {
    uint8_t *block = malloc(size ? size : 1);
    if (block == NULL || pwrite(crash, data, size, 0) != (ssize_t)size ||
        ftruncate(crash, (off_t)size) != 0) {
        perror("fuzz driver");
        exit(2);
    }
    memcpy(block, data, size);
    LLVMFuzzerTestOneInput(block, size);
    free(block);
}

/* One small change of input[0..size): flip, set, remove, repeat, or take from a seed. */
static size_t mutate(size_t size) {
    static const uint8_t telling[] = {0, '"', '{', '}', '[', '\\', '#', '@', 0x7f, 0xff};
    size_t at = size ? below(size) : 0;
    size_t length = 1 + below(16);
    switch (size ? below(5) : 4) {
    case 0:
        input[at] ^= (uint8_t)(1u << below(8));
        return size;
    case 1:
        input[at] = telling[below(sizeof telling)];
        return size;
    case 2:
        length = length < size - at ? length : size - at;
        memmove(input + at, input + at + length, size - at - length);
        return size - length;
    case 3:
        length = length < size - at ? length : size - at;
        if (size + length > MAX_BYTES) {
            return size;
        }
        memmove(input + at + length, input + at, size - at);
        return size + length;
    default: {
        const seed *other = &seeds[below(n_seeds)];
        size_t from = other->size ? below(other->size) : 0;
        length = 4 * length < other->size - from ? 4 * length : other->size - from;
        if (at + length > MAX_BYTES) {
            return size;
        }
        memcpy(input + at, other->data + from, length);
        return at + length > size ? at + length : size;
    }
    }
}

static void run_mutation(int crash) {
    const seed *base = &seeds[below(n_seeds)];
    size_t size = base->size;
    memcpy(input, base->data, size);
    for (size_t changes = 1 + below(8); changes > 0; changes--) {
        size = mutate(size);
    }
    run(crash, input, size);
}

/* Say at once what is to be done: the target may never return. */
static void start(const char *seconds) {
    const char *text = getenv("FUZZ_SEED");
    unsigned long long number = text ? strtoull(text, NULL, 10) : 0;
    state = 0x9e3779b97f4a7c15u * (2 * (uint64_t)number + 1);
    printf("%zu files, then FUZZ_SEED=%llu for ", n_seeds, number);
    if (seconds != NULL) {
        printf("%s seconds\n", seconds);
    } else {
        printf("%d runs\n", N_RUNS);
    }
    fflush(stdout);
}

int main(int argc, char **argv) {
    char path[4096];
    const char *seconds = argc > 1 ? argv[1] : NULL;
    time_t end = time(NULL) + (seconds ? strtol(seconds, NULL, 10) : 0);
    size_t runs = 0;
    while (n_seeds < MAX_SEEDS && fgets(path, sizeof path, stdin) != NULL) {
        path[strcspn(path, "\n")] = 0;
        read_seed(path);
    }
    snprintf(path, sizeof path, "%s.crash", argv[0]);
    int crash = open(path, O_RDWR | O_CREAT | O_TRUNC, 0666);
    if (n_seeds == 0 || crash < 0) {
        fprintf(stderr, "no seeds, or %s cannot be written\n", path);
        return 2;
    }
    start(seconds);
    for (size_t i = 0; i < n_seeds; i++) {
        run(crash, seeds[i].data, seeds[i].size);
    }
    for (; seconds != NULL ? time(NULL) < end : runs < N_RUNS; runs++) {
        run_mutation(crash);
    }
    close(crash);
    remove(path);
    printf("%zu files and %zu mutations\n", n_seeds, runs);
    for (size_t i = 0; i < n_seeds; i++) {
        free(seeds[i].data);
    }
    return 0;
}
