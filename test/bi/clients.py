"""What BI tools connect with, as the reader: reads every view, and tries statements that must give nothing away.

Takes one JSON document on standard input and answers with one on standard output.
"""

import json
import sys

import clickhouse_connect
import clickhouse_driver
import sqlalchemy


def text(rows):
    return [[None if cell is None else str(cell) for cell in row] for row in rows]


class Http:
    """clickhouse-connect, over HTTP."""

    def __init__(self, place):
        self.client = clickhouse_connect.get_client(
            host=place["host"], port=place["httpPort"], username=place["user"],
            password=place["password"], database=place["database"],
        )

    def read(self, sql):
        result = self.client.query(sql)
        return {"columns": list(result.column_names), "rows": text(result.result_rows)}

    def attempt(self, sql):
        if sql.startswith(("SELECT", "WITH", "SHOW", "EXPLAIN", "DESCRIBE")):
            return self.client.raw_query(sql, fmt="TSV").decode(errors="replace")
        return str(self.client.command(sql))


class Alchemy:
    """SQLAlchemy with the dialect of clickhouse-connect, as Superset uses it."""

    def __init__(self, place):
        url = sqlalchemy.URL.create(
            "clickhousedb+connect", place["user"], place["password"], place["host"], place["httpPort"], place["database"]
        )
        self.engine = sqlalchemy.create_engine(url)

    def read(self, sql):
        view = sql.split()[-1]
        table = sqlalchemy.Table(view, sqlalchemy.MetaData(), autoload_with=self.engine)
        assert view in sqlalchemy.inspect(self.engine).get_table_names()
        with self.engine.connect() as connection:
            rows = connection.execute(sqlalchemy.select(table)).fetchall()
        return {"columns": [column.name for column in table.columns], "rows": text(rows)}


class Native:
    """clickhouse-driver, over the native protocol."""

    def __init__(self, place):
        self.client = clickhouse_driver.Client(
            host=place["host"], port=place["tcpPort"], user=place["user"],
            password=place["password"], database=place["database"],
        )

    def read(self, sql):
        rows, columns = self.client.execute(sql, with_column_types=True)
        return {"columns": [name for name, _ in columns], "rows": text(rows)}

    def attempt(self, sql):
        return str(self.client.execute(sql))


def outcome(client, sql):
    try:
        return {"answer": client.attempt(sql)}
    except Exception as error:  # whatever the library throws: what it says is looked at
        return {"error": str(error)[:4000]}


def main():
    task = json.load(sys.stdin)
    clients = {"http": Http(task["place"]), "sqlalchemy": Alchemy(task["place"]), "native": Native(task["place"])}
    found = {
        name: {view: client.read(f"SELECT * FROM {view}") for view in task["views"]} for name, client in clients.items()
    }
    tried = {
        name: [outcome(clients[name], sql) for sql in task["attempts"]] for name in ("http", "native")
    }
    json.dump({"views": found, "attempts": tried}, sys.stdout)


main()
