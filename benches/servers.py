"""Throwaway database servers with a table of calls, of which one in a hundred is older than thirty days; and their
own clients asking for the same rows."""
import os
import subprocess

SCRIPT = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "tests", "database-server")
SPAN = 30 * 86_400 / 0.99

POSTGRESQL = """CREATE TABLE calls (id bigint PRIMARY KEY, caller text, called text, seconds int, called_at timestamptz);
INSERT INTO calls SELECT n, lpad((n * 2654435761 % 100000000)::text, 11, '090'), '0500000000', n % 600,
    to_timestamp({first} + n * {step}) FROM generate_series(0, {last}) AS n;
CREATE INDEX ON calls (called_at); VACUUM ANALYZE calls;
"""

MARIADB = """CREATE DATABASE bench; USE bench; SET time_zone = '+00:00';
CREATE TABLE calls (id bigint PRIMARY KEY, caller varchar(20), called varchar(20), seconds int, called_at datetime(6), KEY (called_at));
INSERT INTO calls SELECT seq, lpad(seq * 2654435761 % 100000000, 11, '090'), '0500000000', seq % 600,
    TIMESTAMP '1970-01-01 00:00:00' + INTERVAL {first} + seq * {step} SECOND FROM seq_0_to_{last};
ANALYZE TABLE calls;
"""


class Servers:
    """Both servers, running until the end of the block."""

    def __init__(self, work, count, now):
        self.work, self.count, self.now = work, count, now

    def __enter__(self):
        output = subprocess.run([SCRIPT, "start", str(os.getpid())], check=True, stdout=subprocess.PIPE, text=True).stdout
        self.settings = dict(line.split("=", 1) for line in output.splitlines())
        self.password = os.path.join(self.work, "database-password")
        with open(self.password, "w", encoding="utf-8") as file:
            file.write(self.settings["password"])
        return self

    def __exit__(self, *_):
        subprocess.run([SCRIPT, "stop", self.settings["folder"]], check=True)

    def each(self):
        for server in (Postgresql(self), Mariadb(self)):
            server.fill()
            yield server


class Postgresql:
    name, client = "PostgreSQL", "psql"

    def __init__(self, servers):
        self.servers, self.settings = servers, servers.settings
        self.psql = ["psql", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", "admin", "-d", "postgres",
                     "-h", self.settings["postgresql_socket"], "-p", self.settings["postgresql"]]

    def fill(self):
        run_statements(self.psql, POSTGRESQL, self.servers)

    def connection(self):
        socket = self.settings["postgresql_socket"].replace("/", "%2F")
        url = f"postgresql://purposed@{socket}:{self.settings['postgresql']}/postgres"
        return connection(url, self.servers.password)

    def query(self):
        cut_off = cut_off_of(self.servers)
        return [*self.psql, "-c", f"SELECT id, called_at FROM calls WHERE called_at <= to_timestamp({cut_off!r})",
                "-c", "SELECT COUNT(*) FROM calls"]


class Mariadb:
    name, client = "MariaDB", "mariadb"

    def __init__(self, servers):
        self.servers, self.settings = servers, servers.settings
        self.mariadb = ["mariadb", "--no-defaults", "-N", "-B", "-u", "admin", "-S", self.settings["mariadb_socket"]]

    def fill(self):
        run_statements(self.mariadb, MARIADB, self.servers)

    def connection(self):
        url = f"mariadb:///bench?user=purposed&socket={self.settings['mariadb_socket']}"
        return connection(url, self.servers.password)

    def query(self):
        cut_off = f"TIMESTAMP '1970-01-01 00:00:00' + INTERVAL {cut_off_of(self.servers)!r} SECOND"
        select = f"SELECT id, called_at FROM calls WHERE called_at <= {cut_off}; SELECT COUNT(*) FROM calls"
        return [*self.mariadb, "bench", "-e", select]



def cut_off_of(servers):
    return servers.now.timestamp() - 30 * 86_400


def run_statements(client, statements, servers):
    first = servers.now.timestamp() - SPAN
    text = statements.format(first=f"{first:.3f}", step=f"{SPAN / servers.count:.9f}", last=servers.count - 1)
    subprocess.run(client, input=text, text=True, check=True, stdout=subprocess.DEVNULL)


def connection(url, password):
    return f'[connections.calls]\nurl = "{url}"\npassword = {{ file = "{password}" }}\ntime_zone = "UTC"\n'
