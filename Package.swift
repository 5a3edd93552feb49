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
    targets: [
        .systemLibrary(
            name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .target(name: "DripCore", swiftSettings: strict),
        .target(name: "DripDelivery", dependencies: ["DripCore", "CCurl"], swiftSettings: strict),
        .executableTarget(
            name: "drip-bench", dependencies: ["DripCore", "DripDelivery"], path: "Sources/DripBench",
            swiftSettings: strict),
        .testTarget(name: "DripCoreTests", dependencies: ["DripCore"], swiftSettings: strict),
        .testTarget(
            name: "DripDeliveryTests", dependencies: ["DripCore", "DripDelivery", "CCurl"], swiftSettings: strict),
    ]
)
