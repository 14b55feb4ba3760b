// swift-tools-version: 6.2
import PackageDescription

let swift: [SwiftSetting] = [.treatAllWarnings(as: .error)]
let c: [CSetting] = [.treatAllWarnings(as: .error), .enableWarning("all"), .enableWarning("extra")]

/// One room of `Sources/`: the folder's name is short, the module's carries the prefix.
func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: "Penstock\(name)", dependencies: dependencies, path: "Sources/\(name)", swiftSettings: swift)
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.target(name: "Penstock\(name)"), "PenstockTestSupport"] + dependencies,
        path: "Tests/\(name)", swiftSettings: swift)
}

let package = Package(
    name: "penstock",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "penstock", targets: ["penstock"]),
        .library(name: "Penstock", targets: ["Penstock"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-collections", from: "1.1.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.5.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.100.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.34.0"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.45.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        // Without its traits it needs only the essential part of Foundation, so that `make release` links none of the rest.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.8.0"),
    ],
    targets: [
        .executableTarget(
            name: "penstock",
            dependencies: [
                "PenstockFiles", "PenstockHTTP", "PenstockHub", "PenstockPipelines", "PenstockTokenizers",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            path: "Sources/CLI", swiftSettings: swift),
        room(
            "HTTP",
            [
                "PenstockFiles", "PenstockJSON", "PenstockPipelines", "PenstockProtocolBuffers", "PenstockServing",
                "PenstockTokenizers",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOCertificateReloading", package: "swift-nio-extras"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
                .product(name: "NIOHTTPTypesHTTP2", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]),
        room(
            "Serving",
            [
                "PenstockPipelines",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Metrics", package: "swift-metrics"),
            ]),
        room("Pipelines", ["PenstockGrammars", "PenstockModels", "PenstockTemplates", "PenstockTokenizers"]),
        room("Grammars", ["PenstockJSON"]),
        room("Tokenizers", ["PenstockFiles", "PenstockJSON"]),
        room("Templates", ["PenstockJSON"]),
        room("Models", ["PenstockCompute", "PenstockCheckpoints"]),
        room("Checkpoints", ["PenstockFiles", "PenstockJSON"]),
        room("Compute", ["CKernels"]),
        room(
            "Hub",
            [
                "PenstockJSON",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        room("Files"),
        room("JSON"),
        room("ProtocolBuffers"),
        .target(name: "CKernels", path: "Sources/CKernels", cSettings: c),
        .target(
            name: "Penstock", dependencies: ["PenstockServing", "PenstockTokenizers"], path: "Sources/Penstock",
            swiftSettings: swift),

        .executableTarget(
            name: "tokenizer-benchmark", dependencies: ["PenstockTokenizers"], path: "Benchmarks/Tokenizers",
            swiftSettings: swift),
        .executableTarget(
            name: "gate-benchmark", path: "Benchmarks/Gate", swiftSettings: swift),
        .executableTarget(
            name: "store-benchmark", dependencies: ["PenstockServing"], path: "Benchmarks/Store",
            swiftSettings: swift),
        .executableTarget(
            name: "kernel-benchmark", dependencies: ["PenstockCompute"], path: "Benchmarks/Kernels",
            swiftSettings: swift),
        .executableTarget(
            name: "tokenizer-fuzz", dependencies: ["PenstockTokenizers", "PenstockTestSupport"], path: "Tests/Fuzz",
            swiftSettings: swift),
        .executableTarget(
            name: "pickle-fuzz", dependencies: ["PenstockCheckpoints", "PenstockTestSupport"], path: "Tests/PickleFuzz",
            swiftSettings: swift),
        .executableTarget(
            name: "gguf-fuzz", dependencies: ["PenstockCheckpoints", "PenstockTokenizers", "PenstockTestSupport"],
            path: "Tests/GGUFFuzz", swiftSettings: swift),
        .executableTarget(
            name: "template-fuzz", dependencies: ["PenstockJSON", "PenstockTemplates", "PenstockTestSupport"],
            path: "Tests/TemplateFuzz", swiftSettings: swift),
        .executableTarget(
            name: "dialect-fuzz",
            dependencies: [
                "PenstockHTTP", "PenstockJSON", "PenstockProtocolBuffers", "PenstockServing", "PenstockHTTPTestSupport",
                "PenstockTestSupport",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            path: "Tests/DialectFuzz", swiftSettings: swift),

        .target(
            name: "PenstockTestSupport", dependencies: ["PenstockCompute", "PenstockJSON", "PenstockServing"],
            path: "Tests/Support",
            swiftSettings: swift),
        // Apart, so that what tests files needs no web server.
        .target(
            name: "PenstockHTTPTestSupport",
            dependencies: [
                "PenstockHTTP", "PenstockJSON",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ],
            path: "Tests/HTTPSupport", swiftSettings: swift),
        .target(name: "CAllocationCounter", path: "Tests/AllocationCounter", cSettings: c),
        tests("Files"),
        tests("JSON"),
        tests("ProtocolBuffers"),
        tests(
            "Hub",
            [
                "PenstockJSON",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        tests("Tokenizers", ["PenstockJSON", "PenstockTemplates"]),
        tests("Templates", ["PenstockJSON"]),
        tests("Grammars", ["PenstockJSON"]),
        tests("Checkpoints", ["PenstockJSON"]),
        tests("Compute", ["CAllocationCounter", "CKernels"]),
        tests(
            "Pipelines",
            ["PenstockCheckpoints", "PenstockGrammars", "PenstockJSON", "PenstockModels", "PenstockTokenizers"]),
        tests("Models", ["CAllocationCounter", "PenstockCheckpoints", "PenstockCompute", "PenstockJSON"]),
        tests(
            "Serving",
            [
                "Penstock", "PenstockCheckpoints", "PenstockCompute", "PenstockModels",
                .product(name: "Metrics", package: "swift-metrics"),
            ]),
        tests(
            "HTTP",
            [
                "Penstock", "PenstockHTTPTestSupport", "PenstockProtocolBuffers",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "penstock", "PenstockProtocolBuffers", "PenstockTestSupport",
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHPACK", package: "swift-nio-http2"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
            ],
            path: "Tests/Integration", swiftSettings: swift),
        .testTarget(
            name: "CLITests",
            dependencies: [
                "penstock", "PenstockHTTP", "PenstockHub", "PenstockJSON", "PenstockServing", "PenstockTestSupport",
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Tests/CLI", swiftSettings: swift),
    ]
)
