import PenstockJSON
import PenstockPipelines
import PenstockServing

/// A model that an administrator wants to be loaded: the body of `PUT /models/NAME`.
package struct ModelWish: Sendable, Equatable {
    /// The name by which it is served.
    package let name: String
    /// A directory, or the id of a repository on the Hub.
    package let model: String
    /// The task that it is for; nil for what the checkpoint was made for.
    package let task: String?
    /// The type in which its numbers are stored; nil for that of the server's other models.
    package let dtype: DType?
    /// Its seconds of the cores in relation to those of others; nil for 1.
    package let weight: Double?
    /// True if it never makes room for others.
    package let isPinned: Bool

    private static let fields = ["model", "task", "dtype", "weight", "pin"]

    /// - Parameter fallback: the model if no field names one; nil if one has to
    /// - Throws: ``ClientError`` for fields that are not known, or have values that cannot be
    init(name: String, _ fields: RequestFields, model fallback: String? = nil) throws(ClientError) {
        self.name = name
        try fields.refuseOthers(than: Self.fields)
        let expected = "a directory, or the id of a model on the Hub"
        let given = try fields.value("model", expected) { $0.string.flatMap(Self.text) }
        model = try fields.require(given ?? fallback, "model", expected)
        task = try fields.string("task")
        dtype = try fields.value("dtype", "one of " + DType.allCases.map(\.rawValue).joined(separator: ", ")) {
            $0.string.flatMap(DType.init)
        }
        weight = try fields.value("weight", ServingConfiguration.weightRule) { value in
            value.double.flatMap { ServingConfiguration.weights.contains($0) ? $0 : nil }
        }
        isPinned = try fields.flag("pin")
    }

    /// A text that the file system can take.
    private static func text(_ text: String) -> String? {
        !text.isEmpty && text.utf8.count <= 4096 && !text.utf8.contains(0) ? text : nil
    }
}

/// An error that says why a model that an administrator wants cannot be had.
package struct ModelRefusal: Error, Sendable, CustomStringConvertible {
    package enum Reason: Sendable {
        /// It is not where models may be.
        case forbidden
        /// There is none.
        case missing
        /// It cannot be served.
        case unusable
        /// The Hub, where it may be, cannot be asked now.
        case unreachable
    }

    package let reason: Reason
    package let description: String

    package init(_ reason: Reason, _ description: String) { (self.reason, self.description) = (reason, description) }
}
