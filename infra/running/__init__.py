"""How a stage of the road runs as a process of its own: its loop, its health, its numbers, its log.

logs       one JSON object a line, without personal data
telemetry  numbers for Prometheus, /healthz, /readyz
worker     step, step, step; after a failure a pause and a new start; SIGTERM ends it cleanly
stages     what the stages are: relay, sink, project, intake
"""
