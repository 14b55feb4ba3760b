import HTTPTypes
import PenstockPipelines

/// A client of Hugging Face, which expects the shapes of hosted models.
enum HostedClient: Sendable, Equatable {
    /// `huggingface_hub` of Python, with its version.
    case python(major: Int, minor: Int, patch: Int)
    /// `@huggingface/inference`.
    case javaScript
    /// Another, on a path that only hosted models have.
    case other

    /// The client by the User-Agent; nil for others than those of Hugging Face.
    init?(_ headers: HTTPFields) {
        guard let agent = headers[.userAgent] else { return nil }
        let products = agent.utf8.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: ";") }.map(Substring.init)
        if let product = products.first(where: { $0.hasPrefix("hf_hub/") }) {
            let numbers = product.dropFirst("hf_hub/".count).split(separator: ".").map { part in
                Int(part.prefix { ("0"..."9").contains($0) })
            }
            func number(_ index: Int) -> Int? { numbers.indices.contains(index) ? numbers[index] : nil }
            self = number(0).map { .python(major: $0, minor: number(1) ?? 0, patch: number(2) ?? 0) } ?? .other
        } else if products.contains(where: { $0.hasPrefix("@huggingface/inference") }) {
            self = .javaScript
        } else {
            return nil
        }
    }
}

extension HostedClient {
    /// The shape of answers that it expects of a task.
    ///
    /// `huggingface_hub` takes labels of zero-shot-classification as a list from 1.1.5 on, and as the pipeline gives them
    /// before that; each fails on the other form.
    func shape(of pipeline: JSONPipeline) -> JSONShape {
        guard case .python(let major, let minor, let patch) = self, pipeline.task == "zero-shot-classification" else {
            return .hosted
        }
        return (major, minor, patch) < (1, 1, 5) ? .pipeline : .hosted
    }
}
