/// A keyword of JSON Schema 2020-12: the form of its value, and whether it is supported.
enum SchemaKeyword: Sendable {
    /// It says something for readers alone.
    case annotation
    case schema
    case schemas
    case schemasByName
    /// An integer from 0 on.
    case count
    case number
    case string
    case flag
    case strings
    case values
    case anything
    case types
    /// A reference.
    case reference
    /// It is supported with this value alone, with which it says nothing.
    case onlyFalse(String)
    /// It is not supported; a remark says what is instead, or why.
    case unsupported(String)

    /// The keywords by their names.
    static let all: [String: SchemaKeyword] = {
        var keywords: [String: SchemaKeyword] = [
            "type": .types, "enum": .values, "const": .anything, "$ref": .reference,
            "properties": .schemasByName, "required": .strings, "patternProperties": .schemasByName,
            "additionalProperties": .schema, "propertyNames": .schema, "items": .schema, "prefixItems": .schemas,
            "pattern": .string, "format": .string, "anyOf": .schemas, "oneOf": .schemas, "allOf": .schemas,
            "nullable": .flag, "uniqueItems": .onlyFalse("nothing keeps count of what was written"),
        ]
        for name in ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"] {
            keywords[name] = .number
        }
        for name in ["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"] {
            keywords[name] = .count
        }
        for name in annotations { keywords[name] = .annotation }
        for (name, remark) in unsupported { keywords[name] = .unsupported(remark) }
        return keywords
    }()

    private static let annotations = [
        "title", "description", "default", "examples", "example", "$schema", "$id", "id", "$comment", "$defs",
        "definitions", "deprecated", "readOnly", "writeOnly", "discriminator", "externalDocs", "xml",
        "contentMediaType", "contentEncoding", "contentSchema", "$vocabulary",
    ]

    private static let unsupported = [
        "not": "say what is allowed instead", "if": "use anyOf", "then": "use anyOf", "else": "use anyOf",
        "contains": "use items", "minContains": "use minItems", "maxContains": "use maxItems",
        "dependentRequired": "use anyOf", "dependentSchemas": "use anyOf", "dependencies": "use anyOf",
        "unevaluatedProperties": "use additionalProperties", "unevaluatedItems": "use items",
        "additionalItems": "use items behind prefixItems", "$anchor": "refer by a JSON pointer",
        "$dynamicRef": "use $ref", "$dynamicAnchor": "use $ref", "$recursiveRef": "use $ref",
        "$recursiveAnchor": "use $ref",
    ]

    /// The keywords that say something of values of a type alone.
    static let ofTypes: [(type: SchemaType, keywords: Set<String>)] = [
        (
            .object,
            [
                "properties", "required", "patternProperties", "additionalProperties", "propertyNames", "minProperties",
                "maxProperties",
            ]
        ),
        (.array, ["items", "prefixItems", "minItems", "maxItems", "uniqueItems"]),
        (.string, ["minLength", "maxLength", "pattern", "format"]),
        (.number, ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]),
    ]
}

/// A type of values in the words of JSON Schema.
enum SchemaType: String, CaseIterable, Sendable {
    case null, boolean, integer, number, string, array, object
}
