// Pipelines for Swift programs: everything but the web server.
//
//     let pipeline = try await FillMaskPipeline(directory: "bert-base-uncased")
//     let candidates = try await pipeline("test [MASK]")
@_exported import PenstockJSON
@_exported import PenstockPipelines
@_exported import PenstockServing
@_exported import PenstockTokenizers
