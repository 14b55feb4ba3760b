/// A schema of JSON values, in the words of JSON Schema 2020-12, which OpenAPI 3.1 speaks.
package struct JSONSchema: Sendable, Equatable {
    /// The schema as the object that it is written as.
    package private(set) var object: JSONObject

    /// A schema of these keywords.
    package init(_ keywords: [(String, JSONValue)]) { object = JSONObject(keywords) }

    private init(type: String) { self.init([("type", .string(type))]) }

    /// The schema as a JSON value.
    package var json: JSONValue { .object(object) }

    /// Whatever there is.
    package static let anything = JSONSchema([])
    /// `true` and `false`.
    package static let boolean = JSONSchema(type: "boolean")
    /// Any text.
    package static let string = JSONSchema(type: "string")
    /// Any integer.
    package static let integer = JSONSchema(type: "integer")
    /// Any number.
    package static let number = JSONSchema(type: "number")
    /// A list of numbers.
    package static let numbers = array(of: .number)
    /// A list of texts.
    package static let strings = array(of: .string)

    /// The integers between two bounds, each of which may be missing.
    package static func integer(atLeast least: Int?, atMost most: Int? = nil) -> JSONSchema {
        integer.bounded(least: least.map(JSONValue.integer), most: most.map(JSONValue.integer))
    }

    /// The schema with bounds.
    ///
    /// - Parameter isLeastIncluded: whether the least is itself a value
    package func bounded(least: JSONValue?, most: JSONValue?, isLeastIncluded: Bool = true) -> JSONSchema {
        var schema = self
        if let least { schema.object.append(isLeastIncluded ? "minimum" : "exclusiveMinimum", least) }
        if let most { schema.object.append("maximum", most) }
        return schema
    }

    /// Lists whose elements have a schema.
    package static func array(of items: JSONSchema, atLeast least: Int? = nil) -> JSONSchema {
        var schema = JSONSchema(type: "array")
        schema.object.append("items", items.json)
        if let least { schema.object.append("minItems", .integer(least)) }
        return schema
    }

    /// Lists of a fixed length, whose elements have these schemas.
    package static func tuple(_ items: JSONSchema...) -> JSONSchema {
        var schema = JSONSchema(type: "array")
        schema.object.append("prefixItems", .array(items.map(\.json)))
        schema.object.append("minItems", .integer(items.count))
        schema.object.append("maxItems", .integer(items.count))
        return schema
    }

    /// Objects.
    ///
    /// - Parameters:
    ///   - required: the entries that have to be there
    ///   - optional: those that may be
    ///   - others: what further entries may be; nil if there may be none
    package static func object(
        _ required: KeyValuePairs<String, JSONSchema> = [:], optional: KeyValuePairs<String, JSONSchema> = [:],
        others: JSONSchema? = .anything
    ) -> JSONSchema {
        object(required.map { ($0, $1, true) } + optional.map { ($0, $1, false) }, others: others)
    }

    /// Objects of these properties.
    package static func object(
        _ properties: [(name: String, schema: JSONSchema, isRequired: Bool)], others: JSONSchema? = .anything
    ) -> JSONSchema {
        var schema = JSONSchema(type: "object")
        if !properties.isEmpty {
            schema.object.append(
                "properties", .object(JSONObject(properties.map { ($0.name, $0.schema.json) })))
        }
        let required = properties.filter(\.isRequired).map { JSONValue.string($0.name) }
        if !required.isEmpty { schema.object.append("required", .array(required)) }
        switch others {
        case nil: schema.object.append("additionalProperties", .bool(false))
        case .anything?: break
        case let others?: schema.object.append("additionalProperties", others.json)
        }
        return schema
    }

    /// One of several values.
    package static func among(_ values: [JSONValue]) -> JSONSchema { JSONSchema([("enum", .array(values))]) }

    /// One of several texts.
    package static func among(_ values: String...) -> JSONSchema {
        JSONSchema([("type", .string("string")), ("enum", .array(values.map(JSONValue.string)))])
    }

    /// The values that fit at least one of several schemas.
    package static func any(of schemas: [JSONSchema]) -> JSONSchema {
        schemas.count == 1 ? schemas[0] : JSONSchema([("anyOf", .array(schemas.map(\.json)))])
    }

    /// The values that fit at least one of several schemas.
    package static func any(of schemas: JSONSchema...) -> JSONSchema { any(of: schemas) }

    /// A value, or a list of such.
    package static func oneOrMore(_ schema: JSONSchema) -> JSONSchema {
        any(of: schema, array(of: schema, atLeast: 1))
    }

    /// The schema that stands elsewhere in the document.
    package static func reference(_ pointer: String) -> JSONSchema { JSONSchema([("$ref", .string(pointer))]) }

    /// The schema, or null.
    package var orNull: JSONSchema {
        if case .string(let type)? = object["type"], object["enum"] == nil {
            return JSONSchema(
                object.entries.map { entry in
                    (entry.key, entry.key == "type" ? .array([.string(type), .string("null")]) : entry.value)
                })
        }
        return JSONSchema.any(of: self, JSONSchema(type: "null"))
    }

    /// The schema with a sentence that says what it stands for.
    package func described(as text: String) -> JSONSchema { with("description", .string(text)) }

    /// The schema of objects with the further demand that at least one of several entries is there.
    package func requiring(anyOf names: String...) -> JSONSchema {
        with("anyOf", .array(names.map { .object(JSONObject([("required", .array([.string($0)]))])) }))
    }

    /// The schema with the value that stands for a missing one.
    package func with(default value: JSONValue?) -> JSONSchema { value.map { with("default", $0) } ?? self }

    private func with(_ keyword: String, _ value: JSONValue) -> JSONSchema {
        var schema = self
        schema.object.append(keyword, value)
        return schema
    }
}
