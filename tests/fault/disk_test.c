/*
** A full disk and errors of the disk, with a rollback journal and with a write-ahead log:
** an error, and the file as before.
*/
#include "fault.h"

#include <stdio.h>
#include <stdlib.h>

int main(void) {
    static const fault *const faults[] = {&full_fault, &disk_fault};
    static const char *const modes[] = {"delete", "wal"};
    const char *folder = getenv("TMPDIR");
    char path[500];
    snprintf(path, sizeof path, "%s/disk.db", folder ? folder : "/tmp");
    disk_install();
    for (int m = 0; m < 2; m++) {
        for (int f = 0; f < 2; f++) {
            const sweep on_disk = {faults[f], 4, path, "fault", modes[m]};
            for (int i = 0; i < n_scenarios; i++) {
                sweep_run(&on_disk, &scenarios[i]);
            }
        }
    }
    return failed();
}
