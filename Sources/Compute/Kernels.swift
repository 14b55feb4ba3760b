import CKernels

/// The kernels of one instruction set, chosen at run time.
package struct Kernels: @unchecked Sendable {
    // Safe to share: points to a constant table of functions without state.
    package let table: UnsafePointer<penstock_kernels>

    package init(table: UnsafePointer<penstock_kernels>) { self.table = table }

    /// The name that messages have for the instruction set: "AVX-512", "scalar", ….
    package var name: String { String(cString: table.pointee.name) }

    /// The instruction sets that this processor runs, the fastest first; the last is the scalar reference.
    package static let available: [Kernels] = {
        let features = penstock_cpu_features()
        let hasFMA = features & penstock_cpu_fma.rawValue != 0
        let scalar = (hasFMA ? penstock_kernels_scalar_fma() : nil) ?? penstock_kernels_scalar()
        let byPreference: [(needs: [penstock_cpu_feature], table: UnsafePointer<penstock_kernels>?)] = [
            (
                [penstock_cpu_avx512, penstock_cpu_avx512_vnni, penstock_cpu_avx512_bf16, penstock_cpu_amx],
                penstock_kernels_amx()
            ),
            (
                [
                    penstock_cpu_avx512, penstock_cpu_avx512_vnni, penstock_cpu_avx512_bf16,
                    penstock_cpu_fast_dot_bf16,
                ],
                penstock_kernels_avx512_bf16()
            ),
            (
                [penstock_cpu_avx512, penstock_cpu_avx512_vnni, penstock_cpu_avx512_bf16],
                penstock_kernels_avx512_bf16_fma()
            ),
            ([penstock_cpu_avx512, penstock_cpu_avx512_vnni], penstock_kernels_avx512_vnni()),
            ([penstock_cpu_avx512], penstock_kernels_avx512()),
            ([penstock_cpu_avx2_fma, penstock_cpu_avx_vnni], penstock_kernels_avx2_vnni()),
            ([penstock_cpu_avx2_fma], penstock_kernels_avx2()),
            ([penstock_cpu_neon, penstock_cpu_neon_dotprod, penstock_cpu_neon_bf16], penstock_kernels_neon_bf16()),
            ([penstock_cpu_neon, penstock_cpu_neon_dotprod], penstock_kernels_neon_dotprod()),
            ([penstock_cpu_neon], penstock_kernels_neon()),
            ([], scalar),
        ]
        return byPreference.compactMap { candidate in
            guard candidate.needs.allSatisfy({ features & $0.rawValue != 0 }), let table = candidate.table else {
                return nil
            }
            return Kernels(table: table)
        }
    }()

    /// The rows that make a product as fast as it can be.
    var blockRows: Int { table.pointee.block_rows }

    /// The rows that are multiplied together; blocks are best a multiple of it.
    var rowStep: Int { table.pointee.row_step }

    /// The fastest instruction set of this processor.
    package static var best: Kernels { available[0] }

    /// Tells whether this precision has instructions of its own, and is not put together out of others.
    package func hasInstructions(for precision: Precision) -> Bool {
        switch precision {
        case .float32: true
        case .bfloat16: table.pointee.has_bfloat16 != 0
        case .int8: table.pointee.has_int8 != 0
        }
    }
}
