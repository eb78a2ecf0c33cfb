"""dlt with one resource per table that reads and unzips the objects; dlt's own extraction, normalisation and load."""

import io
import json
import os
import zipfile

import dlt

from common import TABLES, answer, keys_of, s3_client, task


def resource(s3, table, keys):
    def rows():
        for key in keys:
            body = s3.get_object(Bucket=os.environ["S3_BUCKET"], Key=key)["Body"].read()
            with zipfile.ZipFile(io.BytesIO(body)) as archive, archive.open(f"{table}.jsonl") as lines:
                yield [json.loads(line) for line in lines]

    return dlt.resource(rows, name=table, write_disposition="append", max_table_nesting=0)


def work(s3, pipeline, begin, end):
    keys = {table: list(keys_of(s3, table, begin, end)) for table in TABLES}
    info = pipeline.run([resource(s3, table, keys[table]) for table in TABLES])
    info.raise_on_failed_jobs()
    return sum(len(of_table) for of_table in keys.values())


def main():
    said = task()
    credentials = {
        "host": "127.0.0.1",
        "port": int(os.environ["CLICKHOUSE_TCP_PORT"]),
        "http_port": int(os.environ["CLICKHOUSE_HTTP_PORT"]),
        "username": os.environ["CLICKHOUSE_USER"],
        "password": os.environ["CLICKHOUSE_PASSWORD"],
        "database": os.environ["CLICKHOUSE_DATABASE"],
        "secure": 0,
    }
    pipeline = dlt.pipeline(
        pipeline_name="bench",
        pipelines_dir=os.environ["BENCH_DIR"],
        destination=dlt.destinations.clickhouse(credentials=credentials),
        dataset_name="feed",
    )
    answer(lambda: work(s3_client(), pipeline, said["from"], said["to"]))


main()
