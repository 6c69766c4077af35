"""What everything that asks addons does: ask within limits, keep the answer, say what went wrong."""
