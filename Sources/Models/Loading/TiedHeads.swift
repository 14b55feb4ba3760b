import PenstockCompute
import Synchronization

/// The heads of a checkpoint that make logits of its vocabulary, by the names of their tensors: a table of words out of the
/// same tensor need not be in memory a second time.
final class TiedHeads: Sendable {
    private let heads = Mutex<[String: Linear]>([:])

    /// Takes note of a head that is loaded, if it has the numbers of its tensor as they are, or in blocks.
    func add(_ head: Linear, of tensor: String) {
        guard head.precision == .float32 || head.precision == nil else { return }
        heads.withLock { $0[tensor] = head }
    }

    /// The head out of a tensor; nil if none is loaded.
    func head(of tensor: String) -> Linear? { heads.withLock { $0[tensor] } }
}
