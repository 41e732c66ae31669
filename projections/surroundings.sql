-- One row per fact about the safety of a place: hazards, accidents, waters (周边安全). Rules T14.1 to T14.3.
-- from: hazard.found.v1, hazard.resolved.v1, accident.recorded.v1, water_site.registered.v1, water_site.equipped.v1

-- table
CREATE TABLE {table} (
    reference String                 COMMENT 'hazard or water site in the sender''s numbering, hz-7',
    kind      LowCardinality(String) COMMENT 'of hazard, accident or water: fire, drowning, pond',
    severity  LowCardinality(String) COMMENT 'hazard found: minor, serious or urgent',
    equipped  UInt8                  COMMENT 'water site equipped: 1 sign, ring, rope and pole are there',
    {envelope}
) ENGINE = MergeTree ORDER BY (place, occurred_at)

-- select
SELECT
    if(JSONHas(data, 'hazard_id'), JSONExtractString(data, 'hazard_id'), JSONExtractString(data, 'site_id')) AS reference,
    if(JSONHas(data, 'kind'), JSONExtractString(data, 'kind'), JSONExtractString(data, 'hazard')) AS kind,
    JSONExtractString(data, 'severity') AS severity,
    toUInt8(JSONExtractBool(data, 'warning_sign') AND JSONExtractBool(data, 'life_ring')
        AND JSONExtractBool(data, 'rope') AND JSONExtractBool(data, 'pole')) AS equipped,
    {envelope}
FROM {events}

-- view surroundings
SELECT * EXCEPT (corrects, sequence) FROM {facts}
