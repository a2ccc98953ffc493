"""Runs the unittest cases of a folder, or those of one of its files, and prints "ok …" or "not ok …" per
case."""

import sys
import unittest


class Lines(unittest.TestResult):
    def addSuccess(self, test):
        print("ok", test.id(), flush=True)

    def addSkip(self, test, reason):
        print("# skipped", test.id(), reason, flush=True)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        print("not ok", test.id())
        for line in self.failures[-1][1].splitlines():
            print("#", line, flush=True)

    def addError(self, test, err):
        self.addFailure(test, err)

    def addUnexpectedSuccess(self, test):
        print("not ok", test.id(), "passes, but is marked as an expected failure")

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.addFailure(subtest, err)


result = Lines()
pattern = sys.argv[2] if len(sys.argv) > 2 else "test_*.py"
unittest.defaultTestLoader.discover(sys.argv[1], pattern).run(result)
sys.exit(0 if result.wasSuccessful() else 1)
