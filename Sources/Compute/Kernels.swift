import CKernels

/// The kernels of one instruction set, chosen at run time.
package struct Kernels: @unchecked Sendable {
    // Safe to share: points to a constant table of functions without state.
    package let table: UnsafePointer<penstock_kernels>

    /// What messages call the instruction set: "AVX-512", "scalar", ….
    package var name: String { String(cString: table.pointee.name) }

    /// The instruction sets that this processor runs, the fastest first; the last is the scalar reference.
    package static let available: [Kernels] = {
        let byPreference: [(runs: Bool, table: UnsafePointer<penstock_kernels>?)] = [
            (penstock_cpu_has_avx512() != 0, penstock_kernels_avx512()),
            (penstock_cpu_has_avx2_fma() != 0, penstock_kernels_avx2()),
            (true, penstock_kernels_neon()),
            (true, penstock_kernels_scalar()),
        ]
        return byPreference.compactMap { candidate in
            guard candidate.runs, let table = candidate.table else { return nil }
            return Kernels(table: table)
        }
    }()

    /// The fastest instruction set of this processor.
    package static var best: Kernels { available[0] }
}
