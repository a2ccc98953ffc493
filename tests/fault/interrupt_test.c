/*
** An interrupt at any moment of any statement: an error, and the content as before.
*/
#include "fault.h"

static long passed;
static long failing;
static bool
    is_request; /* by sqlite3_interrupt, which holds until all statements have ended */

static int on_progress(void *db) {
    passed++;
    if (failing == 0 || passed != failing) {
        return 0;
    }
    if (is_request) {
        sqlite3_interrupt(db);
        return 0;
    }
    return 1; /* only the innermost statement is interrupted */
}

static void arm(sqlite3 *db, long n, bool for_ever) {
    passed = 0;
    failing = n;
    is_request = for_ever;
    sqlite3_progress_handler(db, 1, on_progress, db);
}

static long disarm(sqlite3 *db) {
    sqlite3_progress_handler(db, 0, NULL, NULL);
    return passed;
}

static bool is_expected(int rc) {
    return (rc & 0xff) == SQLITE_INTERRUPT;
}

int main(void) {
    static const fault interrupt_fault = {"interrupt", arm, disarm, is_expected, true};
    static const sweep in_memory = {&interrupt_fault, 15, NULL, NULL, NULL};
    for (int i = 0; i < n_scenarios; i++) {
        sweep_run(&in_memory, &scenarios[i]);
    }
    return failed();
}
