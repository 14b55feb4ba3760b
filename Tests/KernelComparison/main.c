// compare-kernels [TABLE …]: compares each table of kernels that this processor runs.
//
// With arguments, these have to be the names of the tables that the processor's features allow, the fastest first. The
// last lines are digests of results that are the same on every processor. Ends with status 1 if a check fails, and 2 if
// a kernel ends the process.
#define _DEFAULT_SOURCE

#include "comparison.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#if defined(__aarch64__) && defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

static char stage[128];

static void enter(const char *table, const char *suite) { snprintf(stage, sizeof stage, "%s: %s: ", table, suite); }

static void report_death(int signal_number) {
    const char *what = signal_number == SIGILL    ? "an illegal instruction or undefined behaviour\n"
                       : signal_number == SIGTRAP ? "undefined behaviour\n"
                                                  : "memory beyond a buffer was read or written\n";
    if (write(STDERR_FILENO, stage, strlen(stage)) < 0 || write(STDERR_FILENO, what, strlen(what)) < 0) _exit(3);
    _exit(2);
}

static const struct {
    unsigned needs;
    const penstock_kernels *(*table)(void);
} tables[] = {
    {penstock_cpu_avx512 | penstock_cpu_avx512_vnni | penstock_cpu_avx512_bf16 | penstock_cpu_amx, penstock_kernels_amx},
    {penstock_cpu_avx512 | penstock_cpu_avx512_vnni | penstock_cpu_avx512_bf16, penstock_kernels_avx512_bf16_fma},
    {penstock_cpu_avx512 | penstock_cpu_avx512_vnni | penstock_cpu_avx512_bf16, penstock_kernels_avx512_bf16},
    {penstock_cpu_avx512 | penstock_cpu_avx512_vnni, penstock_kernels_avx512_vnni},
    {penstock_cpu_avx512, penstock_kernels_avx512},
    {penstock_cpu_avx2_fma | penstock_cpu_avx_vnni, penstock_kernels_avx2_vnni},
    {penstock_cpu_avx2_fma, penstock_kernels_avx2},
    {penstock_cpu_neon | penstock_cpu_neon_dotprod | penstock_cpu_neon_bf16, penstock_kernels_neon_bf16},
    {penstock_cpu_neon | penstock_cpu_neon_dotprod, penstock_kernels_neon_dotprod},
    {penstock_cpu_neon, penstock_kernels_neon},
    {penstock_cpu_fma, penstock_kernels_scalar_fma},
    {0, penstock_kernels_scalar},
};

static const struct {
    const char *name;
    void (*compare)(const penstock_kernels *);
} suites[] = {
    {"products", compare_products},   {"shapes", compare_shapes},   {"epilogues", compare_epilogues},
    {"bfloat16", compare_bfloat16},   {"bytes", compare_bytes},     {"transposition", compare_transposition},
    {"rows", compare_rows},           {"softmax", compare_softmax}, {"numerators", compare_numerators},
    {"gates", compare_gates},         {"rotations", compare_rotations}, {"activations", compare_activations},
    {"attention", compare_attention}, {"blocks", compare_blocks}, {"quantisation", compare_quantisation},
    {"writing", compare_writing},     {"pages", compare_pages},
};

/// Compares the features that are found with those that the system's own header names.
static void compare_features(unsigned features) {
    begin_table("features");
#if defined(__aarch64__) && defined(__linux__)
    EXPECT(!(features & penstock_cpu_neon_dotprod) == !(getauxval(AT_HWCAP) & HWCAP_ASIMDDP), "dotprod");
    EXPECT(!(features & penstock_cpu_neon_bf16) == !(getauxval(AT_HWCAP2) & HWCAP2_BF16), "bf16");
#endif
    EXPECT(features & (penstock_cpu_neon | penstock_cpu_avx2_fma), "this processor has no vector instructions");
}

static int has_all(unsigned set, unsigned bits) { return (set & bits) == bits; }

int main(int argument_count, char **arguments) {
    const int deadly[] = {SIGILL, SIGTRAP, SIGSEGV, SIGBUS};
    for (size_t i = 0; i < COUNT(deadly); i++) signal(deadly[i], report_death);
    const unsigned features = penstock_cpu_features();
    compare_features(features);
    int table_count = 0;
    for (size_t i = 0; i < COUNT(tables); i++) {
        const penstock_kernels *kernels = tables[i].table();
        if (!has_all(features, tables[i].needs) || !kernels) continue;
        begin_table(kernels->name);
        if (argument_count > 1) {
            const char *expected = table_count + 1 < argument_count ? arguments[table_count + 1] : "none";
            EXPECT(strcmp(kernels->name, expected) == 0, "table %d is not %s", table_count + 1, expected);
        }
        table_count++;
        for (size_t j = 0; j < COUNT(suites); j++) {
            enter(kernels->name, suites[j].name);
            suites[j].compare(kernels);
        }
        end_table();
    }
    const uint64_t digest_of_scalar_table = digest_value();
    begin_table("functions");
    enter("functions", "layer");
    EXPECT(argument_count == 1 || table_count == argument_count - 1, "%d tables", table_count);
    compare_layer();
    end_table();
    printf("  digests: %016" PRIx64 " %016" PRIx64 "\n", digest_of_scalar_table, digest_value());
    return failures() ? 1 : 0;
}
