/*
** What the tables hold: posts and comments, the same in every run.
*/
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const statuses[BENCH_N_STATUS] = {"ACTIVE", "INACTIVE", "DRAFT"};

/* xorshift64* */
static uint64_t next(uint64_t *state) {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(2685821657736338717);
}

static int below(uint64_t *state, int n) {
    return (int)(next(state) % (uint64_t)n);
}

static void words(uint64_t *state, char *out, int length) {
    for (int i = 0; i < length; i++) {
        out[i] = i % 6 == 5 ? ' ' : (char)('a' + below(state, 26));
    }
    out[length] = 0;
}

/* Version 4 is random, version 7 begins with the milliseconds: here ten ids each. */
static void make_id(uint64_t *state, int version, int i, char out[BENCH_UUID_BYTES + 1]) {
    uint64_t ms = UINT64_C(1700000000000) + (uint64_t)i / 10;
    uint64_t a = version == 7 ? ms << 16 | (uint64_t)(i % 10) << 8 : next(state);
    uint64_t b = next(state);
    (void)snprintf(out, BENCH_UUID_BYTES + 1, "%08x-%04x-%d%03x-%04x-%012llx",
                   (unsigned)(a >> 32), (unsigned)(a >> 16 & 0xffff), version,
                   (unsigned)(a & 0xfff), (unsigned)(0x8000 | (b >> 48 & 0x3fff)),
                   (unsigned long long)(b & UINT64_C(0xffffffffffff)));
}

static void *allocate(int n, size_t size) {
    void *memory = calloc((size_t)n, size);
    if (memory == NULL) {
        bench_die(NULL, "out of memory");
    }
    return memory;
}

bench_data bench_data_new(int n_posts, int n_comments, bench_parents parents, int uuid,
                          uint64_t seed) {
    bench_data data = {NULL, n_posts, NULL, n_comments};
    uint64_t state = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
    data.posts = allocate(n_posts, sizeof *data.posts);
    data.comments = allocate(n_comments, sizeof *data.comments);
    for (int i = 0; i < n_posts; i++) {
        bench_post *post = &data.posts[i];
        make_id(&state, uuid, i, post->id);
        words(&state, post->title, BENCH_TITLE_BYTES);
        post->rating = below(&state, 100);
        post->status = statuses[below(&state, BENCH_N_STATUS)];
    }
    for (int i = 0; i < n_comments; i++) {
        bench_comment *comment = &data.comments[i];
        make_id(&state, uuid, i, comment->id);
        words(&state, comment->content, BENCH_CONTENT_BYTES);
        comment->post = parents == BENCH_EVEN ? i % n_posts : below(&state, n_posts);
    }
    return data;
}

void bench_data_free(bench_data *data) {
    free(data->posts);
    free(data->comments);
    data->posts = NULL;
    data->comments = NULL;
}

int bench_pick(int i, int n) {
    /* A prime that divides no round number of rows. */
    return (int)((int64_t)i * 7919 % n);
}
