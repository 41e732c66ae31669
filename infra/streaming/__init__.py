"""The road over Apache Kafka: the log that other services read and write.

broker.py   where the brokers are, how to reach them, which topics there are
relay.py    event store → shouhe.events, each event exactly once, in order per child
feed.py     shouhe.events → the sink's ranges
intake.py   shouhe.intake → the intake → its results
"""
