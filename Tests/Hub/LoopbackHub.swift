import Crypto
import Foundation
import Synchronization

/// A Hub of a test with a server of its own for large files, as the real one has: another port is another host.
final class LoopbackHub: Sendable {
    /// A file of a repository.
    struct File: Sendable {
        var bytes: [UInt8]
        /// Whether it is stored elsewhere, with the SHA-256 for its name.
        var isLarge = false

        var etag: String {
            if isLarge { return Self.digits(SHA256.hash(data: bytes)) }
            return Self.digits(Insecure.SHA1.hash(data: Array("blob \(bytes.count)\u{0}".utf8) + bytes))
        }

        private static func digits(_ bytes: some Sequence<UInt8>) -> String {
            bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
    }

    /// What somebody asked for.
    enum Kind: Sendable, Equatable {
        case listing
        case head(String)
        case get(String)
        /// Of the server for large files.
        case blob(String)
    }

    struct State: Sendable {
        var files: [String: File] = [:]
        var commit = String(repeating: "c0ffee00", count: 5)
        var revisions: Set<String> = ["main"]
        /// What is answered before anything else; the first that applies is taken and gone.
        var faults: [(kind: Kind, reply: @Sendable (LoopbackReply) -> LoopbackReply)] = []
        var requests: [(kind: Kind, request: LoopbackRequest)] = []
        /// What is answered to all.
        var refusal: LoopbackReply?
        /// Whether large files lie on the Hub's own host.
        var storesOnHub = false
        /// Names in the list beside those of the files.
        var listedBesides: [String] = []
        /// Counts addresses of large files; those of lower numbers serve no more.
        var validSignature = 0
        var signature = 0
    }

    let state = Mutex(State())
    private let servers = Mutex<[LoopbackServer]>([])
    let id = "org/model"

    init(_ files: [String: File]) async throws {
        state.withLock { $0.files = files }
        let blobs = try await LoopbackServer { [weak self] request in self?.blob(request) ?? LoopbackReply(status: 500)
        }
        let hub = try await LoopbackServer { [weak self] request in
            self?.answer(request, blobPort: blobs.port) ?? LoopbackReply(status: 500)
        }
        servers.withLock { $0 = [hub, blobs] }
    }

    var endpoint: String { "http://127.0.0.1:\(servers.withLock { $0.first?.port ?? 0 })" }
    var commit: String { state.withLock { $0.commit } }

    func stop() async {
        for server in servers.withLock({ $0 }) { await server.stop() }
    }

    /// Has the next answer of a kind be another.
    func spoil(_ kind: Kind, times: Int = 1, _ reply: @escaping @Sendable (LoopbackReply) -> LoopbackReply) {
        state.withLock { state in
            for _ in 0..<times { state.faults.append((kind, reply)) }
        }
    }

    func count(_ kind: Kind) -> Int { state.withLock { state in state.requests.count { $0.kind == kind } } }
    var requests: [LoopbackRequest] { state.withLock { $0.requests.map(\.request) } }
    func requests(_ kind: Kind) -> [LoopbackRequest] {
        state.withLock { state in state.requests.filter { $0.kind == kind }.map(\.request) }
    }

    // MARK: - Answers

    private func answer(_ request: LoopbackRequest, blobPort: Int) -> LoopbackReply {
        let api = "/api/models/\(id)/revision/"
        let resolve = "/\(id)/resolve/"
        let store = "/store"
        if request.path.hasPrefix(store) {
            return blob(
                LoopbackRequest(
                    method: request.method, target: String(request.target.dropFirst(store.count)),
                    headers: request.headers))
        }
        let storage = state.withLock { $0.storesOnHub } ? endpoint + store : "http://127.0.0.1:\(blobPort)"
        return state.withLock { state in
            if request.path.hasPrefix(api) {
                return state.note(
                    .listing, request,
                    state.listing(of: String(request.path.dropFirst(api.count)).removingPercentEncoding ?? ""))
            }
            guard request.path.hasPrefix(resolve) else {
                return state.note(.listing, request, Self.error(404, "RepoNotFound"))
            }
            let parts = request.path.dropFirst(resolve.count).split(separator: "/", maxSplits: 1)
            guard parts.count == 2, parts[0] == state.commit else {
                return state.note(.listing, request, Self.error(404, "RevisionNotFound"))
            }
            let name = String(parts[1])
            let kind = request.method == "HEAD" ? Kind.head(name) : .get(name)
            guard let file = state.files[name] else {
                return state.note(kind, request, Self.error(404, "EntryNotFound"))
            }
            var reply = LoopbackReply(headers: [("X-Repo-Commit", state.commit)])
            if file.isLarge {
                state.signature += 1
                reply.status = 302
                reply.headers += [
                    ("X-Linked-Etag", "\"\(file.etag)\""), ("X-Linked-Size", "\(file.bytes.count)"),
                    ("Location", "\(storage)/\(file.etag)?signature=\(state.signature)"),
                ]
            } else {
                reply = Self.content(file, request)
                reply.headers += [("X-Repo-Commit", state.commit), ("ETag", "\"\(file.etag)\"")]
            }
            return state.note(kind, request, reply)
        }
    }

    private func blob(_ request: LoopbackRequest) -> LoopbackReply {
        let etag = String(request.path.dropFirst())
        return state.withLock { state in
            guard let file = state.files.first(where: { $0.value.etag == etag }) else {
                return state.note(.blob(etag), request, LoopbackReply(status: 404))
            }
            let signature = request.target.split(separator: "=").last.flatMap { Int($0) } ?? 0
            guard signature >= state.validSignature else {
                return state.note(.blob(file.key), request, LoopbackReply(status: 403))
            }
            return state.note(.blob(file.key), request, Self.content(file.value, request))
        }
    }

    private static func content(_ file: File, _ request: LoopbackRequest) -> LoopbackReply {
        guard let range = request.range else { return LoopbackReply(body: file.bytes) }
        let last = min(range.last ?? file.bytes.count - 1, file.bytes.count - 1)
        guard range.first <= last else { return LoopbackReply(status: 416) }
        return LoopbackReply(
            status: 206, headers: [("Content-Range", "bytes \(range.first)-\(last)/\(file.bytes.count)")],
            body: Array(file.bytes[range.first...last]))
    }

    static func error(_ status: Int, _ code: String) -> LoopbackReply {
        LoopbackReply(status: status, headers: [("X-Error-Code", code), ("X-Error-Message", "a test says so")])
    }
}

extension LoopbackHub.State {
    fileprivate func listing(of revision: String) -> LoopbackReply {
        guard revisions.contains(revision) || revision == commit else {
            return LoopbackHub.error(404, "RevisionNotFound")
        }
        let siblings =
            files.sorted { $0.key < $1.key }.map { #"{"rfilename":"\#($0.key)","size":\#($0.value.bytes.count)}"# }
            + listedBesides.map { #"{"rfilename":"\#($0)"}"# }
        return LoopbackReply(
            body: Array(#"{"sha":"\#(commit)","siblings":[\#(siblings.joined(separator: ","))]}"#.utf8))
    }

    /// Notes a request, and answers it as a test wants.
    fileprivate mutating func note(
        _ kind: LoopbackHub.Kind, _ request: LoopbackRequest, _ reply: LoopbackReply
    ) -> LoopbackReply {
        requests.append((kind, request))
        if let refusal { return refusal }
        guard let index = faults.firstIndex(where: { $0.kind == kind }) else { return reply }
        return faults.remove(at: index).reply(reply)
    }
}
