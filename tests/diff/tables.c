/*
** The tables that queries are made of, and the values in them. Pools are small, so that rows
** meet, and hold what is easily confused: '5' and 5, 'abc' and 'ABC', '05', 2 to the power of 53.
*/
#include "diff.h"

#define BIT(i) (1u << (i))

/* ---- values ----------------------------------------------------------------------------- */

/* No two of them are the same number: differences.c has that. */
static const char *const item_keys[] = {"'i1'",  "'i2'",        "'i3'", "'i4'",
                                        "'i5'",  "'i6'",        "'05'", "'7'",
                                        "'abc'", "'h\303\251'", NULL};
static const char *const note_keys[] = {
    "'n1'", "'n2'",  "'n3'",  "'n4'",  "'n5'",  "'n6'", "'n7'", "'n8'",
    "'n9'", "'n10'", "'n11'", "'n12'", "'n13'", "'5'",  "'N1'", NULL};
static const char *const reply_keys[] = {"'r1'", "'r2'", "'r3'", "'r4'", "'r5'", "'r6'",
                                         "'r7'", "'r8'", "'r9'", "'5'",  NULL};
static const char *const person_keys[] = {"'p1'", "'p2'", "'p3'", "'p4'", "'p5'", "'p6'",
                                          "'p7'", "'p8'", "'p9'", "'5'",  NULL};
static const char *const regions[] = {"'eu'", "'us'", "'5'", "'EU'", NULL};
static const char *const slot_numbers[] = {"1", "2", "3", "5", NULL};
static const char *const codes[] = {"-1", "0", "1",          "2", "3",
                                    "5",  "7", "2147483647", NULL};
static const char *const moments[] = {
    "3", "0", "5", "1700000000", "1700000001", "9007199254740000", NULL};
static const char *const levels[] = {"-1.5",           "0.0", "0.5", "1.0", "2.0", "5.0",
                                     "10000000000.25", NULL};
static const char *const coloured[] = {"'a'", "'b'", "'c'", "'d'", "'e'", "'5'", NULL};
static const char *const moods[] = {"'GOOD'", "'BAD'", "NULL", NULL};
static const char *const booleans[] = {"0", "1", "NULL", NULL};
static const char *const small[] = {"NULL", "-1",         "0",           "1", "2",
                                    "3",    "5",          "7",           "5", "2",
                                    "10",   "2147483647", "-2147483648", NULL};
/* Sums of these are exact in any order. */
static const char *const reals[] = {"NULL", "-1.5", "0.0", "0.5",   "1.0", "2.0",
                                    "3.25", "5.0",  "2.0", "1e+10", "7",   NULL};
static const char *const words[] = {"NULL",
                                    "''",
                                    "'a'",
                                    "'A'",
                                    "'abc'",
                                    "'ABC'",
                                    "'Abc'",
                                    "'ab%'",
                                    "'a_c'",
                                    "'abd '",
                                    "'5'",
                                    "'05'",
                                    "'5.0'",
                                    "' 5'",
                                    "'3'",
                                    "'-1'",
                                    "'1e1'",
                                    "'x''y'",
                                    "'h\303\251llo'",
                                    "'H\303\211LLO'",
                                    "'\346\227\245\346\234\254'",
                                    "'\360\237\230\200'",
                                    "'\357\277\275'",
                                    "'i1'",
                                    "'n2'",
                                    "'a long text of more than eighty characters, which "
                                    "is where the copying of values changes'",
                                    NULL};
static const char *const anything[] = {"NULL",  "5",     "'5'",  "5.0",   "'05'", "x'35'",
                                       "'abc'", "x''",   "3",    "2.5",   "'i1'", "-1",
                                       "''",    "'5.0'", "1e10", "'1e1'", NULL};
static const char *const verbs[] = {"'add'", "'put'", "'set'", "'drop'", NULL};
static const char *const confusing[] = {"NULL",
                                        "5",
                                        "'5'",
                                        "5.0",
                                        "'05'",
                                        "'5.0'",
                                        "' 5'",
                                        "x'35'",
                                        "5.5",
                                        "'abc'",
                                        "'ABC'",
                                        "''",
                                        "0",
                                        "-1",
                                        "1",
                                        "'1'",
                                        "1e10",
                                        "'a'",
                                        "2147483647",
                                        "2147483648",
                                        "-9223372036854775808",
                                        "9007199254740993",
                                        "9007199254740992.0",
                                        "1.0e300",
                                        "'i1'",
                                        "x'00'",
                                        NULL};

const char *const *const odd_pool = confusing;
const char *const *const text_pool = words;
const char *const *const number_pool = small;

const char *pool_pick(const char *const *pool, rng *r) {
    uint32_t n = 0;
    while (pool[n] != NULL) {
        n++;
    }
    return pool[rng_below(r, n)];
}

/* ---- columns ------------------------------------------------------------------------------ */

#define COLUMN(name, type, pool)                                                         \
    { name, NULL, pool, type, false, -1 }
#define REQUIRED(name, type, pool)                                                       \
    { name, NULL, pool, type, true, -1 }
#define REFERENCE(name, alias, type, pool, parent)                                       \
    { name, alias, pool, type, false, parent }
#define FOUR(a, b, c, d)                                                                 \
    COLUMN("c" #a, 't', words), COLUMN("c" #b, 'r', reals),                              \
        COLUMN("c" #c, 'b', booleans), COLUMN("c" #d, 'i', small)

static const column_info item[] = {
    REQUIRED("id", 't', item_keys), COLUMN("n", 'i', small), COLUMN("r", 'r', reals),
    COLUMN("b", 'b', booleans),     COLUMN("s", 't', words), COLUMN("t", 't', words),
    COLUMN("mood", 't', moods),
};
static const column_info note[] = {
    REQUIRED("id", 't', note_keys),
    REQUIRED("body", 't', words),
    COLUMN("k", 'i', small),
    REFERENCE("itemId", "item", 't', item_keys, ITEM),
};
static const column_info reply[] = {
    REQUIRED("id", 't', reply_keys),
    COLUMN("body", 't', words),
    REFERENCE("note", "noteRepliesId", 't', note_keys, NOTE),
};
static const column_info person[] = {
    REQUIRED("id", 't', person_keys),
    COLUMN("name", 't', words),
    COLUMN("age", 'i', small),
    REFERENCE("boss", "personReportsId", 't', person_keys, PERSON),
};
static const column_info slot[] = {
    REQUIRED("region", 't', regions),
    REQUIRED("number", 'i', slot_numbers),
    COLUMN("label", 't', words),
    COLUMN("v", 'r', reals),
};
static const column_info seat[] = {
    REQUIRED("id", 't', note_keys),
    COLUMN("row", 'i', small),
    REFERENCE("slotSeatsRegion", NULL, 't', regions, SLOT),
    REFERENCE("slotSeatsNumber", NULL, 'i', slot_numbers, SLOT),
};
static const column_info code[] = {
    REQUIRED("code", 'i', codes),
    COLUMN("label", 't', words),
};
static const column_info mark[] = {
    REQUIRED("id", 't', note_keys),
    COLUMN("v", 'r', reals),
    REFERENCE("codeRef", "of", 'i', codes, CODE),
};
static const column_info tick[] = {
    REQUIRED("at", 'i', moments),
    COLUMN("n", 'i', small),
    COLUMN("s", 't', words),
};
static const column_info level[] = {
    REQUIRED("at", 'r', levels),
    COLUMN("label", 't', words),
};
static const column_info red[] = {
    REQUIRED("id", 't', coloured),
    COLUMN("v", 'i', small),
    REFERENCE("blue", "blueRedsId", 't', coloured, BLUE),
};
static const column_info green[] = {
    REQUIRED("id", 't', coloured),
    COLUMN("v", 'i', small),
    REFERENCE("red", "redGreensId", 't', coloured, RED),
};
static const column_info blue[] = {
    REQUIRED("id", 't', coloured),
    COLUMN("v", 'i', small),
    REFERENCE("green", "greenBluesId", 't', coloured, GREEN),
};
static const column_info timed[] = {
    REQUIRED("id", 't', reply_keys),
    COLUMN("s", 't', words),
    COLUMN("n", 'i', small),
};
static const column_info wide[] = {
    REQUIRED("id", 't', coloured), FOUR(1, 2, 3, 4),          FOUR(5, 6, 7, 8),
    FOUR(9, 10, 11, 12),           FOUR(13, 14, 15, 16),      FOUR(17, 18, 19, 20),
    FOUR(21, 22, 23, 24),          FOUR(25, 26, 27, 28),      FOUR(29, 30, 31, 32),
    FOUR(33, 34, 35, 36),          FOUR(37, 38, 39, 40),      FOUR(41, 42, 43, 44),
    FOUR(45, 46, 47, 48),          FOUR(49, 50, 51, 52),      FOUR(53, 54, 55, 56),
    FOUR(57, 58, 59, 60),          FOUR(61, 62, 63, 64),      FOUR(65, 66, 67, 68),
    COLUMN("c69", 't', words),     COLUMN("c70", 'r', reals),
};
static const column_info plain[] = {
    COLUMN("k", 'i', small), COLUMN("t", 't', words),       COLUMN("x", 'x', anything),
    COLUMN("f", 'r', reals), COLUMN("pid", 't', item_keys),
};
static const column_info action[] = {
    REQUIRED("verb", 't', verbs),
    REQUIRED("key", 't', item_keys),
    COLUMN("v", 'i', small),
};
static const column_info counted[] = {
    COLUMN("id", 't', item_keys), COLUMN("n", 'i', small),    COLUMN("s", 't', words),
    COLUMN("notes", 'i', small),  COLUMN("most", 'i', small),
};
static const column_info several[] = {
    COLUMN("id", 't', item_keys),
    COLUMN("n", 'i', small),
    COLUMN("s", 't', words),
    COLUMN("mood", 't', moods),
};
static const column_info everything[] = {
    COLUMN("id", 't', item_keys),
    COLUMN("v", 'i', small),
    COLUMN("w", 't', words),
};

/* ---- tables ------------------------------------------------------------------------------- */

#define MODEL(name, columns, n_key, reaches)                                             \
    { name, columns, COUNT(columns), n_key, reaches, true, false, false }
#define OTHER(name, columns)                                                             \
    { name, columns, COUNT(columns), 0, 0, false, false, false }
#define RING (BIT(RED) | BIT(GREEN) | BIT(BLUE))

const table_info tables[N_TABLES] = {
    [ITEM] = MODEL("Item", item, 1, BIT(ITEM) | BIT(NOTE) | BIT(REPLY)),
    [NOTE] = MODEL("Note", note, 1, BIT(NOTE) | BIT(REPLY)),
    [REPLY] = MODEL("Reply", reply, 1, BIT(REPLY)),
    [PERSON] = {"Person", person, COUNT(person), 1, BIT(PERSON), true, true, false},
    [SLOT] = MODEL("Slot", slot, 2, BIT(SLOT) | BIT(SEAT)),
    [SEAT] = MODEL("Seat", seat, 1, BIT(SEAT)),
    [CODE] = MODEL("Code", code, 1, BIT(CODE) | BIT(MARK)),
    [MARK] = MODEL("Mark", mark, 1, BIT(MARK)),
    [TICK] = MODEL("Tick", tick, 1, BIT(TICK)),
    [LEVEL] = MODEL("Level", level, 1, BIT(LEVEL)),
    [RED] = {"Red", red, COUNT(red), 1, RING, true, true, false},
    [GREEN] = {"Green", green, COUNT(green), 1, RING, true, true, false},
    [BLUE] = {"Blue", blue, COUNT(blue), 1, RING, true, true, false},
    [TIMED] = {"Timed", timed, COUNT(timed), 1, BIT(TIMED), true, false, true},
    [WIDE] = MODEL("Wide", wide, 1, BIT(WIDE)),
    [PLAIN] = OTHER("plain", plain),
    [ACTION] = OTHER("action", action),
    [COUNTED] = OTHER("counted", counted),
    [SEVERAL] = OTHER("several", several),
    [EVERYTHING] = OTHER("everything", everything),
};

uint32_t table_bit(const table_info *t) {
    return BIT((uint32_t)(t - tables));
}
