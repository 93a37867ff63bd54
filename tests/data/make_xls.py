#!/usr/bin/env python3
"""Makes the XLS files beside it, which no Rust library can write: python3 make_xls.py (needs xlwt 1.3.0)."""
import datetime
import pathlib

import xlwt

HERE = pathlib.Path(__file__).parent
DATE = xlwt.easyxf(num_format_str="YYYY/MM/DD")
TIME = xlwt.easyxf(num_format_str="YYYY/MM/DD HH:MM:SS")


def fill(book):
    """A hidden sheet, then a list whose header is in row 3."""
    notes = book.add_sheet("notes")
    notes.write(0, 0, "No")
    notes.visibility = 1
    sheet = book.add_sheet("名簿")
    sheet.write(0, 0, "参加者一覧")
    for column, title in enumerate(["No", "氏名", "開催日", "登録", "同意"]):
        sheet.write(2, column, title)
    rows = [
        (1, "例示 一郎", datetime.date(2024, 4, 1), datetime.datetime(2024, 4, 1, 13, 30, 15), True),
        (2, "例示 花子", datetime.date(2000, 2, 29), None, False),
        (3.5, "0312345678", 45000, None, None),
    ]
    for number, row in enumerate(rows, start=3):
        for column, value in enumerate(row):
            style = {datetime.date: DATE, datetime.datetime: TIME}.get(type(value))
            if value is not None:
                sheet.write(number, column, value, *([style] if style else []))
    sheet.write(8, 0, 4)
    sheet.row(8).set_cell_error(1, "#DIV/0!")
    sheet.write(9, 7, "beyond the header")
    sheet.write(10, 1, " ")


book = xlwt.Workbook()
fill(book)
book.save(HERE / "list.xls")

book = xlwt.Workbook()
book.dates_1904 = True
fill(book)
book.save(HERE / "list-1904.xls")

book = xlwt.Workbook()
for name in ["a", "b", "c"]:
    sheet = book.add_sheet(name)
    sheet.write(0, 0, "No")
    sheet.write(65535, 255, 1)
book.save(HERE / "far-cell.xls")
