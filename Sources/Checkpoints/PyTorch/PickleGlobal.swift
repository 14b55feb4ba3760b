/// What a pickle may name of Python: all that `torch.save` needs for tensors. None of it is code here.
enum PickleGlobal: Sendable {
    /// `collections.OrderedDict`.
    case orderedDict
    /// `torch.Size`, a tuple.
    case size
    /// `torch._utils._rebuild_tensor`, with so many arguments at least, and at the end the type of an element if
    /// `isTyped`.
    case rebuildTensor(arguments: Int, isTyped: Bool)
    /// `torch._utils._rebuild_parameter`: a tensor that was trained.
    case rebuildParameter
    /// `torch._tensor._rebuild_from_type_v2`: a tensor with attributes.
    case rebuildFromType
    /// A class of tensors.
    case tensorClass
    /// A class of storages; nil for bytes of any kind.
    case storage(Tensor.ElementType?)
    /// A type of elements.
    case type(Tensor.ElementType)

    /// Returns what the pickle means by a module and a name in it; nil for what is not allowed.
    static func named(_ module: String, _ name: String) -> PickleGlobal? { byName["\(module).\(name)"] }

    private static let byName: [String: PickleGlobal] = {
        var all: [String: PickleGlobal] = [
            "collections.OrderedDict": .orderedDict,
            "torch.Size": .size,
            "torch._utils._rebuild_tensor": .rebuildTensor(arguments: 4, isTyped: false),
            "torch._utils._rebuild_tensor_v2": .rebuildTensor(arguments: 6, isTyped: false),
            "torch._utils._rebuild_tensor_v3": .rebuildTensor(arguments: 7, isTyped: true),
            "torch._utils._rebuild_parameter": .rebuildParameter,
            "torch._utils._rebuild_parameter_with_state": .rebuildParameter,
            "torch._tensor._rebuild_from_type_v2": .rebuildFromType,
            "torch.Tensor": .tensorClass,
            "torch.nn.parameter.Parameter": .tensorClass,
            "torch.storage.UntypedStorage": .storage(nil),
        ]
        let storages: KeyValuePairs<String, Tensor.ElementType> = [
            "Bool": .bool, "Byte": .uint8, "Char": .int8, "Short": .int16, "Half": .float16, "BFloat16": .bfloat16,
            "Int": .int32, "Float": .float32, "Long": .int64, "Double": .float64,
        ]
        for (name, type) in storages { all["torch.\(name)Storage"] = .storage(type) }
        let types: KeyValuePairs<String, Tensor.ElementType> = [
            "bool": .bool, "uint8": .uint8, "int8": .int8, "float8_e4m3fn": .float8E4M3, "float8_e5m2": .float8E5M2,
            "uint16": .uint16, "int16": .int16, "float16": .float16, "bfloat16": .bfloat16, "uint32": .uint32,
            "int32": .int32, "float32": .float32, "uint64": .uint64, "int64": .int64, "float64": .float64,
        ]
        for (name, type) in types { all["torch.\(name)"] = .type(type) }
        return all
    }()
}
