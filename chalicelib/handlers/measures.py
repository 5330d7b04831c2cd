"""What is counted for dashboards and alarms, and under which names? Metrics ride in the log (EMF).

Only functions that run by the clock or settle a window emit them: no request pays for a metric.
"""

from collections.abc import Mapping

from aws_lambda_powertools.metrics import EphemeralMetrics

NAMESPACE = "Plugrail"
# Count → the metric's name and unit; docs/runbook.md has a line for each.
METRICS: Mapping[str, tuple[str, str]] = {
    "sessions_billed": ("SessionsBilled", "Count"),
    "sessions_captured": ("SessionsCaptured", "Count"),
    "differences_found": ("DifferencesFound", "Count"),
    "payouts_accepted": ("PayoutsAccepted", "Count"),
    "payouts_credited": ("PayoutsCredited", "Count"),
    "payouts_held": ("PayoutsHeld", "Count"),
    "accepted_48h": ("Accepted48h", "Percent"),
    "credited_48h": ("Credited48h", "Percent"),
    "oldest_effect_s": ("OldestEffect", "Seconds"),
    "events_lost": ("ProviderEventsLost", "Count"),
    "events_lag_s": ("ProviderEventsLag", "Seconds"),
    "pulls_failed": ("PullsFailed", "Count"),
    "pushes_lost": ("PushesLost", "Count"),
    "unmatched": ("UnmatchedPayouts", "Count"),
    "uncredited": ("PayoutsNotCredited", "Count"),
    "held_long": ("PayoutsHeldLong", "Count"),
    "returned": ("PayoutsReturned", "Count"),
    "unfinished": ("PayoutsUnfinished", "Count"),
}


def tell(service: str, counts: Mapping[str, int], **about: str) -> None:
    """Write one line of metrics; `about` (a window) can be searched for and is no dimension."""
    known = {name: value for name, value in counts.items() if name in METRICS}
    if not known:
        return
    metrics = EphemeralMetrics(namespace=NAMESPACE, service=service)
    for count, value in known.items():
        name, unit = METRICS[count]
        metrics.add_metric(name=name, unit=unit, value=value / 100 if unit == "Percent" else value)
    for name, text in about.items():
        metrics.add_metadata(key=name, value=text)
    metrics.flush_metrics()
