/*
** Digests by libcrypto, and how their bytes are written.
*/
#include "base/base.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

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

void ds_buf_add_base64(ds_buf *buf, const void *bytes, size_t n, bool is_url) {
    static const char common[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
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
