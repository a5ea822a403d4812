// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableExperimentalFeature("Lifetimes"),
]

let cSettings: [CSetting] = [.define("_GNU_SOURCE"), .treatAllWarnings(as: .error)]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

let package = Package(
    name: "minidns",
    products: [
        .executable(name: "minidns", targets: ["minidns"]),
        .executable(name: "resolve", targets: ["resolve"]),
        .library(name: "DNS", targets: ["DNS"]),
        .library(name: "DNSServer", targets: ["DNSServer", "Linux"]),
        .library(name: "DNSClient", targets: ["DNSClient", "Linux"]),
        .library(name: "DNSTesting", targets: ["DNSTesting", "Linux"]),
    ],
    traits: [
        .trait(name: "CrossTests", description: "Tests against libldns (needs libldns-dev).")
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    ],
    targets: [
        // The arrows point one way: see docs/architecture.md.
        .target(name: "CIntrinsics", cSettings: cSettings),
        .target(name: "CLinux", cSettings: cSettings),
        .target(name: "Linux", dependencies: ["CLinux"], swiftSettings: settings),
        .target(name: "DNS", dependencies: ["CIntrinsics"], swiftSettings: settings),
        .target(name: "DNSServer", dependencies: ["DNS", "Linux", logging], swiftSettings: settings),
        .target(name: "DNSClient", dependencies: ["DNS", "Linux"], swiftSettings: settings),
        .target(name: "DNSTesting", dependencies: ["DNS", "Linux"], swiftSettings: settings),
        .executableTarget(
            name: "minidns", dependencies: ["DNS", "DNSClient", "DNSServer", "Linux", argumentParser, logging],
            swiftSettings: settings),
        .executableTarget(
            name: "resolve", dependencies: ["DNS", "DNSClient", "Linux", argumentParser], swiftSettings: settings),

        // Data that several test targets read: vectors, scenarios, zone files.
        .target(
            name: "TestSupport", dependencies: ["CLinux", "DNS", "DNSTesting", "Linux"], path: "Tests/TestSupport",
            swiftSettings: settings),
        .testTarget(
            name: "DNSTests", dependencies: ["DNS", "TestSupport"],
            exclude: [
                "Vectors", "Scenarios", "ZoneFiles", "ZoneChecks", "Checks", "Layouts", "Recorded",
                "Zones/differences.cases",
            ],
            swiftSettings: settings),
        // The RFCs' lookup as plainly as they say it, and generated zones and questions to compare the server with it.
        .testTarget(
            name: "SpecificationTests", dependencies: ["DNS", "TestSupport"], path: "Tests/Specification",
            swiftSettings: settings),
        // What Fuzz gives to libFuzzer (the folder Targets is a link to there), with the inputs that it has kept.
        .testTarget(
            name: "CorpusTests", dependencies: ["DNS", "DNSClient", "DNSServer", "Linux", "TestSupport", logging],
            swiftSettings: settings),
        .testTarget(name: "LinuxTests", dependencies: ["Linux", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "ServerTests", dependencies: ["DNS", "DNSServer", "Linux", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "ClientTests", dependencies: ["DNS", "DNSClient", "DNSServer", "DNSTesting", "Linux", "TestSupport"],
            exclude: ["Data"], swiftSettings: settings),
        .testTarget(
            name: "CommandTests", dependencies: ["DNS", "Linux", "TestSupport"],
            exclude: ["Resolve", "Zones", "Check"],
            swiftSettings: settings),
        .systemLibrary(
            name: "CLDNS", path: "Tests/CLDNS", pkgConfig: "ldns", providers: [.apt(["libldns-dev"])]),
        .testTarget(
            name: "CrossTests",
            dependencies: [
                "DNS", "DNSClient", "DNSTesting", "Linux", "TestSupport",
                .target(name: "CLDNS", condition: .when(traits: ["CrossTests"])),
            ],
            swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
