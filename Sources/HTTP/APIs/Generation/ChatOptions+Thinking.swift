import PenstockJSON
import PenstockPipelines

extension ChatOptions {
    /// Tells a chat template whether the model is to think. Templates of families know it by variables of different names.
    mutating func tell(thinking: Bool) {
        for name in ["enable_thinking", "thinking"] { variables.append(name, .bool(thinking)) }
    }
}
