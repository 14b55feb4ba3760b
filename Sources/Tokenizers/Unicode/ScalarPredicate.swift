import Synchronization

/// A property of scalars that has to be asked of each, which is done once for those of the basic plane.
package final class ScalarPredicate: Sendable {
    /// True if a scalar has the property.
    let holds: @Sendable (Unicode.Scalar) -> Bool
    private let found = Mutex<BasicPlaneSet?>(nil)

    /// A property that `holds` tells.
    package init(_ holds: @escaping @Sendable (Unicode.Scalar) -> Bool) { self.holds = holds }

    /// The scalars of the basic plane that have it.
    var basicPlane: BasicPlaneSet {
        found.withLock { found in
            if let found { return found }
            let set = BasicPlaneSet(where: holds)
            found = set
            return set
        }
    }
}
