#include "product.h"

#include <string.h>

size_t numbers_in_unit(penstock_precision precision) {
    switch (precision) {
    case penstock_precision_float32: return 1;
    case penstock_precision_bfloat16: return 2;
    case penstock_precision_int8: return 4;
    }
    return 1;
}

size_t unit_count(penstock_precision precision, size_t numbers) {
    return (numbers + numbers_in_unit(precision) - 1) / numbers_in_unit(precision);
}

float unit_of(penstock_precision precision, const float *numbers) {
    uint32_t bits = 0;
    switch (precision) {
    case penstock_precision_float32: return numbers[0];
    case penstock_precision_bfloat16:
        for (int i = 0; i < 2; i++) bits |= (uint32_t)nearest_bfloat16(numbers[i]) << 16 * i;
        break;
    case penstock_precision_int8:
        for (int i = 0; i < 4; i++) bits |= (uint32_t)((int)numbers[i] & 0xFF) << 8 * i;
        break;
    }
    return float_of(bits);
}

int is_defined(penstock_precision precision, const penstock_kernels *kernels) {
    return precision != penstock_precision_bfloat16 || !kernels->has_bfloat16_dot;
}

size_t random_depth(penstock_precision precision, generator *random) {
    const long units[] = {
        random_integer(random, 1, 20), random_integer(random, 1, 900), 95, 96, 97, 383, 384, 385, 768, 769};
    const long numbers = (long)numbers_in_unit(precision);
    return (size_t)(PICK(random, units) * numbers - random_integer(random, 0, numbers - 1));
}

static void choose_numbers(penstock_precision precision, size_t count, float scale, byte_choice bytes, long least,
                           long most, generator *random, float *numbers) {
    const long ends[] = {least, most};
    for (size_t i = 0; i < count; i++) switch (precision) {
        case penstock_precision_float32: numbers[i] = random_float(random, scale); break;
        case penstock_precision_bfloat16:
            numbers[i] = float_of_bfloat16(nearest_bfloat16(random_float(random, scale)));
            break;
        case penstock_precision_int8:
            numbers[i] = (float)(bytes == extreme_bytes ? PICK(random, ends) : random_integer(random, least, most));
            break;
        }
}

/// Lays the numbers of a and b into units. Those that are missing in a row's last unit are of no effect.
static void pack(const product *p, generator *random) {
    const size_t numbers = numbers_in_unit(p->precision);
    for (size_t unit = 0; unit < p->units; unit++) {
        const size_t first = unit * numbers, count = p->k - first < numbers ? p->k - first : numbers;
        for (size_t row = 0; row < p->m; row++) {
            float all[4];
            choose_numbers(p->precision, numbers, 1.0f, any_bytes, 0, 255, random, all);
            memcpy(all, p->left.base + row * p->k + first, count * sizeof(float));
            p->a.base[row * p->a_stride + unit] = unit_of(p->precision, all);
        }
        for (size_t column = 0; column < PENSTOCK_PANEL; column++) {
            float all[4] = {0};
            for (size_t i = 0; i < count && column < p->n; i++) all[i] = p->right.base[(first + i) * p->n + column];
            p->b.base[unit * PENSTOCK_PANEL + column] = unit_of(p->precision, all);
        }
    }
}

/// The units of m rows that are `stride` apart, up to the end of the last.
static size_t extent_of_rows(size_t m, size_t stride, size_t units) { return m ? (m - 1) * stride + units : 0; }

product random_product(penstock_precision precision, size_t m, size_t n, size_t k, float scale, byte_choice bytes,
                       generator *random) {
    product p = {.precision = precision, .m = m, .n = n, .k = k, .is_scaled = precision == penstock_precision_int8};
    const size_t numbers = numbers_in_unit(precision);
    p.units = (k + numbers - 1) / numbers;
    p.left = unwritten(m * k);
    p.right = unwritten(k * n);
    choose_numbers(precision, m * k, scale, bytes, 0, 255, random, p.left.base);
    choose_numbers(precision, k * n, scale, bytes, -127, 127, random, p.right.base);
    p.a_stride = p.units + (size_t)random_integer(random, 0, 3);
    p.c_stride = n + (size_t)random_integer(random, 0, 19);
    p.a = unwritten(extent_of_rows(m, p.a_stride, p.units));
    p.b = unwritten(p.units * PENSTOCK_PANEL);
    p.c = unwritten(extent_of_rows(m, p.c_stride, n));
    p.rounded_c = unwritten(extent_of_rows(m, p.c_stride, (n + 1) / 2));
    pack(&p, random);
    p.row_scale = unwritten(m);
    p.row_zero = unwritten(m);
    for (size_t row = 0; row < m; row++) {
        const long ends[] = {0, 255};
        p.row_scale.base[row] = 0.05f + random_float(random, 0.04f);
        const long zero = bytes == extreme_bytes ? PICK(random, ends) : random_integer(random, 0, 255);
        integers(p.row_zero)[row] = (int32_t)zero;
    }
    p.column_scale = unwritten(PENSTOCK_PANEL);
    p.column_sum = unwritten(PENSTOCK_PANEL);
    for (size_t column = 0; column < PENSTOCK_PANEL; column++) {
        int32_t sum = 0;
        for (size_t i = 0; i < k && column < n && p.is_scaled; i++) sum += (int32_t)p.right.base[i * n + column];
        p.column_scale.base[column] = column < n ? 0.05f + random_float(random, 0.04f) : 0.0f;
        integers(p.column_sum)[column] = sum;
    }
    return p;
}

penstock_rows rows_of(const product *p) {
    return (penstock_rows){
        .units = p->a.base,
        .stride = (ptrdiff_t)p->a_stride,
        .scale = p->is_scaled ? p->row_scale.base : NULL,
        .zero = p->precision == penstock_precision_int8 ? integers(p->row_zero) : NULL,
    };
}

penstock_panel panel_of(const product *p) {
    const int has_bytes = p->precision == penstock_precision_int8;
    return (penstock_panel){
        .units = p->b.base,
        .scale = has_bytes ? p->column_scale.base : NULL,
        .sum = has_bytes ? integers(p->column_sum) : NULL,
    };
}

void run_product(const product *p, const penstock_kernels *kernels, const penstock_epilogue *epilogue) {
    const penstock_rows rows = rows_of(p);
    const penstock_panel panel = panel_of(p);
    kernels->matrix_product(p->precision, p->m, p->n, p->units, &rows, &panel,
                            epilogue->is_rounded ? p->rounded_c.base : p->c.base, (ptrdiff_t)p->c_stride, epilogue);
}

void sums_of_product(const product *p, const penstock_kernels *kernels, float *sums) {
    run_product(p, kernels, &(penstock_epilogue){.is_rounded = 0});
    copy_result(p, sums);
}

void copy_result(const product *p, float *result) {
    for (size_t row = 0; row < p->m; row++)
        memcpy(result + row * p->n, p->c.base + row * p->c_stride, p->n * sizeof(float));
}

int is_product_intact(const product *p) {
    for (size_t i = 0; i < p->c.count; i++)
        if (i % p->c_stride >= p->n && !is_guard(p->c.base[i])) return 0;
    return is_intact(p->a) && is_intact(p->b) && is_intact(p->c) && is_intact(p->rounded_c) && is_intact(p->left) &&
           is_intact(p->right) && is_intact(p->row_scale) && is_intact(p->row_zero) && is_intact(p->column_scale) &&
           is_intact(p->column_sum);
}

float definition(const product *p, size_t row, size_t column) {
    const float *x = p->left.base + row * p->k, *y = p->right.base + column;
    float sum = 0;
    switch (p->precision) {
    case penstock_precision_float32:
        for (size_t i = 0; i < p->k; i++) sum = fmaf(x[i], y[i * p->n], sum);
        break;
    case penstock_precision_bfloat16:
        for (size_t i = 0; i < p->k; i += 2) {
            if (i + 1 < p->k) sum = fmaf(x[i + 1], y[(i + 1) * p->n], sum);
            sum = fmaf(x[i], y[i * p->n], sum);
        }
        break;
    case penstock_precision_int8: {
        long total = 0;
        for (size_t i = 0; i < p->k; i++) total += ((long)x[i] - integers(p->row_zero)[row]) * (long)y[i * p->n];
        sum = (float)total;
        break;
    }
    }
    if (!p->is_scaled) return sum;
    const float column_scale = p->precision == penstock_precision_int8 ? p->column_scale.base[column] : 1.0f;
    const float scale = column_scale * p->row_scale.base[row];
    return sum * scale;
}

static float flushed(float x) { return fabsf(x) < 0x1p-126f ? copysignf(0, x) : x; }

float sum_by_tiles(const product *p, size_t row, size_t column) {
    const float *x = p->left.base + row * p->k, *y = p->right.base + column;
    float total = 0;
    for (size_t start = 0; start < p->k; start += 32) {
        const size_t end = p->k - start < 32 ? p->k : start + 32;
        float sums[2] = {0, 0};
        for (size_t i = start; i < end; i++)
            sums[i % 2] = flushed(fmaf(flushed(x[i]), flushed(y[i * p->n]), sums[i % 2]));
        total = flushed(total + flushed(sums[0] + sums[1]));
    }
    return total;
}

size_t first_undefined(const product *p, const float *results) {
    for (size_t i = 0; i < p->m * p->n; i++)
        if (!is_identical(results[i], definition(p, i / p->n, i % p->n))) return i;
    return p->m * p->n;
}

double exact_sum(const product *p, size_t row, size_t column, double *magnitude) {
    double sum = 0;
    *magnitude = 0;
    for (size_t i = 0; i < p->k; i++) {
        const double term = (double)p->left.base[row * p->k + i] * (double)p->right.base[i * p->n + column];
        sum += term;
        *magnitude += fabs(term);
    }
    return sum;
}
