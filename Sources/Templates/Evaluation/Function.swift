/// The functions that templates find where no variable has their name.
enum Function: String, Sendable {
    case raiseException = "raise_exception"
    case strftimeNow = "strftime_now"
    case range
    case dict
    case namespace
    case cycler
    case joiner
}

/// The methods of dictionaries. Those that would change one are not among them.
enum DictionaryMethod: String, Sendable { case get, items, keys, values, copy }

/// The methods of lists, tuples and ranges. Those that would change a list are not among them.
enum SequenceMethod: String, Sendable { case index, count, copy }

/// The attributes of `loop`.
enum LoopAttribute: String, Sendable {
    case index, index0, revindex, revindex0, first, last, length, previtem, nextitem, depth, depth0, cycle, changed
}

/// The attributes of a `cycler`.
enum CyclerMethod: String, Sendable { case next, reset }

/// A method of some kind of value.
enum Method: Sendable {
    case text(TextMethod)
    case dictionary(DictionaryMethod)
    case sequence(SequenceMethod)
    case loop(LoopAttribute)
    case cycler(CyclerMethod)
}
