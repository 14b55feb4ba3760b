import NIOCore
import Synchronization

/// Fetches the bytes of one blob into a file that is there with its start at any moment.
struct BlobTransfer: Sendable {
    let client: HubClient
    let location: BlobLocation
    let path: RepositoryPath
    /// Bytes of the whole.
    let size: Int
    let progress: any DownloadProgress
    var limits: HubLimits { client.limits }

    /// The server knows no ranges.
    private struct RangesIgnored: Error {}

    /// Fetches what is missing.
    ///
    /// - Throws: ``HubError``, or `CancellationError`; what came until then stays
    func fill(_ file: PrefixFile) async throws {
        do {
            try await fillByRanges(file)
        } catch is RangesIgnored {
            try await fillFromStart(file)
        }
    }

    /// The first part alone tells whether the server knows ranges; then several at a time.
    private func fillByRanges(_ file: PrefixFile) async throws {
        var start = await file.count
        guard start < size else { return }
        guard limits.parallelParts > 1, size - start > 2 * limits.partBytes else {
            return try await fetch(start..<size, into: file)
        }
        let first = start..<start + limits.partBytes
        try await fetch(first, into: file)
        start = first.upperBound
        var plan = PartPlan(
            start: start, size: size, partBytes: limits.partBytes, parallel: limits.parallelParts)
        try await withThrowingTaskGroup(of: Void.self) { group in
            var running = 0
            while true {
                while running < limits.parallelParts, let part = plan.take(written: await file.count) {
                    group.addTask { try await fetch(part, into: file) }
                    running += 1
                }
                guard running > 0 else { return }
                try await group.next()
                running -= 1
            }
        }
    }

    /// Fetches a part, going on behind what came when a connection breaks.
    private func fetch(_ part: Range<Int>, into file: PrefixFile) async throws {
        var policy = RetryPolicy(limits)
        let cursor = Cursor(part.lowerBound)
        while cursor.offset < part.upperBound {
            let start = cursor.offset
            let url = await location.url
            do {
                let isWhole = start == 0 && part.upperBound == size
                let answer = try await client.bytes(at: url, start..<part.upperBound, isWhole: isWhole)
                try check(answer.head, start..<part.upperBound, isWhole: isWhole)
                try await read(answer, upTo: part.upperBound, cursor, into: file)
            } catch let failure as TransferFailure {
                try await recover(from: failure, url, bringing: cursor.offset - start, &policy)
            }
        }
    }

    /// Fetches the whole from a server that sends nothing less.
    private func fillFromStart(_ file: PrefixFile) async throws {
        var policy = RetryPolicy(limits)
        while true {
            try await file.restart()
            progress.report(.restarted(path))
            let cursor = Cursor(0)
            let url = await location.url
            do {
                let answer = try await client.bytes(at: url, 0..<size, isWhole: true)
                try await read(answer, upTo: size, cursor, into: file)
                return
            } catch let failure as TransferFailure {
                // The bytes that came count for nothing, as the next answer begins anew; else a server that always
                // breaks off would be asked for ever.
                try await recover(from: failure, url, bringing: 0, &policy)
            }
        }
    }

    /// Takes the body up to an offset, and not a byte more: a body without end ends there.
    private func read(
        _ answer: HTTPTransport.Answer, upTo end: Int, _ cursor: Cursor, into file: PrefixFile
    ) async throws {
        guard cursor.offset < end else { return }
        try await client.transport.read(answer) { piece in
            var piece = piece
            guard let taken = piece.readSlice(length: min(piece.readableBytes, end - cursor.offset)) else {
                return false
            }
            try await file.add(taken, at: cursor.offset)
            cursor.advance(taken.readableBytes)
            progress.report(.received(path, bytes: taken.readableBytes))
            return cursor.offset < end
        }
        guard cursor.offset == end else { throw TransferFailure.cut(bytes: cursor.offset, of: end) }
    }

    /// Tells whether the answer has the bytes that were asked for.
    private func check(_ head: AnswerHead, _ range: Range<Int>, isWhole: Bool) throws {
        if head.status == 200 {
            guard isWhole else { throw RangesIgnored() }
            return
        }
        guard let (found, total) = head.contentRange, found.lowerBound == range.lowerBound,
            found.upperBound <= range.upperBound, total == nil || total == size
        else {
            throw TransferFailure.final(
                HubError(
                    .malformedAnswer, "the server answers for \(path) with another range than was asked for; try again")
            )
        }
    }

    /// Waits, and asks for a new address where the old one serves no more.
    private func recover(
        from failure: TransferFailure, _ url: HubURL, bringing bytes: Int, _ policy: inout RetryPolicy
    ) async throws {
        guard let pause = policy.pause(after: failure, bringing: bytes, chance: client.clock.chance()) else {
            throw failure.error(at: url.origin.description)
        }
        try await client.clock.sleep(pause)
        if case .expired = failure { try await location.renew(url) }
    }

    /// The place in the file of the next byte of a part.
    private final class Cursor: Sendable {
        private let position: Mutex<Int>

        init(_ offset: Int) { position = Mutex(offset) }

        var offset: Int { position.withLock { $0 } }
        func advance(_ bytes: Int) { position.withLock { $0 += bytes } }
    }
}
