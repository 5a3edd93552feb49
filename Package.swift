// swift-tools-version: 6.2
import PackageDescription

/// One list of settings for every target: the newest checks, and no warning lives.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "dripd",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "dripd", targets: ["dripd"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.81.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    ],
    targets: [
        .systemLibrary(
            name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(
            name: "CCMark", pkgConfig: "libcmark-gfm",
            providers: [.apt(["libcmark-gfm-dev", "libcmark-gfm-extensions-dev"])]),
        .systemLibrary(name: "CGMime", pkgConfig: "gmime-3.0", providers: [.apt(["libgmime-3.0-dev"])]),
        .target(name: "DripCore", swiftSettings: strict),
        .target(
            name: "DripCampaigns", dependencies: ["DripCore", .product(name: "Yams", package: "Yams")],
            // In the binary itself: it is linked statically and has no bundle beside it.
            resources: [.embedInCode("Providers")], swiftSettings: strict),
        .target(
            name: "DripMessages",
            dependencies: [
                "DripCore", "CCMark", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        .target(name: "DripReturns", dependencies: ["DripCore", "CGMime"], swiftSettings: strict),
        .target(name: "DripStore", dependencies: ["DripCore"], swiftSettings: strict),
        .target(
            name: "DripStoreSQLite",
            dependencies: [
                "DripStore", "DripCore", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"), .product(name: "Crypto", package: "swift-crypto"),
            ], swiftSettings: strict),
        .target(
            name: "DripDelivery",
            dependencies: ["DripCore", "CCurl", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: strict),
        .target(
            name: "DripEngine",
            dependencies: [
                "DripCore", "DripCampaigns", "DripMessages", "DripStore",
                .product(name: "Logging", package: "swift-log"), .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "Crypto", package: "swift-crypto"),
            ], swiftSettings: strict),
        .target(
            name: "DripHTTP",
            dependencies: [
                "DripCore", "DripMessages", .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Crypto", package: "swift-crypto"), .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
            ],
            // Served by the program itself, and the same file that the tests read.
            resources: [.embedInCode("API/openapi.yaml")], swiftSettings: strict),
        .executableTarget(
            name: "dripd",
            dependencies: [
                "DripCore", "DripCampaigns", "DripMessages", "DripStore", "DripStoreSQLite", "DripDelivery",
                "DripReturns", "DripEngine", "DripHTTP",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"), .product(name: "Metrics", package: "swift-metrics"),
            ], swiftSettings: strict),
        .target(name: "DripTesting", dependencies: ["DripCore", "DripStore"], swiftSettings: strict),
        .target(
            name: "DripSimulator",
            dependencies: [
                "DripCore", "DripCampaigns", "DripMessages", "DripStore", "DripStoreSQLite", "DripEngine",
                "DripTesting", .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ], swiftSettings: strict),
        .executableTarget(
            name: "dripd-sim",
            dependencies: ["DripSimulator", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Sources/DripdSim", swiftSettings: strict),
        .executableTarget(
            name: "drip-bench", dependencies: ["DripCore", "DripDelivery"], path: "Sources/DripBench",
            swiftSettings: strict),
        .executableTarget(
            name: "drip-bench-store",
            dependencies: [
                "DripCore", "DripStore", "DripStoreSQLite", .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            path: "Sources/DripBenchStore", swiftSettings: strict),
        .executableTarget(
            name: "drip-bench-engine",
            dependencies: [
                "DripCore", "DripCampaigns", "DripMessages", "DripStore", "DripStoreSQLite", "DripEngine",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ], path: "Sources/DripBenchEngine", swiftSettings: strict),
        .testTarget(
            name: "DripCoreTests", dependencies: ["DripCore"], exclude: ["Judges"], swiftSettings: strict),
        .testTarget(
            name: "DripCampaignsTests", dependencies: ["DripCampaigns", "DripCore"],
            resources: [.copy("Fixtures")], swiftSettings: strict),
        .testTarget(
            name: "DripDeliveryTests",
            dependencies: [
                "DripCore", "DripCampaigns", "DripDelivery", "CCurl", .product(name: "Crypto", package: "swift-crypto"),
            ],
            exclude: ["Goldens"], swiftSettings: strict),
        .testTarget(
            name: "DripEngineTests",
            dependencies: [
                "DripCore", "DripCampaigns", "DripMessages", "DripEngine", "DripStore", "DripStoreSQLite",
            ],
            exclude: ["Recipes"], swiftSettings: strict),
        .testTarget(
            name: "DripStoreSQLiteTests",
            dependencies: [
                "DripCore", "DripStore", "DripStoreSQLite", "DripTesting", "drip-bench-store",
                .product(name: "GRDB", package: "GRDB.swift"),
            ], swiftSettings: strict),
        .testTarget(
            name: "DripMessagesTests",
            dependencies: [
                "DripMessages", "DripCore", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
            ],
            exclude: ["Goldens", "parse_mail.py", "verify_dkim.py"], swiftSettings: strict),
        .testTarget(
            name: "DripHTTPTests",
            dependencies: [
                "DripHTTP", "DripCore", "DripMessages", .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"), .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ],
            exclude: ["Goldens"], swiftSettings: strict),
        .testTarget(
            name: "DripReturnsTests", dependencies: ["DripReturns", "DripCore"], exclude: ["Samples"],
            swiftSettings: strict),
        .testTarget(
            name: "DripSimulatorTests", dependencies: ["DripSimulator", "DripCore", "DripEngine"],
            swiftSettings: strict),
        .testTarget(
            name: "DripdTests",
            dependencies: [
                "DripCore", "DripMessages", "DripEngine", "dripd", .product(name: "Crypto", package: "swift-crypto"),
            ], swiftSettings: strict),
        .testTarget(name: "TidyTests", swiftSettings: strict),
    ]
)
