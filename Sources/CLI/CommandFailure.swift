/// A command's own failure, said in one line; without a message when everything was said already.
struct CommandFailure: Error, CustomStringConvertible {
    let message: String?
    var status: Int32 = 1

    var description: String { message ?? "" }
}
