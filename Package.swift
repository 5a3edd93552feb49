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
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0")
    ],
    targets: [
        .target(name: "DripCore", swiftSettings: strict),
        .target(
            name: "DripCampaigns", dependencies: ["DripCore", .product(name: "Yams", package: "Yams")],
            swiftSettings: strict),
        .testTarget(name: "DripCoreTests", dependencies: ["DripCore"], swiftSettings: strict),
        .testTarget(
            name: "DripCampaignsTests", dependencies: ["DripCampaigns", "DripCore"],
            resources: [.copy("Fixtures")], swiftSettings: strict),
    ]
)
