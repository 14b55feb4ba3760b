/// The components of one stage by their `type`, in a literal table.
struct Registry<Stage>: Sendable {
    /// Builds a component from its object in tokenizer.json.
    typealias Maker = @Sendable (Field) throws(TokenizerError) -> Stage

    /// The name that errors have for the stage.
    let name: String
    /// One entry per component.
    let makers: KeyValuePairs<String, Maker>

    /// The component that `field` describes.
    ///
    /// - Throws: ``TokenizerError`` with code `unsupported` and all known types when its type is not among them.
    func make(_ field: Field) throws(TokenizerError) -> Stage {
        let type = try field["type"].string()
        guard let maker = makers.first(where: { $0.key == type })?.value else {
            let known = makers.map(\.key).joined(separator: ", ")
            throw field.unsupported("\(name) \"\(type)\" is not supported; known are \(known)")
        }
        return try maker(field)
    }
}
