import CKernels

/// The memory that the C library hands out.
package enum Heap {
    /// Has blocks of 1 MiB and more given back to the system as soon as they are freed, always. To be called before any
    /// thread is started.
    ///
    /// The C library of Linux otherwise learns from large blocks that are freed to keep such, so that after a few long
    /// texts the process holds twice what it uses, and a control group has no room for the next one.
    package static func returnLargeBlocks() { penstock_return_large_blocks() }
}
