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

// 2^x for -160 ≤ x ≤ ½, within 1.5 ulp; if `is_coarse`, within a factor of 1 ± 7.5e-5, some 2 % of what bfloat16 resolves.
// Polynomials on |r| ≤ ½ fitted by iteratively reweighted least squares of the relative error.
INLINE vector power_of_2(vector x, const int is_coarse) {
    vector n = v_round(x);
    vector r = v_sub(x, n);
    vector p;
    if (is_coarse) {
        p = v_set(5.517134442925453e-02f);
        p = v_fma(p, r, v_set(2.426110804080963e-01f));
        p = v_fma(p, r, v_set(6.932610273361206e-01f));
        p = v_fma(p, r, v_set(9.999280571937561e-01f));
    } else {
        p = v_set(1.5353321214206517e-04f);
        p = v_fma(p, r, v_set(1.3398875016719103e-03f));
        p = v_fma(p, r, v_set(9.618437848985195e-03f));
        p = v_fma(p, r, v_set(5.5503323674201965e-02f));
        p = v_fma(p, r, v_set(2.4022647738456726e-01f));
        p = v_fma(p, r, v_set(6.931471824645996e-01f));
        p = v_fma(p, r, v_set(1.0f));
    }
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

// x·Φ(x) = max(x, 0) - ½|x|·erfc(|x|/√2), within |x|·7e-8 + 2e-8; if `is_coarse`, within 2e-5.
// erfc(t/√2) = 2^P(t) with polynomials fitted by iteratively reweighted least squares: of degree 9 on [0, 5.8]
// (|error of erfc| < 2.3e-9) and 4 on [0, 4.6] (|error of ½t·erfc| < 6.1e-6), where ½t·erfc is below 2e-8 and 1.1e-5.
INLINE vector gelu(vector x, const int is_coarse) {
    vector t, p;
    if (is_coarse) {
        t = v_min(v_set(4.6f), v_abs(x));
        p = v_set(3.8656482938677073e-03f);
        p = v_fma(p, t, v_set(-4.4076547026634216e-02f));
        p = v_fma(p, t, v_set(-4.680187404155731e-01f));
        p = v_fma(p, t, v_set(-1.1473702192306519f));
        p = v_fma(p, t, v_set(-1.0004799379676115f));
    } else {
        t = v_min(v_set(5.8f), v_abs(x));
        p = v_set(5.128439966028964e-07f);
        p = v_fma(p, t, v_set(-9.55999166762922e-06f));
        p = v_fma(p, t, v_set(7.497250771848485e-05f));
        p = v_fma(p, t, v_set(-2.843438123818487e-04f));
        p = v_fma(p, t, v_set(1.4984522749728058e-05f));
        p = v_fma(p, t, v_set(6.9311256520450115e-03f));
        p = v_fma(p, t, v_set(-5.24347685277462e-02f));
        p = v_fma(p, t, v_set(-4.592214524745941e-01f));
        p = v_fma(p, t, v_set(-1.151104211807251f));
        p = v_fma(p, t, v_set(-1.0f));
    }
    // The value comes second in v_max, which returns it when it is NaN.
    return v_sub(v_max(v_set(0.0f), x), v_mul(t, power_of_2(p, is_coarse)));
}

// ½x·(1 + tanh(√(2/π)·(x + 0.044715x³))), within |x|·7e-8 + 1 ulp.
INLINE vector gelu_tanh(vector x) {
    vector inner = v_mul(x, v_fma(v_mul(x, x), v_set(0.044715f), v_set(1.0f)));
    vector half = v_mul(x, v_set(0.5f));
    return v_fma(half, hyperbolic_tangent(v_mul(inner, v_set(0.79788456080286536f))), half);
}

// x·σ(x) and x·σ(1.702x) are within |x|·7e-8 + 1 ulp.
// Of a coarse activation as little as ±2e-5 is asked.
INLINE vector activation(penstock_activation kind, const int is_coarse, vector x) {
    switch (kind) {
    case penstock_activation_none: return x;
    case penstock_activation_relu: return v_if_less(x, v_set(0.0f), v_set(0.0f), x);
    case penstock_activation_gelu: return gelu(x, is_coarse);
    case penstock_activation_gelu_tanh: return gelu_tanh(x);
    case penstock_activation_gelu_quick: return v_mul(x, sigmoid(v_mul(x, v_set(1.702f))));
    case penstock_activation_silu: return v_mul(x, sigmoid(x));
    case penstock_activation_sigmoid: return sigmoid(x);
    case penstock_activation_tanh: return hyperbolic_tangent(x);
    }
    return x;
}
