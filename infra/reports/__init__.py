"""What officials hand in: a prefecture's November report, a county's monthly sheet, a child's file.

standing    the log position and the days a report stands on; every figure is read through it
figures     what a report asks: children, indicators, months, what is overdue
monthly     the county's sheet (.xlsx), november the prefecture's report (.docx)
charts      one chart, in a workbook or in a document
sealed      the same contents, the same bytes
child_pdf   一人一档 on paper (infra/web/child_file.py says what stands in it)
"""
