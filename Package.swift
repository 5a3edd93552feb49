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
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    ],
    targets: [
        .systemLibrary(
            name: "CCMark", pkgConfig: "libcmark-gfm",
            providers: [.apt(["libcmark-gfm-dev", "libcmark-gfm-extensions-dev"])]),
        .target(name: "DripCore", swiftSettings: strict),
        .target(
            name: "DripCampaigns", dependencies: ["DripCore", .product(name: "Yams", package: "Yams")],
            swiftSettings: strict),
        .target(
            name: "DripMessages",
            dependencies: ["DripCore", "CCMark", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: strict),
        .target(name: "DripStore", dependencies: ["DripCore"], swiftSettings: strict),
        .target(
            name: "DripEngine",
            dependencies: [
                "DripCore", "DripCampaigns", "DripMessages", "DripStore",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Crypto", package: "swift-crypto"),
            ], swiftSettings: strict),
        .target(
            name: "DripHTTP",
            dependencies: [
                "DripCore", .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: strict),
        .testTarget(
            name: "DripCoreTests", dependencies: ["DripCore"], swiftSettings: strict),
        .testTarget(
            name: "DripMessagesTests", dependencies: ["DripMessages", "DripCore"],
            exclude: ["Goldens", "parse_mail.py"], swiftSettings: strict),
        .testTarget(name: "TidyTests", swiftSettings: strict),
    ]
)
