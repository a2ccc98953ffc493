/*
** Frames without a connection: bytes in, messages out, and the other way round.
*/
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "net/net_int.h"

#define MAXIMUM 1000

static ds_frames *new_frames(void) {
    ds_frames *frames = NULL;
    ds_err err = DS_ERR_INIT;
    assert_int_equal(ds_frames_new(MAXIMUM, &frames, &err), SQLITE_OK);
    return frames;
}

static void receive(ds_frames *frames, const char *bytes, size_t n) {
    assert_int_equal(ds_frames_receive(frames, bytes, n), SQLITE_OK);
}

static void check_message(ds_frames *frames, const char *expected) {
    ds_buf text;
    assert_true(ds_frames_has_message(frames));
    assert_true(ds_frames_take(frames, &text));
    assert_string_equal(ds_buf_text(&text), expected);
    assert_int_equal(text.length, strlen(expected));
    ds_buf_done(&text);
}

static void check_no_message(ds_frames *frames) {
    ds_buf text;
    assert_false(ds_frames_has_message(frames));
    assert_false(ds_frames_take(frames, &text));
}

/* What is to be sent, unmasked: the first frame of it, and nothing else. */
static void check_sent(ds_frames *frames, int opcode, const char *payload, size_t n) {
    const char *bytes;
    size_t length;
    assert_int_equal(ds_frames_unsent(frames, &bytes, &length), SQLITE_OK);
    assert_int_equal(length, 6 + n);
    assert_int_equal((unsigned char)bytes[0], 0x80 | opcode);
    assert_int_equal((unsigned char)bytes[1], 0x80 | n);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal((char)(bytes[6 + i] ^ bytes[2 + i % 4]), payload[i]);
    }
    ds_frames_sent(frames, length);
    assert_int_equal(ds_frames_unsent(frames, &bytes, &length), SQLITE_OK);
    assert_int_equal(length, 0);
}

/* ---- receiving --------------------------------------------------------------------- */

/* A message, one in three fragments with a ping between them, an empty one, a pong, and a close
** frame with reason. */
static const char talk[] = "\x81\x02hi"
                           "\x01\x03Gr\xC3\x89\x03xyz\x00\x02\xBC\xC3\x80\x02\x9F!"
                           "\x81\x00\x8A\x01p"
                           "\x88\x05\x03\xE9"
                           "bye";

static void check_talk(ds_frames *frames) {
    check_message(frames, "hi");
    check_message(frames, "Gr\xC3\xBC\xC3\x9F!");
    check_message(frames, "");
    check_no_message(frames);
    assert_int_equal(ds_frames_state_of(frames), DS_FRAMES_CLOSED);
    assert_int_equal(ds_frames_code(frames), 1001);
    assert_string_equal(ds_frames_reason(frames), "bye");
}

static void test_whole(void **state) {
    (void)state;
    ds_frames *frames = new_frames();
    receive(frames, talk, sizeof talk - 1);
    check_talk(frames);
    ds_frames_free(frames);
}

/* Split in three at every two places, and into single bytes. */
static void test_every_boundary(void **state) {
    (void)state;
    size_t n = sizeof talk - 1;
    for (size_t first = 0; first <= n; first++) {
        for (size_t second = first; second <= n; second++) {
            ds_frames *frames = new_frames();
            receive(frames, talk, first);
            receive(frames, talk + first, second - first);
            receive(frames, talk + second, n - second);
            check_talk(frames);
            ds_frames_free(frames);
        }
    }
    ds_frames *frames = new_frames();
    for (size_t i = 0; i < n; i++) {
        receive(frames, talk + i, 1);
    }
    check_talk(frames);
    ds_frames_free(frames);
}

static void test_answers(void **state) {
    (void)state;
    ds_frames *frames = new_frames();
    receive(frames, "\x89\x03xyz", 5);
    check_sent(frames, 10, "xyz", 3);
    receive(frames, "\x89\x00", 2);
    check_sent(frames, 10, "", 0);
    receive(frames, "\x8A\x00", 2);
    receive(frames, "\x88\x05\x03\xE9Nay", 7);
    check_sent(frames, 8, "\x03\xE9Nay", 5);
    ds_frames_free(frames);
    frames = new_frames();
    receive(frames, "\x88\x00", 2);
    assert_int_equal(ds_frames_state_of(frames), DS_FRAMES_CLOSED);
    assert_int_equal(ds_frames_code(frames), 1005);
    assert_string_equal(ds_frames_reason(frames), "");
    ds_frames_free(frames);
}

/* What comes behind the end is not looked at. */
static void check_end(const char *bytes, size_t n, ds_frames_state expected) {
    ds_frames *frames = new_frames();
    receive(frames, "\x81\x01x", 3);
    receive(frames, bytes, n);
    assert_int_equal(ds_frames_state_of(frames), expected);
    receive(frames, "\x81\x01x", 3);
    check_message(frames, "x");
    check_no_message(frames);
    assert_int_equal(ds_frames_state_of(frames), expected);
    ds_frames_free(frames);
}

#define CHECK_END(bytes, expected) check_end(bytes, sizeof(bytes) - 1, expected)

static void test_malformed(void **state) {
    (void)state;
    CHECK_END("\x81\x81\x01\x02\x03\x04y", DS_FRAMES_MALFORMED); /* masked */
    CHECK_END("\xC1\x01y", DS_FRAMES_MALFORMED);                 /* reserved bits */
    CHECK_END("\xA1\x01y", DS_FRAMES_MALFORMED);
    CHECK_END("\x83\x01y", DS_FRAMES_MALFORMED);             /* unknown opcodes */
    CHECK_END("\x8B\x01y", DS_FRAMES_MALFORMED);             /* */
    CHECK_END("\x80\x01y", DS_FRAMES_MALFORMED);             /* continues nothing */
    CHECK_END("\x01\x01y\x81\x01y", DS_FRAMES_MALFORMED);    /* one inside another */
    CHECK_END("\x09\x01y", DS_FRAMES_MALFORMED);             /* a ping in fragments */
    CHECK_END("\x89\x7E\x00\x7E", DS_FRAMES_MALFORMED);      /* a long ping */
    CHECK_END("\x81\x7E\x00\x05yyyyy", DS_FRAMES_MALFORMED); /* a length too wide */
    CHECK_END("\x81\x7F\x80\0\0\0\0\0\0\1", DS_FRAMES_MALFORMED);
    CHECK_END("\x82\x01y", DS_FRAMES_MALFORMED);        /* binary */
    CHECK_END("\x81\x02\xC3\x28", DS_FRAMES_MALFORMED); /* no UTF-8 */
    CHECK_END("\x81\x01\xC3", DS_FRAMES_MALFORMED);
    CHECK_END("\x81\x03\xED\xA0\x80", DS_FRAMES_MALFORMED);
    CHECK_END("\x88\x01y", DS_FRAMES_MALFORMED);        /* half a code */
    CHECK_END("\x88\x02\x03\xED", DS_FRAMES_MALFORMED); /* 1005, which is never sent */
    CHECK_END("\x88\x02\x00\x01", DS_FRAMES_MALFORMED);
    CHECK_END("\x88\x02\x0B\xB8", DS_FRAMES_CLOSED); /* 3000 */
}

/* The limit holds for a message and for the sum of its fragments. */
static void check_size(size_t first, size_t second, ds_frames_state expected) {
    ds_frames *frames = new_frames();
    size_t n = first + second;
    char *bytes = malloc(n + 20);
    memset(bytes, 'y', n + 20);
    memcpy(bytes, second ? "\x01\x7E" : "\x81\x7E", 2);
    bytes[2] = (char)(first >> 8);
    bytes[3] = (char)first;
    receive(frames, bytes, 4 + first);
    if (second > 0) {
        receive(frames, "\x80\x7E", 2);
        const char length[2] = {(char)(second >> 8), (char)second};
        receive(frames, length, 2);
        receive(frames, bytes + 4, second);
    }
    assert_int_equal(ds_frames_state_of(frames), expected);
    assert_int_equal(ds_frames_has_message(frames), expected == DS_FRAMES_OPEN);
    ds_frames_free(frames);
    free(bytes);
}

static void test_too_large(void **state) {
    (void)state;
    check_size(MAXIMUM, 0, DS_FRAMES_OPEN);
    check_size(MAXIMUM + 1, 0, DS_FRAMES_TOO_LARGE);
    check_size(MAXIMUM / 2, MAXIMUM / 2, DS_FRAMES_OPEN);
    check_size(MAXIMUM / 2, MAXIMUM / 2 + 1, DS_FRAMES_TOO_LARGE);
    CHECK_END("\x81\x7F\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFFy", DS_FRAMES_TOO_LARGE);
    ds_frames *frames = new_frames();
    receive(frames, "\x81\x7E\x03\xE9y", 5);
    check_sent(frames, 8, "\x03\xF1", 2); /* 1009 */
    ds_frames_free(frames);
}

/* Who sends pings and does not read the answers is not listened to. */
static void test_full(void **state) {
    (void)state;
    ds_frames *frames = new_frames();
    for (int i = 0; i < 1000; i++) {
        receive(frames, "\x89\x00", 2);
    }
    assert_false(ds_frames_is_full(frames));
    receive(frames, "\x89\x00", 2);
    assert_true(ds_frames_is_full(frames));
    const char *bytes;
    size_t n;
    assert_int_equal(ds_frames_unsent(frames, &bytes, &n), SQLITE_OK);
    assert_int_equal(n, 1001 * 6);
    ds_frames_sent(frames, n);
    assert_false(ds_frames_is_full(frames));
    ds_frames_free(frames);
}

/* ---- sending ----------------------------------------------------------------------- */

static void send_text(ds_frames *frames, const char *text, size_t n) {
    ds_err err = DS_ERR_INIT;
    assert_int_equal(ds_frames_queue(frames, text, n, &err), SQLITE_OK);
    assert_string_equal(err.text, "");
}

static void test_send(void **state) {
    (void)state;
    ds_frames *frames = new_frames();
    send_text(frames, "hello", 5);
    check_sent(frames, 1, "hello", 5);
    send_text(frames, "", 0);
    check_sent(frames, 1, "", 0);
    ds_frames_free(frames);
}

/* No two masks are the same. */
static void test_masks(void **state) {
    (void)state;
    ds_frames *frames = new_frames();
    const char *bytes;
    size_t n;
    for (int i = 0; i < 2; i++) {
        send_text(frames, "aaaaaaaaaaaa", 12);
    }
    assert_int_equal(ds_frames_unsent(frames, &bytes, &n), SQLITE_OK);
    assert_int_equal(n, 36);
    assert_memory_not_equal(bytes, bytes + 18, 18);
    assert_memory_not_equal(bytes + 2, "\0\0\0\0", 4);
    ds_frames_free(frames);
}

/* Taken away a few bytes at a time, frames stay whole. */
static void test_sent_in_parts(void **state) {
    (void)state;
    ds_frames *frames = new_frames();
    size_t n = 200000, at = 0;
    char *text = malloc(n);
    memset(text, 'z', n);
    send_text(frames, text, n);
    unsigned char mask[4] = {0};
    while (at < n + 14) {
        const char *bytes;
        size_t length;
        assert_int_equal(ds_frames_unsent(frames, &bytes, &length), SQLITE_OK);
        assert_true(length > 0);
        length = length > 777 ? 777 : length;
        if (at == 0) {
            assert_memory_equal(bytes, "\x81\xFF\0\0\0\0\0\x03\x0D\x40", 10);
            memcpy(mask, bytes + 10, 4);
        }
        for (size_t i = at < 14 ? 14 - at : 0; i < length; i++) {
            assert_int_equal((char)(bytes[i] ^ (char)mask[(at + i - 14) % 4]), 'z');
        }
        at += length;
        ds_frames_sent(frames, length);
    }
    assert_int_equal(at, n + 14);
    ds_frames_free(frames);
    free(text);
}

/* What could not be sent stays where it is, whatever comes meanwhile. */
static void test_kept(void **state) {
    (void)state;
    ds_frames *frames = new_frames();
    const char *before, *after;
    size_t n;
    char *text = malloc(50000);
    memset(text, 'z', 50000);
    send_text(frames, "hello", 5);
    assert_int_equal(ds_frames_unsent(frames, &before, &n), SQLITE_OK);
    assert_int_equal(n, 11);
    ds_frames_sent(frames, 0);
    send_text(frames, text, 50000);
    receive(frames, "\x89\x00", 2);
    assert_int_equal(ds_frames_close(frames, 1000, "", NULL), SQLITE_OK);
    assert_int_equal(ds_frames_unsent(frames, &after, &n), SQLITE_OK);
    assert_ptr_equal(before, after);
    assert_int_equal(n, 11);
    ds_frames_sent(frames, 11);
    assert_int_equal(ds_frames_unsent(frames, &after, &n), SQLITE_OK);
    assert_int_equal((unsigned char)after[0], 0x88);
    assert_int_equal(n, 8); /* nothing behind a close frame */
    ds_frames_free(frames);
    free(text);
}

static void test_queue_is_bounded(void **state) {
    (void)state;
    ds_frames *frames = new_frames();
    ds_err err = DS_ERR_INIT;
    size_t half = DS_MAX_UNSENT_BYTES / 2;
    char *text = malloc(DS_MAX_UNSENT_BYTES + 1);
    memset(text, 'z', DS_MAX_UNSENT_BYTES + 1);
    send_text(frames, text, half);
    send_text(frames, text, half);
    assert_int_equal(ds_frames_queue(frames, text, 1, &err), SQLITE_FULL);
    assert_string_equal(err.text,
                        "more than 4194304 bytes would wait to be sent on one WebSocket");
    ds_frames_free(frames);
    frames = new_frames();
    err = (ds_err)DS_ERR_INIT;
    assert_int_equal(ds_frames_queue(frames, text, DS_MAX_UNSENT_BYTES + 1, &err),
                     SQLITE_FULL);
    send_text(frames, text, DS_MAX_UNSENT_BYTES);
    ds_frames_free(frames);
    free(text);
}

/* Messages queued before go out first, later ones never. */
static void test_close(void **state) {
    (void)state;
    ds_frames *frames = new_frames();
    const char *bytes;
    size_t n;
    send_text(frames, "a", 1);
    assert_int_equal(ds_frames_close(frames, 1000, "done", NULL), SQLITE_OK);
    send_text(frames, "b", 1);
    assert_int_equal(ds_frames_unsent(frames, &bytes, &n), SQLITE_OK);
    assert_int_equal(n, 7 + 12);
    assert_int_equal((unsigned char)bytes[0], 0x81);
    ds_frames_sent(frames, 7);
    check_sent(frames, 8,
               "\x03\xE8"
               "done",
               6);
    receive(frames, "\x81\x01x", 3);
    check_message(frames, "x");
    assert_int_equal(ds_frames_state_of(frames), DS_FRAMES_OPEN);
    receive(frames, "\x88\x02\x03\xE8", 4);
    assert_int_equal(ds_frames_state_of(frames), DS_FRAMES_CLOSED);
    assert_int_equal(ds_frames_code(frames), 1000);
    ds_frames_free(frames);
}

/* ---- memory ------------------------------------------------------------------------ */

/* Memory that is out at any moment is an error, and nothing is lost of it. */
static void test_out_of_memory(void **state) {
    (void)state;
    sqlite3_int64 used = sqlite3_memory_used();
    int rc = SQLITE_NOMEM;
    for (int room = 0; rc != SQLITE_OK; room += 16) {
        ds_frames *frames = NULL;
        const char *bytes;
        size_t n;
        sqlite3_hard_heap_limit64(used + room + 1);
        rc = ds_frames_new(MAXIMUM, &frames, NULL);
        rc = rc ? rc : ds_frames_receive(frames, talk, sizeof talk - 1);
        rc = rc ? rc : ds_frames_unsent(frames, &bytes, &n);
        sqlite3_hard_heap_limit64(0);
        ds_frames_free(frames);
        assert_true(rc == SQLITE_OK || rc == SQLITE_NOMEM);
        assert_int_equal(sqlite3_memory_used(), used);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),
        cmocka_unit_test(test_every_boundary),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_too_large),
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_send),
        cmocka_unit_test(test_masks),
        cmocka_unit_test(test_sent_in_parts),
        cmocka_unit_test(test_kept),
        cmocka_unit_test(test_queue_is_bounded),
        cmocka_unit_test(test_close),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
