/// Decomposes scalars and puts runs of combining marks into canonical order, along with their origins.
///
/// As upstream aligns: of a decomposition the first scalar stands for the original one and the others are inserted;
/// after sorting, the k-th scalar that is not an inserted one takes the k-th origin, and an inserted one takes that of
/// the scalar before it.
struct CanonicalOrder {
    private struct Mark {
        var scalar: Unicode.Scalar
        var combiningClass: UInt8
        var isInserted: Bool
    }

    /// The marks since the last scalar of class 0.
    private var run: [Mark] = []
    /// The origins of those that are not inserted.
    private var origins: [Int32] = []
    private var lastOrigin: Int32 = 0

    /// True if no marks are held back.
    var isEmpty: Bool { run.isEmpty }

    /// Takes one scalar and gives `emit` what is ready: scalars, their origins, and whether they are inserted ones.
    mutating func append(
        _ scalar: Unicode.Scalar, from origin: Int32, form: Decomposition, _ emit: (Unicode.Scalar, Int32, Bool) -> Void
    ) {
        var isInserted = false
        form.forEach(of: scalar) { part in
            append(part, from: origin, isInserted: isInserted, emit)
            isInserted = true
        }
    }

    /// Takes one scalar that has no decomposition, or is a part of one.
    @inline(__always)
    private mutating func append(
        _ part: Unicode.Scalar, from origin: Int32, isInserted: Bool, _ emit: (Unicode.Scalar, Int32, Bool) -> Void
    ) {
        if ScalarTraits.of(part).contains(.combining) {
            run.append(
                Mark(scalar: part, combiningClass: UpstreamUnicode.combiningClass(part), isInserted: isInserted))
            if !isInserted { origins.append(origin) }
            return
        }
        if !run.isEmpty { flush(emit) }
        if !isInserted { lastOrigin = origin }
        emit(part, lastOrigin, isInserted)
    }

    /// Gives `emit` the marks that are held back.
    mutating func flush(_ emit: (Unicode.Scalar, Int32, Bool) -> Void) {
        if run.count > 1 {
            let marks = run
            let order = marks.indices.sorted {
                (marks[$0].combiningClass, $0) < (marks[$1].combiningClass, $1)
            }
            run = order.map { marks[$0] }
        }
        var next = 0
        for mark in run {
            if !mark.isInserted, next < origins.count {
                lastOrigin = origins[next]
                next += 1
            }
            emit(mark.scalar, lastOrigin, mark.isInserted)
        }
        run.removeAll(keepingCapacity: true)
        origins.removeAll(keepingCapacity: true)
    }
}
