#define _DEFAULT_SOURCE

#include "comparison.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

const size_t lengths[] = {1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11,  12,  13,  14,  15,  16,   17,  18, 19, 20,
                          21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,  32,  33,  34,  35,  36,   37,  38, 39, 40,
                          41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51,  52,  53,  54,  55,  56,   57,  58, 59, 60,
                          61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 127, 128, 129, 384, 768, 1000, 1023};
const size_t length_count = COUNT(lengths);

// MARK: Expectations

enum { most_reports = 40, most_figures = 32 };

static struct {
    const char *table;
    size_t checks, failed, all_failed;
    uint64_t digest;
    size_t figure_count;
    struct {
        const char *name;
        double largest;
    } figures[most_figures];
} report;

void succeed(void) { report.checks++; }

void fail(const char *file, int line, const char *format, ...) {
    report.checks++;
    report.failed++;
    if (report.all_failed++ >= most_reports) return;
    const char *name = strrchr(file, '/');
    fprintf(stderr, "%s: %s:%d: ", report.table, name ? name + 1 : file, line);
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

void begin_table(const char *name) {
    report.table = name;
    report.checks = report.failed = report.figure_count = 0;
    report.digest = 0xCBF29CE484222325u;
}

void note_figure(const char *name, double value) {
    size_t index = 0;
    while (index < report.figure_count && strcmp(report.figures[index].name, name) != 0) index++;
    if (index == report.figure_count) {
        if (index == most_figures) abort();
        report.figures[index].name = name;
        report.figures[index].largest = value;
        report.figure_count++;
    }
    report.figures[index].largest = worse(value, report.figures[index].largest);
}

void end_table(void) {
    printf("  %s: %zu of %zu checks failed\n", report.table, report.failed, report.checks);
    for (size_t i = 0; i < report.figure_count; i++)
        printf("%s%s %.3g%s", i == 0 ? "    worst errors as shares of their bounds: " : ", ", report.figures[i].name,
               report.figures[i].largest, i + 1 == report.figure_count ? "\n" : "");
    fflush(stdout);
}

size_t failures(void) { return report.all_failed; }

void digest(size_t count, const float *values) {
    for (size_t i = 0; i < count; i++)
        report.digest = (report.digest ^ (isnan(values[i]) ? 0x7FC00000u : bits_of(values[i]))) * 0x100000001B3u;
}
uint64_t digest_value(void) { return report.digest; }

// MARK: Random numbers (SplitMix64, Steele et al. 2014)

uint64_t random_bits(generator *random) {
    uint64_t bits = random->state += 0x9E3779B97F4A7C15u;
    bits = (bits ^ bits >> 30) * 0xBF58476D1CE4E5B9u;
    bits = (bits ^ bits >> 27) * 0x94D049BB133111EBu;
    return bits ^ bits >> 31;
}
long random_integer(generator *random, long least, long most) {
    return least + (long)(random_bits(random) % (uint64_t)(most - least + 1));
}
float random_float(generator *random, float scale) {
    return (float)random_integer(random, -(1 << 24), 1 << 24) * 0x1p-24f * scale;
}
void random_floats(generator *random, size_t count, float scale, float *values) {
    for (size_t i = 0; i < count; i++) values[i] = random_float(random, scale);
}

// MARK: Memory

enum { slots = 16, slot_bytes = 8 << 20, guard_units = 64 };

static size_t used_slots;

/// The end of a slot, behind which memory cannot be accessed.
static char *end_of_slot(size_t slot) {
    static char *memory;
    const size_t apart = (size_t)sysconf(_SC_PAGESIZE);
    if (!memory) {
        memory = mmap(NULL, slots * (slot_bytes + apart), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory == MAP_FAILED) abort();
        for (size_t i = 0; i < slots; i++)
            if (mprotect(memory + i * (slot_bytes + apart) + slot_bytes, apart, PROT_NONE) != 0) abort();
    }
    return memory + slot * (slot_bytes + apart) + slot_bytes;
}

static void set_guards(size_t count, float *units) {
    const uint32_t guard = GUARD_BITS;
    for (size_t i = 0; i < count; i++) memcpy(units + i, &guard, sizeof guard);
}

buffer unwritten(size_t count) {
    if (used_slots == slots || (count + guard_units) * sizeof(float) > slot_bytes) abort();
    const buffer units = {(float *)end_of_slot(used_slots++) - count, count};
    set_guards(count + guard_units, units.base - guard_units);
    return units;
}
buffer copy_of(size_t count, const float *values) {
    const buffer units = unwritten(count);
    memcpy(units.base, values, count * sizeof(float));
    return units;
}
buffer random_buffer(generator *random, size_t count, float scale) {
    const buffer units = unwritten(count);
    random_floats(random, count, scale, units.base);
    return units;
}
int32_t *integers(buffer units) { return (int32_t *)units.base; }
void fill_with_guards(buffer units) { set_guards(units.count, units.base); }
int is_guard(float value) { return bits_of(value) == GUARD_BITS; }
int is_intact(buffer units) {
    for (const float *unit = units.base - guard_units; unit < units.base; unit++)
        if (!is_guard(*unit)) return 0;
    return 1;
}
void release_buffers(void) { used_slots = 0; }

// MARK: Numbers

uint32_t bits_of(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}
float float_of(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}
int is_identical(float a, float b) { return bits_of(a) == bits_of(b) || (isnan(a) && isnan(b)); }
size_t first_difference(size_t count, const float *a, const float *b) {
    for (size_t i = 0; i < count; i++)
        if (!is_identical(a[i], b[i])) return i;
    return count;
}
double ulp_of(double result) {
    const float magnitude = fabsf((float)result);
    return (double)nextafterf(magnitude, INFINITY) - (double)magnitude;
}
uint16_t nearest_bfloat16(float value) {
    const uint16_t upper = (uint16_t)(bits_of(value) >> 16);
    if (isnan(value)) return upper | 0x40;
    if (isinf(value)) return upper;
    const double magnitude = fabsf(value), below = fabsf(float_of_bfloat16(upper));
    const double above = (upper & 0x7FFF) == 0x7F7F ? 0x1p128 : fabsf(float_of_bfloat16(upper + 1));
    const double down = magnitude - below, up = above - magnitude;
    return down < up || (down == up && upper % 2 == 0) ? upper : upper + 1;
}
float float_of_bfloat16(uint16_t bits) { return float_of((uint32_t)bits << 16); }
int is_bfloat16_of(uint16_t found, float value, const penstock_kernels *kernels) {
    if (isnan(value)) return isnan(float_of_bfloat16(found));
    if (kernels->has_bfloat16 && fpclassify(value) == FP_SUBNORMAL && (found & 0x7FFF) == 0) return 1;
    return found == nearest_bfloat16(value);
}
uint16_t bfloat16_at(const float *units, size_t index) {
    uint16_t bits;
    memcpy(&bits, (const char *)units + index * sizeof bits, sizeof bits);
    return bits;
}
uint8_t byte_at(const float *units, size_t index) { return ((const uint8_t *)units)[index]; }

double exponentiate(size_t count, const float *x, double scale, double *y) {
    double largest = -INFINITY, sum = 0;
    for (size_t i = 0; i < count; i++) largest = larger(x[i], largest);
    for (size_t i = 0; i < count; i++) sum += y[i] = exp(scale * (x[i] - largest));
    return sum;
}
