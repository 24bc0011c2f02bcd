"""How well demand hidden by stock-outs is recovered: real hourly sales, with stock-outs made on days that had none.

``python -m benchmarks.freshretail --data DIR --json`` reads FreshRetailNet-50K and caps 40 % of the days without a
stock-out, by a drawn stock or from a drawn hour on. Real stock-outs stay in the stream, unscored. The learner passes
once; days from the 23rd on are scored. Its constants were chosen on every other series (even numbers, seeds 0
and 1): ``held_out`` are the others.
"""
