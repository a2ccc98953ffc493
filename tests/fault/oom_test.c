/*
** Out of memory at every allocation: an error, the content as before, no leak.
*/
#include "fault.h"

int main(void) {
    static const sweep in_memory = {&memory_fault, 20, NULL, NULL, NULL};
    memory_install();
    for (int i = 0; i < n_scenarios; i++) {
        sweep_run(&in_memory, &scenarios[i]);
    }
    return failed();
}
