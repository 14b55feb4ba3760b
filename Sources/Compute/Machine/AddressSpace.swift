import CKernels

/// The addresses that the process may use, which `ulimit -v` can limit.
package enum AddressSpace {
    /// Lets all threads share one heap where addresses are limited. Has to be called before any thread is started.
    ///
    /// The C library of Linux otherwise reserves 64 MiB of addresses for a heap of each thread, and where none are left the
    /// process ends in code that cannot say so.
    package static func spare() { penstock_spare_addresses() }
}
