import PenstockJSON

/// An option of a task: what it is called, which values it takes, what it does, and how it is read.
package struct TaskOption<Options: TaskOptions>: Sendable {
    /// Its description for users.
    package let description: OptionDescription
    private let set: @Sendable (JSONValue, _ path: String, inout Options) throws(PipelineError) -> Void
    /// Sets what null stands for; nil if it stands for the default.
    private let setNull: (@Sendable (inout Options) -> Void)?

    init(
        _ description: OptionDescription, null setNull: (@Sendable (inout Options) -> Void)? = nil,
        set: @escaping @Sendable (JSONValue, _ path: String, inout Options) throws(PipelineError) -> Void
    ) {
        self.description = description
        self.setNull = setNull
        self.set = set
    }

    /// Takes the option out of the object that a client sent.
    ///
    /// - Parameter path: what stands before the option's name in messages.
    func read(_ object: JSONObject, path: String, into options: inout Options) throws(PipelineError) {
        guard let value = object[description.name] else { return }
        if value.isNull { setNull?(&options) } else { try set(value, path, &options) }
    }

    /// The same option of options that have these among theirs.
    func lifted<Outer: TaskOptions>(to path: WritableKeyPath<Outer, Options> & Sendable) -> TaskOption<Outer> {
        let (set, setNull) = (set, setNull)
        var liftedNull: (@Sendable (inout Outer) -> Void)?
        if let setNull { liftedNull = { outer in setNull(&outer[keyPath: path]) } }
        return TaskOption<Outer>(description, null: liftedNull) { (value, prefix, outer) throws(PipelineError) in
            try set(value, prefix, &outer[keyPath: path])
        }
    }
}
