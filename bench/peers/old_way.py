"""The old project's way: one object after the other, JSON line by line in Python, native INSERT. No ledger, no checks beyond zipfile's."""

import io
import json
import os
import zipfile
from datetime import datetime

from clickhouse_driver import Client

from common import TABLES, answer, keys_of, s3_client, task

CATEGORY = "LowCardinality(String)"
MAYBE = "LowCardinality(Nullable(String))"
TIME = "DateTime64(6, 'UTC')"
# The types of the feed's columns in our raw tables.
COLUMNS = {
    "browser_events": {
        "event_id": "UUID",
        "event_timestamp": TIME,
        "event_type": CATEGORY,
        "click_id": "UUID",
        "browser_name": CATEGORY,
        "browser_user_agent": "String",
        "browser_language": CATEGORY,
    },
    "device_events": {
        "click_id": "UUID",
        "os": "String",
        "os_name": CATEGORY,
        "os_timezone": CATEGORY,
        "device_type": CATEGORY,
        "device_is_mobile": "Bool",
        "user_custom_id": "String",
        "user_domain_id": "UUID",
    },
    "geo_events": {
        "click_id": "UUID",
        "geo_latitude": "Nullable(Float64)",
        "geo_longitude": "Nullable(Float64)",
        "geo_country": MAYBE,
        "geo_timezone": MAYBE,
        "geo_region_name": MAYBE,
        "ip_address": "String",
    },
    "location_events": {
        "event_id": "UUID",
        "page_url": CATEGORY,
        "page_url_path": CATEGORY,
        "referer_url": MAYBE,
        "referer_medium": MAYBE,
        "utm_medium": MAYBE,
        "utm_source": MAYBE,
        "utm_content": MAYBE,
        "utm_campaign": MAYBE,
    },
}


def row_of(table, line):
    row = json.loads(line)
    if table == "browser_events":
        row["event_timestamp"] = datetime.fromisoformat(row["event_timestamp"])
    elif table == "geo_events":
        for name in ("geo_latitude", "geo_longitude"):
            row[name] = None if row[name] is None else float(row[name])
    return row


def work(s3, client, begin, end):
    objects = 0
    for table in TABLES:
        insert = f"INSERT INTO {table} ({', '.join(COLUMNS[table])}) VALUES"
        for key in keys_of(s3, table, begin, end):
            body = s3.get_object(Bucket=os.environ["S3_BUCKET"], Key=key)["Body"].read()
            with zipfile.ZipFile(io.BytesIO(body)) as archive, archive.open(f"{table}.jsonl") as lines:
                client.execute(insert, [row_of(table, line) for line in lines])
            objects += 1
    return objects


def main():
    said = task()
    s3 = s3_client()
    client = Client(
        host="127.0.0.1",
        port=int(os.environ["CLICKHOUSE_TCP_PORT"]),
        user=os.environ["CLICKHOUSE_USER"],
        password=os.environ["CLICKHOUSE_PASSWORD"],
        database=os.environ["CLICKHOUSE_DATABASE"],
    )
    for table, columns in COLUMNS.items():
        listed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        client.execute(f"CREATE TABLE {table} ({listed}) ENGINE = MergeTree ORDER BY tuple()")
    answer(lambda: work(s3, client, said["from"], said["to"]))


main()
