// Pipelines for Swift programs: everything but the web server.
//
//     let worker = ModelWorker(try Pipeline(directory: "bert-base-uncased"))
//     let json = try await worker.answer(.string("test [MASK]"))
@_exported import PenstockJSON
@_exported import PenstockPipelines
@_exported import PenstockServing
@_exported import PenstockTokenizers
