import NIOHTTP1

/// The questions that a Hub answers, with redirects, repetitions and the token where it belongs.
struct HubClient: Sendable {
    let settings: HubSettings
    let transport: HTTPTransport
    let clock: HubClock
    let progress: any DownloadProgress
    var limits: HubLimits { settings.limits }

    /// The files of a revision.
    ///
    /// - Parameter maxAttempts: requests in all; nil for as many as the limits say
    /// - Throws: ``HubError``
    func listing(_ reference: HubReference, maxAttempts: Int? = nil) async throws -> RepositoryListing {
        let url = settings.endpoint.appending(
            "api/models/\(reference.id)/revision/\(HubURL.escaped(reference.revision))?blobs=true")
        let question = question(reference)
        return try await retrying(RetryPolicy(limits, maxAttempts: maxAttempts, maxUnconnected: limits.maxUnconnected))
        {
            let (answer, _) = try await follow(.GET, url, isComplete: { _, _ in false })
            if let failure = AnswerError.failure(answer.head, question) { throw failure }
            guard let bytes = try await transport.collect(answer, atMost: limits.maxListingBytes) else {
                throw TransferFailure.final(
                    HubError(
                        .malformedAnswer,
                        "the list of files of \(reference) has more than \(limits.maxListingBytes) bytes"))
            }
            do throws(HubError) {
                return try RepositoryListing(bytes, atMost: limits.maxListedFiles)
            } catch {
                throw TransferFailure.final(error)
            }
        }
    }

    /// Asks for what a file is, and where its bytes are.
    ///
    /// - Throws: ``HubError``
    func metadata(_ path: RepositoryPath, of reference: HubReference, at commit: Commit) async throws -> FileMetadata {
        try await retrying(RetryPolicy(limits)) { try await requestMetadata(path, of: reference, at: commit) }
    }

    /// One request, and no repetition.
    ///
    /// - Throws: ``TransferFailure``
    func requestMetadata(
        _ path: RepositoryPath, of reference: HubReference, at commit: Commit
    ) async throws -> FileMetadata {
        let url = settings.endpoint.appending(
            "\(reference.id)/resolve/\(commit)/\(HubURL.escaped(path.description, keepingSlashes: true))")
        // A redirect to another host tells all there is to know of the file; what lies there is for whoever fetches it. A
        // mirror may have its store on the host of the Hub, and then names it by a whole address, as huggingface_hub knows.
        let (answer, last) = try await follow(.HEAD, url) { head, next in
            let leadsAway = next.origin != settings.endpoint.origin || head.hasAbsoluteLocation
            return leadsAway && head.commit != nil && head.etag != nil
        }
        var question = question(reference)
        question.path = path
        if let failure = AnswerError.failure(answer.head, question) { throw failure }
        do throws(HubError) {
            return try FileMetadata(answer.head, asked: last, for: path, at: commit)
        } catch {
            throw TransferFailure.final(error)
        }
    }

    /// The bytes of a file from an offset on.
    ///
    /// - Throws: ``TransferFailure``
    func bytes(at location: HubURL, _ range: Range<Int>, isWhole: Bool) async throws -> HTTPTransport.Answer {
        var fields = HTTPHeaders()
        if !isWhole { fields.add(name: "Range", value: "bytes=\(range.lowerBound)-\(range.upperBound - 1)") }
        let (answer, last) = try await follow(.GET, location, fields, isComplete: { _, _ in false })
        switch answer.head.status {
        case 200, 206: return answer
        case 408, 429, 500...599:
            throw TransferFailure.busy(status: answer.head.status, retryAfter: answer.head.retryAfter)
        // Signed addresses serve for some time only; the Hub names a new one.
        case 400, 401, 403, 404, 410: throw TransferFailure.expired(status: answer.head.status)
        default:
            throw TransferFailure.final(
                HubError(.refused, "\(last.origin) answers \(answer.head.status) for the bytes of a file"))
        }
    }

    /// Makes requests until one succeeds or nothing more is to be tried.
    ///
    /// - Throws: ``HubError``, or `CancellationError`
    func retrying<Result>(_ policy: RetryPolicy, _ request: () async throws -> Result) async throws -> Result {
        var policy = policy
        let place = settings.endpoint.origin.description
        while true {
            do {
                return try await request()
            } catch let failure as TransferFailure {
                guard let pause = policy.pause(after: failure, chance: clock.chance()) else {
                    throw failure.error(at: place)
                }
                progress.report(.note("\(place) \(failure.words); tries again in \(pause.wholeSeconds) s"))
                try await clock.sleep(pause)
            }
        }
    }

    /// Sends a request and goes where the answers lead, but not from an encrypted address to one that is not.
    ///
    /// - Parameter isComplete: whether an answer that leads to another address is enough as it is
    private func follow(
        _ method: HTTPMethod, _ start: HubURL, _ fields: HTTPHeaders = [:],
        isComplete: (AnswerHead, _ next: HubURL) -> Bool
    ) async throws -> (HTTPTransport.Answer, HubURL) {
        var url = start
        for _ in 0...limits.maxRedirects {
            let answer = try await transport.send(method, url, headers(for: url, fields))
            guard let location = answer.head.location else { return (answer, url) }
            guard let next = url.resolving(location), next.origin.isSecure || !url.origin.isSecure else {
                throw TransferFailure.final(
                    HubError(
                        .malformedAnswer, "\(url.origin) leads to an address that is not followed; check HF_ENDPOINT"))
            }
            if isComplete(answer.head, next) { return (answer, url) }
            url = next
        }
        throw TransferFailure.final(
            HubError(.malformedAnswer, "\(start.origin) leads in circles: more than \(limits.maxRedirects) redirects"))
    }

    private func headers(for url: HubURL, _ more: HTTPHeaders) -> HTTPHeaders {
        var headers = more
        headers.add(name: "User-Agent", value: "penstock; hf_hub/2")
        // A body that is compressed on its way has neither the size nor the hash that were announced.
        headers.add(name: "Accept-Encoding", value: "identity")
        if let token = settings.token, url.origin == settings.endpoint.origin {
            headers.add(name: "Authorization", value: "Bearer \(token.secret)")
        }
        return headers
    }

    private func question(_ reference: HubReference) -> AnswerError.Question {
        AnswerError.Question(reference: reference, endpoint: settings.endpoint, hasToken: settings.token != nil)
    }
}
