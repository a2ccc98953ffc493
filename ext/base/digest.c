/*
** Digests by libcrypto, and bytes as text.
*/
#include "base/base.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

/* It fails for want of memory, or where a policy of the system forbids the algorithm. */
static int check(bool is_done, ds_err *err) {
    return is_done ? SQLITE_OK : ds_err_set(err, SQLITE_ERROR, "libcrypto cannot digest");
}

int ds_digest_sha1(const void *bytes, size_t n, unsigned char out[DS_SHA1_SIZE],
                   ds_err *err) {
    return check(EVP_Digest(bytes, n, out, NULL, EVP_sha1(), NULL) == 1, err);
}

int ds_digest_sha256(const void *bytes, size_t n, unsigned char out[DS_SHA256_SIZE],
                     ds_err *err) {
    return check(EVP_Digest(bytes, n, out, NULL, EVP_sha256(), NULL) == 1, err);
}

int ds_digest_hmac(const void *key, int key_n, const void *bytes, size_t n,
                   unsigned char out[DS_SHA256_SIZE], ds_err *err) {
    unsigned length = DS_SHA256_SIZE;
    return check(HMAC(EVP_sha256(), key, key_n, bytes, n, out, &length) != NULL, err);
}

void ds_buf_add_hex(ds_buf *buf, const void *bytes, size_t n) {
    static const char digits[] = "0123456789abcdef";
    const unsigned char *p = bytes;
    for (size_t i = 0; i < n; i++) {
        char pair[2] = {digits[p[i] >> 4], digits[p[i] & 15]};
        ds_buf_add_bytes(buf, pair, sizeof pair);
    }
}

/* ---- base 64 ----------------------------------------------------------------------------- */

/* The letters of both alphabets. */
static const char common[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

void ds_buf_add_base64(ds_buf *buf, const void *bytes, size_t n, bool is_url) {
    const char *special = is_url ? "-_" : "+/";
    const unsigned char *p = bytes;
    for (size_t i = 0; i < n; i += 3) {
        size_t left = n - i < 3 ? n - i : 3;
        unsigned group = (unsigned)p[i] << 16;
        group |= left > 1 ? (unsigned)p[i + 1] << 8 : 0;
        group |= left > 2 ? p[i + 2] : 0;
        char letters[4];
        for (size_t k = 0; k < 4; k++) {
            unsigned six = group >> (18 - 6 * k) & 63;
            letters[k] = k > left ? '=' : six < 62 ? common[six] : special[six - 62];
        }
        ds_buf_add_bytes(buf, letters, is_url ? left + 1 : 4);
    }
}

/* The six bits of a letter, or -1. */
static int six_of(char letter) {
    const char *at = letter ? strchr(common, letter) : NULL;
    if (at != NULL) {
        return (int)(at - common);
    }
    return letter == '-' || letter == '+' ? 62 : letter == '_' || letter == '/' ? 63 : -1;
}

bool ds_buf_add_unbase64(ds_buf *buf, const char *text, size_t n) {
    size_t before = buf->length;
    unsigned group = 0;
    int n_bits = 0;
    if (n > 0 && n % 4 == 0 && text[n - 1] == '=') {
        n -= text[n - 2] == '=' ? 2 : 1;
    }
    bool is_one = n % 4 != 1;
    for (size_t i = 0; is_one && i < n; i++) {
        int six = six_of(text[i]);
        is_one = six >= 0;
        group = (group << 6 | (unsigned)six) & 0xFFFF;
        n_bits += 6;
        if (n_bits >= 8) {
            char byte = (char)(group >> (n_bits -= 8) & 0xFF);
            ds_buf_add_bytes(buf, &byte, 1);
        }
    }
    if (!is_one) {
        ds_buf_cut(buf, before);
    }
    return is_one;
}
