"""Intermittent and promoted demand: the product's learner beside statsforecast on three public sets.

Spare parts by the month (mostly zeros), pasta by the day with promotions, orange juice by the week in 83 stores.
The settings are the product's own, the same for all three sets, and were chosen on periods
before the scored ones; every forecast is made before its period is learned.
"""
