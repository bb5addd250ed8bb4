"""Times and their comparison."""

from time import perf_counter

MOST_RATIO = 2.0
MOST_SECONDS = 0.3


class Stopwatch:
    """``with Stopwatch() as watch``: afterwards ``watch.seconds`` is how long it took."""

    RUNS = 7

    def __enter__(self):
        self._start = perf_counter()
        return self

    def __exit__(self, *_error):
        self.seconds = perf_counter() - self._start


def report(few, many):
    """Print queries and median times with a tenth of the records and with all."""
    print(f"{'':30}{'queries':>16}{'ms, a tenth':>14}{'ms, all':>10}{'ratio':>8}")
    for name, (queries, seconds) in many.items():
        before, short = few[name]
        ratio = seconds / short
        remarks = []
        if queries > before:
            remarks.append("more queries")
        if ratio > MOST_RATIO:
            remarks.append("too steep")
        if seconds > MOST_SECONDS:
            remarks.append("too slow")
        print(
            f"{name:30}{before:>9} → {queries:<4}{short * 1000:>14.1f}"
            f"{seconds * 1000:>10.1f}{ratio:>8.2f}  {', '.join(remarks)}".rstrip()
        )


def report_ratios(compared):
    """Print queries and median times of what costs something on top of the host."""
    print(f"{'':30}{'queries':>16}{'ms, host':>14}{'ms, ours':>10}{'ratio':>8}")
    for name, ((seconds, queries), (ours, more), most) in compared.items():
        ratio = ours / seconds
        print(
            f"{name:30}{queries:>9} → {more:<4}{seconds * 1000:>14.1f}"
            f"{ours * 1000:>10.1f}{ratio:>8.2f}"
            f"{'  too dear' if ratio > most else ''}"
        )
