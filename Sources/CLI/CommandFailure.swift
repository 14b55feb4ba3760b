/// A command's own failure, said in one line; without a message when everything was said already.
struct CommandFailure: Error {
    let message: String?
    var status: Int32 = 1
}
