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
    /// An object of lists of strings.
    case stringsByName
    /// An object of lists of strings, and of schemas.
    case dependencies
    case values
    case anything
    case types
    /// A reference.
    case reference
    /// It is not supported; a remark says what is instead, or why.
    case unsupported(String)

    /// The keywords by their names.
    static let all: [String: SchemaKeyword] = {
        var keywords: [String: SchemaKeyword] = [
            "type": .types, "enum": .values, "const": .anything, "$ref": .reference,
            "properties": .schemasByName, "required": .strings, "patternProperties": .schemasByName,
            "additionalProperties": .schema, "propertyNames": .schema, "items": .schema, "prefixItems": .schemas,
            "pattern": .string, "format": .string, "anyOf": .schemas, "oneOf": .schemas, "allOf": .schemas,
            "nullable": .flag, "uniqueItems": .flag, "not": .schema, "if": .schema, "then": .schema, "else": .schema,
            "contains": .schema, "minContains": .count, "maxContains": .count, "dependentRequired": .stringsByName,
            "dependentSchemas": .schemasByName, "dependencies": .dependencies, "unevaluatedProperties": .schema,
            "unevaluatedItems": .schema,
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
        (.array, ["items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains"]),
        (.string, ["minLength", "maxLength", "pattern", "format"]),
        (.number, ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]),
    ]
}

/// A type of values in the words of JSON Schema.
enum SchemaType: String, CaseIterable, Sendable {
    case null, boolean, integer, number, string, array, object
}
