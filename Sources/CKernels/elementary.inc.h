// Elementary functions over the vector layer. Bounds are against the exact function, over all finite floats; all
// instruction sets give the same bits.

// e^x, within 1.5 ulp; 0 below -103.98, +∞ above 88.73; NaN stays NaN.
// Cody–Waite reduction x = n·ln 2 + r and the degree-6 polynomial of Cephes expf (S. Moshier).
INLINE vector exponential(vector x) {
    // The clamped value comes second in v_max and v_min, which return it when it is NaN.
    x = v_min(v_set(89.0f), v_max(v_set(-105.0f), x));
    vector n = v_round(v_mul(x, v_set(1.44269504088896341f)));
    vector r = v_fma(n, v_set(-0.693359375f), x);
    r = v_fma(n, v_set(2.12194440e-4f), r);
    vector p = v_set(1.9875691500e-4f);
    p = v_fma(p, r, v_set(1.3981999507e-3f));
    p = v_fma(p, r, v_set(8.3334519073e-3f));
    p = v_fma(p, r, v_set(4.1665795894e-2f));
    p = v_fma(p, r, v_set(1.6666665459e-1f));
    p = v_fma(p, r, v_set(5.0000001201e-1f));
    p = v_fma(p, v_mul(r, r), v_add(r, v_set(1.0f)));
    return v_scale_by_power_of_2(p, n);
}

// 1 / (1 + e^-x), within 3.5 ulp down to x = -87.3, where it leaves the normal range, and within 1.2e-38 below.
INLINE vector sigmoid(vector x) {
    return v_div(v_set(1.0f), v_add(v_set(1.0f), exponential(v_sub(v_set(0.0f), x))));
}

// tanh x, within 1.5 ulp: the polynomial of Cephes tanhf below 0.625, 1 - 2/(e^2|x| + 1) above.
INLINE vector hyperbolic_tangent(vector x) {
    vector magnitude = v_abs(x);
    vector square = v_mul(x, x);
    vector p = v_set(-5.70498872745e-3f);
    p = v_fma(p, square, v_set(2.06390887954e-2f));
    p = v_fma(p, square, v_set(-5.37397155531e-2f));
    p = v_fma(p, square, v_set(1.33314422036e-1f));
    p = v_fma(p, square, v_set(-3.33332819422e-1f));
    vector small = v_fma(v_mul(p, square), x, x);
    vector e = exponential(v_add(magnitude, magnitude));
    vector large = v_sub(v_set(1.0f), v_div(v_set(2.0f), v_add(e, v_set(1.0f))));
    return v_if_less(magnitude, v_set(0.625f), small, v_copy_sign(large, x));
}

// x·Φ(x) = ½x·(1 + erf(x/√2)), within |x|·7e-8 + 1 ulp.
// erfc t = e^P(t) with P of degree 9 fitted on [0, 4.1] by iteratively reweighted least squares (|error| < 2.3e-9);
// beyond 4.1 erfc is below 7e-9 and its value at 4.1 stands for it.
INLINE vector gelu(vector x) {
    vector t = v_min(v_set(4.1f), v_mul(v_abs(x), v_set(0.70710678118654752f)));
    vector p = v_set(8.043954039749224e-06f);
    p = v_fma(p, t, v_set(-1.0602783004287630e-4f));
    p = v_fma(p, t, v_set(5.8795494260266420e-4f));
    p = v_fma(p, t, v_set(-1.5767682343721390e-3f));
    p = v_fma(p, t, v_set(5.8790083130588755e-5f));
    p = v_fma(p, t, v_set(1.9217137247323990e-2f));
    p = v_fma(p, t, v_set(-1.0279920697212219e-1f));
    p = v_fma(p, t, v_set(-6.3661611080169680e-1f));
    p = v_fma(p, t, v_set(-1.1283793449401855f));
    vector erf_magnitude = v_sub(v_set(1.0f), exponential(v_mul(p, t)));
    vector half = v_mul(x, v_set(0.5f));
    return v_fma(half, v_copy_sign(erf_magnitude, x), half);
}

// ½x·(1 + tanh(√(2/π)·(x + 0.044715x³))), within |x|·7e-8 + 1 ulp.
INLINE vector gelu_tanh(vector x) {
    vector inner = v_mul(x, v_fma(v_mul(x, x), v_set(0.044715f), v_set(1.0f)));
    vector half = v_mul(x, v_set(0.5f));
    return v_fma(half, hyperbolic_tangent(v_mul(inner, v_set(0.79788456080286536f))), half);
}

// x·σ(x) and x·σ(1.702x) are within |x|·7e-8 + 1 ulp.
INLINE vector activation(penstock_activation kind, vector x) {
    switch (kind) {
    case penstock_activation_none: return x;
    case penstock_activation_relu: return v_if_less(x, v_set(0.0f), v_set(0.0f), x);
    case penstock_activation_gelu: return gelu(x);
    case penstock_activation_gelu_tanh: return gelu_tanh(x);
    case penstock_activation_gelu_quick: return v_mul(x, sigmoid(v_mul(x, v_set(1.702f))));
    case penstock_activation_silu: return v_mul(x, sigmoid(x));
    case penstock_activation_sigmoid: return sigmoid(x);
    case penstock_activation_tanh: return hyperbolic_tangent(x);
    }
    return x;
}
