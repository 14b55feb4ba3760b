extension Unicode.Scalar {
    /// The scalar, or its escape if it would not show, or would change how its neighbours show.
    var shown: String {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
            escaped(asASCII: true)
        default: String(self)
        }
    }
}

extension String {
    /// The text with escapes for what would not show.
    var shown: String { unicodeScalars.reduce(into: "") { $0 += $1.shown } }
}
