/// Composes what ``CanonicalOrder`` has put in order, along with its origins.
///
/// As upstream does it: each scalar of the result stands for as many scalars as went into it, inserted ones not counted,
/// in the order of the text; it takes the origin of the first of these, and one made of inserted scalars alone takes
/// that of the scalar before it.
struct Recomposition {
    private struct Composed {
        var scalar: Unicode.Scalar
        /// The number of scalars that are not inserted and went into it.
        var count: Int
    }

    /// The scalar that marks may still be composed with.
    private var starter: Composed?
    /// The marks behind it that could not be.
    private var marks: [Composed] = []
    private var lastClass: UInt8?
    /// The origins of scalars that are not inserted, as far as they are not taken.
    private var origins: [Int32] = []
    private var taken = 0
    private var lastOrigin: Int32 = 0

    /// Takes one scalar and gives `emit` what is ready.
    mutating func append(
        _ scalar: Unicode.Scalar, from origin: Int32, isInserted: Bool, _ emit: (Unicode.Scalar, Int32) -> Void
    ) {
        if !isInserted { origins.append(origin) }
        let part = Composed(scalar: scalar, count: isInserted ? 0 : 1)
        let isMark = ScalarTraits.of(scalar).contains(.combining)
        let combiningClass = isMark ? UpstreamUnicode.combiningClass(scalar) : 0
        guard let current = starter else {
            if combiningClass == 0 { starter = part } else { finish(part, emit) }
            return
        }
        let isBlocked = lastClass.map { $0 >= combiningClass } ?? false
        if !isBlocked, let composed = Composition.compose(current.scalar, scalar) {
            starter = Composed(scalar: composed, count: current.count + part.count)
        } else if combiningClass == 0 {
            flush(emit)
            starter = part
        } else {
            marks.append(part)
            lastClass = combiningClass
        }
    }

    /// Gives `emit` what is held back.
    mutating func flush(_ emit: (Unicode.Scalar, Int32) -> Void) {
        if let starter { finish(starter, emit) }
        for mark in marks { finish(mark, emit) }
        marks.removeAll(keepingCapacity: true)
        (starter, lastClass) = (nil, nil)
        origins.removeFirst(taken)
        taken = 0
    }

    private mutating func finish(_ part: Composed, _ emit: (Unicode.Scalar, Int32) -> Void) {
        if part.count > 0, taken + part.count <= origins.count {
            lastOrigin = origins[taken]
            let next = origins[taken + part.count - 1]
            emit(part.scalar, lastOrigin)
            lastOrigin = next
            taken += part.count
        } else {
            emit(part.scalar, lastOrigin)
        }
    }
}
