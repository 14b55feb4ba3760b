import PenstockJSON

/// An embedding with a dimension for each token of the vocabulary, most of which are 0.
public struct SparseVector: Sendable, Equatable {
    /// A dimension that is not 0.
    public struct Element: Sendable, Equatable {
        /// The id of the token.
        public let index: Int
        /// Its weight, above 0.
        public let value: Float
    }

    /// The dimensions that are not 0, by ascending index.
    public let elements: [Element]

    /// The dimensions of a vector that are above 0.
    init(_ vector: [Float]) {
        var elements: [Element] = []
        for (index, value) in vector.enumerated() where value > 0 {
            elements.append(Element(index: index, value: value))
        }
        self.elements = elements
    }

    private init(elements: [Element]) { self.elements = elements }

    /// The `count` largest of its dimensions; of equal ones the first.
    func keeping(_ count: Int) -> SparseVector {
        guard count < elements.count else { return self }
        let largest = elements.sorted { $0.value > $1.value || ($0.value == $1.value && $0.index < $1.index) }
        return SparseVector(elements: largest.prefix(count).sorted { $0.index < $1.index })
    }

    /// Returns how alike another vector is.
    func similarity(to other: SparseVector, by similarity: Similarity) -> Float {
        // If both are 0, nothing is added to any similarity.
        var (mine, theirs): ([Float], [Float]) = ([], [])
        var (i, j) = (0, 0)
        while i < elements.count || j < other.elements.count {
            let a = i < elements.count ? elements[i].index : .max
            let b = j < other.elements.count ? other.elements[j].index : .max
            mine.append(a <= b ? elements[i].value : 0)
            theirs.append(b <= a ? other.elements[j].value : 0)
            if a <= b { i += 1 }
            if b <= a { j += 1 }
        }
        return similarity.score(mine, theirs)
    }
}

extension JSONWriter {
    /// Writes a list of `{"index", "value"}` by ascending index.
    package mutating func value(_ vector: SparseVector) {
        array { writer in
            for element in vector.elements {
                writer.object { writer in
                    writer.key("index")
                    writer.value(element.index)
                    writer.key("value")
                    writer.value(element.value)
                }
            }
        }
    }
}
