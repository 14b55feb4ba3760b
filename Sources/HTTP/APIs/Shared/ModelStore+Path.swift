import Hummingbird
import PenstockServing

extension ModelStore {
    /// The model that the path of a request names, the first if it names none, and when the answer has to be there. One that
    /// is not there is loaded.
    ///
    /// - Throws: `ClientError` for a name or a time that cannot be read, and `ServingError` if there is no such model, or it
    ///   is not there in time.
    func model(
        of request: Request, _ context: ServerContext, _ reader: RequestReader
    ) async throws -> (ServedModel, deadline: ContinuousClock.Instant) {
        let name = try request.modelName
        let timeout = status(of: name)?.serving?.requestTimeout ?? ServingConfiguration().requestTimeout
        let deadline = try reader.deadline(of: request, context, timeout: timeout)
        return (try await model(name, for: context.caller, until: deadline), deadline)
    }
}
