"""The seeded retailer: pure functions of the settings and of ids and times.

Everything is whole-number arithmetic. Floating point would be a hazard to "the same bytes on any
machine": NumPy's exp, log, sin and pow pick SIMD kernels by CPU, and those differ in the last bit.

Times are int64 microseconds since 1970-01-01 UTC, days and hours are counted from the epoch, money
is in cents, exchange rates are in units of 1e-8.
"""
