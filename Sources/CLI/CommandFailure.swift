/// A command's own failure, said in one line; without a message when everything was said already.
package struct CommandFailure: Error, CustomStringConvertible {
    let message: String?
    var status: Int32 = 1

    /// The message; empty without one.
    package var description: String { message ?? "" }
}
