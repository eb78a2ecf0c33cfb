"""What both peers need: the task, the objects of the feed, the answer."""

import json
import os
import resource
import sys
import time

import boto3

TABLES = ("browser_events", "device_events", "geo_events", "location_events")


def task():
    return json.loads(sys.argv[1])


def s3_client():
    return boto3.client("s3", endpoint_url=os.environ["S3_ENDPOINT"], region_name=os.environ["S3_REGION"])


def keys_of(s3, table, begin, end):
    """Keys of the table's objects in the hours [begin, end), each named as 2024-05-01T13."""
    prefix = os.environ["S3_PREFIX"]
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=os.environ["S3_BUCKET"], Prefix=prefix)
    for page in pages:
        for listed in page.get("Contents", []):
            parts = listed["Key"][len(prefix) :].split("/")
            if len(parts) != 5 or parts[4] != table + ".jsonl.zip":
                continue
            year, month, day, hour = (part.split("=")[1] for part in parts[:4])
            if begin <= f"{year}-{month}-{day}T{hour}" < end:
                yield listed["Key"]


def answer(work):
    """Times the work, which returns the number of objects loaded, and prints the answer."""
    before = cpu_seconds()
    started = time.perf_counter()
    objects = work()
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "cpuSeconds": cpu_seconds() - before, "objects": objects}))


def cpu_seconds():
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
