"""The way this pipeline replaces, as it was done: pandas, floats and to_sql, changed only where it would not run.

Usage: pandas_way.py EXPORT.csv DATABASE_URL. Prints the seconds as JSON. Needs pandas, SQLAlchemy and PyMySQL.
It appends, reads money as floats and drops what it cannot read: three ways to a wrong figure.
"""

import json
import re
import resource
import sys
import time

import pandas as pd
from sqlalchemy import create_engine, text

GROUPS = {
    "CN": 1, "DS": 2, "CLS": 3, "PA": 4, "RCI": 5, "RCG": 5, "RS": 6, "LTCS": 6, "SS": 6, "GLH": 6, "RES": 6,
    "TFC": 7, "SE": 8, "IS": 8, "Ind": 9, "Tra Supp": 9,
}
MONEY = ["authorized_dollars", "in_process_dollars", "billed_dollars", "variance_billed"]
UNITS = ["authorized_units", "in_process_units", "billed_units"]


def number(cell):
    if not isinstance(cell, str) or cell == "":
        return None
    digits = re.sub(r"[$,()\s]", "", cell)
    return -float(digits) if cell.startswith(("(", "-")) else float(digits)


def name_code(name):
    if not isinstance(name, str) or "," not in name:
        return None
    last, first = name.split(",", 1)
    return (first.strip()[:3] + last.strip()[:2]).upper()


def clean(frame):
    frame.columns = [column.strip().replace(" ", "_").lower() for column in frame.columns]
    for column in MONEY + UNITS:
        frame[column] = frame[column].map(number)
    for column in ["start_date", "end_date"]:
        frame[column] = pd.to_datetime(frame[column], format="%m/%d/%Y", errors="coerce")
    moved = (
        frame["service_code"].str.contains("DS")
        & ~frame["authorizing_payer"].fillna("").str.contains("PARTNERS")
        & (frame["qp"] != "BRACKENBURY, IVO")
    )
    frame.loc[moved, "qp"] = "FERNHOLLOW, ADELE"
    frame = frame.drop(columns=["authorizing_payer"])
    frame["service_code"] = frame["service_code"].str.replace(r"\s*\(.*\)", "", regex=True).str.strip()
    frame["grp"] = frame["service_code"].map(GROUPS).fillna(0).astype(int)
    frame["client_code"] = frame["client"].map(name_code)
    frame["qp_code"] = frame["qp"].map(name_code)
    used = frame["in_process_dollars"].fillna(0) + frame["billed_dollars"].fillna(0)
    frame["util"] = used / frame["authorized_dollars"].where(frame["authorized_dollars"] != 0)
    frame["variance"] = used - frame["authorized_dollars"]
    frame["ym"] = "2026-09"
    return frame.dropna(subset=["start_date", "end_date"])


def main(path, url):
    engine = create_engine(url.replace("mysql://", "mysql+pymysql://", 1))
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS old_way"))
    begun = time.monotonic()
    for chunk in pd.read_csv(path, dtype=str, chunksize=10_000):
        clean(chunk).to_sql("old_way", engine, if_exists="append", index=False, chunksize=10_000)
    seconds = time.monotonic() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE old_way"))
    print(json.dumps({"seconds": seconds, "peakMemoryMib": peak}))


main(sys.argv[1], sys.argv[2])
