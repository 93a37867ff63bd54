"""The first bar's work as DuckDB does it: the same files, the same questions, the same answers.

    python duckdb_query.py LIST LEDGER NOW      prints the counts as JSON

The organisation's zone is Asia/Tokyo and NOW is given in it, so that both sides compare times without a zone.
"""
import json
import sys

import duckdb

QUERY = """
WITH events AS (
    SELECT lower(trim(email)) AS subject, purpose,
           max(given_at) FILTER (given_at <= $now) AS given,
           max(withdrawn_at) FILTER (withdrawn_at <= $now) AS withdrawn
    FROM read_csv($ledger, header = true, auto_detect = false, columns = {
        'email': 'VARCHAR', 'purpose': 'VARCHAR', 'given_at': 'TIMESTAMP', 'withdrawn_at': 'TIMESTAMP'})
    GROUP BY ALL
    HAVING given IS NOT NULL OR withdrawn IS NOT NULL),
subjects AS (SELECT DISTINCT subject FROM events),
items AS (
    SELECT collected_at, trim(purpose) AS stated, lower(trim(email)) AS subject,
           CASE trim(purpose) WHEN '情報提供' THEN 'seminar-information' WHEN 'seminar-information' THEN 'seminar-information'
                              WHEN 'sending-materials' THEN 'sending-materials' WHEN '資料送付' THEN 'sending-materials'
                              WHEN '集計' THEN 'survey-analysis' WHEN 'survey-analysis' THEN 'survey-analysis' END AS purpose
    FROM read_csv($list, header = true, auto_detect = false, columns = {
        'id': 'VARCHAR', 'email': 'VARCHAR', 'name': 'VARCHAR', 'company': 'VARCHAR', 'postcode': 'VARCHAR',
        'collected_at': 'DATE', 'purpose': 'VARCHAR', 'note': 'VARCHAR'})),
judged AS (
    SELECT collected_at, stated, items.purpose,
           CASE WHEN items.purpose IS NULL THEN NULL
                WHEN items.subject IS NULL OR items.subject = '' THEN 'no-subject'
                WHEN subjects.subject IS NULL THEN 'missing'
                WHEN events.subject IS NULL THEN 'other-purpose'
                WHEN withdrawn IS NOT NULL AND (given IS NULL OR withdrawn >= given) THEN 'withdrawn'
                WHEN given + INTERVAL 2 YEAR <= $now THEN 'expired' END AS consent
    FROM items
    LEFT JOIN events ON events.subject = items.subject AND events.purpose = items.purpose
    LEFT JOIN subjects ON subjects.subject = items.subject)
SELECT count(*) AS items,
       count_if(collected_at + INTERVAL 1 YEAR + INTERVAL 1 DAY <= $now) AS "retention/expired",
       count_if(collected_at IS NULL) AS "retention/undated",
       count_if(stated IS NULL OR stated = '') AS "purpose/unstated",
       count_if(stated <> '' AND (purpose IS NULL OR purpose = 'survey-analysis')) AS "purpose/outside",
       count_if(consent = 'no-subject') AS "consent/no-subject",
       count_if(consent = 'missing') AS "consent/missing",
       count_if(consent = 'other-purpose') AS "consent/other-purpose",
       count_if(consent = 'withdrawn') AS "consent/withdrawn",
       count_if(consent = 'expired') AS "consent/expired"
FROM judged
"""

list_file, ledger_file, now = sys.argv[1:]
connection = duckdb.connect()
connection.execute("SET threads = 2")
local = now[:19]
result = connection.execute(QUERY.replace("$now", f"TIMESTAMP '{local}'"), {"list": list_file, "ledger": ledger_file})
names = [column[0] for column in result.description]
print(json.dumps(dict(zip(names, result.fetchone()))))
