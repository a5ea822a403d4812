// swift-tools-version: 6.2
import PackageDescription

// A package of its own: libFuzzer brings the main function, so that this links in no other build. `Fuzz/run` builds it.

let settings: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableExperimentalFeature("Lifetimes"),
]

let package = Package(
    name: "fuzz",
    dependencies: [
        .package(name: "minidns", path: ".."), .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    ],
    targets: [
        // Links to Tests: the generator of zones, and the RFCs' lookup that answers are compared with.
        .target(
            name: "TestSupport",
            dependencies: [
                .product(name: "DNS", package: "minidns"), .product(name: "DNSTesting", package: "minidns"),
            ],
            path: "TestSupport", swiftSettings: settings),
        .executableTarget(
            name: "fuzz",
            dependencies: [
                "TestSupport", .product(name: "DNS", package: "minidns"),
                .product(name: "DNSClient", package: "minidns"), .product(name: "DNSSecurity", package: "minidns"),
                .product(name: "DNSServer", package: "minidns"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: ".",
            exclude: [
                "Corpora", "Dictionaries", "TestSupport", "run",
                "Specification/DifferenceTests.swift", "Specification/ReviewedScenarioTests.swift",
                "Specification/SignedExampleTests.swift", "Specification/SpecificationTests.swift",
            ],
            sources: ["Fuzzer", "Targets", "Specification"], swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
