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
        .target(name: "DripCore", swiftSettings: strict),
        .target(name: "DripStore", dependencies: ["DripCore"], swiftSettings: strict),
        .testTarget(name: "DripCoreTests", dependencies: ["DripCore"], swiftSettings: strict),
        .testTarget(name: "TidyTests", swiftSettings: strict),
    ]
)
