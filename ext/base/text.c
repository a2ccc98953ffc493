/*
** Text as SQLite and its users see it: UTF-8, names, and the nearest name to a wrong one.
*/
#include "base/base_int.h"

#include <string.h>

/* The table "well-formed UTF-8 byte sequences" of the Unicode standard (3-7): besides the
** lead it is the second byte that rules out overlong forms, surrogates and what is beyond
** U+10FFFF. */
static bool is_second(unsigned char lead, unsigned char second) {
    switch (lead) {
    case 0xE0:
        return second >= 0xA0 && second <= 0xBF;
    case 0xED:
        return second >= 0x80 && second <= 0x9F;
    case 0xF0:
        return second >= 0x90 && second <= 0xBF;
    case 0xF4:
        return second >= 0x80 && second <= 0x8F;
    default:
        return (second & 0xC0) == 0x80;
    }
}

size_t ds_text_sequence(const unsigned char *p, size_t left) {
    unsigned char lead = p[0];
    if (lead < 0x80) {
        return 1;
    }
    if (lead < 0xC2 || lead > 0xF4) {
        return 0;
    }
    size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (left < length || !is_second(lead, p[1])) {
        return 0;
    }
    for (size_t i = 2; i < length; i++) {
        if ((p[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    return length;
}

bool ds_text_is_utf8(const char *text, size_t length) {
    const unsigned char *p = (const unsigned char *)text;
    const unsigned char *end = p + length;
    while (p < end) {
        /* Every local write passes here, and nearly all of it is ASCII. */
        uint64_t eight;
        while ((size_t)(end - p) >= sizeof eight) {
            memcpy(&eight, p, sizeof eight);
            if (eight & UINT64_C(0x8080808080808080)) {
                break;
            }
            p += sizeof eight;
        }
        if (p == end) {
            break;
        }
        size_t sequence = ds_text_sequence(p, (size_t)(end - p));
        if (sequence == 0) {
            return false;
        }
        p += sequence;
    }
    return true;
}

static unsigned char lower(char c) {
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool ds_text_iequal(const char *a, const char *b) {
    while (*a && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return lower(*a) == lower(*b);
}

static int least(int a, int b) {
    return a < b ? a : b;
}

/*
** Optimal string alignment, three rows of the matrix at a time. Names have a maximum, so
** longer texts are simply far from everything.
*/
int ds_text_distance(const char *a, const char *b, int limit) {
    int rows[3][DS_MAX_NAME_BYTES + 1];
    size_t n = strlen(a);
    size_t m = strlen(b);
    if (n > DS_MAX_NAME_BYTES || m > DS_MAX_NAME_BYTES) {
        return strcmp(a, b) == 0 ? 0 : limit + 1;
    }
    for (size_t j = 0; j <= m; j++) {
        rows[0][j] = (int)j;
    }
    for (size_t i = 1; i <= n; i++) {
        const int *above2 = rows[(i + 1) % 3]; /* the row i - 2 */
        const int *above = rows[(i - 1) % 3];
        int *row = rows[i % 3];
        int smallest = row[0] = (int)i;
        for (size_t j = 1; j <= m; j++) {
            int change = lower(a[i - 1]) != lower(b[j - 1]);
            row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + change);
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                lower(a[i - 2]) == lower(b[j - 1])) {
                row[j] = least(row[j], above2[j - 2] + 1);
            }
            smallest = least(smallest, row[j]);
        }
        /* A transposition reaches over one row, hence the row above counts too. */
        if (smallest > limit + 1) {
            return limit + 1;
        }
    }
    return least(rows[n % 3][m], limit + 1);
}

const char *ds_text_nearest(const char *name, const char *const *candidates,
                            size_t count) {
    const char *nearest = NULL;
    int limit = (int)(least((int)strlen(name), DS_MAX_NAME_BYTES) / 3);
    for (size_t i = 0; i < count && limit >= 0; i++) {
        int distance = ds_text_distance(name, candidates[i], limit);
        if (distance <= limit) {
            nearest = candidates[i];
            limit = distance - 1;
        }
    }
    return nearest;
}
