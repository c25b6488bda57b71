#pragma once
// Elementary functions that give the same bits on every machine, which those of the C library do not. Built from
// IEEE 754 + - * / and sqrt alone, none of them contracted. Relative error below 1e-14 in the ranges given.

namespace orrery {

/// Natural logarithm of a positive normal number. Minus infinity for 0 and subnormal numbers, NaN for negative ones.
double portable_log(double x);

/// e^x. Infinity above 709, 0 below -708.
double portable_exp(double x);

/// x^y for positive x. The relative error grows with |y log x|, about 1e-16 times that.
double portable_pow(double x, double y);

/// The z for which a standard normal variable is below z with probability p, 0 < p < 1; infinite at 0 and 1.
double normal_quantile(double p);

}  // namespace orrery
