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
    dependencies: [
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        .target(name: "DripCore", swiftSettings: strict),
        .target(name: "DripStore", dependencies: ["DripCore"], swiftSettings: strict),
        .target(
            name: "DripStoreSQLite",
            dependencies: [
                "DripStore", "DripCore", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"), .product(name: "Crypto", package: "swift-crypto"),
            ], swiftSettings: strict),
        .target(name: "DripTesting", dependencies: ["DripCore", "DripStore"], swiftSettings: strict),
        .executableTarget(
            name: "drip-bench-store",
            dependencies: [
                "DripCore", "DripStore", "DripStoreSQLite", .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            path: "Sources/DripBenchStore", swiftSettings: strict),
        .testTarget(name: "DripCoreTests", dependencies: ["DripCore"], swiftSettings: strict),
        .testTarget(
            name: "DripStoreSQLiteTests",
            dependencies: [
                "DripCore", "DripStore", "DripStoreSQLite", "DripTesting", "drip-bench-store",
                .product(name: "GRDB", package: "GRDB.swift"),
            ], swiftSettings: strict),
    ]
)
