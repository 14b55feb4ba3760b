import PenstockJSON
import PenstockServing

extension JSONWriter {
    /// Characters of the longest message of a load that failed.
    private static let longestMessage = 500

    /// Writes the fields by which `GET /models` tells of a model.
    mutating func fields(of status: ModelStatus) {
        key("name")
        value(status.name)
        key("status")
        value(status.state.name)
        if case .ready(let model) = status.state {
            key("task")
            value(model.pipelines.first?.task ?? "")
            key("dtype")
            value(model.loaded.dtype.rawValue)
        }
        if case .failed = status.state, let failure = status.failure {
            key("error")
            value(failure.cut(after: Self.longestMessage))
        }
        if let serving = status.serving {
            key("weight")
            value(serving.weight)
        }
        key("pinned")
        value(status.isPinned)
    }
}
