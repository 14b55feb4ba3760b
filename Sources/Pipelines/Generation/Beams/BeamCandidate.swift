/// A token with which a beam may go on.
package struct BeamCandidate: Sendable {
    /// The place of the beam.
    let parent: Int
    let token: Int32
    /// The score of the beam with the token.
    let score: Float
    /// The number that candidates are ordered by, the greatest first.
    let rank: Float

    /// The best of the candidates of several beams, the best first; of equally good ones those of the first beam.
    ///
    /// - Parameter lists: the candidates of each beam, the best first
    static func best(_ count: Int, of lists: [[BeamCandidate]]) -> [BeamCandidate] {
        var heads = lists.map { $0[...] }
        var best: [BeamCandidate] = []
        while best.count < count {
            var next: (list: Int, candidate: BeamCandidate)?
            for (list, head) in heads.enumerated() {
                guard let first = head.first, next.map({ $0.candidate.rank < first.rank }) ?? true else { continue }
                next = (list, first)
            }
            guard let next else { break }
            best.append(next.candidate)
            heads[next.list].removeFirst()
        }
        return best
    }
}
