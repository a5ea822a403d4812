// swift-tools-version: 6.2
import PackageDescription

// A package of its own: who runs the server or its tests never builds it.

let settings: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableExperimentalFeature("Lifetimes"),
]

let cSettings: [CSetting] = [
    .define("_GNU_SOURCE"), .enableWarning("all"), .enableWarning("extra"), .treatAllWarnings(as: .error),
]

let package = Package(
    name: "benchmarks",
    products: [
        .executable(name: "micro", targets: ["micro"]),
        .executable(name: "load", targets: ["load"]),
        .executable(name: "limit", targets: ["limit"]),
    ],
    dependencies: [.package(name: "minidns", path: "..")],
    targets: [
        .target(name: "CCallgrind", cSettings: cSettings),
        .executableTarget(
            name: "micro",
            dependencies: [
                "CCallgrind", .product(name: "DNS", package: "minidns"),
                .product(name: "DNSServer", package: "minidns"),
            ],
            swiftSettings: settings),
        .executableTarget(name: "load", cSettings: cSettings),
        .executableTarget(name: "limit", cSettings: cSettings),
    ],
    swiftLanguageModes: [.v6]
)
