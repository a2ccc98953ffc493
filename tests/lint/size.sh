#!/bin/sh
# Functions have at most 70 lines and complexity 15, files of ext/ at most 400 lines.
find ext tests -name '*.c' | sort | xargs pmccabe | awk '
{
    if ($5 > 70) { print "not ok " $6 " " $7 ": " $5 " lines, 70 allowed"; failed = 1 }
    if ($1 > 15) { print "not ok " $6 " " $7 ": complexity " $1 ", 15 allowed"; failed = 1 }
}
END { if (!failed) print "ok size of " NR " functions" }'
find ext -name '*.[ch]' | sort | xargs wc -l | awk '
$2 != "total" && $1 > 400 { print "not ok " $2 ": " $1 " lines, 400 allowed"; failed = 1 }
END { if (!failed) print "ok size of files" }'
