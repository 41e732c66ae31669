"""规则登记: the plan's 18 tasks as a register of rules, each with the checks that judge it.

shape       what a rule and a check are: five forms, all data
spirit … foundation   the rules, one module an action of the plan (domain.md §1)
register    all of them, in the plan's order
judging     a check over one subject's events, on a day (SQL twin: projections/obligations.sql)
"""
