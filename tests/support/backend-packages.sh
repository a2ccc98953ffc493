#!/bin/sh
# Sees to it that the packages of tests/backend (or of the folder of tests/ that is named) are there as
# its lock file names them: as they are if they fit, else by `npm ci`. Says in one line what is missing.
folder=${1:-backend}
cd "$(dirname "$0")/../$folder" || exit 1
for command in node npm; do
    command -v $command >/dev/null 2>&1 || {
        echo "tests/$folder needs $command: install nodejs and npm"
        exit 1
    }
done
npm ls >/dev/null 2>&1 && exit 0
for _ in 1 2; do # a registry may have a bad moment
    npm ci --no-fund --no-audit >/dev/null 2>&1 && exit 0
done
echo "tests/$folder: npm ci failed; is this machine offline? Run it once in that folder"
exit 1
