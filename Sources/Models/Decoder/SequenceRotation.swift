import PenstockCompute

/// The angles of a sequence, which are fixed when it begins.
package struct SequenceRotation: Sendable {
    /// Sequences of the same model whose keys are equal have the same angles, and can share pages.
    package let key: Int
    /// For each of the model's rotations.
    let tables: [RotaryTable]
}
