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
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0")
    ],
    targets: [
        .systemLibrary(
            name: "CCMark", pkgConfig: "libcmark-gfm",
            providers: [.apt(["libcmark-gfm-dev", "libcmark-gfm-extensions-dev"])]),
        .target(name: "DripCore", swiftSettings: strict),
        .target(
            name: "DripMessages",
            dependencies: ["DripCore", "CCMark", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: strict),
        .testTarget(name: "DripCoreTests", dependencies: ["DripCore"], swiftSettings: strict),
        .testTarget(
            name: "DripMessagesTests", dependencies: ["DripMessages", "DripCore"],
            exclude: ["Goldens", "parse_mail.py"], swiftSettings: strict),
    ]
)
