"""Processes that a test starts, which work until a line tells them to stop."""

import subprocess
import sys


class Processes:
    """For test cases. patience: seconds until a process that was told to stop counts as stuck."""

    patience = 60

    def begin(self, program, *arguments):
        process = subprocess.Popen(
            [sys.executable, program, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(self.end, process)
        self.assertEqual(process.stdout.readline(), "ready\n")
        return process

    @staticmethod
    def end(process):
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()

    def stop(self, process):
        """Tell it to stop; what it says then."""
        process.stdin.write("stop\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        self.assertEqual(process.wait(self.patience), 0)
        return answer
