# Turns the output of one cmocka program, whose last line is "status N", into lines "ok …" and
# "not ok …". A program that ends badly without naming a failed test is one failure.
/^\[       OK \] / { print "ok " program ": " substr($0, 14) }
/^\[  FAILED  \] / && !/test\(s\), listed below:$/ {
    test = substr($0, 14)
    if (!(test in seen)) print "not ok " program ": " test
    seen[test] = 1
    failed++
}
/^status [0-9]+$/ { status = $2 }
{ line[NR] = $0 }
END {
    if (status == 0) exit
    if (!failed) print "not ok " program ": stopped with status " status
    for (i = 1; i <= NR; i++) {
        if (line[i] !~ /^\[ (RUN|      OK)/) print "# " line[i]
    }
}
