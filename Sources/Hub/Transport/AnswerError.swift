/// The meaning of a status that is no success, by the header fields that a Hub sends with it
/// (`hf_raise_for_status` in huggingface_hub).
enum AnswerError {
    /// The request that was answered.
    struct Question {
        let reference: HubReference
        /// The file; nil for the list of files.
        var path: RepositoryPath?
        let endpoint: HubURL
        let hasToken: Bool
    }

    /// - Returns: the failure; nil if the status is a success or a redirect
    static func failure(_ head: AnswerHead, _ question: Question) -> TransferFailure? {
        switch head.status {
        case 200..<400: nil
        case 408, 429, 500...599: .busy(status: head.status, retryAfter: head.retryAfter)
        default: .final(error(head, question))
        }
    }

    private static func error(_ head: AnswerHead, _ question: Question) -> HubError {
        let id = question.reference.id
        let page = question.endpoint.appending(id.description)
        let says = head.field("X-Error-Message")
        switch head.field("X-Error-Code") {
        case "GatedRepo":
            return HubError(
                .gated,
                question.hasToken
                    ? "\(id) is gated, and the account of HF_TOKEN has no access: ask for it at \(page), or use another token"
                    : "\(id) is gated: accept its terms at \(page), then set HF_TOKEN to a token of your account")
        case "RevisionNotFound":
            return HubError(
                .revisionNotFound,
                "\(id) has no revision \(HubError.quoted(question.reference.revision)); see \(page)/tree/main for what there is"
            )
        case "EntryNotFound": return entryNotFound(question)
        case "RepoNotFound": return repositoryNotFound(question, page)
        default: break
        }
        switch head.status {
        case 401 where says == "Invalid credentials in Authorization header":
            return HubError(
                .unauthorized,
                "\(question.endpoint.origin) does not know the token; set HF_TOKEN to a valid one, or unset it")
        case 401: return repositoryNotFound(question, page)
        case 404: return question.path == nil ? repositoryNotFound(question, page) : entryNotFound(question)
        default:
            let reason = says.map { ": \(HubError.quoted($0))" } ?? ""
            let remedy = head.status == 403 ? "; check what HF_TOKEN may do" : ""
            return HubError(.refused, "\(question.endpoint.origin) answers \(head.status) for \(id)\(reason)\(remedy)")
        }
    }

    private static func repositoryNotFound(_ question: Question, _ page: HubURL) -> HubError {
        let id = question.reference.id
        return HubError(
            .repositoryNotFound,
            question.hasToken
                ? "there is no \(id) at \(page.origin), or HF_TOKEN does not open it; check the name and the token"
                : "there is no \(id) at \(page.origin), or it is private; check the name, or set HF_TOKEN")
    }

    private static func entryNotFound(_ question: Question) -> HubError {
        HubError(
            .entryNotFound,
            "\(question.reference) has no file \(HubError.quoted(question.path?.description ?? ""))")
    }
}
