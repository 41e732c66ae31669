"""Everything with a plug: event store, Kafka, ClickHouse, HTTP, web pages, command line."""
