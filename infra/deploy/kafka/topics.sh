#!/bin/sh
# The topics of the road, made by whoever may: for clusters on which the relay's user may not.
# Elsewhere the relay makes them at its start. What is there already stays as it is.
#
#     KAFKA_TOPICS="kafka-topics.sh --command-config admin.properties" PARTITIONS=24 REPLICATION=3 \
#         sh topics.sh host:9092
#
# Settings as in infra/streaming/broker.py (a test compares them). More partitions can be had later
# only by a new prefix: a child's events must stay in one partition.
set -eu
servers=${1:?usage: topics.sh HOST:PORT}
prefix=${PREFIX:-shouhe}
partitions=${PARTITIONS:-12}
replication=${REPLICATION:-3}

topic() {
    name=$1 count=$2
    shift 2
    # shellcheck disable=SC2086 # a command and its options
    ${KAFKA_TOPICS:-kafka-topics.sh} --bootstrap-server "$servers" --create --if-not-exists \
        --topic "$prefix$name" --partitions "$count" --replication-factor "$replication" "$@"
}

# A write counts when two of three replicas have it: one broker may fail, and nothing is lost.
safe="--config min.insync.replicas=$((replication > 1 ? replication - 1 : 1))"

# shellcheck disable=SC2086
{
    topic .events "$partitions" $safe --config retention.ms=-1 --config compression.type=producer
    topic .relay 1 $safe --config cleanup.policy=compact --config segment.ms=86400000 \
        --config segment.bytes=1048576
    # These hold readable names, so they don't stay for long.
    topic .intake "$partitions" $safe --config retention.ms=259200000
    topic .intake.results "$partitions" $safe --config retention.ms=604800000
    topic .intake.rejected 1 $safe --config retention.ms=2592000000
}
