"""Settings, logs, traces and the one catalogue of metrics."""
