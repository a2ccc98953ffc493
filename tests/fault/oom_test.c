/*
** Out of memory at every allocation: an error, the content as before, no leak.
*/
#include "fault.h"

int main(void) {
    static const sweep in_memory = {&memory_fault, 20, NULL, NULL, NULL};
    memory_install();
    sqlite3_close(open_loaded(":memory:", NULL));
    memory_reach_json();
    for (int i = 0; i < n_scenarios; i++) {
        sweep_run(&in_memory, &scenarios[i]);
    }
    return failed();
}
