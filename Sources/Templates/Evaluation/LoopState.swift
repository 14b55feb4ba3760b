/// A loop that runs: where it stands, and what comes next.
final class LoopState {
    let statement: LoopStatement
    /// The scope around the loop.
    let scope: Scope
    let depth0: Int
    var index0 = -1
    private(set) var current: Value?
    private(set) var before: Value?
    var lastChanged: [Value]?

    private var elements: [Value]
    private var place = 0
    private var after: Value?
    /// True once conditions have been tested on the elements.
    private var isFiltered: Bool
    private var knownLength: Int?

    init(_ statement: LoopStatement, _ elements: [Value], _ scope: Scope, depth0: Int) {
        self.statement = statement
        self.scope = scope
        self.depth0 = depth0
        self.elements = elements
        isFiltered = statement.condition == nil
    }

    var isFirst: Bool { index0 == 0 }

    /// Steps to the next element. Returns nil behind the last one.
    func next(_ renderer: Renderer) throws(TemplateError) -> Value? {
        let following = try peek(renderer)
        after = nil
        guard let following else { return nil }
        index0 += 1
        before = current
        current = following
        return following
    }

    /// The next element, found but not stepped to.
    func peek(_ renderer: Renderer) throws(TemplateError) -> Value? {
        if after == nil { after = try nextElement(renderer) }
        return after
    }

    /// The number of elements that fulfil the condition.
    func length(_ renderer: Renderer) throws(TemplateError) -> Int {
        if let knownLength { return knownLength }
        var rest: [Value] = []
        if !isFiltered {
            while let element = try nextElement(renderer) { rest.append(element) }
            (elements, place, isFiltered) = (rest, 0, true)
        }
        let length = elements.count - place + index0 + 1 + (after == nil ? 0 : 1)
        knownLength = length
        return length
    }

    private func nextElement(_ renderer: Renderer) throws(TemplateError) -> Value? {
        while place < elements.count {
            let element = elements[place]
            place += 1
            guard !isFiltered, let condition = statement.condition else { return element }
            let inner = Scope(in: scope)
            try renderer.assign(element, to: statement.target, inner)
            if try renderer.evaluate(condition, inner).isTrue { return element }
        }
        return nil
    }
}

extension Renderer {
    func execute(_ loop: LoopStatement, _ scope: Scope) throws(TemplateError) -> Flow {
        let iterable = try evaluate(loop.iterable, scope)
        try run(loop, iterable, scope, depth0: 0)
        return .onward
    }

    /// Calls a recursive loop on other elements. Returns what its body renders.
    func call(loop number: Int, _ arguments: Arguments) throws(TemplateError) -> Value {
        let state = loops[number]
        guard state.statement.isRecursive else {
            throw TemplateError(.evaluation, "only a loop that is marked 'recursive' can be called")
        }
        let iterable = try arguments.bound("loop", ["iterable"], required: 1)[0] ?? .null
        let (text, _) = try captured { () throws(TemplateError) in
            try run(state.statement, iterable, state.scope, depth0: state.depth0 + 1)
            return .onward
        }
        return .text(text)
    }

    private func run(
        _ loop: LoopStatement, _ iterable: Value, _ scope: Scope, depth0: Int
    ) throws(TemplateError) {
        let elements: [Value]
        do throws(TemplateError) { elements = try self.elements(of: iterable) } catch {
            throw error.located(loop.iterable.position)
        }
        let state = LoopState(loop, elements, scope, depth0: depth0)
        if loop.usesLoop {
            try charge(16)
            loops.append(state)
        }
        let handle = Value.loop(loops.count - 1)
        var isComplete = false
        while let element = try state.next(self) {
            let inner = Scope(in: scope)
            try assign(element, to: loop.target, inner)
            if loop.usesLoop { inner.set(template.loopName, handle) }
            try charge(16)
            let flow = try execute(loop.body, inner)
            if case .onward = flow { isComplete = true }
            if case .leaveLoop = flow { break }
        }
        // As upstream, an iteration that was broken off does not count.
        if !isComplete { _ = try execute(loop.otherwise, Scope(in: scope)) }
    }

    /// An attribute of `loop`.
    func attribute(_ attribute: LoopAttribute, ofLoop number: Int) throws(TemplateError) -> Value {
        let state = loops[number]
        switch attribute {
        case .index: return .integer(state.index0 + 1)
        case .index0: return .integer(state.index0)
        case .revindex: return .integer(try state.length(self) - state.index0)
        case .revindex0: return .integer(try state.length(self) - state.index0 - 1)
        case .first: return .bool(state.isFirst)
        case .last: return .bool(try state.peek(self) == nil)
        case .length: return .integer(try state.length(self))
        case .previtem:
            return state.isFirst ? .undefined(.hint("there is no previous item")) : state.before ?? .null
        case .nextitem: return try state.peek(self) ?? .undefined(.hint("there is no next item"))
        case .depth: return .integer(state.depth0 + 1)
        case .depth0: return .integer(state.depth0)
        case .cycle, .changed: return .method(BoundMethod(.loop(number), .loop(attribute)))
        }
    }

    func call(loop number: Int, _ method: LoopAttribute, _ arguments: Arguments) throws(TemplateError) -> Value {
        let state = loops[number]
        guard arguments.named.isEmpty else {
            throw TemplateError(.evaluation, "loop.\(method.rawValue) takes no named arguments")
        }
        let values = arguments.positional
        if case .cycle = method {
            guard !values.isEmpty else { throw TemplateError(.evaluation, "no items for cycling given") }
            return values[max(0, state.index0) % values.count]
        }
        if let last = state.lastChanged, last.count == values.count {
            var isSame = true
            for (old, new) in zip(last, values) {
                try charge(min(old.size, new.size))
                isSame = isSame && Value.isEqual(old, new)
            }
            if isSame { return .bool(false) }
        }
        state.lastChanged = values
        return .bool(true)
    }
}
