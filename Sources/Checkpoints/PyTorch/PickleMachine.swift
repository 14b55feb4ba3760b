import PenstockJSON

/// Reads a pickle of tensors, as `torch.save` writes it, without running any of it.
///
/// It knows the opcodes that the restricted unpickler of PyTorch (`torch._weights_only_unpickler`) knows, as Python's
/// `pickletools` describes them, and of what Python has only ``PickleGlobal``. What it makes lies in flat tables, whose
/// sizes are bounded by that of the pickle.
struct PickleMachine {
    /// The pickle's bytes, and the opcode that is next.
    var cursor: ByteCursor
    /// What tuples hold, one after the other.
    private(set) var elements: [PickleValue] = []
    private(set) var dictionaries: [PickleDictionary] = []
    private(set) var tensors: [PickledTensor] = []
    private var stack: [PickleValue] = []
    /// Where on the stack those lists begin that are not complete.
    private var marks: [Int] = []
    private var memo: [PickleValue] = []
    /// How many more values may be kept.
    private var budget: Int

    /// The deepest nesting of incomplete lists; files of state dictionaries have less than ten.
    private static let deepestNesting = 256
    /// The most values that are under way: Python writes the entries of dictionaries a thousand at a time.
    private static let largestStack = 1 << 16

    /// A machine at the start of a pickle.
    init(_ cursor: ByteCursor) {
        self.cursor = cursor
        // A tensor takes more than a hundred bytes, and less than 30 values are kept of it.
        budget = 1024 + cursor.bytes.count / 3
    }

    /// The error of a pickle that is none of tensors.
    func malformed(_ message: String) -> CheckpointError {
        cursor.malformed("is damaged at byte \(cursor.position): \(message)")
    }

    /// A text of the pickle.
    func text(_ slice: PickleSlice) throws(CheckpointError) -> String {
        guard let text = String(validating: cursor.bytes[slice.range], as: UTF8.self) else {
            throw malformed("a text is no UTF-8")
        }
        return text
    }

    /// Takes bytes as the place of a text.
    mutating func textSlice(_ count: Int) throws(CheckpointError) -> PickleSlice { PickleSlice(try cursor.take(count)) }

    // MARK: - The stack

    mutating func push(_ value: PickleValue) throws(CheckpointError) {
        guard stack.count < Self.largestStack else {
            throw malformed("more than \(Self.largestStack) values at a time")
        }
        stack.append(value)
    }

    /// Takes the last value off the stack, of those behind the last mark.
    mutating func pop() throws(CheckpointError) -> PickleValue {
        guard stack.count > (marks.last ?? 0), let value = stack.popLast() else {
            throw malformed("a value is missing")
        }
        return value
    }

    /// The last value on the stack, of those behind the last mark.
    func top() throws(CheckpointError) -> PickleValue {
        guard stack.count > (marks.last ?? 0), let value = stack.last else { throw malformed("a value is missing") }
        return value
    }

    mutating func mark() throws(CheckpointError) {
        guard marks.count < Self.deepestNesting else { throw malformed("nested deeper than \(Self.deepestNesting)") }
        marks.append(stack.count)
    }

    /// Takes the mark, and all values behind it, off the stack.
    mutating func popToMark() throws(CheckpointError) -> [PickleValue] {
        guard let mark = marks.popLast() else { throw malformed("a mark is missing") }
        return popLast(stack.count - mark)
    }

    /// Takes so many last values off the stack.
    mutating func pop(_ count: Int) throws(CheckpointError) -> [PickleValue] {
        guard stack.count - (marks.last ?? 0) >= count else { throw malformed("a value is missing") }
        return popLast(count)
    }

    private mutating func popLast(_ count: Int) -> [PickleValue] {
        // An array of their own: while a slice is there, each change of the stack would copy all of it.
        let values = Array(stack.suffix(count))
        stack.removeLast(count)
        return values
    }

    // MARK: - What is kept

    /// Keeps values as a tuple.
    mutating func tuple(_ values: [PickleValue]) throws(CheckpointError) -> PickleValue {
        try spend(values.count)
        elements += values
        return .tuple(PickleSlice(elements.count - values.count..<elements.count))
    }

    mutating func newDictionary() throws(CheckpointError) -> PickleValue {
        try spend(1)
        dictionaries.append(PickleDictionary())
        return .dictionary(dictionaries.count - 1)
    }

    mutating func newTensor(_ tensor: PickledTensor) throws(CheckpointError) -> PickleValue {
        try spend(3)
        tensors.append(tensor)
        return .tensor(tensors.count - 1)
    }

    /// Puts keys and values by turns into the dictionary that is last on the stack.
    mutating func setItems(_ items: [PickleValue]) throws(CheckpointError) {
        guard case .dictionary(let number) = try top() else { throw malformed("entries of what is no dictionary") }
        guard items.count.isMultiple(of: 2) else { throw malformed("a key without a value") }
        try spend(items.count)
        for index in stride(from: 0, to: items.count, by: 2) {
            dictionaries[number].isEmpty = false
            if case .text(let key) = items[index] { dictionaries[number].entries.append((key, items[index + 1])) }
        }
    }

    private mutating func spend(_ values: Int) throws(CheckpointError) {
        budget -= values
        guard budget >= 0 else { throw malformed("more values than a pickle of tensors has") }
    }

    // MARK: - The memo

    /// Notes the last value under a number, for those who name it again.
    mutating func memorize(_ number: Int) throws(CheckpointError) {
        let value = try top()
        // Python counts them.
        guard number <= memo.count else {
            throw malformed("the memo's entry \(number) comes before its entry \(memo.count)")
        }
        if number == memo.count { memo.append(value) } else { memo[number] = value }
    }

    /// The value that was noted under a number.
    func memorized(_ number: Int) throws(CheckpointError) -> PickleValue {
        guard memo.indices.contains(number) else { throw malformed("the memo has no entry \(number)") }
        return memo[number]
    }
}
